//! What was typed for the commands around the engine: `stack`, `health`, `token`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use lkreport_engine::{component::Component, stack::Kind, version::Version};

/// Where programs come from.
#[derive(Debug, Args, Clone, Default)]
pub(in super::super) struct Where {
    /// Where programs lie, as `<program>/<version>/<program>` [default: ~/.cache/lkreport/stack]
    #[arg(long = "stack", value_name = "DIR", value_hint = ValueHint::DirPath, env = "LKREPORT_STACK", global = true)]
    pub(in super::super) directory: Option<PathBuf>,
    /// Who is asked for programs, in this order [default: path,image,release,go]
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        env = "LKREPORT_PROVIDERS",
        global = true
    )]
    pub(in super::super) providers: Vec<Kind>,
}

/// `lkreport stack`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport stack doctor               # what is missing, and how to get it\n  \
    lkreport stack fetch livekit 1.8.4\n  \
    lkreport stack up --livekit 1.13.5 --profile basic\n  \
    lkreport stack down")]
pub(in super::super) struct Stack {
    /// Where programs come from.
    #[command(flatten)]
    pub(in super::super) programs: Where,
    /// What to do.
    #[command(subcommand)]
    pub(in super::super) command: StackCommand,
}

/// What can be done with a stack.
#[derive(Debug, Subcommand)]
pub(in super::super) enum StackCommand {
    /// List the programs that are there: component, version, provider, place
    #[command(after_help = "Example:\n  lkreport stack list --json | jq -r '.[].version'")]
    List {
        /// One JSON array: component, version, provider, place
        #[arg(long)]
        json: bool,
    },
    /// Get a program: from the first provider that has it, or can download or build it
    #[command(after_help = "Examples:\n  \
        lkreport stack fetch livekit 1.8.4\n  \
        lkreport stack fetch livekit 1.13.5 --providers go")]
    Fetch {
        /// Which one: livekit, egress, ingress, sip, redis, minio, lk
        component: Component,
        /// Of which version
        version: Version,
    },
    /// Say what is there, what is missing and how to get it; exit 1 when `run` would miss something
    #[command(after_help = "Example:\n  lkreport stack doctor")]
    Doctor,
    /// Start a server that stays, and say how to reach and how to stop it
    #[command(after_help = "Example:\n  lkreport stack up --livekit 1.13.5 --profile basic")]
    Up {
        /// The version of livekit-server [default: the newest that is there]
        #[arg(long, value_name = "VERSION")]
        livekit: Option<Version>,
        /// The config profile; a redis is started where it needs one
        #[arg(long, value_name = "NAME", default_value = "basic")]
        profile: String,
    },
    /// End every server that `up` started
    #[command(after_help = "Example:\n  lkreport stack down")]
    Down,
    /// End and remove what earlier runs left: processes, containers, networks, directories
    #[command(after_help = "Example:\n  lkreport stack clean")]
    Clean,
    /// Print the configuration of a profile, or how it differs between two versions
    #[command(after_help = "Examples:\n  \
        lkreport stack config with_egress 1.8.4\n  \
        lkreport stack config --diff 1.8.4 1.13.5 basic")]
    Config {
        /// PROFILE VERSION; with `--diff` only PROFILE [default: basic]
        #[arg(value_name = "PROFILE [VERSION]", num_args = 0..=2)]
        words: Vec<String>,
        /// Two versions
        #[arg(long, value_names = ["V1", "V2"], num_args = 2)]
        diff: Vec<Version>,
    },
}

/// `lkreport health`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport health --livekit --redis                 # at their usual ports of 127.0.0.1\n  \
    lkreport health --livekit 10.0.0.5:7880 --json\n  \
    lkreport health                                   # what [health] of lkreport.toml names\n\n\
    The exit code is 1 when one of them is not well.")]
pub(in super::super) struct Health {
    /// The API of livekit
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:7880")]
    pub(in super::super) livekit: Option<String>,
    /// Redis, which has to answer PING
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:6379")]
    pub(in super::super) redis: Option<String>,
    /// Postgres, which has to accept connections
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:5432")]
    pub(in super::super) postgres: Option<String>,
    /// MinIO
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:9000")]
    pub(in super::super) minio: Option<String>,
    /// The health port of egress
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:9090")]
    pub(in super::super) egress: Option<String>,
    /// The health port of ingress
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:9091")]
    pub(in super::super) ingress: Option<String>,
    /// One JSON array: component, address, state, reason, ms
    #[arg(long)]
    pub(in super::super) json: bool,
}

/// `lkreport meet`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport meet                                     # the page with its form, until it is interrupted\n  \
    lkreport meet --identity Ada --room demo          # with a link that has filled it in\n\n\
    For a link LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are read; `lkreport stack up` prints them.")]
pub(in super::super) struct Meet {
    /// The version of livekit-client that the page uses [default: 2.16.1]
    #[arg(long, value_name = "VERSION")]
    pub(in super::super) client_js: Option<Version>,
    /// The port on 127.0.0.1; any that is free for 0
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(in super::super) port: u16,
    /// Whom the link is for
    #[arg(long, value_name = "NAME")]
    pub(in super::super) identity: Option<String>,
    /// The room that the link leads into
    #[arg(long, value_name = "NAME", default_value = "demo")]
    pub(in super::super) room: String,
}

/// `lkreport token`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lkreport token create --room demo --identity Alice\n\n\
    The key and its secret are read from LIVEKIT_API_KEY and LIVEKIT_API_SECRET.")]
pub(in super::super) struct Token {
    /// What to do.
    #[command(subcommand)]
    pub(in super::super) command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(in super::super) enum TokenCommand {
    /// Print a token
    #[command(after_help = "Examples:\n  \
        lkreport token create --room demo --identity Alice\n  \
        lkreport token create --room demo --identity Bob --valid-for 1h --grant canPublish:false\n  \
        lkreport token create --identity ops --grant roomList:true,roomCreate:true")]
    Create(Grants),
}

/// What a token says.
#[derive(Debug, Args)]
pub(in super::super) struct Grants {
    /// The room that it opens
    #[arg(long, value_name = "NAME")]
    pub(in super::super) room: Option<String>,
    /// Who has it
    #[arg(long, value_name = "NAME")]
    pub(in super::super) identity: String,
    /// How long it holds: `90s`, `15m`, `24h`
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = seconds)]
    pub(in super::super) valid_for: u64,
    /// What else it grants: `canPublish:false,roomAdmin:true`; may be repeated
    #[arg(long, value_name = "GRANTS")]
    pub(in super::super) grant: Vec<String>,
}

/// A time as people write it.
fn seconds(text: &str) -> Result<u64, String> {
    let span = text.parse::<jiff::Span>().map_err(|error| error.to_string())?;
    let seconds = span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours()));
    let seconds = seconds.map_err(|error| error.to_string())?;
    if seconds >= 1.0 { Ok(seconds as u64) } else { Err("it has to hold for a second".to_owned()) }
}
