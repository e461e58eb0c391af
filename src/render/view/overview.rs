//! The overview: is it good, and what is new?

use serde::Serialize;

use super::{
    Changes, CoverageView, Empty, FailureGroup, Figure, Link, Masked, Matrix, Page, Shell,
};
use crate::render::{escape::Html, mark::Mark};

/// `/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverviewPage {
    /// What every page has; its answer is the verdict on everything.
    pub shell: Shell,
    /// The newest run of each suite.
    pub suites: Vec<SuiteNow>,
    /// What changed since the last comparable runs.
    pub changes: Option<Changes>,
    /// What the newest versions changed, for each suite that has no comparable run on them.
    pub steps: Vec<Changes>,
    /// The matrix at a glance, one small one for each pair of components.
    pub matrices: Vec<Matrix>,
    /// Why there is no matrix yet.
    pub no_matrix: Option<Empty>,
    /// Small trends.
    pub trends: Vec<Figure>,
    /// Why there is no trend yet.
    pub no_trend: Option<Empty>,
    /// The most frequent failures.
    pub families: Vec<FailureGroup>,
    /// How much known issues explain, where anything failed.
    pub coverage: Option<CoverageView>,
    /// Cells whose last test is long ago.
    pub aged: Vec<Link>,
    /// How many more there are, in words; empty where all are listed.
    pub aged_rest: String,
    /// What could not be read, in one sentence; empty where everything could.
    pub problems: String,
    /// What was masked, by kind.
    pub masked: Vec<Masked>,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "overview.html";
}

/// A suite as its newest run left it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuiteNow {
    /// Its verdict.
    pub mark: Mark,
    /// Its name.
    pub name: String,
    /// Its newest run.
    pub href: String,
    /// `191 of 194 passed, 3 failed`.
    pub counts: String,
    /// The versions it ran on.
    pub versions: String,
    /// When it ran.
    pub date: String,
    /// How long ago that was when the newest run of all began, or empty.
    pub age: String,
    /// How long it took.
    pub duration: String,
    /// Its last runs, from `render::chart::strip`.
    pub strip: Html,
}
