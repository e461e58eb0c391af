//! The gate: whether runs bring unexplained news.
//!
//! What failed before, and what known issues explain and excuse, is no news. News is judged against the
//! comparable run by the rules of `docs/known-issues.md`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Rate, Remark, Report, Shift,
    news::{News, news},
};
use crate::{
    history::Past,
    model::{Counts, Metric, Outcome},
};

/// What the gate looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A failure family shows that did not before, and no excused known issue explains it.
    NewFailure,
    /// Cases fail that did not, as others did before, and no excused known issue explains it.
    Spread,
    /// A known issue shows on versions that are said to have the fix.
    Resurrected,
    /// Cases of the comparable run are gone.
    Lost,
    /// The pass rate fell further than chance explains.
    Rate,
    /// A metric of a case is worse since one of its last runs, or than the pinned baseline.
    Slower,
    /// The run failed outside of its cases.
    Outside,
    /// Something in its files could not be read.
    Problem,
    /// The run was cut short.
    CutShort,
    /// A known issue could not be read, so that nobody knows what it would excuse.
    BrokenIssue,
    /// A known issue no longer shows where it should.
    Stale,
    /// A known issue explains failures of many families.
    TooBroad,
    /// A known issue was to be reviewed.
    ReviewDue,
}

impl Check {
    /// All of them, those that matter most first.
    pub const ALL: [Self; 13] = [
        Self::NewFailure,
        Self::Spread,
        Self::Resurrected,
        Self::Lost,
        Self::Rate,
        Self::Slower,
        Self::Outside,
        Self::Problem,
        Self::CutShort,
        Self::BrokenIssue,
        Self::Stale,
        Self::TooBroad,
        Self::ReviewDue,
    ];

    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NewFailure => "new failure",
            Self::Spread => "spread",
            Self::Resurrected => "resurrected",
            Self::Lost => "lost",
            Self::Rate => "pass rate",
            Self::Slower => "slower",
            Self::Outside => "run failed",
            Self::Problem => "problem",
            Self::CutShort => "cut short",
            Self::BrokenIssue => "broken issue",
            Self::Stale => "stale",
            Self::TooBroad => "too broad",
            Self::ReviewDue => "review due",
        }
    }

    /// What it does unless somebody says otherwise.
    #[must_use]
    pub const fn usual(self) -> Level {
        match self {
            Self::Spread
            | Self::Slower
            | Self::CutShort
            | Self::Stale
            | Self::TooBroad
            | Self::ReviewDue => Level::Warn,
            _ => Level::Fail,
        }
    }
}

/// What a finding does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing; it is not even said.
    Ignore,
    /// It is said.
    Warn,
    /// It closes the gate.
    Fail,
}

/// What the gate goes by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateRules {
    /// What a check does, where it is not the usual.
    pub levels: BTreeMap<Check, Level>,
    /// How many of a kind a run may have before they count.
    pub allow: BTreeMap<Check, u32>,
    /// By how many percentage points the pass rate may fall in any case.
    pub drop: f64,
}

impl GateRules {
    fn level(&self, check: Check) -> Level {
        self.levels.get(&check).copied().unwrap_or_else(|| check.usual())
    }

    fn allows(&self, check: Check, n: usize) -> bool {
        n <= self.allow.get(&check).copied().unwrap_or(0) as usize
    }
}

/// Something that the gate found; indices point into the past, and those of families into
/// `Families::all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFinding {
    /// What.
    pub check: Check,
    /// What it does.
    pub level: Level,
    /// In which run, where it is of one.
    pub run: Option<usize>,
    /// In which cases, where it is of some.
    pub cases: Vec<u32>,
    /// Of which failure families, where it is of some.
    pub families: Vec<usize>,
    /// Why, in words.
    pub text: String,
}

/// What the gate says of some runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// What was found and is to be said, what closes the gate first.
    pub findings: Vec<GateFinding>,
    /// How many failures known issues explain and excuse, by issue.
    pub excused: BTreeMap<String, u32>,
    /// How many failures failed before and in the same way.
    pub old: u32,
}

impl Gate {
    /// Whether nothing closes it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.findings.iter().all(|it| it.level != Level::Fail)
    }
}

/// What the gate says of `runs`; `broken` are the known issues that could not be read.
#[must_use]
pub fn gate(
    (past, report): (&Past, &Report),
    runs: &[usize],
    broken: &[String],
    rules: &GateRules,
) -> Gate {
    let mut gate = Gate::default();
    for run in runs {
        of_run((past, report), *run, rules, &mut gate);
    }
    let mut add = |check, families: &[usize], text: String| {
        let (level, cases, families) = (rules.level(check), Vec::new(), families.to_vec());
        gate.findings.push(GateFinding { check, level, run: None, cases, families, text });
    };
    broken.iter().for_each(|it| add(Check::BrokenIssue, &[], it.clone()));
    let knowledge = &report.knowledge;
    for (issue, fact) in knowledge.catalogue.issues().iter().zip(&knowledge.issues) {
        for remark in &fact.remarks {
            match remark {
                Remark::Stale { .. } => {
                    add(Check::Stale, &[], format!("{} no longer shows where it should", issue.id));
                }
                Remark::TooBroad { families } => {
                    let text = format!("{} explains {} failure families", issue.id, families.len());
                    add(Check::TooBroad, families, text);
                }
                Remark::ReviewDue { by } => {
                    add(Check::ReviewDue, &[], format!("{} was to be reviewed by {by}", issue.id));
                }
                // What comes back is told of the run in which it does.
                Remark::Resurrected { .. } => {}
            }
        }
    }
    gate.findings.retain(|it| it.level != Level::Ignore);
    gate.findings.sort_by_key(|it| (std::cmp::Reverse(it.level), it.check));
    gate
}

fn of_run((past, report): (&Past, &Report), idx: usize, rules: &GateRules, gate: &mut Gate) {
    let run = &past.runs[idx];
    let base = report.runs[idx].comparison.base;
    let mut found = news((past, report), idx, gate);
    let mut add = |check, text: String| found.push((check, News { text, ..News::default() }));
    let lost = &report.runs[idx].transitions.lost;
    if !rules.allows(Check::Lost, lost.len()) {
        let names = lost.iter().take(3).map(|it| past.cases[*it as usize].name.to_string());
        let more = if lost.len() > 3 { ", …" } else { "" };
        let names = names.collect::<Vec<_>>().join(", ");
        add(Check::Lost, format!("{} of the comparable run are gone: {names}{more}", lost.len()));
    }
    if let Some(base) = base
        && let Some(text) = drop(report, (past, base, idx), rules.drop)
    {
        add(Check::Rate, text);
    }
    if run.head.failed_outside_cases {
        add(Check::Outside, "the run failed outside of its scenarios".to_owned());
    }
    if run.head.cut_short {
        add(Check::CutShort, "scenarios may be missing".to_owned());
    }
    let problems = run.problems as usize;
    if !rules.allows(Check::Problem, problems) {
        add(Check::Problem, format!("{problems} in its files could not be read whole"));
    }
    found.extend(slower((past, report), idx));
    let new = found.iter().filter(|it| it.0 == Check::NewFailure).count();
    for (check, News { cases, family, text }) in found {
        if check == Check::NewFailure && rules.allows(check, new) {
            continue;
        }
        let (level, families) = (rules.level(check), family.into_iter().collect());
        gate.findings.push(GateFinding { check, level, run: Some(idx), cases, families, text });
    }
}

/// The metrics that are worse as this run showed first, and those that still are worse than a pinned
/// baseline in it.
fn slower<'a>(
    (past, report): (&'a Past, &'a Report),
    idx: usize,
) -> impl Iterator<Item = (Check, News)> {
    let shifts = report.shifts.all.iter();
    let is_meant = move |it: &&Shift| it.newest == idx && it.ended.is_none() && it.is_worse();
    let is_news = |it: &&Shift| it.is_news || it.baseline.is_some();
    shifts.filter(is_meant).filter(is_news).map(move |it| {
        let unit = if it.metric == Metric::Rate { "points" } else { "%" };
        let by = it.deviation().map_or(0.0, |it| it * 100.0);
        let than = match &it.baseline {
            Some(baseline) => format!("than the pinned {baseline}"),
            None => format!("since {}", past.runs[it.since].head.id),
        };
        let text = format!("{} {by:+.0} {unit} {than}", it.metric.word());
        (Check::Slower, News { cases: vec![it.case], family: None, text })
    })
}

/// What to say where the pass rate fell further than chance explains: the intervals of both runs do not
/// meet. What is known counts as if it had not run.
fn drop(report: &Report, (past, base, idx): (&Past, usize, usize), allowed: f64) -> Option<String> {
    let rate = |run: usize| {
        let known: Counts = report.knowledge.known_in(run);
        let counts = past.runs[run].counts.without(&known);
        Rate::new(counts.of(Outcome::Passed), counts.evidence())
    };
    let (before, now) = (rate(base), rate(idx));
    let percent = |it: &Rate| it.share().map(|it| it * 100.0);
    let (was, is) = (percent(&before)?, percent(&now)?);
    (now.high < before.low && was - is > allowed).then(|| {
        format!(
            "{is:.1} % passed after {was:.1} % (95 % intervals {:.1}–{:.1} and {:.1}–{:.1} %)",
            now.low * 100.0,
            now.high * 100.0,
            before.low * 100.0,
            before.high * 100.0,
        )
    })
}
