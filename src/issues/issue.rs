//! The words of a known issue.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lkreport_contract::version::{Range, Version};
use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

use super::Example;
use crate::model::{self, Component};

/// The versions that something is said of, by component; all must hold.
pub type Ranges = BTreeMap<Component, Range>;

/// The versions that took part, by component.
pub type Versions = BTreeMap<Component, model::Version>;

/// A failure that is known.
#[derive(Debug, Clone)]
pub struct Issue {
    /// What it is called by, such as `LK-042`.
    pub id: String,
    /// What happens, in a few words.
    pub title: String,
    /// Where it comes from; never empty.
    pub components: Vec<Component>,
    /// What became of it.
    pub status: Status,
    /// How much it hurts.
    pub severity: Severity,
    /// How much a match says.
    pub strength: Strength,
    /// Where it was described.
    pub links: Vec<String>,
    /// How it is recognised.
    pub condition: Condition,
    /// The versions on which it was reported, where nothing says that others are free of it.
    pub seen: BTreeMap<Component, Vec<String>>,
    /// The versions that it concerns; several where sources disagree, and empty where none says.
    pub affected: Vec<Ranges>,
    /// The first versions without it.
    pub fixed_in: BTreeMap<Component, Version>,
    /// What a reader can do about it.
    pub workaround: Option<String>,
    /// What else has to be known.
    pub note: Option<String>,
    /// When somebody has to look whether it still holds.
    pub review_by: Option<Date>,
    /// Whether a failure that matches leaves the gate open.
    pub excused: bool,
    /// Texts that are recognised.
    pub matching: Vec<Example>,
    /// Texts that look alike and are not.
    pub other: Vec<Example>,
}

/// What became of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No fix is known.
    Open,
    /// Newer versions do not have it.
    Fixed,
    /// It stays as it is.
    Wontfix,
    /// It works as designed.
    Expected,
    /// The set-up causes it: configuration, network, machine.
    Config,
}

impl Status {
    /// The word for people and for files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::Wontfix => "wontfix",
            Self::Expected => "expected",
            Self::Config => "config",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Open => "no fix is known",
            Self::Fixed => "fixed in newer versions",
            Self::Wontfix => "stays as it is",
            Self::Expected => "works as designed",
            Self::Config => "a matter of the set-up",
        }
    }
}

/// How much an issue hurts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Noise, or nothing that users notice.
    Low,
    /// Something works worse.
    #[default]
    Medium,
    /// Something does not work.
    High,
    /// Nothing works, or something is lost.
    Critical,
}

impl Severity {
    /// The word for people and for files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How much a match says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The text has this one cause.
    #[default]
    Strong,
    /// The text has other causes as well: a match is a hint.
    Weak,
}

/// How an issue is recognised.
#[derive(Debug, Clone)]
pub enum Condition {
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// A text is there; the number is that of the pattern in its catalogue.
    Pattern(Pattern, usize),
    /// The case has this in its path or name.
    Case(Regex),
    /// The case has this tag.
    Tag(String),
    /// These versions are known to have taken part.
    Versions(Ranges),
}

/// A text that is looked for.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What it looks like. `^` and `$` stand at the ends of lines.
    pub regex: Regex,
    /// Where it has to stand.
    pub part: Part,
    /// Of which component the log has to be; of any where none is named.
    pub component: Option<Component>,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Anywhere of these.
    Text,
    /// In the message of a failure.
    Message,
    /// In the stack or the output around it.
    Stack,
    /// In a log.
    Log,
}

/// Whether an issue concerns versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applies {
    /// They are not affected.
    No,
    /// Not all that matters is known of them.
    Unknown,
    /// They are affected, or the issue names no versions.
    Yes,
}

impl Issue {
    /// Whether the issue concerns these versions.
    ///
    /// Where it says nothing of affected versions, those before the one that fixed it are.
    #[must_use]
    pub fn applies(&self, versions: &Versions) -> Applies {
        if self.affected.is_empty() {
            let parts = self
                .fixed_in
                .iter()
                .map(|(name, fixed)| Some(meaning(versions.get(name)?)? < *fixed));
            return if self.fixed_in.is_empty() { Applies::Yes } else { all(parts) };
        }
        self.affected.iter().map(|it| hold(it, versions)).max().unwrap_or(Applies::Yes)
    }

    /// Whether these versions are said to have a fix.
    #[must_use]
    pub fn is_fixed_in(&self, versions: &Versions) -> bool {
        let has = |(name, fixed): (&Component, &Version)| {
            versions.get(name).and_then(meaning).is_some_and(|it| it >= *fixed)
        };
        self.fixed_in.iter().any(has)
    }
}

impl Condition {
    /// Whether it holds, where `found` says which patterns were found.
    ///
    /// What is asked of a case holds where there is none, as in a log without tests.
    #[must_use]
    pub fn holds(
        &self,
        found: &dyn Fn(usize) -> bool,
        case: Option<(&str, &[&str])>,
        versions: &Versions,
    ) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|it| it.holds(found, case, versions)),
            Self::All(parts) => parts.iter().all(|it| it.holds(found, case, versions)),
            Self::Pattern(_, number) => found(*number),
            Self::Case(regex) => case.is_none_or(|(name, _)| regex.is_match(name.as_bytes())),
            Self::Tag(tag) => case.is_none_or(|(_, tags)| tags.contains(&tag.as_str())),
            Self::Versions(ranges) => hold(ranges, versions) == Applies::Yes,
        }
    }

    /// Whether it is about this case, by name or tag; `None` where it may be about any, so that nobody
    /// can tell.
    #[must_use]
    pub fn is_about(&self, (name, tags): (&str, &[&str])) -> Option<bool> {
        match self {
            // Of several ways to recognise it, one that is about the case is enough.
            Self::Any(parts) => (parts.iter().map(|it| it.is_about((name, tags))))
                .reduce(
                    |a, b| if a == Some(true) || b == Some(true) { Some(true) } else { a.and(b) },
                )
                .flatten(),
            Self::All(parts) => {
                (parts.iter().filter_map(|it| it.is_about((name, tags)))).reduce(|a, b| a && b)
            }
            Self::Pattern(..) | Self::Versions(_) => None,
            Self::Case(regex) => Some(regex.is_match(name.as_bytes())),
            Self::Tag(tag) => Some(tags.contains(&tag.as_str())),
        }
    }

    /// Its patterns with their numbers, in the order in which they stand.
    pub fn patterns(&self) -> Vec<(&Pattern, usize)> {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::patterns).collect(),
            Self::Pattern(pattern, number) => vec![(pattern, *number)],
            Self::Case(_) | Self::Tag(_) | Self::Versions(_) => Vec::new(),
        }
    }

    /// Numbers its patterns from `next` on.
    pub(super) fn number(&mut self, next: &mut usize) {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter_mut().for_each(|it| it.number(next)),
            Self::Pattern(_, number) => {
                *number = *next;
                *next += 1;
            }
            Self::Case(_) | Self::Tag(_) | Self::Versions(_) => {}
        }
    }
}

/// Whether all ranges hold of `versions`.
fn hold(ranges: &Ranges, versions: &Versions) -> Applies {
    all(ranges.iter().map(|(name, range)| Some(range.holds(&meaning(versions.get(name)?)?))))
}

fn all(parts: impl Iterator<Item = Option<bool>>) -> Applies {
    let worst = |it: Option<bool>| match it {
        Some(true) => Applies::Yes,
        Some(false) => Applies::No,
        None => Applies::Unknown,
    };
    parts.map(worst).min().unwrap_or(Applies::Yes)
}

/// What a version means; `latest` and the like mean nothing.
fn meaning(version: &model::Version) -> Option<Version> {
    version.as_str().parse().ok()
}
