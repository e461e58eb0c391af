//! What was typed after `fetch`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `lkreport fetch`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lkreport fetch releases livekit")]
pub(in crate::cli) struct Fetch {
    /// What to fetch.
    #[command(subcommand)]
    pub(in crate::cli) command: FetchCommand,
}

/// What can be fetched.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FetchCommand {
    /// Release notes from GitHub, into a folder that `build` reads
    #[command(after_help = "Examples:\n  \
        lkreport fetch releases                       # LiveKit's server, egress, ingress, sip, client-js, agents\n  \
        lkreport fetch releases livekit owner/repo    # these alone\n\n\
        What was fetched stays and is asked for again only where it changed. A token in GITHUB_TOKEN\n\
        raises the limit of 60 requests an hour. The exit code is 2 when something could not be fetched;\n\
        what is there is used all the same.")]
    Releases(FetchReleases),
}

/// `lkreport fetch releases`.
#[derive(Debug, Args)]
pub(in crate::cli) struct FetchReleases {
    /// Components, or repositories such as `owner/name` [default: those that split cells]
    #[arg(value_name = "COMPONENT|OWNER/NAME")]
    pub(in crate::cli) of: Vec<String>,
    /// Where the notes go, a folder for each component
    #[arg(long, value_name = "DIR", default_value = "releases", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) into: PathBuf,
    /// How many pages of a hundred releases are fetched of each
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(in crate::cli) pages: u32,
    /// The API that is asked
    #[arg(long, value_name = "URL", default_value = "https://api.github.com", env = "GITHUB_API_URL", value_hint = ValueHint::Url)]
    pub(in crate::cli) api: String,
    /// A token for it; none is needed
    #[arg(long, value_name = "TOKEN", env = "GITHUB_TOKEN", hide_env_values = true)]
    pub(in crate::cli) token: Option<String>,
}
