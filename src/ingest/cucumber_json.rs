//! Cucumber JSON, as cucumber-jvm, -js, -ruby, -rs, behave and godog write it
//! (<https://github.com/cucumber/cucumber-json-formatter> collects the schemas).
//!
//! It is read scenario by scenario and attachment by attachment. What dialects disagree on:
//!
//! - A background is an element of its own in some; its steps belong to the scenario that follows, in
//!   cucumber-rs to the one before.
//! - Hooks stand beside the steps, within a step, or are steps that are `hidden`.
//! - Durations are nanoseconds, but seconds in behave and milliseconds in cucumber-js 2 and 3. See [`Unit`].
//! - Nobody writes the values of an example. See [`example`].
//! - A retried scenario comes again; cucumber-rs lists the steps of all attempts in one element.
//!
//! Invariant: nothing that a file leaves out is made up: a scenario without results is *unknown*.

mod example;
mod feature;
mod pull;
mod scenario;
mod step;

use std::{io::BufRead, time::Duration};

use self::pull::{Damage, Json};
use super::{Ingested, Intake};
use crate::model::Case;

/// Reads a report: an array of features, or one feature.
pub(super) fn read(input: &mut dyn BufRead, into: &mut Ingested, intake: &mut Intake<'_>) {
    let mut json = Json::new(input);
    let mut reading = Reading { intake, numbers: Numbers::default(), problems: Vec::new() };
    let from = into.cases.len();
    let damage = read_all(&mut json, into, &mut reading).err();
    reading.numbers.unit().apply(&mut into.cases[from..]);
    for attempt in into.cases[from..].iter().flat_map(|it| &it.attempts) {
        let Some(started) = attempt.started else { continue };
        into.said.saw(started);
        let ended = attempt.duration.and_then(|it| started.checked_add(it).ok());
        into.said.saw(ended.unwrap_or(started));
    }
    for (line, message) in reading.problems {
        into.problem(line, message);
    }
    for (line, oddity) in json.oddities {
        into.problem(line, oddity);
    }
    if let Some(damage) = damage {
        into.said.cut_short = true;
        into.problem(json.line, damage.to_string());
    }
}

fn read_all(
    json: &mut Json<'_>,
    into: &mut Ingested,
    reading: &mut Reading<'_, '_>,
) -> Result<(), Damage> {
    json.skip_mark()?;
    json.peek()?;
    into.runs += 1;
    // Some tools put several reports one after the other into one file.
    while let Some(first) = json.peek_or_end()? {
        if !matches!(first, b'[' | b'{') {
            return Err(Damage::Syntax("an array of features"));
        }
        json.each(|json| feature::read(json, into, reading))?;
    }
    Ok(())
}

/// What is needed and learnt at every level of the report.
struct Reading<'a, 'gate> {
    intake: &'a mut Intake<'gate>,
    numbers: Numbers,
    problems: Vec<(u64, String)>,
}

/// What the durations of a file tell of their unit.
#[derive(Debug, Default)]
struct Numbers {
    least: Option<f64>,
    greatest: f64,
    is_behave: bool,
    is_js: bool,
}

impl Numbers {
    /// Takes in a duration as it is written, and gives it as so many seconds until its unit is known.
    fn duration(&mut self, number: f64) -> Option<Duration> {
        if number > 0.0 {
            self.least = Some(self.least.map_or(number, |it| it.min(number)));
            self.greatest = self.greatest.max(number);
        }
        Duration::try_from_secs_f64(number).ok()
    }

    fn unit(&self) -> Unit {
        // Measured in nanoseconds, some step of a suite takes longer than 1 ms and hardly any
        // less than 1 µs; in milliseconds, some hook takes less than a second and no step 16 minutes.
        let small = self.least.is_some_and(|it| it < 1e3) && self.greatest < 1e6;
        match self.is_behave {
            true => Unit::Seconds,
            false if self.is_js && small => Unit::Milliseconds,
            false => Unit::Nanoseconds,
        }
    }
}

/// The unit of the durations in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Everybody else.
    Nanoseconds,
    /// cucumber-js 2 and 3, which only their small numbers tell from 1 and from 4 and later.
    Milliseconds,
    /// behave, which says `step_type` in each step.
    Seconds,
}

impl Unit {
    /// Turns durations that were taken for seconds into what they are.
    fn apply(self, cases: &mut [Case]) {
        for attempt in cases.iter_mut().flat_map(|it| &mut it.attempts) {
            let steps = attempt.detail.iter_mut().flat_map(|it| &mut it.steps);
            let durations = steps.filter_map(|it| it.duration.as_mut());
            for duration in durations.chain(&mut attempt.duration) {
                *duration = match self {
                    Self::Nanoseconds => Duration::from_nanos(duration.as_secs()),
                    Self::Milliseconds => {
                        Duration::from_micros((duration.as_secs_f64() * 1e3) as u64)
                    }
                    Self::Seconds => *duration,
                };
            }
        }
    }
}
