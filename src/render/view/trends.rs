//! Trends: better or worse?

use serde::Serialize;

use super::{Empty, Figure, Link, Page, Shell, ShiftsView};
use crate::render::escape::Html;

/// `/trends/` and its pages for a month or a version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendsPage {
    /// What every page has.
    pub shell: Shell,
    /// Where the reader may go without JavaScript: months, versions, suites.
    pub groups: Vec<TrendGroup>,
    /// Pass rate, duration, outcomes, attempts.
    pub figures: Vec<Figure>,
    /// The metrics of scenarios that shifted with one of the runs.
    pub shifts: Option<ShiftsView>,
    /// Which failures come again.
    pub patterns: Option<Patterns>,
    /// The runs behind the charts, newest first, from `render::row::runs`.
    pub rows: Html,
    /// What to do where there are fewer than two runs.
    pub empty: Option<Empty>,
}

impl Page for TrendsPage {
    const TEMPLATE: &'static str = "trends.html";
}

/// One way to narrow the trends down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrendGroup {
    /// `By month`.
    pub title: String,
    /// The pages.
    pub links: Vec<Link>,
}

/// The failures of many runs, by family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patterns {
    /// What there is to see.
    pub caption: String,
    /// A row for each family, those of most runs first.
    pub rows: Vec<PatternRow>,
}

/// A failure family over runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatternRow {
    /// Its message with marks, or what stands for it.
    pub title: String,
    /// The exception or error type, or empty.
    pub type_name: String,
    /// The page of the family.
    pub href: String,
    /// `7 of 24 runs`.
    pub count: String,
    /// The runs, from `render::chart::strip`.
    pub strip: Html,
}
