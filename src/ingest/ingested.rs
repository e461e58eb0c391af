//! What one file holds.

use std::{collections::BTreeMap, io::BufRead};

use jiff::Timestamp;
use lkreport_contract::{mask::Masked, run::RunJson};

use super::{
    Format, Intake, assemble::merge_attempts, cucumber_json, decode, format, junit, messages,
    metrics, run_json,
};
use crate::model::{Case, Counts, Metrics, Problem};

/// What was read from one file, and what could not be.
#[derive(Debug)]
pub struct Ingested {
    /// The file as it was given or found.
    pub file: String,
    /// What it was taken for.
    pub format: Format,
    /// How many runs it describes.
    pub runs: u32,
    /// How many test cases or scenarios it lists, before attempts are merged.
    pub entries: u32,
    /// The outcomes of these entries.
    pub outcomes: Counts,
    /// The cases, attempts merged.
    pub cases: Vec<Case>,
    /// What it says of its run.
    pub said: Said,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether it could not even be looked into, so that nobody knows what it is.
    pub broken: bool,
    /// How many secrets of each kind were masked in it.
    pub masked: Masked,
    /// What was measured, where it holds measurements.
    pub metrics: Metrics,
}

/// What a file says of the run that it belongs to.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The content of a `run.json`.
    pub run: RunJson,
    /// The earliest time in the file.
    pub earliest: Option<Timestamp>,
    /// The latest time in the file.
    pub latest: Option<Timestamp>,
    /// Properties of the run, as `name = value`.
    pub properties: BTreeMap<String, String>,
    /// Whether the file ends before its run did.
    pub cut_short: bool,
    /// Whether the producer says that the run failed although no case may show it.
    pub failed_outside_cases: bool,
}

impl Said {
    /// Widens the span of the run so that it holds `time`.
    pub fn saw(&mut self, time: Timestamp) {
        self.earliest = Some(self.earliest.map_or(time, |it| it.min(time)));
        self.latest = Some(self.latest.map_or(time, |it| it.max(time)));
    }
}

impl Ingested {
    /// Nothing read yet of a file in `format`.
    #[must_use]
    pub fn new(file: &str, format: Format) -> Self {
        Self {
            file: file.to_owned(),
            format,
            runs: 0,
            entries: 0,
            outcomes: Counts::default(),
            cases: Vec::new(),
            said: Said::default(),
            problems: Vec::new(),
            broken: false,
            masked: Masked::new(),
            metrics: Metrics::default(),
        }
    }

    /// Takes in an entry as the file lists it; its own attempts are one entry.
    pub fn push(&mut self, case: Case) {
        self.entries += 1;
        self.outcomes.add(case.outcome());
        self.cases.push(case);
    }

    /// Notes damage at a line, counted from 1; 0 means the whole file.
    pub fn problem(&mut self, line: u64, message: impl Into<String>) {
        self.problems.push(Problem::at(self.file.as_str(), line, message));
    }

    /// Merges entries of one identity into cases, and puts what was read in order.
    #[must_use]
    pub fn finish(mut self) -> Self {
        self.cases = merge_attempts(self.cases);
        self
    }
}

/// Reads a file of results whose name is `file`, streaming, whatever its format.
///
/// A file that nothing recognises has one problem, which says what it is.
#[must_use]
pub fn read(file: &str, input: &mut dyn BufRead, intake: &mut Intake<'_>) -> Ingested {
    let peeked = decode::plain(input).and_then(|plain| decode::peek(plain, format::HEAD));
    let (head, mut input) = match peeked {
        Ok(peeked) => peeked,
        Err(error) => {
            let mut into = Ingested::new(file, Format::Unknown);
            into.broken = true;
            into.problem(0, format!("cannot be read: {error}"));
            return into;
        }
    };
    let mut into = Ingested::new(file, format::recognise_named(file, &head));
    match into.format {
        Format::Junit => junit::read(&mut input, &mut into, intake),
        Format::CucumberJson => cucumber_json::read(&mut input, &mut into, intake),
        Format::CucumberMessages => messages::read(&mut input, &mut into, intake),
        Format::Run => run_json::read(&mut input, &mut into, intake),
        Format::Metrics => {
            let (metrics, problems) = metrics::read_metrics(file, &mut input, intake);
            into.metrics = metrics;
            into.problems.extend(problems);
        }
        // A log says nothing by itself; it is read again once it is known what failed.
        Format::Log => {}
        Format::Unknown => into.problem(0, intake.line(&format::reason(&head))),
    }
    into.masked.clone_from(intake.masked());
    into.finish()
}
