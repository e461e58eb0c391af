//! What happened around an attempt: which of many lines matter, when its steps ran, and what its
//! measurements reached.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Attempt, Series, Step};

/// How long before and after an attempt things still belong to it.
const AROUND: SignedDuration = SignedDuration::from_secs(2);

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

/// Which of `lines`, each with its time and weight, are shown where only `most` can be: those that
/// matter, and of equal ones those nearest to `end`; by their places, in order.
#[must_use]
pub fn select(lines: &[(Timestamp, Weight)], end: Timestamp, most: usize) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..lines.len()).collect();
    ranked.sort_by_key(|it| {
        let (time, weight) = lines[*it];
        (Reverse(weight), time.duration_since(end).abs(), *it)
    });
    ranked.truncate(most);
    ranked.sort_unstable();
    ranked
}

/// The greatest value of `series` between two times, and when it was measured.
#[must_use]
pub fn peak(series: &Series, (from, to): (Timestamp, Timestamp)) -> Option<(Timestamp, f64)> {
    let time = |step: u32| {
        let millis = i64::try_from(series.step_ms.saturating_mul(step.into())).ok()?;
        series.start.checked_add(SignedDuration::from_millis(millis)).ok()
    };
    let within = series.points.iter().filter_map(|it| Some((time(it.step)?, it.max)));
    within
        .filter(|(at, _)| *at >= from && *at <= to)
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_stays_and_keeps_its_order() {
        let at = |n: i64| Timestamp::from_second(n).expect("small");
        let lines: Vec<(Timestamp, Weight)> = [(1, 0), (2, 2), (3, 0), (4, 1), (5, 0), (9, 0)]
            .map(|(n, grave)| (at(n), (false, grave)))
            .into();
        assert_eq!(select(&lines, at(5), 3), [1, 3, 4]);
        assert_eq!(select(&lines, at(5), 9), [0, 1, 2, 3, 4, 5]);
    }
}
