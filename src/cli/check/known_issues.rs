//! What is wrong with the file of a known issue.

use super::{Finding, features::offset};
use crate::issues::read;

/// The first error of a known issue.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let finding = |it: crate::issues::Fault| {
        let start = offset(text, it.line, it.column);
        let line = text[start..].lines().next().unwrap_or_default();
        Finding { message: it.message, span: start..start + line.trim_end().len() }
    };
    read(text).err().map(finding).into_iter().collect()
}
