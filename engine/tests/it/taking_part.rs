//! Steps about native participants, on a real server: they fail where the scenario is wrong.

use std::{sync::Arc, time::Duration};

use lkreport_engine::{
    component::Component,
    run::{Options, Weights},
    stack::{default_directory, versions_below},
    steps::vocabulary,
    world::{Setup, Waits},
};
use serde_json::Value;

use crate::{attached, of, real_server::skipped, run, setup, statuses};

/// Runs scenarios on the newest server there is; nothing where there is none.
async fn on_a_server(scenarios: &str) -> Option<Vec<Value>> {
    let directory = default_directory();
    if versions_below(&directory, Component::Livekit).is_empty() {
        skipped(&format!("no livekit-server in {}", directory.display()));
        return None;
    }
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let waits = Waits { expected: Duration::from_secs(5), ..Waits::default() };
    let setup = Setup { waits, ..setup(folder.path(), folder.path()) };
    let feature = format!("Feature: F\n  Background:\n{BACKGROUND}\n{scenarios}");
    let registry = vocabulary(Arc::new(setup)).registry;
    let weights = Weights { jobs: 6, ..Weights::default() };
    let options = Options { weights, ..Options::default() };
    let (summary, envelopes) = run(registry, &feature, options).await;
    assert!(summary.syntax_errors.is_empty(), "{:?}", summary.syntax_errors);
    Some(envelopes)
}

const BACKGROUND: &str = r#"
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" should receive audio from "Ada"
"#;

/// What is not so, with a part of what has to be said of it.
const WRONG: [(&str, &str); 16] = [
    (r#"participant "Ben" should be disconnected because "left""#, "still in the room"),
    (r#"participant "Ben" should see participant "Ada" leave"#, "did not see `Ada` leave"),
    (r#"participant "Ben" should not see participant "Ada""#, "`Ben` sees `Ada`"),
    (r#"participant "Ben" should see "Ada" with audio muted"#, "with muted: false"),
    (r#"participant "Ada" should receive audio from "Ben""#, "received 0 frames of `Ben`"),
    (r#"participant "Cid" leaves"#, "no participant is called `Cid`; there: [Ada, Ben]"),
    (
        r#"participant "Ben" cannot join room "tower" using service "livekit" because "401""#,
        "the server let `Ben` in",
    ),
    (r#""Ben" should see room metadata "open""#, "the metadata of the room is \"\""),
    (
        r#""Ben" should receive a room metadata update event with value "open""#,
        "`Ben` does not listen for that",
    ),
    (r#""Ben" should receive data message "hello" from "Ada""#, "0 messages arrived"),
    (r#""Ada" should have audio muted locally"#, "`Ada` has its audio with muted: Some(false)"),
    (r#""Ben" mutes their video"#, "`Ben` publishes no CAMERA"),
    (r#""Ben" should receive all timestamped messages"#, "nobody else sent a timestamped message"),
    (
        r#"the average data channel latency for "Ben" should be less than 9 ms"#,
        "no such message reached `Ben`",
    ),
    (
        r#"participant "Ada" should have audio track muted in room "tower" using service "livekit""#,
        "audio of `Ada` is unmuted, not muted",
    ),
    (r#"service "livekit" is started again"#, "`livekit` was not stopped"),
];

#[tokio::test]
async fn what_is_not_so_fails_and_says_what_is() {
    let scenario = |it: &(&str, &str)| format!("  Scenario: {}\n    Then {}\n", it.1, it.0);
    let scenarios: String = WRONG.iter().map(scenario).collect();
    let Some(envelopes) = on_a_server(&scenarios).await else { return };
    let results = of(&envelopes, "testStepFinished").into_iter();
    let failed = results.map(|it| &it["testStepResult"]).filter(|it| it["status"] == "FAILED");
    let mut said: Vec<&str> = failed.map(|it| it["message"].as_str().unwrap()).collect();
    for (step, part) in WRONG {
        let found = said.iter().position(|it| it.contains(part));
        said.remove(found.unwrap_or_else(|| panic!("nothing says {part:?} of {step}: {said:?}")));
    }
    assert_eq!(said, [""; 0]);
    let seen = attached(&envelopes).into_iter().filter(|it| it.contains("Joined"));
    assert!(seen.count() >= WRONG.len(), "what participants saw is kept");
}

#[tokio::test]
async fn what_happens_too_often_or_arrives_unwanted_fails() {
    let Some(envelopes) = on_a_server(
        r#"  Scenario: told
    Given "Ben" starts listening for room metadata events
    When room metadata for "tower" is set to "one" using service "livekit"
    And room metadata for "tower" is set to "two" using service "livekit"
    And "Ben" should receive a room metadata update event with value "two"
    Then "Ben" should have received 1 room metadata update events
  Scenario: sent
    When "Ada" sends a data message "hello" via reliable channel
    And "Ben" should receive data message "hello" from "Ada"
    Then "Ben" should not receive data message "hello"
"#,
    )
    .await
    else {
        return;
    };
    let failed = statuses(&envelopes).into_iter().filter(|it| *it == "FAILED").count();
    assert_eq!(failed, 2);
    let passed = statuses(&envelopes).into_iter().filter(|it| *it == "PASSED").count();
    // Five steps of the background and the hooks around the attempt stand in each of the two.
    assert_eq!(passed, 2 * 7 + 4 + 2);
}
