//! `lkreport.toml`, and the command line over it.

use serde_json::Value;

use crate::desk::{Desk, STAMP, junit, text_of};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk
}

#[test]
fn paths_in_the_file_are_meant_from_where_it_stands() {
    let desk = desk();
    desk.write(
        "conf/lkreport.toml",
        "results = ['../results']\nhistory = 'past'\nout = 'site'\n\
         [site]\ntitle = 'Our calls'\n[matrix]\nfile = 'docs/m.md'\n",
    );
    let said = desk.ok(&["build", "--config", "conf/lkreport.toml", "--stamp", STAMP]);
    assert_eq!(said, "conf/site/index.html\n");
    assert!(desk.has("conf/past/runs/2026/11/r1.ndjson.zst"));
    assert!(desk.read("conf/docs/m.md").contains("1.8.4"));
    assert!(text_of(&desk.read("conf/site/index.html")).contains("Our calls"));
}

#[test]
fn the_command_line_prevails() {
    let desk = desk();
    desk.write("other/junit.xml", junit(&[("b", "failed")]));
    desk.write(
        "lkreport.toml",
        "results = ['results']\nhistory = 'h1'\nout = 'o1'\nsuite = 'filed'\n\
         stamp = '2020-01-01T00:00:00Z'\n[versions]\nlivekit = '1.0.0'\n[matrix]\nfile = 'm1.md'\n",
    );
    desk.ok(&[
        "build",
        "--results",
        "other",
        "--history",
        "h2",
        "--out",
        "o2",
        "--matrix",
        "m2.md",
        "--stamp",
        STAMP,
        "--meta",
        "livekit=2.0.0",
        "--meta",
        "suite=typed",
    ]);
    assert!(desk.has("h2/runs") && desk.has("o2/index.html") && desk.has("m2.md"));
    assert!(!desk.has("h1") && !desk.has("o1") && !desk.has("m1.md"));
    let runs = desk.json("o2/api/v1/runs.json")["runs"].clone();
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert_eq!(runs[0]["suite"], "typed");
    assert_eq!(runs[0]["started"], STAMP);
    assert_eq!(runs[0]["versions"]["livekit"], "2.0.0");
}

#[test]
fn the_file_stands_for_every_option() {
    let desk = Desk::new();
    desk.write("in/junit.xml", junit(&[("b", "passed")]));
    desk.write(
        "lkreport.toml",
        "results = ['in']\nhistory = 'h1'\nout = 'o1'\nsuite = 'filed'\n\
         stamp = '2020-01-01T00:00:00Z'\n[versions]\nlivekit = '1.0.0'\n\
         [meta]\nbranch = 'next'\n[matrix]\nfile = 'm1.md'\n",
    );
    assert_eq!(desk.ok(&["build"]), "o1/index.html\n");
    assert!(desk.has("h1/runs") && desk.has("m1.md"));
    let run = desk.json("o1/api/v1/runs.json")["runs"][0].clone();
    assert_eq!(run["suite"], "filed");
    assert_eq!(run["branch"], "next");
    assert_eq!(run["started"], "2020-01-01T00:00:00Z");
    assert_eq!(run["versions"]["livekit"], "1.0.0");
}

#[test]
fn the_environment_names_the_file_and_the_time() {
    let desk = Desk::new();
    desk.write("in/junit.xml", junit(&[("b", "passed")]));
    desk.write("ours.toml", "results = ['in']\nout = 'o1'\n");
    let mut command = desk.command(&["build"]);
    command.env("LKREPORT_CONFIG", "ours.toml").env("SOURCE_DATE_EPOCH", "86400");
    assert!(command.output().unwrap().status.success());
    assert_eq!(desk.json("o1/api/v1/runs.json")["runs"][0]["started"], "1970-01-02T00:00:00Z");
}

#[test]
fn unknown_keys_are_shown_where_they_stand() {
    let desk = desk();
    desk.write("lkreport.toml", "out = 'site'\n[site]\n  tilte = 'x'\n");
    let checked = desk.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "the answer is no");
    let refused = [&["build"][..], &["history", "list"], &["matrix"]].map(|it| desk.refused(it));
    let places = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(places.contains("lkreport.toml:3:3") && places.contains("tilte = 'x'"), "{places}");
    for said in refused {
        assert!(said.contains("lkreport.toml"), "{said}");
        assert!(said.contains("line 3, column 3"), "{said}");
        assert!(said.contains("tilte = 'x'") && said.contains("^"), "{said}");
        assert!(said.contains("`title`") && said.contains("hint: "), "{said}");
    }
    assert!(!desk.has("site") && !desk.has("history"));
    desk.write("lkreport.toml", "[site]\ntitle = 'x'\n");
    desk.ok(&["check"]);
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_written() {
    let desk = desk();
    let build = |more: &[&str]| desk.refused(&[&["build", "--results", "results"], more].concat());
    assert!(build(&["--meta", "livekit"]).contains("NAME=VALUE"));
    assert!(build(&["--meta", "seed=x"]).contains("not a seed"));
    assert!(build(&["--stamp", "yesterday"]).contains("`yesterday` is not a time"));
    assert!(build(&["--config", "none.toml"]).contains("none.toml: could not be read"));
    desk.write("lkreport.toml", "[retention]\nbudget = 'much'\n");
    assert!(build(&[]).contains("`much` is not a size"));
    desk.write("lkreport.toml", "[mask.patterns]\nours = '('\n");
    assert!(build(&[]).contains("[mask.patterns]"));
    assert!(!desk.has("history") && !desk.has("report"));
}

#[test]
fn former_names_carry_the_past_over_a_rename() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("old name", "failed")], Value::Null);
    desk.add_run("r2", "2026-11-20T10:00:00Z", &[("new name", "passed")], Value::Null);
    desk.build("results");
    let changes = text_of(&desk.read("report/runs/r2/index.html"));
    assert!(changes.contains("1 is gone"), "without an alias the former case is lost: {changes}");
    desk.write(
        "lkreport.toml",
        "[aliases]\n'smoke / lk.Join / old name' = 'smoke / lk.Join / new name'\n",
    );
    desk.build("results");
    let changes = text_of(&desk.read("report/runs/r2/index.html"));
    assert!(changes.contains("Fixed") || changes.contains("fixed"), "{changes}");
    assert!(!changes.contains("gone"), "{changes}");
    assert_eq!(desk.json("report/api/v1/report.json")["cases"], 1);
}
