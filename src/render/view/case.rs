//! A case: why did it fail, since when, where else?

use serde::Serialize;

use super::{
    ArtifactView, Command, Fact, Figure, Finding, Link, MatchView, Page, Shell, ShiftsView,
};
use crate::render::{escape::Html, mark::Mark};

/// `/cases/<slug>-<id>/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CasePage {
    /// What every page has.
    pub shell: Shell,
    /// Where it stands: the path, outermost first, joined.
    pub path: String,
    /// Its tags, with the `@`.
    pub tags: Vec<String>,
    /// The failure that tells most.
    pub failure: Option<FailureView>,
    /// What else failed like that.
    pub family: Option<Link>,
    /// The known issue, or that there is none.
    pub verdict: Option<Verdict>,
    /// The known issues that were recognised in the run that is shown.
    pub issues: Vec<MatchView>,
    /// Its last runs, from `render::chart::strip`.
    pub strip: Html,
    /// The same in words: `failed in 1 of 4 runs, first on 2026-11-21 with livekit 1.13.5`.
    pub history: String,
    /// Where it broke along a component while nothing else differed.
    pub breakages: Vec<Finding>,
    /// Its newest result on each of the newest combinations.
    pub elsewhere: Vec<Elsewhere>,
    /// The same of the others.
    pub more_elsewhere: Vec<Elsewhere>,
    /// Its attempts in the run that is shown.
    pub attempts: Vec<AttemptView>,
    /// What happened around its last failing attempt, in order.
    pub moments: Option<Moments>,
    /// How the connections of its attempts fared.
    pub fares: Vec<Fares>,
    /// The run that is shown.
    pub run: Option<Link>,
    /// Its metrics that shifted, and those that are too noisy to tell.
    pub shifts: Option<ShiftsView>,
    /// Its duration over runs, where that did not shift.
    pub trend: Option<Figure>,
    /// Suite, feature, rule, id, first and last seen.
    pub facts: Vec<Fact>,
    /// The command that repeats it.
    pub repeat: Option<Command>,
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "case.html";
}

/// A judgement in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Its colour.
    pub mark: Mark,
    /// What it says.
    pub sentence: String,
    /// Where it is explained.
    pub link: Option<Link>,
}

/// What went wrong in an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureView {
    /// The exception or error type, or empty.
    pub type_name: String,
    /// The message, the telling tail first.
    pub message: String,
    /// The text around it, or empty.
    pub text: String,
}

/// What happened around an attempt, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moments {
    /// Which attempt, and what is left out.
    pub caption: String,
    /// How far the clocks of the components are from that of the run.
    pub clocks: Vec<String>,
    /// How many milliseconds the lanes show.
    pub span: u64,
    /// When they begin.
    pub from: String,
    /// One for each source, and for each quantity that was measured.
    pub lanes: Vec<MomentLane>,
    /// The moments, earliest first.
    pub rows: Vec<MomentRow>,
}

/// A source over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MomentLane {
    /// The source, or the quantity.
    pub name: String,
    /// What it reached, or how many moments it has.
    pub note: String,
    /// It over time, from `render::chart`; as wide as all lanes.
    pub svg: Html,
}

/// A step, a line of a log or a measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MomentRow {
    /// When, to the millisecond.
    pub time: String,
    /// The same in milliseconds from the start of the lanes.
    pub at: u64,
    /// Whose: a component, `step` or `hook`.
    pub source: String,
    /// The lane of the source, from 0.
    pub lane: usize,
    /// What came of a step.
    pub mark: Option<Mark>,
    /// `error` or `warning`, or empty.
    pub level: String,
    /// What happened.
    pub text: String,
    /// How long a step took, or which line it is.
    pub note: String,
    /// Where the line stands in its log, or empty.
    pub href: String,
}

/// How the connections of an attempt fared, by participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fares {
    /// What came of the attempt.
    pub mark: Mark,
    /// Which attempt, and what the figures are.
    pub caption: String,
    /// The participants.
    pub people: Vec<String>,
    /// A row for each quantity that was measured of any of them.
    pub rows: Vec<FareRow>,
}

/// A quantity of all participants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FareRow {
    /// The quantity.
    pub name: String,
    /// Its figures, one a participant.
    pub cells: Vec<FareCell>,
}

/// A quantity of one participant; empty where it was not measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FareCell {
    /// What it was.
    pub value: String,
    /// What it was at worst, or what it was computed from.
    pub note: String,
}

/// A case on one combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The cell of the combination.
    pub versions: Link,
    /// Its newest result there.
    pub mark: Mark,
    /// The run it stems from.
    pub run: Link,
    /// How often it passed there: `4 of 4`.
    pub passed: String,
    /// How long it took.
    pub duration: String,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    /// Which one: `Attempt 1 of 2`.
    pub title: String,
    /// What happened.
    pub mark: Mark,
    /// When it began, or empty.
    pub started: String,
    /// How long it took, or empty.
    pub duration: String,
    /// Why it was skipped, retried, degraded or unsupported, or empty.
    pub reason: String,
    /// What went wrong, besides [`CasePage::failure`].
    pub failures: Vec<FailureView>,
    /// Its steps and hooks.
    pub steps: Vec<StepView>,
    /// Screenshots, recordings and other files.
    pub artifacts: Vec<ArtifactView>,
    /// The end of what it printed, or empty.
    pub output: String,
    /// What the components said meanwhile.
    pub logs: Vec<Link>,
}

/// A step or hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// What happened.
    pub mark: Mark,
    /// The keyword with the text, or the name of the hook.
    pub text: String,
    /// How long it took, or empty.
    pub duration: String,
    /// Whether it is a hook.
    pub hook: bool,
}
