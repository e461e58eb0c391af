//! The failures of a run that are news, family by family: its comparable run did not have them, and
//! nothing explains them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{Check, Gate, Report};
use crate::{
    history::Past,
    issues::{Bearing, CaseVerdict},
};

/// News of one kind in a run.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The cases that have it, in the order of the past.
    pub(super) cases: Vec<u32>,
    /// The failure family, as an index into `Families::all`.
    pub(super) family: Option<usize>,
    /// Why it is news, in words.
    pub(super) text: String,
}

/// Looks for news in a run, and counts in the gate what is none.
pub(super) fn news(
    (past, report): (&Past, &Report),
    run: usize,
    gate: &mut Gate,
) -> Vec<(Check, News)> {
    let looking = Looking::new(past, report, run);
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    let mut back: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for result in past.runs[run].results.iter().filter(|it| it.outcome.is_failing()) {
        let case = result.case;
        looking.back(case).for_each(|it| back.entry(it).or_default().push(case));
        if let Some((key, failed)) = looking.judge(case, gate) {
            let group = groups.entry(key).or_default();
            group.cases.push(case);
            group.failed += u32::from(failed);
        }
    }
    let back = back.into_iter().map(|(id, cases)| {
        let text = format!("{id} shows on versions that are said to have the fix");
        (Check::Resurrected, News { cases, family: None, text })
    });
    let mut groups: Vec<(Key, Group)> = groups.into_iter().collect();
    groups.sort_by_key(|(key, it)| (key.check, Reverse(it.cases.len()), it.cases[0]));
    let groups = groups.into_iter().map(|(key, it)| looking.told(&key, it));
    groups.chain(back).collect()
}

/// What makes failures one piece of news.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    check: Check,
    family: Option<usize>,
    /// Whether the comparable run had them as known ones.
    was_known: bool,
    /// The issues that are known and not excused.
    by: String,
}

#[derive(Debug, Default)]
struct Group {
    cases: Vec<u32>,
    /// How many of the cases failed in the comparable run.
    failed: u32,
}

/// A run beside the one that it is compared with.
struct Looking<'a> {
    past: &'a Past,
    report: &'a Report,
    run: usize,
    base: Option<usize>,
    /// The families of the comparable run, and whether any failure of them was not explained there.
    seen: BTreeMap<usize, bool>,
}

impl<'a> Looking<'a> {
    fn new(past: &'a Past, report: &'a Report, run: usize) -> Self {
        let base = report.runs[run].comparison.base;
        let failures = base.iter().flat_map(|it| &past.runs[*it].failures);
        let families: BTreeSet<usize> = failures.map(|it| report.families.of(*it)).collect();
        let is_open =
            |it: usize| base.is_some_and(|run| report.knowledge.family(it).is_open_in(run));
        let seen = families.into_iter().map(|it| (it, is_open(it))).collect();
        Self { past, report, run, base, seen }
    }

    /// The issues that came back in a case and had not come back in it before.
    fn back(&self, case: u32) -> impl Iterator<Item = &'a str> {
        let of = |run: usize| self.report.knowledge.verdict(run, case);
        let before = self.base.and_then(of);
        let was_back =
            move |id: &str| before.is_some_and(|it| resurrected(it).any(|old| old == id));
        of(self.run).into_iter().flat_map(resurrected).filter(move |it| !was_back(it))
    }

    /// What kind of news a failing case is, if any, and whether it failed before.
    fn judge(&self, case: u32, gate: &mut Gate) -> Option<(Key, bool)> {
        let knowledge = &self.report.knowledge;
        let is_known = knowledge.is_known(self.run, case);
        let by: Vec<&str> = knowledge.explaining(self.run, case).collect();
        let is_excused = |id: &&str| knowledge.catalogue.get(id).is_some_and(|it| it.excused);
        if is_known && by.iter().all(is_excused) {
            by.iter().for_each(|it| *gate.excused.entry((*it).to_owned()).or_default() += 1);
            return None;
        }
        let families = self.families(case, is_known);
        let is_news = |it: &usize| match self.seen.get(it) {
            None => true,
            Some(was_open) => !was_open && !is_known,
        };
        let new = families.iter().copied().find(is_news);
        let was_known = !is_known && self.base.is_some_and(|it| knowledge.is_known(it, case));
        let failed = self.base.is_some_and(|base| {
            let results = &self.past.runs[base].results;
            let place = results.binary_search_by_key(&case, |it| it.case);
            place.is_ok_and(|it| results[it].outcome.is_failing())
        });
        let is_new = new.is_some() || was_known || self.base.is_none();
        if failed && !is_new {
            gate.old += 1;
            return None;
        }
        let key = Key {
            check: if is_new { Check::NewFailure } else { Check::Spread },
            family: new.or(families.first().copied()),
            was_known,
            by: if is_known { by.join(", ") } else { String::new() },
        };
        Some((key, failed))
    }

    /// The families of a case, those of its last attempts first; where it is not known, those that
    /// nothing explains.
    fn families(&self, case: u32, is_known: bool) -> Vec<usize> {
        let verdict = self.report.knowledge.verdict(self.run, case);
        let is_meant = |shape: u32| {
            let id = || self.past.shapes[shape as usize].id();
            is_known || verdict.is_none_or(|it| it.open.contains(&id()))
        };
        let failures = self.past.runs[self.run].failures_of(case).iter();
        let meant = failures.filter(|it| is_meant(it.shape));
        meant.map(|it| self.report.families.of(*it)).collect()
    }

    fn told(&self, key: &Key, group: Group) -> (Check, News) {
        let verdict = self.report.knowledge.verdict(self.run, group.cases[0]);
        let said = verdict.map(|it| it.headline.as_str()).filter(|it| !it.is_empty());
        let mut text = said.unwrap_or("no message").to_owned();
        if let Some(why) = self.why(key, &group) {
            text += &format!(" ({why})");
        }
        if !key.by.is_empty() {
            text += &format!(" ({} is known, and not excused)", key.by);
        }
        (key.check, News { cases: group.cases, family: key.family, text })
    }

    /// What sets these failures apart from those of the comparable run.
    fn why(&self, key: &Key, group: &Group) -> Option<String> {
        self.base?;
        let all_failed = group.failed as usize == group.cases.len();
        if key.was_known {
            return Some("failed as known before, and now otherwise".to_owned());
        }
        let family = key.family?;
        match self.seen.get(&family) {
            None if all_failed => Some("failed before, in another way".to_owned()),
            None => self.last_seen(family),
            Some(false) if key.check == Check::NewFailure => {
                Some("explained in the run before, and not in this".to_owned())
            }
            Some(_) if key.check == Check::Spread => {
                Some("others failed like this before".to_owned())
            }
            Some(_) => None,
        }
    }

    /// In how many earlier runs a family was seen that the comparable run does not have.
    fn last_seen(&self, family: usize) -> Option<String> {
        let runs = self.report.families.all[family].runs.iter().map(|it| it.0);
        let earlier: Vec<usize> = runs.take_while(|it| *it < self.run).collect();
        let last = self.past.runs[*earlier.last()?].head.started;
        let day = last.strftime("%Y-%m-%d");
        let runs = if earlier.len() == 1 { "run" } else { "runs" };
        Some(format!("in {} earlier {runs}, last on {day}", earlier.len()))
    }
}

fn resurrected(it: &CaseVerdict) -> impl Iterator<Item = &str> {
    let back = it.matches.iter().filter(|it| it.bearing == Bearing::Resurrected);
    back.map(|it| it.issue.as_str())
}
