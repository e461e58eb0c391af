//! Real files of our own suite, which is much the same for each Cucumber: a background, two rules, an
//! outline, hooks that fail, and a step of each outcome.

use super::*;

/// The cases of a sample as `name [example] rule: outcomes`, without durations and tags.
fn told(name: &str) -> (Ingested, Vec<String>) {
    let ingested = ingest(&sample(name));
    assert_eq!(ingested.problems, [], "{name}");
    let line = |case: &Case| {
        let mut said = case.name.to_string();
        if !case.example.is_empty() {
            said += &format!(" [{}]", case.example.join(" "));
        }
        if let Some(rule) = &case.rule {
            said += &format!(" in {rule}");
        }
        let outcomes: Vec<&str> = case.attempts.iter().map(|it| it.outcome.word()).collect();
        format!("{said}: {}", outcomes.join(", "))
    };
    let lines = ingested.cases.iter().map(line).collect();
    (ingested, lines)
}

/// The only case whose name begins so.
fn case<'f>(ingested: &'f Ingested, name: &str) -> &'f Case {
    let mut named = ingested.cases.iter().filter(|it| it.name.starts_with(name));
    let case = named.next().unwrap_or_else(|| panic!("no case `{name}`"));
    assert!(named.next().is_none(), "a second case `{name}`");
    case
}

fn message(case: &Case) -> (Option<&str>, &str) {
    let failure = failures(case)[0];
    (failure.type_name.as_deref(), &failure.message)
}

fn reason(case: &Case) -> Option<&str> {
    case.attempts[0].detail.as_ref()?.reason.as_deref()
}

/// The steps of the last attempt, hooks left out.
fn steps(case: &Case) -> Vec<String> {
    let detail = case.attempts.last().unwrap().detail.as_ref().unwrap();
    let steps = detail.steps.iter().filter(|it| !it.hook);
    steps.map(|it| format!("{}: {}", it.text, it.outcome)).collect()
}

#[test]
fn behave_is_proven() {
    let (ingested, told) = told("cucumber-json/behave-1.3.json");
    assert_eq!(
        told,
        [
            "Alice joins: passed",
            "Bob is too many: failed",
            "Not yet: skipped",
            "Nobody knows: undefined",
            "To be done: pending",
            "Something breaks: failed",
            "A note is left: passed",
            "Sometimes: failed, passed",
            "The hook fails: failed",
            "The cleanup fails: failed",
            "Publish vp8: passed",
            "Publish h264: passed",
            "Publish av1: failed",
            "Alice joins [#2]: passed",
            "Alice joins [#3]: passed",
        ]
    );
    assert_eq!((ingested.entries, ingested.outcomes.of(Outcome::Unknown)), (16, 0));
    let bob = case(&ingested, "Bob");
    assert_eq!(message(bob), (None, "ASSERT FAILED: expected 2, got 1 <b> \"&\""));
    // The background stands in the file once more in front of the first scenario.
    assert_eq!(
        steps(bob),
        [
            "Given a server: passed",
            "When alice joins: passed",
            "Then the room has 2 participants: failed",
            "And nothing more: unknown",
        ]
    );
    assert_eq!(bob.attempts[0].duration.unwrap().as_micros(), 465 + 192 + 224 + 1);
    assert_eq!(reason(case(&ingested, "The hook fails")), Some("hook error"));
    assert_eq!(reason(case(&ingested, "The cleanup fails")), Some("cleanup error"));
    let left = case(&ingested, "A note").attempts[0].detail.as_ref().unwrap();
    let kinds: Vec<_> = left.artifacts.iter().map(|it| (it.kind, it.bytes)).collect();
    assert_eq!(kinds, [(ArtifactKind::Text, 6), (ArtifactKind::Image, 8)]);
    let tags: Vec<_> = case(&ingested, "Publish vp8").tags.iter().map(|it| &**it).collect();
    assert_eq!(tags, ["@api", "@fast"]);
    assert_eq!(case(&ingested, "Bob").feature.as_deref(), Some("Rooms für \"Zoë\" & <friends>"));
}

#[test]
fn behave_1_2_puts_what_was_printed_behind_a_failure() {
    let (ingested, told) = told("cucumber-json/behave-1.2.json");
    assert_eq!(
        told,
        [
            "Alice joins: passed",
            "Bob is too many: failed",
            "Not yet: skipped",
            "Nobody knows: undefined",
            // It knows no pending steps, so the step says so by an exception, raised while another is handled.
            "To be done: failed",
            "Something breaks: failed",
            "A note is left: passed",
            "Sometimes: failed, passed",
            "The hook fails: failed",
            "The cleanup fails: failed",
            "Publish vp8: passed",
            "Publish h264: passed",
            "Publish av1: failed",
        ]
    );
    let bob = case(&ingested, "Bob");
    assert_eq!(message(bob), (None, "Assertion Failed: expected 2, got 1 <b> \"&\""));
    assert!(failures(bob)[0].text.contains("alice is here"));
    assert_eq!(message(case(&ingested, "Something")), (Some("ValueError"), "no such room"));
    let later = (Some("NotImplementedError"), "later");
    assert_eq!(message(case(&ingested, "To be done")), later);
}

#[test]
fn rows_of_behave_are_no_numbers() {
    let row = |line: u32, place: &str, codec: &str| {
        json!({"type": "scenario", "keyword": "Scenario Outline", "name": format!("Publish -- @{place} codecs"),
            "location": format!("a.feature:{line}"), "status": "passed", "tags": [], "steps": [{
                "keyword": "When", "name": format!("{codec} is published"), "step_type": "when",
                "result": {"status": "passed", "duration": 0.5}}]})
    };
    let elements = json!([row(7, "1.1", "vp8"), row(8, "1.2", "av1"), row(9, "x", "h264")]);
    let report = json!([{"keyword": "Feature", "name": "A", "location": "a.feature:1", "elements": elements}]);
    let report = report.to_string();
    let ingested = ingest_bytes("x.json", report.as_bytes(), &Kept::default());
    let names = ingested.cases.iter().map(|it| format!("{} {}", it.name, it.example.join(" ")));
    assert_eq!(names.collect::<Vec<_>>(), ["Publish vp8", "Publish av1", "Publish -- @x codecs "]);
}

#[test]
fn cucumber_rs_is_proven() {
    let (ingested, told) = told("cucumber-json/rs-0.23.json");
    assert_eq!(
        told,
        [
            "Alice joins: passed",
            "Bob is too many: failed",
            "Not yet: skipped",
            // It calls an undefined step skipped.
            "Nobody knows: skipped",
            "Who knows: ambiguous",
            "To be done: skipped",
            "Something breaks: failed",
            "A note is left: passed",
            "Sometimes: failed, passed",
            "The hook fails: failed",
            "The cleanup fails: failed",
            "Publish [vp8 30]: passed",
            "Publish [h264 25]: passed",
            "Publish [av1 12]: failed",
            "Alice joins in Rooms are full at two: passed",
            "Alice joins in Rooms are empty: passed",
        ]
    );
    // A background stands behind the scenario that it belongs to.
    assert_eq!(
        steps(case(&ingested, "Bob")),
        [
            "Given a server: passed",
            "When alice joins: passed",
            "Then the room has 2 participants: failed",
        ]
    );
    assert_eq!(message(case(&ingested, "Something")), (None, "no such room"));
    let message_of_bob = "assertion `left == right` failed: <b> \"&\"\n  left: 1\n right: 2";
    assert_eq!(message(case(&ingested, "Bob")).1, message_of_bob);
    assert_eq!(message(case(&ingested, "The hook fails")).1, "the hook broke");
    assert_eq!(message(case(&ingested, "The cleanup fails")).1, "disk is gone");
    let first = &case(&ingested, "Sometimes").attempts[0].detail.as_ref().unwrap().steps;
    assert_eq!(first.iter().filter(|it| it.hook).count(), 2);
    assert_eq!(first.len(), 4, "two hooks, the background's step and its own");
}

#[test]
fn pytest_bdd_is_proven() {
    let (ingested, told) = told("cucumber-json/pytest-bdd.json");
    assert_eq!(
        told,
        [
            "Sometimes: failed",
            "Bob is too many: failed",
            // What is not in the file cannot be told: that it was skipped, and that a step is missing.
            "To be done: passed",
            "Nobody knows: passed",
            "Publish [vp8 30]: passed",
            "Publish [av1 12]: failed",
            "A note is left: passed",
            "Alice joins: passed",
        ]
    );
    let expected = (Some("AssertionError"), "expected <b> \"&\"");
    assert_eq!(message(case(&ingested, "Bob")), expected);
    assert!(
        failures(case(&ingested, "Bob"))[0].text.contains("E        +  where 1 = len(['alice'])")
    );
    let took = case(&ingested, "Bob").attempts[0].duration.unwrap();
    assert_eq!(took.as_nanos(), 70_179 + 153_196 + 410_085);
}

#[test]
fn cucumber_ruby_is_proven() {
    let (ingested, told) = told("cucumber-json/ruby-2.4.json");
    assert_eq!(
        told,
        [
            "Alice joins: passed",
            "Bob is too many: failed",
            "Not yet: skipped",
            "Nobody knows: undefined",
            "To be done: pending",
            "Something breaks: failed",
            "A note is left: passed",
            "Sometimes: failed",
            "The hook fails: failed",
            "The cleanup fails: failed",
            "Publish [vp8 30]: passed",
            "Publish [h264 25]: passed",
            "Publish [av1 12]: failed",
        ]
    );
    let broken = (Some("ArgumentError"), "no such room");
    assert_eq!(message(case(&ingested, "Something")), broken);
    assert_eq!(message(case(&ingested, "The hook")), (Some("RuntimeError"), "the hook broke"));
    assert_eq!(message(case(&ingested, "The cleanup")), (Some("IOError"), "disk is gone"));
}

#[test]
fn cucumber_jvm_and_js_are_proven() {
    let (jvm, of_jvm) = told("cucumber-json/jvm-7.20.json");
    let (js, of_js) = told("cucumber-json/js-12.2.json");
    let both = [
        "Alice joins: passed",
        "Bob is too many: failed",
        "Not yet: skipped",
        "Nobody knows: undefined",
        "Who knows: ambiguous",
        "To be done: pending",
        "Something breaks: failed",
        "The hook fails: failed",
        "The cleanup fails: failed",
        "Publish [vp8 30]: passed",
        "Publish [h264 25]: passed",
        "Publish [av1 12]: failed",
    ];
    for line in both {
        assert!(of_js.iter().any(|it| it == line), "js: {line}");
        assert!(of_jvm.iter().any(|it| it == line), "jvm: {line}");
    }
    assert_eq!((jvm.entries, js.entries), (15, 16));
    // cucumber-js names the rule by its id, and lists the last attempt alone.
    assert_eq!(
        of_js[14..],
        ["Alice joins in rooms-are-full-at-two: passed", "Alice joins in rooms-are-empty: passed",]
    );
    assert_eq!(of_js[8], "Sometimes: passed");
    assert_eq!(of_jvm[13..], ["Alice joins [#2]: passed", "Alice joins [#3]: passed"]);
    let bad = (Some("java.lang.IllegalArgumentException"), "no such room");
    assert_eq!(message(case(&jvm, "Something")), bad);
    assert_eq!(message(case(&js, "Something")), (Some("TypeError"), "no such room"));
    // Since 7.34 at the latest, cucumber-jvm names the rule too.
    let (_, told) = told("cucumber-json/jvm-7.34.json");
    assert_eq!(told[..13], of_jvm[..13]);
    assert_eq!(told[13..], of_js[14..]);
    let picture = &case(&jvm, "Bob").attempts[0].detail.as_ref().unwrap().artifacts;
    assert_eq!(
        (&*picture[0].name, picture[0].kind, picture[0].bytes),
        ("last picture", ArtifactKind::Image, 8)
    );
}

#[test]
fn messages_of_every_protocol_say_the_same() {
    for (name, protocol) in [
        ("js-7.0", "13."),
        ("js-7.3", "16."),
        ("js-9.6", "22."),
        ("js-12.2", "28."),
        ("js-13.3", "34."),
    ] {
        let name = format!("messages/{name}.ndjson");
        let head = fs::read_to_string(sample(&name)).unwrap();
        assert!(
            head.starts_with(&format!("{{\"meta\":{{\"protocolVersion\":\"{protocol}")),
            "{name}"
        );
        let (ingested, told) = told(&name);
        assert_eq!(
            told,
            [
                "Sometimes: failed, passed",
                "The hook fails: failed",
                "To be done: pending",
                "Publish [vp8 30]: passed",
                "Publish [av1 12]: failed",
                "A note is left in Rooms are full at two: passed",
            ]
        );
        assert_eq!((ingested.runs, ingested.said.cut_short), (1, false), "{name}");
        assert_eq!(message(case(&ingested, "The hook")).1, "the hook broke", "{name}");
        assert_eq!(message(case(&ingested, "Sometimes")).1, "the first time it fails", "{name}");
        let files = |name: &str| -> Vec<(ArtifactKind, u64)> {
            let attempts = &case(&ingested, name).attempts;
            let details = attempts.iter().filter_map(|it| it.detail.as_ref());
            details.flat_map(|it| &it.artifacts).map(|it| (it.kind, it.bytes)).collect()
        };
        assert_eq!(files("A note"), [(ArtifactKind::Text, 6)], "{name}");
        // In 7.0 the hook that takes the picture was given a number as status, and took none.
        let pictures = [(ArtifactKind::Image, 8)];
        assert_eq!(files("The hook"), pictures[..usize::from(protocol != "13.")], "{name}");
        assert!(case(&ingested, "To be done").attempts[0].duration.is_some(), "{name}");
        let tags: Vec<_> = case(&ingested, "Sometimes").tags.iter().map(|it| &**it).collect();
        assert_eq!(tags, ["@api", "@flaky"], "{name}");
    }
}

#[test]
fn messages_of_cucumber_jvm_say_the_same() {
    for (name, protocol) in [("jvm-6.11", "15."), ("jvm-7.20", "24."), ("jvm-7.34", "30.")] {
        let name = format!("messages/{name}.ndjson");
        let head = fs::read_to_string(sample(&name)).unwrap();
        assert!(
            head.starts_with(&format!("{{\"meta\":{{\"protocolVersion\":\"{protocol}")),
            "{name}"
        );
        let (ingested, told) = told(&name);
        assert_eq!(
            told,
            [
                "The hook fails: failed",
                "To be done: pending",
                "Publish [vp8 30]: passed",
                "Publish [av1 12]: failed",
                "A note is left in Rooms are full at two: passed",
            ]
        );
        let broken = (Some("java.lang.IllegalStateException"), "the hook broke");
        assert_eq!(message(case(&ingested, "The hook")), broken, "{name}");
        assert_eq!(reason(case(&ingested, "To be done")), Some("later"), "{name}");
        let failed = case(&ingested, "The hook").attempts[0].detail.as_ref().unwrap();
        let picture = &failed.artifacts[0];
        assert_eq!((&*picture.name, picture.bytes), ("last picture", 8), "{name}");
        assert_eq!(&*case(&ingested, "A note").path[0], "small/room.feature");
        assert!(ingested.said.earliest.is_some(), "{name}");
    }
}
