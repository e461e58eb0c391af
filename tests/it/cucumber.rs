//! Cucumber JSON and Cucumber messages, read through the border of the ingest room.

mod damage;
mod proven;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use lkreport::{
    ingest::{Evidence, Ingested, Intake, read},
    model::{ArtifactKind, Case, Failure, Outcome},
};
use lkreport_contract::mask::Masker;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Keeps in memory what a run would keep on disk.
#[derive(Default)]
struct Kept(Mutex<Vec<(String, String, Vec<u8>)>>);

impl Evidence for Kept {
    fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        let mut kept = self.0.lock().unwrap();
        kept.push((name.to_owned(), media_type.to_owned(), bytes.to_owned()));
        Some(format!("{}-{name}", kept.len()).into())
    }
}

fn ingest_bytes(name: &str, mut bytes: &[u8], kept: &Kept) -> Ingested {
    let masker = Masker::default();
    read(name, &mut bytes, &mut Intake::new(&masker, kept))
}

fn ingest(path: &Path) -> Ingested {
    ingest_bytes(&path.display().to_string(), &fs::read(path).unwrap(), &Kept::default())
}

/// The large collection of real reports, which does not belong to the repository.
fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = env::var_os("LKREPORT_DATA").map_or_else(beside, PathBuf::from);
    let found = data.is_dir();
    if !found {
        println!("SKIPPED: no data at {}; set LKREPORT_DATA", data.display());
    }
    found.then_some(data)
}

fn oracle(data: &Path, name: &str) -> BTreeMap<String, Value> {
    serde_json::from_slice(&fs::read(data.join(name)).unwrap()).unwrap()
}

#[test]
fn every_report_agrees_with_the_oracle() {
    let Some(data) = data() else { return };
    for (file, expected) in oracle(&data, "ORACLE.cucumber-json.json") {
        let ingested = ingest(&data.join(&file));
        let number = |key: &str| expected[key].as_u64().unwrap_or(0);
        assert_eq!(u64::from(ingested.entries), number("scenarios"), "{file}");
        let is_json = expected["json"] == true;
        assert_eq!(ingested.runs, u32::from(is_json), "{file}");
    }
}

#[test]
fn every_stream_of_messages_agrees_with_the_oracle() {
    let Some(data) = data() else { return };
    for (file, expected) in oracle(&data, "ORACLE.messages.json") {
        let ingested = ingest(&data.join(&file));
        // A scenario without steps has proved nothing.
        let word = |it: &str| if it == "(no steps)" { "unknown".into() } else { it.to_lowercase() };
        let statuses = expected["final_attempts_by_worst_status"].as_object().unwrap();
        let statuses = statuses.iter().map(|(status, n)| (word(status), n.as_u64().unwrap()));
        let ours = ingested.outcomes.iter().map(|(it, n)| (it.word().to_owned(), u64::from(n)));
        assert_eq!(ours.collect::<BTreeMap<_, _>>(), statuses.collect(), "{file}");
        let attempts: usize = ingested.cases.iter().map(|it| it.attempts.len()).sum();
        let retried = expected["retried_attempts"].as_u64().unwrap();
        assert_eq!((attempts - ingested.cases.len()) as u64, retried, "{file}");
        assert_eq!(
            ingested.cases.len() as u32,
            ingested.entries,
            "{file}: identities are distinct"
        );
        assert_eq!((ingested.runs, ingested.said.cut_short), (1, false), "{file}");
        let is_bad = ingested.outcomes.failing() > 0 || ingested.said.failed_outside_cases;
        assert_eq!(expected["testRunFinished.success"] == false, is_bad, "{file}");
    }
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// Compares a kept sample with what a person read in it, one line a case: name, rule, values of the
/// example, tags, and of each attempt outcome and duration.
fn check(name: &str, expected: &[&str]) -> Ingested {
    let ingested = ingest(&sample(name));
    let found: Vec<String> = ingested.cases.iter().map(line).collect();
    assert_eq!(found, expected, "{name}");
    ingested
}

fn line(case: &Case) -> String {
    let rule = case.rule.as_deref().map(|it| format!(" in {it}")).unwrap_or_default();
    let example = match &*case.example {
        [] => String::new(),
        values => format!(" [{}]", values.join(" ")),
    };
    let tags: String = case.tags.iter().map(|it| format!(" {it}")).collect();
    let attempts = case.attempts.iter().map(|it| {
        let took = it.duration.map(|it| format!(" {it:?}")).unwrap_or_default();
        format!("{}{took}", it.outcome)
    });
    let attempts: Vec<String> = attempts.collect();
    format!("{}{rule}{example}{tags}: {}", case.name, attempts.join(", "))
}

fn failures(case: &Case) -> Vec<&Failure> {
    case.attempts.iter().filter_map(|it| it.detail.as_ref()).flat_map(|it| &it.failures).collect()
}

#[test]
fn cucumber_jvm_is_read() {
    let ingested = check(
        "cucumber-json/jvm-livekit.json",
        &[
            "Generate a valid access token: passed 7.717223155s",
            "Generate access token with room permissions: passed 6.162716812s",
            "Generate access token with expiration time: passed 6.091184902s",
        ],
    );
    let case = &ingested.cases[0];
    assert_eq!(&*case.path[0], "src/test/resources/features/livekit_access_token.feature");
    assert_eq!(ingested.said.earliest.unwrap().to_string(), "2025-07-24T18:54:21.97Z");

    // The background fails, so the steps of the scenario are skipped; a hook has a broken picture.
    let ingested = check(
        "cucumber-json/jvm-background-failed.json",
        &[
            "Auto launch (RO) @REGRESSION_AUTO_LAUNCH @REGRESSION_2 @REGRESSION_3 @AUTO_LAUNCH: failed 48.51µs",
        ],
    );
    let problems: Vec<u64> = ingested.problems.iter().map(|it| it.line).collect();
    assert_eq!(problems, [85]);
    let detail = ingested.cases[0].attempts[0].detail.as_ref().unwrap();
    assert_eq!(&*detail.failures[0].message, "dummy");
    assert_eq!(detail.steps.len(), 12);
    assert_eq!(detail.steps.iter().filter(|it| it.hook).count(), 2);
}

#[test]
fn cucumber_js_is_read_in_each_unit() {
    check(
        "cucumber-json/js1.json",
        &[
            "As a visitor I want to be greeted @example @happy-flow @angular @visitor @julie: \
             passed 5.068476ms",
            "Validate todo list @example @happy-flow @angular @todo @count @validate: \
             passed 1.878441ms",
            "Add a todo @example @happy-flow @angular @todo @count @add: passed 18.998183ms",
        ],
    );
    check(
        "cucumber-json/js3.json",
        &[
            "Timmy wants to see undefined scenarios @undefined @pending @happy-flow: undefined 1ms",
            "Johnny wants to see pending scenarios @undefined @pending @happy-flow: pending 3ms",
            "Add a todo @undefined @pending @happy-flow: passed 1.606s",
        ],
    );
    let ingested = check("cucumber-json/js-hook-failed.json", &["Login @Test: failed 6.411ms"]);
    let failure = failures(&ingested.cases[0])[0];
    assert!(failure.text.contains("at "), "{failure:?}");
}

#[test]
fn godog_is_read() {
    check(
        "cucumber-json/godog-outline.json",
        &[
            "outline [1 2] @outline @tag @scenario @tagged: passed 0ns",
            "outline [2 0] @outline @tag @scenario @tagged: failed 0ns",
            "outline [3 11] @outline @tag @scenario @tagged: failed 0ns",
            "outline [1 14] @outline @tag @scenario @tag2: passed 0ns",
            "outline [3 9] @outline @tag @scenario @tag2: failed 0ns",
        ],
    );
    let ingested = check(
        "cucumber-json/godog-outcomes.json",
        &[
            "failing: failed 0ns",
            "pending: pending",
            "undefined: undefined",
            "ambiguous: ambiguous",
        ],
    );
    let reason = ingested.cases[2].attempts[0].detail.as_ref().unwrap().reason.as_deref();
    assert_eq!(reason, Some("undefined step: When undefined"));
}

#[test]
fn behave_is_read() {
    let ingested = check(
        "cucumber-json/behave.json",
        &["Join @api @smoke: passed 1.75s", "Leave @api: failed 1ms", "Later @api @wip: skipped"],
    );
    assert_eq!(&*ingested.cases[0].path[0], "features/room.feature");
    let failure = failures(&ingested.cases[1])[0];
    assert_eq!(failure.type_name.as_deref(), Some("AssertionError"));
    assert_eq!(&*failure.message, "the room has 1 participant");
}

#[test]
fn cucumber_ruby_lists_attempts_one_after_the_other() {
    let ingested = check(
        "cucumber-json/ruby.json",
        &["Publish [vp8]: passed 6ms", "Publish [av1]: failed 4ms, passed 5ms"],
    );
    assert_eq!(ingested.entries, 3);
    let case = &ingested.cases[1];
    assert!(case.is_flaky());
    let failure = failures(case)[0];
    assert_eq!(failure.type_name.as_deref(), Some("RSpec::Expectations::ExpectationNotMetError"));
    assert_eq!(&*failure.message, "expected: 30\n     got: 12");
    let detail = case.attempts[0].detail.as_ref().unwrap();
    assert_eq!(detail.output.as_deref(), Some("12 frames"));
    assert_eq!((detail.artifacts[0].kind, detail.artifacts[0].bytes), (ArtifactKind::Image, 8));
}

#[test]
fn cucumber_rs_lists_attempts_in_one_element() {
    let ingested =
        check("cucumber-json/rs-retried.json", &["Record @retry(1): failed 6µs, passed 10µs"]);
    assert_eq!(ingested.entries, 1);
    assert_eq!(&*failures(&ingested.cases[0])[0].message, "no file");
    assert_eq!(&*ingested.cases[0].path[0], "features/egress.feature");
}

#[test]
fn attachments_of_every_dialect_are_kept() {
    let kept = Kept::default();
    let report = fs::read(sample("cucumber-json/attachments.json")).unwrap();
    let ingested = ingest_bytes("x.json", &report, &kept);
    assert_eq!(ingested.problems, []);
    let detail = ingested.cases[0].attempts[0].detail.as_ref().unwrap();
    let names: Vec<&str> = detail.artifacts.iter().map(|it| &*it.name).collect();
    assert_eq!(names[..4], ["Step Trace", "text 2", "Login Screenshot", "screenshot 4"]);
    let kept = kept.0.into_inner().unwrap();
    assert_eq!(kept[0], ("Step-Trace.txt".into(), "text/plain".into(), b"Hello log".to_vec()));
    assert_eq!(kept[2].2, b"\x89PNG\r\n\x1a\n");
    // Foreign HTML is never kept as HTML.
    assert_eq!(kept[8], ("Rendered-Email.txt".into(), "text/plain".into(), b"<b>hi</b>".to_vec()));
    assert_eq!(ingested.said.properties["browser.name"], "chrome");
}

#[test]
fn messages_tell_attempts_examples_rules_and_hooks() {
    let ingested = check(
        "messages/retry.ndjson",
        &[
            "Test cases that pass aren't retried: passed 3ms",
            "Test cases that fail are retried if within the --retry limit: failed 3ms, passed 3ms",
            "Test cases that fail will continue to retry up to the --retry limit: \
             failed 3ms, failed 3ms, passed 3ms",
            "Test cases won't retry after failing more than the --retry limit: \
             failed 3ms, failed 3ms, failed 3ms",
        ],
    );
    assert_eq!(ingested.cases.iter().filter(|it| it.is_flaky()).count(), 2);
    assert_eq!((ingested.entries, ingested.outcomes.of(Outcome::Failed)), (4, 1));
    let failure = failures(&ingested.cases[3])[0];
    assert_eq!(failure.type_name.as_deref(), Some("Error"));
    assert_eq!(&*failure.message, "Exception in step");

    let ingested = check(
        "messages/examples-tables.ndjson",
        &[
            "Eating cucumbers [12 5 7] @passing: passed 7ms",
            "Eating cucumbers [20 5 15] @passing: passed 7ms",
            "Eating cucumbers [12 20 0] @failing: failed 7ms",
            "Eating cucumbers [0 1 0] @failing: failed 7ms",
            "Eating cucumbers with 11 friends [11 12 1]: passed 7ms",
            "Eating cucumbers with 1 friends [1 4 2]: passed 7ms",
            "Eating cucumbers with 0 friends [0 4 4]: passed 7ms",
        ],
    );
    let steps = &ingested.cases[2].attempts[0].detail.as_ref().unwrap().steps;
    assert_eq!(&*steps[0].text, "Given there are 12 cucumbers");

    let ingested = ingest(&sample("messages/rules.ndjson"));
    let rule = ingested.cases[2].rule.as_deref();
    assert_eq!(rule, Some("a sale cannot happen if there is no stock"));
    assert_eq!(ingested.said.run.branch.as_deref(), Some("main"));
}

#[test]
fn a_run_can_fail_although_no_scenario_does() {
    let ingested = ingest(&sample("messages/global-hooks-afterall-error.ndjson"));
    assert_eq!(ingested.outcomes.failing(), 0);
    assert!(ingested.said.failed_outside_cases);
    let message = &ingested.said.properties["failed hook of the run"];
    assert_eq!(message, "AfterAll hook went wrong");
    let ingested = ingest(&sample("messages/unknown-parameter-type.ndjson"));
    assert!(ingested.problems[0].message.contains("airport"), "{:?}", ingested.problems);
}

/// A stream of messages with one scenario, whose attempts are given.
fn stream(attempts: &[Value]) -> String {
    let time = |nanos: u64| json!({"seconds": 1_700_000_000, "nanos": nanos});
    let mut lines = vec![
        json!({"meta": {"protocolVersion": "99.0.0", "implementation": {"name": "lkreport"}}}),
        json!({"somethingNew": {"id": "0"}}),
        json!({"gherkinDocument": {"uri": "features/a.feature", "feature": {"name": "A",
            "children": [{"scenario": {"id": "s", "steps": [{"id": "t", "keyword": "Given "}]}}]}}}),
        json!({"pickle": {"id": "p", "uri": "features/a.feature", "name": "Join",
            "astNodeIds": ["s"], "tags": [], "steps": [{"id": "q", "text": "a room",
            "astNodeIds": ["t"]}]}}),
        json!({"testRunStarted": {"timestamp": time(0)}}),
        json!({"testCase": {"id": "c", "pickleId": "p", "testSteps": [{"id": "x",
            "pickleStepId": "q"}]}}),
    ];
    for (number, attempt) in attempts.iter().enumerate() {
        let id = number.to_string();
        lines.push(json!({"testCaseStarted": {"id": id, "testCaseId": "c", "attempt": number,
            "workerId": "w1", "timestamp": time(1)}}));
        if let Some(attachment) = attempt.get("attachment") {
            let mut attachment = attachment.clone();
            attachment["testCaseStartedId"] = id.as_str().into();
            lines.push(json!({ "attachment": attachment }));
        }
        lines.push(json!({"testStepFinished": {"testCaseStartedId": id, "testStepId": "x",
            "testStepResult": {"status": attempt["status"], "message": "",
            "duration": {"seconds": "0", "nanos": 5}}}}));
        if attempt.get("cut").is_none() {
            lines
                .push(json!({"testCaseFinished": {"testCaseStartedId": id, "timestamp": time(9)}}));
        }
    }
    lines.iter().map(|it| format!("{it}\n")).collect()
}

const END: &str =
    "{\"testRunFinished\":{\"success\":true,\"timestamp\":{\"seconds\":1700000001}}}\n";

fn outcome_attachment(outcome: &str) -> Value {
    let body = json!({"outcome": outcome, "reason": "no browser"}).to_string();
    json!({"body": body, "contentEncoding": "IDENTITY",
        "mediaType": "application/vnd.lkreport.outcome+json"})
}

#[test]
fn what_an_attempt_says_of_itself_prevails() {
    for (status, says, expected) in [
        ("SKIPPED", "unsupported", Outcome::Unsupported),
        ("PASSED", "degraded", Outcome::Degraded),
        ("FAILED", "unsupported", Outcome::Unsupported),
        ("FAILED", "degraded", Outcome::Failed),
    ] {
        let attempt = json!({"status": status, "attachment": outcome_attachment(says)});
        let text = stream(&[attempt]) + END;
        let ingested = ingest_bytes("m.ndjson", text.as_bytes(), &Kept::default());
        let attempt = &ingested.cases[0].attempts[0];
        assert_eq!(attempt.outcome, expected, "{status} {says}");
        assert_eq!(attempt.detail.as_ref().unwrap().reason.as_deref(), Some("no browser"));
    }
}

#[test]
fn a_run_that_was_killed_keeps_what_it_reached() {
    for (status, expected) in [("PASSED", Outcome::Unknown), ("FAILED", Outcome::Failed)] {
        let text = stream(&[json!({"status": status, "cut": true})]);
        let ingested = ingest_bytes("m.ndjson", text.as_bytes(), &Kept::default());
        assert!(ingested.said.cut_short);
        assert_eq!(ingested.cases[0].outcome(), expected);
        let detail = ingested.cases[0].attempts[0].detail.as_ref().unwrap();
        assert_eq!(&*detail.steps[0].text, "Given a room");
        assert_eq!(detail.worker.as_deref(), Some("w1"));
    }
}

#[test]
fn runs_in_one_file_are_counted_and_their_attempts_merged() {
    let first = stream(&[json!({"status": "FAILED"}), json!({"status": "PASSED"})]) + END;
    let second = stream(&[json!({"status": "PASSED"})]);
    let ingested = ingest_bytes("m.ndjson", [first, second].concat().as_bytes(), &Kept::default());
    assert_eq!((ingested.runs, ingested.entries, ingested.cases.len()), (2, 2, 1));
    assert_eq!(ingested.cases[0].attempts.len(), 3);
    assert!(ingested.said.cut_short, "the second run has no end");
    assert_eq!(ingested.problems, []);
}
