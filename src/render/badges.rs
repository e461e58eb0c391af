//! Which badges there are, and what they say.

use std::collections::BTreeMap;

use super::{
    address,
    badge::{Badge, Tone},
};
use crate::{
    history::Past,
    model::{Counts, Outcome},
    report::{Report, State},
};

/// The badges by name: `all`, one a suite, and one a cell, among these each single version.
#[must_use]
pub fn named(past: &Past, report: &Report) -> BTreeMap<String, Badge> {
    let mut badges = BTreeMap::new();
    let (mut all, mut all_known) = (Counts::default(), Counts::default());
    let mut failed_outside = false;
    for suite in &report.suites {
        let failed =
            suite.newest_by_combination.iter().any(|it| past.runs[*it].head.failed_outside_cases);
        all.merge(&suite.counts);
        all_known.merge(&suite.known);
        failed_outside |= failed;
        let badge = badge(&suite.name, (&suite.counts, &suite.known), failed, suite.aged);
        badges.insert(address::part(&suite.name), badge);
    }
    for (id, cell) in &report.cells {
        if !cell.versions.is_empty() {
            let failed =
                cell.suites.values().any(|it| past.runs[it.last_run].head.failed_outside_cases);
            badges.insert(
                id.clone(),
                badge(&cell.versions.to_string(), (&cell.counts, &cell.known), failed, cell.aged),
            );
        }
    }
    let badge = badge("LiveKit tests", (&all, &all_known), failed_outside, false);
    badges.insert("all".to_owned(), badge);
    badges
}

/// The files of all badges, by address.
pub(super) fn badges(past: &Past, report: &Report) -> Vec<(String, String)> {
    let files = |(name, badge): (String, Badge)| {
        [(format!("badges/{name}.svg"), badge.svg()), (format!("badges/{name}.json"), badge.json())]
    };
    named(past, report).into_iter().flat_map(files).collect()
}

/// A failure is red however old it is: grey would hide it.
fn badge(label: &str, (all, known): (&Counts, &Counts), failed_outside: bool, aged: bool) -> Badge {
    let counts = &all.without(known);
    let failing = counts.failing() > 0 || failed_outside;
    let tone = match State::explained(all, known, 0) {
        _ if failing => Tone::Failing,
        State::Untested | State::Unsupported => Tone::NoData,
        _ if aged => Tone::Aged,
        State::Known => Tone::Known,
        _ => Tone::Passing,
    };
    let mut parts = vec![format!("{} passed", counts.of(Outcome::Passed))];
    if known.failing() > 0 {
        parts.push(format!("{} known", known.failing()));
    }
    if counts.failing() > 0 {
        parts.push(format!("{} failed", counts.failing()));
    }
    let skipped = counts.of(Outcome::Skipped) + counts.of(Outcome::Unsupported);
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    let message = match tone {
        Tone::NoData => "no data".to_owned(),
        Tone::Failing if counts.failing() == 0 => format!("{}, run failed", parts.join(", ")),
        _ => parts.join(", "),
    };
    Badge { label: label.to_owned(), message, tone }
}
