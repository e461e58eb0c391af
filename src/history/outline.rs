//! A run as the past needs it: what came of each case, without the details of its attempts.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use rayon::prelude::*;

use super::{
    Failing, Measurement, Outline, PastRun,
    line::{CaseLine, Full, Interner, Millis, Passed},
    record::{self, Line, Opened, RecordError},
    table::{self, Table},
};
use crate::model::{Case, CaseId, Counts, Measured, Outcome, Run, RunHead, Shape, shapes};

/// What a duration is where nobody says it, in milliseconds.
const UNSAID: u32 = u32::MAX;

/// Outlines the only record of a run; `None` where a case stands in it twice.
pub(super) fn of_record(
    bytes: &[u8],
    table: &RwLock<Table>,
) -> Result<Option<PastRun>, RecordError> {
    let body = record::unpack(bytes)?;
    let opened = Opened::new(&body)?;
    let suite = opened.head.suite.as_str();
    let mut sketch = Sketch::default();
    let mut strangers: Vec<(usize, &[u8])> = Vec::new();
    {
        // One lock a record, because nearly all cases of nearly all runs are known already.
        let table = table.read().unwrap_or_else(PoisonError::into_inner);
        opened.lines(|line| {
            match line {
                Line::Case(line) => {
                    let (identity, rest) = halves(line);
                    let (place, facts) = match plain(rest) {
                        Some(ms) => (table.find(suite, identity), Facts { ms, ..Facts::default() }),
                        None => {
                            let read = parse(line)?;
                            let facts = Facts::of(&read);
                            if facts.has_failed() {
                                sketch.shapes.push((sketch.results.len(), shapes_of(line)?));
                            }
                            (table.place(suite, &read), facts)
                        }
                    };
                    sketch.push(place, facts);
                    if place.is_none() {
                        strangers.push((sketch.results.len() - 1, line));
                    }
                }
                Line::Problem(_) => sketch.problems += 1,
                Line::Metrics(_) | Line::Extra(_) => {}
            }
            Ok(())
        })?;
    }
    if !strangers.is_empty() {
        let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
        for (at, line) in strangers {
            let read = parse(line).map_err(|cause| RecordError::Line { line: at + 2, cause })?;
            sketch.results[at].case = table.insert(suite, &read);
            if let (identity, rest) = halves(line)
                && plain(rest).is_some()
            {
                table.remember(suite, identity, sketch.results[at].case);
            }
        }
    }
    if !sketch.shapes.is_empty() {
        sketch.name_shapes(&mut table.write().unwrap_or_else(PoisonError::into_inner));
    }
    let table = table.read().unwrap_or_else(PoisonError::into_inner);
    Ok(sketch.has_each_case_once(&table).then(|| sketch.finish(opened.head)))
}

/// What the failing attempts in the line of a case show.
fn shapes_of(line: &[u8]) -> serde_json::Result<Vec<Shape>> {
    let line: CaseLine<'_, Full> = serde_json::from_slice(line)?;
    // Times take no part in it, so any start will do.
    let case = line.into_case(jiff::Timestamp::UNIX_EPOCH, &mut Interner::default());
    Ok(shapes(&case).into_iter().map(|it| it.shape).collect())
}

fn parse(line: &[u8]) -> serde_json::Result<CaseLine<'_, Passed>> {
    serde_json::from_slice(line)
}

/// Splits the line of a case into what says which case it is and what says what came of it.
///
/// Text in JSON has no bare quote, so that whatever follows such a key is not overlooked; text that
/// only looks like a key makes a second half that is not [`plain`].
fn halves(line: &[u8]) -> (&[u8], &[u8]) {
    const KEYS: [&[u8]; 7] = [
        b"\"ms\"",
        b"\"outcome\"",
        b"\"at\"",
        b"\"tries\"",
        b"\"flaky\"",
        b"\"measured\"",
        b"\"attempts\"",
    ];
    let is_key = |at: &usize| {
        let key = line[at + 1..].trim_ascii_start();
        KEYS.iter().any(|it| key.starts_with(it))
    };
    let at = memchr::memchr_iter(b',', line).find(is_key);
    line.split_at(at.unwrap_or(line.len().saturating_sub(1)))
}

/// The milliseconds of a case that passed at its only attempt; `None` where there is more to say.
fn plain(rest: &[u8]) -> Option<Option<Millis>> {
    if rest == b"}" {
        return Some(None);
    }
    let number = rest.strip_prefix(b",\"ms\":")?.strip_suffix(b"}")?;
    // What is longer may be more than one number, and hardly ever comes.
    if number.len() > 9 || !number.iter().all(|it| it.is_ascii_digit() || *it == b'.') {
        return None;
    }
    serde_json::from_slice(number).ok().map(Some)
}

/// Outlines a run that is at hand in full; `None` where a case stands in it twice.
pub(super) fn of_run(run: &Run, table: &RwLock<Table>) -> Option<PastRun> {
    let suite = run.head.suite.as_str();
    let hashes = table.read().unwrap_or_else(PoisonError::into_inner).hashes();
    let keyed = |case| (table::key_of_case(&hashes, suite, case), case.id(suite));
    let keys: Vec<(u64, CaseId)> = run.cases.par_iter().map(keyed).collect();
    let mut ids: Vec<CaseId> = keys.iter().map(|it| it.1).collect();
    ids.par_sort_unstable();
    if !ids.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let failed = |(n, case)| {
        let shapes = || shapes(case).into_iter().map(|it| it.shape).collect();
        Facts::of_case(case).has_failed().then(|| (n, shapes()))
    };
    let shapes = run.cases.par_iter().enumerate().filter_map(failed).collect();
    let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
    table.reserve(keys.len());
    let mut sketch = Sketch { shapes, problems: run.problems.len(), ..Sketch::default() };
    for (case, key) in run.cases.iter().zip(keys) {
        sketch.push(Some(table.take(suite, case, key)), Facts::of_case(case));
    }
    sketch.name_shapes(&mut table);
    Some(sketch.finish(run.head.clone()))
}

/// A run as far as its lines were read.
#[derive(Default)]
struct Sketch {
    results: Vec<Outline>,
    /// What the result at that place failed with.
    shapes: Vec<(usize, Vec<Shape>)>,
    failures: Vec<Failing>,
    /// What was measured of the result at that place.
    measured: Vec<(usize, Measured)>,
    attempts: usize,
    problems: usize,
}

/// What came of a case.
struct Facts {
    outcome: Outcome,
    ms: Option<Millis>,
    tries: usize,
    flaky: bool,
    measured: Option<Measured>,
}

impl Default for Facts {
    fn default() -> Self {
        Self { outcome: Outcome::Passed, ms: None, tries: 1, flaky: false, measured: None }
    }
}

impl Facts {
    /// Whether any attempt may have failed.
    const fn has_failed(&self) -> bool {
        self.flaky || self.outcome.is_failing() || self.tries > 1
    }

    fn of<A>(line: &CaseLine<'_, A>) -> Self {
        let CaseLine { outcome, ms, tries, flaky, measured, .. } = line;
        let measured = measured.as_deref().copied();
        Self { outcome: outcome.0, ms: *ms, tries: *tries, flaky: *flaky, measured }
    }

    /// The same facts as the line of the case would tell.
    fn of_case(case: &Case) -> Self {
        Self {
            outcome: case.outcome(),
            ms: case.duration().map(|it| Millis(it).kept()),
            tries: case.attempts.len(),
            flaky: case.is_flaky(),
            measured: case.measured.as_deref().copied(),
        }
    }
}

impl Sketch {
    fn push(&mut self, case: Option<u32>, facts: Facts) {
        self.attempts = self.attempts.saturating_add(facts.tries);
        self.measured.extend(facts.measured.map(|it| (self.results.len(), it)));
        self.results.push(Outline {
            case: case.unwrap_or(u32::MAX),
            millis: facts.ms.map_or(UNSAID, |it| millis(it.0)),
            attempts: u8::try_from(facts.tries).unwrap_or(u8::MAX),
            outcome: facts.outcome,
            flaky: facts.flaky,
        });
    }

    fn has_each_case_once(&self, table: &Table) -> bool {
        let ids = self.results.iter().map(|it| table.cases[it.case as usize].id);
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.is_sorted_by(|a, b| a < b)
    }

    /// Lets the failures point to their shapes in the table.
    fn name_shapes(&mut self, table: &mut Table) {
        for (at, shapes) in std::mem::take(&mut self.shapes) {
            let case = self.results[at].case;
            let failing = |it| Failing { case, shape: table.shape(it) };
            self.failures.extend(shapes.into_iter().map(failing));
        }
    }

    fn finish(self, head: RunHead) -> PastRun {
        let counted = (self.attempts, self.problems);
        let of = |(at, it): (usize, Measured)| Measurement::new(self.results[at].case, &it);
        let measured: Vec<Measurement> = self.measured.into_iter().map(of).collect();
        PastRun {
            measured: measured.into(),
            ..summed(head, (self.results.into(), self.failures.into()), counted)
        }
    }
}

/// A run of the past whose counts follow from its results; `counted` are attempts and problems.
pub(super) fn summed(
    head: RunHead,
    (results, failures): (Box<[Outline]>, Box<[Failing]>),
    (attempts, problems): (usize, usize),
) -> PastRun {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    PastRun {
        head,
        counts: results.iter().map(|it| it.outcome).collect::<Counts>(),
        flaky: small(results.iter().filter(|it| it.flaky).count()),
        attempts: small(attempts),
        problems: small(problems),
        results,
        failures,
        measured: Box::default(),
    }
}

/// Whole milliseconds, rounded; a month at most, so that it differs from what nobody says.
fn millis(duration: Duration) -> u32 {
    let millis = (duration.as_micros() + 500) / 1_000;
    u32::try_from(millis).unwrap_or(UNSAID).min(UNSAID - 1)
}
