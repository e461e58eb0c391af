//! The matrix as markdown, and what it may say of what works.

use serde_json::{Value, json};

use crate::desk::{Desk, stderr};

const NOV_20: &str = "2026-11-20T10:00:00Z";
const GOOD: &[(&str, &str)] = &[("a", "passed")];
const BAD: &[(&str, &str)] = &[("a", "failed")];

fn on(versions: Value) -> Value {
    json!({"versions": versions})
}

/// The matrix of the history.
fn matrix(desk: &Desk) -> String {
    desk.ok(&["history", "add", "--results", "results", "--stamp", NOV_20]);
    desk.ok(&["matrix"])
}

fn row<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find(|it| it.starts_with(start)).unwrap_or_else(|| panic!("{start}: {text}"))
}

#[test]
fn only_what_stands_between_the_marks_is_replaced() {
    let desk = Desk::new();
    desk.add_run("r1", NOV_20, GOOD, Value::Null);
    let (before, after) = ("# Ours\n\nBefore,  as it was.\n\n", "\n\nAfter.\r\nNo end of line");
    desk.write(
        "docs/m.md",
        format!("{before}<!-- lkreport:begin -->\nold\n<!-- lkreport:end -->{after}"),
    );
    let check = ["matrix", "--matrix", "docs/m.md", "--check"];
    desk.ok(&["history", "add", "--results", "results"]);
    let outdated = desk.run(&check);
    assert_eq!(outdated.status.code(), Some(1), "{}", stderr(&outdated));
    assert!(stderr(&outdated).contains("docs/m.md: out of date"), "{}", stderr(&outdated));
    assert!(desk.read("docs/m.md").contains("\nold\n"), "--check writes nothing");
    desk.ok(&["build", "--matrix", "docs/m.md"]);
    let text = desk.read("docs/m.md");
    assert!(text.starts_with(before) && text.ends_with(after), "{text}");
    assert!(text.contains("1.8.4") && !text.contains("\nold\n"), "{text}");
    desk.ok(&check);
    desk.add_run("r2", "2026-11-21T09:00:00Z", BAD, Value::Null);
    desk.ok(&["history", "add", "--results", "results"]);
    assert_eq!(desk.run(&check).status.code(), Some(1), "a new result makes it old");
}

#[test]
fn half_a_mark_is_refused_with_its_line() {
    let desk = Desk::new();
    desk.add_run("r1", NOV_20, GOOD, Value::Null);
    let text = "# Ours\n\n<!-- lkreport:begin -->\nprecious\n";
    desk.write("m.md", text);
    desk.ok(&["history", "add", "--results", "results"]);
    for more in [&["matrix"][..], &["matrix", "--check"], &["build"]] {
        let said = desk.run(&[more, &["--matrix", "m.md"]].concat());
        assert_eq!(said.status.code(), Some(2), "{more:?}");
        assert!(stderr(&said).contains("line 3"), "{}", stderr(&said));
    }
    assert_eq!(desk.read("m.md"), text);
}

#[test]
fn untested_is_said_and_the_newest_good_combination_recommended() {
    let desk = Desk::new();
    desk.add_run("r1", NOV_20, GOOD, on(json!({"livekit": "1.8.4"})));
    desk.add_run("r2", NOV_20, GOOD, on(json!({"livekit": "1.10.0"})));
    desk.add_run("r3", NOV_20, BAD, on(json!({"livekit": "1.11.0"})));
    let both = matrix(&desk);
    assert!(both.contains("**Recommended:** livekit 1.10.0."), "{both}");
    desk.add_run("r4", NOV_20, GOOD, json!({"suite": "load", "versions": {"livekit": "1.8.4"}}));
    let text = matrix(&desk);
    assert!(
        text.contains("**Recommended:** livekit 1.8.4."),
        "1.10.0 has an untested suite: {text}"
    );
    let cells: Vec<&str> = row(&text, "| **livekit 1.10.0**").split('|').map(str::trim).collect();
    assert_eq!(cells[2], "*untested*", "{text}");
    assert!(cells[3].starts_with("● passed 1/1") && cells[3].contains("2026-11-20"), "{text}");
    assert!(row(&text, "| **livekit 1.11.0**").contains("✕ failed 0/1"), "{text}");
}

#[test]
fn cells_age_by_the_newest_run() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-10-10T10:00:00Z", GOOD, on(json!({"livekit": "1.8.4"})));
    desk.add_run("r2", NOV_20, GOOD, on(json!({"livekit": "1.10.0"})));
    let text = matrix(&desk);
    assert!(row(&text, "| **livekit 1.8.4**").contains("(aged)"), "{text}");
    assert!(!row(&text, "| **livekit 1.10.0**").contains("(aged)"), "{text}");
    desk.write("lkreport.toml", "[aged]\ndays = 60\n");
    let text = desk.ok(&["matrix"]);
    assert!(!row(&text, "| **livekit 1.8.4**").contains("(aged)"), "{text}");
}

#[test]
fn two_components_are_held_against_each_other_and_the_worst_wins() {
    let desk = Desk::new();
    let pair = |server: &str, client: &str, more: Value| {
        let mut versions = json!({"livekit": server, "client-js": client});
        versions.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        on(versions)
    };
    desk.add_run("r1", NOV_20, GOOD, pair("1.8.4", "2.0.0", Value::Null));
    desk.add_run("r2", NOV_20, GOOD, pair("1.10.0", "2.1.0", json!({"egress": "1.0.0"})));
    desk.add_run(
        "r3",
        "2026-11-20T11:00:00Z",
        &[("a", "passed"), ("b", "failed")],
        pair("1.10.0", "2.1.0", json!({"egress": "1.1.0"})),
    );
    desk.add_run("r4", "2026-11-20T12:00:00Z", GOOD, pair("1.8.4", "2.1.0", json!({"redis": "7"})));
    let text = matrix(&desk);
    let part = text.split("### livekit × client-js").nth(1).expect("a tab for the pair");
    let part = part.split("###").next().unwrap();
    let head = row(part, "|  |");
    assert!(head.contains("client-js 2.0.0") && head.contains("client-js 2.1.0"), "{head}");
    let newer = row(part, "| **livekit 1.10.0**");
    assert!(newer.contains("✕ failed 1/2") && newer.contains("*untested*"), "{newer}");
    assert!(!row(part, "| **livekit 1.8.4**").contains("untested"), "{part}");
    assert!(!text.contains("redis"), "what is no matrix component splits no cell: {text}");
    desk.build("results");
    assert!(desk.read("report/matrix/index.html").contains("livekit × client-js"));
}
