//! Feature files become documents, as the official parsers have them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use lkreport_contract::gherkin::{
    self, Argument, Background, DataTable, Document, Examples, GAPS, Place, Row, Rule, Scenario,
    Step, StepKind, SyntaxError, Tag, Title, parse,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn location(it: Place) -> Value {
    json!({"line": it.line, "column": it.column})
}

fn opened(title: &Title) -> Value {
    json!({
        "location": location(title.place),
        "keyword": title.keyword,
        "name": title.name,
        "description": title.description,
    })
}

fn with(mut value: Value, name: &str, more: Value) -> Value {
    value[name] = more;
    value
}

fn tags(tags: &[Tag]) -> Value {
    tags.iter().map(|it| json!({"location": location(it.place), "name": it.name})).collect()
}

fn row(row: &Row) -> Value {
    let cell =
        |it: &gherkin::Cell| json!({"location": location(it.place), "value": it.value.as_str()});
    json!({"location": location(row.place), "cells": row.cells.iter().map(cell).collect::<Value>()})
}

fn table(table: &DataTable) -> Value {
    json!({"location": location(table.rows[0].place), "rows": table.rows.iter().map(row).collect::<Value>()})
}

fn step(step: &Step) -> Value {
    let kind = match step.kind {
        StepKind::Context => "Context",
        StepKind::Action => "Action",
        StepKind::Outcome => "Outcome",
        StepKind::Conjunction => "Conjunction",
        StepKind::Unknown => "Unknown",
    };
    let value = json!({
        "location": location(step.place),
        "keyword": step.keyword,
        "keywordType": kind,
        "text": step.text,
    });
    match &step.argument {
        None => value,
        Some(Argument::DataTable(it)) => with(value, "dataTable", table(it)),
        Some(Argument::DocString(it)) => {
            let doc = json!({
                "location": location(it.place),
                "content": it.content,
                "delimiter": it.delimiter,
            });
            let doc = match &it.media_type {
                Some(it) => with(doc, "mediaType", json!(it)),
                None => doc,
            };
            with(value, "docString", doc)
        }
    }
}

fn steps(steps: &[Step]) -> Value {
    steps.iter().map(step).collect()
}

fn examples(it: &Examples) -> Value {
    let mut value = with(opened(&it.title), "tags", tags(&it.tags));
    let rows = it.table.as_ref().map_or(&[][..], |it| &it.rows);
    if let Some(header) = rows.first() {
        value["tableHeader"] = row(header);
    }
    value["tableBody"] = rows.iter().skip(1).map(row).collect();
    value
}

fn scenario(it: &Scenario) -> Value {
    let value = with(opened(&it.title), "tags", tags(&it.tags));
    let value = with(value, "steps", steps(&it.steps));
    json!({"scenario": with(value, "examples", it.examples.iter().map(examples).collect())})
}

fn children(background: Option<&Background>, scenarios: &[Scenario]) -> Vec<Value> {
    let background = background
        .map(|it| json!({"background": with(opened(&it.title), "steps", steps(&it.steps))}));
    background.into_iter().chain(scenarios.iter().map(scenario)).collect()
}

fn rule(it: &Rule) -> Value {
    let value = with(opened(&it.title), "tags", tags(&it.tags));
    let children = children(it.background.as_ref(), &it.scenarios);
    json!({"rule": with(value, "children", json!(children))})
}

/// The document as the official parsers write it, without ids.
fn ast(document: &Document) -> Value {
    let comment =
        |it: &gherkin::Comment| json!({"location": location(it.place), "text": it.text.as_str()});
    let mut value = json!({"comments": document.comments.iter().map(comment).collect::<Value>()});
    if let Some(it) = &document.feature {
        let mut children = children(it.background.as_ref(), &it.scenarios);
        children.extend(it.rules.iter().map(rule));
        let mut feature = with(opened(&it.title), "tags", tags(&it.tags));
        feature["language"] = json!(document.language);
        feature["children"] = json!(children);
        value["feature"] = feature;
    }
    value
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("id");
            fields.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

/// The feature files in a folder, in order.
fn features(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|it| it.extension().is_some_and(|it| it == "feature")).collect();
    files.sort();
    files
}

/// What the official parsers say stands beside each file.
fn expected(feature: &Path, kind: &str) -> Vec<Value> {
    let name = format!("{}.{kind}.ndjson", feature.display());
    let text = fs::read_to_string(name).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check_good(feature: &Path) {
    let document = parse(&fs::read_to_string(feature).unwrap());
    let document = document.unwrap_or_else(|it| panic!("{}: {it:?}", feature.display()));
    let mut expected = expected(feature, "ast").swap_remove(0)["gherkinDocument"].take();
    without_ids(&mut expected);
    expected.as_object_mut().unwrap().remove("uri");
    pretty_eq(feature, &ast(&document), &expected);
}

fn pretty_eq(feature: &Path, ours: &Value, theirs: &Value) {
    let is_equal = ours == theirs;
    let (ours, theirs) = (format!("{ours:#}"), format!("{theirs:#}"));
    let differs = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
    assert!(is_equal, "{}: (ours, theirs) {differs:?}", feature.display());
}

fn check_bad(feature: &Path) {
    let errors = parse(&fs::read_to_string(feature).unwrap()).unwrap_err();
    let places: Vec<_> = errors.iter().map(|it| (it.place.line, it.place.column)).collect();
    let expected = expected(feature, "errors").into_iter().map(|it| {
        let location = &it["parseError"]["source"]["location"];
        let number = |name: &str| location[name].as_u64().unwrap_or(1) as u32;
        (number("line"), number("column"))
    });
    assert_eq!(places, expected.collect::<Vec<_>>(), "{}", feature.display());
}

fn check_folder(folder: &Path) -> (usize, usize) {
    let (good, bad) = (features(&folder.join("good")), features(&folder.join("bad")));
    good.iter().for_each(|it| check_good(it));
    bad.iter().for_each(|it| check_bad(it));
    (good.len(), bad.len())
}

fn messages(text: &str) -> Vec<String> {
    let errors = parse(text).unwrap_err();
    errors.iter().map(SyntaxError::to_string).collect()
}

#[test]
fn kept_samples_are_read_as_the_official_parsers_read_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/gherkin");
    assert_eq!(check_folder(&folder), (6, 3));
}

#[test]
fn all_official_samples_are_read_where_they_are() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = env::var_os("LKREPORT_DATA").map_or_else(beside, PathBuf::from);
    if !data.exists() {
        println!("SKIPPED: no data at {}; set LKREPORT_DATA", data.display());
        return;
    }
    let (good, bad) = check_folder(&data.join("gherkin/gherkin"));
    assert!(good > 20 && bad > 3, "{good} good files, {bad} bad ones");
    assert_eq!(GAPS, ["Markdown with Gherkin (`*.feature.md`)"]);
}

#[test]
fn one_look_finds_all_errors() {
    let text = "@tag with blank\nFeature: f\n  Scenario: a\n    Given x\n      | a |\n      | a | b |\n    \
                Oops\n  Background:\n    Given y\n  Scenario: b\n    When z\n      \"\"\"\n      open\n";
    assert_eq!(
        messages(text),
        [
            "1:1: a tag may not hold a blank",
            "6:7: the row has 2 cells, and the first one of its table 1",
            "7:5: expected a step, a table, a doc string or the next scenario, found `Oops`",
            "8:3: expected the background once, before the first scenario, found `Background:`",
            "14:1: the file ends inside the doc string that line 12 opens",
        ]
    );
}

#[test]
fn what_is_no_feature_file_costs_a_few_errors() {
    let text = "prose\n".repeat(100_000);
    assert_eq!(messages(&text).len(), 20);
    assert_eq!(messages("Given x"), ["1:1: expected a feature, found `Given x`"]);
}

#[test]
fn every_language_can_open_a_feature() {
    assert!(gherkin::languages().count() > 70);
    for language in gherkin::languages() {
        let document = parse(&format!("# language: {language}\n")).unwrap();
        assert_eq!(document.language, language);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_places(text in r#"(?s)([ \t]{0,3}(Feature:|Rule:|Background:|Scenario:|Examples:|Given |\* |@a |\||"""|```|#|\\|.){0,4}\PC{0,5}(\r?\n|\r)?){0,20}"#) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.is_empty() && errors.len() <= 20);
            let lines = text.lines().count() as u32;
            prop_assert!(errors.iter().all(|it| it.place.line <= lines + 1 && it.place.column > 0));
        }
    }
}
