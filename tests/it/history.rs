//! The history through its border: runs in, runs and the past out.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use lkreport::{
    history::{Added, Store, decode, encode},
    model::{
        Artifact, ArtifactKind, Attempt, Case, Detail, Failure, FailureKind, Outcome, Problem, Run,
        RunHead, RunId, Step, Version,
    },
};
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn head(id: &str, started: &str) -> RunHead {
    let line = format!(r#"{{"id":"{id}","suite":"smoke","started":"{started}"}}"#);
    serde_json::from_str(&line).unwrap()
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
    }
}

fn passed(millis: u64) -> Attempt {
    Attempt { duration: Some(Duration::from_millis(millis)), ..Attempt::new(Outcome::Passed) }
}

fn failed(message: &str) -> Attempt {
    let mut attempt = Attempt::new(Outcome::Failed);
    attempt.detail_mut().failures.push(Failure {
        kind: FailureKind::Failure,
        type_name: Some("Timeout".into()),
        message: message.into(),
        text: "".into(),
    });
    attempt
}

fn run(id: &str, started: &str) -> Run {
    let cases = vec![
        case("alice joins", vec![passed(12)]),
        case("bob joins", vec![failed("no track"), passed(7)]),
    ];
    Run { head: head(id, started), cases, problems: vec![Problem::of_file("a.xml", "is cut")] }
}

/// The files of a history, relative to it and in order.
fn files(dir: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(dir).sort_by_file_name();
    let files = walk.into_iter().map(Result::unwrap).filter(|it| it.file_type().is_file());
    files.map(|it| it.path().strip_prefix(dir).unwrap().display().to_string()).collect()
}

fn store(dir: &Path) -> Store {
    Store::open(dir.to_str().unwrap()).unwrap()
}

#[test]
fn a_run_comes_back_as_it_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let run = run("gh-1", "2026-11-02T10:00:00Z");
    assert_eq!(store.add(&run, None).unwrap(), Added::New);
    assert_eq!(files(dir.path()), ["runs/2026/11/gh-1.ndjson.zst"]);
    assert_eq!(store.run(&run.head.id).unwrap(), (Some(run.clone()), vec![]));
    assert_eq!(store.run(&RunId::new("gh-2")).unwrap(), (None, vec![]));
}

#[test]
fn the_same_run_twice_is_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let run = run("gh-1", "2026-11-02T10:00:00Z");
    store.add(&run, None).unwrap();
    assert_eq!(store.add(&run, None).unwrap(), Added::Same);
    let mut other = run.clone();
    other.cases.push(case("carol joins", vec![passed(1)]));
    assert_eq!(store.add(&other, None).unwrap(), Added::Beside);
    assert_eq!(store.add(&other, None).unwrap(), Added::Same);
    assert_eq!(files(dir.path()).len(), 2);
    assert_eq!(store.run(&run.head.id).unwrap().0.unwrap().cases, other.cases);
}

#[test]
fn evidence_is_packed_with_its_run() {
    let (dir, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("shots")).unwrap();
    std::fs::write(folder.path().join("shots/a:b.png"), b"picture").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let store = store(dir.path());
    let mut run = run("gh-1", "2026-11-02T10:00:00Z");
    run.head.shard = Some("2/3".to_owned());
    store.add(&run, Some(folder.path())).unwrap();
    assert_eq!(
        files(dir.path()),
        ["evidence/gh-1~2-3.tar.zst", "runs/2026/11/gh-1~2-3.ndjson.zst"]
    );
    let out = tempfile::tempdir().unwrap();
    assert_eq!(store.evidence(&run.head.id, out.path()).unwrap(), 1);
    assert_eq!(files(out.path()), ["2-3/shots/a_b.png"]);
}

#[test]
fn the_past_is_the_same_with_and_without_a_cache() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    for day in 1..=9 {
        let mut run = run(&format!("gh-{day}"), &format!("2026-11-0{day}T10:00:00Z"));
        run.cases[0].tags = [format!("@day{}", day % 4).into()].into();
        run.cases.push(case(&format!("case {}", day % 3), vec![passed(day)]));
        store.add(&run, None).unwrap();
    }
    let fresh = store.past().unwrap();
    assert!(dir.path().join("cache/past-v1.zst").exists());
    assert_eq!(store.past().unwrap(), fresh);
    assert_eq!(fresh.1, []);
    assert_eq!(fresh.0.runs.len(), 9);
    assert_eq!(fresh.0.cases.len(), 5);
    assert_eq!(&*fresh.0.cases[0].tags[0], "@day1", "as last seen");

    std::fs::remove_file(dir.path().join("runs/2026/11/gh-9.ndjson.zst")).unwrap();
    let without = store.past().unwrap();
    assert_eq!(&*without.0.cases[0].tags[0], "@day0", "what is gone drops out");
    let mut early = run("gh-0", "2026-10-31T10:00:00Z");
    early.cases[0].tags = ["@early".into()].into();
    store.add(&early, None).unwrap();
    let cached = store.past().unwrap();
    std::fs::write(dir.path().join("cache/past-v1.zst"), b"lkpast1\ngarbage").unwrap();
    assert_eq!(format!("{:?}", store.past().unwrap()), format!("{cached:?}"));
}

#[test]
fn a_broken_record_costs_itself_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    for n in 1..=3 {
        store.add(&run(&format!("gh-{n}"), "2026-11-02T10:00:00Z"), None).unwrap();
    }
    let month = dir.path().join("runs/2026/11");
    let whole = std::fs::read(month.join("gh-2.ndjson.zst")).unwrap();
    std::fs::write(month.join("gh-2.ndjson.zst"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(month.join("gh-4.ndjson.zst"), b"garbage").unwrap();
    std::fs::copy(month.join("gh-1.ndjson.zst"), month.join("gh-5.ndjson.zst")).unwrap();
    std::fs::write(month.join("README"), b"not ours").unwrap();
    for _ in 0..2 {
        let (past, problems) = store.past().unwrap();
        let ids: Vec<&str> = past.runs.iter().map(|it| it.head.id.as_str()).collect();
        assert_eq!(ids, ["gh-1", "gh-3"]);
        let names: Vec<&str> =
            problems.iter().filter_map(|it| it.file.rsplit('/').next()).collect();
        assert_eq!(names, ["gh-2.ndjson.zst", "gh-4.ndjson.zst", "gh-5.ndjson.zst"]);
    }
}
