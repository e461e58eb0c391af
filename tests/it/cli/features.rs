//! What features can say, and whether what they say is known: `steps`, `run --dry-run`, `run --list`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::desk::{Desk, stderr, stdout};

const KNOWN: &str = "Feature: Rooms\n\n  Scenario: Made\n    \
    Given a LiveKit server is running in a container with service name \"livekit\"\n    \
    When room \"tower\" is created using service \"livekit\"\n    \
    Then room \"tower\" should exist in service \"livekit\"\n\n  Scenario: Seen\n    \
    Given \"Ada\" stops streaming to \"tower\"\n    \
    * the recording runs for 3 seconds\n";

#[test]
fn steps_are_listed_by_area_with_what_they_mean() {
    let desk = Desk::new();
    let listed = desk.ok(&["steps"]);
    let heads: Vec<&str> = listed.lines().filter(|it| !it.starts_with([' ', '\0'])).collect();
    let heads: Vec<&str> = heads.into_iter().filter(|it| !it.is_empty()).collect();
    assert_eq!(heads.iter().collect::<BTreeSet<_>>().len(), heads.len(), "{heads:?}");
    assert!(heads.contains(&"webhooks") && heads.contains(&"ingress"), "{heads:?}");
    let found = desk.ok(&["steps", "bucket", "minio", "created"]);
    assert!(found.contains("a bucket {string} is created in MinIO service {string}"), "{found}");
    assert_eq!(desk.run(&["steps", "nothing-like-it"]).status.code(), Some(1));
}

#[test]
fn the_list_for_programs_has_a_fixed_shape() {
    let listed: Value = serde_json::from_str(&Desk::new().ok(&["steps", "--json"])).unwrap();
    let steps = listed.as_array().unwrap();
    assert!(steps.len() >= 246, "{}", steps.len());
    for step in steps {
        let keys: Vec<&String> = step.as_object().unwrap().keys().collect();
        let wanted = BTreeSet::from(["area", "example", "expression", "meaning", "pending"]);
        assert_eq!(keys.iter().map(|it| it.as_str()).collect::<BTreeSet<_>>(), wanted);
        assert!(step["pending"].is_null() || step["pending"].is_string(), "{step}");
    }
    let pending: BTreeMap<&str, &Value> =
        steps.iter().map(|it| (it["expression"].as_str().unwrap(), &it["pending"])).collect();
    assert_eq!(pending["{string} stops streaming to {string}"], "ingress");
    assert!(pending["the room count should be {int}"].is_null());
}

#[test]
fn a_dry_run_of_known_steps_says_how_many_are_pending() {
    let desk = Desk::new();
    desk.write("features/rooms.feature", KNOWN);
    let said = desk.ok(&["run", "--dry-run"]);
    assert!(said.contains("2 scenarios, 5 steps: 0 undefined or ambiguous, 2 pending"), "{said}");
    assert!(said.contains("1 need ingress") && said.contains("1 need egress"), "{said}");
    assert!(!desk.has("results"), "nothing runs");
}

#[test]
fn a_dry_run_names_what_is_near_an_unknown_step() {
    let desk = Desk::new();
    let wrong = KNOWN.replace("should exist in service", "should be in service");
    desk.write("features/rooms.feature", wrong);
    let output = desk.run(&["run", "--dry-run"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.contains("features/rooms.feature:6: room \"tower\" should be in"), "{said}");
    assert!(said.contains("`room {string} should exist in service {string}`"), "{said}");
    assert!(said.contains("1 undefined or ambiguous, 2 pending"), "{said}");
}

#[test]
fn a_feature_with_errors_is_named_and_the_rest_is_looked_at() {
    let desk = Desk::new();
    desk.write(
        "features/bad.feature",
        "Feature: Bad\n  Scenario: One\n    Given a\n      | a | b |\n      | c |\n",
    );
    desk.write("features/rooms.feature", KNOWN);
    let output = desk.run(&["run", "--dry-run"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let said = stdout(&output);
    assert!(said.contains("features/bad.feature:"), "{said}");
    assert!(said.contains("2 scenarios, 5 steps"), "{said}");
}

#[test]
fn keywords_never_matter() {
    let desk = Desk::new();
    let other = KNOWN.replace("Given ", "Then ").replace("When ", "But ").replace("* ", "And ");
    desk.write("features/rooms.feature", other);
    desk.ok(&["run", "--dry-run"]);
}

#[test]
fn a_list_names_the_scenarios_that_would_run() {
    let desk = Desk::new();
    desk.write("features/rooms.feature", KNOWN);
    let listed = desk.ok(&["run", "--list"]);
    let names = ["features/rooms.feature:3  Made", "features/rooms.feature:8  Seen"];
    assert_eq!(listed.lines().collect::<Vec<_>>(), names);
    let listed = desk.ok(&["run", "--list", "--name", "^Se"]);
    assert_eq!(listed.lines().collect::<Vec<_>>(), names[1..]);
}

#[test]
fn our_own_features_say_nothing_that_is_not_known() {
    let features = crate::desk::root().join("features");
    Desk::new().ok(&["run", "--dry-run", "--features", features.to_str().unwrap()]);
}
