//! Failure families: failures that are one failure but for names and numbers.
//!
//! The shape of a failure is its text with a mark in the place of all that varies from run to run
//! and from machine to machine. It follows from that failure alone, so its id never changes because
//! of what else failed.

mod line;
mod word;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Attempt, Case, CaseId, Failure};
use line::Line;

/// The version of the rules below; ids of different versions have nothing to do with each other.
const RULES: &str = "family/1";

/// How much of a message is looked at, in bytes.
const MESSAGE: usize = 4_096;

/// How much of the text around it is looked at for a place, in bytes.
const TEXT: usize = 16_384;

/// How many words a message needs to be told from others by itself.
const TELLING: usize = 4;

/// What assertions say whatever they assert, and so tells nothing.
const FORMULAS: &[&str] = &[
    "actual",
    "and",
    "are",
    "assert",
    "assertion",
    "been",
    "but",
    "equal",
    "equality",
    "equals",
    "error",
    "expect",
    "expected",
    "exception",
    "fail",
    "failed",
    "failure",
    "false",
    "found",
    "from",
    "get",
    "got",
    "has",
    "have",
    "left",
    "message",
    "must",
    "not",
    "null",
    "object",
    "panicked",
    "received",
    "right",
    "should",
    "test",
    "that",
    "the",
    "these",
    "this",
    "true",
    "undefined",
    "value",
    "values",
    "was",
    "were",
    "which",
    "with",
];

/// What stands in a shape for what varies.
pub const MARKS: [&str; 14] = [
    "<address>",
    "<candidate>",
    "<duration>",
    "<hash>",
    "<id>",
    "<line>",
    "<name>",
    "<number>",
    "<path>",
    "<sdp>",
    "<secret>",
    "<time>",
    "<token>",
    "<uuid>",
];

/// The id of a failure family: that of the shape which was seen first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(pub u64);

impl fmt::Display for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CaseId(self.0).fmt(f)
    }
}

impl fmt::Debug for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FamilyId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "the id of a family has 13 letters: 0-9 and a-z without i, l, o, u";
        text.parse().map(|CaseId(id)| Self(id)).map_err(|_| wrong)
    }
}

impl Serialize for FamilyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FamilyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is the same in all failures of one shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// The exception or error type, empty where none is given.
    pub type_name: Box<str>,
    /// The message, with a mark such as `<number>` for each thing that varies.
    pub message: Box<str>,
    /// Where it came from; empty where the message tells enough, or nobody says.
    pub place: Box<str>,
}

impl Shape {
    /// Its id, the same on every machine.
    #[must_use]
    pub fn id(&self) -> FamilyId {
        FamilyId(CaseId::of([RULES, &self.type_name, &self.message, &self.place]).0)
    }
}

/// A failure with all that varies in it taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shaped {
    /// What is left.
    pub shape: Shape,
    /// What stood in place of each mark of the message, in order.
    pub values: Vec<Box<str>>,
}

/// Takes out of `failure` what varies; `names` are words that its case calls things by.
#[must_use]
pub fn shaped(failure: &Failure, names: &[&str]) -> Shaped {
    let type_name = failure.type_name.as_deref().unwrap_or_default().trim();
    let message = bounded(&failure.message, MESSAGE).trim();
    // Some producers begin the message with the type that they give besides.
    let message =
        message.strip_prefix(type_name).map_or(message, |it| it.trim_start_matches([':', ' ']));
    let line = Line::of(message, names);
    let place = if is_telling(&line.text) { String::new() } else { place(failure, names) };
    let shape = Shape {
        type_name: Line::of(type_name, &[]).text.into(),
        message: line.text.into(),
        place: place.into(),
    };
    Shaped { shape, values: line.values }
}

/// The shapes of the failures of `case` that its failing attempts are shown by, the last attempt
/// first, each once.
#[must_use]
pub fn shapes(case: &Case) -> Vec<Shaped> {
    let mut found: Vec<Shaped> = Vec::new();
    let names = names(case);
    for attempt in case.attempts.iter().rev().filter(|it| it.outcome.is_failing()) {
        let it = of_attempt(attempt, &names);
        if found.iter().all(|known| known.shape != it.shape) {
            found.push(it);
        }
    }
    found
}

/// The shape of the failure that a failing attempt of `case` is shown by.
#[must_use]
pub fn shape_of(case: &Case, attempt: &Attempt) -> Shape {
    of_attempt(attempt, &names(case)).shape
}

fn of_attempt(attempt: &Attempt, names: &[&str]) -> Shaped {
    let nothing = || Failure {
        kind: super::FailureKind::Failure,
        type_name: Some(attempt.outcome.word().into()),
        message: Box::default(),
        text: Box::default(),
    };
    headline(attempt).map_or_else(|| shaped(&nothing(), names), |it| shaped(it, names))
}

/// The failure that a failing attempt is shown by.
#[must_use]
pub fn headline(attempt: &Attempt) -> Option<&Failure> {
    attempt.detail.as_ref()?.failures.first()
}

/// What the case calls things by: the values of its example, and what its steps have in quotes.
fn names(case: &Case) -> Vec<&str> {
    let details = case.attempts.iter().filter_map(|it| it.detail.as_deref());
    let steps = details.flat_map(|it| &it.steps);
    let quoted = steps.flat_map(|it| it.text.split('"').skip(1).step_by(2));
    let mut names: Vec<&str> = case.example.iter().map(AsRef::as_ref).chain(quoted).collect();
    names.retain(|it| it.len() > 1 && !it.contains(char::is_whitespace));
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a masked message says more than that an assertion failed.
fn is_telling(message: &str) -> bool {
    let words =
        message.split(|c: char| !c.is_alphanumeric() && !matches!(c, '<' | '>' | '_' | '\''));
    let tells = |it: &&str| {
        it.chars().count() > 2
            && !it.starts_with('<')
            && !FORMULAS.contains(&it.to_lowercase().as_str())
    };
    words.filter(tells).count() >= TELLING
}

/// The first line of the text that says where in the code it is, with what varies taken out.
fn place(failure: &Failure, names: &[&str]) -> String {
    let lines = bounded(&failure.text, TEXT).lines().map(str::trim);
    let mut frames = lines.filter(|it| !it.is_empty() && it.len() < 400 && word::has_place(it));
    frames.next().map(|it| Line::of(it, names).text).unwrap_or_default()
}

/// The beginning of `text`, at most so many bytes.
fn bounded(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests;
