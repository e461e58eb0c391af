//! One run as a record, and back: NDJSON in a zstd frame.
//!
//! The first line is the head with `{"lkreport":{"record":1}}`, then comes one flat line a case, then
//! the problems and whatever else belongs to the run, and at last `{"end":{"cases":n}}`, so that a cut
//! shows. A line of a case fits ClickHouse's `JSONEachRow` as it is:
//!
//! | key | what it says | when it is left out |
//! |---|---|---|
//! | `path`, `feature`, `rule`, `name`, `example`, `tags` | which case it is | empty |
//! | `outcome` | what happened in the end | it passed |
//! | `at` | start of the first attempt in ms after the start of the run | nobody says |
//! | `ms` | how long all attempts took | nobody says |
//! | `tries` | how many attempts were made | one |
//! | `flaky` | whether it both passed and failed | it did not |
//! | `measured` | medians of what was measured while its last attempt ran | nothing was |
//! | `attempts` | each attempt | one, with nothing to tell |
//!
//! Readers take records of newer versions and pass over what they do not know. Ids of cases are
//! derived and never stored. This file touches no disk.

use std::io::Read;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::line::{CaseLine, Full, Interner};
use crate::model::{Case, Metrics, Problem, Run, RunHead, RunId};

/// The version of the schema that is written.
pub const RECORD_VERSION: u32 = 1;

/// The most that a record may unpack to, in bytes; a guard against frames made to fill the memory.
const LARGEST: u64 = 1 << 30;

/// What is wrong with a record, as a lower-case fragment.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The frame is cut, its checksum does not hold, or it is no zstd at all.
    #[error("not a whole zstd frame: {0}")]
    Frame(#[from] std::io::Error),
    /// The frame unpacks to more than a record may hold.
    #[error("unpacks to more than {LARGEST} bytes")]
    TooLarge,
    /// The first line is not the head of a record.
    #[error("line 1: not the head of a record: {0}")]
    Head(serde_json::Error),
    /// The id in the head could leave its folder.
    #[error("line 1: `{0}` is not an id of a run")]
    Id(String),
    /// A line is not what it should be.
    #[error("line {line}: {cause}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
    /// The last line is missing.
    #[error("ends before its end line")]
    Cut,
    /// The end line counts other cases than there are.
    #[error("its end line counts {said} cases, it has {found}")]
    Count {
        /// What the end line says.
        said: usize,
        /// What there is.
        found: usize,
    },
}

/// A run as it stands in one record, with what belongs to it besides cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The version of the schema that it was written with.
    pub version: u32,
    /// The run, or a shard of it.
    pub run: Run,
    /// Further lines of the run, such as `{"metrics":…}` and `{"log":…}`, as they stand.
    pub extras: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
struct Marked {
    lkreport: Mark,
}

#[derive(Serialize, Deserialize)]
struct Mark {
    record: u32,
}

#[derive(Serialize)]
struct HeadLine<'a> {
    lkreport: Mark,
    #[serde(flatten)]
    head: &'a RunHead,
}

#[derive(Serialize, Deserialize)]
struct ProblemLine<P> {
    problem: P,
}

#[derive(Serialize, Deserialize)]
struct MetricsLine<M> {
    metrics: M,
}

#[derive(Serialize, Deserialize)]
struct EndLine {
    end: End,
}

#[derive(Serialize, Deserialize)]
struct End {
    cases: usize,
}

/// How many cases a thread writes at once, so that little stands in memory twice.
const AT_ONCE: usize = 1024;

/// The lines of a record for `run`; `extras` are kept as they are.
#[must_use]
pub(super) fn body(run: &Run, extras: &[Value]) -> Vec<u8> {
    let mut text = Vec::with_capacity(512 + run.cases.len() * 128);
    let mark = Mark { record: RECORD_VERSION };
    push(&mut text, &HeadLine { lkreport: mark, head: &run.head });
    let lines = |cases: &[Case]| {
        let mut text = Vec::with_capacity(cases.len() * 128);
        cases.iter().for_each(|it| push(&mut text, &CaseLine::of(it, run.head.started)));
        text
    };
    for some in run.cases.chunks(AT_ONCE * 8) {
        let parts: Vec<Vec<u8>> = some.par_chunks(AT_ONCE).map(lines).collect();
        parts.into_iter().for_each(|it| text.extend(it));
    }
    for problem in &run.problems {
        push(&mut text, &ProblemLine { problem });
    }
    if !run.metrics.is_empty() {
        push(&mut text, &MetricsLine { metrics: &run.metrics });
    }
    for extra in extras {
        push(&mut text, extra);
    }
    push(&mut text, &EndLine { end: End { cases: run.cases.len() } });
    text
}

fn push(text: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *text, line).expect("our own types have string keys and no IO");
    text.push(b'\n');
}

/// Packs the lines of a record.
///
/// # Errors
/// Where the compressor has no memory.
pub(super) fn pack(body: &[u8]) -> std::io::Result<Vec<u8>> {
    // A small run is kept for years and packed once; a large one must not hold up the build.
    let level = match body.len() {
        0..=300_000 => 19,
        300_001..=3_000_000 => 9,
        _ => 3,
    };
    let mut packer = zstd::bulk::Compressor::new(level)?;
    packer.include_checksum(true)?;
    packer.compress(body)
}

/// Unpacks the lines of a record and checks the frame.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, RecordError> {
    let mut body = Vec::with_capacity(bytes.len() * 8);
    let frame = zstd::stream::read::Decoder::with_buffer(bytes)?;
    let length = frame.take(LARGEST + 1).read_to_end(&mut body)?;
    if length as u64 > LARGEST { Err(RecordError::TooLarge) } else { Ok(body) }
}

/// A record whose frame, head and end are sound, and whose lines are still text.
pub(super) struct Opened<'a> {
    /// The version of the schema that it was written with.
    pub(super) version: u32,
    /// What is known of the run besides its cases.
    pub(super) head: RunHead,
    cases: usize,
    /// The lines between the head and the end.
    middle: &'a [u8],
}

/// A line between the head and the end of a record.
pub(super) enum Line<'a> {
    Case(&'a [u8]),
    Problem(&'a [u8]),
    Metrics(&'a [u8]),
    Extra(&'a [u8]),
}

impl<'a> Opened<'a> {
    /// Reads the first and the last of the lines in `body`.
    pub(super) fn new(body: &'a [u8]) -> Result<Self, RecordError> {
        let text = body.strip_suffix(b"\n").ok_or(RecordError::Cut)?;
        let (first, rest) = text.split_at(memchr::memchr(b'\n', text).ok_or(RecordError::Cut)?);
        let (middle, last) = rest.split_at(memchr::memrchr(b'\n', rest).ok_or(RecordError::Cut)?);
        let end: EndLine = serde_json::from_slice(last).map_err(|_| RecordError::Cut)?;
        let marked: Marked = serde_json::from_slice(first).map_err(RecordError::Head)?;
        let head: RunHead = serde_json::from_slice(first).map_err(RecordError::Head)?;
        if RunId::new(head.id.as_str()) != head.id {
            return Err(RecordError::Id(head.id.to_string()));
        }
        Ok(Self { version: marked.lkreport.record, head, cases: end.end.cases, middle })
    }

    /// Hands out each line with its number, and checks that there are as many cases as the end says.
    pub(super) fn lines(
        &self,
        mut take: impl FnMut(Line<'a>) -> serde_json::Result<()>,
    ) -> Result<(), RecordError> {
        let mut found = 0;
        let mut rest = self.middle;
        let mut number = 1;
        while let Some(text) = rest.strip_prefix(b"\n") {
            let (line, after) = text.split_at(memchr::memchr(b'\n', text).unwrap_or(text.len()));
            number += 1;
            rest = after;
            let line = Line::of(line);
            found += usize::from(matches!(line, Line::Case(_)));
            take(line).map_err(|cause| RecordError::Line { line: number, cause })?;
        }
        let said = self.cases;
        if said == found { Ok(()) } else { Err(RecordError::Count { said, found }) }
    }
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        // Only the head and cases have more than one key; each other kind is known by its first.
        if line.starts_with(br#"{"problem":"#) {
            Self::Problem(line)
        } else if line.starts_with(br#"{"metrics":"#) {
            Self::Metrics(line)
        } else if line.starts_with(br#"{"path":"#) || line.starts_with(br#"{"name":"#) {
            Self::Case(line)
        } else {
            Self::Extra(line)
        }
    }
}

/// Reads a record in full.
///
/// # Errors
/// Where anything in it is damaged: half a run would say that the other half was lost.
pub fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
    let body = unpack(bytes)?;
    let opened = Opened::new(&body)?;
    let (mut cases, mut problems, mut extras) = (Vec::new(), Vec::new(), Vec::new());
    let mut interner = Interner::default();
    let mut metrics = Metrics::default();
    opened.lines(|line| {
        match line {
            Line::Case(line) => {
                let line: CaseLine<'_, Full> = serde_json::from_slice(line)?;
                cases.push(line.into_case(opened.head.started, &mut interner));
            }
            Line::Problem(line) => {
                problems.push(serde_json::from_slice::<ProblemLine<Problem>>(line)?.problem);
            }
            Line::Metrics(line) => {
                metrics.merge(serde_json::from_slice::<MetricsLine<Metrics>>(line)?.metrics);
            }
            Line::Extra(line) => extras.push(serde_json::from_slice(line)?),
        }
        Ok(())
    })?;
    let Opened { version, head, .. } = opened;
    Ok(Record { version, run: Run { head, cases, problems, metrics }, extras })
}

/// The record of `run`, as it is kept.
///
/// Times are kept to the millisecond, durations below ten milliseconds to the microsecond.
///
/// # Errors
/// Where the compressor has no memory.
pub fn encode(run: &Run, extras: &[Value]) -> std::io::Result<Vec<u8>> {
    pack(&body(run, extras))
}

/// The folder of a record of a run that began at `started`: `runs/<yyyy>/<mm>`.
#[must_use]
pub(super) fn folder(started: Timestamp) -> String {
    format!("runs/{}", started.strftime("%Y/%m"))
}
