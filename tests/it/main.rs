//! The one integration binary: everything is proved through the borders of the program.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are tests"
)]

mod check;
mod cli;
mod cucumber;
mod gherkin;
mod desk;
mod history;
mod junit;
mod logs;
mod named_secrets;
mod schemas;
mod site;
mod tidy;
