//! What was measured while an attempt ran: quantities as lanes, and what changed of connections.

use jiff::{SignedDuration, Timestamp};

use super::fares::{bits, share};
use crate::{
    model::{Aspect, Case, Connection, Metrics, Series},
    render::format,
    report::{connections, parts_of_connection, within},
};

/// How many quantities are drawn.
const DRAWN: usize = 32;

/// How many changes of connections are told.
const TOLD: usize = 60;

/// States that are on their way to others.
const PASSING: [&str; 7] = [
    "new",
    "checking",
    "connecting",
    "have-local-offer",
    "have-remote-offer",
    "have-local-pranswer",
    "have-remote-pranswer",
];

/// A quantity while an attempt ran.
pub(super) struct Quantity {
    pub(super) name: String,
    /// What it reached.
    pub(super) note: String,
    pub(super) points: Vec<(Timestamp, f64)>,
}

/// Something of a connection that changed.
pub(super) struct Turn {
    pub(super) at: Timestamp,
    /// Until when it stayed so.
    pub(super) until: Timestamp,
    pub(super) who: String,
    /// What changed: `connection`, `ICE`, …; it has a lane of its own where it lasts.
    pub(super) what: &'static str,
    pub(super) lasts: bool,
    /// What it is from then on.
    pub(super) to: String,
    /// Whether it is on its way to something else, like a connection that is not yet one.
    pub(super) passing: bool,
}

/// What was measured while an attempt ran.
#[derive(Default)]
pub(super) struct Measured {
    /// Those of connections first, because they are what people see.
    pub(super) series: Vec<Quantity>,
    pub(super) turns: Vec<Turn>,
}

/// What was measured for attempt `n` of `case`, which ran in `window`.
pub(super) fn measured(
    metrics: &Metrics,
    (case, n): (&Case, usize),
    window: (Timestamp, Timestamp),
) -> Measured {
    let mut all = Measured::default();
    // What names no attempt is told by its time.
    let unnamed = (metrics.connections.iter())
        .map(|(name, it)| (parts_of_connection(name), it))
        .filter(|((_, label), _)| label.is_none())
        .map(|((who, _), it)| (who, it));
    for (who, it) in connections(metrics, case, n).chain(unnamed) {
        for (what, series) in it.series() {
            all.add(who, (what, series), window);
        }
        all.turn(who, it, window);
    }
    for (name, it) in &metrics.components {
        let used = [("CPU", &it.cpu), ("memory", &it.mem)];
        for (what, series) in used.into_iter().filter_map(|(what, it)| Some((what, it.as_ref()?))) {
            all.add(name, (what, series), window);
        }
    }
    all.turns.sort_by_key(|it| it.at);
    all.turns.truncate(TOLD);
    all
}

impl Measured {
    fn add(
        &mut self,
        whose: &str,
        (what, series): (&str, &Series),
        window: (Timestamp, Timestamp),
    ) {
        let points = within(series, window);
        let top = points.iter().map(|it| it.1).fold(0.0, f64::max);
        if points.is_empty() || top <= 0.0 || self.series.len() >= DRAWN {
            return;
        }
        let note = format!("up to {}", said(what, top));
        self.series.push(Quantity { name: format!("{whose}: {what}"), note, points });
    }

    /// What changed of a connection within `window`; each change lasts until the next of its kind, or
    /// until nothing was measured any more.
    fn turn(&mut self, who: &str, it: &Connection, (from, to): (Timestamp, Timestamp)) {
        let states = it.states.iter().map(|(at, state)| (*at, "connection", true, &**state));
        let noted = it.noted.iter().map(|it| {
            let (what, lasts) = named(it.what);
            (it.at, what, lasts && !it.to.is_empty(), &*it.to)
        });
        let inside = |it: &(Timestamp, &str, bool, &str)| it.0 >= from && it.0 <= to;
        let all: Vec<_> = states.chain(noted).filter(inside).collect();
        let seen = it.series().filter_map(|it| end(it.1)).max().map_or(to, |it| it.min(to));
        for (n, (at, what, lasts, word)) in all.iter().enumerate() {
            let next = all[n + 1..].iter().find(|it| it.1 == *what).map(|it| it.0);
            self.turns.push(Turn {
                at: *at,
                until: next.unwrap_or(seen).max(*at),
                who: who.to_owned(),
                what,
                lasts: *lasts,
                to: if word.is_empty() { "nothing".to_owned() } else { (*word).to_owned() },
                passing: word.split_whitespace().any(|it| PASSING.contains(&it)),
            });
        }
    }
}

/// When the last point of a series ends.
fn end(series: &Series) -> Option<Timestamp> {
    let steps = u64::from(series.points.last()?.step) + 1;
    let long = i64::try_from(steps.saturating_mul(series.step_ms)).ok()?;
    series.start.checked_add(SignedDuration::from_millis(long)).ok()
}

/// What people call an aspect of a connection, and whether it lasts.
const fn named(aspect: Aspect) -> (&'static str, bool) {
    match aspect {
        Aspect::Ice => ("ICE", true),
        Aspect::Signaling => ("signalling", true),
        Aspect::Resolution => ("size", true),
        Aspect::Limited => ("limited by", true),
        Aspect::Candidates => ("candidates", false),
        Aspect::Codecs => ("codecs", false),
        Aspect::Frozen => ("frozen so far", false),
    }
}

/// A value with its unit.
fn said(what: &str, value: f64) -> String {
    match what {
        "CPU" => format!("{value:.2} cores"),
        "memory" => format::bytes(value.max(0.0) as u64),
        "media received" | "media sent" => bits(value),
        "round trip" | "jitter" => format!("{value:.1}\u{a0}ms"),
        "loss" | "frozen" => share(value),
        "frames" => format!("{value:.0} a second"),
        _ => format!("{value:.1} a second"),
    }
}
