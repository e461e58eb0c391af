//! Every case of the kept runs, each kept once however often it ran.
//!
//! A case whose tags or feature changed over time stands here once for each, because the past shows
//! them as last seen, and which run was the last depends on which runs are kept.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    iter::once,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    Known, PastRun,
    line::{CaseLine, Interner, Text},
};
use crate::model::{Case, CaseId, Shape};

/// Cases, found by what the lines of records say of them.
#[derive(Default)]
pub(super) struct Table {
    /// The cases; the outlines of the runs that go with this table point into it.
    pub(super) cases: Vec<Known>,
    /// Where a case stands, by the hash of its parts.
    places: HashMap<u64, u32>,
    /// Where a case stands, by the hash of its line's first half, which saves parsing that.
    lines: HashMap<u64, u32>,
    /// Seeded at random, so that nobody can make names that collide.
    hashes: RandomState,
    interner: Interner,
    shapes: HashMap<Shape, u32>,
}

impl Table {
    /// The place of a shape; it is taken in where it is new.
    pub(super) fn shape(&mut self, shape: Shape) -> u32 {
        let next = u32::try_from(self.shapes.len()).expect("four billion shapes fill no memory");
        *self.shapes.entry(shape).or_insert(next)
    }

    /// The place of a case that is known from elsewhere; it is taken in where it is new.
    pub(super) fn adopt(&mut self, case: Known) -> u32 {
        let key = self.key(parts_of_known(&case));
        self.places.get(&key).copied().unwrap_or_else(|| self.push(key, case))
    }

    /// The place of a case by the first half of its line, if a line like that was remembered.
    pub(super) fn find(&self, suite: &str, identity: &[u8]) -> Option<u32> {
        self.lines.get(&self.hashes.hash_one((suite, identity))).copied()
    }

    /// Remembers that a line that begins like this is about the case at `place`.
    pub(super) fn remember(&mut self, suite: &str, identity: &[u8], place: u32) {
        self.lines.insert(self.hashes.hash_one((suite, identity)), place);
    }

    /// What [`key_of_case`] needs, so that keys can be made without holding the table.
    pub(super) fn hashes(&self) -> RandomState {
        self.hashes.clone()
    }

    fn key<'a>(&self, parts: impl Iterator<Item = Option<&'a str>>) -> u64 {
        key(&self.hashes, parts)
    }

    /// The place of a case by its line.
    pub(super) fn place<A>(&self, suite: &str, line: &CaseLine<'_, A>) -> Option<u32> {
        self.places.get(&self.key(parts_of_line(suite, line))).copied()
    }

    /// The place of a case that is taken in where it is new.
    pub(super) fn insert<A>(&mut self, suite: &str, line: &CaseLine<'_, A>) -> u32 {
        let key = self.key(parts_of_line(suite, line));
        self.places.get(&key).copied().unwrap_or_else(|| {
            let known = known(&mut self.interner, suite, line);
            self.push(key, known)
        })
    }

    /// Makes room for so many cases where there is none yet.
    pub(super) fn reserve(&mut self, n: usize) {
        if self.cases.is_empty() {
            self.cases.reserve(n);
            self.places.reserve(n);
        }
    }

    /// The place of a case with its key and its id; it is taken in where it is new.
    pub(super) fn take(&mut self, suite: &str, case: &Case, (key, id): (u64, CaseId)) -> u32 {
        self.places.get(&key).copied().unwrap_or_else(|| {
            let known = Known {
                id,
                suite: self.interner.text(suite),
                path: Arc::clone(&case.path),
                feature: case.feature.clone(),
                rule: case.rule.clone(),
                name: (*case.name).into(),
                example: case.example.iter().map(|it| (**it).into()).collect(),
                tags: Arc::clone(&case.tags),
            };
            self.push(key, known)
        })
    }

    fn push(&mut self, key: u64, case: Known) -> u32 {
        let place = u32::try_from(self.cases.len()).expect("four billion cases fill no memory");
        self.cases.push(case);
        self.places.insert(key, place);
        place
    }

    /// Puts cases and shapes in order, drops those that no run has, and lets the runs point to their
    /// new places.
    pub(super) fn settle(self, runs: &mut [PastRun]) -> (Vec<Known>, Vec<Shape>) {
        let shapes = settle_shapes(self.shapes, runs);
        let mut used = vec![false; self.cases.len()];
        let results = runs.iter().flat_map(|run| &run.results);
        results.for_each(|it| used[it.case as usize] = true);
        let mut kept: Vec<(u32, Known)> =
            (0..).zip(self.cases).filter(|(place, _)| used[*place as usize]).collect();
        kept.par_sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));
        let mut places = vec![u32::MAX; used.len()];
        for (new, (old, _)) in (0..).zip(&kept) {
            places[*old as usize] = new;
        }
        point(runs, &places);
        (kept.into_iter().map(|(_, case)| case).collect(), shapes)
    }
}

fn settle_shapes(shapes: HashMap<Shape, u32>, runs: &mut [PastRun]) -> Vec<Shape> {
    let mut places = vec![u32::MAX; shapes.len()];
    let failures = runs.iter().flat_map(|run| &run.failures);
    failures.for_each(|it| places[it.shape as usize] = 0);
    let mut kept: Vec<(Shape, u32)> =
        shapes.into_iter().filter(|(_, place)| places[*place as usize] == 0).collect();
    kept.par_sort_unstable();
    for (new, (_, old)) in (0..).zip(&kept) {
        places[*old as usize] = new;
    }
    let failures = runs.iter_mut().flat_map(|run| &mut run.failures);
    failures.for_each(|it| it.shape = places[it.shape as usize]);
    kept.into_iter().map(|(shape, _)| shape).collect()
}

/// What cases are sorted by: first what people read, then all that tells two of them apart.
fn order(case: &Known) -> impl Ord + '_ {
    let Known { id, suite, path, feature, rule, name, example, tags } = case;
    (suite, path, rule, name, example, id, feature, tags)
}

/// Lets the results of `runs` point to new `places`, and keeps them sorted by these.
pub(super) fn point(runs: &mut [PastRun], places: &[u32]) {
    for run in runs {
        for result in &mut run.results {
            result.case = places[result.case as usize];
        }
        if !run.results.is_sorted_by_key(|it| it.case) {
            run.results.sort_unstable_by_key(|it| it.case);
        }
        for failing in &mut run.failures {
            failing.case = places[failing.case as usize];
        }
        // Those of one case keep their order.
        run.failures.sort_by_key(|it| it.case);
        for measured in &mut run.measured {
            measured.case = places[measured.case as usize];
        }
        run.measured.sort_unstable_by_key(|it| it.case);
    }
}

fn key<'a>(hashes: &RandomState, parts: impl Iterator<Item = Option<&'a str>>) -> u64 {
    let mut hasher = hashes.build_hasher();
    parts.for_each(|it| it.hash(&mut hasher));
    hasher.finish()
}

/// The key of a case in the table whose [`Table::hashes`] these are.
pub(super) fn key_of_case(hashes: &RandomState, suite: &str, case: &Case) -> u64 {
    key(hashes, parts_of_case(suite, case))
}

/// Suite, path, feature, rule, name, example and tags; a list ends with `None`.
fn parts<'a>(
    suite: &'a str,
    path: impl Iterator<Item = &'a str>,
    named: [Option<&'a str>; 3],
    example: impl Iterator<Item = &'a str>,
    tags: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = Option<&'a str>> {
    once(Some(suite))
        .chain(path.map(Some).chain(once(None)))
        .chain(named)
        .chain(example.map(Some).chain(once(None)))
        .chain(tags.map(Some).chain(once(None)))
}

fn parts_of_line<'a, A>(
    suite: &'a str,
    line: &'a CaseLine<'_, A>,
) -> impl Iterator<Item = Option<&'a str>> {
    let list = |items: &'a [Text<'_>]| items.iter().map(|it| &*it.0);
    let text = |it: &'a Option<Text<'_>>| it.as_ref().map(|it| &*it.0);
    let named = [text(&line.feature), text(&line.rule), Some(&*line.name.0)];
    parts(suite, list(&line.path), named, list(&line.example), list(&line.tags))
}

fn parts_of_case<'a>(suite: &'a str, case: &'a Case) -> impl Iterator<Item = Option<&'a str>> {
    let named = [case.feature.as_deref(), case.rule.as_deref(), Some(&*case.name)];
    parts(suite, texts(&case.path), named, texts(&case.example), texts(&case.tags))
}

fn parts_of_known(case: &Known) -> impl Iterator<Item = Option<&str>> {
    let named = [case.feature.as_deref(), case.rule.as_deref(), Some(&*case.name)];
    parts(&case.suite, texts(&case.path), named, texts(&case.example), texts(&case.tags))
}

fn texts<T: AsRef<str>>(items: &[T]) -> impl Iterator<Item = &str> {
    items.iter().map(AsRef::as_ref)
}

/// The case of a line as the past knows it.
fn known<A>(interner: &mut Interner, suite: &str, line: &CaseLine<'_, A>) -> Known {
    let case = line.case(interner);
    Known {
        id: case.id(suite),
        suite: interner.text(suite),
        path: case.path,
        feature: case.feature,
        rule: case.rule,
        name: interner.text(&case.name),
        example: interner.list(&line.example),
        tags: case.tags,
    }
}
