//! Evidence: outcomes without a word in standard formats, and secrets that must not get out.

use lkreport_engine::{
    context::Context,
    error::{StepError, StepResult},
    registry::Registry,
    run::Options,
};
use serde_json::Value;

use crate::{of, run, statuses};

async fn is_unsupported(_: &mut (), _: Context) -> StepResult {
    Err(StepError::Unsupported("needs livekit 1.9".to_owned()))
}

async fn is_degraded(_: &mut (), step: Context) -> StepResult {
    step.degraded("the picture stood still for 2 s");
    Ok(())
}

const SECRET: &str = "wss://devkey:a-very-secret-value@example.org/rtc";

async fn leaks(_: &mut (), step: Context) -> StepResult {
    step.log(SECRET);
    Err(StepError::assertion(format!("cannot reach {SECRET}")))
}

#[tokio::test(start_paused = true)]
async fn unsupported_and_degraded_are_attached_and_prevail() {
    let mut registry = Registry::new(|| ());
    registry.step("unsupported", is_unsupported).step("degraded", is_degraded);
    let feature =
        "Feature: F\n  Scenario: one\n    Given unsupported\n  Scenario: two\n    Given degraded\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    assert_eq!(statuses(&envelopes), ["SKIPPED", "PASSED"]);
    let attached = of(&envelopes, "attachment").into_iter();
    let bodies: Vec<Value> = attached
        .inspect(|it| assert_eq!(it["mediaType"], "application/vnd.lkreport.outcome+json"))
        .map(|it| serde_json::from_str(it["body"].as_str().unwrap()).unwrap())
        .collect();
    let expected = [
        serde_json::json!({"outcome": "unsupported", "reason": "needs livekit 1.9", "since_ms": 0}),
        serde_json::json!({"outcome": "degraded", "reason": "the picture stood still for 2 s", "since_ms": 0}),
    ];
    assert_eq!(bodies, expected);
    assert!(summary.cases.iter().all(|it| it.attempts[0].extra.is_some()));
    assert!(summary.is_success());
}

#[tokio::test]
async fn a_failure_is_never_hidden_by_what_was_said_before() {
    let mut registry = Registry::new(|| ());
    registry.step("degraded", is_degraded).step("a leak", leaks);
    let feature = "Feature: F\n  Scenario: S\n    Given degraded\n    And a leak\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let types: Vec<Value> =
        of(&envelopes, "attachment").iter().map(|it| it["mediaType"].clone()).collect();
    assert!(!types.contains(&"application/vnd.lkreport.outcome+json".into()), "{types:?}");
    assert!(summary.cases[0].attempts[0].extra.is_none());
    assert!(!summary.is_success());
}

#[tokio::test]
async fn secrets_are_masked_in_logs_and_failures() {
    let mut registry = Registry::new(|| ());
    registry.step("a leak", leaks);
    let feature = "Feature: F\n  Scenario: S\n    Given a leak\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let stream = serde_json::to_string(&envelopes).unwrap();
    assert!(!stream.contains("a-very-secret-value"), "{stream}");
    assert_eq!(stream.matches("masked").count(), 4, "log, message, and twice the exception");
    assert!(!summary.cases[0].attempts[0].steps[0].message.as_deref().unwrap().contains("secret"));
}
