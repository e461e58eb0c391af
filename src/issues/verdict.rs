//! What known issues say of the failures of a run: which explain them, and by what evidence.
//!
//! A case is known only where each failure of each failing attempt is explained, so that a test that
//! is known to fail and fails for a new reason stays unexplained.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Applies, Catalogue, Issue, Matcher, Part, Severity, Strength, Versions};
use crate::model::{Case, CaseId, Failure, FamilyId, Run, RunHead, Version, shape_of};

/// How many places of an issue are kept for each case.
const TRACES: usize = 4;

/// An entry of a log that was kept of a run.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the log is called, such as `livekit` or `livekit-2`.
    pub log: String,
    /// The component that wrote it, where that is known.
    pub component: Option<&'static str>,
    /// Its first line in the whole log, from 1.
    pub line: u64,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// All its lines.
    pub text: String,
}

/// How much of a message heads a failure, in characters.
const HEADLINE: usize = 200;

/// What known issues say of a case that failed, or passed only after it had failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVerdict {
    /// The case.
    pub case: CaseId,
    /// Whether every failure of every failing attempt is explained.
    pub known: bool,
    /// What its last failing attempt says, shortened in the middle.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub headline: String,
    /// The shapes of the attempts of which something is not explained.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub open: BTreeSet<FamilyId>,
    /// The issues that were recognised, those that explain something first.
    pub matches: Vec<Match>,
}

/// An issue that was recognised in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The id of the issue.
    pub issue: String,
    /// What that says.
    pub bearing: Bearing,
    /// Where it was recognised.
    pub traces: Vec<Trace>,
    /// The shapes of the attempts of which it explains something.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shapes: BTreeSet<FamilyId>,
}

/// What it says of a failure that an issue was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bearing {
    /// The failure is this issue.
    Explains,
    /// The versions that took part are said to have the fix: it came back, or is something else.
    Resurrected,
    /// The text has other causes too, or nobody would notice the issue; it explains nothing.
    Hint,
    /// The issue concerns certain versions, and not all that matters is known of those that took part.
    Unsure,
    /// It is not known of the versions that took part.
    Elsewhere,
}

impl Bearing {
    /// The word for files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Explains => "explains",
            Self::Resurrected => "resurrected",
            Self::Hint => "hint",
            Self::Unsure => "unsure",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// A place at which an issue was recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trace {
    /// The attempt, from 1.
    pub attempt: usize,
    /// `message`, `stack`, or the name of a log.
    pub place: String,
    /// The line of the log; 0 elsewhere.
    #[serde(default)]
    pub line: u64,
    /// The line that was recognised.
    pub text: String,
}

/// The versions that took part in a run: those asked for, and where these mean nothing, like `latest`,
/// what the programs printed.
#[must_use]
pub fn versions_of(head: &RunHead) -> Versions {
    let mut versions = head.versions.clone();
    for (component, printed) in &head.reported {
        let said = versions.get(component);
        if said.is_none_or(|it| it.as_str().parse::<lkreport_contract::version::Version>().is_err())
        {
            versions.insert(component.clone(), Version::new(printed));
        }
    }
    versions
}

/// What all known issues say of the failures of `run`; `near` says of an attempt, by its number from 1, and an
/// entry of a log whether the entry may tell of that attempt.
pub fn judge(
    (catalogue, matcher): (&Catalogue, &Matcher<'_>),
    run: &Run,
    entries: &[Entry],
    near: &(dyn Fn(&Case, usize, &Entry) -> bool + Sync),
) -> Vec<CaseVerdict> {
    let found = |it: &'_ Entry| matcher.find_in_entry(it.component, &it.text);
    let logged: Vec<(&Entry, Vec<usize>)> =
        entries.par_iter().map(|it| (it, found(it))).filter(|it| !it.1.is_empty()).collect();
    let judging =
        Judging { catalogue, matcher, versions: versions_of(&run.head), logged: &logged, near };
    let failed = |it: &&Case| it.attempts.iter().any(|it| it.outcome.is_failing());
    run.cases.par_iter().filter(failed).map(|it| judging.case(&run.head.suite, it)).collect()
}

struct Judging<'a> {
    catalogue: &'a Catalogue,
    matcher: &'a Matcher<'a>,
    versions: Versions,
    logged: &'a [(&'a Entry, Vec<usize>)],
    near: &'a (dyn Fn(&Case, usize, &Entry) -> bool + Sync),
}

/// A pattern that was found at a place.
type Hit = (usize, Trace);

impl Judging<'_> {
    fn case(&self, suite: &str, case: &Case) -> CaseVerdict {
        let (mut open, mut matches) = (BTreeSet::new(), Vec::new());
        let name = full_name(case);
        let tags: Vec<&str> = case.tags.iter().map(AsRef::as_ref).collect();
        for (n, attempt) in (1..).zip(&case.attempts).filter(|(_, it)| it.outcome.is_failing()) {
            let shape = shape_of(case, attempt).id();
            let logged = self.logged(case, n);
            let detail = attempt.detail.as_deref();
            let failures = detail.map_or(&[][..], |it| &it.failures);
            let output = detail.and_then(|it| it.output.as_deref()).unwrap_or_default();
            let units: Vec<Option<&Failure>> = match failures {
                [] => vec![None],
                all => all.iter().map(Some).collect(),
            };
            for failure in units {
                let said = self.said(n, failure, output);
                if !self.unit((&name, &tags), shape, (&said, &logged), &mut matches) {
                    open.insert(shape);
                }
            }
        }
        matches.sort_by(|a, b| (a.bearing, &a.issue).cmp(&(b.bearing, &b.issue)));
        let failing = case.attempts.iter().rev().filter(|it| it.outcome.is_failing());
        let failures = || failing.clone().flat_map(|it| &it.detail).flat_map(|it| &it.failures);
        let message = failures().map(message_of).find(|it| !it.trim().is_empty());
        let words = message.iter().flat_map(|it| it.split_whitespace());
        let headline = words.collect::<Vec<_>>().join(" ");
        CaseVerdict {
            case: case.id(suite),
            known: open.is_empty(),
            headline: shortened(&headline),
            open,
            matches,
        }
    }

    /// What stands in the logs while an attempt ran, or about its room.
    fn logged(&self, case: &Case, n: usize) -> Vec<Hit> {
        let near = self.logged.iter().filter(|(entry, _)| (self.near)(case, n, entry));
        let hits = near.flat_map(|(entry, patterns)| {
            patterns.iter().map(move |it| {
                let (place, text) = (entry.log.clone(), self.matcher.line_of(*it, &entry.text));
                (*it, Trace { attempt: n, place, line: entry.line, text })
            })
        });
        hits.collect()
    }

    /// What stands in the message and the stack of a failure, and in what the test printed.
    fn said(&self, attempt: usize, failure: Option<&Failure>, output: &str) -> Vec<Hit> {
        let message = failure.map(message_of).unwrap_or_default();
        let stack = failure.map_or("", |it| &it.text);
        let parts = [
            (Part::Message, "message", message.as_str()),
            (Part::Stack, "stack", stack),
            (Part::Stack, "output", output),
        ];
        let found =
            parts.into_iter().filter(|it| !it.2.is_empty()).flat_map(|(part, place, text)| {
                self.matcher.find_in(part, text).into_iter().map(move |it| {
                    let text = self.matcher.line_of(it, text);
                    (it, Trace { attempt, place: place.to_owned(), line: 0, text })
                })
            });
        found.collect()
    }

    /// Adds the issues that hold of one failure of an attempt of that shape; whether one explains it.
    fn unit(
        &self,
        case: (&str, &[&str]),
        shape: FamilyId,
        (said, logged): (&[Hit], &[Hit]),
        matches: &mut Vec<Match>,
    ) -> bool {
        if said.is_empty() && logged.is_empty() {
            return false;
        }
        let hits = || said.iter().chain(logged);
        let found: BTreeSet<usize> = hits().map(|it| it.0).collect();
        let mut explained = false;
        for issue in self.catalogue.issues() {
            let patterns = issue.condition.patterns();
            let own: BTreeSet<usize> = patterns.iter().map(|it| it.1).collect();
            if own.is_disjoint(&found)
                || !issue.condition.holds(&|it| found.contains(&it), Some(case), &self.versions)
            {
                continue;
            }
            let is_said = said.iter().any(|it| own.contains(&it.0));
            let bearing = self.bearing(issue, is_said);
            explained |= bearing == Bearing::Explains;
            let traces = hits().filter(|it| own.contains(&it.0)).map(|it| it.1.clone());
            add(matches, &issue.id, (bearing, shape), traces);
        }
        explained
    }

    /// What an issue that holds says; `is_said` is whether the failure itself says so, and not a log alone.
    fn bearing(&self, issue: &Issue, is_said: bool) -> Bearing {
        // What nobody notices is logged by many a test that fails for another reason.
        let is_hint =
            issue.strength == Strength::Weak || (!is_said && issue.severity == Severity::Low);
        match issue.applies(&self.versions) {
            _ if is_hint => Bearing::Hint,
            Applies::Yes => Bearing::Explains,
            Applies::No if issue.is_fixed_in(&self.versions) => Bearing::Resurrected,
            Applies::No => Bearing::Elsewhere,
            Applies::Unknown => Bearing::Unsure,
        }
    }
}

fn add(
    matches: &mut Vec<Match>,
    issue: &str,
    (bearing, shape): (Bearing, FamilyId),
    traces: impl Iterator<Item = Trace>,
) {
    let place = matches.iter().position(|it| it.issue == issue).unwrap_or_else(|| {
        let (issue, traces) = (issue.to_owned(), Vec::new());
        matches.push(Match { issue, bearing, traces, shapes: BTreeSet::new() });
        matches.len() - 1
    });
    let it = &mut matches[place];
    it.bearing = it.bearing.min(bearing);
    for trace in traces {
        if it.traces.len() < TRACES && !it.traces.contains(&trace) {
            it.traces.push(trace);
        }
    }
    it.shapes.extend((bearing == Bearing::Explains).then_some(shape));
}

/// What patterns for messages are looked for in: the type of a failure stands before what it says.
fn message_of(failure: &Failure) -> String {
    match failure.type_name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() && !failure.message.starts_with(name) => {
            format!("{name}: {}", failure.message)
        }
        _ => failure.message.to_string(),
    }
}

/// The beginning of a text, and more of its end, which tells most.
fn shortened(text: &str) -> String {
    let n = text.chars().count();
    if n <= HEADLINE {
        return text.to_owned();
    }
    let begin: String = text.chars().take(HEADLINE / 3).collect();
    let end: String = text.chars().skip(n - HEADLINE * 2 / 3).collect();
    format!("{begin} … {end}")
}

/// Where a case stands and what it is called.
fn full_name(case: &Case) -> String {
    let path = case.path.iter().map(AsRef::as_ref);
    let named = [case.feature.as_deref(), case.rule.as_deref(), Some(&*case.name)];
    let parts: Vec<&str> = path.chain(named.into_iter().flatten()).collect();
    parts.join(" › ")
}
