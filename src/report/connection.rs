//! Which connections were measured for an attempt.

use jiff::{Timestamp, tz::TimeZone};

use crate::model::{Attempt, Case, Connection, Metrics, slug};

/// The connections that were measured for attempt `n` of `case`, counted from 0, by participant.
///
/// Those that name no attempt are left out: of which attempt they tell is known by their time alone.
pub fn connections<'a>(
    metrics: &'a Metrics,
    case: &'a Case,
    n: usize,
) -> impl Iterator<Item = (&'a str, &'a Connection)> {
    let attempt = case.attempts.get(n);
    let belongs = move |label: &str| attempt.is_some_and(|it| is_of(label, (&case.name, n), it));
    metrics.connections.iter().filter_map(move |(name, it)| {
        let (who, label) = parts(name);
        label.filter(|label| belongs(label)).map(|_| (who, it))
    })
}

/// Whose a connection is, by its name `component/participant/attempt`, and of which attempt.
#[must_use]
pub fn parts(name: &str) -> (&str, Option<&str>) {
    let Some((component, rest)) = name.split_once('/') else { return (name, None) };
    match rest.rsplit_once('/') {
        Some((who, label)) if !who.is_empty() => (who, Some(label)),
        _ if rest.is_empty() => (component, None),
        _ => (rest, None),
    }
}

/// Whether `label`, which is `<case>-<attempt>` with the start of the attempt behind it or not, means
/// attempt `n`.
fn is_of(label: &str, (name, n): (&str, usize), attempt: &Attempt) -> bool {
    let stamped = label.rsplit_once('-').and_then(|(rest, it)| Some((rest, stamp(it)?)));
    let (label, at) = stamped.map_or((label, None), |(rest, at)| (rest, Some(at)));
    let Some((stem, number)) = label.rsplit_once('-') else { return false };
    // A start that was written down in milliseconds may have lost a part of one.
    let is_then = at
        .zip(attempt.started)
        .is_none_or(|(at, started)| at.as_second().abs_diff(started.as_second()) <= 1);
    is_then && number.parse() == Ok(n + 1) && slug(stem) == slug(name)
}

/// A time as the engine writes it into names: `20261122T025731Z`.
fn stamp(text: &str) -> Option<Timestamp> {
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", text.strip_suffix('Z')?).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whose_and_of_which_attempt() {
        assert_eq!(parts("client-js/Ada/joins-1"), ("Ada", Some("joins-1")));
        assert_eq!(parts("client-js/team/Ada/joins-1"), ("team/Ada", Some("joins-1")));
        assert_eq!(parts("client-js/Ada"), ("Ada", None));
        assert_eq!(parts("client-js"), ("client-js", None));
    }

    #[test]
    fn an_attempt_is_told_by_name_number_and_start() {
        let mut attempt = Attempt::new(crate::model::Outcome::Passed);
        attempt.started = "2026-11-22T02:57:31.5Z".parse().ok();
        let is = |label, name, n| is_of(label, (name, n), &attempt);
        assert!(is("Two-meet-in-Chrome-1-20261122T025731Z", "Two meet in Chrome", 0));
        assert!(is("Two-meet-in-Chrome-2", "Two meet in Chrome", 1));
        assert!(!is("Two-meet-in-Chrome-1-20261122T025733Z", "Two meet in Chrome", 0));
        assert!(!is("Two-meet-in-Chrome-1-20261122T025731Z", "Two meet in Chrome", 1));
        assert!(!is("Two-meet-in-Chrome-1", "Two meet", 0) && !is("joins", "joins", 0));
    }
}
