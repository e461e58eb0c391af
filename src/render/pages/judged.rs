//! What outcomes are shown as, where known issues explain some of them.

use super::context::{Context, state_mark};
use crate::{
    history::Outline,
    model::{Counts, Outcome},
    render::{format, mark::Mark, view::Count},
    report::{KnownCount, State},
};

impl Context<'_> {
    /// What a run came to.
    pub(super) fn run_mark(&self, idx: usize) -> Mark {
        let run = self.run(idx);
        if run.head.failed_outside_cases {
            return Mark::Fail;
        }
        state_mark(State::explained(&run.counts, &self.known_in(idx), run.flaky))
    }

    /// The outcomes of the failing cases of a run that are known.
    pub(super) fn known_in(&self, idx: usize) -> Counts {
        self.report.knowledge.known_in(idx)
    }

    /// What a case came to in one run.
    pub(super) fn result_mark(&self, run: usize, result: &Outline) -> Mark {
        self.judged(run, (result.case, result.outcome, result.flaky))
    }

    /// What a case is shown as: what it came to in the run that it is judged by.
    pub(super) fn case_mark(&self, case: u32) -> Mark {
        let fact = &self.report.cases[case as usize];
        self.judged(fact.run, (case, fact.outcome, fact.flaky))
    }

    /// The mark of the outcome of a case in a run, of a case that may be flaky.
    pub(super) fn judged(&self, run: usize, (case, outcome, flaky): (u32, Outcome, bool)) -> Mark {
        if outcome.is_failing() && self.report.knowledge.is_known(run, case) {
            return Mark::Known;
        }
        judged(outcome, flaky)
    }

    /// `191 of 194 passed, 3 failed: 2 known, 1 unexplained`, where `known` of the failures are known.
    pub(super) fn passed_of(&self, counts: &Counts, known: &Counts) -> String {
        match (self.report.knowledge.count_as, known.failing()) {
            (_, 0) => passed_of(counts, 0),
            (KnownCount::Known, n) => passed_of(&counts.without(known), n),
            (KnownCount::Failed, n) => {
                let rest = counts.failing().saturating_sub(n);
                let known = match (rest, counts.failing()) {
                    (0, 1) => "known".to_owned(),
                    (0, _) => "all known".to_owned(),
                    _ => format!("{n} known, {rest} unexplained"),
                };
                format!("{} ({known})", passed_of(counts, 0))
            }
        }
    }

    /// What a run came to.
    pub(super) fn run_counts(&self, idx: usize) -> String {
        self.passed_of(&self.run(idx).counts, &self.known_in(idx))
    }

    /// The ids of the issues that explain a case of a run, joined.
    pub(super) fn explained_by(&self, run: usize, case: u32) -> String {
        self.report.knowledge.explaining(run, case).collect::<Vec<_>>().join(", ")
    }
}

/// The mark of an outcome, of a case that may be flaky.
fn judged(outcome: Outcome, flaky: bool) -> Mark {
    match outcome {
        Outcome::Passed if flaky => Mark::Flaky,
        outcome => outcome.into(),
    }
}

/// `191 of 194 passed, 2 known, 1 failed`, where so many are known that are not among the counts.
pub(super) fn passed_of(counts: &Counts, known: u32) -> String {
    let all = u64::from(counts.total()) + u64::from(known);
    let passed = u64::from(counts.of(Outcome::Passed));
    let mut text = format!("{} of {} passed", format::number(passed), format::number(all));
    if known > 0 {
        text += &format!(", {} known", format::number(known.into()));
    }
    for (outcome, n) in counts.iter().rev().filter(|(it, _)| *it != Outcome::Passed) {
        text += &format!(", {} {outcome}", format::number(n.into()));
    }
    text
}

/// The outcomes as chips, the worst first, and the failures that are known on their own.
pub(super) fn chips(counts: &Counts, known: &Counts, flaky: u32) -> Vec<Count> {
    let chip = |mark: Mark, n: u32| Count { mark, n: format::number(n.into()) };
    let mut chips: Vec<Count> =
        counts.without(known).iter().rev().map(|(outcome, n)| chip(outcome.into(), n)).collect();
    if known.failing() > 0 {
        chips.push(chip(Mark::Known, known.failing()));
    }
    if flaky > 0 {
        chips.push(chip(Mark::Flaky, flaky));
    }
    chips
}
