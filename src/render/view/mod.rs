//! The view of each page kind: finished words and numbers, nothing left to compute.
//!
//! Every `href` is relative to the root of the site and ends in `index.html`, so that it also works
//! from `file://`; templates put [`Shell::root`] before it.

mod case;
mod explain;
mod family;
mod feature;
mod issue;
mod lists;
mod matrix;
mod overview;
mod part;
mod release;
mod run;
mod search;
mod shift;
mod trends;

use serde::Serialize;

pub use case::{
    AttemptView, CasePage, Elsewhere, FailureView, FareCell, FareRow, Fares, MomentLane, MomentRow,
    Moments, StepView, Verdict,
};
pub use explain::{ExplainPage, ExplainedIssue};
pub use family::{
    CoverageView, DifferenceRow, Example, FamiliesPage, FamilyPage, FamilyRow, FamilyVersion,
    Member, OpenFamily,
};
pub use feature::{
    Area, BackgroundView, ExampleRow, ExamplesView, FeaturePage, FeatureRow, FeatureStep,
    FeaturesPage, Related, RuleView, ScenarioView, TagRow, VersionRow,
};
pub use issue::{
    IssueGroup, IssuePage, IssueRow, IssuesPage, LookedFor, MatchView, RemarkView, SeenRow,
    TraceView, VersionLine, VersionPoint,
};
pub use lists::{
    CasesPage, GoneRow, LogPage, Masked, NotFoundPage, ProblemRow, ProblemsPage, RunsPage,
};
pub use matrix::{
    Axis, CellPage, Evidence, Matrix, MatrixCell, MatrixPage, MatrixRow, Neighbour, PublishedView,
    Recommended, Tab,
};
pub use overview::{OverviewPage, SuiteNow};
pub use part::{
    ArtifactView, Change, Changes, Command, Count, Empty, Fact, FailureGroup, Figure, Finding,
    Link, OutsideLink, Pager,
};
pub use release::{ItemView, KindView, ReleasePage, ReleaseRow, ReleasesOf, ReleasesPage};
pub use run::{FareOf, LogLink, Resource, RunPage};
pub use search::SearchPage;
pub use shift::{Broken, ShiftRow, ShiftsView};
pub use trends::{PatternRow, Patterns, TrendGroup, TrendsPage};

use super::mark::Mark;

/// A view that knows its template.
pub trait Page: Serialize {
    /// The template's path below `templates/`.
    const TEMPLATE: &'static str;
}

/// What every page has: its place in the site and the answer to its question.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shell {
    /// The way up to the root of the site: empty, `../`, `../../`.
    pub root: String,
    /// What the site calls itself.
    pub site: String,
    /// The entry of the navigation that is marked as the present one.
    pub section: Section,
    /// The heading, and the title of the window.
    pub title: String,
    /// The colour of the answer, where it has one.
    pub mark: Option<Mark>,
    /// The answer to the page's question in one sentence; also what search engines show.
    pub answer: String,
    /// The pages above this one, outermost first; the overview itself is left out.
    pub crumbs: Vec<Link>,
    /// The page's one address on the web, where the site knows its own.
    pub canonical: Option<String>,
    /// The start of the newest run, as in "as of 2026-11-21 10:40 UTC".
    pub as_of: String,
}

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// `/`
    Overview,
    /// `/matrix/` and `/cells/`
    Matrix,
    /// `/runs/` and `/logs/`
    Runs,
    /// `/cases/`
    Cases,
    /// `/features/`
    Features,
    /// `/issues/`
    Issues,
    /// `/trends/`
    Trends,
    /// `/problems/`
    Problems,
    /// `/releases/`
    Releases,
    /// `/search/`
    Search,
    /// A page that belongs to no entry.
    #[default]
    None,
}
