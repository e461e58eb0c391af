//! The panic hook of the process is quiet about steps, hears everything else, and is back after a run.
//!
//! A process has one hook, so this test has a process of its own.

use std::{
    io, panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use lkreport_engine::{
    context::Context,
    error::{Class, StepResult},
    feature::Source,
    messages::Stream,
    registry::Registry,
    run::{self, Options},
};

async fn panics(_: &mut (), _: Context) -> StepResult {
    // Another thread is no step, even if one waits for it.
    _ = thread::spawn(|| panic!("outside")).join();
    panic!("inside")
}

#[tokio::test]
async fn the_hook_hears_what_is_outside_of_steps_and_is_back_afterwards() {
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    panic::set_hook(Box::new(move |info| {
        assert_eq!(info.payload_as_str(), Some("outside"));
        counter.fetch_add(1, Ordering::SeqCst);
    }));
    let mut registry = Registry::new(|| ());
    registry.step("a panic", panics);
    let text = "Feature: F\n  Scenario: S\n    Given a panic\n".to_owned();
    let source = Source { uri: "a.feature".to_owned(), text };
    let stream = Arc::new(Stream::new(io::sink()));
    let summary = run::run(Arc::new(registry), &[source], Options::default(), stream).await;
    assert_eq!(summary.cases[0].attempts[0].steps[0].class, Some(Class::Panic));
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    thread::spawn(|| panic!("outside")).join().unwrap_err();
    assert_eq!(heard.load(Ordering::SeqCst), 2, "the hook of before");
}
