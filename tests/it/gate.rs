//! The gate: closed only by news that nothing explains; and the summary that says so.

use serde_json::Value;

use crate::{
    desk::{Desk, STAMP, stdout},
    verdicts::{add, issue},
};

const STUCK: &str = "room is stuck at seq 42";

/// What the gate says, and whether it is open.
fn gate(desk: &Desk, args: &[&str]) -> (bool, String) {
    let output = desk.run(&[&["gate"], args].concat());
    (output.status.code() == Some(0), stdout(&output))
}

fn checks(desk: &Desk) -> Vec<(String, String)> {
    let said: Value = serde_json::from_str(&gate(desk, &["--json"]).1).unwrap();
    let findings = said["findings"].as_array().unwrap().iter();
    let of = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    findings.map(|it| (of(it, "check"), of(it, "level"))).collect()
}

fn pair(check: &str, level: &str) -> (String, String) {
    (check.to_owned(), level.to_owned())
}

#[test]
fn one_new_failure_among_known_ones_closes_it() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    add(&desk, "r1", 16, "1.8.4", &[("joins", STUCK), ("leaves", ""), ("stays", "expected 2")]);
    desk.build("results");
    let (open, said) = gate(&desk, &[]);
    assert!(!open, "{said}");
    assert!(said.starts_with("The gate is closed: 1 finding in 1 run.\n"), "{said}");
    let family = desk.json("report/api/v1/families.json")["families"].clone();
    let of_stays = |it: &&Value| it["message"] == "expected <number>";
    let family = family.as_array().unwrap().iter().find(of_stays).unwrap()["id"].clone();
    let family = family.as_str().unwrap();
    assert!(said.contains(&format!("family {family}: families/{family}/\n")), "{said}");
    add(&desk, "r2", 17, "1.8.4", &[("joins", STUCK), ("leaves", STUCK), ("stays", "expected 2")]);
    desk.build("results");
    let (open, said) = gate(&desk, &[]);
    assert!(open, "what failed before in the same way is no news: {said}");
    assert!(said.contains("Excused by known issues: X-1 ×2\n"), "{said}");
    assert!(said.contains("Unexplained and not new: 1 failure,"), "{said}");
    add(
        &desk,
        "r3",
        18,
        "1.8.4",
        &[("joins", STUCK), ("leaves", "who knows"), ("stays", "expected 2")],
    );
    let output = desk.run(&["build", "--gate", "--results", "results/r3", "--stamp", STAMP]);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    assert!(
        said.contains("FAIL  new failure   smoke on livekit 1.8.4  leaves: Wrong: who knows (failed as known before, and now otherwise)"),
        "{said}"
    );
    assert!(desk.has("report/runs/r3/index.html"), "the site is made all the same");
}

#[test]
fn a_way_to_fail_that_others_had_before_is_said_and_closes_nothing() {
    let desk = Desk::new();
    let said = |n: u32| format!("track {n} was never published to anybody");
    add(&desk, "r1", 16, "1.8.4", &[("joins", &said(1)), ("leaves", "")]);
    add(&desk, "r2", 17, "1.8.4", &[("joins", &said(2)), ("leaves", &said(3))]);
    desk.build("results");
    assert_eq!(checks(&desk), [pair("spread", "warn")]);
    let (open, said) = gate(&desk, &[]);
    assert!(open && said.contains("(others failed like this before)"), "{said}");
    desk.write("lkreport.toml", "[gate]\nspread = \"fail\"\n");
    assert!(!gate(&desk, &[]).0);
}

#[test]
fn a_new_family_is_one_finding_however_many_scenarios_have_it() {
    let desk = Desk::new();
    desk.write("lkreport.toml", "[site]\nurl = \"https://example.org/r\"\n");
    let names = ["a", "b", "c", "d", "e"];
    let run = |said: &str| names.map(|it| (it, said.to_owned()));
    let add = |id: &str, day: u32, said: &str| {
        let cases = run(said);
        let cases: Vec<(&str, &str)> = cases.iter().map(|it| (it.0, it.1.as_str())).collect();
        add(&desk, id, day, "1.8.4", &cases);
        desk.build("results");
    };
    add("r1", 14, "nobody answered the call of 3 people");
    add("r2", 15, "");
    assert!(gate(&desk, &[]).0);
    add("r3", 16, "nobody answered the call of 7 people");
    let (_, said) = gate(&desk, &["--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let findings = said["findings"].as_array().unwrap();
    let of = |check: &str| findings.iter().filter(|it| it["check"] == check).collect::<Vec<_>>();
    let [only] = of("new_failure")[..] else { panic!("{said}") };
    assert_eq!(only["cases"].as_array().unwrap().len(), 5);
    assert_eq!(only["families"][0]["message"], "nobody answered the call of <number> people");
    let page = only["families"][0]["page"].as_str().unwrap();
    assert!(desk.has(&format!("report/{page}")), "{page}");
    let (open, said) = gate(&desk, &[]);
    let line = "a, b, c and 2 more: Wrong: nobody answered the call of 7 people (in 1 earlier run, last on 2026-11-14)";
    assert!(!open && said.contains(line), "{said}");
    let link = format!("https://example.org/r/{}", page.replace("index.html", ""));
    assert!(said.contains(&link), "{said}");
    let said = desk.ok(&["summary", "--markdown"]);
    assert!(said.contains(&format!("]({link})")), "{said}");
    desk.write("lkreport.toml", "[gate]\nrate = \"ignore\"\n[gate.allow]\nnew_failure = 1\n");
    assert!(gate(&desk, &[]).0, "one family may be new");
}

#[test]
fn a_family_that_is_explained_no_more_is_news() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "log: room is stuck", ""));
    let run = |id: &str, day: u32, case: &str, log: &str| {
        add(&desk, id, day, "1.8.4", &[]);
        let time = format!("2026-11-{day}T10:00:00");
        let junit = format!(
            "<testsuite name='Room'><testcase classname='lk.Room' name='joins'/>\
             <testcase classname='lk.Room' name='{case}' timestamp='{time}Z' time='1'>\
             <failure message='nobody answered the call in time'/></testcase></testsuite>"
        );
        desk.write(&format!("results/{id}/junit.xml"), junit);
        let line = format!("{time}.500Z\tERROR\tlivekit\tx.go:1\t{log}\n");
        desk.write(&format!("results/{id}/logs/livekit.log"), line);
        desk.build("results");
    };
    run("r1", 16, "calls", "room is stuck at seq 3");
    assert!(gate(&desk, &[]).0, "known");
    run("r2", 17, "answers", "nothing to see");
    let (open, said) = gate(&desk, &[]);
    let line =
        "answers: nobody answered the call in time (explained in the run before, and not in this)";
    assert!(!open && said.contains(line), "{said}");
}

#[test]
fn an_issue_that_is_not_excused_closes_it() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", "excused: false\n"));
    add(&desk, "r1", 16, "1.8.4", &[("joins", STUCK)]);
    desk.build("results");
    let (open, said) = gate(&desk, &[]);
    assert!(!open && said.contains("(X-1 is known, and not excused)"), "{said}");
}

#[test]
fn what_came_back_and_what_is_gone_closes_it() {
    let desk = Desk::new();
    let fixed = "affected: {livekit: \"<1.8.0\"}\nfixed_in: {livekit: \"1.8.0\"}\n";
    let text = issue("X-1", "message: room is stuck", fixed);
    desk.write("known-issues/x.yaml", text);
    add(&desk, "r1", 16, "1.8.4", &[("joins", ""), ("leaves", "")]);
    desk.build("results");
    assert_eq!(checks(&desk), []);
    add(&desk, "r2", 17, "1.8.4", &[("joins", STUCK)]);
    desk.build("results");
    let all = [pair("new_failure", "fail"), pair("resurrected", "fail"), pair("lost", "fail")];
    assert_eq!(checks(&desk), all);
    desk.write(
        "lkreport.toml",
        "[gate]\nnew_failure = \"ignore\"\nresurrected = \"warn\"\n[gate.allow]\nlost = 1\n",
    );
    assert_eq!(checks(&desk), [pair("resurrected", "warn")]);
    assert!(gate(&desk, &[]).0);
    assert!(gate(&desk, &["--run", "r1"]).0);
    assert!(desk.refused(&["gate", "--run", "r9"]).contains("no run is called r9"));
    desk.write("lkreport.toml", "[gate]\nlots = \"fail\"\n");
    assert!(desk.refused(&["gate"]).contains("unknown field `lots`"));
}

#[test]
fn damage_and_broken_issues_close_it() {
    let desk = Desk::new();
    add(&desk, "r1", 16, "1.8.4", &[("joins", "")]);
    desk.write("results/r1/more.xml", "<testsuite name='a'><testcase name='b'");
    desk.write("known-issues/broken.yaml", "id: [1]\n");
    desk.build("results");
    let closing = [pair("problem", "fail"), pair("broken_issue", "fail")];
    assert_eq!(checks(&desk)[..2], closing);
    let (_, said) = gate(&desk, &[]);
    assert!(said.contains("known-issues/broken.yaml:1:5: "), "{said}");
}

#[test]
fn a_fall_beyond_noise_closes_it() {
    let desk = Desk::new();
    let names: Vec<String> = (0..40).map(|it| format!("c{it}")).collect();
    let run = |failing: usize| -> Vec<(&str, &str)> {
        let said = |n: usize| if n < failing { "expected 2" } else { "" };
        names.iter().enumerate().map(|(n, it)| (it.as_str(), said(n))).collect()
    };
    desk.write("lkreport.toml", "[gate]\nnew_failure = \"ignore\"\nspread = \"ignore\"\n");
    add(&desk, "r1", 15, "1.8.4", &run(0));
    add(&desk, "r2", 16, "1.8.4", &run(2));
    desk.build("results");
    assert_eq!(checks(&desk), [], "two of forty may be chance");
    add(&desk, "r3", 17, "1.8.4", &run(20));
    desk.build("results");
    assert_eq!(checks(&desk), [pair("rate", "fail")]);
}

#[test]
fn the_summary_says_the_decisive_first_and_fits() {
    let desk = Desk::new();
    desk.write(
        "known-issues/x.yaml",
        issue("X-1", "message: room is stuck", "workaround: Wait.\n"),
    );
    let long = format!("begin {} the @end | of `it`", "x".repeat(5_000));
    let names: Vec<String> = (0..200).map(|it| format!("case {it}")).collect();
    // Each says something of its own, because one way to fail is told once.
    let word =
        |n: usize| ["b", "c", "d", "f", "g", "k"].map(|it| it.repeat(n / 7 + 2))[n % 6].clone();
    let own: Vec<String> =
        (0..200).map(|n| format!("{0} {1} {0}{1} {long}", word(n), word(n / 2 + 3))).collect();
    let mut cases: Vec<(&str, &str)> =
        names.iter().zip(&own).map(|it| (it.0.as_str(), it.1.as_str())).collect();
    cases.push(("joins", STUCK));
    add(&desk, "r1", 16, "1.8.4", &cases);
    desk.build("results");
    let said = desk.ok(&["summary", "--markdown", "--url", "https://example.org/r/"]);
    assert!(said.starts_with("## ✕ The gate is closed: 200 findings in 1 run.\n"), "{said}");
    assert!(said.chars().count() <= 65_535, "{}", said.chars().count());
    assert!(said.contains("the @\u{200b}end \\| of"), "nobody is called");
    assert!(said.contains("](https://example.org/r/runs/r1/)"), "{said}");
    assert!(said.contains(" left out to fit the page."), "{said}");
    let small = Desk::new();
    small.write(
        "known-issues/x.yaml",
        issue("X-1", "message: room is stuck", "workaround: Wait.\n"),
    );
    add(&small, "r1", 16, "1.8.4", &[("joins", STUCK), ("long", &long)]);
    small.build("results");
    let said = small.ok(&["summary", "--markdown"]);
    assert!(said.contains("- ◆ X-1 what X-1 is. Wait.\n"), "{said}");
    assert!(said.contains("the @end | of `it`\nat Room.java:7\n```\n"), "the end is kept: {said}");
    assert!(
        said.contains("| ✕ failed | smoke on livekit 1.8.4 | 0 of 2 | 1 known, 1 unexplained |"),
        "{said}"
    );
}
