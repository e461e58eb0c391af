//! What cases failed with, as the past remembers it.

use lkreport::history::Past;

use super::{case, failed, passed, run, store};

/// The messages of the shapes that a case failed with in a run, the last attempt first.
fn failures<'a>(past: &'a Past, id: &str, name: &str) -> Vec<&'a str> {
    let run = past.runs.iter().find(|it| it.head.id.as_str() == id).unwrap();
    let case = past.cases.iter().position(|it| &*it.name == name).unwrap();
    let failures = run.failures_of(case.try_into().unwrap()).iter();
    failures.map(|it| &*past.shapes[it.shape as usize].message).collect()
}

#[test]
fn it_is_told_alike_by_records_by_the_cache_and_by_what_was_just_added() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let late = |n| failed(&format!("no video track arrived within {n}s"));
    let mut runs = Vec::new();
    for day in 1..=4 {
        let mut run = run(&format!("gh-{day}"), &format!("2026-11-0{day}T10:00:00Z"));
        run.cases.push(case("carol joins", vec![late(day), failed("no such room"), late(day + 1)]));
        run.cases.push(case("dave joins", vec![late(7), passed(1)]));
        runs.push(run);
    }
    runs.iter().for_each(|it| _ = store.add(it, None).unwrap());
    let told = store.past_with(&runs).unwrap();
    assert_eq!(store.past().unwrap(), told, "from the cache");
    std::fs::remove_dir_all(dir.path().join("cache")).unwrap();
    assert_eq!(store.past().unwrap(), told, "from the records");
    let past = told.0;
    assert_eq!(past.shapes.len(), 3, "each shape once: {:?}", past.shapes);
    let (late, none) = ("no video track arrived within <duration>", "no such room");
    assert_eq!(failures(&past, "gh-3", "carol joins"), [late, none], "the last first, each once");
    assert_eq!(failures(&past, "gh-3", "dave joins"), [late], "also where it passed in the end");
    assert_eq!(failures(&past, "gh-3", "alice joins"), [""; 0]);
}
