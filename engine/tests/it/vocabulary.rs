//! The vocabulary: every expression of the interface is there, and can be told from all others.

use std::collections::BTreeSet;

use lkreport_engine::{
    dry::Matches,
    feature::Source,
    run::Selection,
    steps::{Known, listed},
};

/// The expressions that suites of other frameworks use, in the order of their documentation.
const EXPRESSIONS: &str = include_str!("data/expressions.txt");

#[test]
fn every_expression_of_the_interface_is_known_exactly_once() {
    let known: Vec<String> = listed().known.into_iter().map(|it| it.expression).collect();
    let wanted: Vec<&str> = EXPRESSIONS.lines().collect();
    assert_eq!(wanted.len(), 246);
    for expression in wanted {
        let times = known.iter().filter(|it| *it == expression).count();
        assert_eq!(times, 1, "{expression}");
    }
}

#[test]
fn every_known_step_can_run() {
    let all = listed();
    let patterns: BTreeSet<&str> = all.registry.patterns().collect();
    let known: BTreeSet<&str> = all.known.iter().map(|it| it.expression.as_str()).collect();
    assert_eq!(patterns, known, "a parameter type that nobody defined takes a step out");
}

#[test]
fn an_example_matches_its_own_expression_and_no_other() {
    let all = listed();
    let mut text = "Feature: All\n".to_owned();
    for Known { example, .. } in &all.known {
        text += &format!("Scenario: {example}\n* {example}\n");
    }
    let sources = [Source { uri: "all.feature".to_owned(), text }];
    let dry = all.registry.dry(&sources, &Selection::default());
    assert!(dry.syntax_errors.is_empty(), "{:?}", dry.syntax_errors);
    assert_eq!(dry.scenarios.len(), all.known.len());
    for (scenario, known) in dry.scenarios.iter().zip(&all.known) {
        assert_eq!(scenario.matches, [Matches::One(known.expression.clone())], "{}", known.example);
    }
}

#[test]
fn a_state_is_one_of_those_that_are_known() {
    let all = listed();
    let feature = "Feature: States\nScenario: One\n\
        * \"Ada\" unmutes their audio\n* \"Ada\" silences their audio\n\
        * \"Ada\" should have audio unmuted locally\n* \"Ada\" should have audio enabled locally\n";
    let sources = [Source { uri: "a.feature".to_owned(), text: feature.to_owned() }];
    let dry = all.registry.dry(&sources, &Selection::default());
    let is_known = |it: &Matches| matches!(it, Matches::One(_));
    let known: Vec<bool> = dry.scenarios[0].matches.iter().map(is_known).collect();
    assert_eq!(known, [true, false, true, false]);
}

#[test]
fn a_step_says_in_a_sentence_what_it_means() {
    for Known { expression, meaning, area, .. } in listed().known {
        let is_sentence = meaning.starts_with(|c: char| c.is_uppercase())
            && meaning.ends_with('.')
            && meaning.split(' ').count() > 2;
        assert!(is_sentence, "{expression}: {meaning:?}");
        assert!(!area.is_empty(), "{expression}");
    }
}

#[test]
fn what_is_missing_is_named_by_the_component() {
    let known = listed().known;
    let needs: BTreeSet<&str> = known.iter().filter_map(|it| it.pending).collect();
    assert!(needs.contains("ingress") && needs.contains("egress"), "{needs:?}");
    let of_area = |area: &str| known.iter().filter(|it| it.area == area).collect::<Vec<_>>();
    let is_there = |area: &str| of_area(area).iter().all(|it| it.pending.is_none());
    for area in ["server life cycle", "access tokens", "rooms, participants, tracks"] {
        assert!(!of_area(area).is_empty() && is_there(area), "{area}");
    }
}
