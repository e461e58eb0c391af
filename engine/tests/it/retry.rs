//! Retries: only what may pass is tried again, and why is said.

use std::io;

use lkreport_engine::{
    context::Context,
    error::{Class, StepError, StepResult},
    registry::Registry,
    run::Options,
};

use crate::{attached, of, run};

async fn is_refused_once(_: &mut (), step: Context) -> StepResult {
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    if step.attempt == 0 { Err(io::Error::other(refused))? } else { Ok(()) }
}

async fn is_refused(_: &mut (), _: Context) -> StepResult {
    Err(io::Error::from(io::ErrorKind::ConnectionRefused))?
}

async fn is_wrong(_: &mut (), _: Context) -> StepResult {
    Err(StepError::assertion("wrong"))
}

/// How many attempts a scenario of one step takes.
async fn attempts(step: &str, options: Options) -> usize {
    let mut registry = Registry::new(|| ());
    registry.step("refused once", is_refused_once).step("refused", is_refused);
    registry.step("wrong", is_wrong);
    let feature = format!("Feature: F\n  @stubborn\n  Scenario: S\n    Given {step}\n");
    run(registry, &feature, options).await.0.cases[0].attempts.len()
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_says_why() {
    let mut registry = Registry::new(|| ());
    registry.step("refused once", is_refused_once);
    let feature = "Feature: F\n  Scenario: S\n    Given refused once\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let reason = "a further attempt (1 of at most 2) after: connection refused";
    assert_eq!(attached(&envelopes), [reason]);
    assert_eq!(summary.cases[0].attempts[0].retry.as_deref(), Some(reason));
    let retried = of(&envelopes, "testCaseFinished").into_iter();
    let retried: Vec<bool> = retried.map(|it| it["willBeRetried"].as_bool().unwrap()).collect();
    assert_eq!(retried, [true, false]);
    assert!(summary.is_success());
}

#[tokio::test]
async fn an_assertion_is_never_tried_again_and_a_tag_decides_how_often() {
    let mut options = Options::default();
    assert_eq!(attempts("refused", options.clone()).await, 3);
    options.retries.classes.insert(Class::Assertion);
    assert_eq!(attempts("wrong", options.clone()).await, 1);
    options.retries.tagged.push(("@stubborn".parse().unwrap(), 4));
    assert_eq!(attempts("refused", options.clone()).await, 5);
    options.retries.classes.clear();
    assert_eq!(attempts("refused", options).await, 1);
}
