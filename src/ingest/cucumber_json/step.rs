//! A step or hook of the report, with its result, hooks of its own, and attachments.

use std::time::Duration;

use super::{
    super::cucumber::{Attachment, Body, Tried, from_message, outcome_of, step_text, take_in},
    Reading,
    example::StepText,
    pull::{Json, Result},
};
use crate::model::{Outcome, Step};

/// The most steps of an element that are looked at one by one; more are added to the last.
const MOST_STEPS: usize = 2_000;

/// A step or hook with what hangs on it.
#[derive(Default)]
pub(super) struct Part {
    pub(super) tried: Tried,
    outcome: Option<Outcome>,
    pub(super) line: u64,
    pub(super) is_hook: bool,
    pub(super) text: String,
    arguments: Vec<Box<str>>,
    block: String,
}

impl Part {
    /// Whether it makes a run bad.
    pub(super) fn is_failing(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_failing)
    }

    /// Whether anything is known of it.
    pub(super) fn has_result(&self) -> bool {
        self.outcome.is_some()
    }

    /// What tells the scenario from others of its name; hooks do not.
    pub(super) fn step_text(&self) -> Option<StepText> {
        (!self.is_hook).then(|| StepText {
            text: self.text.as_str().into(),
            arguments: self.arguments.clone().into(),
            block: self.block.as_str().into(),
        })
    }
}

/// Takes steps or hooks; each is kept as far as it was read.
pub(super) fn parts(
    json: &mut Json<'_>,
    into: &mut Vec<Part>,
    is_hook: bool,
    reading: &mut Reading<'_, '_>,
) -> Result<()> {
    json.each(|json| {
        let mut part = Part { is_hook, ..Part::default() };
        let mut inner = Vec::new();
        let result = step(json, &mut part, &mut inner, reading);
        // Hooks around a step count with it.
        for hook in inner {
            part.tried.absorb(hook.tried);
        }
        let is_full = into.len() >= MOST_STEPS;
        match into.last_mut().filter(|_| is_full) {
            Some(last) => last.tried.absorb(part.tried),
            None => into.push(part),
        }
        result
    })
}

fn step(
    json: &mut Json<'_>,
    part: &mut Part,
    hooks: &mut Vec<Part>,
    reading: &mut Reading<'_, '_>,
) -> Result<()> {
    let mut keyword = String::new();
    let mut location = String::new();
    let mut verdict = Verdict::default();
    json.fields(|json, key| {
        match key {
            "keyword" => keyword = json.text()?,
            "name" => part.text = json.text()?,
            "line" => part.line = json.number()?.unwrap_or_default() as u64,
            "location" => part.line = line_of(&json.text()?),
            "hidden" => {
                // cucumber-rs says of every step that it is not.
                part.is_hook |= json.text()? == "true";
                reading.numbers.is_js |= part.is_hook;
            }
            "step_type" => {
                json.skip()?;
                reading.numbers.is_behave = true;
            }
            "arguments" => {
                reading.numbers.is_js = true;
                part.block = block(json)?;
            }
            "rows" | "doc_string" | "table" | "text" => part.block = block(json)?,
            "match" => matched(json, &mut part.arguments, &mut location)?,
            "result" => verdict = result(json, reading)?,
            "before" | "after" => parts(json, hooks, true, reading)?,
            "embeddings" => embeddings(json, &mut part.tried, reading)?,
            "output" => part.tried.output(&json.text()?),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    verdict.settle(part, step_text(&keyword, part_name(&part.text, &location)), reading);
    Ok(())
}

/// A hook has no text; the place of its definition stands for it.
fn part_name<'a>(text: &'a str, location: &'a str) -> &'a str {
    if text.is_empty() { location } else { text }
}

/// The `result` of a step or hook.
#[derive(Default)]
struct Verdict {
    status: String,
    duration: Option<Duration>,
    error: String,
}

fn result(json: &mut Json<'_>, reading: &mut Reading<'_, '_>) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    if json.peek()? != b'{' {
        verdict.status = json.text()?;
        return Ok(verdict);
    }
    json.fields(|json, key| {
        match key {
            "status" => verdict.status = json.text()?,
            "duration" => {
                verdict.duration = json.number()?.and_then(|it| reading.numbers.duration(it));
            }
            "error_message" => verdict.error = json.text()?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(verdict)
}

impl Verdict {
    /// Makes it the outcome of `part`; a step without any result counts for nothing.
    fn settle(self, part: &mut Part, text: String, reading: &mut Reading<'_, '_>) {
        let is_said = !self.status.is_empty();
        part.outcome = is_said.then(|| outcome_of(&self.status).unwrap_or(Outcome::Unknown));
        let step = Step {
            text: reading.intake.line(&text),
            outcome: part.outcome.unwrap_or(Outcome::Unknown),
            duration: self.duration,
            hook: part.is_hook,
        };
        part.tried.step(step, part.outcome);
        if !self.error.trim().is_empty() {
            part.tried.complaint(part.outcome, from_message(&self.error, reading.intake));
        }
    }
}

/// Takes the `match` of a step: its arguments, and where its definition stands.
fn matched(
    json: &mut Json<'_>,
    arguments: &mut Vec<Box<str>>,
    location: &mut String,
) -> Result<()> {
    json.fields(|json, key| {
        match key {
            "location" => *location = json.text()?,
            "arguments" => json.each(|json| {
                let mut value = String::new();
                json.fields(|json, key| {
                    match key {
                        "val" | "value" => value = json.text()?,
                        _ => json.skip()?,
                    }
                    Ok(())
                })?;
                value.truncate(value.floor_char_boundary(1_000));
                arguments.push(value.into());
                Ok(())
            })?,
            _ => json.skip()?,
        }
        Ok(())
    })
    .map(drop)
}

/// The cells of a table, or the text of a doc string, in one line; the first thousand bytes tell enough.
fn block(json: &mut Json<'_>) -> Result<String> {
    let mut all = String::new();
    cells(json, &mut all)?;
    Ok(all)
}

fn cells(json: &mut Json<'_>, all: &mut String) -> Result<()> {
    match json.peek()? {
        b'[' => json.each(|json| cells(json, all)),
        b'{' => json
            .fields(|json, key| match key {
                "rows" | "cells" | "value" | "content" | "headings" | "arguments" => {
                    cells(json, all)
                }
                _ => json.skip(),
            })
            .map(drop),
        _ => {
            let cell = json.text()?;
            if all.len() + cell.len() < 1_000 {
                all.push_str(if all.is_empty() { "" } else { " " });
                all.push_str(cell.trim());
            }
            Ok(())
        }
    }
}

/// Takes attachments, one at a time; none of them stays in memory.
pub(super) fn embeddings(
    json: &mut Json<'_>,
    into: &mut Tried,
    reading: &mut Reading<'_, '_>,
) -> Result<()> {
    json.each(|json| match json.peek()? {
        b'[' => embeddings(json, into, reading),
        _ => embedding(json, into, reading),
    })
}

fn embedding(json: &mut Json<'_>, into: &mut Tried, reading: &mut Reading<'_, '_>) -> Result<()> {
    let (line, cuts) = (json.line, json.cuts);
    let (mut name, mut media_type, mut data) = (String::new(), String::new(), None);
    let is_object = json.fields(|json, key| {
        match key {
            "data" => data = Some(json.text()?),
            "mime_type" | "mimeType" | "media_type" => media_type = json.text()?,
            "name" | "fileName" => name = json.text()?,
            "media" => {
                json.fields(|json, key| {
                    match key {
                        "type" => media_type = json.text()?,
                        "name" | "fileName" => name = json.text()?,
                        _ => json.skip()?,
                    }
                    Ok(())
                })?;
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    let Some(data) = data.filter(|_| is_object && json.cuts == cuts) else {
        if json.cuts == cuts {
            reading.problems.push((line, "an attachment without data".to_owned()));
        }
        return Ok(());
    };
    let body = Body::Either(&data);
    let attachment = Attachment { name: &name, media_type: &media_type, body };
    if let Err(reason) = take_in(&attachment, into, reading.intake) {
        reading.problems.push((line, reason));
    }
    Ok(())
}

/// The line in `features/x.feature:12`; behave has no other.
pub(super) fn line_of(location: &str) -> u64 {
    location.rsplit(':').next().and_then(|it| it.parse().ok()).unwrap_or_default()
}
