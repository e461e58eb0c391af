//! The matrix and its cells: what works together, and why this colour?

use serde::Serialize;

use super::{Broken, Changes, Command, Count, Empty, Fact, Link, OutsideLink, Page, Shell};
use crate::render::{escape::Html, mark::Mark, row::Cases};

/// `/matrix/` and its further tabs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatrixPage {
    /// What every page has.
    pub shell: Shell,
    /// The pairs of components; empty where there is but one.
    pub tabs: Vec<Tab>,
    /// The versions against each other.
    pub matrix: Option<Matrix>,
    /// The script that filters need, from the root of the site; empty where there is no matrix.
    pub slices: String,
    /// The same for each suite, small.
    pub suites: Vec<Matrix>,
    /// The combination to take.
    pub recommended: Option<Recommended>,
    /// What the marks mean.
    pub legend: Vec<Mark>,
    /// What the words mean that compare cells with what is published, where any cell has one.
    pub stances: Vec<String>,
    /// The matrix as markdown, CSV and JSON.
    pub exports: Vec<Link>,
    /// What to do where nothing has a version.
    pub empty: Option<Empty>,
}

impl Page for MatrixPage {
    const TEMPLATE: &'static str = "matrix.html";
}

/// A way to look at the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tab {
    /// `livekit × client-js`.
    pub text: String,
    /// Its page.
    pub href: String,
    /// Whether it is the one that is shown.
    pub current: bool,
}

/// Versions against versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matrix {
    /// What it is called: the pair of components, or a suite.
    pub title: String,
    /// Its page, where it is shown small.
    pub href: Option<String>,
    /// What the rows are.
    pub rows_are: String,
    /// What the columns are.
    pub columns_are: String,
    /// The columns, newest first.
    pub columns: Vec<Axis>,
    /// The rows, newest first.
    pub rows: Vec<MatrixRow>,
}

/// The head of a row or a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Axis {
    /// The version, or the name of a suite.
    pub text: String,
    /// Its page, where it has one.
    pub href: Option<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatrixRow {
    /// Its head.
    pub axis: Axis,
    /// Its cells, one a column.
    pub cells: Vec<MatrixCell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixCell {
    /// The worst that is known.
    pub mark: Mark,
    /// Whether the last test is long ago; the cell is faded then.
    pub aged: bool,
    /// Its page; none where it is untested.
    pub href: Option<String>,
    /// `191 of 194`, or empty.
    pub n: String,
    /// The date of the last test, or empty.
    pub date: String,
    /// `confirmed`, `differs` or `not published`, or empty.
    pub stance: String,
    /// All of it in words, for whoever hovers or listens.
    pub words: String,
}

/// The combination to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommended {
    /// Its cell.
    pub cell: Link,
    /// Why this one: "the newest with no unexplained failure and no untested suite".
    pub reason: String,
}

/// `/cells/<combination>/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellPage {
    /// What every page has.
    pub shell: Shell,
    /// Its scenarios by their newest outcome.
    pub counts: Vec<Count>,
    /// Rate with its interval, number of runs, last test, versions of everything in it.
    pub facts: Vec<Fact>,
    /// Its last runs, from `render::chart::strip`.
    pub strip: Html,
    /// The runs it rests on.
    pub runs: Vec<Link>,
    /// The commands that repeat it, one for each suite.
    pub repeat: Vec<Command>,
    /// How it stands beside what others published.
    pub published: Vec<PublishedView>,
    /// The cells beside it, and what differs.
    pub neighbours: Vec<Neighbour>,
    /// The scenarios that are first bad on these versions.
    pub broken: Vec<Broken>,
    /// Its scenarios, from `render::row::cases`.
    pub cases: Cases,
}

impl Page for CellPage {
    const TEMPLATE: &'static str = "cell.html";
}

/// What was measured of something that others published, or of what nobody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedView {
    /// `confirmed`, `differs` or `not published`.
    pub stance: String,
    /// What that means here.
    pub sentence: String,
    /// The known issue, where one was published.
    pub issue: Option<Link>,
    /// Where others described it.
    pub sources: Vec<OutsideLink>,
    /// The scenarios that say so, each in the run that it was measured in.
    pub evidence: Vec<Evidence>,
    /// How many more there are, in words; empty where all are listed.
    pub rest: String,
}

/// A result that something rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it came to.
    pub mark: Mark,
    /// The scenario.
    pub case: Link,
    /// The run.
    pub run: Link,
}

/// A cell one step away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Neighbour {
    /// Which step: `livekit 1.11.0 → 1.13.5`.
    pub step: String,
    /// The other cell.
    pub cell: Link,
    /// What it is.
    pub mark: Mark,
    /// What differs.
    pub changes: Changes,
}
