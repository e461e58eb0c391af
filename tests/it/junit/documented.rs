//! Dialects as their documentation has them.

use super::*;

#[test]
fn googletest_says_in_attributes_what_did_not_run() {
    let found = junit(
        "<testsuites><testsuite name='S'>
        <testcase name='a' status='run' result='completed' time='0.' classname='S'/>
        <testcase name='b' status='notrun' result='suppressed' time='0.' classname='S'/>
        <testcase name='c' status='run' result='skipped' classname='S'><skipped message='x.cc:1&#x0A;no'/></testcase>
        </testsuite></testsuites>",
    );
    let said: Vec<_> = found.cases.iter().map(|it| it.outcome().word()).collect();
    assert_eq!(said, ["passed", "skipped", "skipped"]);
    assert_eq!(found.cases[0].path.join("/"), "S");
}

#[test]
fn ctest_writes_statuses() {
    let found = junit(
        "<testsuite name='Linux-c++' tests='4' hostname='' time='0' timestamp='2026-11-21T10:00:00'>
        <testcase name='a' classname='a' time='0.5' status='run'><properties/><system-out>ok</system-out></testcase>
        <testcase name='b' classname='b' time='0.5' status='fail'><failure message=''/><system-out>b.cc:1: Error: no</system-out></testcase>
        <testcase name='c' classname='c' time='0' status='notrun'><skipped message='Disabled'/></testcase>
        <testcase name='d' classname='d' time='0' status='disabled'/>
        </testsuite>",
    );
    let said: Vec<_> = found.cases.iter().map(|it| it.outcome().word()).collect();
    assert_eq!(said, ["passed", "failed", "skipped", "skipped"]);
    let failed = found.cases[1].attempts[0].detail.as_ref().unwrap();
    assert_eq!(failed.output.as_deref(), Some("b.cc:1: Error: no"));
    let started = found.cases[1].attempts[0].started.unwrap();
    assert_eq!(started.to_string(), "2026-11-21T10:00:00.5Z", "time goes on in a suite");
}

#[test]
fn playwright_projects_tell_cases_apart_and_attachments_are_found() {
    let suite = |project: &str, inside: &str| {
        format!(
            "<testsuite name='room.spec.ts' hostname='{project}' timestamp='2026-11-21T10:00:00.000Z'>
            <testcase name='joins' classname='room.spec.ts' time='1.2'>{inside}</testcase></testsuite>"
        )
    };
    let output = "<failure message='room.spec.ts:3:1 joins' type='FAILURE'><![CDATA[  Error: no]]></failure>
        <system-out><![CDATA[\n[[ATTACHMENT|test-results/joins/test-failed-1.png]]\n[[ATTACHMENT|../../../etc/passwd]]\n]]></system-out>";
    let xml = format!(
        "<testsuites id='' name='' tests='2'>{}{}</testsuites>",
        suite("chromium", output),
        suite("firefox", "")
    );
    let found = junit(&xml);
    assert_eq!(found.cases.len(), 2);
    assert_eq!(found.cases[0].example.as_ref(), ["chromium".into()]);
    assert_ne!(found.cases[0].id(""), found.cases[1].id(""));
    let detail = found.cases[0].attempts[0].detail.as_ref().unwrap();
    let places: Vec<_> = detail.artifacts.iter().map(|it| (it.kind, &*it.place)).collect();
    let image = (ArtifactKind::Image, "test-results/joins/test-failed-1.png");
    assert_eq!(places, [image, (ArtifactKind::File, "../../../etc/passwd")]);
    // The same file from a producer whose host name is that of a machine.
    let found = junit(&xml.replace("<testsuites id=''", "<testsuites"));
    assert!(found.cases.iter().all(|it| it.example.is_empty()));
}

#[test]
fn surefire_attempts_stand_in_their_order() {
    let passed = junit(
        "<testsuite name='a.B'><testcase name='t' classname='a.B' time='1,234.5'>
        <flakyFailure message='m' type='x.E' time='0.1'><stackTrace>x.E: m</stackTrace><system-out>o</system-out></flakyFailure>
        <flakyError type='x.F'><stackTrace>x.F: n</stackTrace></flakyError></testcase></testsuite>",
    );
    let case = only_case(&passed);
    assert_eq!(outcomes(case), ["failed", "failed", "passed"]);
    assert!(case.is_flaky() && passed.entries == 1);
    let first = case.attempts[0].detail.as_ref().unwrap();
    assert_eq!(first.failures[0].text.as_ref(), "x.E: m");
    assert_eq!(first.output.as_deref(), Some("o"));
    let second = case.attempts[1].detail.as_ref().unwrap();
    assert_eq!(second.failures[0].kind, FailureKind::Error);
    let failed = junit(
        "<testsuite name='a.B'><testcase name='t' classname='a.B'><failure message='1'/>
        <rerunFailure message='2'/><rerunError message='3'/></testcase></testsuite>",
    );
    let messages: Vec<_> = (only_case(&failed).attempts.iter())
        .map(|it| &*it.detail.as_ref().unwrap().failures[0].message)
        .collect();
    assert_eq!(messages, ["1", "2", "3"]);
}

#[test]
fn roots_may_be_anything_that_holds_tests() {
    for xml in [
        "<testcase name='a'/>",
        "<testsuite><testcase name='a'/></testsuite>",
        "<j:testsuites xmlns:j='x'><j:testsuite><j:testcase name='a'/></j:testsuite></j:testsuites>",
        "<?xml version='1.0'?><!-- x --><!DOCTYPE testsuites [<!ELEMENT a (b)>]><testsuites><testcase name='a'/></testsuites>",
    ] {
        let found = junit(xml);
        assert_eq!((found.entries, found.problems.len()), (1, 0), "{xml}");
    }
}

#[test]
fn properties_of_suites_and_cases_are_kept() {
    let found = junit(
        "<testsuite><properties><property name='go.version' value='1.26'/><property name='b'>c</property></properties>
        <testcase name='a'><properties><property name='tag' value='slow,@net'/>
        <property name='application/vnd.lkreport.outcome+json' value='{&quot;outcome&quot;:&quot;degraded&quot;,&quot;reason&quot;:&quot;lossy&quot;}'/>
        </properties></testcase></testsuite>",
    );
    let properties: Vec<_> = found.said.properties.into_iter().collect();
    assert_eq!(properties, [("b".into(), "c".into()), ("go.version".into(), "1.26".into())]);
    let [case] = found.cases.as_slice() else { panic!() };
    assert_eq!(case.tags.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["@slow", "@net"]);
    assert_eq!(case.outcome(), Outcome::Degraded);
    assert_eq!(case.attempts[0].detail.as_ref().unwrap().reason.as_deref(), Some("lossy"));
}

#[test]
fn a_failure_outside_of_any_case_is_a_failure_of_the_run() {
    let found = junit("<testsuite><error message='set-up'/><testcase name='a'/></testsuite>");
    assert!(found.said.failed_outside_cases);
}

#[test]
fn starts_are_counted_only_where_cases_ran_one_after_the_other() {
    let starts = |inside: &str, took: &str| -> Vec<Option<String>> {
        let suite = format!("name='s' time='{took}' timestamp='2026-11-21T10:00:00Z'");
        let found = junit(&format!(
            "<testsuite {suite}>{inside}<testcase name='a' time='4'><failure message='no'/></testcase>
            <testcase name='b' time='3'/></testsuite>"
        ));
        assert_eq!(found.said.earliest.unwrap().to_string(), "2026-11-21T10:00:00Z");
        found.cases.iter().map(|it| it.attempts[0].started.map(|it| it.to_string())).collect()
    };
    let said = |it: &str| Some(format!("2026-11-21T10:00:0{it}Z"));
    let counted = [said("0"), said("4")];
    for took in ["7.5", "6.5", "0", ""] {
        assert_eq!(starts("", took), counted, "{took}");
    }
    assert_eq!(starts("", "4.1"), [None, None], "they ran side by side");
    let go = "<properties><property name='go.version' value='go1.26'/></properties>";
    assert_eq!(starts(go, "7.5"), [None, None], "Go's producers list failures first");
    let own = "<testcase name='c' time='1' timestamp='2026-11-21T10:00:09Z'/>";
    assert_eq!(starts(own, "4.1"), [said("9"), said("1"), said("5")]);
}
