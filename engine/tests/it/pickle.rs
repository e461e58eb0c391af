//! Features become pickles: what is inherited, what is replaced, and what is none.

use std::cell::Cell;

use lkreport_engine::{
    feature,
    messages::{Id, Pickle},
};

use crate::source;

fn pickles(text: &str) -> Vec<Pickle> {
    let next = Cell::new(0);
    let id = || {
        next.set(next.get() + 1);
        Id::new(next.get())
    };
    feature::compile(&source(text), &id).unwrap().pickles
}

fn told(pickle: &Pickle) -> String {
    let steps: Vec<&str> = pickle.steps.iter().map(|it| it.text.as_str()).collect();
    let tags: Vec<&str> = pickle.tags().collect();
    format!("{} [{}] {}", pickle.name, tags.join(" "), steps.join(" / "))
}

#[test]
fn tags_and_backgrounds_are_inherited_from_the_outside_in() {
    let text = "@f\nFeature: F\n  Background:\n    Given f\n  @s\n  Scenario: one\n    When s\n\
                \x20 @r\n  Rule: R\n    Background:\n      Given r\n    @t\n    Scenario: two\n      When t\n\
                \x20 Rule: Q\n    Scenario: three\n      When u\n    Scenario: empty\n";
    let told: Vec<String> = pickles(text).iter().map(told).collect();
    let expected =
        ["one [@f @s] f / s", "two [@f @r @t] f / r / t", "three [@f] f / u", "empty [@f] "];
    assert_eq!(told, expected);
}

#[test]
fn example_values_stand_in_names_steps_tables_and_doc_strings() {
    let text = "Feature: F\n  Scenario Outline: <a> of <b>\n    Given <a>, <b> and <c>\n      | <a> | x |\n\
                \x20   And text\n      \"\"\"<b>\n      <a>\n      \"\"\"\n\
                \x20   @first\n    Examples:\n      | a   | b |\n      | <b> | 2 |\n      | 3   | 4 |\n\
                \x20   Examples: none\n      | a | b |\n";
    let pickles = pickles(text);
    let told: Vec<String> = pickles.iter().map(told).collect();
    // A value that looks like a placeholder is a value.
    let first = "<b> of 2 [@first] <b>, 2 and <c> / text";
    assert_eq!(told, [first, "3 of 4 [@first] 3, 4 and <c> / text"]);
    let arguments = pickles[0].steps.iter().map(|it| serde_json::to_value(&it.argument).unwrap());
    let expected = [
        serde_json::json!({"dataTable": {"rows": [{"cells": [{"value": "<b>"}, {"value": "x"}]}]}}),
        serde_json::json!({"docString": {"mediaType": "2", "content": "<b>"}}),
    ];
    assert_eq!(arguments.collect::<Vec<_>>(), expected);
    let example = [("a".to_owned(), "3".to_owned()), ("b".to_owned(), "4".to_owned())];
    assert_eq!(pickles[1].origin.example, example);
}
