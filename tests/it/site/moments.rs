//! What happened around a failing attempt, in order.

use serde_json::{Value, json};

use crate::desk::{Desk, text_of};

/// The page of the case called `name`.
fn page_of(desk: &Desk, name: &str) -> String {
    let folders = std::fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
    let names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
    let folder = { names }.find(|it| it.starts_with(name)).expect("a page");
    desk.read(&format!("report/cases/{folder}/index.html"))
}

fn assert_order(text: &str, order: &[&str]) {
    let places: Vec<Option<usize>> = order.iter().map(|it| text.find(it)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {text}");
}

#[test]
fn logs_of_all_components_and_measurements_stand_in_order() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("joins", "failed")], Value::Null);
    let junit = desk.read("results/r1/junit.xml");
    let junit = junit.replace("time='0.5'", "time='2' timestamp='2026-11-20T10:00:10Z'");
    desk.write("results/r1/junit.xml", junit);
    let line = |second: u32, level: &str, text: &str| {
        format!("2026-11-20T10:00:{second:02}.000Z\t{level}\tlivekit\t{text}\n")
    };
    let livekit =
        [line(2, "INFO", "long before"), line(10, "INFO", "one"), line(12, "ERROR", "three")];
    desk.write("results/r1/logs/livekit.log", livekit.concat());
    desk.write(
        "results/r1/logs/egress.log",
        [line(11, "WARN", "two <script>"), line(40, "INFO", "long after")].concat(),
    );
    let samples = [
        json!({"schema": "lkreport.metrics/1", "run": "r1"}),
        json!({"t": "2026-11-20T10:00:11.500Z", "component": "livekit", "cpu": 0.75}),
    ];
    desk.write("results/r1/metrics.ndjson", samples.map(|it| it.to_string()).join("\n"));
    desk.build("results");
    let page = page_of(&desk, "joins");
    let part = page.split("What happened, in order").nth(1).expect("the moments");
    assert!(text_of(part).contains("livekit: CPU up to 0.75 cores"), "{part}");
    let part = part.split("<table").nth(1).expect("the table");
    let text = text_of(part);
    assert_order(
        &text,
        &[
            "10:00:10.000 livekit",
            "one",
            "egress",
            "warning",
            "two &lt;script&gt;",
            "error",
            "three",
        ],
    );
    assert!(!text.contains("long before") && !text.contains("long after"), "{text}");
    assert!(part.contains("logs/r1/egress/index.html#L1\""), "{part}");
}

#[test]
fn steps_stand_among_what_was_said() {
    let desk = Desk::new();
    let clock = |s: u32| json!({"seconds": 1_790_000_000 + s, "nanos": 0});
    let step = |n: u32, status: &str, took: u32, end: u32| {
        json!({"testStepFinished": {"testCaseStartedId": "c", "testStepId": format!("s{n}"), "timestamp": clock(end),
            "testStepResult": {"status": status, "duration": {"seconds": took, "nanos": 0}, "message": "no\n"}}})
    };
    let steps = json!([{"id": "q1", "text": "alice joins", "astNodeIds": []}, {"id": "q2", "text": "bob hears her", "astNodeIds": []}]);
    let messages = [
        json!({"testRunStarted": {"timestamp": clock(0)}}),
        json!({"pickle": {"id": "p", "uri": "a.feature", "name": "hears", "language": "en", "tags": [], "astNodeIds": [], "steps": steps}}),
        json!({"testCase": {"id": "t", "pickleId": "p", "testSteps": [{"id": "s1", "pickleStepId": "q1"}, {"id": "s2", "pickleStepId": "q2"}]}}),
        json!({"testCaseStarted": {"id": "c", "testCaseId": "t", "attempt": 0, "timestamp": clock(0)}}),
        step(1, "PASSED", 3, 3),
        step(2, "FAILED", 1, 4),
        json!({"testCaseFinished": {"testCaseStartedId": "c", "willBeRetried": false, "timestamp": clock(4)}}),
        json!({"testRunFinished": {"success": false, "timestamp": clock(4)}}),
    ];
    desk.write("results/messages.ndjson", messages.map(|it| it.to_string()).join("\n"));
    // 1,790,000,000 s is 2026-09-21T14:13:20Z.
    desk.write("results/logs/livekit.log", "2026-09-21T14:13:21.000Z\tINFO\tlivekit\troom made\n");
    desk.build("results");
    let page = page_of(&desk, "hears");
    let part = page.split("What happened, in order").nth(1).expect("the moments");
    let text = text_of(part.split("<table").nth(1).expect("the table"));
    assert_order(&text, &["alice joins", "room made", "14:13:23.000 step failed", "bob hears her"]);
}

#[test]
fn without_anything_beside_the_steps_they_are_told_once() {
    let desk = Desk::new();
    desk.sample("messages/retry.ndjson", "results/messages.ndjson");
    desk.build("results");
    let folders = std::fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
    let pages = folders.filter_map(|it| std::fs::read_to_string(it.path().join("index.html")).ok());
    let pages: Vec<String> = pages.filter(|it| it.contains("Attempt 1 of")).collect();
    assert!(!pages.is_empty() && pages.iter().all(|it| !it.contains("What happened, in order")));
}

/// A run of one scenario that failed after five seconds, with what its participants measured.
fn measured() -> Desk {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("joins", "failed")], Value::Null);
    let junit = desk.read("results/r1/junit.xml");
    let junit = junit.replace("time='0.5'", "time='5' timestamp='2026-11-20T10:00:10Z'");
    desk.write("results/r1/junit.xml", junit);
    let sample = |second: u32, case: &str, webrtc: Value| {
        json!({"t": format!("2026-11-20T10:00:{second:02}Z"), "component": "client-js",
            "participant": "alice", "case": case, "webrtc": webrtc})
    };
    let mut lines = vec![json!({"schema": "lkreport.metrics/1", "run": "r1"})];
    for second in 10..15 {
        let state = if second < 13 { "connected" } else { "failed" };
        let webrtc = json!({"rtt_ms": second, "fps": 30, "bitrate_in": 1e6, "state": state});
        lines.push(sample(second, "joins-1", webrtc));
        lines.push(sample(second + 30, "leaves-1", json!({"rtt_ms": 99, "state": "connected"})));
    }
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    desk.write("results/r1/metrics.ndjson", lines.join("\n"));
    desk.write(
        "results/r1/logs/livekit.log",
        "2026-11-20T10:00:11.000Z\tINFO\tlivekit\tstarting\n",
    );
    desk.build("results");
    desk
}

#[test]
fn connections_are_drawn_for_the_attempt_that_they_were_measured_for() {
    let page = page_of(&measured(), "joins");
    let lanes = page.split("class=times").nth(1).expect("the lanes");
    let (lanes, table) = lanes.split_once("<table").expect("a table below");
    let text = text_of(lanes).replace('\u{a0}', " ");
    for said in [
        "alice: round trip up to 14.0 ms",
        "alice: media received up to 1.0 Mbit/s",
        "alice: frames up to 30 a second",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("99.0 ms"), "of another attempt: {text}");
    assert!(lanes.contains("class=curve") && lanes.contains("href=\"#m0\""), "{lanes}");
    assert_order(&text_of(table), &["connection connected", "starting", "connection failed"]);
    assert!(text.contains("Clocks beside that of the run: livekit: unknown."), "{text}");
}

#[test]
fn the_logs_of_other_attempts_are_not_those_of_this_one() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("joins", "failed")], Value::Null);
    let junit = desk.read("results/r1/junit.xml");
    let junit = junit.replace("time='0.5'", "time='2' timestamp='2026-11-20T10:00:10Z'");
    desk.write("results/r1/junit.xml", junit);
    let line = |text: &str| format!("2026-11-20T10:00:11.000Z\tINFO\tlivekit\t{text}\n");
    let own = "results/r1/logs/joins-1-20261120T100010Z/livekit.log";
    desk.write(own, line("of this attempt"));
    let other = "results/r1/logs/leaves-1-20261120T100009Z/livekit.log";
    desk.write(other, line("of one that passed"));
    desk.build("results");
    let page = page_of(&desk, "joins");
    assert!(page.contains("of this attempt"), "{page}");
    assert!(!page.contains("of one that passed"), "{page}");
}

#[test]
fn the_logs_of_attempts_that_failed_at_the_same_time_stay_apart() {
    let desk = Desk::new();
    let issue = "id: X-1\ntitle: it is stuck\ncomponent: livekit\nstatus: open\n\
        match: {log: 'leaves is stuck'}\nexamples: {match: [leaves is stuck], no_match: [fine]}\n";
    desk.write("known-issues/x.yaml", issue);
    let both = [("joins", "failed"), ("leaves", "failed")];
    desk.add_run("r1", "2026-11-20T10:00:00Z", &both, Value::Null);
    let junit = desk.read("results/r1/junit.xml");
    let junit = junit.replace("time='0.5'", "time='2' timestamp='2026-11-20T10:00:10Z'");
    desk.write("results/r1/junit.xml", junit);
    for case in ["joins", "leaves"] {
        let line = format!("2026-11-20T10:00:11.000Z\tERROR\tlivekit\t{case} is stuck\n");
        desk.write(&format!("results/r1/logs/{case}-1-20261120T100010Z/livekit.log"), line);
    }
    desk.build("results");
    for (case, other) in [("joins", "leaves"), ("leaves", "joins")] {
        let page = page_of(&desk, case);
        assert!(page.contains(&format!("{case} is stuck")), "{page}");
        assert!(!page.contains(&format!("{other} is stuck")), "{page}");
        // Nor does what stands in the log of another attempt explain it.
        assert_eq!(page.contains("Known: X-1."), case == "leaves", "{page}");
        let text = text_of(&page);
        assert!(text.contains("beside that of the run: livekit: "), "{text}");
    }
}

#[test]
fn what_a_browser_said_stands_among_what_components_said() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[], Value::Null);
    let junit = "<testsuite name='Room'><testcase classname='lk.Room' name='joins' time='4'
        timestamp='2026-11-20T10:00:10Z'><failure message='refused'/><system-out>
        [[ATTACHMENT|Ada-chromium-console.txt]]\n[[ATTACHMENT|notes.txt]]</system-out></testcase></testsuite>";
    desk.write("results/r1/junit.xml", junit);
    let console = "2026-11-20T10:00:09Z info is <b>far</b> &amp; early\n2026-11-20T10:00:11.5Z warn websocket closed\n\
        2026-11-20T10:05:00Z info long after\nno time at all\n";
    desk.write("results/r1/Ada-chromium-console.txt", console);
    desk.write("results/r1/notes.txt", "nothing is timed here\n");
    let line = "2026-11-20T10:00:12.000Z\tINFO\tlivekit\tparticipant closing\n";
    desk.write("results/r1/logs/livekit.log", line.repeat(50));
    desk.build("results");
    let page = page_of(&desk, "joins");
    let (lanes, table) = page.split("class=times").nth(1).unwrap().split_once("<table").unwrap();
    let lanes = text_of(lanes);
    assert!(lanes.contains("Ada-chromium-console 2"), "{lanes}");
    assert!(!lanes.contains("notes"), "{lanes}");
    let table = text_of(table);
    let order = ["is &lt;b&gt;far", "websocket closed", "participant closing"];
    assert_order(&table, &order);
    assert!(table.contains("warning") && !table.contains("long after"), "{table}");
    assert!(table.contains("Ada-chromium-console"), "{table}");
}

/// A run of one scenario that came to `outcome`, in which two people measured all there is.
fn talked(outcome: &str) -> Desk {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("joins", outcome)], Value::Null);
    let junit = desk.read("results/r1/junit.xml");
    let junit = junit.replace("time='0.5'", "time='6' timestamp='2026-11-20T10:00:10Z'");
    desk.write("results/r1/junit.xml", junit);
    let mut lines = vec![json!({"schema": "lkreport.metrics/1", "run": "r1"})];
    for second in 10..16_u32 {
        let state = if second < 12 { "connecting" } else { "connected" };
        let ice = if second == 14 { "connected failed" } else { "connected connected" };
        let webrtc = json!({
            "rtt_ms": 20, "jitter_ms": 3, "fps": 25, "bitrate_in": 1e6, "state": state, "ice": ice,
            "signaling": "stable stable", "candidates": "host udp – relay <tcp>", "width": 640, "height": 360,
            "packets_lost": (second - 10) * 10, "packets_received": (second - 9) * 90, "freezes": second / 15,
            "frozen_s": 0.5 * f64::from(second / 15), "codecs": "audio/opus video/VP8", "limited": "bandwidth",
        });
        for (who, case) in [("alice", "joins-1"), ("bob", "joins-1"), ("eve", "leaves-1")] {
            lines
                .push(json!({"t": format!("2026-11-20T10:00:{second}Z"), "component": "client-js",
                "participant": who, "case": case, "webrtc": webrtc}));
        }
    }
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    desk.write("results/r1/metrics.ndjson", lines.join("\n"));
    desk.build("results");
    desk
}

#[test]
fn states_of_connections_are_lanes_that_last_and_rows_that_can_be_read() {
    let page = page_of(&talked("failed"), "joins");
    let lanes = page.split("class=times").nth(1).expect("the lanes");
    let (lanes, table) = lanes.split_once("<table").expect("a table below");
    let text = text_of(lanes).replace('\u{a0}', " ");
    for said in
        ["alice: connection", "alice: ICE", "alice: signalling", "alice: size", "alice: limited by"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(
        text.contains("alice: loss up to 10 %") && text.contains("alice: frozen up to 50 %"),
        "{text}"
    );
    assert!(!text.contains("packets lost"), "the share says it: {text}");
    // On its way for two seconds, then connected to the end.
    assert!(lanes.contains("class=wait x=2000 y=3 width=2000"), "{lanes}");
    assert!(lanes.contains("class=plain x=4000"), "{lanes}");
    assert!(lanes.contains("class=error x=6000 y=3 width=1000"), "{lanes}");
    assert!(!page.contains("eve"), "of another scenario");
    let rows = text_of(table);
    assert_order(
        &rows,
        &["ICE connected connected", "error ICE connected failed", "frozen so far 1, 0.5 s"],
    );
    assert!(rows.contains("candidates host udp – relay &lt;tcp&gt;"), "{rows}");
    assert!(
        rows.contains("codecs audio/opus video/VP8") && rows.contains("size 640×360"),
        "{rows}"
    );
    // The lanes of one person stand together.
    let places = ["alice: ICE", "alice: frames", "bob: ICE"].map(|it| text.find(it).expect(it));
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn how_connections_fared_is_a_table_that_needs_no_script() {
    let page = page_of(&talked("failed"), "joins");
    let part = page.split("How connections fared").nth(1).expect("the table");
    let text = text_of(part.split("</section>").next().expect("its end")).replace('\u{a0}', " ");
    for said in [
        "Attempt 1: the middle of 12 samples, and the worst",
        "Measured alice bob",
        "Audio score 2.6 of 5 8.5 % lost, 36 ms delay",
        "Video score",
        "Connected after less than 1 s",
        "Lost and back lost once back once",
        "Packets lost 8.5 % worst 10 %",
        "Jitter 3.0 ms worst 3.0 ms",
        "Frames a second 25 worst 25",
        "Froze once 0.5 s in all",
        "Size of video 640×360",
        "Limited by bandwidth",
        "Candidates host udp – relay &lt;tcp&gt;",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn connections_of_scenarios_that_pass_stand_on_the_page_of_their_run_and_in_json() {
    let desk = talked("passed");
    let page = desk.read("report/runs/r1/index.html");
    let part = text_of(page.split("<h2>How connections fared").nth(1).expect("the table"));
    let part = part.replace('\u{a0}', " ");
    assert!(
        part.contains("The middle of what was measured of 2 connections; scores are of 5"),
        "{part}"
    );
    assert!(
        part.contains("passed joins alice 2.6 3.7 1.0 Mbit/s 8.5 % 3.0 ms 20.0 ms 25 1"),
        "{part}"
    );
    let json = desk.json("report/api/v1/connections/r1.json");
    let it = &json["connections"][0];
    assert_eq!((&it["participant"], &it["outcome"]), (&json!("alice"), &json!("passed")));
    assert_eq!((&it["fared"]["freezes"], &it["fared"]["drops"]), (&json!(1), &json!(1)));
    assert_eq!(json["connections"].as_array().map(Vec::len), Some(2));
}
