//! The edge: arguments, configuration, clock, terminal, exit codes. Uses all rooms; nobody uses it.

mod args;
mod beside;
mod build;
mod catalogue;
mod check;
mod config;
#[cfg(feature = "engine")]
mod engine;
mod evidence;
mod explain;
mod export;
#[cfg(feature = "fetch")]
mod fetch;
mod gate;
mod history;
mod init;
mod inspect;
mod issues;
mod manual;
mod matrix;
mod output;
mod read;
mod schema;
mod scratch;
#[cfg(feature = "serve")]
mod serve;
mod summary;
mod verdicts;

use std::process::ExitCode;

use clap::Parser;

use self::{args::Command, output::Talk};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let talk = Talk::new(&cli.global);
    let done = match &cli.command {
        Command::Build(args) => build::run(args, &cli.global, &talk),
        #[cfg(feature = "engine")]
        Command::Run(args) => engine::run(args, &cli.global, &talk),
        #[cfg(feature = "engine")]
        Command::Steps(args) => engine::steps(args),
        #[cfg(feature = "engine")]
        Command::Stack(args) => engine::stack(args, &cli.global, &talk),
        #[cfg(feature = "engine")]
        Command::Health(args) => engine::health(args, &cli.global),
        #[cfg(feature = "engine")]
        Command::Token(args) => engine::token(args),
        #[cfg(feature = "engine")]
        Command::Meet(args) => engine::meet(args),
        #[cfg(feature = "fetch")]
        Command::Fetch(args) => fetch::run(args, &talk),
        Command::Explain(args) => explain::run(args, &cli.global, &talk),
        Command::Issues(args) => issues::run(args, &cli.global, &talk),
        Command::Gate(args) => gate::run(args, &cli.global, &talk),
        Command::Summary(args) => summary::run(args, &cli.global, &talk),
        Command::Inspect(args) => inspect::run(args, &cli.global, &talk),
        Command::Export(args) => export::run(args, &cli.global, &talk),
        Command::Schema(args) => schema::run(args),
        Command::Matrix(args) => matrix::run(args, &cli.global, &talk),
        Command::Badge(args) => matrix::badge(args, &cli.global, &talk),
        Command::History(args) => history::run(args, &cli.global, &talk),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, &cli.global, &talk),
        Command::Completions(args) => manual::completions(args),
        Command::Man => manual::man(),
        Command::Init(args) => init::run(args, &talk),
        Command::Check(args) => check::run(args, &cli.global, &talk),
    };
    output::exit_code(done)
}
