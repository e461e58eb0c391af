//! Which results are one run, and what it is called.

use std::process::Command;

use serde_json::Value;

use crate::desk::{Desk, STAMP, junit, stderr};

const ARGS: [&str; 5] = ["build", "--results", "results", "--stamp", STAMP];

/// The program in a job of GitHub Actions.
fn on_github(desk: &Desk, args: &[&str], attempt: &str) -> Command {
    let mut command = desk.command(args);
    command.env("GITHUB_ACTIONS", "true");
    for (name, value) in [
        ("GITHUB_RUN_ID", "4711"),
        ("GITHUB_RUN_ATTEMPT", attempt),
        ("GITHUB_JOB", "e2e"),
        ("GITHUB_SHA", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"),
        ("GITHUB_REF_NAME", "work"),
        ("GITHUB_HEAD_REF", ""),
        ("GITHUB_SERVER_URL", "https://git.example"),
        ("GITHUB_REPOSITORY", "us/calls"),
    ] {
        command.env(name, value);
    }
    command
}

fn done(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_run_is_called_what_its_file_says() {
    let desk = Desk::new();
    desk.add_run("mine-1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    done(on_github(&desk, &ARGS, "1"));
    assert_eq!(desk.ids(), ["mine-1"], "run.json goes before the job");
}

#[test]
fn the_job_names_a_run_that_has_no_name() {
    let desk = Desk::new();
    desk.write("results/junit.xml", junit(&[("a", "passed")]));
    done(on_github(&desk, &ARGS, "1"));
    done(on_github(&desk, &ARGS, "1"));
    assert_eq!(desk.ids().len(), 1, "the same job is the same run");
    done(on_github(&desk, &ARGS, "2"));
    let ids = desk.ids();
    assert_eq!(ids.len(), 2, "a job that is run again is another run");
    assert!(ids.iter().all(|it| it.contains("4711") && it.contains("e2e")), "{ids:?}");
    let run = desk.json("report/api/v1/runs.json")["runs"][0].clone();
    assert_eq!(run["branch"], "work");
    assert_eq!(run["commit"], "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567");
    let page = desk.read(&format!("report/{}", run["page"].as_str().unwrap()));
    assert!(page.contains("https://git.example/us/calls/actions/runs/4711"), "{page}");
}

#[test]
fn without_any_name_the_content_names_the_run() {
    let desk = Desk::new();
    desk.write("results/junit.xml", junit(&[("a", "passed")]));
    desk.build("results");
    desk.ok(&["build", "--results", "results", "--stamp", "2026-11-25T10:00:00Z"]);
    let first = desk.ids();
    assert_eq!(first.len(), 1, "the same results on another day are the same run");
    desk.write("results/junit.xml", junit(&[("a", "failed")]));
    desk.build("results");
    let ids = desk.ids();
    assert!(ids.len() == 2 && ids.contains(&first[0]), "{ids:?}");
}

#[test]
fn a_file_that_stands_there_twice_counts_once() {
    let desk = Desk::new();
    let xml = junit(&[("a", "passed"), ("b", "failed")]);
    desk.write("results/junit.xml", &xml);
    desk.write("results/copy/again.xml", &xml);
    desk.build("results");
    let outcomes = desk.json("report/api/v1/runs.json")["runs"][0]["outcomes"].clone();
    assert_eq!(outcomes, serde_json::json!({"passed": 1, "failed": 1}));
    let exported = desk.ok(&["export", "--json", "--results", "results", "--stamp", STAMP]);
    let run: Value = serde_json::from_str(&exported).unwrap();
    for case in run["cases"].as_array().unwrap() {
        assert_eq!(case["attempts"].as_array().unwrap().len(), 1, "{case}");
    }
}

#[test]
fn junit_beside_messages_tells_nothing_twice() {
    let exported = |desk: &Desk| -> Value {
        let text = desk.ok(&["export", "--json", "--results", "results", "--stamp", STAMP]);
        serde_json::from_str(&text).unwrap()
    };
    let alone = Desk::new();
    alone.sample("messages/examples-tables.ndjson", "results/messages.ndjson");
    let alone = exported(&alone);
    let cases = alone["cases"].as_array().unwrap();
    let case = |it: &Value| {
        format!("<testcase classname='{}' name='{}'/>", plain(&it["feature"]), plain(&it["name"]))
    };
    let names: String = cases.iter().map(case).collect();
    let both = Desk::new();
    both.sample("messages/examples-tables.ndjson", "results/messages.ndjson");
    both.write("results/junit.xml", format!("<testsuite name='Cucumber'>{names}</testsuite>"));
    assert!(!cases.is_empty());
    assert_eq!(exported(&both)["cases"], alone["cases"]);
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_default()
        .replace('&', "&amp;")
        .replace('\'', "&apos;")
        .replace('<', "&lt;")
}

#[test]
fn shards_of_one_run_are_one_run() {
    let desk = Desk::new();
    desk.write("one/junit.xml", junit(&[("a", "passed"), ("b", "passed")]));
    desk.write("two/junit.xml", junit(&[("c", "failed")]));
    let meta = ["--meta", "id=nightly-1", "--meta", "suite=smoke", "--stamp", STAMP];
    for (folder, shard) in [("one", "shard=1/2"), ("two", "shard=2/2"), ("one", "shard=1/2")] {
        desk.ok(&[&["build", "--results", folder, "--meta", shard], &meta[..]].concat());
    }
    assert_eq!(desk.ids(), ["nightly-1"]);
    let runs = desk.json("report/api/v1/runs.json")["runs"].clone();
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert_eq!(runs[0]["outcomes"], serde_json::json!({"passed": 2, "failed": 1}));
    let page = desk.read("report/runs/nightly-1/index.html");
    assert!(page.contains(">a<") && page.contains(">c<"), "all shards stand on the page");
}

#[test]
fn what_we_wrote_ourselves_is_never_read_as_results() {
    let desk = Desk::new();
    desk.write("junit.xml", junit(&[("a", "passed")]));
    for _ in 0..2 {
        desk.ok(&["build", "--results", ".", "--stamp", STAMP]);
    }
    assert_eq!(desk.ids().len(), 1, "site and history lie in the folder of the results");
    assert_eq!(desk.json("report/api/v1/report.json")["cases"], 1);
}

#[test]
fn how_long_a_run_took_is_said_where_it_is_known() {
    let desk = Desk::new();
    let results =
        "<testsuite name='a' timestamp='2026-11-20T10:00:00Z'><testcase name='b'/></testsuite>";
    desk.write("alone/junit.xml", results);
    desk.write("told/junit.xml", results);
    let times = r#"{"started": "2026-11-20T10:00:00Z", "finished": "2026-11-20T10:05:00Z"}"#;
    desk.write("told/run.json", times);
    desk.ok(&["build", "--results", "alone", "--results", "told", "--stamp", STAMP]);
    let runs = desk.json("report/api/v1/runs.json")["runs"].clone();
    let of = |suite: &str| runs.as_array().unwrap().iter().find(|it| it["suite"] == suite).unwrap();
    assert_eq!(of("alone")["started"], "2026-11-20T10:00:00Z");
    assert!(of("alone")["duration"].is_null(), "{runs}");
    assert_eq!(of("told")["duration"], 300.0, "{runs}");
}

/// A results directory as our engine leaves it: the same run as messages and, for other tools, as
/// JUnit, whose suites are files and whose names hold the values of a row.
#[test]
fn a_run_that_is_told_twice_is_read_once() {
    let desk = Desk::new();
    let uri = "samples/examples-tables/examples-tables.feature";
    desk.sample("messages/examples-tables.ndjson", "results/messages.ndjson");
    let case = |name: &str| format!("<testcase classname='Examples Tables' name='{name}'/>\n");
    let rows = ["12, 5, 7", "20, 5, 15", "12, 20, 0", "0, 1, 0"];
    let rows: String = rows.iter().map(|it| case(&format!("Eating cucumbers [{it}]"))).collect();
    let around = "<testcase classname='run' name='hook'><error message='no room'/></testcase>";
    let junit = format!(
        "<testsuites><testsuite name='{uri}'>{rows}</testsuite>\
         <testsuite name='run'>{around}</testsuite></testsuites>"
    );
    desk.write("results/junit.xml", &junit);
    desk.build("results");
    let both = desk.json("report/api/v1/runs.json")["runs"][0]["outcomes"].clone();
    let alone = Desk::new();
    alone.sample("messages/examples-tables.ndjson", "results/messages.ndjson");
    alone.build("results");
    assert_eq!(both, alone.json("report/api/v1/runs.json")["runs"][0]["outcomes"]);
}
