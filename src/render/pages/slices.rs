//! `/matrix/slices/`: what the filters of a matrix need, in a script that is loaded when they are
//! opened.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    context::{Context, state_mark},
    matrix::title,
};
use crate::{
    model::Version,
    render::{address, escape::script_json},
    report::{STRENGTH, Slice, Tab, slices},
};

/// How many tags can be chosen; those of most scenarios are.
const TAGS: usize = 100;

/// A matrix in slices; numbers point into the lists above them.
#[derive(Serialize)]
struct Sliced<'a> {
    /// The classes of the states and their words, the strongest last.
    states: Vec<(&'static str, &'static str)>,
    suites: Vec<&'a str>,
    tags: Vec<&'a str>,
    /// Sets of tags.
    sets: Vec<Vec<usize>>,
    days: Vec<String>,
    /// For each cell: suite, set, day, state, how many passed, of how many.
    cells: BTreeMap<String, Vec<[usize; 6]>>,
}

/// The scripts, one for each tab.
pub(in crate::render) fn sliced(context: &Context<'_>) -> Vec<(String, String)> {
    let script = |tab: &Tab| {
        let json = script_json(&of_tab(context, tab)).unwrap_or_default();
        (address::slices(&title(tab)), format!("lkSlices({json});\n"))
    };
    context.report.tabs.iter().map(script).collect()
}

fn of_tab<'a>(context: &Context<'a>, tab: &Tab) -> Sliced<'a> {
    let mut cells: BTreeMap<String, Vec<Slice<'a>>> = BTreeMap::new();
    let mut add = |row: &Version, column: Option<&Version>| {
        let id = tab.versions(row, column).id();
        if let Some(cell) = context.report.cells.get(&id) {
            cells
                .entry(id)
                .or_insert_with(|| slices(context.past, cell, &context.report.knowledge));
        }
    };
    for row in &tab.rows.versions {
        match &tab.columns {
            Some(axis) => axis.versions.iter().for_each(|it| add(row, Some(it))),
            None => add(row, None),
        }
    }
    let all = || cells.values().flatten();
    let suites: BTreeSet<&str> = all().map(|it| it.suite).collect();
    let mut often: BTreeMap<&str, u32> = BTreeMap::new();
    for it in all() {
        it.tags.iter().for_each(|tag| *often.entry(tag).or_default() += it.of.max(1));
    }
    let mut ranked: Vec<(&str, u32)> = often.into_iter().collect();
    ranked.sort_by_key(|it| (std::cmp::Reverse(it.1), it.0));
    let tags: BTreeSet<&str> = ranked.into_iter().take(TAGS).map(|it| it.0).collect();
    let tags: Vec<&str> = tags.into_iter().collect();
    let chosen = |it: &Slice<'_>| -> Vec<usize> {
        it.tags.iter().filter_map(|tag| tags.binary_search(&tag.as_ref()).ok()).collect()
    };
    let sets: BTreeSet<Vec<usize>> = all().map(chosen).collect();
    let days: BTreeSet<String> = all().map(|it| it.day.to_string()).collect();
    let (suites, sets, days): (Vec<_>, Vec<_>, Vec<_>) =
        (suites.into_iter().collect(), sets.into_iter().collect(), days.into_iter().collect());
    let numbers = |it: &Slice<'_>| {
        let place = STRENGTH.iter().position(|state| *state == it.state).unwrap_or_default();
        [
            suites.binary_search(&it.suite).unwrap_or_default(),
            sets.binary_search(&chosen(it)).unwrap_or_default(),
            days.binary_search(&it.day.to_string()).unwrap_or_default(),
            place,
            it.passed as usize,
            it.of as usize,
        ]
    };
    let cells = cells.iter().map(|(id, it)| (id.clone(), it.iter().map(numbers).collect()));
    let cells = cells.collect();
    let states = STRENGTH.map(|it| (state_mark(it).class(), it.word())).to_vec();
    Sliced { states, suites, tags, sets, days, cells }
}
