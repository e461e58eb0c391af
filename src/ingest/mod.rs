//! Foreign bytes in, our words out: JUnit, Cucumber JSON, Cucumber messages, logs, metrics.
//!
//! Reading never fails: damage becomes a [`Problem`](crate::model::Problem) beside what could be
//! read. All foreign text passes through an [`Intake`], which masks, cleans and shortens it.
//!
//! Invariant: this room reads from a `Read` that it is given and writes to an [`Evidence`] that it
//! is given; it opens nothing itself.

mod assemble;
mod connection;
mod cucumber;
mod cucumber_json;
mod decode;
mod excerpt;
mod feature;
mod format;
mod ingested;
mod intake;
mod junit;
mod log;
mod measured;
mod media;
mod messages;
pub mod meta;
mod metrics;
mod release;
mod run_json;
mod telling;

pub use assemble::{Asked, assemble};
pub use decode::plain_log;
pub use feature::read_feature;
pub use format::Format;
pub use ingested::{Ingested, Said, read};
pub use intake::{Discard, Evidence, Intake};
pub use log::{
    Clock, Kept, KeptLine, Level, LogAsk, LogSummary, LogWindow, component_of, entry_at, keep_log,
    line_at, names_in, read_kept, reported_in, rooms_in,
};
pub use media::{MediaAttempt, MediaCase, MediaFile, Place, match_media, media_type};
pub use metrics::read_metrics;
pub use release::{component_named, read_releases, repository_of};
pub use run_json::masked_run;
