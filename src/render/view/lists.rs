//! The lists: runs, cases of a suite, lines of a log, problems; and the page for what is gone.

use serde::Serialize;

use super::{Count, Empty, Link, Page, Pager, Shell};
use crate::render::{escape::Html, row::Cases};

/// `/runs/` and its further pages: which reports are there?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunsPage {
    /// What every page has.
    pub shell: Shell,
    /// The runs by verdict, all pages together.
    pub counts: Vec<Count>,
    /// The runs of this page, newest first, from `render::row::runs`.
    pub rows: Html,
    /// Which runs this page lists.
    pub pager: Pager,
    /// What to do where there is none.
    pub empty: Option<Empty>,
}

impl Page for RunsPage {
    const TEMPLATE: &'static str = "runs.html";
}

/// `/cases/`, the list of a suite, and its further pages: where does a case stand?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CasesPage {
    /// What every page has.
    pub shell: Shell,
    /// The suites, where there are several.
    pub suites: Vec<Link>,
    /// The cases by their newest outcome, all pages together.
    pub counts: Vec<Count>,
    /// The cases of this page, from `render::row::cases`.
    pub cases: Cases,
    /// Which cases this page lists.
    pub pager: Pager,
    /// What to do where there is none.
    pub empty: Option<Empty>,
}

impl Page for CasesPage {
    const TEMPLATE: &'static str = "cases.html";
}

/// `/logs/<run>/<component>/` and its further pages: what did the component say then?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogPage {
    /// What every page has.
    pub shell: Shell,
    /// The logs of the other components at the same time.
    pub beside: Vec<Link>,
    /// The run.
    pub run: Link,
    /// The lines of this page, from `render::row::log_lines`.
    pub rows: Html,
    /// Which lines this page holds.
    pub pager: Pager,
    /// The whole log as a file, where it is kept.
    pub whole: Option<Link>,
}

impl Page for LogPage {
    const TEMPLATE: &'static str = "log.html";
}

/// `/problems/`: what could this report not read?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProblemsPage {
    /// What every page has.
    pub shell: Shell,
    /// The problems of this page.
    pub rows: Vec<ProblemRow>,
    /// Which problems this page lists.
    pub pager: Pager,
    /// What was masked, by kind.
    pub masked: Vec<Masked>,
}

impl Page for ProblemsPage {
    const TEMPLATE: &'static str = "problems.html";
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemRow {
    /// The file.
    pub file: String,
    /// The line, or empty where the whole file is meant.
    pub line: String,
    /// The reason.
    pub message: String,
    /// The run that the file belongs to, where it belongs to one.
    pub run: Option<Link>,
}

/// How many secrets of one kind were masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Masked {
    /// What they are: `JWTs`, `API secret`.
    pub kind: String,
    /// How many, formatted.
    pub n: String,
}

/// `/404.html`: says what was pruned.
///
/// Servers show it at any address, so [`Shell::root`] has to be the absolute address of the site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotFoundPage {
    /// What every page has.
    pub shell: Shell,
    /// What was pruned and why, a sentence each.
    pub pruned: Vec<String>,
    /// The runs that were pruned, newest first.
    pub gone: Vec<GoneRow>,
}

/// A run that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoneRow {
    /// Its id, as in the address that its page had.
    pub run: String,
    /// When it began.
    pub started: String,
    /// Its suite.
    pub suite: String,
    /// Why it went.
    pub why: String,
}

impl Page for NotFoundPage {
    const TEMPLATE: &'static str = "404.html";
}
