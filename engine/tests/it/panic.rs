//! A panic of a step, or of the world, is a failure with message and place.

use lkreport_engine::{
    context::Context,
    error::{Class, StepResult},
    hook::Scope,
    registry::Registry,
    run::Options,
};

use crate::{attached, of, run, statuses};

async fn panics(_: &mut (), _: Context) -> StepResult {
    let rooms: Vec<u8> = Vec::new();
    assert_eq!(rooms.len(), 1, "rooms of a new server");
    Ok(())
}

async fn passes(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

#[tokio::test]
async fn a_panic_is_a_failure_with_its_place() {
    let mut registry = Registry::new(|| ());
    registry.step("a panic", panics).step("more", passes).after(Scope::all(), passes);
    let feature = "Feature: F\n  Scenario: S\n    Given a panic\n    Then more\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    assert_eq!(statuses(&envelopes), ["FAILED", "SKIPPED", "PASSED"]);
    let step = &summary.cases[0].attempts[0].steps[0];
    assert_eq!(step.class, Some(Class::Panic));
    assert!(step.message.as_deref().unwrap().contains("rooms of a new server"));
    assert!(step.place.starts_with("engine/tests/it/panic.rs:"), "{}", step.place);
    let told = &of(&envelopes, "testStepFinished")[0]["testStepResult"]["exception"];
    assert!(told["stackTrace"].as_str().unwrap().ends_with(&step.place));
}

/// Its making or its end panics.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("cannot let go");
    }
}

async fn is_fine(_: &mut Fragile, _: Context) -> StepResult {
    Ok(())
}

#[tokio::test]
async fn a_world_that_panics_costs_its_own_attempt_only() {
    let feature = "Feature: F\n  Scenario: S\n    Given a step\n    Then a step\n  Scenario: T\n    Given a step\n";
    let mut registry = Registry::new(|| -> Fragile { panic!("no world") });
    registry.step("a step", is_fine).after(Scope::all(), is_fine);
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let failed = ["FAILED", "SKIPPED", "SKIPPED"];
    assert_eq!(statuses(&envelopes), [&failed[..], &failed[..2]].concat());
    let step = &summary.cases[1].attempts[0].steps[0];
    assert_eq!((step.class, step.message.as_deref()), (Some(Class::Panic), Some("no world")));

    let mut registry = Registry::new(|| Fragile);
    registry.step("a step", is_fine);
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    assert_eq!(attached(&envelopes), ["the world panicked when it was dropped: cannot let go"; 2]);
    assert!(summary.is_success());
}
