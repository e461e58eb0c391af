//! What runs: combinations, rules about them, what the configuration says, what failed last.

use super::{ROOMS, assert_clean, desk, names, server};
use crate::desk::{Desk, stderr};

/// Runs without a version on the command line.
fn run(desk: &Desk, stack: &std::path::Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = desk.command(&["run"]);
    command.args(args).env("LKREPORT_STACK", stack);
    command.env("XDG_CACHE_HOME", desk.path("cache")).env("TMPDIR", desk.path("tmp"));
    let output = command.output().unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn a_combination_that_rules_refuse_does_not_start() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    desk.write(
        "rules/own.yaml",
        format!(
            "rules:\n  - id: not-this-one\n    type: known-bad\n    strictness: fail\n    \
             components: {{livekit: \"={version}\"}}\n    reason: it is not wanted here\n    \
             source: https://example.org/why\n"
        ),
    );
    let matrix = format!("livekit={version}");
    let (code, said) = run(&desk, &stack, &["--matrix", &matrix]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("not-this-one") && said.contains("it is not wanted here"), "{said}");
    assert!(!desk.has("results"), "nothing was started");
    desk.write("stack/livekit-server/0.0.7/livekit-server", "");
    let (_, said) = run(&desk, &desk.path("stack"), &["--matrix", &matrix]);
    let possible = "the nearest combination that breaks no such rule: livekit 0.0.7";
    assert!(said.contains(possible), "{said}");

    let args = ["--matrix", &matrix, "--strictness", "warn", "--name", "^is there$"];
    let (code, said) = run(&desk, &stack, &args);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning: livekit"), "{said}");
    assert_clean(&desk);
    let head = desk.json(&format!("results/{}/run.json", names(&desk, "results")[0]));
    let repeat: Vec<&str> =
        head["repeat"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let wanted =
        ["lkreport", "run", "--strictness", "warn", "--name", "^is there$", "--livekit", &version];
    assert_eq!(repeat, wanted, "the command asks for this combination, and once");
}

#[test]
fn a_matrix_that_broke_off_is_taken_up_where_it_ended() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    let (name, matrix) = (["--name", "^is there$"], format!("livekit={version}"));
    let resumed = [&["--resume", "--matrix", &matrix][..], &name].concat();
    let (code, said) = run(&desk, &stack, &resumed);
    assert_eq!(code, Some(0), "{said}");
    let first = names(&desk, "results");
    assert_eq!(first.len(), 1, "{said}");

    let (code, said) = run(&desk, &stack, &resumed);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("finished before, in results/{}", first[0])), "{said}");
    assert_eq!(names(&desk, "results"), first, "nothing ran again");

    // Another command is another question.
    let (_, said) = run(&desk, &stack, &["--resume", "--matrix", &matrix, "--name", "is there"]);
    assert_eq!(names(&desk, "results").len(), 2, "{said}");

    // A run without an end is none.
    let head = format!("results/{}/run.json", first[0]);
    let mut broken_off = desk.json(&head);
    broken_off.as_object_mut().unwrap().remove("finished");
    desk.write(&head, broken_off.to_string());
    let (_, said) = run(&desk, &stack, &resumed);
    assert_eq!(names(&desk, "results").len(), 3, "{said}");
}

#[test]
fn a_combination_without_a_run_in_the_history_gets_a_warning() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    desk.write("lkreport.toml", "history = \"past\"\n");
    let untested = "untested: the history has no run of this combination";
    let args = ["--matrix", &format!("livekit={version}"), "--name", "^is there$"];
    let (code, said) = run(&desk, &stack, &args);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("untested"), "nobody knows without a history: {said}");
    assert!(!desk.has("past"), "looking makes no history");

    // A run of another version, and one of this version that says nothing of it.
    let other = "<testsuite name='s'><testcase name='a'/></testsuite>";
    let skipped = "<testsuite name='s'><testcase name='a'><skipped/></testcase></testsuite>";
    for (name, text, meta) in
        [("other", other, "livekit=0.1.0"), ("none", skipped, &format!("livekit={version}"))]
    {
        let file = format!("{name}.xml");
        desk.write(&file, text);
        desk.ok(&["history", "add", "--results", &file, "--meta", meta]);
    }
    let (code, said) = run(&desk, &stack, &args);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("warning: livekit {version}: warn: {untested}")), "{said}");

    desk.ok(&["history", "add", "--results", "results"]);
    let (code, said) = run(&desk, &stack, &args);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("untested"), "{said}");
}

#[test]
fn a_matrix_that_cannot_be_read_shows_its_place() {
    let Some((stack, _)) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    desk.write("matrix.yaml", "combinations:\n  - {livekit: newest}\n");
    let (code, said) = run(&desk, &stack, &["--matrix", "matrix.yaml"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("matrix.yaml:2:"), "{said}");
    let (code, said) = run(&desk, &stack, &["--matrix", "matrix.yml"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("there is no such file"), "{said}");
}

#[test]
fn the_configuration_says_what_is_not_typed() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    desk.write(
        "suites/rooms.feature",
        ROOMS.replace("is not there\n", "is not there\n    Given waiting for 0 seconds\n"),
    );
    desk.write(
        "lkreport.toml",
        format!(
            "[run]\nfeatures = [\"suites\"]\nout = \"left\"\nlivekit = [\"{version}\"]\nsuite = \"own\"\n\
             [run.limits]\nexpected = 0.2\n[[run.tagged]]\ntags = \"@slow\"\nweight = 2\nlimits = {{ step = 90 }}\n"
        ),
    );
    let (code, said) = run(&desk, &stack, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("(after 200ms)"), "{said}");
    let first = names(&desk, "left");
    assert_eq!(desk.json(&format!("left/{}/run.json", first[0]))["suite"], "own");

    let (code, said) = run(&desk, &stack, &["--rerun", "failed"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("1 scenario in"), "only what failed runs again: {said}");

    desk.write("lkreport.toml", "[run]\nfeatures = [\"suites\"]\n[run.limits]\nstart = 3\n");
    let (code, said) = run(&desk, &stack, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no limit is called `start`"), "{said}");
}
