//! Cases that both passed and failed on the same versions and commit.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::Rate;
use crate::{
    history::Past,
    model::{Component, Outcome, Version},
};

/// A flaky case.
#[derive(Debug, Clone, PartialEq)]
pub struct Flaky {
    /// The case, as an index into `Past::cases`.
    pub case: u32,
    /// In how many runs it failed at least once, of those on versions and commits where it also
    /// passed.
    pub rate: Rate,
    /// The newest run that shows it, as an index into `Past::runs`.
    pub last_run: usize,
}

/// What a case did on one set of versions and one commit.
#[derive(Default)]
struct Tally {
    runs: u32,
    failed: u32,
    passed: bool,
    last_run: usize,
}

/// Finds the flaky cases, the most often failing first, and says for each run which cases are flaky
/// on its versions and commit, in the order of `Past::cases`.
///
/// Across runs only those are compared that name their commit: without one, nobody knows whether
/// the code was the same. Attempts of one run always are.
pub(super) fn flaky(past: &Past) -> (Vec<Flaky>, Vec<Arc<[u32]>>) {
    let mut cases: BTreeMap<u32, (u32, u32, usize)> = BTreeMap::new();
    let mut of_runs = vec![Arc::default(); past.runs.len()];
    for runs in runs_of_the_same_code(past) {
        let mut both: Vec<u32> = Vec::new();
        for (case, tally) in tally(past, &runs) {
            if tally.passed && tally.failed > 0 {
                let sum = cases.entry(case).or_default();
                *sum = (sum.0 + tally.failed, sum.1 + tally.runs, sum.2.max(tally.last_run));
                both.push(case);
            }
        }
        both.sort_unstable();
        let both: Arc<[u32]> = both.into();
        runs.iter().for_each(|run| of_runs[*run] = Arc::clone(&both));
    }
    let mut found: Vec<Flaky> = (cases.into_iter())
        .map(|(case, (k, n, last_run))| Flaky { case, rate: Rate::new(k, n), last_run })
        .collect();
    found.sort_by(|a, b| b.rate.low.total_cmp(&a.rate.low).then(a.case.cmp(&b.case)));
    (found, of_runs)
}

fn runs_of_the_same_code(past: &Past) -> Vec<Vec<usize>> {
    let mut same: HashMap<(&BTreeMap<Component, Version>, &str), usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (idx, run) in past.runs.iter().enumerate() {
        let fresh = groups.len();
        let place = match &run.head.commit {
            Some(commit) => *same.entry((&run.head.versions, commit)).or_insert(fresh),
            None => fresh,
        };
        if place == fresh {
            groups.push(Vec::new());
        }
        groups[place].push(idx);
    }
    groups
}

/// Of a run that stands alone only the results that are flaky in themselves can tell anything.
fn tally(past: &Past, runs: &[usize]) -> HashMap<u32, Tally> {
    let mut tallies: HashMap<u32, Tally> = HashMap::new();
    for &idx in runs {
        let telling = past.runs[idx].results.iter().filter(|it| it.flaky || runs.len() > 1);
        for result in telling.filter(|it| it.outcome.is_evidence()) {
            let failed = result.flaky || result.outcome.is_failing();
            let tally = tallies.entry(result.case).or_default();
            tally.runs += 1;
            tally.failed += u32::from(failed);
            tally.passed |= result.flaky || result.outcome == Outcome::Passed;
            if failed {
                tally.last_run = idx;
            }
        }
    }
    tallies
}
