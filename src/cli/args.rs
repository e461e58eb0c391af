//! What was typed.

mod beside;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "fetch")]
mod fetch;
mod history;
mod known;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub(super) use self::beside::Beside;
#[cfg(feature = "engine")]
pub(super) use self::engine::{
    Grants, Health, Meet, Stack, StackCommand, Token, TokenCommand, Where,
};
#[cfg(feature = "fetch")]
pub(super) use self::fetch::{Fetch, FetchCommand, FetchReleases};
pub(super) use self::history::{History, HistoryCommand};
pub(super) use self::known::{Explain, Gate, Issues, IssuesCommand, NewIssue, Summary};

/// Test results of a LiveKit deployment in; a site, a compatibility matrix and a verdict out.
///
/// Point it at what your tests left behind, then open or publish the folder that it makes:
///
///   lkreport build --results target/ --meta livekit=1.8.4
///
/// Every option can stand in `lkreport.toml`, which `lkreport init` writes with comments.
#[derive(Debug, Parser)]
#[command(name = "lkreport", version, max_term_width = 100, arg_required_else_help = true)]
#[command(verbatim_doc_comment)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// What goes for every command.
    #[command(flatten)]
    pub(super) global: Global,
}

/// Options that go for every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The configuration [default: lkreport.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, env = "LKREPORT_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more; twice for every file
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Say at the end how long each part took
    #[arg(long, global = true)]
    pub(super) timings: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add results to the history, and make the site and the matrix from it
    Build(Build),
    /// Run Gherkin suites against real LiveKit servers, and leave results that `build` reads
    #[cfg(feature = "engine")]
    Run(Box<Run>),
    /// List the steps that features can use, with what they mean
    #[cfg(feature = "engine")]
    Steps(Steps),
    /// Look after the programs that `run` starts: what is there, what is missing, what was left
    #[cfg(feature = "engine")]
    Stack(Stack),
    /// Ask LiveKit and its friends whether they are well
    #[cfg(feature = "engine")]
    Health(Health),
    /// Make access tokens, for people and for scripts
    #[cfg(feature = "engine")]
    Token(Token),
    /// Serve the meeting page, on which people and browsers of scenarios meet
    #[cfg(feature = "engine")]
    Meet(Meet),
    /// Fetch release notes from GitHub, for `build` to read
    #[cfg(feature = "fetch")]
    Fetch(Fetch),
    /// Say which known issues stand in logs, of whatever program they are
    Explain(Explain),
    /// Look into the catalogue of known issues
    Issues(Issues),
    /// Say whether runs bring news that nothing explains; exit 1 when they do
    Gate(Gate),
    /// Tell of runs in short, for the page of a CI job or a comment
    Summary(Summary),
    /// Say what would be read from files, without keeping anything
    Inspect(Inspect),
    /// Write a commented configuration, a first known issue and a workflow into this folder
    Init(Init),
    /// Check the configuration and feature files, with the place of each error
    Check(Check),
    /// Print the compatibility matrix as markdown, write it, or check that it is up to date
    Matrix(Matrix),
    /// List the badges of the site
    Badge(Badge),
    /// Give results to other tools, as JUnit XML or JSON
    Export(Export),
    /// Look after the past runs
    History(History),
    /// Build, serve the site on 127.0.0.1, and build again when something changes
    #[cfg(feature = "serve")]
    Serve(Serve),
    /// Print the JSON Schema of a file
    Schema(Schema),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page, for `man -l -`
    #[command(after_help = "Example:\n  lkreport man | man -l -")]
    Man,
}

/// Where results come from and what is known of them.
#[derive(Debug, Args, Clone, Default)]
pub(super) struct Sources {
    /// Folders or files of results: JUnit XML, Cucumber JSON, Cucumber messages, logs
    #[arg(long, value_name = "PATH", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub(super) results: Vec<PathBuf>,
    /// What is known of the run: `livekit=1.8.4`, `suite=smoke`, `branch=main`, `env.os=…`; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) meta: Vec<String>,
    /// The time that stands for now, RFC 3339 or seconds since 1970 [env: SOURCE_DATE_EPOCH]
    #[arg(long, value_name = "TIME")]
    pub(super) stamp: Option<String>,
}

/// `lkreport build`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport build --results target/surefire-reports --meta livekit=1.8.4\n  \
    lkreport build --results results/ --history s3://bucket/history --out public\n  \
    lkreport build                      # everything from lkreport.toml\n\n\
    The exit code is 0 whatever the results say, but with --gate 1 when they bring news that nothing \
    explains; 2 when the site could not be made.")]
pub(super) struct Build {
    /// Where the results come from.
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(super) history: Option<String>,
    /// Where the site goes [default: report]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) out: Option<PathBuf>,
    /// The markdown file that holds the compatibility matrix [default: none]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) matrix: Option<PathBuf>,
    /// What it takes in besides results.
    #[command(flatten)]
    pub(super) beside: Beside,
    /// A folder whose templates stand in for the built-in ones, file by file
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) templates: Option<PathBuf>,
    /// Where people will read the site; badges, the matrix and lost pages link there
    #[arg(long, value_name = "URL", env = "LKREPORT_URL", value_hint = ValueHint::Url)]
    pub(super) url: Option<String>,
    /// Say whether the runs bring news that nothing explains; exit 1 when they do
    #[arg(long)]
    pub(super) gate: bool,
}

/// `lkreport run`.
#[cfg(feature = "engine")]
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    lkreport run --livekit 1.8.4                        # features/ against one version\n  \
    lkreport run --livekit 1.8.4,1.11.0,1.13.5 --jobs 2 # the same against three, one after the other\n  \
    lkreport run --features features/tokens.feature:12  # one scenario\n  \
    lkreport run --matrix matrix.yaml --network 3g      # every combination of the file, on a slow network\n  \
    lkreport run --rerun failed                         # what failed last, once more\n\n\
    The exit code is 1 when something failed, 2 when a feature file or the set-up is wrong.")]
pub(super) struct Run {
    /// Feature files or folders of them, `file:line` for one scenario [default: features]
    #[arg(long, value_name = "PATH", num_args = 1.., value_hint = ValueHint::AnyPath, env = "LKREPORT_FEATURES")]
    pub(super) features: Vec<PathBuf>,
    /// Where results go, a folder for each run [default: results]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "LKREPORT_OUT")]
    pub(super) out: Option<PathBuf>,
    /// Versions of livekit-server, each a run of its own [default: the newest that is there]
    #[arg(long, value_name = "VERSION", value_delimiter = ',', env = "LKREPORT_LIVEKIT")]
    pub(super) livekit: Vec<lkreport_engine::version::Version>,
    /// Versions of livekit-client that browsers use, each with each of the servers [default: 2.16.1]
    #[arg(
        long,
        value_name = "VERSION",
        value_delimiter = ',',
        conflicts_with = "matrix",
        env = "LKREPORT_CLIENT_JS"
    )]
    pub(super) client_js: Vec<lkreport_engine::version::Version>,
    /// The combinations to run: a file of YAML or JSON, `-` for standard input, or inline
    /// `livekit=1.8.4,1.11.0;egress=1.10.0`
    #[arg(long, value_name = "FILE|-|TEXT", conflicts_with = "livekit", env = "LKREPORT_MATRIX")]
    pub(super) matrix: Option<String>,
    /// A folder of rules about versions, over those built in [default: rules, where there is one]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "LKREPORT_RULES")]
    pub(super) rules: Option<PathBuf>,
    /// What becomes of a combination that breaks a rule, at most: `fail`, `warn` or `ignore` [default: fail]
    #[arg(long, value_name = "LEVEL", value_parser = ["fail", "warn", "ignore"], env = "LKREPORT_STRICTNESS")]
    pub(super) strictness: Option<String>,
    /// Only what did not pass in the newest results
    #[arg(long, value_name = "WHAT", value_parser = ["failed"])]
    pub(super) rerun: Option<String>,
    /// Leave out combinations of which a finished run of the same command stands below `--out`
    #[arg(long, conflicts_with_all = ["rerun", "list", "dry_run"])]
    pub(super) resume: bool,
    /// Only scenarios for which a tag expression holds: `@smoke and not @slow`
    #[arg(long, value_name = "EXPR", env = "LKREPORT_TAGS")]
    pub(super) tags: Option<String>,
    /// Only scenarios whose name matches
    #[arg(long, value_name = "REGEX", env = "LKREPORT_NAME")]
    pub(super) name: Option<regex::Regex>,
    /// How much runs at the same time [default: the number of processors; with `--url`, 1]
    #[arg(long, value_name = "N", env = "LKREPORT_JOBS")]
    pub(super) jobs: Option<u32>,
    /// Only a part of the scenarios: `2/3`
    #[arg(long, value_name = "I/N", env = "LKREPORT_SHARD")]
    pub(super) shard: Option<String>,
    /// Run in an order that chance gives, the same for the same seed [default: the order of the files]
    #[arg(long, value_name = "N", env = "LKREPORT_SEED")]
    pub(super) seed: Option<u64>,
    /// How many further attempts a failure of the network may have [default: 2]
    #[arg(long, value_name = "N", env = "LKREPORT_RETRIES")]
    pub(super) retries: Option<u32>,
    /// Another limit in seconds: `startup`, `connection`, `recording`, `cleanup`, `step`; `ready` and `stop` of
    /// a program; `expected` for what a step waits for; may be repeated
    #[arg(long, value_name = "PHASE=SECONDS", env = "LKREPORT_LIMIT", value_delimiter = ',')]
    pub(super) limit: Vec<String>,
    /// What the runs are called together [default: livekit]
    #[arg(long, value_name = "NAME", env = "LKREPORT_SUITE")]
    pub(super) suite: Option<String>,
    /// Where programs come from.
    #[command(flatten)]
    pub(super) programs: Where,
    /// What starts programs
    #[arg(long, value_name = "NAME", value_parser = ["process", "docker"], default_value = "process", env = "LKREPORT_RUNTIME")]
    pub(super) runtime: String,
    /// What stands between everybody and the servers: `3g`, `4g`, `wifi`, `lossy`, `offline-3s`, one of the
    /// configuration, or outright `latency=100ms,jitter=20ms,loss=2%,rate=1mbit` [default: nothing]
    #[arg(long, value_name = "NETWORK", env = "LKREPORT_NETWORK")]
    pub(super) network: Option<String>,
    /// What makes networks: `relay`, a relay of ours alone; `tc`, the kernel its rates, and its latency
    /// where it has netem, which asks for root; `auto`, that where the machine lets us [default: auto]
    #[arg(long, value_name = "NAME", value_parser = ["auto", "relay", "tc"], env = "LKREPORT_NETWORK_BY", conflicts_with = "url")]
    pub(super) network_by: Option<String>,
    /// Use a server that runs already, of the one version that `--livekit` names
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, requires_all = ["api_key", "livekit"])]
    pub(super) url: Option<String>,
    /// The API key of that server
    #[arg(long, value_name = "KEY", env = "LIVEKIT_API_KEY")]
    pub(super) api_key: Option<String>,
    /// The environment variable with the secret of that key
    #[arg(long, value_name = "NAME", default_value = "LIVEKIT_API_SECRET")]
    pub(super) api_secret_env: String,
    /// A token service that runs already, which is tested instead of the reference: its address, or that
    /// of its tokens where it is not `/api/video/token`
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, env = "LKREPORT_TOKEN_SERVICE")]
    pub(super) token_service: Option<String>,
    /// Show the windows of browsers
    #[arg(long)]
    pub(super) headed: bool,
    /// List the scenarios that would run, and run none
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) list: bool,
    /// Match every step without starting anything; 0 only when all are known
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Start no further scenario after one that failed
    #[arg(long)]
    pub(super) fail_fast: bool,
}

/// `lkreport steps`.
#[cfg(feature = "engine")]
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  lkreport steps metadata\n  lkreport steps --json | jq '.[].expression'"
)]
pub(super) struct Steps {
    /// Only steps with all of these words
    pub(super) words: Vec<String>,
    /// One JSON array: expression, meaning, example, area, pending
    #[arg(long)]
    pub(super) json: bool,
}

/// `lkreport inspect`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  lkreport inspect target/ --json | jq 'select(.problems != [])'"
)]
pub(super) struct Inspect {
    /// Folders or files of results
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// One JSON object a line for each file
    #[arg(long)]
    pub(super) json: bool,
}

/// `lkreport matrix`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport matrix                                # print it\n  \
    lkreport matrix --matrix docs/compatibility.md # write it into the file\n  \
    lkreport matrix --check                        # exit 1 when the file is out of date")]
pub(super) struct Matrix {
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(super) history: Option<String>,
    /// The markdown file that holds the matrix [default: print it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) matrix: Option<PathBuf>,
    /// Write nothing; exit with 1 when the file is out of date
    #[arg(long)]
    pub(super) check: bool,
    /// Where people will read the site; badges, the matrix and lost pages link there
    #[arg(long, value_name = "URL", env = "LKREPORT_URL", value_hint = ValueHint::Url)]
    pub(super) url: Option<String>,
}

/// `lkreport badge`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lkreport badge --markdown >> README.md")]
pub(super) struct Badge {
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(super) history: Option<String>,
    /// Only the badges whose names contain this
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// As markdown images that link to the site; needs `--url`
    #[arg(long)]
    pub(super) markdown: bool,
    /// Where people will read the site; badges, the matrix and lost pages link there
    #[arg(long, value_name = "URL", env = "LKREPORT_URL", value_hint = ValueHint::Url)]
    pub(super) url: Option<String>,
}

/// `lkreport export`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport export --junit --results results/ > all.xml\n  \
    lkreport export --json --results results/ --meta livekit=1.8.4 | jq .cases")]
#[command(group = clap::ArgGroup::new("format").required(true))]
pub(super) struct Export {
    /// Where the results come from.
    #[command(flatten)]
    pub(super) sources: Sources,
    /// One JUnit XML file with all runs
    #[arg(long, group = "format")]
    pub(super) junit: bool,
    /// One JSON object a line for each run
    #[arg(long, group = "format")]
    pub(super) json: bool,
}

/// `lkreport schema`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lkreport schema run > run.schema.json")]
pub(super) struct Schema {
    /// Which one
    #[arg(value_parser = ["run", "metrics", "outcome", "config", "known-issue", "report", "runs", "matrix", "families", "issues", "shifts", "breakages"])]
    pub(super) name: String,
}

/// `lkreport init`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lkreport init")]
pub(super) struct Init {
    /// Write over files that are already there
    #[arg(long)]
    pub(super) force: bool,
}

/// `lkreport check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport check\n  \
    lkreport check features/join.feature")]
pub(super) struct Check {
    /// Files or folders to check [default: lkreport.toml and features/]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
}

/// `lkreport serve`.
#[cfg(feature = "serve")]
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lkreport serve --results results/ --port 8080")]
pub(super) struct Serve {
    /// The port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 8080)]
    pub(super) port: u16,
    /// What to build.
    #[command(flatten)]
    pub(super) build: Build,
}

/// `lkreport completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lkreport completions bash > ~/.local/share/bash-completion/completions/lkreport")]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}
