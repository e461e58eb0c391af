//! How much of what fails known issues explain, family by family, and what is left to be investigated.

use std::collections::{BTreeMap, HashMap};

use super::{Families, Knowledge};
use crate::{
    history::{Failing, Past},
    issues::Bearing,
    model::FamilyId,
};

/// A family that nothing explains in so many runs is to be investigated.
const RECURRING: usize = 2;

/// What known issues say of a failure family. A failure here is a case of a run that failed so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FamilyFact {
    /// How many failures it has.
    pub failures: u32,
    /// How many of them are explained.
    pub explained: u32,
    /// The issues that explain any, as places in the catalogue, and how many; those of most first.
    pub issues: Vec<(usize, u32)>,
    /// The runs in which one is not explained, oldest first.
    pub open: Vec<usize>,
}

impl FamilyFact {
    /// What there is to say while nobody asked known issues.
    pub(super) const NOTHING: &'static Self =
        &Self { failures: 0, explained: 0, issues: Vec::new(), open: Vec::new() };

    /// Whether every failure is explained.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.explained > 0 && self.open.is_empty()
    }

    /// Whether it keeps coming, and nobody knows why.
    #[must_use]
    pub const fn is_to_be_investigated(&self) -> bool {
        self.open.len() >= RECURRING
    }

    /// Whether a failure of a run is not explained.
    #[must_use]
    pub fn is_open_in(&self, run: usize) -> bool {
        self.open.binary_search(&run).is_ok()
    }
}

/// How much of what failed in the kept runs known issues explain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many failures there are: one for each family that a case of a run failed with.
    pub failures: u32,
    /// How many of them are explained.
    pub explained: u32,
    /// How many families there are.
    pub families: u32,
    /// How many of them are explained throughout.
    pub known_families: u32,
}

impl Coverage {
    /// The share of failures that are explained, and that of families, in percent; nothing where
    /// nothing failed.
    #[must_use]
    pub fn percent(&self) -> Option<(f64, f64)> {
        let share = |k: u32, n: u32| (n > 0).then(|| f64::from(k) / f64::from(n) * 100.0);
        Some((share(self.explained, self.failures)?, share(self.known_families, self.families)?))
    }
}

/// What known issues say of each family, in the order of `families`.
pub(super) fn family_facts(
    past: &Past,
    families: &Families,
    knowledge: &Knowledge,
) -> Vec<FamilyFact> {
    let ids: Vec<FamilyId> = past.shapes.iter().map(crate::model::Shape::id).collect();
    let mut facts = vec![FamilyFact::default(); families.all.len()];
    for (idx, run) in past.runs.iter().enumerate() {
        // The failures of a run are sorted by case, so those of one case stand together.
        for failing in run.failures.chunk_by(|a, b| a.case == b.case) {
            let verdict = knowledge.verdict(idx, failing[0].case);
            let is_open =
                |it: &Failing| verdict.is_none_or(|v| v.open.contains(&ids[it.shape as usize]));
            let mut of_case: BTreeMap<usize, bool> = BTreeMap::new();
            for it in failing {
                *of_case.entry(families.of(*it)).or_default() |= is_open(it);
            }
            for (family, is_open) in of_case {
                let fact = &mut facts[family];
                fact.failures += 1;
                fact.explained += u32::from(!is_open);
                if is_open && fact.open.last() != Some(&idx) {
                    fact.open.push(idx);
                }
            }
        }
    }
    for (fact, issues) in facts.iter_mut().zip(explaining(past, families, knowledge, &ids)) {
        fact.issues = issues.into_iter().collect();
        fact.issues.sort_by_key(|it| (std::cmp::Reverse(it.1), it.0));
    }
    facts
}

/// For each family the issues that explain any of it, and how many of its failures.
fn explaining(
    past: &Past,
    families: &Families,
    knowledge: &Knowledge,
    ids: &[FamilyId],
) -> Vec<BTreeMap<usize, u32>> {
    let mut found = vec![BTreeMap::new(); families.all.len()];
    let shapes: HashMap<FamilyId, u32> = ids.iter().copied().zip(0..).collect();
    let issues = knowledge.catalogue.issues();
    for run in 0..past.runs.len() {
        for (case, verdict) in knowledge.verdicts(run) {
            let explaining = verdict.matches.iter().filter(|it| it.bearing == Bearing::Explains);
            for it in explaining {
                let place = issues.binary_search_by(|issue| issue.id.cmp(&it.issue));
                let Ok(issue) = place else { continue };
                let mut of: Vec<usize> = (it.shapes.iter().filter_map(|it| shapes.get(it)))
                    .map(|shape| families.of(Failing { case: *case, shape: *shape }))
                    .collect();
                of.sort_unstable();
                of.dedup();
                of.iter().for_each(|it| *found[*it].entry(issue).or_default() += 1);
            }
        }
    }
    found
}

/// The sum over all families.
pub(super) fn coverage(facts: &[FamilyFact]) -> Coverage {
    let mut sum = Coverage::default();
    for it in facts {
        sum.failures += it.failures;
        sum.explained += it.explained;
        sum.families += 1;
        sum.known_families += u32::from(it.is_known());
    }
    sum
}
