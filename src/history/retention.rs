//! Which runs are kept, as a pure plan over what there is.

use std::collections::{BTreeMap, HashSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::model::{Combination, RunId};

/// What is kept for how long. Ages are counted back from the newest run, not from today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// For so many days, every run is kept.
    pub all_days: u32,
    /// For so many days, the newest run of each day is kept for each suite, combination and branch;
    /// of what is older, the first and the last of each suite and combination.
    pub daily_days: u32,
    /// How many bytes records and evidence may take together.
    pub budget: Option<u64>,
    /// The components whose versions make a combination; `*` at the end stands for a family.
    pub components: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { all_days: 30, daily_days: 365, budget: None, components: Vec::new() }
    }
}

/// A run as retention sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: RunId,
    /// The set that was run.
    pub suite: String,
    /// The versions that it ran on.
    pub combination: Combination,
    /// The branch that was tested.
    pub branch: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// The size of its records in bytes.
    pub record_bytes: u64,
    /// The size of its evidence in bytes; 0 where it has none.
    pub evidence_bytes: u64,
}

/// Something of a run that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// The run.
    pub run: RunId,
    /// What of it goes.
    pub what: Part,
    /// Why.
    pub why: Why,
    /// How many bytes that frees.
    pub bytes: u64,
}

/// A part of a run that can go alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Log windows and artifacts.
    Evidence,
    /// The run itself; its evidence goes first.
    Record,
}

/// Why something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// A later run of the same day says as much.
    Daily,
    /// Earlier and later runs of the same versions say as much.
    Aged,
    /// The history is larger than its budget.
    Budget,
}

/// What of `runs` goes, in the order in which it goes: evidence before its record, oldest first.
#[must_use]
pub fn plan(policy: &Policy, runs: &[Stored]) -> Vec<Pruned> {
    let mut runs: Vec<&Stored> = runs.iter().collect();
    runs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    let mut going = Vec::new();
    let mut kept = Vec::new();
    for (run, why) in runs.iter().zip(thin(policy, &runs)) {
        match why {
            Some(why) => {
                if run.evidence_bytes > 0 {
                    going.push(evidence_of(run, why));
                }
                going.push(record_of(run, why));
            }
            None => kept.push(*run),
        }
    }
    if let Some(budget) = policy.budget {
        going.extend(fit(budget, &kept));
    }
    going
}

/// Why each of `runs`, oldest first, goes by its class; `None` where it stays.
fn thin(policy: &Policy, runs: &[&Stored]) -> Vec<Option<Why>> {
    let Some(newest) = runs.last().map(|it| it.started) else { return Vec::new() };
    let age = |run: &Stored| (newest.as_second() - run.started.as_second()) / 86_400;
    let aged = |run: &Stored| age(run) >= i64::from(policy.daily_days);
    let newest_of = newest_of_each(runs);
    let mut last_of_day: BTreeMap<_, &RunId> = BTreeMap::new();
    let mut span: BTreeMap<_, (&RunId, &RunId)> = BTreeMap::new();
    for run in runs {
        last_of_day.insert(day_class(run), &run.id);
        if aged(run) {
            let ends = span.entry((&run.suite, &run.combination));
            ends.and_modify(|it| it.1 = &run.id).or_insert((&run.id, &run.id));
        }
    }
    let why = |run: &&Stored| {
        if age(run) < i64::from(policy.all_days) || newest_of.contains(&run.id) {
            return None;
        }
        if aged(run) {
            let (first, last) = span[&(&run.suite, &run.combination)];
            return (run.id != *first && run.id != *last).then_some(Why::Aged);
        }
        (run.id != *last_of_day[&day_class(run)]).then_some(Why::Daily)
    };
    runs.iter().map(why).collect()
}

/// What goes of `runs`, oldest first, until the rest fits: all evidence before any record.
///
/// The newest run of each suite and combination stays, even if the rest does not fit then.
fn fit(budget: u64, runs: &[&Stored]) -> Vec<Pruned> {
    let newest_of = newest_of_each(runs);
    let mut bytes: u64 = runs.iter().map(|it| it.record_bytes + it.evidence_bytes).sum();
    let evidence = runs.iter().filter(|it| it.evidence_bytes > 0);
    let records = runs.iter().filter(|it| !newest_of.contains(&it.id));
    let candidates = (evidence.map(|it| evidence_of(it, Why::Budget)))
        .chain(records.map(|it| record_of(it, Why::Budget)));
    let mut going = Vec::new();
    for candidate in candidates {
        if bytes <= budget {
            break;
        }
        bytes -= candidate.bytes;
        going.push(candidate);
    }
    going
}

/// The newest run of each suite and combination, of `runs` with the oldest first.
fn newest_of_each<'a>(runs: &[&'a Stored]) -> HashSet<&'a RunId> {
    let newest: BTreeMap<_, _> =
        runs.iter().map(|it| ((&it.suite, &it.combination), &it.id)).collect();
    newest.into_values().collect()
}

fn day_class(run: &Stored) -> (Date, &str, &Combination, Option<&str>) {
    let day = run.started.to_zoned(TimeZone::UTC).date();
    (day, &run.suite, &run.combination, run.branch.as_deref())
}

fn evidence_of(run: &Stored, why: Why) -> Pruned {
    Pruned { run: run.id.clone(), what: Part::Evidence, why, bytes: run.evidence_bytes }
}

fn record_of(run: &Stored, why: Why) -> Pruned {
    Pruned { run: run.id.clone(), what: Part::Record, why, bytes: run.record_bytes }
}
