//! Failures of one run, grouped by family.

use std::collections::BTreeMap;

use super::Families;
use crate::{
    history::{Outline, PastRun},
    model::Run,
};

/// Failures of one family, the cases in the order of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureGroup {
    /// The family, as an index into `Families::all`.
    pub family: usize,
    /// The cases, as indices into the run's cases.
    pub cases: Vec<usize>,
}

/// Groups the failing cases of `run` by what their last failing attempts show, the most frequent
/// family first; `results` says what the past knows of each case.
#[must_use]
pub fn group_failures(
    families: &Families,
    past: &PastRun,
    (run, results): (&Run, &[Option<Outline>]),
) -> Vec<FailureGroup> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (idx, (case, result)) in run.cases.iter().zip(results).enumerate() {
        let Some(result) = result.filter(|_| case.outcome().is_failing()) else { continue };
        if let Some(failing) = past.failures_of(result.case).first() {
            groups.entry(families.of(*failing)).or_default().push(idx);
        }
    }
    let group = |(family, cases)| FailureGroup { family, cases };
    let mut groups: Vec<FailureGroup> = groups.into_iter().map(group).collect();
    groups.sort_by(|a, b| b.cases.len().cmp(&a.cases.len()).then(a.cases.cmp(&b.cases)));
    groups
}
