//! Damage in the input, as a value.

use serde::{Deserialize, Serialize};

/// Something in the input that could not be read, with its place.
///
/// A problem never stops the work: what could be read stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file as it was given or found.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: u64,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
}

impl Problem {
    /// A problem of the file as a whole.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, message: message.into() }
    }

    /// A problem at a line, counted from 1.
    pub fn at(file: impl Into<String>, line: u64, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, message: message.into() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(line: &u64) -> bool {
    *line == 0
}
