//! Versions as people write them, and ranges of them.

mod number;
mod range;

pub use number::{Version, VersionError};
pub use range::{Range, RangeError};
