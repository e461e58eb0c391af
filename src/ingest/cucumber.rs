//! What Cucumber JSON and Cucumber messages have in common: their words, and how steps make an attempt.

mod attachment;
mod failure;
mod feature_path;
mod tried;

pub(super) use attachment::{Attachment, Body, take_in};
pub(super) use failure::{from_exception, from_message};
pub(super) use feature_path::feature_path;
pub(super) use tried::{Ending, Tried};

use crate::model::Outcome;

/// What a status means, as any Cucumber writes it; `None` for a word that we do not know.
///
/// The words are those of [messages](https://github.com/cucumber/messages) in either case, and what
/// behave says beyond them.
pub(super) fn outcome_of(status: &str) -> Option<Outcome> {
    Some(match status.trim().to_ascii_lowercase().as_str() {
        "passed" => Outcome::Passed,
        "failed" | "error" | "hook_error" | "cleanup_error" => Outcome::Failed,
        "skipped" | "untested" => Outcome::Skipped,
        "pending" | "untested_pending" => Outcome::Pending,
        "undefined" | "untested_undefined" => Outcome::Undefined,
        "ambiguous" => Outcome::Ambiguous,
        "unknown" => Outcome::Unknown,
        _ => return None,
    })
}

/// A tag with its `@`, which behave leaves away.
pub(super) fn tag(name: &str) -> String {
    if name.starts_with('@') { name.to_owned() } else { format!("@{name}") }
}

/// The keyword with the text, as they stand in a feature file.
pub(super) fn step_text(keyword: &str, text: &str) -> String {
    format!("{} {}", keyword.trim(), text.trim()).trim().to_owned()
}
