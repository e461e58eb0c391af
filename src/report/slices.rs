//! A cell in slices: its newest results by suite, tags and day, for whoever wants to see a part of
//! the matrix only.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{civil::Date, tz::TimeZone};

use super::{Cell, CellCase, Knowledge, State};
use crate::{
    history::Past,
    model::{Counts, Outcome},
};

/// Newest results that have suite, tags, day and state in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<'a> {
    /// The suite.
    pub suite: &'a str,
    /// The tags.
    pub tags: &'a [Arc<str>],
    /// The day on which their run began, in UTC.
    pub day: Date,
    /// What each of them alone makes of a cell; of several slices the greatest decides.
    pub state: State,
    /// How many of them passed.
    pub passed: u32,
    /// How many of them exercised the product.
    pub of: u32,
}

/// The states in the order in which they decide, the strongest last.
pub const STRENGTH: [State; 7] = [
    State::Untested,
    State::Unsupported,
    State::Passed,
    State::Flaky,
    State::Degraded,
    State::Known,
    State::Failed,
];

/// Suite, tags, day and the place of the state.
type Key<'a> = (&'a str, &'a [Arc<str>], Date, usize);

/// The slices of `cell`, in an order that depends on nothing but what is in them.
#[must_use]
pub fn slices<'a>(past: &'a Past, cell: &Cell, knowledge: &Knowledge) -> Vec<Slice<'a>> {
    let mut days: HashMap<usize, Date> = HashMap::new();
    let mut found: BTreeMap<Key<'_>, (u32, u32)> = BTreeMap::new();
    for it in &cell.cases {
        let known = &past.cases[it.case as usize];
        let day = days
            .entry(it.run)
            .or_insert_with(|| past.runs[it.run].head.started.to_zoned(TimeZone::UTC).date());
        let is_known = knowledge.is_known(it.run, it.case);
        let key = (known.suite.as_ref(), known.tags.as_ref(), *day, strength(it, is_known));
        let sum = found.entry(key).or_default();
        sum.0 += u32::from(it.outcome == Outcome::Passed);
        sum.1 += u32::from(it.outcome.is_evidence());
    }
    let slice = |((suite, tags, day, place), (passed, of))| Slice {
        suite,
        tags,
        day,
        state: STRENGTH[place],
        passed,
        of,
    };
    found.into_iter().map(slice).collect()
}

/// What a result alone makes of a cell, as its place in [`STRENGTH`].
fn strength(it: &CellCase, is_known: bool) -> usize {
    let counts: Counts = std::iter::once(it.outcome).collect();
    let flaky = u32::from(it.flaky && !it.outcome.is_failing());
    let known = if is_known { counts } else { Counts::default() };
    let state = State::explained(&counts, &known, flaky);
    STRENGTH.iter().position(|it| *it == state).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_of_slices_is_the_state_of_all() {
        for a in Outcome::ALL {
            for b in Outcome::ALL {
                for flaky in [0, 1] {
                    let both: Counts = [a, b].into_iter().collect();
                    let of = |it| {
                        let it = CellCase {
                            case: 0,
                            run: 0,
                            outcome: it,
                            flaky: flaky == 1,
                            since: None,
                        };
                        strength(&it, false)
                    };
                    let lasting = [a, b].iter().filter(|it| !it.is_failing()).count();
                    let flaky = u32::try_from(lasting).expect("small") * flaky;
                    assert_eq!(STRENGTH[of(a).max(of(b))], State::of(&both, flaky), "{a} {b}");
                }
            }
        }
    }
}
