//! The levels of a series: where one ends, and another one begins that differs by more than chance
//! and by enough to matter.
//!
//! The method is that of `docs/statistics.md`: the change point of ranks (A. N. Pettitt 1979,
//! <https://doi.org/10.2307/2346729>), by windows around each place and with a least effect like Hunter
//! (P. Fleming and others 2023, <https://arxiv.org/abs/2301.03034>), corrected for all places, and then
//! again on both sides (A. J. Scott, M. Knott 1974, <https://doi.org/10.2307/2529204>).

use std::{iter, ops::Range};

use super::significance::{fisher, mann_whitney};
use crate::model::Metric;

/// How many runs there have to be on each side of a change.
pub(super) const LEAST: usize = 4;

/// How many runs on each side are looked at.
pub(super) const WINDOW: usize = 30;

/// And how many, so that a level is found that soon ends again.
const NARROW: usize = 8;

/// From how many runs on both are looked at.
const LONG: usize = 3 * NARROW;

/// What the median of absolute deviations is taken times, so that it is the standard deviation of what
/// is spread normally (F. R. Hampel 1974, <https://doi.org/10.1080/01621459.1974.10482962>).
const NORMAL: f64 = 1.482_6;

/// What has to differ for a change to be one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity {
    /// How improbable it has to be by chance.
    pub p: f64,
    /// The least change that matters: a share of the smaller level, of rates in points; 0.2 is 20 %.
    pub change: f64,
}

/// A value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// The run, as an index into `Past::runs`.
    pub(super) run: usize,
    pub(super) value: f64,
    /// Whether a level may begin with it.
    pub(super) may_begin: bool,
}

/// What a metric is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Yardstick {
    pub(super) metric: Metric,
    pub(super) sensitivity: Sensitivity,
}

impl Yardstick {
    /// Less than this is nothing that anybody would notice, or nothing that can be measured.
    pub(super) const fn floor(self) -> f64 {
        match self.metric {
            Metric::Duration => 0.1,
            Metric::Rate => 0.0,
            // Samples are taken once a second.
            Metric::Connect => 0.5,
            Metric::BitrateIn | Metric::BitrateOut => 50_000.0,
            Metric::Cpu => 0.05,
            Metric::Memory => 8e6,
        }
    }

    /// What stands for many values: their median, and of outcomes the share that passed.
    pub(super) fn middle(self, samples: &[Sample]) -> f64 {
        let mut values: Vec<f64> = samples.iter().map(|it| it.value).collect();
        if self.metric == Metric::Rate {
            return values.iter().sum::<f64>() / values.len().max(1) as f64;
        }
        values.sort_unstable_by(f64::total_cmp);
        median(&values)
    }

    /// Samples with what stands for them.
    pub(super) fn side(self, samples: &[Sample]) -> Side<'_> {
        let mut side = Side::new(samples, 0);
        side.move_to(0..samples.len(), self);
        side
    }

    /// Whether one level is so far from another that it matters.
    pub(super) fn matters(self, before: f64, after: f64) -> bool {
        let far = (after - before).abs();
        let of = if self.metric == Metric::Rate { 1.0 } else { before.min(after) };
        far >= self.floor() && far >= self.sensitivity.change * of - 1e-9
    }

    /// By how much ordinary values differ from their middle; of outcomes nothing, as the test says it.
    pub(super) fn spread(self, side: &Side<'_>) -> f64 {
        if self.metric == Metric::Rate { 0.0 } else { NORMAL * side.median_deviation() }
    }

    /// How improbable it is that both are of one level.
    pub(super) fn chance(self, before: &[Sample], after: &[Sample]) -> f64 {
        if self.metric == Metric::Rate {
            let passed = |of: &[Sample]| of.iter().filter(|it| it.value > 0.5).count();
            return fisher((passed(before), before.len()), (passed(after), after.len()));
        }
        let values = |of: &[Sample]| of.iter().map(|it| it.value).collect::<Vec<_>>();
        mann_whitney(&values(before), &values(after))
    }

    /// Whether two samples differ by enough to matter and by more than their own spread.
    pub(super) fn differ(self, before: &Side<'_>, after: &Side<'_>) -> bool {
        let far = (after.middle - before.middle).abs();
        self.matters(before.middle, after.middle)
            && [before, after]
                .into_iter()
                .all(|it| self.metric == Metric::Rate || it.is_within(far))
    }
}

/// One side of a place: a stretch of a series that moves on along it, with its values in order, since to
/// sort each anew takes longer.
pub(super) struct Side<'a> {
    series: &'a [Sample],
    of: Range<usize>,
    /// The values in order; of outcomes their sum is enough.
    sorted: Vec<f64>,
    sum: f64,
    /// What stands for its values.
    pub(super) middle: f64,
}

impl<'a> Side<'a> {
    const fn new(series: &'a [Sample], start: usize) -> Self {
        Self { series, of: start..start, sorted: Vec::new(), sum: 0.0, middle: 0.0 }
    }

    /// Moves on to a stretch that neither begins nor ends before this one.
    fn move_to(&mut self, of: Range<usize>, by: Yardstick) {
        let leaving = &self.series[self.of.start..of.start.min(self.of.end)];
        let coming = &self.series[self.of.end.max(of.start)..of.end];
        self.of = of;
        if by.metric == Metric::Rate {
            let sum = |of: &[Sample]| of.iter().map(|it| it.value).sum::<f64>();
            self.sum += sum(coming) - sum(leaving);
            self.middle = self.sum / self.of.len().max(1) as f64;
            return;
        }
        let place =
            |sorted: &[f64], value: f64| sorted.partition_point(|it| it.total_cmp(&value).is_lt());
        for it in leaving {
            self.sorted.remove(place(&self.sorted, it.value));
        }
        for it in coming {
            self.sorted.insert(place(&self.sorted, it.value), it.value);
        }
        self.middle = median(&self.sorted);
    }

    fn samples(&self) -> &'a [Sample] {
        &self.series[self.of.clone()]
    }

    /// Whether ordinary values are no further than this from the middle: to count those that are is sooner
    /// done than to find the median of how far they are.
    fn is_within(&self, far: f64) -> bool {
        let is_near = |it: f64| NORMAL * (it - self.middle).abs() <= far;
        let (below, above) =
            self.sorted.split_at(self.sorted.partition_point(|it| *it < self.middle));
        let near = below.len() - below.partition_point(|it| !is_near(*it))
            + above.partition_point(|it| is_near(*it));
        let n = self.sorted.len();
        if near == n / 2 && n.is_multiple_of(2) {
            // The median lies between the last that is near and the first that is not.
            return NORMAL * self.median_deviation() <= far;
        }
        near > n / 2
    }

    /// The median of how far values are from the middle: the nearest are next to it on both sides.
    fn median_deviation(&self) -> f64 {
        let (below, above) =
            self.sorted.split_at(self.sorted.partition_point(|it| *it < self.middle));
        let mut below = below.iter().rev().map(|it| self.middle - it).peekable();
        let mut above = above.iter().map(|it| it - self.middle).peekable();
        let nearest = iter::from_fn(|| match (below.peek(), above.peek()) {
            (Some(a), Some(b)) if a < b => below.next(),
            (_, Some(_)) => above.next(),
            (_, None) => below.next(),
        });
        let n = self.sorted.len();
        let middle: Vec<f64> = nearest.take(n / 2 + 1).skip(n.saturating_sub(1) / 2).collect();
        median(&middle)
    }
}

/// The levels of `samples`, which follow each other; one where nothing changed.
pub(super) fn levels(samples: &[Sample], by: Yardstick) -> Vec<Range<usize>> {
    let ends = samples.iter().map(|it| it.value);
    let (least, most) = ends.fold((f64::MAX, f64::MIN), |(a, b), it| (a.min(it), b.max(it)));
    let mut borders = vec![0, samples.len()];
    // Most series never come near a change that matters.
    if samples.len() >= 2 * LEAST && by.matters(least, most) {
        part(samples, 0..samples.len(), by, &mut borders);
    }
    borders.sort_unstable();
    join(samples, by, &mut borders);
    borders.windows(2).map(|it| it[0]..it[1]).collect()
}

/// Parts a stretch where that is least by chance, and then both sides of it.
fn part(samples: &[Sample], of: Range<usize>, by: Yardstick, borders: &mut Vec<usize>) {
    if of.len() < 2 * LEAST {
        return;
    }
    // By numbers of sizes; the usual one first.
    let (sizes, windows) = if of.len() < LONG {
        (&[WINDOW][..], &[(0, 0)][..])
    } else {
        (&[WINDOW, NARROW][..], &[(0, 0), (0, 1), (1, 0)][..])
    };
    let start = || Side::new(samples, of.start);
    let mut sides: Vec<[Side<'_>; 2]> = sizes.iter().map(|_| [start(), start()]).collect();
    let mut tested = 0_u32;
    let mut best: Option<(f64, f64, Place)> = None;
    for at in (of.start + LEAST..=of.end - LEAST).filter(|it| samples[*it].may_begin) {
        for (size, [before, after]) in sizes.iter().zip(&mut sides) {
            before.move_to(at.saturating_sub(*size).max(of.start)..at, by);
            after.move_to(at..(at + size).min(of.end), by);
        }
        for (left, right) in windows {
            tested += 1;
            let (before, after) = (&sides[*left][0], &sides[*right][1]);
            if !by.differ(before, after) {
                continue;
            }
            let far = -(after.middle - before.middle).abs();
            let chance = by.chance(before.samples(), after.samples());
            if best.as_ref().is_none_or(|it| (chance, far) < (it.0, it.1)) {
                best = Some((chance, far, Place { from: before.of.start, at, to: after.of.end }));
            }
        }
    }
    if let Some((_, _, place)) = best.filter(|it| it.0 * f64::from(tested) <= by.sensitivity.p) {
        let at = place.nearest(samples, by);
        borders.push(at);
        part(samples, of.start..at, by, borders);
        part(samples, at..of.end, by, borders);
    }
}

/// A place with what was compared on both sides of it.
struct Place {
    from: usize,
    at: usize,
    to: usize,
}

impl Place {
    /// The place near by where two levels fit best: a test prefers sides of one size.
    fn nearest(&self, samples: &[Sample], by: Yardstick) -> usize {
        let Self { from, at, to } = *self;
        let off = |part: &[Sample]| -> f64 {
            let middle = by.middle(part);
            part.iter().map(|it| (it.value - middle).abs()).sum()
        };
        let near = at.saturating_sub(NARROW).max(from + LEAST)..=(at + NARROW).min(to - LEAST);
        let costs = near
            .filter(|it| samples[*it].may_begin)
            .map(|it| (off(&samples[from..it]) + off(&samples[it..to]), it));
        costs.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(at, |it| it.1)
    }
}

/// Takes away the borders between levels that as a whole differ too little, the least first.
fn join(samples: &[Sample], by: Yardstick, borders: &mut Vec<usize>) {
    loop {
        let middle = |from: usize, to: usize| by.middle(&samples[from..to]);
        let far = |it: &[usize]| {
            let (before, after) = (middle(it[0], it[1]), middle(it[1], it[2]));
            (!by.matters(before, after)).then(|| (after - before).abs())
        };
        let weak = (1..).zip(borders.windows(3)).filter_map(|(n, it)| Some((far(it)?, n)));
        let Some((_, n)) = weak.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        borders.remove(n);
    }
}

/// The median of values in order.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Sensitivity = Sensitivity { p: 0.01, change: 0.2 };

    fn by(metric: Metric) -> Yardstick {
        Yardstick { metric, sensitivity: USUAL }
    }

    fn samples(values: impl IntoIterator<Item = f64>) -> Vec<Sample> {
        let sample = |(run, value)| Sample { run, value, may_begin: true };
        values.into_iter().enumerate().map(sample).collect()
    }

    fn starts(values: impl IntoIterator<Item = f64>, by: Yardstick) -> Vec<usize> {
        levels(&samples(values), by).iter().skip(1).map(|it| it.start).collect()
    }

    /// Numbers from -1 to 1 that look random and are the same every time.
    fn noise(seed: u64) -> f64 {
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed >> 40) as f64 / f64::from(1_u32 << 24)) * 2.0 - 1.0
    }

    fn series(seed: u64, n: usize, of: impl Fn(usize) -> f64, width: f64) -> Vec<f64> {
        (0..n).map(|at| of(at) * (1.0 + width * noise(seed * 1_000 + at as u64 + 1))).collect()
    }

    #[test]
    fn a_step_is_found_at_its_place_wherever_it_stands() {
        for (n, at) in [(14, 7), (30, 26), (30, 5), (60, 20), (60, 56), (120, 60)] {
            let step = |it: usize| if it < at { 1.0 } else { 1.4 };
            assert_eq!(starts(series(7, n, step, 0.05), by(Metric::Duration)), [at], "{n}");
            let back = |it: usize| if it < at { 1.4 } else { 1.0 };
            assert_eq!(starts(series(9, n, back, 0.05), by(Metric::Duration)), [at], "{n}");
        }
    }

    #[test]
    fn the_smallest_history_is_said() {
        let step = |n: usize| (0..n).map(move |it| if it < n / 2 { 1.0 } else { 2.0 });
        assert!(starts(step(12), by(Metric::Duration)).is_empty());
        assert_eq!(starts(step(13), by(Metric::Duration)), [6]);
        let bold =
            Yardstick { sensitivity: Sensitivity { p: 0.05, change: 0.2 }, ..by(Metric::Duration) };
        assert!(starts(step(7), bold).is_empty());
        assert_eq!(starts(step(8), bold), [4]);
    }

    #[test]
    fn what_ends_again_is_two_steps_and_a_single_run_none() {
        for (from, to) in [(20, 40), (20, 28), (40, 52)] {
            let bump = |it: usize| if (from..to).contains(&it) { 2.0 } else { 1.0 };
            assert_eq!(starts(series(3, 60, bump, 0.05), by(Metric::Duration)), [from, to]);
        }
        let slip = |it: usize| if it == 30 || it == 44 { 9.0 } else { 1.0 };
        assert!(starts(series(3, 60, slip, 0.05), by(Metric::Duration)).is_empty());
    }

    #[test]
    fn what_is_small_matters_to_nobody() {
        let step = |it: usize| if it < 30 { 1.0 } else { 1.15 };
        assert!(starts(series(1, 60, step, 0.02), by(Metric::Duration)).is_empty());
        let quick = |it: usize| if it < 30 { 0.01 } else { 0.05 };
        assert!(starts(series(1, 60, quick, 0.02), by(Metric::Duration)).is_empty());
    }

    #[test]
    fn noise_is_noise() {
        let found = |width: f64, metric| {
            let of = |seed| starts(series(seed, 60, |_| 2.0, width), by(metric));
            (0..300).filter(|seed| !of(*seed).is_empty()).count()
        };
        assert_eq!(found(0.1, Metric::Duration), 0);
        assert!(found(0.5, Metric::Duration) <= 1);
        assert!(found(0.95, Metric::Duration) <= 3);
        let flaky = |seed: u64| {
            let passed = (0..60).map(|at| f64::from(noise(seed * 977 + at) > -0.6));
            starts(passed, by(Metric::Rate)).is_empty()
        };
        assert!((0..300).filter(|seed| !flaky(*seed)).count() <= 3);
    }

    #[test]
    fn a_rate_falls_and_rises() {
        let falls = (0..40).map(|it| f64::from(it < 30));
        assert_eq!(starts(falls, by(Metric::Rate)), [30]);
        let rises = (0..40).map(|it| f64::from(it % 4 == 0 || it > 19));
        assert_eq!(starts(rises, by(Metric::Rate)).len(), 1);
    }

    #[test]
    fn what_is_counted_is_what_the_median_says() {
        for seed in 0..300 {
            let values = series(seed, seed as usize % 13, |_| 2.0, 0.5);
            let samples = samples(values.into_iter().map(|it| (it * 8.0).round() / 8.0));
            let side = by(Metric::Duration).side(&samples);
            let spread = NORMAL * side.median_deviation();
            for far in [0.0, spread * 0.9, spread, spread * 1.1, 0.2, 5.0] {
                assert_eq!(side.is_within(far), spread <= far, "{:?}, {far}", side.sorted);
            }
        }
    }

    #[test]
    fn levels_begin_only_where_they_may() {
        let mut all = samples((0..40).map(|it| if it < 18 { 1.0 } else { 2.0 }));
        all.iter_mut().for_each(|it| it.may_begin = it.run % 10 == 0);
        let found = levels(&all, by(Metric::Duration));
        assert_eq!(found, [0..20, 20..40]);
    }
}
