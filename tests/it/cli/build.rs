//! `lkreport build`: what it makes of good results, of garbage and of nothing.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, STAMP, root, samples, stderr, stdout, text_of};

/// Validates the file `name` against the schema that the program prints for it.
fn assert_valid(desk: &Desk, name: &str, schema: &str) {
    let schema: Value = serde_json::from_str(&desk.ok(&["schema", schema])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = desk.json(name);
    let errors: Vec<String> = validator.iter_errors(&json).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
}

#[test]
fn the_demo_has_all_addresses() {
    let desk = Desk::new();
    let demo = root().join("site/demo/livekit-integration");
    let said = desk.build(demo.to_str().unwrap());
    assert_eq!(said, "report/index.html\n");
    let pages = [
        "index.html",
        "404.html",
        "runs/index.html",
        "runs/livekit-integration-1.8.4-20261121/index.html",
        "matrix/index.html",
        "matrix/matrix.md",
        "matrix/matrix.csv",
        "cells/livekit-1.8.4/index.html",
        "cases/index.html",
        "cases/in/livekit-integration/1/index.html",
        "trends/index.html",
        "problems/index.html",
    ];
    for page in pages {
        assert!(!desk.read(&format!("report/{page}")).is_empty(), "{page}");
    }
    for name in ["report", "runs", "matrix"] {
        assert_valid(&desk, &format!("report/api/v1/{name}.json"), name);
        let published = desk.json(&format!("report/api/v1/schema/{name}.json"));
        let printed: Value = serde_json::from_str(&desk.ok(&["schema", name])).unwrap();
        assert_eq!(published, printed, "{name}");
    }
    let runs = desk.json("report/api/v1/runs.json")["runs"].clone();
    for run in runs.as_array().unwrap() {
        let page = run["page"].as_str().unwrap();
        assert!(desk.has(&format!("report/{page}")), "{page}");
    }
    let md = desk.read("report/matrix/matrix.md");
    let csv = desk.read("report/matrix/matrix.csv");
    for version in ["1.8.4", "1.10.1", "1.11.0", "1.13.5"] {
        assert!(md.contains(version) && csv.contains(version), "{version}");
    }
}

#[test]
fn an_attempt_before_the_last_never_has_the_last_word() {
    let desk = Desk::new();
    // Bazel's last attempt stands before the earlier ones, by the names of the files.
    desk.sample("junit/bazel/reconnects.xml", "bazel/reconnects/test.xml");
    let earlier = "bazel/reconnects/test_attempts/attempt_1.xml";
    desk.sample("junit/bazel/reconnects-attempt_1.xml", earlier);
    // TestNG writes an attempt that it made again as skipped, behind the one that passed.
    desk.sample("junit/testng/TEST-demo.RoomTest.xml", "testng/TEST-demo.RoomTest.xml");
    desk.ok(&["build", "--results", "bazel", "--results", "testng", "--stamp", STAMP]);
    let runs = desk.json("report/api/v1/runs.json")["runs"].clone();
    let of = |suite: &str| runs.as_array().unwrap().iter().find(|it| it["suite"] == suite).unwrap();
    let bazel = of("bazel");
    assert_eq!((&bazel["outcomes"]["passed"], &bazel["flaky"]), (&1.into(), &1.into()), "{bazel}");
    let testng = of("testng");
    assert_eq!(testng["outcomes"]["skipped"], 3, "{testng}");
}

#[test]
fn badges_count_and_are_red_when_something_fails() {
    let desk = Desk::new();
    let cases = [("a", "passed"), ("b", "failed"), ("c", "skipped")];
    desk.add_run("r1", "2026-11-20T10:00:00Z", &cases, Value::Null);
    desk.build("results");
    for name in ["all", "smoke", "livekit-1.8.4"] {
        let badge = desk.json(&format!("report/badges/{name}.json"));
        assert_eq!(badge["schemaVersion"], 1, "{name}");
        assert_eq!(badge["message"], "1 passed, 1 failed, 1 skipped", "{name}");
        assert_eq!(badge["isError"], true, "{name}");
        assert!(badge["cacheSeconds"].as_u64().unwrap() >= 300, "{name}");
        let svg = desk.read(&format!("report/badges/{name}.svg"));
        let red = badge["color"].as_str().unwrap();
        assert!(svg.contains(red) && svg.contains("1 failed"), "{name}: {svg}");
    }
    let good = Desk::new();
    good.add_run("r1", "2026-11-20T10:00:00Z", &cases[..1], Value::Null);
    good.build("results");
    let (good, bad) = (good.json("report/badges/all.json"), desk.json("report/badges/all.json"));
    assert_eq!((&good["isError"], &good["message"]), (&false.into(), &"1 passed".into()));
    assert_ne!(good["color"], bad["color"]);
}

#[test]
fn folders_of_somebody_else_stay_untouched() {
    let desk = Desk::new();
    desk.sample("junit/pytest/python-xunit-pytest.xml", "results/junit.xml");
    desk.write("report/thesis.txt", "ten years of work");
    let said = desk.refused(&["build", "--results", "results"]);
    assert!(said.contains("report") && said.contains("holds no site of lkreport"), "{said}");
    assert_eq!(desk.read("report/thesis.txt"), "ten years of work");
    assert_eq!(fs::read_dir(desk.path("report")).unwrap().count(), 1);
}

#[test]
fn nothing_to_build_from_is_refused_with_a_hint() {
    let desk = Desk::new();
    let said = desk.refused(&["build"]);
    assert!(said.contains("hint: ") && said.contains("--results"), "{said}");
    fs::create_dir(desk.path("empty")).unwrap();
    let said = desk.refused(&["build", "--results", "empty"]);
    assert!(said.contains("hint: ") && said.contains("inspect"), "{said}");
    let said = desk.refused(&["build", "--results", "nowhere"]);
    assert!(said.contains("nowhere: could not be read"), "{said}");
    assert!(!desk.has("report"));
}

#[test]
fn what_a_build_wrote_is_no_result() {
    let desk = Desk::new();
    desk.write("junit.xml", crate::desk::junit(&[("joins", "failed")]));
    desk.write("livekit.log", "2026-11-20T10:00:00.000Z\tINFO\tlivekit\tx.go:1\tstarting\n");
    let first = desk.run(&["build", "--results", ".", "--stamp", STAMP]);
    let read = |output: &std::process::Output| {
        stderr(output).lines().find(|it| it.starts_with("read ")).unwrap().to_owned()
    };
    assert!(desk.has("history/runs") && desk.has("report/index.html"));
    let second = desk.run(&["build", "--results", ".", "--stamp", STAMP]);
    assert_eq!(read(&second), read(&first), "history and site are passed by");
}

#[test]
fn damaged_results_make_a_site_that_says_so() {
    let desk = Desk::new();
    desk.sample("junit/surefire/cut-off.xml", "results/cut-off.xml");
    desk.sample("junit/malformed/two-roots.xml", "results/two-roots.xml");
    desk.build("results");
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert!(problems.contains("cut-off.xml"), "{problems}");
    let overview = desk.read("report/index.html");
    assert!(overview.contains("href=\"problems/index.html\""), "{overview}");
}

#[test]
fn a_file_that_was_named_and_is_nothing_is_a_problem() {
    let desk = Desk::new();
    desk.write("results/notes.bin", [0, 159, 146, 150, 7, 7]);
    desk.sample("junit/pytest/python-xunit-pytest.xml", "results/junit.xml");
    let args = ["build", "--stamp", STAMP, "--results", "results/junit.xml", "results/notes.bin"];
    desk.ok(&args);
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert!(problems.contains("results/notes.bin"), "{problems}");

    let folder = Desk::new();
    folder.write("results/notes.bin", [0, 159, 146, 150, 7, 7]);
    folder.sample("junit/pytest/python-xunit-pytest.xml", "results/junit.xml");
    let output = folder.run(&["build", "--results", "results", "--stamp", STAMP]);
    assert!(stderr(&output).contains("0 problems; 1 other file\n"), "{}", stderr(&output));
}

#[test]
fn every_junit_sample_makes_a_site() {
    let desk = Desk::new();
    let output = desk.run(&[
        "build",
        "--results",
        samples().join("junit").to_str().unwrap(),
        "--stamp",
        STAMP,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "report/index.html\n");
}

#[test]
fn silence_is_silent_and_timings_are_told() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    let quiet = desk.run(&["build", "--results", "results", "--stamp", STAMP, "--quiet"]);
    assert_eq!(stderr(&quiet), "");
    let timed = desk.run(&["build", "--results", "results", "--stamp", STAMP, "--timings"]);
    for part in ["read", "remember", "render"] {
        assert!(stderr(&timed).contains(part), "{}", stderr(&timed));
    }
}
