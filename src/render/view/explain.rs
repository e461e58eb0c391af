//! What known issues stand in logs, as a page that is a file of its own.

use serde::Serialize;

use super::{OutsideLink, Page, TraceView};
use crate::render::engine::ASSETS;

/// The page that `lkreport explain --html` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainPage {
    /// What was found in how much, in a sentence.
    pub answer: String,
    /// The versions that the logs name, or empty.
    pub versions: String,
    /// The issues, the worst first.
    pub findings: Vec<ExplainedIssue>,
    /// How it looks; it stands in the file, because there is no site beside it.
    pub style: &'static str,
}

impl Page for ExplainPage {
    const TEMPLATE: &'static str = "explain.html";
}

impl ExplainPage {
    /// How the pages of the site look.
    #[must_use]
    pub fn style() -> &'static str {
        ASSETS.get_file("site.css").and_then(|it| it.contents_utf8()).unwrap_or_default()
    }
}

/// An issue that stands in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedIssue {
    /// What it is called by.
    pub id: String,
    /// What happens.
    pub title: String,
    /// Components, severity, status and certainty.
    pub said: String,
    /// The places, and the lines that stand there.
    pub places: Vec<TraceView>,
    /// How many more there are, in words, or empty.
    pub more: String,
    /// What a reader can do about it, and what else has to be known.
    pub advice: Vec<String>,
    /// Where it was described.
    pub links: Vec<OutsideLink>,
}
