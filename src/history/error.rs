//! What can keep the history from being read or written.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why the history could not be used; a damaged record is a problem and never one of these.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The place named for the history is no usable directory or bucket.
    #[error("{place}: not usable as a history: {reason}")]
    Place {
        /// The place as it was given.
        place: String,
        /// Why it cannot be used.
        reason: String,
    },
    /// An object could not be read or written: the disk is full, access is denied, the bucket is away.
    #[error("{place}: {cause}")]
    Storage {
        /// The file, or the name in the bucket.
        place: String,
        /// What the storage says.
        cause: object_store::Error,
    },
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}
