//! What was typed of `lkreport history`.

use clap::{Args, Subcommand};

use super::Sources;

/// `lkreport history`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lkreport history list\n  \
    lkreport history add --results results/ --history s3://bucket/history\n  \
    lkreport history prune --dry-run")]
pub(in super::super) struct History {
    /// Where past runs are kept: a folder, or the URL of a bucket [default: history]
    #[arg(long, value_name = "DIR|URL", global = true)]
    pub(in super::super) history: Option<String>,
    /// What to do with it.
    #[command(subcommand)]
    pub(in super::super) command: HistoryCommand,
}

/// What can be done with a history.
#[derive(Debug, Subcommand)]
pub(in super::super) enum HistoryCommand {
    /// List the runs, newest first
    #[command(after_help = "Example:\n  lkreport history list --json | jq -r .run.id")]
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Add results without making a site
    #[command(after_help = "Example:\n  \
        lkreport history add --results results/ --meta livekit=1.8.4 --meta suite=smoke")]
    Add(Sources),
    /// Check every record and its evidence; exit with 1 when one is damaged
    #[command(after_help = "Example:\n  lkreport history verify --history s3://bucket/history")]
    Verify,
    /// Drop what the retention policy no longer keeps
    #[command(after_help = "Examples:\n  \
        lkreport history prune --dry-run    # only say what would go\n  \
        lkreport history prune")]
    Prune {
        /// Only say what would be dropped
        #[arg(long)]
        dry_run: bool,
    },
}
