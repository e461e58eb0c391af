//! Failures of one type over many runs: how often, out of how many, and in which.

use std::collections::BTreeMap;

/// A type of failure over runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The exception type, or in words what is missing where no type is given.
    pub type_name: String,
    /// For each of the runs that were looked at, how many cases failed with it.
    pub cases: Vec<u32>,
}

impl Pattern {
    /// In how many runs it was seen.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.cases.iter().filter(|n| **n > 0).count()
    }
}

/// The failures of `runs`, oldest first, by type: those of most runs first, and of these the ones
/// that were seen last.
#[must_use]
pub fn patterns(runs: &[&[(String, u32)]]) -> Vec<Pattern> {
    let mut by: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (n, types) in runs.iter().enumerate() {
        for (name, cases) in *types {
            by.entry(name).or_insert_with(|| vec![0; runs.len()])[n] += cases;
        }
    }
    let pattern = |(name, cases): (&str, Vec<u32>)| Pattern { type_name: name.to_owned(), cases };
    let mut found: Vec<Pattern> = by.into_iter().map(pattern).collect();
    let last = |it: &Pattern| it.cases.iter().rposition(|n| *n > 0);
    found.sort_by_key(|it| std::cmp::Reverse((it.runs(), last(it))));
    found
}
