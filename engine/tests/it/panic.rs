//! A panic of a step is its failure, with message and place, and disturbs nothing else.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use lkreport_engine::{
    context::Context,
    error::{Class, StepResult},
    hook::Scope,
    registry::Registry,
    run::Options,
};

use crate::{of, run, statuses};

async fn panics(_: &mut (), _: Context) -> StepResult {
    let rooms: Vec<u8> = Vec::new();
    assert_eq!(rooms.len(), 1, "rooms of a new server");
    Ok(())
}

async fn passes(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

/// Both parts look at the hook of the process, so they are one test.
#[tokio::test]
async fn a_panic_is_a_failure_with_its_place_and_the_hook_is_back_afterwards() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Other tests of this binary run beside this one.
        if info.payload_as_str() == Some("outside of steps") {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }));
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

    assert_eq!(seen.load(Ordering::SeqCst), 0);
    _ = std::thread::spawn(|| panic!("outside of steps")).join();
    assert_eq!(seen.load(Ordering::SeqCst), 1, "the hook of before");
    panic::set_hook(before);
}
