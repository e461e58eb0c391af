//! `metrics.ndjson` in, a summary and short timelines out.
//!
//! The file is read line by line and never held: a series starts with steps of a tenth of a second
//! and doubles them whenever it would have more than 120 points.

use std::{collections::BTreeMap, io::BufRead};

use jiff::Timestamp;
use lkreport_contract::metrics::{Head, SCHEMA, Sample};

use super::{Intake, connection::Watched, log::next_line, measured::Tried};
use crate::model::{Metrics, Point, Problem, Series, Usage};

/// More components or participants than this are not kept apart.
const MAX_SERIES: usize = 1_000;
/// Of more attempts than this nothing is told.
const MAX_ATTEMPTS: usize = 10_000;
const MAX_PROBLEMS: usize = 20;
const MAX_POINTS: i64 = 120;
const FIRST_STEP_MS: i64 = 100;

/// Reads the metrics of a run; what cannot be read becomes a problem.
pub fn read_metrics(
    file: &str,
    input: &mut dyn BufRead,
    intake: &mut Intake<'_>,
) -> (Metrics, Vec<Problem>) {
    let mut reading = Reading::default();
    let mut line = Vec::new();
    for number in 1.. {
        match next_line(input, &mut line) {
            Ok(false) => break,
            Ok(true) if line.trim_ascii().is_empty() => {}
            Ok(true) => match reading.take(number, &line, intake) {
                Ok(true) => {}
                Ok(false) => break,
                Err(message) => reading.problem(file, number, message),
            },
            Err(error) => {
                reading.problem(file, number, error.to_string());
                break;
            }
        }
    }
    reading.finish(file)
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    components: BTreeMap<String, Used>,
    connections: BTreeMap<String, Watched>,
    attempts: BTreeMap<String, Tried>,
    problems: Vec<Problem>,
    more_problems: u64,
}

#[derive(Default)]
struct Used {
    cpu: Growing,
    mem: Growing,
    rx: Counter,
    tx: Counter,
}

impl Reading {
    /// Takes in a line; false where the rest of the file is of another schema.
    fn take(&mut self, number: u64, line: &[u8], intake: &mut Intake<'_>) -> Result<bool, String> {
        if number == 1
            && let Ok(head) = serde_json::from_slice::<Head>(line)
        {
            let major = |it: &str| it.split('.').next().map(str::to_owned);
            let known =
                major(head.schema.trim_start_matches("lkreport.")) == Some("metrics/1".into());
            return if known { Ok(true) } else { self.refuse(&intake.line(&head.schema)) };
        }
        let sample: Sample =
            serde_json::from_slice(line).map_err(|it| format!("no sample: {it}"))?;
        self.add(&sample, intake);
        Ok(true)
    }

    fn refuse(&mut self, schema: &str) -> Result<bool, String> {
        let message = format!("schema `{schema}` is not {SCHEMA}, nothing of this file is read");
        self.problems.push(Problem::at("", 1, message));
        Ok(false)
    }

    fn add(&mut self, sample: &Sample, intake: &mut Intake<'_>) {
        let name = |part: &Option<String>| match part {
            Some(part) => format!("{}/{part}", sample.component),
            None => sample.component.clone(),
        };
        let t = sample.t;
        if let Some(case) = &sample.case
            && let Some(it) = slot(&mut self.attempts, &intake.line(case), MAX_ATTEMPTS)
        {
            it.add(sample);
        }
        if let Some(stats) = &sample.webrtc {
            let mut who = name(&sample.participant);
            if let Some(case) = &sample.case {
                who = format!("{who}/{case}");
            }
            if let Some(it) = slot(&mut self.connections, &intake.line(&who), MAX_SERIES) {
                it.add(t, stats, intake);
            }
        }
        let instance = name(&sample.instance);
        if (sample.cpu.is_some()
            || sample.mem.is_some()
            || sample.rx.is_some()
            || sample.tx.is_some())
            && let Some(it) = slot(&mut self.components, &intake.line(&instance), MAX_SERIES)
        {
            it.cpu.add(t, sample.cpu);
            it.mem.add(t, sample.mem.map(|it| it as f64));
            it.rx.add(t, sample.rx.map(|it| it as f64));
            it.tx.add(t, sample.tx.map(|it| it as f64));
        }
    }

    fn problem(&mut self, file: &str, line: u64, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::at(file, line, message));
        } else {
            self.more_problems += 1;
        }
    }

    fn finish(mut self, file: &str) -> (Metrics, Vec<Problem>) {
        if self.more_problems > 0 {
            let message = format!("{} more lines could not be read", self.more_problems);
            self.problems.push(Problem::of_file(file, message));
        }
        for problem in &mut self.problems {
            problem.file = file.to_owned();
        }
        let components = self.components.into_iter().map(|(name, it)| (name, it.finish()));
        let connections = self.connections.into_iter().map(|(name, it)| (name, it.finish()));
        let attempts = self.attempts.into_iter().map(|(name, it)| (name, it.finish()));
        let metrics = Metrics {
            components: components.collect(),
            connections: connections.collect(),
            attempts: attempts.collect(),
        };
        (metrics, self.problems)
    }
}

/// The entry of `name`, made when it is first seen, as long as there are fewer than `most`.
fn slot<'a, T: Default>(
    all: &'a mut BTreeMap<String, T>,
    name: &str,
    most: usize,
) -> Option<&'a mut T> {
    if !all.contains_key(name) {
        if all.len() >= most {
            return None;
        }
        all.insert(name.to_owned(), T::default());
    }
    all.get_mut(name)
}

impl Used {
    fn finish(self) -> Usage {
        Usage {
            cpu: self.cpu.finish(),
            mem: self.mem.finish(),
            rx: self.rx.rate.finish(),
            tx: self.tx.rate.finish(),
        }
    }
}

/// A quantity that only grows, seen as a rate per second.
#[derive(Default)]
pub(super) struct Counter {
    last: Option<(Timestamp, f64)>,
    pub(super) rate: Growing,
}

impl Counter {
    pub(super) fn add(&mut self, t: Timestamp, value: Option<f64>) {
        let Some(value) = value else { return };
        if let Some((since, before)) = self.last {
            let seconds = t.duration_since(since).as_secs_f64();
            // A smaller count means a restarted component, whose count began anew.
            if seconds > 0.0 && value >= before {
                self.rate.add(t, Some((value - before) / seconds));
            }
        }
        self.last = Some((t, value));
    }
}

/// A series that doubles its steps when it gets too long.
#[derive(Default)]
pub(super) struct Growing {
    /// Steps since the epoch, so that samples may come in any order.
    steps: BTreeMap<i64, Step>,
    step_ms: i64,
}

#[derive(Clone, Copy)]
struct Step {
    samples: u64,
    min: f64,
    max: f64,
    sum: f64,
}

impl Step {
    fn merge(&mut self, other: Self) {
        self.samples += other.samples;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
    }
}

impl Growing {
    pub(super) fn add(&mut self, t: Timestamp, value: Option<f64>) {
        let Some(value) = value.filter(|it| it.is_finite()) else { return };
        self.step_ms = self.step_ms.max(FIRST_STEP_MS);
        let place = t.as_millisecond().div_euclid(self.step_ms);
        self.put(place, Step { samples: 1, min: value, max: value, sum: value });
        while self.span() > MAX_POINTS {
            self.step_ms *= 2;
            for (place, step) in std::mem::take(&mut self.steps) {
                self.put(place.div_euclid(2), step);
            }
        }
    }

    fn put(&mut self, place: i64, step: Step) {
        self.steps.entry(place).and_modify(|it| it.merge(step)).or_insert(step);
    }

    /// How many points the series has, those without a sample counted.
    fn span(&self) -> i64 {
        let ends = (self.steps.first_key_value(), self.steps.last_key_value());
        if let (Some((first, _)), Some((last, _))) = ends { last - first + 1 } else { 0 }
    }

    pub(super) fn finish(self) -> Option<Series> {
        let (first, _) = self.steps.first_key_value()?;
        let start = Timestamp::from_millisecond(first * self.step_ms).ok()?;
        let mut all = Step { samples: 0, min: f64::MAX, max: f64::MIN, sum: 0.0 };
        self.steps.values().for_each(|it| all.merge(*it));
        let points = self.steps.iter().map(|(place, it)| Point {
            step: u32::try_from(place - first).unwrap_or(u32::MAX),
            min: it.min,
            max: it.max,
            mean: it.sum / it.samples as f64,
        });
        Some(Series {
            samples: all.samples,
            peak: all.max,
            mean: all.sum / all.samples as f64,
            start,
            step_ms: self.step_ms.unsigned_abs(),
            points: points.collect(),
        })
    }
}
