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
