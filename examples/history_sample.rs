//! Writes the history that a test loads for ever, once for each version of the schema.
//!
//! Its sample of the first version stands in `tests/samples/history/v1`.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use lkreport::{
    history::{RECORD_VERSION, Store},
    model::{Attempt, Case, Failure, FailureKind, Metrics, Outcome, Problem, Run},
};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.context("usage: history_sample FOLDER")?;
    let place = folder.join(format!("v{RECORD_VERSION}"));
    ensure!(!place.exists(), "{}: a sample is written once and kept for ever", place.display());
    let store = Store::open(&place.to_string_lossy())?;
    let evidence = tempfile::tempdir()?;
    fs::write(evidence.path().join("shot.txt"), "evidence")?;
    store.add(&run("gh-1", "2026-11-02T10:00:00Z")?, None)?;
    for (n, started) in [(1, "2026-11-30T23:59:58Z"), (2, "2026-12-01T00:00:01Z")] {
        let mut run = run("gh-2", started)?;
        run.head.shard = Some(format!("{n}/2"));
        store.add(&run, (n == 2).then_some(evidence.path()))?;
    }
    Ok(fs::remove_dir_all(place.join("cache"))?)
}

fn run(id: &str, started: &str) -> anyhow::Result<Run> {
    let head = format!(r#"{{"id":"{id}","suite":"smoke","started":"{started}"}}"#);
    let mut failed = Attempt::new(Outcome::Failed);
    failed.detail_mut().failures.push(Failure {
        kind: FailureKind::Failure,
        type_name: Some("Timeout".into()),
        message: "no track".into(),
        text: "".into(),
    });
    Ok(Run {
        head: serde_json::from_str(&head)?,
        cases: vec![
            case("alice joins", vec![passed(12)]),
            case("bob joins", vec![failed, passed(7)]),
        ],
        problems: vec![Problem::of_file("a.xml", "is cut")],
        metrics: Metrics::default(),
    })
}

fn case(name: &str, attempts: Vec<Attempt>) -> Case {
    Case {
        path: ["rooms".into(), "join.feature".into()].into(),
        feature: None,
        rule: None,
        name: name.into(),
        example: Box::default(),
        tags: Arc::default(),
        attempts,
        measured: None,
    }
}

fn passed(millis: u64) -> Attempt {
    Attempt { duration: Some(Duration::from_millis(millis)), ..Attempt::new(Outcome::Passed) }
}
