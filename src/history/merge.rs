//! Several records of one run become one run. Pure.

use std::collections::{HashMap, hash_map::Entry};

use crate::model::{Attempt, Case, CaseId, Metrics, Run, RunHead};

/// A record of a run: a shard of it, or all of it as told by somebody else.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// What the record's name has after the id of the run; empty where it is the only one.
    pub(super) suffix: String,
    /// What the record holds.
    pub(super) run: Run,
}

/// Makes one run of all its records; `None` where there is none.
///
/// An attempt that several records tell alike counts once; all others are kept, in the order of the
/// records' starts and names. The result does not depend on the order of `parts`.
pub(super) fn merge(mut parts: Vec<Piece>) -> Option<Run> {
    parts.sort_by(|a, b| (a.run.head.started, &a.suffix).cmp(&(b.run.head.started, &b.suffix)));
    forget_repeated(&mut parts);
    for part in &mut parts {
        place_evidence(part);
    }
    let heads = parts.iter().map(|it| it.run.head.clone()).collect();
    let head = merge_heads(heads)?;
    let (mut cases, mut problems, mut metrics) = (Vec::new(), Vec::new(), Metrics::default());
    for part in parts {
        cases.extend(part.run.cases);
        problems.extend(part.run.problems);
        metrics.merge(part.run.metrics);
    }
    problems.sort();
    problems.dedup();
    Some(Run { cases: merge_cases(cases, &head.suite), head, problems, metrics })
}

/// Drops attempts that an earlier part has told already.
fn forget_repeated(parts: &mut [Piece]) {
    if parts.len() < 2 {
        return;
    }
    let mut told: HashMap<CaseId, Vec<Attempt>> = HashMap::new();
    for part in parts {
        for case in &mut part.run.cases {
            let told = told.entry(case.id(&part.run.head.suite)).or_default();
            // What one record repeats was made twice; only what two records share was told twice.
            let before = told.len();
            case.attempts.retain(|it| !told[..before].contains(it));
            told.extend_from_slice(&case.attempts);
        }
    }
}

/// Says of each artifact in which folder of the run's evidence it stands.
fn place_evidence(part: &mut Piece) {
    if part.suffix.is_empty() {
        return;
    }
    let attempts = part.run.cases.iter_mut().flat_map(|it| &mut it.attempts);
    let details = attempts.filter_map(|it| it.detail.as_deref_mut());
    for artifact in details.flat_map(|it| &mut it.artifacts) {
        if !is_elsewhere(&artifact.place) {
            artifact.place = format!("{}/{}", part.suffix, artifact.place).into();
        }
    }
}

/// Whether `place` is a URL.
fn is_elsewhere(place: &str) -> bool {
    place.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Makes one case of all that have one id, and sorts them by path and name.
fn merge_cases(all: Vec<Case>, suite: &str) -> Vec<Case> {
    let mut places: HashMap<CaseId, usize> = HashMap::with_capacity(all.len());
    let mut cases: Vec<Case> = Vec::with_capacity(all.len());
    for case in all {
        match places.entry(case.id(suite)) {
            Entry::Vacant(place) => {
                place.insert(cases.len());
                cases.push(case);
            }
            Entry::Occupied(place) => {
                let known = &mut cases[*place.get()];
                known.attempts.extend(case.attempts);
                known.measured = case.measured.or_else(|| known.measured.take());
            }
        }
    }
    cases.sort_by(|a, b| {
        (&a.path, &a.rule, &a.name, &a.example).cmp(&(&b.path, &b.rule, &b.name, &b.example))
    });
    cases
}

fn merge_heads(mut heads: Vec<RunHead>) -> Option<RunHead> {
    let several = heads.len() > 1;
    // The sort is stable, so that records of one shard stay in the order of their starts.
    heads.sort_by(|a, b| a.shard.cmp(&b.shard));
    let shards = heads.chunk_by(|a, b| a.shard == b.shard);
    // Two records of one shard count the same secrets; two shards count different ones.
    let shards = shards.filter_map(|it| it.iter().cloned().reduce(|a, b| join(a, b, u64::max)));
    let mut head = shards.reduce(|a, b| join(a, b, u64::saturating_add))?;
    if several {
        head.shard = None;
    }
    Some(head)
}

/// What either of two heads says; where they differ, the earlier prevails.
fn join(a: RunHead, b: RunHead, count: fn(u64, u64) -> u64) -> RunHead {
    let (mut head, other) = if a.started <= b.started { (a, b) } else { (b, a) };
    head.finished = head.finished.max(other.finished);
    head.cut_short |= other.cut_short;
    head.failed_outside_cases |= other.failed_outside_cases;
    head.commit = head.commit.or(other.commit);
    head.branch = head.branch.or(other.branch);
    head.ci = head.ci.or(other.ci);
    head.runtime = head.runtime.or(other.runtime);
    head.browser = head.browser.or(other.browser);
    head.network = head.network.or(other.network);
    head.seed = head.seed.or(other.seed);
    if head.repeat.is_empty() {
        head.repeat = other.repeat;
    }
    fill(&mut head.versions, other.versions);
    fill(&mut head.reported, other.reported);
    fill(&mut head.environment, other.environment);
    for (kind, n) in other.masked {
        head.masked.entry(kind).and_modify(|it| *it = count(*it, n)).or_insert(n);
    }
    head
}

fn fill<T>(
    mine: &mut std::collections::BTreeMap<String, T>,
    theirs: std::collections::BTreeMap<String, T>,
) {
    for (key, value) in theirs {
        mine.entry(key).or_insert(value);
    }
}
