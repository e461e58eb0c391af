//! What is kept for how long, what goes first, and what is remembered of what went.

use jiff::{SignedDuration, Timestamp};
use lkreport::{
    history::{Part, Policy, Pruned, Pruning, Stored, Why, plan},
    model::{Combination, RunId, Version},
};

use super::{files, run, store};

const NEWEST: &str = "2026-11-02T10:00:00Z";

/// A run `hours` before the newest, on a version of livekit.
fn stored(hours: i64, livekit: &str) -> Stored {
    let newest: Timestamp = NEWEST.parse().unwrap();
    let versions = [("livekit".to_owned(), Version::new(livekit))].into();
    Stored {
        id: RunId::new(&format!("{livekit}-{hours}")),
        suite: "smoke".to_owned(),
        combination: Combination::of(&versions, &["livekit".to_owned()]),
        branch: None,
        started: newest - SignedDuration::from_hours(hours),
        record_bytes: 10,
        evidence_bytes: 100,
    }
}

fn names(pruned: &[Pruned], part: Part) -> Vec<&str> {
    pruned.iter().filter(|it| it.what == part).map(|it| it.run.as_str()).collect()
}

#[test]
fn runs_are_thinned_by_their_age() {
    let day = 24;
    let hours = [0, 1, 2, 29 * day, 29 * day + 1, 40 * day, 40 * day + 1, 40 * day + 2, 41 * day];
    let old = [400 * day, 401 * day, 402 * day, 900 * day];
    let runs: Vec<Stored> = hours.iter().chain(&old).map(|it| stored(*it, "1.9")).collect();
    let going = plan(&Policy::default(), &runs);
    assert_eq!(names(&going, Part::Record), ["1.9-9648", "1.9-9624", "1.9-962", "1.9-961"]);
    assert_eq!(names(&going, Part::Evidence), names(&going, Part::Record));
    assert_eq!(going[0].what, Part::Evidence, "evidence goes before its record");
    assert_eq!((going[0].why, going[7].why), (Why::Aged, Why::Daily));

    let going: Vec<&RunId> = going.iter().map(|it| &it.run).collect();
    let left: Vec<Stored> = runs.into_iter().filter(|it| !going.contains(&&it.id)).collect();
    assert_eq!(plan(&Policy::default(), &left), [], "what was pruned once is pruned enough");
}

#[test]
fn branches_and_combinations_are_thinned_apart() {
    let mut feature = stored(1_000, "1.9");
    feature.branch = Some("feature".to_owned());
    let runs = [stored(0, "2.0"), stored(1_001, "1.9"), stored(1_002, "1.8"), feature];
    assert_eq!(plan(&Policy::default(), &runs), []);
}

#[test]
fn a_budget_takes_evidence_first_and_never_the_newest_of_a_combination() {
    let runs: Vec<Stored> =
        [(0, "1.9"), (1, "1.9"), (2, "1.9"), (3, "1.8")].map(|(h, v)| stored(h, v)).into();
    let with = |budget| plan(&Policy { budget: Some(budget), ..Policy::default() }, &runs);
    assert_eq!(with(440), []);
    assert_eq!(names(&with(439), Part::Evidence), ["1.8-3"]);
    assert_eq!(names(&with(240), Part::Evidence), ["1.8-3", "1.9-2"]);
    assert_eq!(names(&with(30), Part::Record), ["1.9-2"]);
    assert_eq!(names(&with(0), Part::Record), ["1.9-2", "1.9-1"]);
    assert_eq!(names(&with(0), Part::Evidence).len(), 4);
}

#[test]
fn pruning_a_history_says_and_remembers_what_went() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let evidence = tempfile::tempdir().unwrap();
    std::fs::write(evidence.path().join("log.txt"), "line").unwrap();
    for (id, started) in [
        ("new", "2026-11-02T10:00:00Z"),
        ("noon", "2026-09-01T12:00:00Z"),
        ("dawn", "2026-09-01T06:00:00Z"),
    ] {
        store.add(&run(id, started), Some(evidence.path())).unwrap();
    }
    let before = files(dir.path());
    let dry = store.prune(&Policy::default(), true).unwrap();
    assert_eq!(names(&dry.pruned, Part::Record), ["dawn"]);
    let mut untouched = files(dir.path());
    untouched.retain(|it| !it.starts_with("cache/"));
    assert_eq!(untouched, before);

    assert_eq!(store.prune(&Policy::default(), false).unwrap(), dry);
    let gone = store.gone().unwrap();
    assert_eq!(gone.iter().map(|it| it.run.as_str()).collect::<Vec<_>>(), ["dawn"]);
    let verified = store.verify().unwrap();
    assert_eq!((verified.runs, verified.evidence, verified.problems), (2, 2, vec![]));
    assert_eq!(verified.bytes, dry.bytes);
    assert_eq!(store.past().unwrap().0.runs.len(), 2);
    assert_eq!(store.prune(&Policy::default(), false).unwrap().pruned, []);
}

#[test]
fn what_killed_writers_left_is_swept_when_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.add(&run("gh-1", NEWEST), None).unwrap();
    store.past().unwrap();
    let month = dir.path().join("runs/2026/11");
    let leftovers = [month.join("gh-2.ndjson.zst#1"), dir.path().join("cache/.unfinished-x")];
    for leftover in &leftovers {
        std::fs::write(leftover, "half").unwrap();
    }
    assert_eq!(store.prune(&Policy::default(), false).unwrap().leftover_bytes, 0, "still young");
    leftovers.iter().for_each(|it| age(it));
    let verified = store.verify().unwrap();
    assert_eq!((verified.leftovers, verified.problems), (2, vec![]));
    assert_eq!(store.prune(&Policy::default(), false).unwrap().leftover_bytes, 8);
    assert!(leftovers.iter().all(|it| !it.exists()));
    assert_eq!(store.verify().unwrap().records, 1);
}

#[test]
fn verify_finds_each_kind_of_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let evidence = tempfile::tempdir().unwrap();
    std::fs::write(evidence.path().join("log.txt"), "line\n".repeat(1_000)).unwrap();
    for n in 1..=4 {
        store.add(&run(&format!("gh-{n}"), NEWEST), Some(evidence.path())).unwrap();
    }
    let runs = dir.path().join("runs/2026");
    std::fs::create_dir(runs.join("12")).unwrap();
    std::fs::rename(runs.join("11/gh-1.ndjson.zst"), runs.join("12/gh-1.ndjson.zst")).unwrap();
    std::fs::rename(runs.join("11/gh-2.ndjson.zst"), runs.join("11/gh-9.ndjson.zst")).unwrap();
    for name in ["runs/2026/11/gh-3.ndjson.zst", "evidence/gh-4.tar.zst"] {
        let mut bytes = std::fs::read(dir.path().join(name)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let verified = store.verify().unwrap();
    let said = verified.problems.iter().map(|it| format!("{} {}", it.file, it.message));
    let said: Vec<String> = said.collect();
    assert_eq!(said.len(), 4, "{said:#?}");
    for (problem, part) in said.iter().zip([
        "evidence/gh-4.tar.zst",
        "gh-3.ndjson.zst not a whole zstd frame",
        "holds the run `gh-2`",
        "belongs into runs/2026/11",
    ]) {
        assert!(problem.contains(part), "{problem}: {part}");
    }
    assert_eq!(verified.unclaimed, 1);
}

#[test]
fn adding_clears_what_killed_writers_left() {
    let dir = tempfile::tempdir().unwrap();
    let (old, young) =
        (dir.path().join("cache/.unfinished-a"), dir.path().join("cache/.unfinished-b"));
    std::fs::create_dir(dir.path().join("cache")).unwrap();
    for leftover in [&old, &young] {
        std::fs::write(leftover, "half").unwrap();
    }
    age(&old);
    assert_eq!(store(dir.path()).verify().unwrap().leftovers, 2);
    store(dir.path()).add(&run("gh-1", NEWEST), None).unwrap();
    assert!(!old.exists() && young.exists(), "a writer may still be at work on what is young");
    assert_eq!(store(dir.path()).verify().unwrap().leftovers, 1);
}

#[test]
fn evidence_without_a_record_goes_when_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let evidence = tempfile::tempdir().unwrap();
    std::fs::write(evidence.path().join("log.txt"), "line\n").unwrap();
    for id in ["gh-1", "gh-2", "gh-3"] {
        store.add(&run(id, NEWEST), Some(evidence.path())).unwrap();
    }
    for id in ["gh-2", "gh-3"] {
        std::fs::remove_file(dir.path().join(format!("runs/2026/11/{id}.ndjson.zst"))).unwrap();
    }
    let pack = |id: &str| dir.path().join(format!("evidence/{id}.tar.zst"));
    age(&pack("gh-1"));
    age(&pack("gh-2"));
    assert_eq!(store.verify().unwrap().unclaimed, 2);
    let going = |pruning: &Pruning| -> Vec<(String, bool)> {
        pruning.unclaimed.iter().map(|it| (it.name.clone(), it.goes)).collect()
    };
    let expected =
        [("evidence/gh-2.tar.zst".into(), true), ("evidence/gh-3.tar.zst".into(), false)];
    let dry = store.prune(&Policy::default(), true).unwrap();
    assert_eq!(going(&dry), expected);
    assert!(pack("gh-2").exists());
    assert_eq!(store.prune(&Policy::default(), false).unwrap(), dry);
    assert!(pack("gh-1").exists() && !pack("gh-2").exists() && pack("gh-3").exists());
    let verified = store.verify().unwrap();
    assert_eq!((verified.unclaimed, verified.bytes), (1, dry.bytes));
}

/// Lets a file look as if it had been written long ago.
fn age(file: &std::path::Path) {
    let old = std::time::UNIX_EPOCH;
    std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
}
