//! Webhooks: what counts as an event, and what steps say of what came.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use lkreport_engine::{
    context::Context,
    error::StepError,
    messages::Status,
    registry::Registry,
    run::{Options, Weights},
    stack::Stack,
    steps::vocabulary,
    token::{self, Claims},
    webhook::{Key, Receiver, Rejected},
    world::{KEY, SECRET, Setup, Waits, World},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::setup;

const JOINED: &str = r#"{"event":"participant_joined","room":{"sid":"RM_1","name":"tower","turnPassword":"k3wKo0WlvYbq93"},
    "participant":{"identity":"Ada","metadata":"hi","attributes":{"role":"host","team":"red"}},
    "id":"EV_1","createdAt":"1763719200"}"#;

const PUBLISHED: &str = r#"{"event":"track_published","room":{"name":"tower"},
    "participant":{"identity":"Ada"},"track":{"sid":"TR_1","source":"MICROPHONE"}}"#;

/// The token of a request with this body.
fn token_of(key: &str, secret: &str, body: &str, ends: i64) -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(body));
    let claims = json!({"iss": key, "exp": Timestamp::now().as_second() + ends, "sha256": hash});
    let claims: Claims = claims.as_object().unwrap().clone();
    token::sign(&claims, secret)
}

async fn send(to: &str, token: Option<&str>, body: &str) -> Result<(), StepError> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let mut request = reqwest::Client::new().post(to).body(body.to_owned());
    if let Some(token) = token {
        request = request.header("Authorization", token);
    }
    request.send().await?.error_for_status()?;
    Ok(())
}

#[tokio::test]
async fn only_what_the_server_signed_is_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("hooks.log");
    let key = Key { id: KEY.to_owned(), secret: SECRET.to_owned() };
    let host = IpAddr::from([127, 0, 0, 1]);
    let receiver = Receiver::start("hooks", host, key, &log).await.unwrap();
    let (to, other) = (receiver.url(), "another-secret-of-more-than-32-characters");
    let good = token_of(KEY, SECRET, JOINED, 60);
    for token in [
        None,
        Some("no token"),
        Some(&token_of(KEY, other, JOINED, 60)),
        Some(&token_of("otherkey", SECRET, JOINED, 60)),
        Some(&token_of(KEY, SECRET, JOINED, -60)),
        Some(&token_of(KEY, SECRET, PUBLISHED, 60)),
        Some(&good),
        Some(&format!("Bearer {good}")),
    ] {
        send(&to, token, JOINED).await.unwrap();
    }
    send(&to, Some(&token_of(KEY, SECRET, "[]", 60)), "[]").await.unwrap();

    let received = receiver.received();
    let reasons: Vec<_> = received.iter().map(|it| it.event.as_ref().err()).collect();
    assert!(matches!(reasons[0], Some(Rejected::Unsigned)), "{reasons:?}");
    assert!(matches!(reasons[1], Some(Rejected::Token(_))), "{reasons:?}");
    assert!(matches!(reasons[2], Some(Rejected::Token(_))), "{reasons:?}");
    assert!(matches!(reasons[3], Some(Rejected::OtherKey)), "{reasons:?}");
    assert!(matches!(reasons[4], Some(Rejected::Token(_))), "{reasons:?}");
    assert!(matches!(reasons[5], Some(Rejected::OtherBody)), "{reasons:?}");
    assert_eq!(reasons[6..8], [None, None]);
    assert!(matches!(reasons[8], Some(Rejected::NoEvent(_))), "{reasons:?}");
    assert!(received.windows(2).all(|it| it[0].at <= it[1].at), "in the order of their times");

    let events = receiver.events();
    assert_eq!(events.len(), 2);
    assert_eq!((events[0].room(), events[0].participant.identity.as_str()), ("tower", "Ada"));
    let written = std::fs::read_to_string(&log).unwrap();
    assert_eq!(written.lines().count(), 9);
    assert!(!written.contains(&good) && !written.contains("k3wKo0WlvYbq93"), "{written}");
    for line in written.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    receiver.clear();
    assert!(receiver.received().is_empty());
}

/// A world without any program, and a step that sends what a server would send.
fn registry(folder: &std::path::Path) -> Registry<World> {
    let setup = Setup {
        stack: Stack { providers: Vec::new() },
        waits: Waits { expected: std::time::Duration::from_millis(1200), ..Waits::default() },
        ..setup(folder, folder)
    };
    let mut registry = vocabulary(Arc::new(setup)).registry;
    registry.step("a server sends {string}", async |world: &mut World, step: Context| {
        let body = if step.text(0)? == "joined" { JOINED } else { PUBLISHED };
        let token = token_of(KEY, SECRET, body, 60);
        send(&world.receivers[0].url(), Some(&token), body).await
    });
    registry.step("anybody sends {string}", async |world: &mut World, _: Context| {
        send(&world.receivers[0].url(), None, JOINED).await
    });
    registry
}

/// The status of the last step of each scenario that ends with one of these steps.
async fn verdicts(lines: &[&str]) -> Vec<(Status, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut feature = "Feature: Webhooks\n\
        Background:\n* a mock HTTP server is running in a container with service name \"hooks\"\n"
        .to_owned();
    for (n, line) in lines.iter().enumerate() {
        feature += &format!(
            "Scenario: {n}\n* a server sends \"joined\"\n* a server sends \"published\"\n\
             * anybody sends \"joined\"\n* {line}\n"
        );
    }
    // They wait for quiet, so they wait together.
    let weights = Weights { jobs: 16, ..Weights::default() };
    let options = Options { weights, ..Options::default() };
    let (summary, _) = crate::run(registry(folder.path()), &feature, options).await;
    let attempts = summary.cases.iter().map(|it| &it.attempts[0]);
    let verdict = |it: &lkreport_engine::run::Attempt| {
        let message = it.steps.iter().find_map(|it| it.message.clone()).unwrap_or_default();
        (it.status, message)
    };
    attempts.map(verdict).collect()
}

#[tokio::test]
async fn steps_find_what_came() {
    let lines = [
        r#""hooks" should have received a request containing "EV_1""#,
        r#""hooks" should have received a "participant_joined" event for room "tower""#,
        r#""hooks" should have received an "participant_joined" event for room "tower""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with attributes "role=host""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with metadata "hi""#,
        r#""hooks" should have received a "track_published" event for participant "Ada" in room "tower" with empty metadata"#,
        r#""hooks" should have received a "track_published" event for track type "audio" in room "tower""#,
        r#""hooks" should have received a "track_published" event for track source "microphone" in room "tower""#,
        r#""hooks" should have received a "track_published" event for "AUDIO" track from "Ada" in room "tower""#,
        r#""hooks" should have received exactly 2 webhook events"#,
        r#""hooks" should have received 1 "track_published" events for room "tower""#,
        r#""hooks" should not have received a "room_finished" event for room "tower""#,
        r#""hooks" should not have received a "participant_left" event for participant "Ada" in room "tower""#,
    ];
    for (line, (status, message)) in lines.iter().zip(verdicts(&lines).await) {
        assert_eq!(status, Status::Passed, "{line}: {message}");
    }
}

#[tokio::test]
async fn steps_do_not_find_what_did_not_come() {
    let lines = [
        r#""hooks" should have received a request containing "EV_2""#,
        r#""hooks" should have received a "room_started" event for room "tower""#,
        r#""hooks" should have received a "participant_joined" event for room "tent""#,
        r#""hooks" should have received a "participant_joined" event for participant "Bob" in room "tower""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with attributes "role=guest""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with metadata "ho""#,
        r#""hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with empty metadata"#,
        r#""hooks" should have received a "track_published" event for track type "video" in room "tower""#,
        r#""hooks" should have received a "track_published" event for track source "camera" in room "tower""#,
        r#""hooks" should have received exactly 3 webhook events"#,
        r#""hooks" should have received exactly 1 webhook event"#,
        r#""hooks" should not have received a "track_published" event for room "tower""#,
        r#""bells" should have received exactly 2 webhook events"#,
    ];
    for (line, (status, message)) in lines.iter().zip(verdicts(&lines).await) {
        assert_eq!(status, Status::Failed, "{line}");
        let is_told = message.contains("is no event: it is not signed") || line.contains("bells");
        assert!(is_told, "{line}: {message}");
    }
}

#[tokio::test]
async fn a_scenario_of_another_runtime_is_unsupported() {
    let folder = tempfile::tempdir().unwrap();
    let step = "a mock HTTP server is running in a container with service name \"hooks\"";
    let scenario = |wanted| format!("@RequiresRuntime:{wanted}\nScenario: {wanted}\n* {step}\n");
    let feature = ["process", "docker", "proces"].map(scenario).concat();
    let feature = &format!("Feature: Runtimes\n{feature}");
    let (summary, _) = crate::run(registry(folder.path()), feature, Options::default()).await;
    let told = summary.cases.iter().map(|it| format!("{:?}", it.attempts[0]));
    let told: Vec<String> = told.collect();
    assert!(!told[0].contains("runtime"), "{}", told[0]);
    assert!(told[1].contains("it needs the runtime docker, and this is process"), "{}", told[1]);
    assert!(told[2].contains("`proces` is no runtime"), "{}", told[2]);
}
