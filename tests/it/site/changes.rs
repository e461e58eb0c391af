//! What changed from run to run, and which runs are compared at all.

use std::fs;

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, stderr, text_of};

const BEFORE: &[(&str, &str)] = &[
    ("regresses", "passed"),
    ("heals", "failed"),
    ("vanishes", "passed"),
    ("stays bad", "failed"),
];
const AFTER: &[(&str, &str)] = &[
    ("regresses", "failed"),
    ("heals", "passed"),
    ("is new", "failed"),
    ("wavers", "flaky"),
    ("stays bad", "failed"),
];

const DAY_1: &str = "2026-11-19T10:00:00Z";
const DAY_2: &str = "2026-11-20T10:00:00Z";

/// What the page of a run says under "What changed".
fn changes(desk: &Desk, page: &str) -> String {
    let text = text_of(&desk.read(&format!("report/{page}")));
    let part = text.split("What changed").nth(1).unwrap_or_default();
    part.split(" Cases 1–").next().unwrap_or_default().to_lowercase()
}

fn base_of(desk: &Desk, id: &str) -> Value {
    let runs = desk.json("report/api/v1/runs.json")["runs"].clone();
    let runs = runs.as_array().unwrap().clone();
    runs.into_iter().find(|it| it["id"] == id).unwrap()["base"].clone()
}

#[test]
fn every_kind_of_change_is_told() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, BEFORE, Value::Null);
    desk.add_run("r2", DAY_2, AFTER, Value::Null);
    desk.build("results");
    for page in ["index.html", "runs/r2/index.html"] {
        let told = changes(&desk, page);
        for word in ["new", "regressed", "fixed", "flaky", "gone"] {
            assert!(told.contains(word), "{page}: {word}: {told}");
        }
        for case in ["regresses", "heals", "is new", "wavers"] {
            assert!(told.contains(case), "{page}: {case}: {told}");
        }
    }
    assert_eq!(base_of(&desk, "r2"), "r1");
    assert!(desk.read("report/runs/r1/index.html").contains("href=\"../../runs/r2/index.html\""));
}

#[test]
fn a_run_cut_short_loses_nothing() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, BEFORE, Value::Null);
    desk.add_run("r2", DAY_2, &BEFORE[..1], Value::Null);
    let whole = desk.read("results/r2/junit.xml");
    desk.write("results/r2/junit.xml", whole.replace("</testsuite>", "<testcase name='van"));
    desk.add_run("r3", "2026-11-21T09:00:00Z", BEFORE, Value::Null);
    desk.build("results");
    let told = changes(&desk, "runs/r2/index.html");
    assert!(!told.contains("gone"), "{told}");
    assert_eq!(base_of(&desk, "r3"), "r1", "only finished runs are compared with");
}

#[test]
fn a_run_that_never_said_its_end_was_cut_short() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, BEFORE, Value::Null);
    desk.add_run("r2", DAY_2, &BEFORE[..1], json!({"finished": null}));
    desk.add_run("r3", "2026-11-21T09:00:00Z", BEFORE, json!({"finished": "a word"}));
    desk.build("results");
    let page = |id: &str| text_of(&desk.read(&format!("report/runs/{id}/index.html")));
    assert!(page("r2").contains("It was cut short: scenarios may be missing."), "{}", page("r2"));
    assert!(!changes(&desk, "runs/r2/index.html").contains("gone"));
    assert!(!page("r3").contains("cut short"), "it did end, only when is not known");
    assert_eq!(base_of(&desk, "r3"), "r1", "only finished runs are compared with");
}

#[test]
fn whoever_says_the_end_of_a_run_says_that_it_was_not_cut_short() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, BEFORE, json!({"finished": null}));
    let end = "finished=2026-11-19T11:00:00Z";
    desk.ok(&["build", "--results", "results", "--meta", end, "--stamp", STAMP]);
    let page = text_of(&desk.read("report/runs/r1/index.html"));
    assert!(!page.contains("cut short") && page.contains("1 h"), "{page}");
}

#[test]
fn runs_are_compared_on_their_branch_and_else_with_the_default_one() {
    let desk = Desk::new();
    let one = [("a", "passed")];
    desk.add_run("trunk", DAY_1, &one, json!({"branch": "trunk"}));
    desk.add_run("branch-1", DAY_2, &one, json!({"branch": "work"}));
    desk.add_run("branch-2", "2026-11-20T12:00:00Z", &one, json!({"branch": "work"}));
    desk.add_run(
        "other-version",
        "2026-11-20T13:00:00Z",
        &one,
        json!({"branch": "work", "versions": {"livekit": "1.10.0"}}),
    );
    desk.add_run(
        "other-suite",
        "2026-11-20T14:00:00Z",
        &one,
        json!({"branch": "work", "suite": "load"}),
    );
    desk.write("lkreport.toml", "default_branch = 'trunk'\n");
    desk.build("results");
    assert_eq!(base_of(&desk, "branch-1"), "trunk");
    assert_eq!(base_of(&desk, "branch-2"), "branch-1");
    assert_eq!(base_of(&desk, "trunk"), Value::Null);
    assert_eq!(base_of(&desk, "other-version"), Value::Null);
    assert_eq!(base_of(&desk, "other-suite"), Value::Null);
    let page = text_of(&desk.read("report/runs/branch-1/index.html"));
    assert!(
        page.contains("run of the default branch"),
        "the page says which branch it was compared with: {page}"
    );
}

#[test]
fn retries_make_a_case_flaky() {
    let desk = Desk::new();
    desk.sample("junit/surefire/test-surefire-flaky.xml", "results/junit.xml");
    desk.build("results");
    let run = desk.json("report/api/v1/runs.json")["runs"][0].clone();
    assert_eq!((&run["flaky"], &run["outcomes"]["passed"]), (&1.into(), &1.into()));
    let cases = desk.read("report/cases/in/results/1/index.html");
    let href = regex::Regex::new(r"cases/testflakyfeature-[a-z0-9]+/index\.html").unwrap();
    let page = href.find(&cases).expect("a flaky case has a page").as_str().to_owned();
    let page = text_of(&desk.read(&format!("report/{page}")));
    assert!(page.contains("Run 1 failed") && page.contains("Run 2 failed"), "{page}");
}

#[test]
fn only_runs_of_one_commit_can_show_a_case_flaky() {
    let flaky = |more: Value| {
        let desk = Desk::new();
        desk.add_run("r1", DAY_1, &[("a", "failed")], more.clone());
        desk.add_run("r2", DAY_2, &[("a", "passed")], more);
        desk.build("results");
        let folders = fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
        let names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
        let page = { names }.find(|it| it.starts_with("a-")).expect("it has failed");
        text_of(&desk.read(&format!("report/cases/{page}/index.html")))
            .contains("Flaky failed in 1 of 2 runs")
    };
    let commit = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
    assert!(flaky(json!({"commit": commit})), "one commit, two outcomes");
    assert!(!flaky(Value::Null), "without a commit nobody knows");
}

/// What the overview says changed, after `a` had these outcomes in two runs.
fn told_of_two(outcomes: [&str; 2], more: &[Value; 2]) -> (Desk, String) {
    let desk = Desk::new();
    for (n, (outcome, more)) in outcomes.iter().zip(more).enumerate() {
        let cases = [("a", *outcome), ("b", "passed")];
        desk.add_run(&format!("r{n}"), [DAY_1, DAY_2][n], &cases, more.clone());
    }
    desk.build("results");
    let sentence = |page: &str| {
        changes(&desk, page).split(" since the run before").next().unwrap().trim().to_owned()
    };
    let told = sentence("index.html");
    assert_eq!(told, sentence("runs/r1/index.html"));
    (desk, told)
}

#[test]
fn what_changes_on_one_commit_is_flaky_and_neither_fixed_nor_regressed() {
    let commit = |it: &str| json!({"commit": it.repeat(40)});
    let same = [commit("a"), commit("a")];
    for outcomes in [["failed", "passed"], ["passed", "failed"]] {
        let (desk, told) = told_of_two(outcomes, &same);
        assert!(told.contains("1 is flaky") && !told.contains("fixed"), "{told}");
        assert!(!told.contains("regressed"), "{told}");
        let cell = desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.8.4"].clone();
        let expected = if outcomes[1] == "passed" { "flaky" } else { "failed" };
        assert_eq!(cell["state"], expected);
    }
    let (_, told) = told_of_two(["failed", "passed"], &[commit("a"), commit("b")]);
    assert!(told.contains("1 was fixed") && !told.contains("flaky"), "{told}");
    let (_, told) = told_of_two(["passed", "failed"], &[Value::Null, Value::Null]);
    assert!(told.contains("1 scenario regressed") && !told.contains("flaky"), "{told}");
}

#[test]
fn a_degraded_result_makes_no_case_flaky() {
    let desk = Desk::new();
    let commit = json!({"commit": "a".repeat(40)});
    desk.add_run("r1", DAY_1, &[("a", "failed")], commit.clone());
    desk.add_run("r2", DAY_2, &[("a", "passed")], commit);
    let outcome = "<properties><property name='application/vnd.lkreport.outcome+json' \
                   value='{&quot;outcome&quot;:&quot;degraded&quot;,&quot;reason&quot;:&quot;slow&quot;}'/></properties></testcase>";
    let xml = desk.read("results/r2/junit.xml").replace("</testcase>", outcome);
    desk.write("results/r2/junit.xml", xml);
    desk.build("results");
    let told = changes(&desk, "index.html");
    assert!(told.contains("1 was fixed") && !told.contains("flaky"), "{told}");
}

#[test]
fn what_is_gone_is_named_wherever_changes_are_told() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, &[("stays", "passed"), ("vanishes", "passed")], Value::Null);
    desk.add_run("r2", DAY_2, &[("stays", "passed")], Value::Null);
    let output = desk.run(&["build", "--results", "results", "--stamp", STAMP]);
    let said = stderr(&output);
    assert!(said.contains("gone since the runs before: 1 case\n"), "{said}");
    let lost = desk.json("report/api/v1/report.json")["suites"][0]["lost"].clone();
    assert_eq!((lost.as_array().unwrap().len(), &lost[0]["name"]), (1, &"vanishes".into()));
    let (file, anchor) = lost[0]["page"].as_str().unwrap().split_once('#').unwrap();
    assert!(desk.read(&format!("report/{file}")).contains(&format!("<tr id={anchor}>")));
    for (page, root) in [("index.html", ""), ("runs/r2/index.html", "../../")] {
        let html = desk.read(&format!("report/{page}"));
        assert!(
            html.contains(&format!("<a href=\"{root}{file}#{anchor}\">vanishes</a>")),
            "{html}"
        );
    }
}

#[test]
fn the_step_between_versions_is_told_of_each_suite() {
    let desk = Desk::new();
    let on = |suite: &str, version: &str| json!({"suite": suite, "versions": {"livekit": version}});
    desk.add_run("a1", DAY_1, &[("joins", "passed")], on("media", "1.8.4"));
    desk.add_run("a2", DAY_2, &[("joins", "failed")], on("media", "1.10.0"));
    desk.add_run("b1", DAY_1, &[("rings", "failed")], on("sip", "1.8.4"));
    desk.add_run("b2", DAY_2, &[("rings", "passed")], on("sip", "1.10.0"));
    let alone = json!({"suite": "ours", "versions": {}});
    desk.add_run("c1", "2026-11-20T11:00:00Z", &[("a", "passed")], alone.clone());
    desk.build("results");
    let told = changes(&desk, "index.html");
    assert!(told.contains("media, livekit 1.8.4 → 1.10.0: 1 regressed."), "{told}");
    assert!(told.contains("sip, livekit 1.8.4 → 1.10.0: 1 fixed."), "{told}");

    desk.add_run("c2", "2026-11-20T12:00:00Z", &[("a", "failed")], alone);
    desk.build("results");
    let told = changes(&desk, "index.html");
    assert!(told.contains("1 scenario regressed since the run before"), "{told}");
    assert!(told.contains("media, livekit 1.8.4 → 1.10.0: 1 regressed."), "{told}");
}

#[test]
fn the_step_between_versions_names_new_failures_and_flaky_cases() {
    let desk = Desk::new();
    let on = |version: &str| json!({"commit": "a".repeat(40), "versions": {"livekit": version}});
    let old = [("heals", "failed"), ("wavers", "failed"), ("stays", "passed")];
    let new = [("heals", "passed"), ("wavers", "flaky"), ("stays", "passed")];
    desk.add_run("r1", DAY_1, &old, on("1.8.4"));
    let added = [("is new", "failed"), ("is fine", "passed")];
    desk.add_run("r2", DAY_2, &[&new[..], &added].concat(), on("1.10.0"));
    desk.build("results");
    let told = changes(&desk, "index.html");
    let sentence = "livekit 1.8.4 → 1.10.0: 1 failing only in 1.10.0, 1 fixed, 1 flaky in 1.10.0, \
                    1 as before, 1 more only in 1.10.0.";
    assert!(told.contains(sentence), "{told}");
    assert!(told.contains("new failures failed is new"), "{told}");
    assert!(told.contains("flaky flaky wavers"), "{told}");
}
