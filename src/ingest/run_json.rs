//! `run.json` → what a results directory says of its run.

use std::io::{BufRead, Read};

use lkreport_contract::run::RunJson;
use serde_json::{Map, Value};

use super::{Ingested, Intake, decode::head_text};

/// The longest file that is taken for a `run.json`, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// The longest value, in bytes.
const VALUE: usize = 4_000;

/// Reads the fields one by one, so that one that makes no sense costs only itself.
pub(super) fn read(input: &mut dyn BufRead, into: &mut Ingested, intake: &mut Intake<'_>) {
    let mut bytes = Vec::new();
    if let Err(error) = input.take(LONGEST).read_to_end(&mut bytes) {
        into.problem(0, format!("cannot read on: {error}"));
    }
    let fields: Map<String, Value> = match serde_json::from_str(&head_text(&bytes)) {
        Ok(fields) => fields,
        Err(error) => return into.problem(error.line() as u64, error.to_string()),
    };
    let has_end = fields.get("finished").is_some_and(|it| !it.is_null());
    let mut kept = Map::new();
    for (name, value) in fields {
        let value = cleaned(&name, value, intake);
        let alone: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        match serde_json::from_value::<RunJson>(Value::Object(alone)) {
            Ok(_) => drop(kept.insert(name, value)),
            Err(error) => into.problem(0, intake.line(&format!("`{name}`: {error}"))),
        }
    }
    // Who writes it at the start completes it at the end, unless the run is killed before.
    into.said.cut_short = kept.contains_key("started") && !has_end;
    into.said.run = serde_json::from_value(Value::Object(kept)).unwrap_or_default();
    let times = [into.said.run.started, into.said.run.finished];
    times.into_iter().flatten().for_each(|it| into.said.saw(it));
    into.runs = 1;
}

/// What a configuration or the command line says of a run, as if it had stood in a `run.json`.
#[must_use]
pub fn masked_run(run: &RunJson, intake: &mut Intake<'_>) -> RunJson {
    let fields =
        serde_json::to_value(run).expect("these types hold only text, numbers and text keys");
    serde_json::from_value(cleaned("", fields, intake)).unwrap_or_default()
}

/// The value with all of its text masked and cleaned.
fn cleaned(name: &str, value: Value, intake: &mut Intake<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(intake.value_of(name, &text, VALUE).into()),
        Value::Array(values) => Value::Array(arguments(values, intake)),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, it)| {
                    let value = cleaned(&name, it, intake);
                    (String::from(intake.line(&name)), value)
                })
                .collect()
        }
        value => value,
    }
}

/// A list, which may be a command, where the value of `--secret` is the argument after it.
fn arguments(values: Vec<Value>, intake: &mut Intake<'_>) -> Vec<Value> {
    let mut flag = String::new();
    let cleaned = |value: Value| {
        let next = value.as_str().filter(|it| it.starts_with('-')).unwrap_or_default().to_owned();
        let value = cleaned(&flag, value, intake);
        flag = next;
        value
    };
    values.into_iter().map(cleaned).collect()
}
