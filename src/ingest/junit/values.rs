//! What the attributes of JUnit XML say in the ways of many producers: durations, times, statuses.

use std::{borrow::Cow, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use crate::model::Outcome;

/// Reads `1.5`, `1,234.5`, `0,5`, `1.4e-05`, `2s`, `15ms` and `PT1.5S`; anything else says nothing.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.starts_with(['P', 'p']) {
        return text.parse::<SignedDuration>().ok()?.try_into().ok();
    }
    let (number, scale) = if let Some(number) = text.strip_suffix("ms") {
        (number, 1e-3)
    } else {
        (text.strip_suffix('s').unwrap_or(text), 1.0)
    };
    let seconds: f64 = decimal(number.trim()).parse().ok()?;
    Duration::try_from_secs_f64(seconds * scale).ok()
}

/// The number with a point before its decimals and nothing between its thousands.
fn decimal(number: &str) -> Cow<'_, str> {
    let Some(comma) = number.rfind(',') else { return Cow::Borrowed(number) };
    let is_decimal = match number.rfind('.') {
        Some(point) => point < comma,
        None => number.find(',') == Some(comma),
    };
    let (mark, between) = if is_decimal { (',', '.') } else { ('.', ',') };
    let is_between = |c: &char| *c == between || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'');
    let kept = number.chars().filter(|c| !is_between(c));
    Cow::Owned(kept.map(|c| if c == mark { '.' } else { c }).collect())
}

/// Reads a time; one without a zone is taken for UTC, because nothing in the file says more.
///
/// Times before 2000 are those of clocks that nobody set (the zero times of Go and Unix).
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let there: DateTime = text.parse().ok()?;
        Some(there.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    (time.as_second() >= 946_684_800).then_some(time)
}

/// Whether only TestNG writes a time like that: `2026-11-21T15:50:48 UTC`.
pub(super) fn is_of_testng(time: &str) -> bool {
    let parts = time.split_once(' ').filter(|it| it.0.contains('T'));
    parts.is_some_and(|it| !it.1.is_empty() && it.1.bytes().all(|it| it.is_ascii_uppercase()))
}

/// What a `status` or `result` says that is not said by an element; `None` for all words of success.
pub(super) fn status(text: &str) -> Option<Outcome> {
    const SKIPPED: [&str; 11] = [
        "notrun",
        "not_run",
        "notexecuted",
        "disabled",
        "skipped",
        "skip",
        "ignored",
        "suppressed",
        "pending",
        "undefined",
        "todo",
    ];
    const FAILED: [&str; 7] =
        ["failed", "failure", "fail", "error", "errored", "broken", "timedout"];
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if SKIPPED.iter().any(is) {
        Some(Outcome::Skipped)
    } else {
        FAILED.iter().any(is).then_some(Outcome::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_all_producers() {
        let millis = |text| duration(text).map(|it| it.as_micros() as f64 / 1e3);
        assert_eq!(millis("1.5"), Some(1500.0));
        assert_eq!(millis("1,234.5"), Some(1_234_500.0));
        assert_eq!(millis("1.234,5"), Some(1_234_500.0));
        assert_eq!(millis("1,234,567.5"), Some(1_234_567_500.0));
        assert_eq!(millis("1,234,567"), Some(1_234_567_000.0));
        assert_eq!(millis("0,5"), Some(500.0));
        assert_eq!(millis("1.4e-05"), Some(0.014));
        assert_eq!(millis(" 2s "), Some(2000.0));
        assert_eq!(millis("15ms"), Some(15.0));
        assert_eq!(millis("PT1.5S"), Some(1500.0));
        for nothing in ["", "-1", "NaN", "inf", "1e400", "<<computed>>", "PT", "-PT1S", ",", "."] {
            assert_eq!(millis(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn testng_is_known_by_its_times() {
        assert!(is_of_testng("2026-11-21T15:50:48 UTC"));
        for other in ["2026-11-21T15:50:48", "2021-03-07 10:36:56 UTC", "2026-11-21T15:50:48Z", ""]
        {
            assert!(!is_of_testng(other), "{other}");
        }
    }

    #[test]
    fn times_with_and_without_a_zone() {
        let say = |text| time(text).map(|it| it.to_string());
        assert_eq!(say("2020-10-12T20:17:41").unwrap(), "2020-10-12T20:17:41Z");
        assert_eq!(say("2021-03-07 10:36:56 UTC").unwrap(), "2021-03-07T10:36:56Z");
        assert_eq!(say("2025-11-15T11:51:49.5-05:00").unwrap(), "2025-11-15T16:51:49.5Z");
        for nothing in ["", "yesterday", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00"] {
            assert_eq!(say(nothing), None, "{nothing}");
        }
    }
}
