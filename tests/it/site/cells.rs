//! What the cells of the matrix come to.

use serde_json::{Value, json};

use crate::desk::{Desk, text_of};

const DAYS: [&str; 3] = ["2026-11-18T10:00:00Z", "2026-11-19T10:00:00Z", "2026-11-20T10:00:00Z"];

/// The only cell, after the one case `joins` had these outcomes, oldest first.
fn cell_after(outcomes: &[&str]) -> (Desk, Value) {
    let desk = Desk::new();
    for (day, outcome) in DAYS.iter().zip(outcomes) {
        desk.add_run(&day[..10], day, &[("joins", outcome)], Value::Null);
    }
    desk.build("results");
    let cell = desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.8.4"].clone();
    (desk, cell)
}

#[test]
fn what_is_left_out_hides_no_older_result() {
    for (outcomes, state, counted) in [
        (["passed", "failed", "skipped"], "failed", json!({"failed": 1})),
        (["failed", "skipped", "skipped"], "failed", json!({"failed": 1})),
        (["failed", "passed", "skipped"], "passed", json!({"passed": 1})),
        (["failed", "skipped", "passed"], "passed", json!({"passed": 1})),
        (["skipped", "skipped", "skipped"], "untested", json!({"skipped": 1})),
    ] {
        let (_, cell) = cell_after(&outcomes);
        assert_eq!((&cell["state"], &cell["outcomes"]), (&state.into(), &counted), "{outcomes:?}");
    }
}

#[test]
fn a_cell_says_since_when_a_case_is_left_out() {
    let (desk, _) = cell_after(&["failed", "skipped"]);
    let page = text_of(&desk.read("report/cells/livekit-1.8.4/index.html"));
    assert!(page.contains("2026-11-18 failed, skipped since"), "{page}");
}

#[test]
fn a_case_is_judged_on_the_newest_versions() {
    let on = |version: &str| json!({"versions": {"livekit": version}});
    let told = |old: &str, new: &str| {
        let desk = Desk::new();
        desk.add_run("r1", DAYS[0], &[("joins", new)], on("1.13.5"));
        desk.add_run("r2", DAYS[1], &[("joins", old)], on("1.8.4"));
        desk.add_run("r3", DAYS[2], &[("joins", old)], on("1.10.1"));
        desk.build("results");
        let list = text_of(&desk.read("report/cases/in/smoke/1/index.html"));
        let pages = std::fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
        let names = pages.map(|it| it.file_name().to_string_lossy().into_owned());
        let page = { names }.find(|it| it.starts_with("joins-")).unwrap();
        (list, text_of(&desk.read(&format!("report/cases/{page}/index.html"))))
    };
    let (list, page) = told("failed", "passed");
    assert!(list.contains("1 of 1 passed on the newest versions"), "{list}");
    let sentence = "It passed on livekit 1.13.5 on 2026-11-18. \
                    It fails on livekit 1.10.1, livekit 1.8.4.";
    assert!(page.contains(sentence) && !page.contains("Unexplained"), "{page}");
    let (list, page) = told("passed", "failed");
    assert!(list.contains("0 of 1 passed, 1 failed on the newest versions"), "{list}");
    let sentence = "It failed on livekit 1.13.5 on 2026-11-18. \
                    It passes on livekit 1.10.1, livekit 1.8.4.";
    assert!(page.contains(sentence) && page.contains("Unexplained"), "{page}");
}

#[test]
fn runs_that_name_no_versions_are_a_cell_of_their_own() {
    let desk = Desk::new();
    let none = json!({"versions": {}});
    desk.add_run("a", "2026-11-19T10:00:00Z", &[("leave", "failed")], json!({}));
    desk.add_run("b", "2026-11-20T10:00:00Z", &[("join", "passed")], none);
    desk.build("results");
    let page = desk.read("report/cells/no-versions/index.html");
    assert!(page.contains("join") && !page.contains("leave"), "{page}");
}

#[test]
fn what_failed_and_is_left_out_is_not_called_good() {
    let desk = Desk::new();
    let told = |desk: &Desk| {
        desk.build("results");
        let badge = |name: &str| {
            let badge = desk.json(&format!("report/badges/{name}.json"));
            format!("{} {}", badge["message"].as_str().unwrap(), badge["color"].as_str().unwrap())
        };
        assert_eq!(badge("all"), badge("smoke"));
        assert_eq!(badge("smoke"), badge("livekit-1.8.4"), "as its cell");
        (badge("smoke"), text_of(&desk.read("report/index.html")))
    };
    desk.add_run("r1", DAYS[0], &[("joins", "failed"), ("leaves", "passed")], Value::Null);
    desk.add_run("r2", DAYS[1], &[("joins", "skipped"), ("leaves", "passed")], Value::Null);
    let (badge, overview) = told(&desk);
    assert!(badge.starts_with("1 passed, 1 failed "), "{badge}");
    let sentence = "livekit 1.8.4 passes 1 of 2 scenarios; 1 that failed before was left out.";
    assert!(overview.contains(sentence), "{overview}");
    assert!(desk.read("report/index.html").contains("class=\"answer fail\""));
    desk.add_run("r3", DAYS[2], &[("joins", "passed"), ("leaves", "skipped")], Value::Null);
    let (badge, overview) = told(&desk);
    assert!(badge.starts_with("2 passed "), "{badge}");
    assert!(!overview.contains("left out"), "{overview}");
}

#[test]
fn a_cell_has_the_command_that_repeats_exactly_it_for_each_suite() {
    let desk = Desk::new();
    let on = |suite: &str, versions: Value| {
        let repeat = ["lkreport", "run", "--suite", suite, "--matrix", "livekit=1.8.4"];
        json!({"suite": suite, "repeat": repeat, "versions": versions})
    };
    desk.add_run("r1", DAYS[0], &[("joins", "passed")], on("smoke", json!({"livekit": "1.8.4"})));
    let both = json!({"livekit": "1.8.4", "egress": "1.9.0"});
    desk.add_run("r2", DAYS[1], &[("records", "passed")], on("egress", both));
    desk.build("results");
    let page = text_of(&desk.read("report/cells/livekit-1.8.4/index.html"));
    for said in [
        "Repeat smoke on exactly these versions lkreport run --suite smoke --matrix livekit=1.8.4",
        "Repeat egress on all versions of its newest run lkreport run --suite egress",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}
