//! Rules: which versions cannot work together, or should not, and who says so.

mod check;
mod file;

use std::{collections::BTreeMap, fmt};

pub use check::{Verdict, Violation, check};
pub use file::read;
use serde::Deserialize;

use super::Range;

/// Versions by component.
pub type Ranges = BTreeMap<String, Range>;

/// What is known of versions that meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Names the rule in messages.
    pub id: String,
    /// What becomes of a run that breaks it.
    pub strictness: Strictness,
    /// The rule is about combinations with all of these.
    pub components: Ranges,
    /// What such a combination needs.
    pub needs: Needs,
    /// Why, in a sentence.
    pub reason: String,
    /// The link to who says so.
    pub source: String,
}

/// What becomes of a run that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// Nothing.
    Ignore,
    /// It runs, and the rule is named.
    Warn,
    /// It does not start.
    Fail,
}

impl fmt::Display for Strictness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ignore => "ignore",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

/// What a combination that a rule is about needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// `version-range`: other components in these versions, as far as they take part.
    Versions(Ranges),
    /// `exact-match`: that all components of the rule have the same version, up to this many numbers.
    Same(usize),
    /// `protocol-minimum`: a server that speaks at least this signal protocol.
    Protocol(u32),
    /// `known-bad`: nothing helps.
    Nothing,
}
