//! A run over time: which worker ran what and when, how busy they were, and when nothing ran.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::model::{Attempt, Outcome, Run};

/// How many bars are kept of a run: those that fail and the longest; the others are only counted.
const KEPT: usize = 300;

/// How far apart two times may be that are taken for one, because producers round them.
const ROUNDING: Duration = Duration::from_millis(2);

/// The attempts of a run over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// When the first attempt began.
    pub start: Timestamp,
    /// From then to the end of the last attempt.
    pub span: Duration,
    /// One for each worker, or as few as hold what ran at the same time.
    pub lanes: Vec<Lane>,
    /// Whether the results name workers; else the lanes are inferred.
    pub named: bool,
    /// Whether each attempt begins where another one ends: then the producer gave no starts, and
    /// they were counted up from the durations.
    pub counted: bool,
    /// Whether the run was long enough for all of it; where it was not, starts that were counted up
    /// tell nothing, because what ran at the same time stands one after the other.
    pub fits: bool,
    /// The share of the lanes' time in which something ran, 0 to 1.
    pub busy: f64,
    /// The attempt that took longest.
    pub longest: Slot,
    /// The longest time in which nothing ran: after how long it began, and how long it was.
    pub pause: Option<(Duration, Duration)>,
    /// How many attempts have no bar, and how long they took together.
    pub left_out: (usize, Duration),
}

/// What ran on one worker, or on what is taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The worker; empty where it is inferred or nobody says.
    pub name: String,
    /// Its attempts by their start.
    pub slots: Vec<Slot>,
}

/// One attempt over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The case, as an index into the run's cases.
    pub case: usize,
    /// Which attempt it is, from 0.
    pub attempt: usize,
    /// What happened.
    pub outcome: Outcome,
    /// When it began, from the start of the timeline.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
}

impl Slot {
    fn end(&self) -> Duration {
        self.at.saturating_add(self.took)
    }
}

/// The timeline of `run`; `None` where fewer than two attempts say when they began and how long
/// they took.
#[must_use]
pub fn timeline(run: &Run) -> Option<Timeline> {
    let attempts = run.cases.iter().enumerate().flat_map(|(case, it)| {
        it.attempts.iter().enumerate().map(move |(n, attempt)| (case, n, attempt))
    });
    // What took no time did not run.
    let timed: Vec<(usize, usize, &Attempt, Timestamp, Duration)> = attempts
        .filter_map(|(case, n, it)| Some((case, n, it, it.started?, it.duration?)))
        .filter(|(.., took)| !took.is_zero())
        .collect();
    let start = timed.iter().map(|it| it.3).min()?;
    let mut slots: Vec<(Slot, Option<&str>)> = timed
        .iter()
        .map(|(case, attempt, it, began, took)| {
            let at = Duration::try_from(began.duration_since(start)).unwrap_or_default();
            let (case, attempt, took) = (*case, *attempt, *took);
            let worker = it.detail.as_ref().and_then(|it| it.worker.as_deref());
            (Slot { case, attempt, outcome: it.outcome, at, took }, worker)
        })
        .collect();
    slots.sort_by_key(|(it, _)| (it.at, Reverse(it.took), it.case, it.attempt));
    let longest = slots.iter().map(|it| it.0).max_by_key(|it| (it.took, Reverse(it.case)))?;
    let span = slots.iter().map(|it| it.0.end()).max().filter(|_| slots.len() > 1)?;
    let named = slots.iter().any(|it| it.1.is_some());
    let all: Vec<Slot> = slots.iter().map(|it| it.0).collect();
    let mut lanes = if named { by_worker(&slots) } else { inferred(&all) };
    let busy = lanes.iter().map(|it| covered(&it.slots)).sum::<Duration>().as_secs_f64();
    let busy = busy / (span.as_secs_f64() * lanes.len() as f64);
    let left_out = shorten(&mut lanes, &all);
    let (counted, pause) = (is_counted(&all), pause(&all));
    // A run that took no time is one whose end nobody said.
    let took = run.head.duration().filter(|it| !it.is_zero());
    let fits = took.is_none_or(|it| span <= it.mul_f64(1.05) + ROUNDING);
    Some(Timeline { start, span, lanes, named, counted, fits, busy, longest, pause, left_out })
}

fn by_worker(slots: &[(Slot, Option<&str>)]) -> Vec<Lane> {
    let mut by: BTreeMap<(usize, &str), Vec<Slot>> = BTreeMap::new();
    for (slot, worker) in slots {
        let name = worker.unwrap_or_default();
        // The shorter first, so that worker 10 stands behind worker 9.
        by.entry((name.len(), name)).or_default().push(*slot);
    }
    by.into_iter().map(|((_, name), slots)| Lane { name: name.to_owned(), slots }).collect()
}

/// Each attempt goes to the first lane that is free when it begins.
fn inferred(slots: &[Slot]) -> Vec<Lane> {
    let mut lanes: Vec<(Duration, Lane)> = Vec::new();
    for slot in slots {
        let free = lanes.iter().position(|it| it.0 <= slot.at.saturating_add(ROUNDING));
        let place = free.unwrap_or_else(|| {
            lanes.push((Duration::ZERO, Lane { name: String::new(), slots: Vec::new() }));
            lanes.len() - 1
        });
        lanes[place].0 = slot.end();
        lanes[place].1.slots.push(*slot);
    }
    lanes.into_iter().map(|it| it.1).collect()
}

/// How long at least one of `slots`, which are sorted by their start, ran.
fn covered(slots: &[Slot]) -> Duration {
    let (mut sum, mut end) = (Duration::ZERO, Duration::ZERO);
    for slot in slots {
        sum += slot.end().saturating_sub(slot.at.max(end));
        end = end.max(slot.end());
    }
    sum
}

/// The longest time between `slots`, which are sorted by their start.
fn pause(slots: &[Slot]) -> Option<(Duration, Duration)> {
    let mut end = Duration::ZERO;
    let mut longest: Option<(Duration, Duration)> = None;
    for slot in slots {
        let gap = slot.at.saturating_sub(end);
        if gap > longest.map_or(ROUNDING, |it| it.1) {
            longest = Some((end, gap));
        }
        end = end.max(slot.end());
    }
    longest
}

fn is_counted(slots: &[Slot]) -> bool {
    let follows = |pair: &[Slot]| pair[1].at.abs_diff(pair[0].end()) <= ROUNDING;
    slots.len() > 2 && slots.windows(2).all(follows)
}

/// Leaves the attempts that failed and the longest, and says what went.
fn shorten(lanes: &mut [Lane], all: &[Slot]) -> (usize, Duration) {
    let mut ranked: Vec<&Slot> = all.iter().collect();
    ranked.sort_by_key(|it| (!it.outcome.is_failing(), Reverse(it.took), it.case, it.attempt));
    let gone = ranked.split_off(ranked.len().min(KEPT));
    let sum = gone.iter().map(|it| it.took).sum();
    let gone: std::collections::HashSet<(usize, usize)> =
        gone.into_iter().map(|it| (it.case, it.attempt)).collect();
    if !gone.is_empty() {
        for lane in lanes {
            lane.slots.retain(|it| !gone.contains(&(it.case, it.attempt)));
        }
    }
    (gone.len(), sum)
}
