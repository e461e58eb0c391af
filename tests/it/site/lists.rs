//! Lists that stay short, whole and in order.

use std::fs;

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, text_of};

#[test]
fn what_was_pruned_is_named_where_nothing_is_found() {
    let desk = Desk::new();
    let cases = [("a", "passed")];
    for (id, started) in [
        ("first", "2023-01-01T10:00:00Z"),
        ("between", "2023-06-01T10:00:00Z"),
        ("last", "2023-12-01T10:00:00Z"),
        ("new", "2026-11-20T10:00:00Z"),
    ] {
        desk.add_run(
            id,
            started,
            &cases,
            json!({"versions": {"livekit": started[..4].to_owned()}}),
        );
    }
    desk.build("results");
    assert!(!desk.read("report/404.html").contains("between"));
    desk.write("lkreport.toml", "[retention]\nall_days = 1\ndaily_days = 2\n");
    desk.ok(&["history", "prune"]);
    desk.ok(&["build", "--stamp", STAMP]);
    assert!(!desk.has("report/runs/between/index.html"));
    let text = text_of(&desk.read("report/404.html")).replace('\u{a0}', " ");
    assert!(text.contains("1 run was dropped from the history."), "{text}");
    let row = "between 2023-06-01 10:00 UTC smoke earlier and later runs of its versions";
    assert!(text.contains(row), "{text}");
    assert!(!text.contains("first 2023"), "{text}");
    // A run that came back is not gone.
    desk.build("results");
    assert!(!desk.read("report/404.html").contains("between"));
}

#[test]
fn the_overview_names_few_of_many_aged_combinations() {
    let desk = Desk::new();
    for n in 0..12 {
        let more = json!({"versions": {"livekit": format!("1.{n}.0")}});
        desk.add_run(&format!("r{n:02}"), "2025-01-01T10:00:00Z", &[("a", "passed")], more);
    }
    desk.add_run("new", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.build("results");
    let page = desk.read("report/index.html");
    let part = page.split("Tested long ago").nth(1).unwrap();
    let list = &part[..part.find("</ul>").unwrap()];
    assert_eq!(list.matches("<li>").count(), 8, "{list}");
    assert!(text_of(part).contains("4 more stand in the matrix"), "{}", text_of(part));
}

#[test]
fn a_path_has_one_heading_and_what_went_wrong_comes_first() {
    let desk = Desk::new();
    let case = |path: &str, name: &str, inner: &str| {
        format!("<testcase classname='{path}' name='{name}' time='1'>{inner}</testcase>")
    };
    let bad = "<failure message='no'/>";
    let cases = [
        case("a.Good", "one", ""),
        case("b.Mixed", "early", ""),
        case("b.Mixed", "late", bad),
        case("c.Good", "two", ""),
    ];
    desk.write("results/junit.xml", format!("<testsuite>{}</testsuite>", cases.concat()));
    desk.build("results");
    let page = text_of(&desk.read(&format!("report/runs/{}/index.html", desk.ids()[0])));
    assert!(!page.contains("Attempts"), "none had several: {page}");
    let list = page.split("Scenario Duration").nth(1).unwrap();
    let order = ["b.Mixed", "late", "early", "a.Good", "one", "c.Good", "two"];
    let places: Vec<Option<usize>> = order.iter().map(|it| list.find(it)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {list}");
    assert_eq!(list.matches("b.Mixed").count(), 1, "{list}");
}

#[test]
fn a_log_that_is_kept_whole_is_not_called_a_part() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "failed")], Value::Null);
    let line = "2026-11-20T10:00:00.100Z\tINFO\tlivekit\tstarted\n";
    desk.write("results/r1/logs/livekit.log", line.repeat(3));
    desk.build("results");
    let page = fs::read_to_string(desk.path("report/logs/r1/livekit/index.html")).unwrap();
    let text = text_of(&page).replace('\u{a0}', " ");
    assert!(text.contains("3 lines, all of them."), "{text}");
}

#[test]
fn the_first_report_says_what_the_second_will_show() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.build("results");
    let first = text_of(&desk.read("report/index.html"));
    assert!(first.contains("After the second run of a suite"), "{first}");
    desk.add_run("r2", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.build("results");
    let second = text_of(&desk.read("report/index.html"));
    assert!(!second.contains("After the second run"), "{second}");
}
