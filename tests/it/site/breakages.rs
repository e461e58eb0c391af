//! First bad and last good: where a scenario broke along a component, and since when.

use serde_json::{Value, json};

use crate::desk::{Desk, text_of};

/// A run of the scenario `a` on a day of November.
fn add(desk: &Desk, day: u32, livekit: &str, outcome: &str, more: Value) {
    let mut all = json!({"versions": {"livekit": livekit}, "commit": "c1"});
    all.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let started = format!("2026-11-{day:02}T10:00:00Z");
    desk.add_run(&format!("r{day:02}"), &started, &[("a", outcome)], all);
}

fn said(desk: &Desk) -> String {
    desk.build("results");
    let folders = std::fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
    let names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
    let folder = { names }.find(|it| it.starts_with("a-")).expect("a page");
    text_of(&desk.read(&format!("report/cases/{folder}/index.html"))).replace('\u{a0}', " ")
}

const BROKE: &str =
    "First bad with livekit 1.11.0, last good with 1.10.1: broken since 2026-11-03.";

#[test]
fn it_lives_from_its_first_run_until_a_version_or_a_run_is_good_again() {
    let desk = Desk::new();
    add(&desk, 1, "1.9.11", "passed", Value::Null);
    add(&desk, 3, "1.13.5", "failed", Value::Null);
    assert!(said(&desk).contains(
        "First bad with livekit 1.13.5, last good with 1.9.11: broken since 2026-11-03. It still is so."
    ));
    add(&desk, 4, "1.10.1", "passed", Value::Null);
    add(&desk, 5, "1.11.0", "failed", Value::Null);
    let text = said(&desk);
    assert!(
        text.contains(&format!("{BROKE} It still is so.")),
        "narrowed, since as before: {text}"
    );
    let run = text_of(&desk.read("report/runs/r05/index.html"));
    assert!(run.contains("First bad with livekit 1.11.0, last good with 1.10.1."), "{run}");
    add(&desk, 6, "1.14.0", "passed", Value::Null);
    let text = said(&desk);
    assert!(
        text.contains(&format!("{BROKE} It ended with livekit 1.14.0 on 2026-11-06.")),
        "{text}"
    );
    add(&desk, 7, "1.11.0", "passed", json!({"commit": "c2"}));
    let text = said(&desk);
    let again = "First bad with livekit 1.11.0, last good with 1.10.1: broken since 2026-11-05. \
                 It passes there again since 2026-11-07.";
    assert!(text.contains(again), "{text}");
}

#[test]
fn what_differs_besides_says_nothing_and_a_commit_is_said() {
    let desk = Desk::new();
    add(&desk, 1, "1.10.1", "passed", json!({"browser": "firefox"}));
    add(&desk, 2, "1.11.0", "failed", json!({"browser": "chrome"}));
    assert!(!said(&desk).contains("First bad"), "another browser");
    add(&desk, 3, "1.10.1", "passed", json!({"browser": "chrome", "commit": "c0"}));
    let text = said(&desk);
    assert!(
        text.contains("last good with 1.10.1, and the commit differs too: broken since 2026-11-02"),
        "{text}"
    );
}

#[test]
fn a_flaky_version_says_nothing() {
    let desk = Desk::new();
    add(&desk, 1, "1.10.1", "passed", Value::Null);
    add(&desk, 2, "1.11.0", "passed", Value::Null);
    add(&desk, 3, "1.11.0", "failed", Value::Null);
    assert!(!said(&desk).contains("First bad"));
}

#[test]
fn cells_and_programs_are_told_too_with_the_notes_of_exactly_the_step() {
    let desk = Desk::new();
    let notes = "# Changelog\n\n## [1.11.0] - 2026-06-01\n\n### Fixed\n\n- joining twice\n";
    desk.write("releases/livekit/CHANGELOG.md", notes);
    add(&desk, 1, "1.10.1", "passed", Value::Null);
    add(&desk, 3, "1.11.0", "failed", Value::Null);
    desk.build("results");
    let all = desk.json("report/api/v1/breakages.json")["breakages"].clone();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    let it = &all[0];
    assert_eq!((&it["component"], &it["active"]), (&json!("livekit"), &json!(true)));
    assert_eq!(it["last_good"], json!({"version": "1.10.1", "run": "r01"}));
    assert_eq!(it["first_bad"], json!({"version": "1.11.0", "run": "r03"}));
    assert_eq!((&it["since"], &it["ended"]), (&json!("r03"), &Value::Null));
    let notes = it["notes"].as_str().unwrap();
    assert!(desk.has(&format!("report/{notes}")), "{notes}");
    let bad = desk.read("report/cells/livekit-1.11.0/index.html");
    assert!(text_of(&bad).contains("First bad here") && text_of(&bad).contains(BROKE), "{bad}");
    assert!(bad.contains(&format!("../../{notes}")), "{bad}");
    assert!(!desk.read("report/cells/livekit-1.10.1/index.html").contains("First bad here"));
    let id = it["id"].clone();
    add(&desk, 4, "1.13.5", "passed", Value::Null);
    desk.build("results");
    let it = desk.json("report/api/v1/breakages.json")["breakages"][0].clone();
    assert_eq!((&it["id"], &it["active"]), (&id, &json!(false)));
    assert_eq!(it["ended"], json!({"version": "1.13.5", "run": "r04"}));
}
