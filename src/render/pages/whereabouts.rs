//! `/cases/where/`: which page an id stands on, in scripts small enough to load one for a look-up.

use std::collections::BTreeMap;

use super::context::Context;

/// The scripts, one for each letter that ids begin with: pages with the ids on them, joined.
pub(in crate::render) fn whereabouts(context: &Context<'_>) -> Vec<(String, String)> {
    // A letter without ids gets a script too, so that a look-up never asks for what is not there.
    let letters = ('0'..='9').chain('a'..='f');
    let mut by_letter: BTreeMap<char, BTreeMap<String, String>> =
        letters.map(|letter| (letter, BTreeMap::new())).collect();
    for (case, known) in (0_u32..).zip(&context.past.cases) {
        let id = known.id.to_string();
        let Some(letter) = id.chars().next() else { continue };
        let href = context.case_href(case);
        let page = href.split_once('#').map_or(href.as_str(), |it| it.0).to_owned();
        *by_letter.entry(letter).or_default().entry(page).or_default() += &id;
    }
    let script = |(letter, pages): (char, BTreeMap<String, String>)| {
        let entries: Vec<String> =
            pages.iter().map(|(page, ids)| format!("{page:?}:{ids:?}")).collect();
        (format!("cases/where/{letter}.js"), format!("lkWhere({{{}}});\n", entries.join(",\n")))
    };
    by_letter.into_iter().map(script).collect()
}
