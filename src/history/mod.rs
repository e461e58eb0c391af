//! Runs over time: immutable records, the evidence beside them, and the past that they add up to.
//!
//! Invariant: `store` is the only code of this room that touches a disk or a bucket.

mod past;

pub use past::{Known, Outline, Past, PastRun};
