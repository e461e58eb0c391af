//! Real files of our own suites: what those suites are known to contain is found in them.

use std::time::Duration;

use super::*;

fn sample(name: &str) -> Ingested {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/junit").join(name);
    let found = ingest(name, &fs::read(path).unwrap());
    assert_eq!((found.format, &*found.problems), (Format::Junit, &[][..]), "{name}");
    found
}

/// The only case of a name.
fn case<'f>(found: &'f Ingested, name: &str) -> &'f Case {
    let mut named = found.cases.iter().filter(|it| &*it.name == name);
    let case = named.next().unwrap_or_else(|| panic!("no case `{name}`"));
    assert!(named.next().is_none(), "a second case `{name}`");
    case
}

/// The first message of each attempt that failed.
fn messages(case: &Case) -> Vec<&str> {
    let details = case.attempts.iter().filter_map(|it| it.detail.as_ref());
    details.filter_map(|it| it.failures.first()).map(|it| &*it.message).collect()
}

fn reason(case: &Case) -> Option<&str> {
    case.attempts[0].detail.as_ref()?.reason.as_deref()
}

fn artifacts(attempt: &Attempt) -> Vec<&str> {
    attempt.detail.iter().flat_map(|it| &it.artifacts).map(|it| &*it.place).collect()
}

/// Entries, passed, failed, skipped.
fn counts(found: &Ingested) -> [u32; 4] {
    let of = |outcome| found.outcomes.of(outcome);
    [found.entries, of(Outcome::Passed), of(Outcome::Failed), of(Outcome::Skipped)]
}

#[test]
fn playwright_tells_retries_in_the_text_of_a_failure() {
    let found = sample("playwright/junit.xml");
    // 13 tests in each of 2 projects, with one retry.
    assert_eq!(counts(&found), [26, 10, 8, 8]);
    assert_eq!(found.cases.len(), 26);
    let projects: Vec<_> = found.cases.iter().map(|it| it.example.join(" ")).collect();
    assert_eq!(projects[..13], vec!["chromium"; 13]);
    assert_eq!(projects[13..], vec!["mobile safari"; 13]);
    for cases in found.cases.chunks(13) {
        let named = |name: &str| cases.iter().find(|it| it.name.ends_with(name)).unwrap();
        let counted = named("counts participants");
        assert_eq!(&*counted.path[0], "rooms/join.spec.ts");
        assert_eq!(messages(counted), ["participants", "participants"]);
        let failure = &counted.attempts[1].detail.as_ref().unwrap().failures[0];
        assert!(failure.text.contains("Expected: 3") && !failure.text.contains("Retry #"));
        assert_eq!(messages(named("never begins")), ["no server", "no server"]);
        let unexpected = "Expected to fail, but passed.";
        assert_eq!(messages(named("although it should fail")), [unexpected, unexpected]);
        assert_eq!(reason(named("needs hardware")), Some("no camera here"));
        assert_eq!(named("is known to fail").outcome(), Outcome::Passed);
        assert!(
            cases.iter().any(
                |it| &*it.name == "a room › with \"quotes\" & <tags> › publishes av1 für Zoë ✓"
            )
        );
    }
}

#[test]
fn playwright_gives_retries_as_elements_where_it_is_asked_to() {
    let found = sample("playwright/retries.xml");
    assert_eq!(counts(&found), [3, 2, 1, 0]);
    let flaky = case(&found, "is flaky");
    assert_eq!(outcomes(flaky), ["failed", "failed", "passed"]);
    assert_eq!(
        messages(flaky),
        ["expect(received).toBe(expected) // Object.is equality", "room is undefined"]
    );
    let millis: Vec<_> = flaky.attempts.iter().map(|it| it.duration.unwrap().as_millis()).collect();
    assert_eq!(millis, [21, 8, 11]);
    let files: Vec<_> = flaky.attempts.iter().map(artifacts).collect();
    let first = "test-results/retry-is-flaky/error-context.md";
    let second = "test-results/retry-is-flaky-retry1/error-context.md";
    assert_eq!(files, [vec![first], vec![second], vec![]], "each attempt has its own files");
    assert_eq!(messages(case(&found, "never works")), ["refused 0", "refused 1", "refused 2"]);
}

#[test]
fn playwright_once_gave_places_as_messages() {
    let found = sample("playwright/old.xml");
    assert_eq!(counts(&found), [13, 3, 6, 4]);
    for (name, message) in [
        ("a room › counts participants", "Error: participants"),
        ("a room › waits for ever", "Test timeout of 200ms exceeded."),
        ("a room › passes although it should fail", "Expected to fail, but passed."),
        ("never begins", "Error: no server"),
    ] {
        assert_eq!(messages(case(&found, name)), [message]);
    }
    let took: Duration = found.cases.iter().filter_map(Case::duration).sum();
    assert_eq!(took, Duration::from_millis(610), "as the suites say, and rounding");
}

#[test]
fn surefire_may_put_an_attempt_into_the_file_of_a_nested_class() {
    // JUnit 5 with 2 reruns; the first attempt of `reconnects` stands in the other file.
    let nested = sample("surefire-nested/TEST-demo.RoomTest$WhenFull.xml");
    let outer = sample("surefire-nested/TEST-demo.RoomTest.xml");
    assert_eq!(counts(&nested), [14, 6, 6, 2]);
    assert_eq!(nested.cases.iter().map(|it| it.attempts.len()).sum::<usize>(), 14 + 5 * 2);
    let (first, later) = (case(&nested, "reconnects"), case(&outer, "reconnects"));
    assert_eq!((&*first.path[0], first.path.len()), ("demo.RoomTest", 1));
    assert_eq!(first.id("s"), later.id("s"));
    assert_eq!(messages(first), ["not yet connected"]);
    assert_eq!(outcomes(later), ["failed", "passed"]);
    assert_eq!(&*case(&nested, "refuses").path[0], "demo.RoomTest$WhenFull");
    assert_eq!(messages(case(&nested, "refuses")), ["let him in"; 3]);
    let only = "org.opentest4j.TestAbortedException: Assumption failed: only on a phone";
    assert_eq!(reason(case(&nested, "needsLinux")), Some(only));
    assert_eq!(reason(case(&nested, "streams")), Some("no camera here"));
}

#[test]
fn failsafe_reruns_and_broken_set_ups_are_told() {
    let found = sample("surefire-nested/TEST-demo.EgressIT.xml");
    assert_eq!(counts(&found), [2, 1, 1, 0]);
    assert_eq!(outcomes(case(&found, "records")), ["failed", "passed"]);
    assert_eq!(messages(case(&found, "uploads")), ["no bucket"; 2]);
    // A class whose set-up fails is one case without a name.
    let found = sample("surefire-nested/TEST-demo.NoServerTest.xml");
    assert_eq!(messages(only_case(&found)), ["no server"; 3]);
}

#[test]
fn googletest_parameters_are_values_and_no_numbers() {
    let found = sample("googletest/report.xml");
    assert_eq!(counts(&found), [12, 4, 5, 3]);
    let rows = |name: &str| -> Vec<(String, &str)> {
        let cases = found.cases.iter().filter(|it| &*it.name == name);
        cases.map(|it| (it.example.join(" "), it.outcome().word())).collect()
    };
    let row = |values: &str, outcome| (values.to_owned(), outcome);
    assert_eq!(
        rows("Publish"),
        [
            row("(\"vp8\", 1)", "passed"),
            row("(\"vp8\", 2)", "passed"),
            row("(\"av1\", 1)", "failed"),
            row("(\"av1\", 2)", "failed"),
        ]
    );
    assert_eq!(rows("IsOneByte"), [row("char", "passed"), row("long", "failed")]);
    assert!(found.cases.iter().all(|it| it.path.len() == 1));
    let counted = case(&found, "CountsParticipants").attempts[0].detail.as_ref().unwrap();
    assert_eq!(counted.failures.len(), 2);
    assert!(counted.failures[1].message.contains("As Text: \"Zoë\"\n✓"));
    assert_eq!(reason(case(&found, "NeedsHardware")), Some("room_test.cc:12\nno camera here"));
    assert_eq!(case(&found, "DISABLED_Streams").outcome(), Outcome::Skipped);
}

#[test]
fn googletest_rows_that_look_the_same_keep_their_numbers() {
    let test = |n, value: &str| {
        format!("<testcase name='Publish/{n}' value_param='{value}' classname='All/C'/>")
    };
    let bytes = "8-byte object &lt;10-20&gt;";
    let (rows, unprinted) = ([test(0, "a"), test(1, "a")].concat(), test(2, bytes));
    let found = junit(&format!("<testsuite name='All/C'>{rows}{unprinted}</testsuite>"));
    let names: Vec<_> = found.cases.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["Publish", "Publish/1", "Publish/2"]);
}

#[test]
fn ctest_failures_say_what_was_printed() {
    let found = sample("ctest/report.xml");
    assert_eq!(counts(&found), [13, 4, 5, 4]);
    assert_eq!(messages(case(&found, "counts")), ["Error: expected 2, got 3"]);
    assert_eq!(messages(case(&found, "codec.av1")), ["failed"]);
    // Else the suite is named after the system and the compiler; in this build it had no name.
    assert!(found.cases.iter().all(|it| it.path.len() == 1 && *it.path[0] == *it.name));
    let alone = junit("<testcase name='a' classname='a' status='run'/>");
    assert_eq!(&*only_case(&alone).path[0], "a");
    assert_eq!(reason(case(&found, "never begins")), Some("Fixture dependency failed"));
    assert_eq!(case(&found, "records").outcome(), Outcome::Skipped);
    assert_eq!(case(&found, "waits").duration(), Some(Duration::from_micros(1_006_040)));
}

#[test]
fn robot_suites_are_paths() {
    let found = sample("robot/xunit.xml");
    assert_eq!(counts(&found), [10, 2, 7, 1]);
    let joins = case(&found, "Alice Joins \"A Room\" & <Waves> Für Zoë ✓");
    assert_eq!(joins.path.join(" > "), "Suite > Suite.Room");
    assert_eq!(joins.attempts[0].started.unwrap().to_string(), "2026-11-21T15:05:58.071637Z");
    assert_eq!(messages(case(&found, "Server Is Missing")), ["Setup failed:\nno server"]);
    let parent = ["Parent suite setup failed:\nno server at all"];
    assert_eq!(messages(case(&found, "Never Begins")), parent);
    assert_eq!(reason(case(&found, "Streaming")), Some("no camera here"));
}

#[test]
fn phpunit_says_what_went_wrong_below_the_name() {
    let found = sample("phpunit/providers.xml");
    assert_eq!(counts(&found), [11, 3, 6, 2]);
    for (name, message) in [
        ("testCountsParticipants", "Failed asserting that 2 is identical to 3."),
        ("testBreaks", "DomainException: no such room"),
        ("testSaysNothing", "This test did not perform any assertions"),
        ("testWarns", "careful"),
        ("testNeverBegins", "RuntimeException: no server"),
    ] {
        assert_eq!(messages(case(&found, name)), [message]);
    }
    let named = case(&found, "testPublishes with data set \"für Zoë ✓ & <friends>\"");
    assert_eq!(named.outcome(), Outcome::Passed);
}

#[test]
fn cucumbers_tell_in_junit_which_step_they_stopped_at() {
    for (name, entries) in [("cucumber-jvm/report.xml", 15), ("cucumber-js/report.xml", 16)] {
        let found = sample(name);
        assert_eq!((found.entries, found.cases.len()), (entries, entries as usize));
        let unknown = case(&found, "Nobody knows");
        assert_eq!(messages(unknown), ["When the moon is full: undefined"], "{name}");
        assert_eq!(unknown.path.join(" > "), "Cucumber > Rooms für \"Zoë\" & <friends>");
        assert_eq!(messages(case(&found, "The hook fails")), ["the hook broke"]);
        assert_eq!(messages(case(&found, "The cleanup fails")), ["disk is gone"]);
        assert_eq!(case(&found, "Publish - bad - #2.1").outcome(), Outcome::Failed);
        assert_eq!(case(&found, "Rooms are empty - Alice joins").outcome(), Outcome::Passed);
        assert_eq!(case(&found, "Not yet").outcome(), Outcome::Skipped);
    }
}

#[test]
fn behave_tells_the_step_where_there_is_no_exception() {
    let found = sample("behave/TESTS-room.xml");
    assert_eq!(counts(&found), [15, 7, 7, 1]);
    let step = "Failing step: When the moon is full ... undefined in 0.000s";
    assert_eq!(messages(case(&found, "Nobody knows")), [step]);
    assert_eq!(messages(case(&found, "Bob is too many")), ["expected 2, got 1 <b> \"&\""]);
    // Scenarios of one name in several rules cannot be told apart.
    assert_eq!(outcomes(case(&found, "Alice joins")), ["passed"; 3]);
}

#[test]
fn pytest_is_read_however_many_processes_ran_it() {
    let found = sample("pytest/xdist.xml");
    assert_eq!(counts(&found), [14, 5, 7, 2]);
    // What fails when a failed test is torn down is an entry of its own, and no attempt.
    let twice = case(&found, "test_fails_twice");
    assert_eq!(outcomes(twice), ["failed"]);
    assert_eq!(twice.attempts[0].detail.as_deref().unwrap().failures.len(), 2);
    let broken = ["failed on setup with \"RuntimeError: no server\""];
    assert_eq!(messages(case(&found, "test_never_begins")), broken);
    // pytest-rerunfailures writes an attempt that is tried again as one that passed.
    assert_eq!(outcomes(case(&found, "test_reconnects")), ["passed"; 2]);
}

#[test]
fn gradle_classes_are_read() {
    let found = sample("gradle/TEST-demo.RoomTest.xml");
    assert_eq!(counts(&found), [5, 1, 2, 2]);
    let message =
        "java.lang.AssertionError: one of <them> is \"late\" & gone expected:<3> but was:<2>";
    assert_eq!(messages(case(&found, "countsParticipants")), [message]);
    let text = &case(&found, "breaks").attempts[0].detail.as_ref().unwrap().failures[0].text;
    assert!(text.contains("Caused by: java.lang.RuntimeException: no server"));
    let codecs = sample("gradle/TEST-demo.RoomTest$Codecs.xml");
    assert_eq!(counts(&codecs), [2, 1, 1, 0]);
    let row = case(&codecs, "publishes[av1 at 12 fps]");
    assert_eq!(messages(row), ["java.lang.AssertionError"]);
    assert_eq!(row.path.join(" > "), "demo.RoomTest$Codecs");
    let broken = sample("gradle/TEST-demo.RoomTest$NoServer.xml");
    assert_eq!(
        messages(case(&broken, "classMethod")),
        ["java.lang.IllegalStateException: no server"]
    );
}

#[test]
fn bazel_prints_behind_the_case() {
    let found = sample("bazel/counts.xml");
    let failed = only_case(&found);
    assert_eq!((counts(&found), outcomes(failed)), ([1, 0, 1, 0], vec!["failed"]));
    assert_eq!(messages(failed), ["Error: expected 2, got 3"]);
    let output = failed.attempts[0].detail.as_ref().unwrap().output.as_deref().unwrap();
    assert!(output.contains("Executing tests from //:counts"));
    let again = sample("bazel/reconnects-attempt_1.xml");
    assert_eq!(messages(only_case(&again)), ["exited with error code 3"]);
    let passed = sample("bazel/reconnects.xml");
    assert_eq!(only_case(&passed).id("s"), only_case(&again).id("s"));
    assert!(only_case(&passed).attempts[0].detail.is_none());
}

#[test]
fn output_of_a_suite_with_several_cases_is_nobodys() {
    let print = "<system-out>Error: no</system-out>";
    let failing = "<testcase name='a'><failure/></testcase>";
    let one = junit(&format!("<testsuite name='s'>{failing}{print}</testsuite>"));
    assert_eq!(messages(only_case(&one)), ["Error: no"]);
    let passing = "<testcase name='b'/>";
    for cases in [format!("{failing}{passing}"), format!("{passing}{failing}")] {
        let two = junit(&format!("<testsuite name='s'>{cases}{print}</testsuite>"));
        assert_eq!(messages(case(&two, "a")), ["failed"]);
    }
    let elsewhere = junit(&format!(
        "<testsuite name='s'>{failing}<testsuite name='t'>{print}</testsuite></testsuite>"
    ));
    assert_eq!(messages(only_case(&elsewhere)), ["failed"]);
}

#[test]
fn vitest_and_mocha_are_read() {
    let found = sample("vitest/report.xml");
    assert_eq!(counts(&found), [12, 4, 5, 3]);
    let counted = case(&found, "a room > counts participants");
    let message = "one of <them> is \"late\" & gone: expected 2 to be 3 // Object.is equality";
    assert_eq!((messages(counted), &*counted.path[0]), (vec![message], "room.test.js"));
    // Both attempts of a retried test stand in one case, as several failures would.
    let retried = case(&found, "a room > never works").attempts[0].detail.as_ref().unwrap();
    let retried: Vec<_> = retried.failures.iter().map(|it| &*it.message).collect();
    assert_eq!(retried, ["refused 2", "refused 3"]);
    assert_eq!(messages(case(&found, "no server")), ["no server"]);
    let found = sample("mocha/junit-reporter.xml");
    assert_eq!(counts(&found), [8, 3, 5, 0]);
    let message = "one of <them> is \"late\" & gone\n\n2 !== 3";
    assert_eq!(messages(case(&found, "a room counts participants")), [message]);
    let broken = case(&found, "no server \"before all\" hook for \"never begins\"");
    assert_eq!(messages(broken), ["no server"]);
}

#[test]
fn go_tests_that_are_run_again_are_attempts() {
    let found = sample("gotestsum/rerun.xml");
    assert_eq!((counts(&found), found.cases.len()), ([12, 4, 7, 1], 8));
    assert_eq!(outcomes(case(&found, "TestReconnects")), ["failed", "passed"]);
    assert_eq!(messages(case(&found, "TestCodecs/av1")), ["room_test.go:16: too slow"; 2]);
    assert_eq!(reason(case(&found, "TestStreams")), Some("room_test.go:11: no camera here"));
    let found = sample("go-junit-report/rooms.xml");
    assert_eq!(counts(&found), [10, 3, 6, 1]);
    let panic = "panic: no such room [recovered, repanicked]";
    assert_eq!(messages(case(&found, "TestBreaks")), [panic]);
    assert_eq!(reason(case(&found, "TestStreams")), Some("room_test.go:11: no camera here"));
}

#[test]
fn testng_gives_rows_and_retries_the_same_name() {
    let found = sample("testng/TEST-demo.RoomTest.xml");
    assert_eq!((counts(&found), found.cases.len()), ([10, 3, 3, 4], 9));
    // A row that passes and one that fails; and an attempt that is tried again is called skipped.
    let rows: Vec<_> = found.cases.iter().filter(|it| &*it.name == "publishes").collect();
    assert_eq!([&*rows[0].example, &*rows[1].example], [&[][..], &["#2".into()]]);
    assert_eq!([outcomes(rows[0]), outcomes(rows[1])], [["passed"], ["failed"]]);
    assert_eq!(outcomes(case(&found, "reconnects")), ["passed", "skipped"]);
    let message = "one of <them> is \"late\" & gone expected [3] but found [2]";
    assert_eq!(messages(case(&found, "countsParticipants")), [message]);
    let broken = sample("testng/TEST-demo.RoomTest$NoServer.xml");
    assert_eq!(messages(case(&broken, "start")), ["no server"]);
    assert_eq!(case(&broken, "neverBegins").outcome(), Outcome::Skipped);
}

#[test]
fn the_console_launcher_of_junit_puts_all_classes_into_one_suite() {
    let found = sample("console-launcher/TEST-junit-jupiter.xml");
    assert_eq!((counts(&found), found.cases.len()), ([18, 6, 10, 2], 18));
    let refused = case(&found, "refuses()");
    assert_eq!(refused.path.join(" > "), "JUnit Jupiter > demo.RoomTest$WhenFull");
    assert_eq!(messages(case(&found, "breaks()")), ["no such room"]);
    assert_eq!(messages(case(&found, "neverBeginsEither()")), ["no server"]);
    assert_eq!(reason(case(&found, "streams()")), Some("no camera here"));
    let only = "org.opentest4j.TestAbortedException: Assumption failed: only on a phone";
    assert_eq!(reason(case(&found, "needsLinux()")), Some(only));
    assert_eq!(case(&found, "rates(String, int)[2]").outcome(), Outcome::Failed);
}

#[test]
fn karma_names_the_browser_but_no_version_of_it() {
    let found = sample("karma/report.xml");
    assert_eq!((counts(&found), found.cases.len()), ([7, 2, 4, 1], 7));
    for case in &found.cases {
        assert_eq!((case.path.len(), &*case.example.join(" ")), (1, "Chrome Headless"));
    }
    let av1 = case(&found, "a room with \"quotes\" & <tags> publishes av1 für Zoë ✓");
    assert_eq!(&*av1.path[0], "a room with \"quotes\" & <tags>");
    assert_eq!(messages(av1), ["Error: too slow"]);
    let counted = case(&found, "a room counts participants");
    assert_eq!(messages(counted), ["Error: one of <them> is \"late\" & gone"]);
}
