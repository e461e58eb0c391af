//! A run: what happened in it?

use serde::Serialize;

use super::{
    ArtifactView, Changes, Command, Count, Fact, FailureGroup, Figure, Link, Masked, Page, Pager,
    Shell, ShiftsView, Verdict,
};
use crate::render::{escape::Html, mark::Mark, row::Cases};

/// `/runs/<id>/` and the further pages of its cases.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunPage {
    /// What every page has.
    pub shell: Shell,
    /// Its cases by outcome.
    pub counts: Vec<Count>,
    /// When, how long, versions, commit, branch, CI, environment.
    pub facts: Vec<Fact>,
    /// What the gate says, where there is one.
    pub gate: Option<Verdict>,
    /// The comparable run before.
    pub previous: Option<Link>,
    /// The comparable run after.
    pub next: Option<Link>,
    /// What changed since the comparable run before.
    pub changes: Option<Changes>,
    /// The metrics that shifted with it.
    pub shifts: Option<ShiftsView>,
    /// The failures that nothing explains, grouped, most frequent first.
    pub groups: Vec<FailureGroup>,
    /// The failures that known issues explain, by issue.
    pub known: Vec<FailureGroup>,
    /// The cases of this page, from `render::row::cases`.
    pub cases: Cases,
    /// Which cases this page lists.
    pub pager: Pager,
    /// The run by worker over time.
    pub timeline: Option<Figure>,
    /// CPU, memory and network by component.
    pub resources: Vec<Resource>,
    /// How the connections of its participants fared, and what the figures are.
    pub fares: (Vec<FareOf>, String),
    /// The logs of its components.
    pub logs: Vec<LogLink>,
    /// Recordings and other files of the run as a whole.
    pub artifacts: Vec<ArtifactView>,
    /// The commands that repeat it.
    pub repeat: Vec<Command>,
    /// What of its files could not be read, in one sentence; empty where everything could.
    pub problems: String,
    /// What was masked in it, by kind.
    pub masked: Vec<Masked>,
}

impl Page for RunPage {
    const TEMPLATE: &'static str = "run.html";
}

/// How one connection fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FareOf {
    /// What came of the attempt.
    pub mark: Mark,
    /// The scenario.
    pub case: Link,
    /// Whose connection it was.
    pub who: String,
    /// Scores of audio and video, received, sent, lost, jitter, round trip, frames, freezes; empty where
    /// it was not measured.
    pub figures: Vec<String>,
}

/// What a component used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resource {
    /// The component, or one instance of it.
    pub component: String,
    /// What was measured: `CPU`, `memory`, `network`.
    pub what: String,
    /// The greatest value, with its unit.
    pub peak: String,
    /// The mean, with its unit.
    pub mean: String,
    /// It over time, from `render::chart::spark`.
    pub spark: Html,
}

/// A log, as a row in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLink {
    /// The component, or one instance of it.
    pub component: String,
    /// Its page.
    pub href: String,
    /// How many lines.
    pub lines: String,
    /// How many of them are errors.
    pub errors: String,
    /// How many of them are warnings.
    pub warnings: String,
}
