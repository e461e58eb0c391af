//! The suites that are open, and how time goes on in them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::Case;

/// What producers round durations by, all cases of a suite together.
const ROUNDING: Duration = Duration::from_secs(1);

/// A suite, or the root, while it is open.
pub(super) struct Suite {
    pub(super) name: Box<str>,
    pub(super) host: Box<str>,
    started: Option<Timestamp>,
    elapsed: Duration,
    /// How long it took, where it says so.
    took: Option<Duration>,
    /// Which of the cases of the file is its first.
    first: usize,
    /// Whether there are suites in it.
    holds_suites: bool,
    /// Whether the starts of its cases may be counted from its own and their durations.
    counts: bool,
}

impl Suite {
    /// When its next case begins, if its cases run one after the other.
    pub(super) fn now(&self) -> Option<Timestamp> {
        after(self.started.filter(|_| self.counts)?, self.elapsed)
    }
}

/// The open suites, outermost first.
#[derive(Default)]
pub(super) struct Suites(Vec<Suite>);

impl Suites {
    /// Opens a suite when the file has had `cases` cases.
    pub(super) fn open(
        &mut self,
        (name, host): (Box<str>, Box<str>),
        (started, took): (Option<Timestamp>, Option<Duration>),
        cases: usize,
    ) {
        if let Some(outer) = self.0.last_mut() {
            outer.holds_suites = true;
        }
        let outer = self.0.last();
        self.0.push(Suite {
            name,
            host,
            started: started.or_else(|| outer.and_then(|it| after(it.started?, it.elapsed))),
            elapsed: Duration::ZERO,
            took,
            first: cases,
            holds_suites: false,
            counts: outer.is_none_or(|it| it.counts),
        });
    }

    /// Closes the innermost suite, whose time goes on in the one around it.
    ///
    /// Where its cases took longer together than it did, they ran side by side, and nobody knows
    /// when each began.
    pub(super) fn close(&mut self, cases: &mut [Case], has_times: bool) {
        let Some(suite) = self.0.pop() else { return };
        // Suites that ran side by side say nothing of the cases in each.
        let took = suite.took.filter(|_| !suite.holds_suites);
        let longest = took.map(|it| it.saturating_add(it / 10).saturating_add(ROUNDING));
        if longest.is_some_and(|it| suite.elapsed > it) && !has_times {
            for case in &mut cases[suite.first..] {
                case.attempts.iter_mut().for_each(|it| it.started = None);
            }
        }
        self.pass(suite.elapsed);
    }

    /// Time goes on in the innermost suite.
    pub(super) fn pass(&mut self, time: Duration) {
        if let Some(suite) = self.0.last_mut() {
            suite.elapsed = suite.elapsed.saturating_add(time);
        }
    }

    /// Whether the innermost suite has one case and nothing else, when the file has had `cases`.
    pub(super) fn has_only_case(&self, cases: usize) -> bool {
        self.0.last().is_some_and(|it| !it.holds_suites && cases == it.first + 1)
    }

    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|it| &*it.name)
    }

    pub(super) fn last(&self) -> Option<&Suite> {
        self.0.last()
    }

    /// The cases of the innermost suite are not listed in the order in which they ran.
    pub(super) fn count_no_time(&mut self) {
        if let Some(suite) = self.0.last_mut() {
            suite.counts = false;
        }
    }
}

/// The time that long after another.
pub(super) fn after(time: Timestamp, duration: Duration) -> Option<Timestamp> {
    time.checked_add(SignedDuration::try_from(duration).ok()?).ok()
}
