//! What the records of runs tell of the members of a failure family, and what differs between them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::context::Context;
use crate::{
    history::Outline,
    model::{MARKS, Run, headline, shapes},
    render::{format, view::DifferenceRow},
    report::Family,
};

/// How many members of a family one run tells of.
const KEPT: usize = 20;

/// How many values of one place are shown, and how much of each.
const VALUES: usize = 8;
const VALUE: usize = 80;

/// How much of a message is kept.
const MESSAGE: usize = 1_000;

/// A failure as a record tells it.
pub(in crate::render) struct Seen {
    pub(in crate::render) run: usize,
    /// Its family, as an index into `Families::all`.
    pub(in crate::render) family: usize,
    pub(super) case: u32,
    pub(super) message: Box<str>,
    shape: u32,
    /// What stood in place of each mark of its shape.
    values: Vec<Box<str>>,
}

/// What a run tells of the families that its failing cases belong to.
pub(in crate::render) fn seen(
    context: &Context<'_>,
    idx: usize,
    (run, results): (&Run, &[Option<Outline>]),
) -> Vec<Seen> {
    let past = context.run(idx);
    let mut kept: HashMap<usize, usize> = HashMap::new();
    let mut all = Vec::new();
    for (case, result) in run.cases.iter().zip(results) {
        let failures = result.map_or(&[][..], |it| past.failures_of(it.case));
        let Some(failing) = failures.first() else { continue };
        let family = context.report.families.of(*failing);
        let n = kept.entry(family).or_default();
        *n += 1;
        if *n > KEPT {
            continue;
        }
        let attempt = case.attempts.iter().rev().find(|it| it.outcome.is_failing());
        let message = attempt.and_then(headline).map_or("", |it| &it.message);
        let Some(shaped) = shapes(case).into_iter().next() else { continue };
        all.push(Seen {
            run: idx,
            family,
            case: failing.case,
            message: message[..message.floor_char_boundary(MESSAGE)].into(),
            shape: failing.shape,
            values: shaped.values,
        });
    }
    all
}

/// What stood in each place that differs, and what that is taken from in words.
pub(super) fn differences(
    context: &Context<'_>,
    family: &Family,
    seen: &[&Seen],
) -> (Vec<DifferenceRow>, String) {
    let words = |shape: u32| -> Vec<&str> {
        context.past.shapes[shape as usize].message.split(' ').collect()
    };
    let lead = words(family.shapes[0]);
    let mut named: BTreeSet<usize> = BTreeSet::new();
    for shape in &family.shapes[1..] {
        let differ = words(*shape).into_iter().zip(&lead).enumerate().filter(|(_, (a, b))| a != *b);
        named.extend(differ.map(|it| it.0));
    }
    let mut found: BTreeMap<(usize, usize), BTreeMap<&str, usize>> = BTreeMap::new();
    for it in seen {
        let words = words(it.shape);
        let marks: usize = words.iter().map(|it| marks(it)).sum();
        // A message may contain what looks like a mark, and then nothing is known of its places.
        if marks != it.values.len() {
            continue;
        }
        let mut values = it.values.iter();
        for (at, word) in words.iter().enumerate() {
            if named.contains(&at) {
                *found.entry((at, 0)).or_default().entry(word).or_default() += 1;
            }
            for (n, value) in values.by_ref().take(self::marks(word)).enumerate() {
                *found.entry((at, n)).or_default().entry(value).or_default() += 1;
            }
        }
    }
    let of = |word: &str, at: usize| {
        if named.contains(&at) { "<name>".to_owned() } else { word.to_owned() }
    };
    let row = |((at, _), values): ((usize, usize), BTreeMap<&str, usize>)| {
        let from = at.saturating_sub(2);
        let place: Vec<String> = (from..=at).map(|it| of(lead[it], it)).collect();
        DifferenceRow { place: place.join(" "), values: few(values) }
    };
    let told = format!(
        "Taken from {} in the newest runs; at most {KEPT} of a family a run",
        format::counted(seen.len() as u64, "failure"),
    );
    (found.into_iter().map(row).collect(), told)
}

/// How many marks stand in a word of a shape.
fn marks(word: &str) -> usize {
    MARKS.iter().map(|it| word.matches(it).count()).sum()
}

/// The most frequent values, and how many more there are.
fn few(values: BTreeMap<&str, usize>) -> String {
    let mut values: Vec<(&str, usize)> = values.into_iter().collect();
    values.sort_by_key(|it| Reverse(it.1));
    let said = values.iter().take(VALUES).map(|(value, n)| {
        let end = value.char_indices().nth(VALUE).map_or(value.len(), |it| it.0);
        let cut = if end < value.len() { "…" } else { "" };
        let times = if *n > 1 { format!(" ({n} times)") } else { String::new() };
        format!("{}{cut}{times}", &value[..end])
    });
    let said = said.collect::<Vec<_>>().join(" · ");
    match values.len().saturating_sub(VALUES) {
        0 => said,
        n => format!("{said} and {} more", format::number(n as u64)),
    }
}
