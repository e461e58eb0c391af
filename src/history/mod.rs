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
mod objects;
mod outline;
mod past;
mod record;
mod store;
mod table;

pub use error::HistoryError;
pub use past::{Known, Outline, Past, PastRun};
pub use record::{RECORD_VERSION, Record, RecordError, decode, encode};
pub use store::{Added, Store};
