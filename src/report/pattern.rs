//! Families of failures over some runs: how often, out of how many, and in which.

use std::cmp::Reverse;

use super::Families;

/// A family over some runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The family, as an index into `Families::all`.
    pub family: usize,
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

/// The families that `runs`, oldest first, have: those of most runs first, and of these the ones that
/// were seen last.
#[must_use]
pub fn patterns(families: &Families, runs: &[usize]) -> Vec<Pattern> {
    let pattern = |family: usize| {
        let seen = &families.all[family].runs;
        let of = |idx: &usize| seen.binary_search_by_key(idx, |it| it.0).map_or(0, |at| seen[at].1);
        Pattern { family, cases: runs.iter().map(of).collect() }
    };
    let mut found: Vec<Pattern> = (0..families.all.len()).map(pattern).collect();
    found.retain(|it| it.runs() > 0);
    let last = |it: &Pattern| it.cases.iter().rposition(|n| *n > 0);
    found.sort_by_key(|it| Reverse((it.runs(), last(it))));
    found
}
