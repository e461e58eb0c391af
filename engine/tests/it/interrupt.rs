//! An interruption cuts what runs, starts nothing more, cleans up, and leaves a readable stream.

use std::{
    future::pending,
    io::{self, Write},
    sync::Arc,
};

use lkreport_engine::{
    context::Context,
    error::StepResult,
    feature::Source,
    hook::Scope,
    messages::Stream,
    registry::Registry,
    run::{self as runner, Options},
};
use tokio_util::sync::CancellationToken;

use crate::{Memory, attached, of, run, statuses};

const FEATURE: &str = "Feature: F\n  Scenario: one\n    Given an interruption\n    Then more\n\
                       \x20 Scenario: two\n    Given more\n";

async fn passes(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

async fn is_interrupted(_: &mut (), step: Context) -> StepResult {
    step.cancelled.cancel();
    pending().await
}

async fn cleans(_: &mut (), hook: Context) -> StepResult {
    tokio::task::yield_now().await;
    assert!(!hook.cancelled.is_cancelled());
    hook.log("cleaned");
    Ok(())
}

#[tokio::test]
async fn what_runs_is_cut_and_cleaned_up_and_what_waits_never_starts() {
    let mut registry = Registry::new(|| ());
    registry.step("an interruption", is_interrupted).step("more", passes);
    registry.after(Scope::all(), cleans);
    registry.after_all(Scope::all(), |hook: Context| async move {
        hook.log("all cleaned");
        Ok(())
    });
    let cancelled = CancellationToken::new();
    let options = Options { cancelled, ..Options::default() };
    let (summary, envelopes) = run(registry, FEATURE, options).await;
    assert_eq!(statuses(&envelopes), ["SKIPPED", "SKIPPED", "PASSED"]);
    assert_eq!(attached(&envelopes), ["cleaned", "all cleaned"]);
    assert_eq!((of(&envelopes, "testCase").len(), summary.cases.len()), (2, 1));
    assert_eq!(of(&envelopes, "testRunFinished")[0]["success"], false);
    let message = summary.cases[0].attempts[0].steps[0].message.as_deref();
    assert_eq!(message, Some("the run was interrupted"));
    assert!(summary.was_interrupted && !summary.is_success());
}

/// A disk that is full after so many bytes.
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_disk_ends_the_run_and_is_named() {
    let mut registry = Registry::new(|| ());
    registry.step("an interruption", passes).step("more", passes);
    let source = Source { uri: "a.feature".to_owned(), text: FEATURE.to_owned() };
    let stream = Arc::new(Stream::new(Disk(1_000)));
    let summary = runner::run(Arc::new(registry), &[source], Options::default(), stream).await;
    assert!(summary.cases.is_empty() && !summary.is_success());
    assert_eq!(summary.stream_error.unwrap().kind(), io::ErrorKind::StorageFull);
}

async fn looks_at_the_stream(memory: &mut Memory, _: Context) -> StepResult {
    // What a run leaves that is killed right now.
    let last = memory.envelopes().pop().unwrap();
    assert!(last.get("testStepStarted").is_some(), "{last}");
    Ok(())
}

#[tokio::test]
async fn each_envelope_is_written_before_anything_else_happens() {
    let memory = Memory::default();
    let world = memory.clone();
    let mut registry = Registry::new(move || world.clone());
    registry.step("an interruption", looks_at_the_stream).step("more", looks_at_the_stream);
    let source = Source { uri: "a.feature".to_owned(), text: FEATURE.to_owned() };
    let stream = Arc::new(Stream::new(io::BufWriter::new(memory)));
    let summary = runner::run(Arc::new(registry), &[source], Options::default(), stream).await;
    assert!(summary.is_success());
}
