//! What happened around an attempt: which of many lines matter, when its steps ran, and what its
//! measurements reached.

use std::{cmp::Reverse, collections::HashMap, hash::Hash};

use jiff::{SignedDuration, Timestamp};

use crate::model::{Attempt, Series, Step};

/// How long before and after an attempt things still belong to it.
const AROUND: SignedDuration = SignedDuration::from_secs(2);

/// A first line that is further from the step than this has nothing to do with it.
const FAR: SignedDuration = SignedDuration::from_mins(10);

/// How long an attempt is taken to last that nobody timed.
const UNTIMED: SignedDuration = SignedDuration::from_secs(10);

/// The time that an attempt took, with a little before and after; `None` where nobody says when it
/// began.
#[must_use]
pub fn window(attempt: &Attempt) -> Option<(Timestamp, Timestamp)> {
    let began = attempt.started?;
    let took = attempt.duration.map(SignedDuration::try_from);
    let took = took.transpose().ok()?.unwrap_or(UNTIMED);
    let end = began.checked_add(took).ok()?;
    Some((began.checked_sub(AROUND).ok()?, end.checked_add(AROUND).ok()?))
}

/// The steps of an attempt with the times at which they began, counted up from their durations.
#[must_use]
pub fn placed(attempt: &Attempt) -> Vec<(Timestamp, &Step)> {
    let steps = attempt.detail.as_deref().map_or(&[][..], |it| &it.steps);
    let Some(mut at) = attempt.started else { return Vec::new() };
    let mut placed = Vec::with_capacity(steps.len());
    for step in steps {
        placed.push((at, step));
        let after = step.duration.and_then(|took| at.checked_add(took).ok());
        at = after.unwrap_or(at);
    }
    placed
}

/// How much a line matters: whether it names something of the failure, and how grave it is.
pub type Weight = (bool, u8);

/// A line that may be shown.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Who said it.
    pub source: &'a str,
    /// When.
    pub time: Timestamp,
    /// How much it matters.
    pub weight: Weight,
    /// Its text, or as much of it as tells what kind of line it is.
    pub text: &'a str,
}

/// How much of a text tells what kind of line it is, without its digits.
const KIND: usize = 120;

/// Which of `lines` are shown where only `most` can be, by their places in order: of each source those that
/// matter, of these first what was not said yet, and of equal ones those nearest to `end`. The sources take
/// turns, so that none hides what another one said.
#[must_use]
pub fn select(lines: &[Said<'_>], end: Timestamp, most: usize) -> Vec<usize> {
    let by_weight = |it: usize, times: usize| {
        let line = lines[it];
        (Reverse(line.weight), times, line.time.duration_since(end).abs(), it)
    };
    let mut ranked: Vec<usize> = (0..lines.len()).collect();
    ranked.sort_by_key(|it| by_weight(*it, 0));
    let mut said: HashMap<(&str, String), usize> = HashMap::new();
    let times = ranked.iter().map(|it| {
        let text = lines[*it].text.chars().filter(|it| !it.is_ascii_digit());
        counted(&mut said, (lines[*it].source, text.take(KIND).collect()))
    });
    let times: Vec<usize> = times.collect();
    let mut ranked: Vec<(usize, usize)> = ranked.into_iter().zip(times).collect();
    ranked.sort_by_key(|(it, times)| by_weight(*it, *times));
    let mut turns: HashMap<&str, usize> = HashMap::new();
    let turn = |(it, _): (usize, usize)| (counted(&mut turns, lines[it].source), it);
    let mut in_turns: Vec<(usize, usize)> = ranked.into_iter().map(turn).collect();
    // Within a turn the order of before stays.
    in_turns.sort_by_key(|it| it.0);
    let mut shown: Vec<usize> = in_turns.into_iter().take(most).map(|it| it.1).collect();
    shown.sort_unstable();
    shown
}

/// How often `what` was counted before.
fn counted<T: Eq + Hash>(all: &mut HashMap<T, usize>, what: T) -> usize {
    let count = all.entry(what).or_default();
    *count += 1;
    *count - 1
}

/// The mean values of `series` between two times, each in the middle of its step.
#[must_use]
pub fn within(series: &Series, (from, to): (Timestamp, Timestamp)) -> Vec<(Timestamp, f64)> {
    let time = |step: u32| {
        let half = series.step_ms.saturating_mul(u64::from(step) * 2 + 1) / 2;
        let millis = SignedDuration::from_millis(i64::try_from(half).ok()?);
        series.start.checked_add(millis).ok()
    };
    let points = series.points.iter().filter_map(|it| Some((time(it.step)?, it.mean)));
    points.filter(|(at, _)| *at >= from && *at <= to).collect()
}

/// How far the clock of a component is from that of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// As far as can be told they agree; the step that started it says so to this much.
    Agrees(SignedDuration),
    /// It is at least this much ahead, or, below zero, behind.
    Off(SignedDuration),
    /// Nothing tells.
    Unknown,
}

/// Compares the first line of a component with the step that started it, which is the first that
/// names it: between its start and its end the line must have been written.
#[must_use]
pub fn clock(component: &str, first: Option<Timestamp>, steps: &[(Timestamp, &Step)]) -> Clock {
    let kind = component.split(['-', '_', '/', '.']).next().unwrap_or(component);
    let names =
        |it: &Step| it.text.to_lowercase().split_whitespace().any(|word| word.contains(kind));
    let started = steps.iter().find(|(_, it)| !kind.is_empty() && names(it));
    let (Some((began, step)), Some(first)) = (started, first) else { return Clock::Unknown };
    let Some(took) = step.duration.and_then(|it| SignedDuration::try_from(it).ok()) else {
        return Clock::Unknown;
    };
    let after = first.duration_since(*began);
    // A component that ran before the attempt was started by no step of it.
    if after.abs() > FAR {
        Clock::Unknown
    } else if after.is_negative() {
        Clock::Off(after)
    } else if after > took {
        Clock::Off(after - took)
    } else {
        Clock::Agrees(took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_stays_and_keeps_its_order() {
        let at = |n: i64| Timestamp::from_second(n).expect("small");
        let said =
            |source, n, grave, text| Said { source, time: at(n), weight: (false, grave), text };
        let lines = [(1, 0), (2, 2), (3, 0), (4, 1), (5, 0), (9, 0)];
        let mut lines = lines.map(|(n, grave)| said("livekit", n, grave, "x")).to_vec();
        assert_eq!(select(&lines, at(5), 3), [1, 3, 4]);
        assert_eq!(select(&lines, at(5), 9), [0, 1, 2, 3, 4, 5]);
        lines.extend([said("console", 1, 0, "y"), said("console", 3, 0, "y")]);
        assert_eq!(select(&lines, at(5), 3), [1, 3, 7], "each has its turn");
        let lines = [(1, "joins"), (2, "asked 1"), (3, "asked 2"), (4, "asked 3")];
        let lines = lines.map(|(n, text)| said("livekit", n, 0, text));
        assert_eq!(select(&lines, at(5), 2), [0, 3], "what was not said yet comes first");
    }

    #[test]
    fn a_clock_is_judged_by_the_step_that_started_its_component() {
        let at = |n: i64| Timestamp::from_second(n).expect("small");
        let seconds = SignedDuration::from_secs;
        let step = Step {
            text: "Given a LiveKit server is running".into(),
            outcome: crate::model::Outcome::Passed,
            duration: Some(std::time::Duration::from_secs(3)),
            hook: false,
        };
        let steps = [(at(10), &step)];
        let judged = |component, first| clock(component, Some(at(first)), &steps);
        assert_eq!(judged("livekit-livekit1", 12), Clock::Agrees(seconds(3)));
        assert_eq!(judged("livekit", 15), Clock::Off(seconds(2)));
        assert_eq!(judged("livekit", 9), Clock::Off(seconds(-1)));
        assert_eq!(judged("livekit", 5_000), Clock::Unknown, "of another attempt");
        assert_eq!(judged("egress", 12), Clock::Unknown);
        assert_eq!(clock("livekit", None, &steps), Clock::Unknown);
    }
}
