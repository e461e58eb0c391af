//! Failure families over runs: how often each was seen, out of how many, where, and since when.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rate, cluster::clusters};
use crate::{
    history::{Failing, Past},
    model::FamilyId,
};

/// Stands for a word that differs within a family.
const NAME: &str = "<name>";

/// The failure families of a past.
#[derive(Debug, Clone, Default)]
pub struct Families {
    /// Those of most runs first, and of these the ones that were seen last.
    pub all: Vec<Family>,
    /// For each of `Past::shapes` the place of its family in `all`.
    of_shape: Vec<u32>,
}

/// Failures that are one failure but for names and numbers. Indices point into the `Past`.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The id of the shape that was seen first.
    pub id: FamilyId,
    /// Its shapes, the one that was seen first before the others.
    pub shapes: Vec<u32>,
    /// The exception or error type, empty where none is given.
    pub type_name: String,
    /// The message with marks for what varies.
    pub message: String,
    /// Where it came from, where the message alone does not tell.
    pub place: String,
    /// The runs with it, oldest first, and how many cases failed so in each.
    pub runs: Vec<(usize, u32)>,
    /// The runs in which one of its cases exercised the product, oldest first.
    pub asked: Vec<usize>,
    /// In how many of these it was seen.
    pub rate: Rate,
    /// The cases that failed so, and in how many runs each.
    pub cases: BTreeMap<u32, u32>,
}

impl Families {
    /// The place in `all` of what a case failed with.
    #[must_use]
    pub fn of(&self, failing: Failing) -> usize {
        self.of_shape[failing.shape as usize] as usize
    }

    /// The family of that id; also under the id of a shape that is not its first.
    #[must_use]
    pub fn find(&self, past: &Past, id: FamilyId) -> Option<&Family> {
        let of = |(shape, _): (usize, _)| &self.all[self.of_shape[shape] as usize];
        past.shapes.iter().enumerate().find(|(_, it)| it.id() == id).map(of)
    }
}

impl Family {
    /// What heads its page: the message, or what stands for it.
    #[must_use]
    pub fn headline(&self) -> &str {
        let said = [&self.message, &self.type_name, &self.place];
        said.into_iter().find(|it| !it.is_empty()).map_or("without a message", |it| it)
    }

    /// The oldest and the newest run with it.
    #[must_use]
    pub fn seen(&self) -> Option<(usize, usize)> {
        Some((self.runs.first()?.0, self.runs.last()?.0))
    }
}

/// Puts the failures of all runs into families.
pub(super) fn families(past: &Past) -> Families {
    let first = first_seen(past);
    let roots = clusters(&past.shapes, &cases_of_shapes(past));
    let mut by_root: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (shape, root) in (0..).zip(roots) {
        by_root.entry(root).or_default().push(shape);
    }
    let mut of_shape = vec![0; past.shapes.len()];
    let mut all: Vec<Family> = Vec::with_capacity(by_root.len());
    for mut shapes in by_root.into_values() {
        shapes.sort_by_key(|it| (first[*it as usize], *it));
        let place = u32::try_from(all.len()).expect("as many as there are shapes at most");
        shapes.iter().for_each(|it| of_shape[*it as usize] = place);
        all.push(blank(past, shapes));
    }
    count(past, &of_shape, &mut all);
    ask(past, &mut all);
    let mut order: Vec<usize> = (0..all.len()).collect();
    let rank = |it: &Family| (it.runs.len(), it.runs.last().copied());
    order.sort_by(|a, b| rank(&all[*b]).cmp(&rank(&all[*a])).then(all[*a].id.cmp(&all[*b].id)));
    let mut places = vec![0; all.len()];
    (0..).zip(&order).for_each(|(new, old)| places[*old] = new);
    of_shape.iter_mut().for_each(|it| *it = places[*it as usize]);
    let mut unordered: Vec<Option<Family>> = all.into_iter().map(Some).collect();
    let all = order.into_iter().filter_map(|it| unordered[it].take()).collect();
    Families { all, of_shape }
}

/// The first run that has each shape.
fn first_seen(past: &Past) -> Vec<usize> {
    let mut first = vec![usize::MAX; past.shapes.len()];
    for (idx, run) in past.runs.iter().enumerate().rev() {
        run.failures.iter().for_each(|it| first[it.shape as usize] = idx);
    }
    first
}

fn cases_of_shapes(past: &Past) -> Vec<BTreeSet<u32>> {
    let mut cases = vec![BTreeSet::new(); past.shapes.len()];
    for it in past.runs.iter().flat_map(|run| &run.failures) {
        cases[it.shape as usize].insert(it.case);
    }
    cases
}

/// A family of these shapes that was not looked for in any run yet.
fn blank(past: &Past, shapes: Vec<u32>) -> Family {
    let lead = &past.shapes[shapes[0] as usize];
    let mut words: Vec<&str> = lead.message.split(' ').collect();
    for shape in &shapes[1..] {
        let others = past.shapes[*shape as usize].message.split(' ');
        let differing = words.iter_mut().zip(others).filter(|(mine, other)| **mine != *other);
        differing.for_each(|(mine, _)| *mine = NAME);
    }
    Family {
        id: lead.id(),
        type_name: lead.type_name.to_string(),
        message: words.join(" "),
        place: lead.place.to_string(),
        shapes,
        runs: Vec::new(),
        asked: Vec::new(),
        rate: Rate::new(0, 0),
        cases: BTreeMap::new(),
    }
}

/// Counts for each family the cases of each run, each case once.
fn count(past: &Past, of_shape: &[u32], all: &mut [Family]) {
    for (idx, run) in past.runs.iter().enumerate() {
        let pair = |it: &Failing| (it.case, of_shape[it.shape as usize]);
        let pairs: BTreeSet<(u32, u32)> = run.failures.iter().map(pair).collect();
        for (case, family) in pairs {
            let family = &mut all[family as usize];
            *family.cases.entry(case).or_default() += 1;
            match family.runs.last_mut().filter(|it| it.0 == idx) {
                Some((_, cases)) => *cases += 1,
                None => family.runs.push((idx, 1)),
            }
        }
    }
}

/// Finds for each family the runs in which it could have been seen.
fn ask(past: &Past, all: &mut [Family]) {
    let mut of_case: Vec<Vec<u32>> = vec![Vec::new(); past.cases.len()];
    for (place, family) in (0..).zip(all.iter()) {
        family.cases.keys().for_each(|it| of_case[*it as usize].push(place));
    }
    for (idx, run) in past.runs.iter().enumerate() {
        let telling = run.results.iter().filter(|it| it.outcome.is_evidence() || it.attempts > 1);
        for place in telling.flat_map(|it| &of_case[it.case as usize]) {
            let asked = &mut all[*place as usize].asked;
            if asked.last() != Some(&idx) {
                asked.push(idx);
            }
        }
    }
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for it in all {
        it.rate = Rate::new(small(it.runs.len()), small(it.asked.len().max(it.runs.len())));
    }
}
