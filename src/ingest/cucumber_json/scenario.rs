//! An element of a feature: a scenario or a background, and the attempts that its steps make.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{
    super::{
        Intake,
        cucumber::{Ending, Tried, outcome_of, tag},
    },
    Reading,
    pull::{Json, Result},
    step::{Part, embeddings, line_of, parts},
};
use crate::model::{Attempt, Outcome};

/// An element as it is read.
#[derive(Default)]
pub(super) struct Element {
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) tags: Vec<String>,
    pub(super) steps: Vec<Part>,
    kind: String,
    status: String,
    started: Option<Timestamp>,
    before: Vec<Part>,
    after: Vec<Part>,
    own: Tried,
}

/// Takes an element into `element`, which after damage holds what came before.
pub(super) fn read(
    json: &mut Json<'_>,
    element: &mut Element,
    reading: &mut Reading<'_, '_>,
) -> Result<()> {
    let line = json.line;
    let is_object = json.fields(|json, key| {
        match key {
            "id" => element.id = json.text()?,
            "line" => element.line = json.number()?.unwrap_or_default() as u64,
            "name" => element.name = json.text()?,
            "type" => element.kind = json.text()?,
            "tags" => element.tags = tags(json)?,
            "start_timestamp" => element.started = timestamp(&json.text()?),
            "status" => element.status = json.text()?,
            "steps" => parts(json, &mut element.steps, false, reading)?,
            "before" => parts(json, &mut element.before, true, reading)?,
            "after" | "around" => parts(json, &mut element.after, true, reading)?,
            "embeddings" => embeddings(json, &mut element.own, reading)?,
            "output" => element.own.output(&json.text()?),
            "location" => element.line = line_of(&json.text()?),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    if !is_object {
        reading.problems.push((line, "an element is not an object".to_owned()));
        element.kind = "background".to_owned();
    }
    Ok(())
}

impl Element {
    /// Whether its steps belong to the scenario that follows.
    pub(super) fn is_background(&self) -> bool {
        self.kind == "background"
    }

    /// Whether this is a background of that scenario; only cucumber-rs says so.
    pub(super) fn is_background_of(&self, scenario: &Self) -> bool {
        !self.id.is_empty() && (&self.id, self.line) == (&scenario.id, scenario.line)
    }

    /// Its hooks and steps; cucumber-ruby 2 lists the hooks of a scenario in its background.
    pub(super) fn into_parts(self) -> impl Iterator<Item = Part> {
        self.before.into_iter().chain(self.steps).chain(self.after)
    }

    /// The attempts that it holds, with the steps of its background in front.
    pub(super) fn attempts(
        self,
        background: Vec<Part>,
        ending: Ending,
        intake: &mut Intake<'_>,
    ) -> Vec<Attempt> {
        let starts = attempt_starts(&self.steps);
        let times = starts.len().max(1);
        let mut attempts: Vec<Tried> = Vec::new();
        let mut own = self.own;
        own.started = self.started;
        attempts.push(own);
        attempts.resize_with(times, Tried::default);
        let place_of =
            |n: usize, of: usize| if of.is_multiple_of(times) { n * times / of } else { 0 };
        for parts in [self.before, background] {
            let of = parts.len();
            for (n, part) in parts.into_iter().enumerate() {
                attempts[place_of(n, of)].absorb(part.tried);
            }
        }
        for (n, part) in self.steps.into_iter().enumerate() {
            let place = starts.partition_point(|start| *start <= n).saturating_sub(1);
            attempts[place].absorb(part.tried);
        }
        let of = self.after.len();
        for (n, part) in self.after.into_iter().enumerate() {
            let place = if of.is_multiple_of(times) { place_of(n, of) } else { times - 1 };
            attempts[place].absorb(part.tried);
        }
        let last = attempts.len() - 1;
        // behave leaves the last status of a rule open.
        if !self.status.is_empty() {
            let outcome = outcome_of(&self.status).unwrap_or(Outcome::Unknown);
            attempts[last].whole(outcome, intake.line(&self.status.replace('_', " ")));
        }
        let ending_of = |n: usize| if n == last { ending } else { Ending::Finished };
        attempts.into_iter().enumerate().map(|(n, it)| it.finish(ending_of(n), intake)).collect()
    }
}

/// Where attempts begin. cucumber-rs lists all of them in one element; a line that comes again tells,
/// because no step stands in a scenario twice.
fn attempt_starts(steps: &[Part]) -> Vec<usize> {
    let Some(first) = steps.iter().position(|it| !it.is_hook && it.line > 0) else {
        return vec![0];
    };
    let is_first =
        |it: &Part| !it.is_hook && it.line == steps[first].line && it.text == steps[first].text;
    let again = steps.iter().enumerate().skip(first + 1).filter(|(_, it)| is_first(it));
    [0].into_iter().chain(again.map(|(n, _)| n)).collect()
}

/// Takes tags, as objects or as bare names.
pub(super) fn tags(json: &mut Json<'_>) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    json.each(|json| {
        let mut name = String::new();
        match json.peek()? {
            b'{' => {
                json.fields(|json, key| match key {
                    "name" => json.text().map(|it| name = it),
                    _ => json.skip(),
                })?;
            }
            _ => name = json.text()?,
        }
        if !name.trim().is_empty() && tags.len() < 200 {
            tags.push(tag(name.trim()));
        }
        Ok(())
    })?;
    Ok(tags)
}

/// A time with its zone, or else of UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| local().map(|it| it.timestamp()))
}
