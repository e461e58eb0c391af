//! How the durations of a run's cases are spread, beside those of another run.

use crate::{history::Outline, model::Outcome};

/// The durations of the cases that ran, on a logarithmic scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// The classes, from the shortest to the longest; those between them are there too.
    pub bins: Vec<Bin>,
    /// The durations themselves.
    pub now: Spread,
    /// Those of the other run, where there is one that tells any.
    pub before: Option<Spread>,
}

/// A class of durations, in milliseconds: at least `from`, and less than `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Its lower end.
    pub from: u32,
    /// Its upper end.
    pub to: u32,
    /// How many cases of the run are in it.
    pub now: u32,
    /// How many of the other run.
    pub before: u32,
}

/// What stands for many durations, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub n: u32,
    /// Half of them are at most this.
    pub median: u32,
    /// Nineteen of twenty are at most this.
    pub p95: u32,
}

/// The spread of `now` beside that of `before`; `None` where fewer than two cases tell a duration.
#[must_use]
pub fn distribution(now: &[Outline], before: &[Outline]) -> Option<Distribution> {
    let (now, before) = (durations(now), durations(before));
    let spread_now = spread(&now).filter(|it| it.n > 1)?;
    let ends = || now.iter().chain(&before).copied();
    let (least, most) = (ends().min()?, ends().max()?);
    let mut bins: Vec<Bin> = Vec::new();
    let mut from = 0;
    for to in steps() {
        if to > least {
            let count = |it: &[u32]| {
                let n = it.iter().filter(|it| (from..to).contains(*it)).count();
                u32::try_from(n).unwrap_or(u32::MAX)
            };
            bins.push(Bin { from, to, now: count(&now), before: count(&before) });
        }
        from = to;
        if to > most {
            break;
        }
    }
    Some(Distribution { bins, now: spread_now, before: spread(&before) })
}

/// The durations of the cases that ran, sorted.
fn durations(results: &[Outline]) -> Vec<u32> {
    let ran = |it: &&Outline| it.outcome.is_evidence() || it.outcome == Outcome::Unknown;
    let mut all: Vec<u32> =
        results.iter().filter(ran).map(|it| it.millis).filter(|it| *it != u32::MAX).collect();
    all.sort_unstable();
    all
}

fn spread(sorted: &[u32]) -> Option<Spread> {
    let at = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1);
    let n = u32::try_from(sorted.len()).ok()?;
    Some(Spread { n, median: *at(50)?, p95: *at(95)? })
}

/// 1, 2, 5, 10, 20, 50 …, and at last what nothing reaches.
fn steps() -> impl Iterator<Item = u32> {
    let powers = (0..9).map(|it| 10_u32.pow(it));
    powers.flat_map(|it| [it, 2 * it, 5 * it]).filter(|it| *it < 500_000_000).chain([u32::MAX])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(millis: &[u32]) -> Vec<Outline> {
        let outcome = Outcome::Passed;
        let it =
            |millis: &u32| Outline { case: 0, millis: *millis, attempts: 1, outcome, flaky: false };
        millis.iter().map(it).collect()
    }

    #[test]
    fn every_duration_is_in_one_class() {
        let (now, before) = (took(&[0, 1, 2, 19, 20, 4000, u32::MAX]), took(&[700, 800]));
        let it = distribution(&now, &before).expect("durations");
        let sum = |of: fn(&Bin) -> u32| it.bins.iter().map(of).sum::<u32>();
        assert_eq!((sum(|it| it.now), sum(|it| it.before)), (6, 2));
        assert_eq!((it.bins[0].from, it.bins.last().map(|it| it.to)), (0, Some(5000)));
        assert!(it.bins.windows(2).all(|it| it[0].to == it[1].from));
        assert_eq!(it.now, Spread { n: 6, median: 2, p95: 4000 });
        assert_eq!(distribution(&took(&[5, u32::MAX]), &before), None);
    }
}
