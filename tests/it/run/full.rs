//! A disk that is full while a run writes its results.

use std::{fs, io::Write as _};

use super::{assert_clean, broken, command, desk, names};
use crate::desk::{Small, stderr};

/// A server that says much more than there is room for, and ends.
const TALKS: &str =
    "yes 'there is nothing that could be said in fewer words than these' | head -n 6000; exit 3";

#[test]
fn a_full_disk_is_said_and_what_was_written_before_is_readable() {
    let desk = desk();
    fs::create_dir(desk.path("disk")).unwrap();
    let disk = desk.path("disk");
    let Some(_small) = Small::mount(&disk, "600k") else {
        let why = "SKIPPED: only root can mount the small disk that this test fills\n";
        std::io::stderr().write_all(why.as_bytes()).unwrap();
        return;
    };
    let server = broken::script(&desk, TALKS);
    let started = "Given a LiveKit server is running in a container with service name \"lk\"";
    let outline = format!(
        "Feature: Much\n  Scenario: an empty one\n  Scenario Outline: <n>\n    {started}\n    \
         Examples:\n      | n |\n      | 1 |\n      | 2 |\n      | 3 |\n      | 4 |\n      | 5 |\n"
    );
    desk.write("features/start.feature", outline);
    let output =
        command(&desk, &server, &["--jobs", "1", "--out", "disk/results"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: disk/results/"), "{said}");
    assert!(said.contains("the results broke off"), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    assert!(said.contains("hint: make room") && said.contains("--out"), "{said}");
    assert_clean(&desk);

    let run = format!("disk/results/{}", names(&desk, "disk/results")[0]);
    assert!(desk.json(&format!("{run}/run.json"))["finished"].is_null());
    assert!(!desk.has(&format!("{run}/junit.xml")), "half of it would be worse than none");
    desk.ok(&["build", "--results", "disk/results"]);
    let pages = names(&desk, "report/runs");
    let mut pages = pages.iter().map(|it| format!("report/runs/{it}/index.html"));
    assert!(pages.any(|it| desk.has(&it) && desk.read(&it).contains("It was cut short")));
}

#[test]
fn a_disk_without_any_room_is_said_before_anything_starts() {
    let desk = desk();
    fs::create_dir(desk.path("disk")).unwrap();
    let disk = desk.path("disk");
    let Some(_small) = Small::mount(&disk, "4k") else {
        let why = "SKIPPED: only root can mount the small disk that this test fills\n";
        std::io::stderr().write_all(why.as_bytes()).unwrap();
        return;
    };
    let server = broken::script(&desk, "exit 3");
    let output = command(&desk, &server, &["--out", "disk/results"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("disk/results: results could not be written"), "{said}");
    assert!(said.contains("No space left on device") && said.contains("hint: make room"), "{said}");
    assert_clean(&desk);
}
