//! What known issues say of every failing run: told once for each run and catalogue, and remembered
//! beside the history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::catalogue::Loaded;
use crate::{
    history::{Past, PastRun, Store},
    ingest::{KeptLine, LogSummary, component_of, read_kept, rooms_in},
    issues::{CaseVerdict, Entry, Matcher, judge},
    model::{Attempt, Case, slug},
    render::Archive,
    report::window,
};

/// Changes with the rules by which verdicts are found, so that older ones are not used again.
const RULES: &str = "3";

/// The verdicts on the failing runs of a month; by run, what they were found in, and what they are.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Month {
    /// The catalogue and the rules.
    by: String,
    runs: BTreeMap<String, (String, Vec<CaseVerdict>)>,
}

/// The verdicts on each run of the past.
pub(super) fn of(
    store: &Store,
    past: &Past,
    archive: &dyn Archive,
    known: &Loaded,
) -> anyhow::Result<Vec<Vec<CaseVerdict>>> {
    let mut verdicts = vec![Vec::new(); past.runs.len()];
    let failed = |it: &PastRun| it.counts.failing() > 0 || it.flaky > 0;
    let mut months: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (idx, run) in past.runs.iter().enumerate().filter(|it| failed(it.1)) {
        months.entry(run.head.started.strftime("%Y-%m").to_string()).or_default().push(idx);
    }
    if months.is_empty() {
        return Ok(verdicts);
    }
    let fingerprints = store.fingerprints()?;
    let by = format!("{RULES}/{}", known.digest);
    let matcher = Matcher::new(&known.catalogue);
    let of_month = |(month, runs): (String, Vec<usize>)| -> anyhow::Result<_> {
        let name = format!("verdicts-v1/{month}");
        let noted = store.notes(&name).and_then(|it| serde_json::from_slice::<Month>(&it).ok());
        let mut noted = noted.filter(|it| it.by == by).unwrap_or_default();
        let found: Vec<(usize, bool, Vec<CaseVerdict>)> = (runs.into_par_iter())
            .map(|idx| {
                let id = past.runs[idx].head.id.as_str();
                let print = fingerprints.get(id).cloned().unwrap_or_default();
                match noted.runs.get(id).filter(|it| it.0 == print) {
                    Some((_, it)) => (idx, false, it.clone()),
                    None => (idx, true, judged(store, archive, idx, (known, &matcher))),
                }
            })
            .collect();
        let before = noted.runs.len();
        let is_new = found.iter().any(|it| it.1);
        noted = Month { by: by.clone(), runs: BTreeMap::new() };
        let mut verdicts = Vec::with_capacity(found.len());
        for (idx, _, found) in found {
            let id = past.runs[idx].head.id.to_string();
            let print = fingerprints.get(&id).cloned().unwrap_or_default();
            verdicts.push((idx, found.clone()));
            noted.runs.insert(id, (print, found));
        }
        if is_new || noted.runs.len() != before {
            store.note(&name, &serde_json::to_vec(&noted)?);
        }
        Ok(verdicts)
    };
    let months: Vec<_> = months.into_par_iter().map(of_month).collect::<anyhow::Result<_>>()?;
    for (idx, found) in months.into_iter().flatten() {
        verdicts[idx] = found;
    }
    Ok(verdicts)
}

fn judged(
    store: &Store,
    archive: &dyn Archive,
    idx: usize,
    (known, matcher): (&Loaded, &Matcher<'_>),
) -> Vec<CaseVerdict> {
    let Some(run) = archive.run(idx) else { return Vec::new() };
    let mut summaries: BTreeMap<String, LogSummary> = BTreeMap::new();
    let mut said: Vec<Entry> = Vec::new();
    for (name, text) in store.logs(&run.head.id) {
        let Some(kept) = read_kept(&text) else { continue };
        let log = name.trim_end_matches(".log").replace("logs/", "").replace('/', "-");
        said.extend(entries(&log, component_of(&name, ""), kept.lines));
        summaries.insert(log, kept.summary);
    }
    let suite = run.head.suite.as_str();
    judge((&known.catalogue, matcher), &run, &said, &|case, n, entry| {
        let summary = summaries.get(&entry.log);
        let is_of_another = summary.is_some_and(|it| !it.may_tell_of(case, n));
        !is_of_another && is_near(suite, case, &case.attempts[n - 1], entry)
    })
}

/// The entries of a kept log.
fn entries(log: &str, component: Option<&'static str>, lines: Vec<KeptLine>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        match entries.last_mut().filter(|_| line.continues) {
            Some(entry) => {
                entry.text.push('\n');
                entry.text.push_str(&line.text);
            }
            None => entries.push(Entry {
                log: log.to_owned(),
                component,
                line: line.number,
                time: line.time,
                text: line.text.into(),
            }),
        }
    }
    entries
}

/// Whether an entry of a log may tell of an attempt: it is of its time, or names its room or its test.
fn is_near(suite: &str, case: &Case, attempt: &Attempt, entry: &Entry) -> bool {
    let is_within =
        |(from, to): (Timestamp, Timestamp)| entry.time.is_some_and(|it| it >= from && it <= to);
    if window(attempt).is_some_and(is_within) {
        return true;
    }
    let test = format!("{}-{}", slug(&case.name), case.id(suite));
    let failures = attempt.detail.iter().flat_map(|it| &it.failures);
    let rooms = failures.flat_map(|it| rooms_in(&it.message).into_iter().chain(rooms_in(&it.text)));
    // The attempt stands behind the name of its test, so only a beginning is looked for.
    entry.text.contains(&test) || { rooms }.any(|it| names(&entry.text, &it))
}

/// Whether a text has a name as a whole word.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let is_part =
            |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || "_-".contains(it));
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}
