//! What changed of a case's own metrics over its runs: slower, heavier, less often passed, or better.
//!
//! A shift is an object with a life: it stays the same one, and since the same run, as long as the runs
//! that show it are kept.

mod level;
mod rules;
mod series;
mod significance;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use rayon::prelude::*;

pub use self::{
    level::Sensitivity,
    rules::{Glob, ShiftRules, Tuning},
};
use self::{
    level::{LEAST, Sample, WINDOW, Yardstick, levels},
    series::{Kind, Series, series, value},
};
use crate::{
    history::{Outline, Past, PastRun},
    model::{CaseId, Combination, Metric},
};

/// How many cases are looked at together, so that memory does not grow with their number.
const TOGETHER: u32 = 4_096;

/// From how many runs on it is said that a metric is too noisy.
const NOISY_FROM: usize = 8;

/// A metric of a case that was on one level and is on another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// The same as long as the run that first shows the new level does.
    pub id: CaseId,
    /// The case, as an index into `Past::cases`.
    pub case: u32,
    /// What changed.
    pub metric: Metric,
    /// The median of the old level, of rates the share, and in how many runs it was seen.
    pub before: (f64, usize),
    /// The same of the new level.
    pub after: (f64, usize),
    /// The last run of the old level, as an index into `Past::runs`.
    pub last_old: usize,
    /// The first run of the new one.
    pub since: usize,
    /// The first run in which it was over.
    pub ended: Option<usize>,
    /// The pinned baseline that it is judged against, where it is.
    pub baseline: Option<String>,
    /// The newest run that took part in this.
    pub newest: usize,
    /// Whether that run made it known.
    pub is_news: bool,
    /// All that was looked at.
    pub course: Arc<Course>,
}

impl Shift {
    /// The new level as a change of the old one: 0.4 is 40 % more; of rates the difference in points.
    /// None where the old level is nothing.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let (before, after) = (self.before.0, self.after.0);
        match self.metric {
            Metric::Rate => Some(after - before),
            _ => (before > 0.0).then(|| (after - before) / before),
        }
    }

    /// Whether the new level is the worse one.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        (self.after.0 > self.before.0) != self.metric.more_is_better()
    }
}

/// A metric of a case over the runs that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The runs in order, as indices into `Past::runs`, each with its value.
    pub values: Vec<(usize, f64)>,
    /// The levels, as ranges of them with their medians.
    pub levels: Vec<(Range<usize>, f64)>,
}

/// A metric of a case whose values differ so much from run to run that a change would not be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noisy {
    /// The case, as an index into `Past::cases`.
    pub case: u32,
    /// What is noisy.
    pub metric: Metric,
    /// By which share of their median ordinary values differ from it.
    pub spread: f64,
    /// In how many runs.
    pub runs: usize,
    /// The newest of them, as an index into `Past::runs`.
    pub newest: usize,
}

/// What there is to say of the metrics of all cases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shifts {
    /// What lasts first, and of that the newest.
    pub all: Vec<Shift>,
    /// By case and metric.
    pub noisy: Vec<Noisy>,
    /// The baselines that no run fits.
    pub unknown: BTreeSet<String>,
    by_case: HashMap<u32, Vec<usize>>,
}

impl Shifts {
    /// The shifts of a case in their order.
    pub fn of(&self, case: u32) -> impl Iterator<Item = &Shift> {
        self.by_case.get(&case).into_iter().flatten().map(|it| &self.all[*it])
    }

    /// What is too noisy of a case.
    pub fn noisy_of(&self, case: u32) -> &[Noisy] {
        let from = self.noisy.partition_point(|it| it.case < case);
        let to = self.noisy.partition_point(|it| it.case <= case);
        &self.noisy[from..to]
    }
}

/// What the shifts of a past are looked for by.
struct Search<'a> {
    past: &'a Past,
    rules: &'a ShiftRules,
    /// The runs that each baseline means.
    baselines: BTreeMap<&'a str, BTreeSet<usize>>,
}

/// Judges every metric of every case.
pub(super) fn shifts(
    past: &Past,
    of_runs: (&[Combination], &[usize]),
    (rules, default_branch): (&ShiftRules, &str),
) -> Shifts {
    let baselines = rules.baselines().map(|it| (it, runs_of(past, it))).collect();
    let search = Search { past, rules, baselines };
    let all = series(past, of_runs, default_branch);
    let found: Vec<(Vec<Shift>, Vec<Noisy>)> =
        all.par_iter().map(|it| search.of_series(it)).collect();
    let mut shifts = Shifts::default();
    let mut noisy: BTreeMap<(u32, Metric), Noisy> = BTreeMap::new();
    for (found, more) in found {
        shifts.all.extend(found);
        for it in more {
            let known = noisy.entry((it.case, it.metric)).or_insert(it);
            *known = if it.newest > known.newest { it } else { *known };
        }
    }
    shifts.all.sort_by_key(|it| (it.ended.is_some(), Reverse(it.since), it.case, it.metric, it.id));
    shifts.all.dedup_by_key(|it| it.id);
    for (place, it) in shifts.all.iter().enumerate() {
        shifts.by_case.entry(it.case).or_default().push(place);
    }
    shifts.noisy = noisy.into_values().collect();
    let unknown = search.baselines.iter().filter(|it| it.1.is_empty());
    shifts.unknown = unknown.map(|it| (*it.0).to_owned()).collect();
    shifts
}

/// The runs that a baseline means: that of the id, or all on the version.
fn runs_of(past: &Past, baseline: &str) -> BTreeSet<usize> {
    let is_it = |it: &PastRun| {
        let on = |(name, version): (&String, &crate::model::Version)| {
            let version = version.as_str();
            let named = || baseline.strip_prefix(name.as_str())?.strip_prefix([' ', '-']);
            version == baseline || named() == Some(version)
        };
        it.head.id.as_str() == baseline || it.head.versions.iter().any(on)
    };
    (0..past.runs.len()).filter(|it| is_it(&past.runs[*it])).collect()
}

impl Search<'_> {
    fn of_series(&self, series: &Series) -> (Vec<Shift>, Vec<Noisy>) {
        let (mut shifts, mut noisy) = (Vec::new(), Vec::new());
        let results = |run: usize| &self.past.runs[run].results;
        let last = series.runs.iter().filter_map(|it| results(it.0).last()).map(|it| it.case).max();
        let first =
            series.runs.iter().filter_map(|it| results(it.0).first()).map(|it| it.case).min();
        let (Some(first), Some(last)) = (first, last) else { return (shifts, noisy) };
        for from in (first..=last).step_by(TOGETHER as usize) {
            let mut rows: Vec<(u32, usize, Outline)> = Vec::new();
            for (place, (run, _)) in series.runs.iter().enumerate() {
                let results = results(*run);
                let start = results.partition_point(|it| it.case < from);
                let part = results[start..].iter().take_while(|it| it.case - from < TOGETHER);
                rows.extend(part.map(|it| (it.case, place, *it)));
            }
            rows.sort_by_key(|it| (it.0, it.1));
            let cases = rows.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() >= 2 * LEAST);
            let cases: Vec<_> = cases.collect();
            let found: Vec<_> = cases.par_iter().map(|it| self.of_case(series, it)).collect();
            for (more, noise) in found {
                shifts.extend(more);
                noisy.extend(noise);
            }
        }
        (shifts, noisy)
    }

    fn of_case(&self, series: &Series, rows: &[(u32, usize, Outline)]) -> (Vec<Shift>, Vec<Noisy>) {
        let (mut shifts, mut noisy) = (Vec::new(), Vec::new());
        let case = rows[0].0;
        let judge = self.rules.of(&self.past.cases[case as usize]);
        // Most suites measure nothing besides.
        let is_measured =
            rows.iter().any(|it| !self.past.runs[series.runs[it.1].0].measured.is_empty());
        for metric in Metric::ALL.into_iter().take(if is_measured { 7 } else { 2 }) {
            let Some(sensitivity) = judge.sensitivity(metric) else { continue };
            let mut before = usize::MAX;
            let sample = |(_, place, it): &(u32, usize, Outline)| {
                let (run, part) = series.runs[*place];
                let value = value(self.past, run, it, metric)?;
                let may_begin = part != before;
                before = part;
                Some(Sample { run, value, may_begin })
            };
            let samples: Vec<Sample> = rows.iter().filter_map(sample).collect();
            if samples.len() < 2 * LEAST {
                continue;
            }
            let judged = Judged::new(case, samples, Yardstick { metric, sensitivity });
            let found = judged.shifts(self.past);
            noisy.extend(judged.noise().filter(|_| found.iter().all(|it| it.ended.is_some())));
            shifts.extend(found);
            let pinned = judge.baseline().filter(|it| is_meant(self.past, series.kind, it));
            shifts
                .extend(pinned.and_then(|it| judged.against(self.past, (it, &self.baselines[it]))));
        }
        (shifts, noisy)
    }
}

/// Whether a series is one that a baseline is for: a run is compared with others on its versions, a
/// version with other versions.
fn is_meant(past: &Past, kind: Kind, baseline: &str) -> bool {
    let is_run = || past.runs.iter().any(|it| it.head.id.as_str() == baseline);
    kind == Kind::Whole || (kind == Kind::One) == is_run()
}

/// A series of one metric of one case with its levels.
struct Judged {
    case: u32,
    by: Yardstick,
    samples: Vec<Sample>,
    levels: Vec<Range<usize>>,
    middles: Vec<f64>,
    course: Arc<Course>,
}

impl Judged {
    fn new(case: u32, samples: Vec<Sample>, by: Yardstick) -> Self {
        let levels = levels(&samples, by);
        let middles: Vec<f64> = levels.iter().map(|it| by.middle(&samples[it.clone()])).collect();
        let course = Course {
            values: samples.iter().map(|it| (it.run, it.value)).collect(),
            levels: levels.iter().cloned().zip(middles.iter().copied()).collect(),
        };
        Self { case, by, samples, levels, middles, course: Arc::new(course) }
    }

    /// Whether a level is as far from another one, and on the same side, as one that matters.
    fn is_beyond(&self, before: f64, after: f64, now: f64) -> bool {
        self.by.matters(before, now) && (now > before) == (after > before)
    }

    fn newest(&self) -> usize {
        self.samples.iter().map(|it| it.run).max().unwrap_or(0)
    }

    fn shifts(&self, past: &Past) -> Vec<Shift> {
        let mut found = Vec::new();
        let mut is_return = vec![false; self.levels.len()];
        for at in 1..self.levels.len() {
            let (before, after) = (self.middles[at - 1], self.middles[at]);
            let later = at + 1..self.levels.len();
            let ended = { later }.find(|it| !self.is_beyond(before, after, self.middles[*it]));
            // What only ends something is no news of its own.
            if is_return[at] {
                continue;
            }
            if let Some(it) = ended.filter(|it| !self.by.matters(before, self.middles[*it])) {
                is_return[it] = true;
            }
            let range = &self.levels[at];
            let since = self.samples[range.start].run;
            found.push(Shift {
                id: self.id(past, "shift", since),
                case: self.case,
                metric: self.by.metric,
                before: (before, self.levels[at - 1].len()),
                after: (after, range.len()),
                last_old: self.samples[range.start - 1].run,
                since,
                ended: ended.map(|it| self.samples[self.levels[it].start].run),
                baseline: None,
                newest: self.newest(),
                is_news: ended.is_none() && self.is_news(range.start),
                course: Arc::clone(&self.course),
            });
        }
        found
    }

    fn id(&self, past: &Past, kind: &str, since: usize) -> CaseId {
        let case = past.cases[self.case as usize].id.to_string();
        let run = past.runs[since].head.id.as_str();
        CaseId::of([kind, &case, self.by.metric.word(), run])
    }

    /// Whether the level that begins there was not seen before the newest run.
    fn is_news(&self, start: usize) -> bool {
        let newest = self.newest();
        let before: Vec<Sample> =
            self.samples.iter().filter(|it| it.run != newest).copied().collect();
        let since = self.samples[start].run;
        !levels(&before, self.by).iter().skip(1).any(|it| before[it.start].run == since)
    }

    /// That a change would not be seen.
    fn noise(&self) -> Option<Noisy> {
        let last = &self.samples[self.levels.last()?.clone()];
        let newest = &last[last.len().saturating_sub(WINDOW)..];
        let side = self.by.side(newest);
        let (middle, spread) = (side.middle, self.by.spread(&side));
        let is_wide =
            newest.len() >= NOISY_FROM && middle > 0.0 && self.by.matters(middle, middle + spread);
        is_wide.then(|| Noisy {
            case: self.case,
            metric: self.by.metric,
            spread: spread / middle,
            runs: newest.len(),
            newest: self.newest(),
        })
    }

    /// How the newest level differs from a pinned baseline, if it does.
    fn against(&self, past: &Past, (baseline, runs): (&str, &BTreeSet<usize>)) -> Option<Shift> {
        let of = |range: &Range<usize>, is_base: bool| -> Vec<Sample> {
            let part = self.samples[range.clone()].iter();
            part.filter(|it| runs.contains(&it.run) == is_base).copied().collect()
        };
        let base = of(&(0..self.samples.len()), true);
        let base = &base[base.len().saturating_sub(WINDOW)..];
        let newest = of(self.levels.last()?, false);
        let newest = &newest[newest.len().saturating_sub(WINDOW)..];
        let sides = (self.by.side(base), self.by.side(newest));
        if base.is_empty() || newest.len() < LEAST || !self.by.differ(&sides.0, &sides.1) {
            return None;
        }
        // A single run cannot be tested, so its size alone has to tell.
        if base.len() >= LEAST && self.by.chance(base, newest) > self.by.sensitivity.p {
            return None;
        }
        let (before, after) = (sides.0.middle, sides.1.middle);
        let is_there = |it: &&Range<usize>| {
            let level = of(it, false);
            !level.is_empty() && self.is_beyond(before, after, self.by.middle(&level))
        };
        let first = self.levels.iter().rev().take_while(is_there).last()?;
        let since = of(first, false).first()?.run;
        Some(Shift {
            id: self.id(past, baseline, since),
            case: self.case,
            metric: self.by.metric,
            before: (before, base.len()),
            after: (after, newest.len()),
            last_old: base.last()?.run,
            since,
            ended: None,
            baseline: Some(baseline.to_owned()),
            newest: self.newest(),
            is_news: false,
            course: Arc::clone(&self.course),
        })
    }
}
