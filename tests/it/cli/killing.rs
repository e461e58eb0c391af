//! A build that is killed, or that has no room left: the old site and the history are whole.

use std::{
    fs,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::desk::{Desk, STAMP, Small, stderr, tree};

const BUILD: [&str; 5] = ["build", "--results", "results", "--stamp", STAMP];

/// A desk with a site of one run, and a second run that is not built yet; its file is long, so that
/// there is time to strike.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("a", "failed"), ("b", "passed")], Value::Null);
    desk.build("results");
    let names: Vec<String> = (0..300).map(|n| format!("case {n}")).collect();
    let outcome = |n: usize| if n.is_multiple_of(3) { "failed" } else { "passed" };
    let cases: Vec<(&str, &str)> =
        names.iter().enumerate().map(|(n, it)| (it.as_str(), outcome(n))).collect();
    desk.add_run("r2", "2026-11-20T10:00:00Z", &cases, Value::Null);
    desk
}

/// Kills `child` as soon as `condition` holds; `false` where it was done before.
fn kill_when(child: &mut Child, condition: impl Fn(Duration) -> bool) -> bool {
    let began = Instant::now();
    while !condition(began.elapsed()) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the build hangs");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

fn start(desk: &Desk) -> Child {
    let mut command = desk.command(&BUILD);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What stands beside the results when nothing was left behind.
fn names(desk: &Desk) -> Vec<String> {
    let entries = fs::read_dir(desk.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_killed_build_leaves_the_old_site_or_the_new_one() {
    let fresh = desk();
    let old = tree(&fresh.path("report"));
    fresh.build("results");
    let new = tree(&fresh.path("report"));
    assert_ne!(old, new);

    let staged = |desk: &Desk, name: &str| desk.path(".report.new").join(name).exists();
    type Strike<'a> = &'a dyn Fn(&Desk, Duration) -> bool;
    let strikes: [Strike<'_>; 8] = [
        &|_, since| since > Duration::from_millis(5),
        &|_, since| since > Duration::from_millis(40),
        &|desk, _| desk.has("history/runs/2026/11/r2.ndjson.zst"),
        &|desk, _| desk.has(".report.lock"),
        &|desk, _| desk.has(".report.new"),
        &|desk, _| staged(desk, "runs/r2"),
        &|desk, _| staged(desk, "cases"),
        &|desk, _| staged(desk, "index.html"),
    ];
    let mut struck = 0;
    for strike in strikes {
        let desk = desk();
        let mut child = start(&desk);
        struck += u32::from(kill_when(&mut child, |since| strike(&desk, since)));
        let left = tree(&desk.path("report"));
        assert!(left == old || left == new, "neither the old nor the new site");
        desk.ok(&["history", "verify"]);
        desk.build("results");
        assert_eq!(tree(&desk.path("report")), new);
        assert_eq!(names(&desk), ["history", "report", "results"], "leftovers");
        assert_eq!(desk.temporary(), 0, "leftovers where the system keeps what is temporary");
        assert_eq!(desk.ids(), ["r2", "r1"]);
    }
    assert!(struck >= 4, "only {struck} builds could be struck");
}

#[test]
fn a_full_disk_is_said_and_spoils_nothing() {
    let desk = desk();
    let disk = desk.path("disk");
    fs::create_dir(&disk).unwrap();
    let Some(_small) = Small::mount(&disk, "4m") else {
        eprintln!("SKIPPED: only root can mount the small disk that this test fills");
        return;
    };
    let first = ["--out", "disk/report", "--history", "disk/history", "--stamp", STAMP];
    desk.ok(&[&["build", "--results", "results/r1"], &first[..]].concat());
    let old = tree(&desk.path("disk/report"));
    let filler = vec![0; 4 << 20];
    fs::write(desk.path("disk/filler"), filler).unwrap_err();
    let output = desk.run(&[&["build", "--results", "results/r2"], &first[..]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("No space left"), "{}", stderr(&output));
    assert!(stderr(&output).contains("disk/"), "{}", stderr(&output));
    assert_eq!(tree(&desk.path("disk/report")), old);
    fs::remove_file(desk.path("disk/filler")).unwrap();
    desk.ok(&["history", "verify", "--history", "disk/history"]);
}
