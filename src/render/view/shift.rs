//! What became slower, heavier or less often passed, or better.

use serde::Serialize;

use super::{Figure, Finding, Link};

/// The shifts of some scenarios, on any page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ShiftsView {
    /// How many of which kind, in one sentence.
    pub caption: String,
    /// What lasts first, and of that the newest.
    pub rows: Vec<ShiftRow>,
    /// How many more there are, in words; empty where all are listed.
    pub rest: String,
    /// What is too noisy to be judged, in words.
    pub noisy: Vec<String>,
    /// The metrics that shifted, run by run.
    pub figures: Vec<Figure>,
}

/// A metric that was on one level and is on another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShiftRow {
    /// The scenario; none on its own page.
    pub case: Option<Link>,
    /// The metric: `duration`.
    pub metric: String,
    /// `worse` or `better`.
    pub sense: String,
    /// The old level, with its unit.
    pub before: String,
    /// In how many runs that was seen.
    pub runs: String,
    /// The new one.
    pub after: String,
    /// The new level as a change of the old one: `+40 %`.
    pub change: String,
    /// Since which run.
    pub since: Link,
    /// What came with it, and whether it lasts.
    pub note: String,
    /// The last run of the old level.
    pub last_old: Link,
    /// The release notes of the step that came with it, where they are at hand.
    pub notes: Option<Link>,
}

/// A scenario that broke along a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The scenario.
    pub case: Link,
    /// Where, and since when.
    pub finding: Finding,
}
