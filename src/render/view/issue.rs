//! Known issues: does it concern me?

use serde::Serialize;

use super::{Fact, Link, OutsideLink, Page, Shell};
use crate::render::mark::Mark;

/// `/issues/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IssuesPage {
    /// What every page has.
    pub shell: Shell,
    /// The issues by how much they concern the reader.
    pub groups: Vec<IssueGroup>,
}

impl Page for IssuesPage {
    const TEMPLATE: &'static str = "issues.html";
}

/// Some of the issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueGroup {
    /// What they have in common.
    pub title: String,
    /// They.
    pub rows: Vec<IssueRow>,
}

/// An issue in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    /// Its page.
    pub issue: Link,
    /// What happens.
    pub title: String,
    /// What became of it.
    pub status: String,
    /// How much it hurts.
    pub severity: String,
    /// Where it comes from.
    pub components: String,
    /// `2 of 40 runs, last 2026-11-21`, or empty.
    pub seen: String,
    /// `stale`, `resurrected` and the like, or empty.
    pub remarks: String,
}

/// `/issues/<id>/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IssuePage {
    /// What every page has.
    pub shell: Shell,
    /// What a reader can do about it, or empty.
    pub workaround: String,
    /// What else has to be known, or empty.
    pub note: String,
    /// Its versions, for each component that matters.
    pub lines: Vec<VersionLine>,
    /// What was written of affected versions, a sentence each.
    pub ranges: Vec<String>,
    /// What is to be said of its entry in the catalogue.
    pub remarks: Vec<RemarkView>,
    /// Status, severity, components and the like.
    pub facts: Vec<Fact>,
    /// The failure families that it explains, those of most runs first.
    pub families: Vec<Link>,
    /// Where it was recognised, newest first.
    pub seen: Vec<SeenRow>,
    /// How many more there are, in words; empty where all are listed.
    pub rest: String,
    /// Where it was described.
    pub links: Vec<OutsideLink>,
    /// What is looked for.
    pub patterns: Vec<LookedFor>,
    /// Texts that are recognised.
    pub matching: Vec<String>,
    /// Texts that look alike and are not.
    pub other: Vec<String>,
}

impl Page for IssuePage {
    const TEMPLATE: &'static str = "issue.html";
}

/// The versions of a component from the first that has the issue to those that do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionLine {
    /// The component.
    pub component: String,
    /// Its versions, oldest first.
    pub points: Vec<VersionPoint>,
}

/// A version on the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionPoint {
    /// The version.
    pub version: String,
    /// Whether it has the issue.
    pub mark: Mark,
    /// `affected`, `fixed` or `not affected`.
    pub word: &'static str,
    /// Whether a run used it.
    pub ran: bool,
}

/// A remark with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemarkView {
    /// `stale`, `resurrected`, `too broad` or `review due`.
    pub word: &'static str,
    /// Why.
    pub sentence: String,
    /// The runs or failure families that say so.
    pub evidence: Vec<Link>,
}

/// A run and a case in which an issue was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenRow {
    /// The run.
    pub run: Link,
    /// Its versions.
    pub versions: String,
    /// The case.
    pub case: Link,
    /// What that says.
    pub mark: Mark,
    /// The same in words.
    pub says: String,
    /// By what.
    pub traces: Vec<TraceView>,
}

/// A line by which an issue was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceView {
    /// The line.
    pub text: String,
    /// `message`, `livekit line 4,711`.
    pub place: String,
    /// Where it stands, or empty.
    pub href: String,
}

/// A pattern of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookedFor {
    /// Where it has to stand.
    pub place: String,
    /// The regular expression.
    pub pattern: String,
}

/// An issue that was recognised in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchView {
    /// Its page.
    pub issue: Link,
    /// What happens.
    pub title: String,
    /// Whether it explains the failure.
    pub mark: Option<Mark>,
    /// Why it does not, or empty.
    pub says: String,
    /// By what it was recognised.
    pub traces: Vec<TraceView>,
    /// What a reader can do about it, or empty.
    pub workaround: String,
}
