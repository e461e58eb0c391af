//! What was typed of known issues.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `lkreport explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport explain livekit.log\n  \
    docker logs livekit 2>&1 | lkreport explain -\n  \
    lkreport explain logs/*.log.gz --version livekit=1.8.4 --json\n  \
    lkreport explain livekit.log --html explained.html\n\n\
    Besides the issues that are bundled, those in known-issues/ are looked for.")]
pub(in super::super) struct Explain {
    /// Logs, plain or packed (gzip, zstd); `-` for standard input
    #[arg(required = true, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(in super::super) files: Vec<PathBuf>,
    /// What took part, where the logs do not say it, such as `livekit=1.8.4`; may be repeated
    #[arg(long = "version", value_name = "NAME=VERSION")]
    pub(in super::super) versions: Vec<String>,
    /// JSON for scripts
    #[arg(long)]
    pub(in super::super) json: bool,
    /// Write a page into this file instead
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "json")]
    pub(in super::super) html: Option<PathBuf>,
}

/// `lkreport gate`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport gate                       # the runs of this job, else the newest of each suite\n  \
    lkreport gate --run gh-17-1 --json\n\n\
    The exit code is 1 when something is new and nothing explains it.")]
pub(in super::super) struct Gate {
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(in super::super) history: Option<String>,
    /// The run to judge; may be repeated [default: the runs of this CI job, else the newest of each suite
    /// on each combination]
    #[arg(long, value_name = "ID")]
    pub(in super::super) run: Vec<String>,
    /// JSON for scripts
    #[arg(long)]
    pub(in super::super) json: bool,
}

/// `lkreport summary`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport summary --markdown >> \"$GITHUB_STEP_SUMMARY\"\n  \
    lkreport summary --markdown --url https://example.org/report | gh pr comment --body-file -")]
pub(in super::super) struct Summary {
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(in super::super) history: Option<String>,
    /// The run to tell of; may be repeated [default: the runs of this CI job, else the newest of each suite
    /// on each combination]
    #[arg(long, value_name = "ID")]
    pub(in super::super) run: Vec<String>,
    /// As markdown, below the limits of GitHub for comments and job summaries
    #[arg(long)]
    pub(in super::super) markdown: bool,
    /// Where people will read the site; the summary links there
    #[arg(long, value_name = "URL", env = "LKREPORT_URL", value_hint = ValueHint::Url)]
    pub(in super::super) url: Option<String>,
}

/// `lkreport issues`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport issues list --component egress\n  \
    lkreport issues show LK-042\n  \
    lkreport issues test CERTIFICATE_VERIFY_FAILED\n  \
    lkreport issues new --from results/ > known-issues/MY-001.yaml")]
pub(in super::super) struct Issues {
    /// What to do.
    #[command(subcommand)]
    pub(in super::super) command: IssuesCommand,
}

/// What is asked of the catalogue.
#[derive(Debug, Subcommand)]
pub(in super::super) enum IssuesCommand {
    /// List the issues that are known
    #[command(after_help = "Example:\n  lkreport issues list --json | jq '.[].id'")]
    List {
        /// Those of this component only
        #[arg(long, value_name = "NAME")]
        component: Option<String>,
        /// JSON for scripts
        #[arg(long)]
        json: bool,
    },
    /// Say all that is known of an issue
    #[command(after_help = "Example:\n  lkreport issues show LK-042")]
    Show {
        /// Its id
        id: String,
    },
    /// Say which issues recognise a text; exit 1 when none does
    #[command(after_help = "Example:\n  lkreport issues test CERTIFICATE_VERIFY_FAILED")]
    Test {
        /// A message, a stack or lines of a log; `-` for standard input
        text: String,
    },
    /// Draft an issue from a failure
    New(NewIssue),
}

/// `lkreport issues new`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport issues new --from gh-17-1/joins-3h8k2p9x0m4tq > known-issues/MY-001.yaml\n  \
    lkreport issues new --from results/            # the first failure that no issue recognises\n  \
    echo 'negotiation timed out' | lkreport issues new --from -")]
pub(in super::super) struct NewIssue {
    /// A case of a run that the history has, as in the addresses of their pages; a folder or file of
    /// results; or `-` for a text on standard input
    #[arg(long, value_name = "RUN/CASE|PATH|-")]
    pub(in super::super) from: String,
    /// What it is to be called [default: MY-001 or the next that is free]
    #[arg(long)]
    pub(in super::super) id: Option<String>,
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL")]
    pub(in super::super) history: Option<String>,
}
