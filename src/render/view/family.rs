//! Failure families: how often, out of how many, and what differs.

use serde::Serialize;

use super::{Command, Empty, Fact, Figure, Link, Page, Pager, Shell};
use crate::render::{escape::Html, mark::Mark};

/// `/families/` and its further pages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamiliesPage {
    /// What every page has.
    pub shell: Shell,
    /// How much known issues explain, where anything failed; on the first page only.
    pub coverage: Option<CoverageView>,
    /// The families, those of most runs first.
    pub rows: Vec<FamilyRow>,
    /// Which families this page lists.
    pub pager: Pager,
    /// What stands here where nothing ever failed.
    pub empty: Option<Empty>,
}

impl Page for FamiliesPage {
    const TEMPLATE: &'static str = "families.html";
}

/// A family in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyRow {
    /// Whether the newest runs have it.
    pub mark: Mark,
    /// Its page, empty where it has none of its own.
    pub href: String,
    /// Its id.
    pub id: String,
    /// Its message with marks.
    pub title: String,
    /// The exception or error type, or empty.
    pub type_name: String,
    /// `3 of 40 runs`.
    pub count: String,
    /// The issues that explain any of it.
    pub issues: Vec<Link>,
    /// What is not explained of it, in words; empty where it is explained in full.
    pub open: String,
    /// How many scenarios failed so.
    pub cases: String,
    /// The date of the first run with it.
    pub first: String,
    /// The date of the newest run with it.
    pub last: String,
}

/// How much of what failed known issues explain, and what is to be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageView {
    /// In a sentence or two.
    pub sentence: String,
    /// Families that keep coming and that nothing explains.
    pub families: Vec<OpenFamily>,
    /// How many more there are, with the list of all.
    pub rest: Option<Link>,
}

/// A family that is to be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenFamily {
    /// Its page.
    pub family: Link,
    /// In how many runs nothing explains it, and when last.
    pub count: String,
}

/// `/families/<id>/`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyPage {
    /// What every page has; its title is the message with marks.
    pub shell: Shell,
    /// The exception or error type, or empty.
    pub type_name: String,
    /// The whole message with marks.
    pub message: String,
    /// Where in the code it came from, where the message alone does not tell.
    pub place: String,
    /// First and last seen, rate, known issues, id.
    pub facts: Vec<Fact>,
    /// What makes a known issue of it, where nothing explains it in full.
    pub draft: Option<Command>,
    /// Its last runs, from `render::chart::strip`.
    pub strip: Html,
    /// How many scenarios failed so in each run.
    pub figure: Option<Figure>,
    /// On which versions, newest first.
    pub versions: Vec<FamilyVersion>,
    /// The scenarios that failed so, the most often first.
    pub members: Vec<Member>,
    /// How many more there are, in words; empty where all are listed.
    pub rest: String,
    /// What stood in place of each mark.
    pub differences: Vec<DifferenceRow>,
    /// What the differences are taken from, in words.
    pub told: String,
    /// Some messages as they were written.
    pub examples: Vec<Example>,
    /// The family that this one went into, where this is only a former address of it.
    pub joined: Option<Link>,
}

impl Page for FamilyPage {
    const TEMPLATE: &'static str = "family.html";
}

/// A family on one combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyVersion {
    /// The cell of the combination.
    pub cell: Link,
    /// Failed, where its newest run there has it.
    pub mark: Option<Mark>,
    /// `3 of 4 runs`.
    pub count: String,
    /// The interval of that rate.
    pub interval: String,
    /// The newest run there.
    pub run: Link,
}

/// A scenario that failed so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// What it is now.
    pub mark: Mark,
    /// The scenario.
    pub case: Link,
    /// Where it stands.
    pub path: String,
    /// In how many runs it failed so.
    pub count: String,
}

/// What stood in place of one mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DifferenceRow {
    /// The mark with the words before it.
    pub place: String,
    /// The values, the most frequent first.
    pub values: String,
}

/// A message as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The run.
    pub run: Link,
    /// The scenario.
    pub case: Link,
    /// What it said.
    pub message: String,
}
