//! Change points: where a series of runs went from one level to another.
//!
//! The method is that of `docs/statistics.md`: binary segmentation (A. J. Scott, M. Knott 1974,
//! <https://doi.org/10.2307/2529204>; bumps after A. B. Olshen and others 2004,
//! <https://doi.org/10.1093/biostatistics/kxh008>) by the likelihood of a change in the mean, with twice the
//! penalty of the Schwarz criterion (Y.-C. Yao 1988, <https://doi.org/10.1016/0167-7152(88)90118-6>)
//! and, like Hunter (P. Fleming and others 2023, <https://arxiv.org/abs/2301.03034>), a least effect.

use jiff::Timestamp;

use crate::model::RunHead;

/// How many runs there have to be on each side of a change.
const LEAST: usize = 4;

/// A level that changed and stayed changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The first sample of the new level, as an index into the series.
    pub at: usize,
    /// The median of the level before.
    pub before: f64,
    /// The median of the level from here on.
    pub after: f64,
}

/// What a series measures, and so which changes of it matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A share, 0 to 1: changes of at least one percentage point.
    Share,
    /// Seconds: changes of at least a fifth and a tenth of a second.
    Seconds,
}

impl Measure {
    /// What is compared: times differ by factors.
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Share => value,
            Self::Seconds => value.max(0.001).ln(),
        }
    }

    /// What is noise in any case, so that a series without any does not fire at nothing.
    const fn resolution(self) -> f64 {
        match self {
            Self::Share => 0.001,
            Self::Seconds => 0.01,
        }
    }

    fn matters(self, before: f64, after: f64) -> bool {
        let far = (after - before).abs();
        match self {
            Self::Share => far >= 0.01 - 1e-9,
            Self::Seconds => far >= 0.1 && far >= 0.2 * before.min(after),
        }
    }
}

/// The changes in `series`, oldest first; samples of one time are never parted, whatever their
/// order.
#[must_use]
pub fn changes(series: &[(Timestamp, f64)], measure: Measure) -> Vec<Change> {
    let mut samples: Vec<(Timestamp, f64)> =
        series.iter().map(|(at, value)| (*at, measure.of(*value))).collect();
    samples.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    if samples.iter().any(|it| !it.1.is_finite()) {
        return Vec::new();
    }
    let mut borders = vec![0, samples.len()];
    segment(&samples, 0, measure, &mut borders);
    borders.sort_unstable();
    let mut values: Vec<(Timestamp, f64)> = series.to_vec();
    values.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let level = |from: usize, to: usize| median(values[from..to].iter().map(|it| it.1).collect());
    let found = borders.windows(3).map(|it| Change {
        at: it[1],
        before: level(it[0], it[1]),
        after: level(it[1], it[2]),
    });
    found.filter(|it| measure.matters(it.before, it.after)).collect()
}

/// Parts `samples`, which begin at `first` of the series, where that explains them far better.
fn segment(samples: &[(Timestamp, f64)], first: usize, measure: Measure, borders: &mut Vec<usize>) {
    let Some((from, to)) = best_part(samples, measure) else { return };
    let ends = [0, from, to, samples.len()];
    borders.extend(ends[1..3].iter().filter(|it| **it < samples.len()).map(|it| first + it));
    for it in ends.windows(2).filter(|it| it[0] < it[1]) {
        segment(&samples[it[0]..it[1]], first + it[0], measure, borders);
    }
}

/// The part with a mean of its own that explains the samples best, if far better than one mean does:
/// what follows a step, or the bump between two.
fn best_part(samples: &[(Timestamp, f64)], measure: Measure) -> Option<(usize, usize)> {
    let n = samples.len();
    if n < 2 * LEAST {
        return None;
    }
    let size = n as f64;
    let mean = samples.iter().map(|it| it.1).sum::<f64>() / size;
    let noise = size * measure.resolution().powi(2);
    let squares: f64 = samples.iter().map(|it| (it.1 - mean).powi(2)).sum();
    let mut sums = vec![0.0];
    sums.extend(samples.iter().scan(0.0, |sum, it| {
        *sum += it.1 - mean;
        Some(*sum)
    }));
    let cuts: Vec<usize> =
        (LEAST..=n - LEAST).filter(|it| samples[it - 1].0 < samples[*it].0).collect();
    let mut best = (0.0, None);
    for (place, &from) in cuts.iter().enumerate() {
        for to in cuts[place..].iter().copied().filter(|to| to - from >= LEAST).chain([n]) {
            let (inner, size_of_inner) = (sums[to] - sums[from], (to - from) as f64);
            // What two means take from the squares, as the sums of both sides cancel each other.
            let taken = inner * inner / size_of_inner + inner * inner / (size - size_of_inner);
            let left = (squares - taken).max(0.0);
            let gain = size * ((squares + noise) / (left + noise)).ln();
            // A bump has one place more than a step.
            let penalty = if to < n { 6.0 } else { 4.0 } * size.ln();
            if gain - penalty > best.0 {
                best = (gain - penalty, Some((from, to)));
            }
        }
    }
    best.1
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Something that a run names and that differs from another run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: a component, `commit`, `runtime`, …
    pub name: String,
    /// What it was before, where that is known.
    pub before: Option<String>,
    /// What it is now, where that is known.
    pub after: Option<String>,
}

/// What differs between two runs besides their results: versions, else the commit, else the machine.
#[must_use]
pub fn differences(before: &RunHead, after: &RunHead) -> Vec<Difference> {
    let difference = |name: &str, before: Option<String>, after: Option<String>| {
        (before != after).then(|| Difference { name: name.to_owned(), before, after })
    };
    let names = before.versions.keys().chain(after.versions.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let version = |head: &RunHead, name: &str| head.versions.get(name).map(ToString::to_string);
    let versions =
        names.into_iter().filter_map(|it| difference(it, version(before, it), version(after, it)));
    let found: Vec<Difference> = versions.collect();
    if !found.is_empty() {
        return found;
    }
    if let Some(commit) = difference("commit", before.commit.clone(), after.commit.clone()) {
        return vec![commit];
    }
    let names = before.environment.keys().chain(after.environment.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let of = |head: &RunHead, name: &str| head.environment.get(name).cloned();
    let machine = names.into_iter().filter_map(|it| difference(it, of(before, it), of(after, it)));
    let how = [
        difference("runtime", before.runtime.clone(), after.runtime.clone()),
        difference("browser", before.browser.clone(), after.browser.clone()),
        difference("network", before.network.clone(), after.network.clone()),
    ];
    how.into_iter().flatten().chain(machine).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Samples a minute apart.
    fn series(values: &[f64]) -> Vec<(Timestamp, f64)> {
        let at = |n: usize| Timestamp::from_second(60 * n as i64).expect("small");
        values.iter().enumerate().map(|(n, it)| (at(n), *it)).collect()
    }

    #[test]
    fn what_is_too_short_or_too_small_is_no_change() {
        let step = |n: usize| series(&[vec![1.0; n], vec![2.0; n]].concat());
        assert_eq!(changes(&step(3), Measure::Seconds), []);
        assert_eq!(changes(&step(4), Measure::Seconds).len(), 1);
        let small = series(&[vec![1.0; 20], vec![1.15; 20]].concat());
        assert_eq!(changes(&small, Measure::Seconds), []);
        let one_bad_run = series(&[vec![1.0; 10], vec![0.2], vec![1.0; 10]].concat());
        assert_eq!(changes(&one_bad_run, Measure::Share), []);
    }

    #[test]
    fn two_steps_are_both_found() {
        let levels = [vec![1.0; 6], vec![0.9; 6], vec![1.0; 6]].concat();
        let found = changes(&series(&levels), Measure::Share);
        let places: Vec<usize> = found.iter().map(|it| it.at).collect();
        assert_eq!(places, [6, 12]);
    }

    proptest! {
        #[test]
        fn what_stays_the_same_never_fires(value in 0.0..1e6_f64, n in 0..300_usize) {
            prop_assert_eq!(changes(&series(&vec![value; n]), Measure::Seconds), []);
            prop_assert_eq!(changes(&series(&vec![value / 1e6; n]), Measure::Share), []);
        }

        #[test]
        fn a_clear_step_fires_at_its_place(
            noise in prop::collection::vec(-0.03..0.03_f64, 12..80),
            at in 0.0..1.0_f64,
            factor in prop::sample::select(vec![0.4, 0.6, 1.6, 2.5]),
        ) {
            let at = LEAST + ((noise.len() - 2 * LEAST) as f64 * at) as usize;
            let level = |n: usize| if n < at { 3.0 } else { 3.0 * factor };
            let values: Vec<f64> =
                noise.iter().enumerate().map(|(n, it)| level(n) * (1.0 + it)).collect();
            let found = changes(&series(&values), Measure::Seconds);
            prop_assert_eq!(found.len(), 1, "{:?}", found);
            prop_assert_eq!(found[0].at, at);
        }

        #[test]
        fn the_order_of_equal_times_does_not_matter(
            values in prop::collection::vec((0..9_i64, 0.1..5.0_f64), 0..60),
            seed in any::<u64>(),
        ) {
            let at = |n: i64| Timestamp::from_second(n).expect("small");
            let mut first: Vec<_> = values.iter().map(|(n, it)| (at(*n), *it)).collect();
            first.sort_by_key(|it| it.0);
            let mut other = first.clone();
            other.sort_by_key(|it| (it.0, it.1.to_bits().wrapping_mul(seed | 1)));
            let found = changes(&first, Measure::Seconds);
            prop_assert_eq!(&found, &changes(&other, Measure::Seconds));
            prop_assert!(found.iter().all(|it| first[it.at - 1].0 < first[it.at].0));
        }
    }
}
