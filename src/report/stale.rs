//! Whether a known issue no longer shows where it should.

use std::collections::BTreeSet;

use super::{Remark, Report, Sighting, SuiteFact};
use crate::{
    history::{Known, Past},
    issues::{Applies, Bearing, Condition, Issue, Status, Versions, versions_of},
};

/// A silence that chance brings less often than this says something.
const CHANCE: f64 = 0.05;

/// The remark that `issue` is stale, from the newest runs of each suite on versions that it concerns.
pub(super) fn stale(
    past: &Past,
    report: &Report,
    issue: &Issue,
    sightings: &[Sighting],
) -> Option<Remark> {
    // A set-up is repaired and a design stays without anybody touching the issue.
    if matches!(issue.status, Status::Config | Status::Expected) {
        return None;
    }
    let seen: Vec<&Sighting> =
        sightings.iter().filter(|it| it.bearing == Bearing::Explains).collect();
    if seen.is_empty() && !asks_for_cases(&issue.condition) {
        return None;
    }
    let mut runs = Vec::new();
    for suite in &report.suites {
        for idx in suite.newest_by_combination.iter().copied() {
            let versions = versions_of(&past.runs[idx].head);
            if issue.applies(&versions) != Applies::Yes {
                continue;
            }
            if seen.iter().any(|it| it.run == idx) {
                return None;
            }
            if is_silent(past, report, (suite, idx), (issue, &versions), &seen) {
                runs.push(idx);
            }
        }
    }
    (!runs.is_empty()).then(|| Remark::Stale { runs, last: seen.last().map(|it| it.run) })
}

/// Whether the cases in which it should show ran in the newest run there, and did not show it for longer
/// than chance allows.
fn is_silent(
    past: &Past,
    report: &Report,
    (suite, idx): (&SuiteFact, usize),
    (issue, versions): (&Issue, &Versions),
    seen: &[&Sighting],
) -> bool {
    let rank = report.runs[idx].rank;
    let there: Vec<usize> = (suite.runs.iter().copied())
        .filter(|it| report.runs[*it].rank == rank && *it <= idx)
        .collect();
    let seen: Vec<&&Sighting> = seen.iter().filter(|it| there.contains(&it.run)).collect();
    let mut cases: BTreeSet<u32> = seen.iter().map(|it| it.case).collect();
    if asks_for_cases(&issue.condition) {
        let results = past.runs[idx].results.iter().map(|it| it.case);
        cases.extend(results.filter(|it| is_meant(issue, &past.cases[*it as usize], versions)));
    }
    let ran = |run: &usize| {
        past.runs[*run]
            .results
            .iter()
            .any(|it| it.outcome.is_evidence() && cases.contains(&it.case))
    };
    if !ran(&idx) {
        return false;
    }
    let Some(last) = seen.iter().map(|it| it.run).max() else { return true };
    let with: BTreeSet<usize> = seen.iter().map(|it| it.run).collect();
    let before = there.iter().filter(|it| **it <= last && ran(it)).count().max(1);
    let since = there.iter().filter(|it| **it > last && ran(it)).count();
    let share = (with.len() as f64 / before as f64).min(1.0);
    (1.0 - share).powi(i32::try_from(since).unwrap_or(i32::MAX)) < CHANCE
}

/// Whether a condition asks anything of the case.
fn asks_for_cases(condition: &Condition) -> bool {
    match condition {
        Condition::Any(parts) | Condition::All(parts) => parts.iter().any(asks_for_cases),
        Condition::Case(_) | Condition::Tag(_) => true,
        Condition::Pattern(..) | Condition::Versions(_) => false,
    }
}

/// Whether an issue would hold of a case if all its texts were there.
fn is_meant(issue: &Issue, known: &Known, versions: &Versions) -> bool {
    let path = known.path.iter().map(AsRef::as_ref);
    let named = [known.feature.as_deref(), known.rule.as_deref(), Some(&*known.name)];
    let name: Vec<&str> = path.chain(named.into_iter().flatten()).collect();
    let tags: Vec<&str> = known.tags.iter().map(AsRef::as_ref).collect();
    issue.condition.holds(&|_| true, Some((&name.join(" › "), &tags)), versions)
}
