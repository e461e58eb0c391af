//! Files that belong together become one run.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    fmt::Write as _,
    iter,
};

use jiff::{SignedDuration, Timestamp};
use lkreport_contract::run::RunJson;
use rayon::prelude::*;

use super::{Format, Ingested, measured::give, meta};
use crate::model::{
    Attempt, Case, CaseId, Combination, Failure, Metrics, Run, RunHead, RunId, Version,
};

/// How long after an attempt a sample of it may still come.
const LATE: SignedDuration = SignedDuration::from_secs(2);

/// How many cases of a run are told at a time for its id, so that threads share the work.
const AT_ONCE: usize = 4_096;

/// What is known of a run from outside its files, in the shape of `run.json`.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the command line says; it prevails over what files say.
    pub run: RunJson,
    /// What the configuration says; it fills what files leave open.
    pub defaults: RunJson,
    /// The job that we run in; it fills what is open of a run that no `run.json` describes.
    pub job: RunJson,
    /// The suite where nobody names one: the name of the results folder.
    pub default_suite: String,
    /// The start where nobody names one.
    pub stamp: Timestamp,
    /// The components that split cells; they take part in the id of a run that has none of its own.
    pub components: Vec<String>,
}

/// Makes one run of the files in `parts`, given in a stable order; `None` where they hold no run.
#[must_use]
pub fn assemble(asked: &Asked, mut parts: Vec<Ingested>) -> Option<Run> {
    let is_result = |it: &Ingested| it.runs > 0 || it.format == Format::Run;
    if !parts.iter().any(is_result) {
        return None;
    }
    drop_repeats(&mut parts);
    parts.sort_by_key(|it| attempt_of_bazel(&it.file));
    let mut head = head(asked, &parts);
    let mut problems = Vec::new();
    let mut entries = Vec::with_capacity(parts.iter().map(|it| it.cases.len()).sum());
    let mut metrics = Metrics::default();
    for part in parts {
        for (kind, n) in part.masked {
            *head.masked.entry(kind.to_owned()).or_default() += n;
        }
        problems.extend(part.problems);
        metrics.merge(part.metrics);
        entries.extend(part.cases);
    }
    let mut cases = merge_attempts(entries);
    give(&mut cases, std::mem::take(&mut metrics.attempts));
    cases.par_sort_by(|a, b| in_order(a).cmp(&in_order(b)));
    if head.id.as_str() == UNNAMED {
        head.id = RunId::new(&hash_of(&head, &cases));
    }
    problems.sort();
    thin(&mut metrics, &cases);
    Some(Run { head, cases, problems, metrics })
}

/// Drops the points of connections that were measured while nothing failed: a run has hundreds.
fn thin(metrics: &mut Metrics, cases: &[Case]) {
    let attempts = cases.iter().flat_map(|it| &it.attempts).filter(|it| it.outcome.is_failing());
    let spans: Vec<(Timestamp, Timestamp)> = attempts
        .filter_map(|it| {
            let began = it.started?;
            let took = SignedDuration::try_from(it.duration.unwrap_or_default()).ok()?;
            Some((began, began.checked_add(took).ok()?.checked_add(LATE).ok()?))
        })
        .collect();
    for (name, it) in &mut metrics.connections {
        let starts = it.series().map(|(_, it)| it.start).min();
        let in_span = |time: Timestamp| spans.iter().any(|span| span.0 <= time && time <= span.1);
        if name.matches('/').count() > 1 && !starts.is_some_and(in_span) {
            it.forget_points();
        }
    }
}

/// Which attempt a file of Bazel holds; the last one stands in `test.xml`, whose name comes before
/// those of all others (as Bazel 4.2 writes them).
fn attempt_of_bazel(file: &str) -> u32 {
    let attempt = file.rsplit_once("test_attempts/attempt_").map(|it| it.1);
    attempt.and_then(|it| it.strip_suffix(".xml")?.parse().ok()).unwrap_or(u32::MAX)
}

fn in_order(case: &Case) -> impl Ord + '_ {
    (&case.path, &case.rule, &case.name, &case.example)
}

/// Makes one case of all entries of the same identity.
///
/// Attempts keep the order of the files, unless all of them say when they began.
pub(super) fn merge_attempts(entries: Vec<Case>) -> Vec<Case> {
    let ids: Vec<CaseId> = entries.par_iter().map(|it| it.id("")).collect();
    let mut sorted = ids.clone();
    sorted.par_sort_unstable();
    if sorted.is_sorted_by(|a, b| a < b) {
        return entries;
    }
    let mut places: HashMap<CaseId, usize> = HashMap::with_capacity(entries.len());
    let mut cases: Vec<Case> = Vec::with_capacity(entries.len());
    for (entry, id) in entries.into_iter().zip(ids) {
        match places.entry(id) {
            Entry::Vacant(place) => {
                place.insert(cases.len());
                cases.push(entry);
            }
            Entry::Occupied(place) => {
                let attempts = &mut cases[*place.get()].attempts;
                entry.attempts.into_iter().for_each(|it| add(attempts, it));
                if attempts.iter().all(|it| it.started.is_some()) {
                    attempts.sort_by_key(|it| it.started);
                }
            }
        }
    }
    cases
}

/// Adds an attempt, or to the last one what failed when that was torn down.
///
/// pytest writes an entry of its own for what fails behind a test that failed already.
fn add(attempts: &mut Vec<Attempt>, attempt: Attempt) {
    let Some(before) = attempts.last_mut() else { return attempts.push(attempt) };
    if !is_teardown(&attempt) || is_teardown(before) || !before.outcome.is_failing() {
        return attempts.push(attempt);
    }
    before.duration = before.duration.into_iter().chain(attempt.duration).reduce(|a, b| a + b);
    let torn_down = attempt.detail.map(|it| *it).unwrap_or_default();
    let detail = before.detail_mut();
    detail.failures.extend(torn_down.failures);
    detail.artifacts.extend(torn_down.artifacts);
    detail.output = detail.output.take().or(torn_down.output);
}

fn is_teardown(attempt: &Attempt) -> bool {
    let failures = attempt.detail.as_deref().map_or(&[][..], |it| &it.failures);
    let is_told = |it: &Failure| it.message.starts_with("failed on teardown with ");
    !failures.is_empty() && failures.iter().all(is_told)
}

/// Leaves out a file that stands there twice, and one that tells in a poorer format what another
/// tells in a richer one, as `junit.xml` beside `messages.ndjson` does.
fn drop_repeats(parts: &mut Vec<Ingested>) {
    let mut kept: Vec<Ingested> = Vec::with_capacity(parts.len());
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    for part in parts.drain(..) {
        let same = seen.entry(fingerprint(&part)).or_default();
        let is_repeat = |place: &usize| {
            part.entries > 0
                && kept[*place].format == part.format
                && kept[*place].cases == part.cases
        };
        if same.iter().any(is_repeat) {
            continue;
        }
        same.push(kept.len());
        kept.push(part);
    }
    for (poor, rich) in [
        (Format::CucumberJson, Format::CucumberMessages),
        (Format::Junit, Format::CucumberMessages),
        (Format::Junit, Format::CucumberJson),
    ] {
        drop_poorer(&mut kept, poor, rich);
    }
    *parts = kept;
}

fn fingerprint(part: &Ingested) -> u64 {
    let names = part.cases.iter().take(8).map(|it| it.name.as_ref());
    CaseId::of(names).0 ^ u64::from(part.entries)
}

fn drop_poorer(parts: &mut Vec<Ingested>, poor: Format, rich: Format) {
    let told: HashSet<(String, String)> = (parts.iter())
        .filter(|part| part.format == rich)
        .flat_map(|part| &part.cases)
        .flat_map(|case| {
            let groups = [case.feature.as_deref(), case.path.last().map(AsRef::as_ref)];
            groups.into_iter().flatten().map(|it| (it.to_owned(), case.name.to_string()))
        })
        .collect();
    if told.is_empty() {
        return;
    }
    let rich_folders: HashSet<String> =
        parts.iter().filter(|it| it.format == rich).map(|it| folder_of(&it.file)).collect();
    let is_told = |case: &Case| {
        let groups = case.path.iter().map(AsRef::as_ref).chain(case.feature.as_deref());
        // Our own engine puts the values of a row behind the name.
        let bare = case.name.strip_suffix(']').and_then(|it| Some(it.rsplit_once(" [")?.0));
        let names = [Some(&*case.name), bare];
        groups.into_iter().any(|group| {
            let is_known = |it: &str| told.contains(&(group.to_owned(), it.to_owned()));
            names.into_iter().flatten().any(is_known)
        })
    };
    // A tenth may differ, because JUnit writers decorate the names of outlines in their own ways; in
    // one folder half may, because what is wrong around a run has no case in the richer formats.
    parts.retain(|part| {
        let repeated = part.cases.iter().filter(|case| is_told(case)).count();
        let of_ten = if rich_folders.contains(&folder_of(&part.file)) { 5 } else { 9 };
        part.format != poor || part.cases.is_empty() || repeated * 10 < part.cases.len() * of_ten
    });
}

fn folder_of(file: &str) -> String {
    file.rsplit_once(['/', '\\']).map_or("", |it| it.0).to_owned()
}

/// Stands for the id while the cases that it is hashed from are not complete.
const UNNAMED: &str = "unnamed";

fn head(asked: &Asked, parts: &[Ingested]) -> RunHead {
    let said = parts.iter().map(|part| &part.said);
    let mut run = asked.run.clone();
    for it in said.clone() {
        fill(&mut run, &it.run);
    }
    fill(&mut run, &of_properties(said.clone().flat_map(|it| &it.properties)));
    fill(&mut run, &asked.defaults);
    if !parts.iter().any(|part| part.format == Format::Run) {
        fill(&mut run, &asked.job);
    }
    let suite = run.suite.unwrap_or_else(|| asked.default_suite.clone());
    let versions: BTreeMap<String, Version> =
        run.versions.iter().map(|(name, it)| (name.clone(), Version::new(it))).collect();
    let by_ci = |ci: &lkreport_contract::run::Ci| {
        let combination = Combination::of(&versions, &asked.components).id();
        let attempt = ci.attempt.as_deref().unwrap_or("1");
        let job = ci.job.as_deref().unwrap_or("job");
        format!("{}-{}-{attempt}-{job}-{suite}-{combination}", ci.provider, ci.run)
    };
    let id = run.id.clone().or_else(|| run.ci.as_ref().map(by_ci));
    let earliest = said.clone().filter_map(|it| it.earliest).min();
    // One time alone says when a run began, and nothing of its end.
    let latest = said.clone().filter_map(|it| it.latest).max().filter(|it| Some(*it) > earliest);
    RunHead {
        id: RunId::new(id.as_deref().unwrap_or(UNNAMED)),
        started: run.started.or(earliest).unwrap_or(asked.stamp),
        finished: run.finished.or(latest),
        cut_short: parts.iter().any(|it| {
            let is_ended = it.format == Format::Run && asked.run.finished.is_some();
            it.said.cut_short && !is_ended
        }),
        failed_outside_cases: said.clone().any(|it| it.failed_outside_cases),
        suite,
        commit: run.commit,
        branch: run.branch,
        ci: run.ci,
        versions,
        reported: run.reported,
        runtime: run.runtime,
        environment: run.environment,
        browser: run.browser,
        network: run.network,
        seed: run.seed,
        repeat: run.repeat,
        shard: run.shard,
        masked: BTreeMap::new(),
    }
}

/// Fills what `run` leaves open from `other`.
fn fill(run: &mut RunJson, other: &RunJson) {
    let RunJson {
        id,
        suite,
        started,
        finished,
        commit,
        branch,
        ci,
        versions,
        reported,
        runtime,
        environment,
        browser,
        network,
        seed,
        repeat,
        shard,
    } = other.clone();
    run.id = run.id.take().or(id);
    run.suite = run.suite.take().or(suite);
    run.started = run.started.or(started);
    run.finished = run.finished.or(finished);
    run.commit = run.commit.take().or(commit);
    run.branch = run.branch.take().or(branch);
    run.ci = run.ci.take().or(ci);
    run.runtime = run.runtime.take().or(runtime);
    run.browser = run.browser.take().or(browser);
    run.network = run.network.take().or(network);
    run.seed = run.seed.or(seed);
    run.shard = run.shard.take().or(shard);
    if run.repeat.is_empty() {
        run.repeat = repeat;
    }
    for (mine, theirs) in [
        (&mut run.versions, versions),
        (&mut run.reported, reported),
        (&mut run.environment, environment),
    ] {
        theirs.into_iter().for_each(|(name, value)| _ = mine.entry(name).or_insert(value));
    }
}

/// What properties say of the run.
///
/// Only `lkreport.<name>` is taken for metadata, since producers write their own programs' versions
/// under names that look alike; of the rest only what tells machines apart is kept.
fn of_properties<'a>(properties: impl Iterator<Item = (&'a String, &'a String)>) -> RunJson {
    const TELLING: [&str; 5] = ["go.version", "java.version", "node.version", "os.arch", "os.name"];
    let mut run = RunJson::default();
    for (name, value) in properties {
        if let Some(name) = name.strip_prefix("lkreport.") {
            // A property of ours with an impossible value is as good as none.
            _ = meta::set(&mut run, name, value);
        } else if TELLING.contains(&name.as_str()) {
            run.environment.insert(name.clone(), value.clone());
        }
    }
    run
}

/// An id for a run that nobody named, from what is in it.
fn hash_of(head: &RunHead, cases: &[Case]) -> String {
    let mut first = Vec::new();
    CaseId::add_part(&mut first, &head.suite);
    for (name, version) in &head.versions {
        CaseId::add_part(&mut first, &format!("{name} {version}"));
    }
    let piece = |cases: &[Case]| {
        let (mut piece, mut words) = (Vec::new(), String::new());
        for case in cases {
            CaseId::add_part(&mut piece, &case.id(&head.suite).to_string());
            for Attempt { outcome, started, duration, .. } in &case.attempts {
                words.clear();
                // A text takes whatever is written to it.
                let _ = write!(words, "{outcome} {started:?} {duration:?}");
                CaseId::add_part(&mut piece, &words);
            }
        }
        piece
    };
    let rest: Vec<Vec<u8>> = cases.par_chunks(AT_ONCE).map(piece).collect();
    let pieces = iter::once(&first).chain(&rest).map(Vec::as_slice);
    format!("run-{}", CaseId::of_pieces(pieces))
}
