//! The history through its border: runs in, runs and the past out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[cfg(feature = "s3")]
mod bucket;
mod damage;
mod failing;
mod keeping;
mod round_trip;

use std::{path::Path, sync::Arc, time::Duration};

use lkreport::{
    history::{Added, Store, encode},
    model::{
        Artifact, ArtifactKind, Attempt, Case, Failure, FailureKind, Outcome, Problem, Run,
        RunHead, RunId,
    },
};

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
        measured: None,
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
    Run {
        head: head(id, started),
        cases,
        problems: vec![Problem::of_file("a.xml", "is cut")],
        metrics: lkreport::model::Metrics::default(),
    }
}

/// The files of a history, relative to it and in order.
fn files(dir: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(dir).sort_by_file_name();
    // Files may vanish while others write.
    let files = walk.into_iter().flatten().filter(|it| it.file_type().is_file());
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
    assert!(dir.path().join("cache/past-v1/2026-11.zst").exists());
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
    std::fs::write(dir.path().join("cache/past-v1/2026-11.zst"), b"lkpast1\ngarbage").unwrap();
    assert_eq!(format!("{:?}", store.past().unwrap()), format!("{cached:?}"));
}

#[test]
fn what_was_just_added_is_told_as_its_record_tells_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let took = |nanos| Attempt {
        duration: Some(std::time::Duration::from_nanos(nanos)),
        ..Attempt::new(Outcome::Passed)
    };
    let mut runs = Vec::new();
    for (n, nanos) in [0, 499, 500, 1_499_500, 9_999_499, 9_999_500, 10_499_999, 10_500_000]
        .into_iter()
        .enumerate()
    {
        let mut run = run(&format!("gh-{n}"), &format!("2026-11-02T10:00:0{n}.123456789Z"));
        run.cases.push(case("one", vec![took(nanos)]));
        run.cases.push(case("two", vec![failed("no track"), took(nanos), took(nanos)]));
        run.cases.push(case("never", vec![Attempt::new(Outcome::Skipped)]));
        runs.push(run);
    }
    // Two records of one run: what either says is not what was added last.
    runs.push(Run { cases: vec![case("other", vec![passed(1)])], ..runs[0].clone() });
    for run in &runs {
        store.add(run, None).unwrap();
    }
    let told = store.past_with(&runs).unwrap();
    std::fs::remove_dir_all(dir.path().join("cache")).unwrap();
    assert_eq!(told, store.past().unwrap());
    assert_eq!(told.0.runs.len(), 8);
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

#[test]
fn shards_of_one_run_are_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let shard = |n: u32, started: &str, cases: Vec<Case>| {
        let mut head = head("gh-1", started);
        head.shard = Some(format!("{n}/3"));
        head.cut_short = n == 3;
        head.finished = Some(format!("2026-12-01T00:0{n}:00Z").parse().unwrap());
        head.masked = [("jwt".to_owned(), 2)].into();
        Run { head, cases, problems: vec![], metrics: lkreport::model::Metrics::default() }
    };
    let alone = case("alice joins", vec![passed(12)]);
    let retried = case("bob joins", vec![failed("no track")]);
    let again = case("bob joins", vec![passed(7)]);
    for run in [
        shard(2, "2026-12-01T00:00:01Z", vec![retried.clone()]),
        shard(3, "2026-12-01T00:00:02Z", vec![again]),
        shard(1, "2026-11-30T23:59:59Z", vec![alone.clone(), retried]),
    ] {
        store.add(&run, None).unwrap();
    }
    let run = store.run(&RunId::new("gh-1")).unwrap().0.unwrap();
    assert_eq!(run.cases, [alone, case("bob joins", vec![failed("no track"), passed(7)])]);
    assert_eq!(run.head.started.to_string(), "2026-11-30T23:59:59Z");
    assert_eq!(run.head.finished.unwrap().to_string(), "2026-12-01T00:03:00Z");
    assert!(run.head.cut_short && run.head.shard.is_none());
    assert_eq!(run.head.masked["jwt"], 6);
    let (past, problems) = store.past().unwrap();
    assert_eq!(problems, []);
    assert_eq!(past.runs.len(), 1);
    assert_eq!((past.runs[0].attempts, past.runs[0].flaky), (3, 1));
    assert_eq!(past.runs[0].head, run.head);
    assert_eq!(store.past().unwrap().0, past, "from the cache");
}

#[test]
fn artifacts_of_shards_are_found_where_their_places_say() {
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(dir.path());
    for n in 1..=2 {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("shot.png"), format!("picture {n}")).unwrap();
        let mut attempt = failed(&format!("reason {n}"));
        for place in ["shot.png", "https://ci.example/1"] {
            attempt.detail_mut().artifacts.push(Artifact {
                kind: ArtifactKind::Image,
                name: "shot".into(),
                media_type: "image/png".into(),
                place: place.into(),
                bytes: 9,
            });
        }
        let mut head = head("gh-1", "2026-11-02T10:00:00Z");
        head.shard = Some(format!("{n}/2"));
        let cases = vec![case(&format!("case {n}"), vec![attempt])];
        store
            .add(
                &Run {
                    head,
                    cases,
                    problems: vec![],
                    metrics: lkreport::model::Metrics::default(),
                },
                Some(folder.path()),
            )
            .unwrap();
    }
    let id = RunId::new("gh-1");
    assert_eq!(store.evidence(&id, out.path()).unwrap(), 2);
    let run = store.run(&id).unwrap().0.unwrap();
    for (n, case) in (1..).zip(&run.cases) {
        let artifacts = &case.attempts[0].detail.as_ref().unwrap().artifacts;
        assert_eq!(&*artifacts[1].place, "https://ci.example/1");
        let picture = std::fs::read_to_string(out.path().join(&*artifacts[0].place)).unwrap();
        assert_eq!(picture, format!("picture {n}"));
    }
}

#[test]
fn writers_at_the_same_time_do_not_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let store = store(dir.path());
            std::thread::spawn(move || {
                for n in 0..20 {
                    store
                        .add(&run(&format!("own-{thread}-{n}"), "2026-11-02T10:00:00Z"), None)
                        .unwrap();
                    store.add(&run(&format!("all-{n}"), "2026-11-02T10:00:00Z"), None).unwrap();
                    let mut differing = run("one", "2026-11-02T10:00:00Z");
                    differing.cases.push(case(&format!("case {n}"), vec![passed(1)]));
                    store.add(&differing, None).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|it| it.join().unwrap());
    let (past, problems) = store(dir.path()).past().unwrap();
    assert_eq!(problems, []);
    assert_eq!(past.runs.len(), 4 * 20 + 20 + 1);
    let one = past.runs.iter().find(|it| it.head.id.as_str() == "one").unwrap();
    assert_eq!(one.results.len(), 22, "what differs stands side by side");
}

#[test]
fn a_new_run_rewrites_only_its_month_of_the_cache() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let of = |month: &str| dir.path().join(format!("cache/past-v1/{month}.zst"));
    let written = |month: &str| std::fs::metadata(of(month)).unwrap().ino();
    for (id, day) in [("gh-1", "2026-10-02"), ("gh-2", "2026-11-02"), ("gh-3", "2026-12-02")] {
        store.add(&run(id, &format!("{day}T10:00:00Z")), None).unwrap();
    }
    store.past().unwrap();
    let before = ["2026-10", "2026-11"].map(written);
    store.add(&run("gh-4", "2026-12-03T10:00:00Z"), None).unwrap();
    let past = store.past().unwrap().0;
    assert_eq!(past.runs.len(), 4);
    assert_eq!(["2026-10", "2026-11"].map(written), before);
    std::fs::remove_file(dir.path().join("runs/2026/10/gh-1.ndjson.zst")).unwrap();
    assert_eq!(store.past().unwrap().0.runs.len(), 3);
    assert!(!of("2026-10").exists() && written("2026-11") == before[1]);
}

#[test]
fn the_order_of_adding_and_the_number_of_threads_leave_no_trace() {
    let runs: Vec<Run> = (0..40)
        .map(|n| {
            let mut run = run(&format!("gh-{}", n % 30), &format!("2026-1{}-02T10:00:00Z", n % 3));
            run.head.shard = (n >= 30).then(|| format!("{n}/40"));
            run.cases[0].tags = [format!("@t{}", n % 7).into()].into();
            run.cases.push(case(&format!("case {n}"), vec![passed(n)]));
            run
        })
        .collect();
    let past_of = |order: &mut dyn Iterator<Item = &Run>, threads: usize| {
        let dir = tempfile::tempdir().unwrap();
        order.for_each(|run| {
            store(dir.path()).add(run, None).unwrap();
        });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let past = pool.install(|| store(dir.path()).past().unwrap());
        let read = |month| std::fs::read(dir.path().join(format!("cache/past-v1/{month}.zst")));
        (format!("{past:?}"), ["2026-10", "2026-11", "2026-12"].map(|it| read(it).unwrap()))
    };
    let forwards = past_of(&mut runs.iter(), 1);
    let backwards = past_of(&mut runs.iter().rev(), 4);
    assert!(forwards == backwards);
}

#[test]
fn a_record_of_two_hundred_passed_cases_fits_a_block() {
    let cases = (0..200_u64).map(|n| {
        let deed = ["joins", "leaves", "publishes", "subscribes to"][n as usize % 4];
        let area = ["rooms", "tracks", "egress", "sip", "agents"][n as usize / 40];
        let name = format!("participant {deed} a room with {} others in {area}", n * 7 % 41);
        let millis = 3 + n.pow(3) % 2_971;
        let mut case = case(&name, vec![passed(millis)]);
        case.path = ["livekit".into(), format!("{area}/{}.feature", n / 10).into()].into();
        case
    });
    let run = Run {
        head: head("github-19283746-1-integration", "2026-11-02T10:00:00Z"),
        cases: cases.collect(),
        problems: vec![],
        metrics: lkreport::model::Metrics::default(),
    };
    let bytes = encode(&run, &[]).unwrap().len();
    println!("200 passed cases take {bytes} bytes");
    assert!(bytes < 3_500, "{bytes}");
}

#[test]
fn histories_of_the_first_version_load_for_ever() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/history/v1");
    let dir = tempfile::tempdir().unwrap();
    for name in files(&sample) {
        let to = dir.path().join(&name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(sample.join(&name), to).unwrap();
    }
    let store = store(dir.path());
    assert_eq!(store.verify().unwrap().problems, []);
    let (past, problems) = store.past().unwrap();
    assert_eq!(problems, []);
    let ids: Vec<&str> = past.runs.iter().map(|it| it.head.id.as_str()).collect();
    assert_eq!(ids, ["gh-1", "gh-2"]);
    let run = store.run(&RunId::new("gh-1")).unwrap().0.unwrap();
    assert_eq!(run.cases[1].attempts, [failed("no track"), passed(7)]);
    let out = tempfile::tempdir().unwrap();
    assert_eq!(store.evidence(&RunId::new("gh-2"), out.path()).unwrap(), 1);
}
