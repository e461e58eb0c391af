//! `/cases/where/`: which page an id stands on, in scripts small enough to load one for a look-up.

use std::collections::BTreeMap;

use super::{cases, context::Context};
use crate::render::address;

/// Pages with the ids on them, joined.
type Pages = BTreeMap<String, String>;

/// The scripts, one for each letter that ids begin with.
pub(in crate::render) fn whereabouts(context: &Context<'_>) -> Vec<(String, String)> {
    // A letter without ids gets a script too, so that a look-up never asks for what is not there.
    let letters = ('0'..='9').chain('a'..='f');
    let mut by_letter: BTreeMap<char, Pages> =
        letters.map(|letter| (letter, Pages::new())).collect();
    for suite in &context.report.suites {
        let known = cases::of_suite(context, &suite.name);
        for (n, first) in known.clone().step_by(cases::PAGE).enumerate() {
            let listed = first..(first + cases::PAGE).min(known.end);
            place(context, listed, &address::suite_cases(&suite.name, n + 1), &mut by_letter);
        }
    }
    let script = |(letter, pages): (char, Pages)| {
        let entries: Vec<String> =
            pages.iter().map(|(page, ids)| format!("{page:?}:{ids:?}")).collect();
        (format!("cases/where/{letter}.js"), format!("lkWhere({{{}}});\n", entries.join(",\n")))
    };
    by_letter.into_iter().map(script).collect()
}

/// Puts the ids of the cases that `list` lists with their own page, or with the list.
fn place(
    context: &Context<'_>,
    listed: std::ops::Range<usize>,
    list: &str,
    by_letter: &mut BTreeMap<char, Pages>,
) {
    let mut on_list: BTreeMap<char, String> = BTreeMap::new();
    for case in listed {
        let known = &context.past.cases[case];
        let id = known.id.to_string();
        let Some(letter) = id.chars().next() else { continue };
        if context.report.cases[case].has_page {
            by_letter.entry(letter).or_default().insert(address::case(known), id);
        } else {
            on_list.entry(letter).or_default().push_str(&id);
        }
    }
    for (letter, ids) in on_list {
        by_letter.entry(letter).or_default().insert(list.to_owned(), ids);
    }
}
