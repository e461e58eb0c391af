//! A cell: what is known of some versions together.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::Rate;
use crate::{
    history::Past,
    model::{Combination, Counts, Outcome},
};

/// What a cell is shown as; the worst of its cases decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// No run, or none that exercised anything. Never shown as working.
    Untested,
    /// Everything passed.
    Passed,
    /// Nothing applies to these versions.
    Unsupported,
    /// Everything passed in the end, but something both passed and failed on the same code.
    Flaky,
    /// Something passed, but not as well as it should.
    Degraded,
    /// Something fails, and known issues explain all of it.
    Known,
    /// Something fails.
    Failed,
}

impl State {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untested => "untested",
            Self::Passed => "passed",
            Self::Unsupported => "unsupported",
            Self::Flaky => "flaky",
            Self::Degraded => "degraded",
            Self::Known => "known",
            Self::Failed => "failed",
        }
    }

    /// What cases with these outcomes add up to, of whose failures `known` are explained.
    #[must_use]
    pub fn explained(counts: &Counts, known: &Counts, flaky: u32) -> Self {
        match Self::of(counts, flaky) {
            Self::Failed if known.failing() >= counts.failing() => Self::Known,
            state => state,
        }
    }

    /// What cases with these outcomes add up to.
    #[must_use]
    pub fn of(counts: &Counts, flaky: u32) -> Self {
        if counts.failing() > 0 {
            Self::Failed
        } else if counts.of(Outcome::Degraded) > 0 {
            Self::Degraded
        } else if flaky > 0 {
            Self::Flaky
        } else if counts.of(Outcome::Passed) > 0 {
            Self::Passed
        } else if counts.of(Outcome::Unsupported) > 0 {
            Self::Unsupported
        } else {
            Self::Untested
        }
    }
}

/// Some versions together, with each case's newest result on them that says something.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The versions; a run belongs here when it names all of them.
    pub versions: Combination,
    /// Its runs, oldest first; indices into `Past::runs`.
    pub runs: Vec<usize>,
    /// What it is shown as.
    pub state: State,
    /// The newest outcome of each case, counted.
    pub counts: Counts,
    /// Of these, the failures that are known.
    pub known: Counts,
    /// How many of these newest results do not fail, of cases that are flaky on their code.
    pub flaky: u32,
    /// Passed results of all results that exercised the product, over all its runs.
    pub rate: Rate,
    /// Whether its newest run is older than the newest of all by more than the limit.
    pub aged: bool,
    /// The same by suite, for each suite that ran here.
    pub suites: BTreeMap<String, SuiteState>,
    /// The cases with their newest results, in the order of `Past::cases`.
    pub cases: Vec<CellCase>,
}

/// One suite in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteState {
    /// What it is shown as.
    pub state: State,
    /// The newest outcome of each of its cases, counted.
    pub counts: Counts,
    /// Of these, the failures that are known.
    pub known: Counts,
    /// How many of these do not fail, of cases that are flaky on their code.
    pub flaky: u32,
    /// Its newest run in the cell.
    pub last_run: usize,
}

/// A case's newest result in a cell that exercised the product, else its newest at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellCase {
    /// The case, as an index into `Past::cases`.
    pub case: u32,
    /// The run, as an index into `Past::runs`.
    pub run: usize,
    /// What happened in the end.
    pub outcome: Outcome,
    /// Whether it both passed and failed on the versions and commit of that run.
    pub flaky: bool,
    /// What newer runs say of it, which did not exercise the product, such as *skipped*.
    pub since: Option<Outcome>,
}

/// Whether all versions of `part` are among those of `whole`; none at all are a combination of their own.
fn contains(whole: &Combination, part: &Combination) -> bool {
    part.is_empty() == whole.is_empty()
        && part.iter().all(|(name, version)| whole.get(name) == Some(version))
}

/// Adds up all that is known of `versions`; `flaky_on` says for each run which cases are flaky on its
/// code, and `aged_before` is an index into `Past::runs` below which runs are old.
pub(super) fn cell(
    past: &Past,
    (combinations, flaky_on): (&[Combination], &[Arc<[u32]>]),
    versions: &Combination,
    aged_before: usize,
) -> Cell {
    let runs: Vec<usize> =
        (0..past.runs.len()).filter(|idx| contains(&combinations[*idx], versions)).collect();
    let cases = newest_results(past, &runs, flaky_on);
    let mut cell = Cell {
        versions: versions.clone(),
        state: State::Untested,
        counts: cases.iter().map(|it| it.outcome).collect(),
        known: Counts::default(),
        flaky: count_flaky(cases.iter()),
        rate: rate(past, &runs),
        aged: runs.last().is_some_and(|newest| *newest < aged_before),
        suites: suites(past, &runs, &cases),
        runs,
        cases,
    };
    cell.state = State::of(&cell.counts, cell.flaky);
    cell
}

/// The newest result of each case in `runs`, oldest first.
///
/// What did not exercise the product says nothing of it, so it hides no older result that did.
pub(super) fn newest_results(
    past: &Past,
    runs: &[usize],
    flaky_on: &[Arc<[u32]>],
) -> Vec<CellCase> {
    let mut newest: Vec<Option<CellCase>> = vec![None; past.cases.len()];
    for &run in runs.iter().rev() {
        for result in &past.runs[run].results {
            let place = &mut newest[result.case as usize];
            let since = match place {
                None => None,
                Some(it) if it.outcome.is_evidence() || !result.outcome.is_evidence() => continue,
                Some(it) => Some(it.outcome),
            };
            *place = Some(CellCase {
                case: result.case,
                run,
                outcome: result.outcome,
                flaky: flaky_on[run].binary_search(&result.case).is_ok(),
                since,
            });
        }
    }
    newest.into_iter().flatten().collect()
}

pub(super) fn count_flaky<'a>(cases: impl Iterator<Item = &'a CellCase>) -> u32 {
    let flaky = cases.filter(|it| it.flaky && !it.outcome.is_failing()).count();
    u32::try_from(flaky).unwrap_or(u32::MAX)
}

fn rate(past: &Past, runs: &[usize]) -> Rate {
    let mut all = Counts::default();
    for &run in runs {
        all.merge(&past.runs[run].counts);
    }
    Rate::new(all.of(Outcome::Passed), all.evidence())
}

fn suites(past: &Past, runs: &[usize], cases: &[CellCase]) -> BTreeMap<String, SuiteState> {
    let mut suites: BTreeMap<String, SuiteState> = BTreeMap::new();
    for &run in runs {
        let empty = SuiteState {
            state: State::Untested,
            counts: Counts::default(),
            known: Counts::default(),
            flaky: 0,
            last_run: run,
        };
        suites.entry(past.runs[run].head.suite.clone()).or_insert(empty).last_run = run;
    }
    for case in cases {
        let suite = past.cases[case.case as usize].suite.as_ref();
        if let Some(it) = suites.get_mut(suite) {
            it.counts.add(case.outcome);
            it.flaky += u32::from(case.flaky && !case.outcome.is_failing());
        }
    }
    for it in suites.values_mut() {
        it.state = State::of(&it.counts, it.flaky);
    }
    suites
}
