//! Runs over time: immutable records, the evidence beside them, and the past that they add up to.
//!
//! Invariant: `store` and the `objects` below it are the only code of this room that touches a disk
//! or a bucket.

mod cache;
mod error;
mod evidence;
mod line;
mod load;
mod merge;
mod notes;
mod objects;
mod outline;
mod past;
mod prune;
mod record;
mod rename;
mod retention;
mod store;
mod table;
mod verify;

pub use error::HistoryError;
pub use past::{Failing, Known, Measurement, Outline, Past, PastRun};
pub use prune::{Gone, Pruning, Unclaimed};
pub use record::{RECORD_VERSION, Record, RecordError, decode, encode};
pub use retention::{Part, Policy, Pruned, Stored, Why, plan};
pub use store::{Added, Store};
pub use verify::Verified;
