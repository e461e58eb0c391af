//! A run as the past needs it: what came of each case, without the details of its attempts.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use super::{
    Outline, PastRun,
    line::{CaseLine, Passed},
    record::{self, Line, Opened, RecordError},
    table::Table,
};
use crate::model::{Counts, Run, RunHead};

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
    let mut strangers: Vec<(usize, CaseLine<'_, Passed>)> = Vec::new();
    {
        // One lock a record, because nearly all cases of nearly all runs are known already.
        let table = table.read().unwrap_or_else(PoisonError::into_inner);
        opened.lines(|line| {
            match line {
                Line::Case(line) => {
                    let line = serde_json::from_slice(line)?;
                    let place = table.find(table.key_of(suite, &line));
                    sketch.push(place.unwrap_or(u32::MAX), &line);
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
            sketch.results[at].case = table.insert(suite, &line);
        }
    }
    let table = table.read().unwrap_or_else(PoisonError::into_inner);
    Ok(sketch.has_each_case_once(&table).then(|| sketch.finish(opened.head)))
}

/// Outlines a run that was read in full.
pub(super) fn of_run(run: Run, table: &RwLock<Table>) -> PastRun {
    let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
    let mut sketch = Sketch { problems: run.problems.len(), ..Sketch::default() };
    for case in &run.cases {
        let line = CaseLine::of(case, run.head.started);
        sketch.push(table.insert(&run.head.suite, &line), &line);
    }
    sketch.finish(run.head)
}

/// A run as far as its lines were read.
#[derive(Default)]
struct Sketch {
    results: Vec<Outline>,
    attempts: usize,
    problems: usize,
}

impl Sketch {
    fn push<A>(&mut self, case: u32, line: &CaseLine<'_, A>) {
        self.attempts = self.attempts.saturating_add(line.tries);
        self.results.push(Outline {
            case,
            millis: line.ms.map_or(UNSAID, |it| millis(it.0)),
            attempts: u8::try_from(line.tries).unwrap_or(u8::MAX),
            outcome: line.outcome.0,
            flaky: line.flaky,
        });
    }

    fn has_each_case_once(&self, table: &Table) -> bool {
        let ids = self.results.iter().map(|it| table.cases[it.case as usize].id);
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.is_sorted_by(|a, b| a < b)
    }

    fn finish(self, head: RunHead) -> PastRun {
        let (attempts, problems) = (self.attempts, self.problems);
        summed(head, self.results.into(), (attempts, problems))
    }
}

/// A run of the past whose counts follow from its results; `counted` are attempts and problems.
pub(super) fn summed(
    head: RunHead,
    results: Box<[Outline]>,
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
    }
}

/// Whole milliseconds, rounded; a month at most, so that it differs from what nobody says.
fn millis(duration: Duration) -> u32 {
    let millis = (duration.as_micros() + 500) / 1_000;
    u32::try_from(millis).unwrap_or(UNSAID).min(UNSAID - 1)
}
