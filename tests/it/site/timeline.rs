//! What ran when: the timeline of a run.

use crate::desk::{Desk, text_of};

/// Cases by name, start in seconds and seconds taken.
fn junit(cases: &[(&str, u32, f64)]) -> String {
    let case = |(name, at, took): &(&str, u32, f64)| {
        format!("<testcase name='{name}' timestamp='2026-11-20T10:00:{at:02}Z' time='{took}'/>")
    };
    format!("<testsuite name='s'>{}</testsuite>", cases.iter().map(case).collect::<String>())
}

/// The page of the only run of a site made from `results`, and what it says about how long it took.
fn timeline(desk: &Desk) -> (String, String) {
    desk.build("results");
    let page = desk.read(&format!("report/runs/{}/index.html", desk.ids()[0]));
    let text = text_of(page.split("<h2>How long it took").nth(1).unwrap_or_default());
    (page, text)
}

#[test]
fn lanes_are_inferred_where_nobody_names_workers() {
    let desk = Desk::new();
    desk.write("results/junit.xml", junit(&[("a", 0, 4.0), ("b", 1, 2.0), ("c", 6, 4.0)]));
    let (page, text) = timeline(&desk);
    for said in [
        "Up to 2 scenarios at a time, busy 50 % of 10 s",
        "the longest scenario, a, took 4.0 s of it",
        "Nothing ran for 2.0 s from 10:00:04.000",
        "the lanes are inferred",
    ] {
        assert!(text.replace('\u{a0}', " ").contains(said), "{said}: {text}");
    }
    assert!(page.contains("<svg class=\"chart lanes\""));
}

#[test]
fn workers_that_are_named_are_lanes_also_of_what_passed() {
    let desk = Desk::new();
    let clock = |s: u32| format!("\"timestamp\":{{\"seconds\":{},\"nanos\":0}}", 1_790_000_000 + s);
    let mut lines = vec![format!("{{\"testRunStarted\":{{{}}}}}", clock(0))];
    for (n, (worker, from, to)) in [("7", 0, 4), ("9", 0, 8)].into_iter().enumerate() {
        let times = [
            format!(
                r#"{{"pickle":{{"id":"p{n}","uri":"a.feature","name":"case {n}","language":"en","tags":[],"astNodeIds":[],"steps":[]}}}}"#
            ),
            format!(
                r#"{{"testCase":{{"id":"t{n}","pickleId":"p{n}","testSteps":[{{"id":"s{n}"}}]}}}}"#
            ),
            format!(
                r#"{{"testCaseStarted":{{"id":"c{n}","testCaseId":"t{n}","attempt":0,"workerId":"{worker}",{}}}}}"#,
                clock(from)
            ),
            format!(
                r#"{{"testStepFinished":{{"testCaseStartedId":"c{n}","testStepId":"s{n}","testStepResult":{{"status":"PASSED","duration":{{"seconds":{to},"nanos":0}}}},{}}}}}"#,
                clock(to)
            ),
            format!(
                r#"{{"testCaseFinished":{{"testCaseStartedId":"c{n}","willBeRetried":false,{}}}}}"#,
                clock(to)
            ),
        ];
        lines.extend(times);
    }
    lines.push(format!("{{\"testRunFinished\":{{\"success\":true,{}}}}}", clock(8)));
    desk.write("results/messages.ndjson", lines.join("\n"));
    let (page, text) = timeline(&desk);
    assert!(text.replace('\u{a0}', " ").contains("2 workers, busy 75 % of 8.0 s"), "{text}");
    assert!(page.contains(">worker 7<") && page.contains(">worker 9<"), "{page}");
}

#[test]
fn starts_that_were_only_counted_up_are_said_to_be() {
    let desk = Desk::new();
    let case = |name: &str| format!("<testcase name='{name}' time='2'/>");
    let cases: String = ["a", "b", "c"].map(case).concat();
    let suite = format!("<testsuite name='s' timestamp='2026-11-20T10:00:00Z'>{cases}</testsuite>");
    desk.write("results/junit.xml", suite);
    let (_, text) = timeline(&desk);
    assert!(text.contains("starts are counted up"), "{text}");
}

#[test]
fn starts_that_cannot_be_are_not_drawn() {
    let desk = Desk::new();
    let case = |(name, took): (&str, u32)| format!("<testcase name='{name}' time='{took}'/>");
    let cases: String = [("whole", 6), ("whole/a", 4), ("whole/b", 2)].map(case).concat();
    let suite = format!("<testsuite name='s' timestamp='2026-11-20T10:00:00Z'>{cases}</testsuite>");
    desk.write("results/junit.xml", suite);
    let head = r#"{"id": "r1", "suite": "s", "started": "2026-11-20T10:00:00Z", "finished": "2026-11-20T10:00:06Z"}"#;
    desk.write("results/run.json", head);
    let (_, text) = timeline(&desk);
    let text = text.replace('\u{a0}', " ");
    assert!(
        text.contains("the 3 longest of 3 scenarios that took any time, of which whole took 6.0 s"),
        "{text}"
    );
}

#[test]
fn a_huge_run_draws_the_longest_and_says_so() {
    let desk = Desk::new();
    let names: Vec<String> = (0..900).map(|n| format!("case {n}")).collect();
    let cases: Vec<(&str, u32, f64)> =
        (0..).zip(&names).map(|(n, it)| (it.as_str(), n % 60, f64::from(n % 7 + 1))).collect();
    desk.write("results/junit.xml", junit(&cases));
    let (page, text) = timeline(&desk);
    assert!(text.contains("600 shorter ones"), "{text}");
    assert!(page.len() < 110_000, "{} bytes", page.len());
}

#[test]
fn without_times_there_is_none() {
    let desk = Desk::new();
    desk.write(
        "results/junit.xml",
        "<testsuite name='s'><testcase name='a' time='1'/></testsuite>",
    );
    let (page, _) = timeline(&desk);
    assert!(!page.contains("<h2>How long it took"));
}
