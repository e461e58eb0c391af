//! Two streams of messages, compared by what they say.
//!
//! Set aside, because it may differ between runners: ids (but not what they refer to), times, the
//! writer in `meta`, the places of step definitions, the types and stack traces of exceptions, the
//! language of snippets (but not their expressions), and logs of the attempt itself, by which our
//! runner says why it tries again.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// The first line at which two streams differ.
pub(crate) fn first_difference(expected: &str, written: &str) -> Option<String> {
    let (expected, written) = (comparable(expected), comparable(written));
    let lines = expected.len().max(written.len());
    let show = |it: Option<&Value>| it.map_or("nothing".to_owned(), Value::to_string);
    (0..lines).find(|&n| expected.get(n) != written.get(n)).map(|n| {
        let (expected, written) = (show(expected.get(n)), show(written.get(n)));
        format!("envelope {n}\n  expected {expected}\n  written  {written}")
    })
}

fn comparable(stream: &str) -> Vec<Value> {
    let mut names = HashMap::new();
    let envelopes = stream.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let envelopes = envelopes.filter(|it| !is_log_of_an_attempt(it));
    envelopes.map(|it| plain(None, it, &mut names)).collect()
}

fn is_log_of_an_attempt(envelope: &Value) -> bool {
    let attachment = &envelope["attachment"];
    attachment.get("testCaseStartedId").is_some() && attachment.get("testStepId").is_none()
}

/// The value without what is set aside; ids are numbered as they first appear.
fn plain(key: Option<&str>, value: Value, names: &mut HashMap<String, usize>) -> Value {
    match value {
        Value::Object(object) if key == Some("meta") => {
            json!({ "protocolVersion": object["protocolVersion"] })
        }
        Value::Object(object) => {
            // Ids are numbered in the order of the keys, which must not be that of the writer.
            let mut fields: Vec<(String, Value)> = object.into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            let kept = fields.into_iter().filter(|it| !is_aside(&it.0, key));
            let kept = kept.map(|(name, it)| {
                let it = plain(Some(&name), it, names);
                (name, it)
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(all) => all.into_iter().map(|it| plain(key, it, names)).collect(),
        Value::String(id) if key.is_some_and(is_id) => {
            let next = names.len();
            json!(*names.entry(id).or_insert(next))
        }
        Value::String(code) if key == Some("code") => json!(expression(&code)),
        other => other,
    }
}

fn is_aside(name: &str, parent: Option<&str>) -> bool {
    matches!(name, "timestamp" | "duration" | "sourceReference" | "stackTrace")
        || parent == Some("exception") && name == "type"
        || parent == Some("snippets") && name == "language"
}

fn is_id(key: &str) -> bool {
    key == "id" || key.ends_with("Id") || key.ends_with("Ids")
}

/// The expression in a snippet: the first string that its code holds.
fn expression(code: &str) -> String {
    let call = code.lines().find(|it| !it.starts_with("//")).unwrap();
    let from = &call[call.find('"').unwrap()..];
    let mut strings = serde_json::Deserializer::from_str(from).into_iter::<String>();
    strings.next().unwrap().unwrap()
}
