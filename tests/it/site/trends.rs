//! Better or worse: what the trends say.

use serde_json::json;

use crate::desk::{Desk, text_of};

/// Run `n` of a series, on a day of its own, which took so many seconds.
fn add(desk: &Desk, n: u32, seconds: u32, livekit: &str) {
    let started = jiff::Timestamp::from_second(1_790_000_000 + 86_400 * i64::from(n)).unwrap();
    let finished = started + jiff::SignedDuration::from_secs(seconds.into());
    let more = json!({"finished": finished.to_string(), "versions": {"livekit": livekit}});
    desk.add_run(&format!("r{n:03}"), &started.to_string(), &[("a", "passed")], more);
}

fn trends(desk: &Desk) -> (String, String) {
    desk.build("results");
    let page = desk.read("report/trends/index.html");
    let text = text_of(&page).replace('\u{a0}', " ");
    (page, text)
}

#[test]
fn a_change_is_marked_dated_and_named() {
    let desk = Desk::new();
    (0..6).for_each(|n| add(&desk, n, 60 + n % 2, "1.10.1"));
    (6..12).for_each(|n| add(&desk, n, 120 + n % 2, "1.11.0"));
    let (page, text) = trends(&desk);
    let said = "Duration of smoke over all versions rose from 1 min 1 s to 2 min 1 s on 2026-09-27, \
                with livekit 1.11.0 instead of 1.10.1.";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("4 min livekit 1.11.0 2026-10-02"), "the mark has its name: {text}");
    for run in ["r005", "r006"] {
        assert!(page.contains(&format!("href=\"../runs/{run}/index.html\">")), "{run}");
    }
    assert!(!text.contains("Pass rate of smoke over all versions fell"));
}

#[test]
fn suites_that_ran_once_each_have_no_trend() {
    let desk = Desk::new();
    add(&desk, 0, 60, "1.10.1");
    let (_, text) = trends(&desk);
    assert!(text.contains("One run is a point, not a trend."), "{text}");
    desk.add_run("other", "2026-11-01T10:00:00Z", &[("a", "passed")], json!({"suite": "media"}));
    let (_, text) = trends(&desk);
    assert!(text.contains("Each of 2 suites ran once: points, not trends."), "{text}");
    assert!(text.contains("After the second run of a suite"), "{text}");
    add(&desk, 1, 60, "1.10.1");
    let (_, text) = trends(&desk);
    assert!(!text.contains("After the second run") && !text.contains("not trends"), "{text}");
}

#[test]
fn without_a_change_nothing_is_marked() {
    let desk = Desk::new();
    (0..12).for_each(|n| add(&desk, n, 60 + n % 2, "1.10.1"));
    let (page, text) = trends(&desk);
    assert!(text.contains("has not changed for good"), "{text}");
    assert!(!page.contains("class=\"change\""));
}

#[test]
fn runs_that_a_chart_leaves_out_are_counted() {
    let desk = Desk::new();
    (0..61).for_each(|n| add(&desk, n, 60, "1.10.1"));
    let (_, text) = trends(&desk);
    assert!(text.contains("(the newest 60 of 61 runs)"), "{text}");
}

#[test]
fn failures_are_counted_by_family_over_runs_and_lead_to_them() {
    let desk = Desk::new();
    for (n, outcome) in [(1, "passed"), (2, "failed"), (3, "passed"), (4, "failed")] {
        let started = format!("2026-11-1{n}T10:00:00Z");
        desk.add_run(&format!("r{n}"), &started, &[("a", outcome), ("b", "failed")], json!({}));
    }
    desk.add_run("r0", "2026-11-10T10:00:00Z", &[("a", "passed")], json!({}));
    let (page, text) = trends(&desk);
    assert!(text.contains("1 family of failures in the newest 5 runs"), "{text}");
    assert!(
        text.contains("expected &lt;number&gt;, got &lt;number&gt; AssertionError 4 of 5 runs"),
        "{text}"
    );
    let table = page.split("patterns").nth(1).unwrap();
    let table = &table[..table.find("</table>").unwrap()];
    assert!(!table.contains("runs/r0/") && table.contains("runs/r2/"), "{table}");
    assert!(table.contains("livekit 1.8.4: 2\u{a0}scenarios"), "{table}");
}

#[test]
fn durations_stand_beside_those_of_the_comparable_run() {
    let desk = Desk::new();
    let cases = [("a", "passed"), ("b", "passed"), ("c", "passed")];
    desk.add_run("r1", "2026-11-19T10:00:00Z", &cases, json!({}));
    desk.add_run("r2", "2026-11-20T10:00:00Z", &cases, json!({}));
    let slow = desk.read("results/r2/junit.xml").replace("time='0.5'", "time='3'");
    desk.write("results/r2/junit.xml", slow);
    let (_, text) = trends(&desk);
    let said = "Half of the 3 scenarios of smoke took at most 3.0 s, and one in twenty longer than \
                3.0 s: 2026-11-20, narrow bars; in the comparable run before, wide bars, 500 ms and 500 ms";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("2.0 s to 5.0 s: 3 scenarios, 0 before"), "{text}");
}
