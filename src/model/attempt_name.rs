//! What logs, samples and connections call an attempt.

use jiff::{civil::DateTime, tz::TimeZone};

use super::{Case, slug};

/// The name of an attempt: `<case>-<attempt>`, and by our own engine `<case>-<attempt>-<start>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptName<'a> {
    /// The name of its case; signs that are neither letters nor digits do not matter.
    pub case: &'a str,
    /// Its number, from 1.
    pub number: usize,
    /// The second in which it began, of Unix time, where the name says so.
    pub second: Option<i64>,
}

impl<'a> AttemptName<'a> {
    /// Takes a name apart; `None` where it is none.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (rest, last) = text.rsplit_once('-')?;
        let time =
            last.strip_suffix('Z').and_then(|it| DateTime::strptime("%Y%m%dT%H%M%S", it).ok());
        let Some(time) = time else {
            return Some(Self { case: rest, number: last.parse().ok()?, second: None });
        };
        let (case, number) = rest.rsplit_once('-')?;
        let second = time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        Some(Self { case, number: number.parse().ok()?, second: Some(second) })
    }

    /// Whether it means attempt `number` of `case`, from 1.
    #[must_use]
    pub fn is_of(&self, case: &Case, number: usize) -> bool {
        let attempt = number.checked_sub(1).and_then(|it| case.attempts.get(it));
        let Some(attempt) = attempt.filter(|_| self.number == number) else { return false };
        let times = self.second.zip(attempt.started);
        // A start that was written down in milliseconds may have lost a part of one.
        times.is_none_or(|(second, at)| second.abs_diff(at.as_second()) <= 1)
            && slug(self.case) == slug(&case.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attempt, Outcome};

    #[test]
    fn names_are_read_with_and_without_their_start() {
        let name = |case, number, second| Some(AttemptName { case, number, second });
        assert_eq!(AttemptName::parse("joins-2"), name("joins", 2, None));
        let stamped = name("a-b", 1, Some(1_795_316_251));
        assert_eq!(AttemptName::parse("a-b-1-20261122T025731Z"), stamped);
        assert_eq!(AttemptName::parse("joins"), None);
        assert_eq!(AttemptName::parse("joins-20261122T025731Z"), None);
    }

    #[test]
    fn an_attempt_is_told_by_name_number_and_start() {
        let mut attempt = Attempt::new(Outcome::Passed);
        attempt.started = "2026-11-22T02:57:31.5Z".parse().ok();
        let case = |name: &str| Case {
            path: [].into(),
            feature: None,
            rule: None,
            name: name.into(),
            example: [].into(),
            tags: [].into(),
            attempts: vec![attempt.clone(), attempt.clone()],
            measured: None,
        };
        let is = |label: &str, name, n| {
            AttemptName::parse(label).is_some_and(|it| it.is_of(&case(name), n))
        };
        assert!(is("Two-meet-in-Chrome-1-20261122T025731Z", "Two meet in Chrome", 1));
        assert!(is("Two-meet-in-Chrome-2", "Two meet in Chrome", 2));
        assert!(!is("Two-meet-in-Chrome-1-20261122T025733Z", "Two meet in Chrome", 1));
        assert!(!is("Two-meet-in-Chrome-1-20261122T025731Z", "Two meet in Chrome", 2));
        assert!(!is("Two-meet-in-Chrome-3", "Two meet in Chrome", 3));
        assert!(!is("Two-meet-in-Chrome-1", "Two meet", 1));
    }
}
