//! Which runs of a suite can be compared with each other, and in which order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::level::{LEAST, WINDOW};
use crate::{
    history::Past,
    model::{Combination, Component, Metric, Outcome, RunHead, Version},
};

/// How many runs of a series are looked at: the newest.
const LOOKED_AT: usize = 120;

/// What follows each other in a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// All runs over time: the versions follow each other, and do not take turns.
    Whole,
    /// The runs on one combination over time.
    One,
    /// The versions of one component, each with its newest runs; nothing else differs.
    Along,
}

/// Runs that can be compared, as indices into `Past::runs`.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) kind: Kind,
    /// In order, each with the number of what follows each other.
    pub(super) runs: Vec<(usize, usize)>,
}

/// The series of all suites; none with too few runs to say anything.
pub(super) fn series(
    past: &Past,
    (combinations, ranks): (&[Combination], &[usize]),
    default_branch: &str,
) -> Vec<Series> {
    // Most runs are like others, word by word.
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for (idx, run) in past.runs.iter().enumerate() {
        let RunHead { suite, branch, runtime, network, browser, environment, .. } = &run.head;
        let how = (suite, branch, runtime, network, browser, environment);
        alike.entry(how).or_default().push(idx);
    }
    let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for runs in alike.into_values() {
        let head = &past.runs[runs[0]].head;
        groups.entry(circumstances(head, default_branch)).or_default().extend(runs);
    }
    let mut found = Vec::new();
    for mut runs in groups.into_values() {
        runs.sort_unstable();
        let mut by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        runs.iter().for_each(|idx| by.entry(ranks[*idx]).or_default().push(*idx));
        let mut followed: Vec<usize> = runs.iter().map(|idx| ranks[*idx]).collect();
        followed.dedup();
        // Where each combination ran once, nobody knows whether they would take turns.
        if followed.len() == by.len() && runs.len() > by.len() {
            found.push(over_time(Kind::Whole, &runs));
            continue;
        }
        found.extend(by.values().map(|runs| over_time(Kind::One, runs)));
        found.extend(along(combinations, &by));
    }
    found.retain(|it| it.runs.len() >= 2 * LEAST);
    found
}

/// What has to be the same: suite, branch, and how and where it ran but for versions.
fn circumstances(head: &RunHead, default_branch: &str) -> Vec<String> {
    let branch = head.branch.as_deref().unwrap_or(default_branch);
    let how = [&head.runtime, &head.network, &head.browser];
    let how = how.map(|it| bare(it.as_deref().unwrap_or_default()));
    let place = head.environment.iter().map(|(name, it)| format!("{name} {}", bare(it)));
    [head.suite.clone(), branch.to_owned()].into_iter().chain(how).chain(place).collect()
}

/// A text without its version numbers: a newer browser is what one wants to see.
fn bare(text: &str) -> String {
    let is_number =
        |it: &&str| it.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    text.split_whitespace().filter(|it| !is_number(it)).collect::<Vec<_>>().join(" ")
}

fn over_time(kind: Kind, runs: &[usize]) -> Series {
    let newest = &runs[runs.len().saturating_sub(LOOKED_AT)..];
    Series { kind, runs: newest.iter().map(|it| (*it, *it)).collect() }
}

/// For each component and each combination of all others, the runs from version to version; `by` are the
/// runs of each combination.
fn along(combinations: &[Combination], by: &BTreeMap<usize, Vec<usize>>) -> Vec<Series> {
    let combination = |runs: &[usize]| &combinations[runs[0]];
    let components: BTreeSet<&Component> =
        by.values().flat_map(|it| combination(it).iter()).map(|it| it.0).collect();
    let mut found = Vec::new();
    for component in components {
        let mut groups: BTreeMap<Vec<_>, BTreeMap<&Version, &[usize]>> = BTreeMap::new();
        for runs in by.values() {
            let Some(version) = combination(runs).get(component) else { continue };
            let others = combination(runs).iter().filter(|it| it.0 != component).collect();
            groups.entry(others).or_default().insert(version, runs);
        }
        for versions in groups.into_values().filter(|it| it.len() > 1) {
            let newest = |runs: &[usize]| runs[runs.len().saturating_sub(WINDOW)..].to_vec();
            let each = versions.values().enumerate();
            let runs: Vec<(usize, usize)> = each
                .flat_map(|(n, runs)| newest(runs).into_iter().map(move |it| (it, n)))
                .collect();
            let newest = runs[runs.len().saturating_sub(LOOKED_AT)..].to_vec();
            found.push(Series { kind: Kind::Along, runs: newest });
        }
    }
    found
}

/// The value of a metric of a case in a run, where it says something.
pub(super) fn value(
    past: &Past,
    run: usize,
    it: &crate::history::Outline,
    metric: Metric,
) -> Option<f64> {
    let passed = it.outcome == Outcome::Passed;
    match metric {
        // What failed ended early or waited in vain, and what was tried again took longer for that.
        Metric::Duration => (passed && it.attempts == 1 && it.millis != u32::MAX)
            .then(|| f64::from(it.millis) / 1_000.0),
        Metric::Rate => it.outcome.is_evidence().then(|| f64::from(passed)),
        _ => {
            let is_whole = passed || it.outcome == Outcome::Degraded;
            past.runs[run].measured_of(it.case).filter(|_| is_whole)?.get(metric)
        }
    }
}
