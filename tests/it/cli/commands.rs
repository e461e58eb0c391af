//! The commands beside `build`, and what they promise to scripts.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, junit, samples, stderr, stdout};

const FIELDS: [&str; 9] =
    ["attempts", "cases", "entries", "file", "flaky", "format", "outcomes", "problems", "runs"];

const COMMANDS: [&str; 21] = [
    "explain",
    "issues",
    "gate",
    "summary",
    "run",
    "steps",
    "stack",
    "health",
    "token",
    "build",
    "inspect",
    "init",
    "check",
    "matrix",
    "badge",
    "export",
    "history",
    "serve",
    "schema",
    "completions",
    "man",
];

#[test]
fn inspect_keeps_its_promise_for_every_sample() {
    let desk = Desk::new();
    let samples = samples();
    let text = desk.ok(&["inspect", samples.to_str().unwrap(), "--json"]);
    let mut formats = std::collections::BTreeSet::new();
    for line in text.lines() {
        let it: Value = serde_json::from_str(line).unwrap();
        let fields: Vec<&str> = it.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(
            fields.len() == FIELDS.len() && FIELDS.iter().all(|f| fields.contains(f)),
            "{line}"
        );
        assert!(it["file"].as_str().unwrap().starts_with(samples.to_str().unwrap()), "{line}");
        let outcomes = it["outcomes"].as_object().unwrap().values();
        assert_eq!(outcomes.map(|n| n.as_u64().unwrap()).sum::<u64>(), it["entries"], "{line}");
        for problem in it["problems"].as_array().unwrap() {
            let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["line", "message"], "{line}");
        }
        formats.insert(it["format"].as_str().unwrap().to_owned());
    }
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    // The sample of a history is none of results, so its records are passed by.
    assert_eq!(formats, ["cucumber-json", "cucumber-messages", "junit", "log", "unknown"]);
}

#[test]
fn inspect_says_files_as_they_were_given() {
    let desk = Desk::new();
    desk.write("results/a.xml", junit(&[("a", "flaky"), ("b", "skipped")]));
    desk.write("results/cut.xml", "<testsuite><testcase name='x'>");
    let given = ["./results/a.xml", "results/../results/cut.xml"];
    let text = desk.ok(&["inspect", "--json", given[0], given[1]]);
    let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let expected = json!({
        "file": given[0], "format": "junit", "runs": 1, "entries": 2,
        "outcomes": {"passed": 1, "skipped": 1}, "cases": 2, "attempts": 3, "flaky": 1,
        "problems": [],
    });
    assert_eq!(lines[0], expected);
    assert_eq!(lines[1]["file"], given[1]);
    assert!(!lines[1]["problems"].as_array().unwrap().is_empty(), "{}", lines[1]);
}

#[test]
fn only_what_is_named_outright_has_to_be_something() {
    let desk = Desk::new();
    desk.write("results/notes.md", "# Notes\n");
    desk.write("results/cut.xml.gz", b"\x1f\x8b\x08\x00");
    let problems = |path: &str| -> Vec<usize> {
        let text = desk.ok(&["inspect", "--json", path]);
        let lines = text.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
        lines.map(|it| it["problems"].as_array().unwrap().len()).collect()
    };
    assert_eq!(problems("results"), [1, 0], "what cannot be looked into may be anything");
    assert_eq!(problems("results/notes.md"), [1]);
    let words = desk.ok(&["inspect", "results"]);
    assert!(words.contains("notes.md: unknown, passed by: "), "{words}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let desk = Desk::new();
    // More than a pipe holds, so that the program is still writing when nobody listens any more.
    for n in 0..600 {
        desk.write(
            &format!("results/{}-{n}.xml", "long-name".repeat(20)),
            junit(&[("a", "passed")]),
        );
    }
    let mut command: Command = desk.command(&["inspect", "--json", "results"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn exports_keep_the_counts() {
    let desk = Desk::new();
    let cases = [("a", "passed"), ("b", "failed"), ("c", "skipped"), ("d", "flaky")];
    desk.write("results/junit.xml", junit(&cases));
    let sources = ["--results", "results", "--stamp", STAMP];
    let xml = desk.ok(&[&["export", "--junit"], &sources[..]].concat());
    desk.write("again/junit.xml", &xml);
    let seen = |file: &str| -> Value {
        let text = desk.ok(&["inspect", "--json", file]);
        let mut it: Value = serde_json::from_str(&text).unwrap();
        it.as_object_mut().unwrap().remove("file");
        it
    };
    assert_eq!(seen("results/junit.xml"), seen("again/junit.xml"), "{xml}");
    let run: Value =
        serde_json::from_str(&desk.ok(&[&["export", "--json"], &sources[..]].concat())).unwrap();
    let outcome = |it: &Value| (it["name"].as_str().unwrap().to_owned(), it["outcome"].clone());
    let outcomes: Vec<_> = run["cases"].as_array().unwrap().iter().map(outcome).collect();
    let expected = [("a", "passed"), ("b", "failed"), ("c", "skipped"), ("d", "passed")];
    assert_eq!(outcomes, expected.map(|(name, it)| (name.to_owned(), json!(it))));
    assert_eq!(run["cases"][3]["flaky"], true);
    desk.refused(&["export", "--results", "results"]);
}

#[test]
fn the_history_is_looked_after() {
    let desk = Desk::new();
    desk.add_run("old", "2024-01-01T10:00:00Z", &[("a", "failed")], Value::Null);
    desk.add_run("older", "2023-12-31T10:00:00Z", &[("a", "failed")], Value::Null);
    desk.add_run("between", "2024-01-01T09:00:00Z", &[("a", "passed")], Value::Null);
    desk.add_run("new", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    let added = desk.ok(&["history", "add", "--results", "results"]);
    assert_eq!(added.lines().count(), 4, "{added}");
    assert!(!desk.has("report"), "adding makes no site");
    assert_eq!(desk.ids(), ["new", "old", "between", "older"]);
    let listed = desk.ok(&["history", "list"]);
    assert!(listed.lines().next().unwrap().contains("livekit 1.8.4  1 passed  new"), "{listed}");
    desk.ok(&["history", "verify"]);

    desk.write("lkreport.toml", "[retention]\nall_days = 1\ndaily_days = 2\n");
    let would = desk.run(&["history", "prune", "--dry-run"]);
    assert!(stdout(&would).contains("between"), "{}", stdout(&would));
    assert_eq!(desk.ids().len(), 4, "a dry run drops nothing");
    assert_eq!(desk.ok(&["history", "prune"]), stdout(&would));
    assert!(!desk.ids().contains(&"between".to_owned()));

    let record = "history/runs/2026/11/new.ndjson.zst";
    desk.write(record, b"damaged");
    let verified = desk.run(&["history", "verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(stdout(&verified).contains("new.ndjson.zst"), "{}", stdout(&verified));
}

#[test]
fn every_schema_is_one() {
    let desk = Desk::new();
    for name in ["run", "metrics", "outcome", "config", "report", "runs", "matrix"] {
        let schema: Value = serde_json::from_str(&desk.ok(&["schema", name])).unwrap();
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let schema: Value = serde_json::from_str(&desk.ok(&["schema", "metrics"])).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&json!({"schema": "lkreport.metrics/1"})));
    assert!(
        schema.is_valid(&json!({"t": "2026-11-21T10:00:00Z", "component": "livekit", "cpu": 1}))
    );
    assert!(!schema.is_valid(&json!({"cpu": 1})));
    desk.refused(&["schema", "nothing"]);
}

#[test]
fn the_manual_the_completions_and_the_help_name_every_command() {
    let desk = Desk::new();
    let (man, bash, help) =
        (desk.ok(&["man"]), desk.ok(&["completions", "bash"]), desk.ok(&["--help"]));
    let of_the_engine = ["run", "steps", "stack", "health", "token"];
    let is_there = |it: &&str| match *it {
        "serve" => cfg!(feature = "serve"),
        it => cfg!(feature = "engine") || !of_the_engine.contains(&it),
    };
    for command in COMMANDS.into_iter().filter(is_there) {
        assert!(man.contains(command) && bash.contains(command), "{command}");
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        let own = desk.ok(&[command, "--help"]);
        let first = own.lines().next().unwrap();
        assert!(first.split(' ').count() > 3 && own.contains("Usage: lkreport"), "{own}");
        let examples = own.split("\nExample").nth(1).unwrap_or_default();
        assert!(examples.contains(&format!("\n  lkreport {command}")), "{own}");
    }
}

#[test]
fn what_init_writes_can_be_built_with() {
    let desk = Desk::new();
    desk.ok(&["init"]);
    for file in ["lkreport.toml", ".github/workflows/lkreport.yml", "known-issues/EX-001.yaml"] {
        assert!(desk.read(file).contains('#') || file.ends_with("yaml"), "{file} has comments");
    }
    desk.ok(&["check"]);
    desk.write("mine/junit.xml", junit(&[("a", "passed")]));
    desk.ok(&["build", "--results", "mine", "--stamp", STAMP]);
    desk.write("lkreport.toml", "# ours\n");
    desk.ok(&["init"]);
    assert_eq!(desk.read("lkreport.toml"), "# ours\n", "what is there stays");
    desk.ok(&["init", "--force"]);
    assert_ne!(desk.read("lkreport.toml"), "# ours\n");
}

#[test]
fn badges_are_listed_as_markdown() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.build("results");
    assert!(desk.ok(&["badge"]).contains("smoke: smoke: 1 passed"));
    assert!(desk.refused(&["badge", "--markdown"]).contains("`url`"));
    desk.write("lkreport.toml", "[site]\nurl = 'https://us.example/calls/'\n");
    let text = desk.ok(&["badge", "--markdown", "smoke"]);
    let expected =
        "[![smoke](https://us.example/calls/badges/smoke.svg)](https://us.example/calls/)\n";
    assert_eq!(text, expected);
}

#[test]
fn where_the_site_is_read_may_be_said_from_outside() {
    let desk = Desk::new();
    desk.write("lkreport.toml", "[site]\nurl = 'https://us.example/calls/'\n");
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    let args = ["build", "--results", "results", "--matrix", "m.md", "--stamp", STAMP];
    let built = desk.command(&args).env("LKREPORT_URL", "https://fork.example/livekit/").output();
    assert!(built.unwrap().status.success());
    let lost = desk.read("report/404.html");
    assert!(lost.contains("href=\"/livekit/assets/site.css\""), "a lost page of any depth");
    let matrix = desk.read("m.md");
    assert!(matrix.contains("https://fork.example/livekit/cells/livekit-1.8.4/"), "{matrix}");
    let badges = desk.ok(&["badge", "--markdown", "smoke", "--url", "https://typed.example"]);
    assert!(badges.contains("(https://typed.example/badges/smoke.svg)"), "{badges}");
}
