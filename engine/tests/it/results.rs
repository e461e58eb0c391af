//! The results directory: what stands in it, and what it says of a run that was cut short.

use std::{fs, path::Path, sync::Arc};

use lkreport_contract::run::RunJson;
use lkreport_engine::{
    context::Context,
    error::{StepError, StepResult},
    mask::masker,
    registry::Registry,
    results::{Directory, Results},
    run::Options,
};
use serde_json::Value;

use crate::source;

const FEATURE: &str = "Feature: Rooms\n  Scenario: closes\n    Given a file\n  Rule: Late\n\
                       \x20   Scenario Outline: opens\n      Given luck in attempt <n>\n\
                       \x20     Examples:\n        | n |\n        | 1 |\n        | 9 |\n\
                       \x20 Scenario: waits\n    Given nobody knows\n";

async fn luck(_: &mut (), step: Context) -> StepResult {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    if step.attempt < step.argument::<u32>(0)? { Err(refused)? } else { Ok(()) }
}

async fn keeps_a_file(_: &mut (), step: Context) -> StepResult {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), "pixels")?;
    step.attach_file("image/png", "screen shot.png", file.path())?;
    step.attach_file("image/png", "screen shot.png", file.path())?;
    Err(StepError::Unsupported("no browser".to_owned()))
}

async fn interrupts(_: &mut (), step: Context) -> StepResult {
    step.cancelled.cancel();
    Ok(())
}

async fn results(under: &Path, id: Option<&str>, feature: &str) -> std::io::Result<Results> {
    let mut registry = Registry::new(|| ());
    registry.step("a file", keeps_a_file).step("luck in attempt {int}", luck);
    registry.step("an end", interrupts);
    let suite = Some("rooms".to_owned());
    let head = RunJson { id: id.map(str::to_owned), suite, ..RunJson::default() };
    let directory = Directory::create(under, head, masker([]))?;
    directory.run(Arc::new(registry), &[source(feature)], Options::default(), |_| ()).await
}

fn head(directory: &Path) -> RunJson {
    serde_json::from_slice(&fs::read(directory.join("run.json")).unwrap()).unwrap()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_results_directory_holds_head_stream_junit_and_artifacts() {
    let under = tempfile::tempdir().unwrap();
    let results = results(under.path(), Some("run 1"), FEATURE).await.unwrap();
    assert_eq!(results.directory, under.path().join("run-1"));
    let expected = [
        "artifacts",
        "failures.txt",
        "junit.xml",
        "messages.ndjson",
        "metrics.ndjson",
        "rerun.txt",
        "run.json",
    ];
    assert_eq!(names(&results.directory), expected);
    let head = head(&results.directory);
    assert_eq!((head.id.as_deref(), head.suite.as_deref()), (Some("run 1"), Some("rooms")));
    assert!(head.started.unwrap() <= head.finished.unwrap());

    let stream = fs::read_to_string(results.directory.join("messages.ndjson")).unwrap();
    let envelopes = stream.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let attached = envelopes.filter_map(|it| it.get("externalAttachment").cloned());
    let urls: Vec<String> = attached.map(|it| it["url"].as_str().unwrap().to_owned()).collect();
    assert!(urls[0].starts_with("artifacts/closes-1-") && urls[0].ends_with("Z-screen-shot.png"));
    assert!(urls[1].ends_with("Z-screen-shot-2.png"), "{urls:?}");
    for url in urls {
        assert_eq!(fs::read(results.directory.join(url)).unwrap(), b"pixels");
    }
}

#[tokio::test]
async fn junit_tells_the_attempts_of_each_case() {
    let under = tempfile::tempdir().unwrap();
    let results = results(under.path(), Some("run"), FEATURE).await.unwrap();
    let xml = fs::read_to_string(results.directory.join("junit.xml")).unwrap();
    let count = |what: &str| xml.matches(what).count();
    assert!(xml.contains(r#"<testsuite name="features/a.feature" tests="4" "#), "{xml}");
    assert!(xml.contains(r#"<testcase name="opens [1]" classname="Rooms.Late""#), "{xml}");
    assert_eq!((count("<flakyFailure "), count("<failure "), count("<rerunFailure ")), (1, 2, 2));
    assert!(xml.contains(r#"<skipped message="no browser" type="skipped""#), "{xml}");
    assert!(xml.contains(r#"type="connection refused""#), "{xml}");
    assert!(xml.contains(r#"message="no step matches `nobody knows`" type="undefined""#), "{xml}");
}

#[tokio::test]
async fn junit_of_a_run_that_could_not_run_does_not_look_well() {
    let under = tempfile::tempdir().unwrap();
    let feature = "Feature: F\n  Scenario: S\n    Given luck in attempt 0\n    nonsense\n";
    let results = results(under.path(), Some("run"), feature).await.unwrap();
    let xml = fs::read_to_string(results.directory.join("junit.xml")).unwrap();
    assert!(xml.contains(r#"<testcase name="features/a.feature">"#), "{xml}");
    assert!(xml.contains(r#"<error message="4:"#), "{xml}");
}

#[tokio::test]
async fn a_run_that_was_cut_short_has_no_end_and_nothing_is_written_over() {
    let under = tempfile::tempdir().unwrap();
    let feature = "Feature: F\n  Scenario: S\n    Given an end\n";
    let cut = results(under.path(), Some("run"), feature).await.unwrap();
    let head = head(&cut.directory);
    assert!(head.started.is_some() && head.finished.is_none());
    let xml = fs::read_to_string(cut.directory.join("junit.xml")).unwrap();
    assert!(xml.contains(r#"<error message="the run was interrupted"/>"#), "{xml}");
    let again = results(under.path(), Some("run"), feature).await.unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    assert!(results(under.path(), None, feature).await.is_ok(), "the time is an id");
}
