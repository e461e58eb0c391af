//! Whether what was measured confirms what others published, or differs from it.
//!
//! What is published are the known issues that others described for certain versions. Our own runs
//! cannot confirm themselves, so an issue that only they describe is not published.

use std::collections::BTreeMap;

use super::{Cell, Knowledge};
use crate::{
    history::{Known, Past},
    issues::{Applies, Bearing, Issue, Strength, Versions, versions_of},
    model::{Combination, Outcome},
};

/// Where our own results are described.
const OWN: &str = env!("CARGO_PKG_REPOSITORY");

/// How a cell stands beside what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    /// A published failure shows.
    Confirmed,
    /// Something fails that nobody else described.
    Unpublished,
    /// A published failure does not show where it should, or shows where it is said to be fixed.
    Differs,
}

impl Stance {
    /// The word for people and for files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Unpublished => "not published",
            Self::Differs => "differs",
        }
    }
}

/// A known issue beside a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The issue.
    pub issue: String,
    /// What was measured of it: never [`Stance::Unpublished`].
    pub stance: Stance,
    /// Whether it is said to be fixed in these versions, and shows.
    pub is_back: bool,
    /// The results that say so, each as case and run.
    pub evidence: Vec<(u32, usize)>,
}

/// How a cell stands beside what is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The issues of others that concern it.
    pub published: Vec<Published>,
    /// The failures that nobody else described, each as case and run.
    pub unpublished: Vec<(u32, usize)>,
}

impl Standing {
    /// What is said of the whole cell: what differs first.
    #[must_use]
    pub fn stance(&self) -> Option<Stance> {
        let unpublished = (!self.unpublished.is_empty()).then_some(Stance::Unpublished);
        self.published.iter().map(|it| it.stance).chain(unpublished).max()
    }
}

/// The links of an issue that lead to somebody else.
pub fn sources(issue: &Issue) -> impl Iterator<Item = &str> {
    let is_own =
        |it: &&str| it.strip_prefix(OWN).is_some_and(|it| it.is_empty() || it.starts_with('/'));
    issue.links.iter().map(String::as_str).filter(move |it| !is_own(it))
}

/// How those cells stand beside what is published of which there is something to say, by their ids.
pub(super) fn standings(
    past: &Past,
    knowledge: &Knowledge,
    cells: &BTreeMap<String, Cell>,
) -> BTreeMap<String, Standing> {
    // Where nothing published is at hand, that nothing is published says nothing.
    if !knowledge.catalogue.issues().iter().any(is_published) {
        return BTreeMap::new();
    }
    let all = cells.iter().map(|(id, cell)| (id.clone(), standing(past, knowledge, cell)));
    all.filter(|(_, it)| it.stance().is_some()).collect()
}

/// How `cell` stands beside what is published.
fn standing(past: &Past, knowledge: &Knowledge, cell: &Cell) -> Standing {
    let ran: BTreeMap<usize, Versions> =
        cell.cases.iter().map(|it| (it.run, versions_of(&past.runs[it.run].head))).collect();
    let mut standing = Standing::default();
    for issue in knowledge.catalogue.issues().iter().filter(|it| is_published(it)) {
        standing.published.extend(beside(past, knowledge, (cell, &ran), issue));
    }
    for it in cell.cases.iter().filter(|it| it.outcome.is_failing()) {
        let is_described = (knowledge.recognised(it.run, it.case))
            .filter(|(_, bearing)| matches!(bearing, Bearing::Explains | Bearing::Resurrected))
            .filter_map(|(id, _)| knowledge.issue(id))
            .any(|(issue, _)| sources(issue).next().is_some());
        if !is_described {
            standing.unpublished.push((it.case, it.run));
        }
    }
    standing
}

/// Whether somebody else described it, for certain versions, and its patterns have no other cause.
fn is_published(issue: &Issue) -> bool {
    let names_versions = !(issue.affected.is_empty() && issue.fixed_in.is_empty());
    names_versions && issue.strength == Strength::Strong && sources(issue).next().is_some()
}

/// What the cell says of an issue: that it shows, that it came back, or that all that it is about
/// passes although the versions are among those that it concerns.
fn beside(
    past: &Past,
    knowledge: &Knowledge,
    (cell, ran): (&Cell, &BTreeMap<usize, Versions>),
    issue: &Issue,
) -> Option<Published> {
    let seen = |wanted: Bearing| {
        let shows = |it: &&super::CellCase| {
            it.outcome.is_failing()
                && knowledge.recognised(it.run, it.case).any(|it| it == (issue.id.as_str(), wanted))
        };
        cell.cases.iter().filter(shows).map(|it| (it.case, it.run)).collect::<Vec<_>>()
    };
    let said = |stance, is_back, evidence: Vec<(u32, usize)>| {
        let issue = issue.id.clone();
        (!evidence.is_empty()).then_some(Published { issue, stance, is_back, evidence })
    };
    if let Some(it) = said(Stance::Confirmed, false, seen(Bearing::Explains)) {
        return Some(it);
    }
    if let Some(it) = said(Stance::Differs, true, seen(Bearing::Resurrected)) {
        return Some(it);
    }
    if !names_a_version_of(issue, &cell.versions) {
        return None;
    }
    let mut passed = Vec::new();
    for it in cell.cases.iter().filter(|it| it.outcome.is_evidence()) {
        let claimed = ran.get(&it.run).map(|it| issue.applies(it)) == Some(Applies::Yes);
        let known = &past.cases[it.case as usize];
        let tags: Vec<&str> = known.tags.iter().map(AsRef::as_ref).collect();
        if claimed && issue.condition.is_about((&full_name(known), &tags)) == Some(true) {
            // What fails otherwise, or passes now and then, says nothing of the issue.
            if it.outcome != Outcome::Passed || it.flaky {
                return None;
            }
            passed.push((it.case, it.run));
        }
    }
    said(Stance::Differs, false, passed)
}

/// Whether the versions that an issue concerns are told by those of a cell: one that concerns other
/// components alone says nothing of it.
fn names_a_version_of(issue: &Issue, versions: &Combination) -> bool {
    let named = issue.affected.iter().flat_map(BTreeMap::keys).chain(issue.fixed_in.keys());
    let mut named = named.collect::<Vec<_>>();
    named.dedup();
    named.iter().all(|it| versions.get(it).is_some())
}

/// Where a case stands and what it is called, as the conditions of issues see it.
fn full_name(case: &Known) -> String {
    let path = case.path.iter().map(AsRef::as_ref);
    let named = [case.feature.as_deref(), case.rule.as_deref(), Some(&*case.name)];
    path.chain(named.into_iter().flatten()).collect::<Vec<&str>>().join(" › ")
}
