//! Rules about versions that meet, and those that are shipped.

use std::{fs, path::Path};

use lkreport_engine::version::rules::{self, Rule, Strictness, Verdict};

use crate::version::combination;

fn read(text: &str) -> Vec<Rule> {
    rules::read([("rules.yaml", text)]).unwrap()
}

/// The rules of the repository.
fn shipped() -> Vec<Rule> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let texts: Vec<_> = files.iter().map(|it| fs::read_to_string(it).unwrap()).collect();
    let names = files.iter().map(|it| it.file_name().unwrap().to_str().unwrap());
    rules::read(names.zip(texts.iter().map(String::as_str))).unwrap()
}

/// The ids of the rules that a combination breaks.
fn broken(rules: &[Rule], versions: &[(&str, &str)]) -> Vec<String> {
    let verdict = rules::check(rules, &combination(versions), &[], None);
    verdict.violations.into_iter().map(|it| it.rule).collect()
}

const EVERY_TYPE: &str = "
rules:
  - id: range
    type: version-range
    strictness: fail
    components: {egress: '>=1.8.0'}
    requires: {livekit: '>=1.5.1'}
    reason: it says so
    source: https://example.org/1
  - id: same
    type: exact-match
    strictness: warn
    components: {livekit: '*', sdk-go: '>=2'}
    numbers: 2
    reason: it says so
    source: https://example.org/2
  - id: protocol
    type: protocol-minimum
    strictness: fail
    components: {client-js: '>=2.18'}
    protocol: 15
    reason: it says so
    source: https://example.org/3
  - id: bad
    type: known-bad
    strictness: fail
    components: {livekit: '=1.9.10'}
    reason: it panics
    source: https://example.org/4
  - id: nobody cares
    type: known-bad
    strictness: ignore
    components: {livekit: '*'}
    reason: it panics
    source: https://example.org/5
";

#[test]
fn each_type_finds_what_it_is_about() {
    let rules = read(EVERY_TYPE);
    let broken = |versions: &[(&str, &str)]| broken(&rules, versions);
    assert_eq!(broken(&[("livekit", "1.5.0"), ("egress", "1.8.0")]), ["range"]);
    assert_eq!(broken(&[("livekit", "1.5.1"), ("egress", "1.8.0")]), [""; 0]);
    assert_eq!(broken(&[("livekit", "1.5.0"), ("egress", "1.7.12")]), [""; 0]);
    assert_eq!(broken(&[("egress", "1.8.0")]), [""; 0]);
    assert_eq!(broken(&[("livekit", "2.1.0"), ("sdk-go", "2.2.0")]), ["same"]);
    assert_eq!(broken(&[("livekit", "2.1.0"), ("sdk-go", "2.1.7")]), [""; 0]);
    assert_eq!(broken(&[("livekit", "1.1.0"), ("sdk-go", "1.2.0")]), [""; 0]);
    assert_eq!(broken(&[("livekit", "1.7.2"), ("client-js", "2.18.1")]), ["protocol"]);
    assert_eq!(broken(&[("livekit", "1.8.4"), ("client-js", "2.18.1")]), [""; 0]);
    assert_eq!(broken(&[("livekit", "1.9.10")]), ["bad"]);
}

#[test]
fn a_violation_names_what_does_not_go_together() {
    let rules = read(EVERY_TYPE);
    let message = |versions: &[(&str, &str)]| {
        rules::check(&rules, &combination(versions), &[], None).violations.swap_remove(0).message
    };
    let found = [
        message(&[("livekit", "1.4.5"), ("egress", "1.8.0")]),
        message(&[("livekit", "2.1.0"), ("sdk-go", "2.2.0")]),
        message(&[("livekit", "1.7.2"), ("client-js", "2.18.1")]),
        message(&[("livekit", "v1.9.10")]),
    ];
    let expected = [
        "egress 1.8.0 needs livekit >=1.5.1, and this is 1.4.5: it says so (https://example.org/1)",
        "livekit 2.1.0 with sdk-go 2.2.0 should be of one version: it says so (https://example.org/2)",
        "client-js 2.18.1 needs signal protocol 15, and livekit 1.7.2 speaks 14: it says so (https://example.org/3)",
        "livekit 1.9.10: it panics (https://example.org/4)",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_nearest_that_works_changes_few_components_by_little() {
    let rules = read(EVERY_TYPE);
    let pair =
        |livekit: &str, egress: &str| combination(&[("livekit", livekit), ("egress", egress)]);
    let tested = [
        pair("1.13.5", "1.9.0"),
        pair("1.5.0", "1.2.0"),
        pair("1.5.3", "1.9.0"),
        pair("1.9.10", "1.9.0"),
        pair("1.5.0", "1.8.0"),
        combination(&[("livekit", "1.5.2")]),
    ];
    let check = |at: usize| rules::check(&rules, &pair("1.5.0", "1.9.0"), &[], Some(&tested[at..]));
    assert_eq!(check(0).nearest, Some(pair("1.5.3", "1.9.0")));
    assert_eq!(check(3).nearest, None);
    let works = rules::check(&rules, &pair("1.5.3", "1.9.0"), &[], Some(&tested));
    let expected =
        Verdict { violations: Vec::new(), nearest: None, possible: None, is_untested: false };
    assert_eq!(works, expected);
}

#[test]
fn the_nearest_may_have_a_warning_where_the_asked_one_is_refused() {
    let rules = read(EVERY_TYPE);
    let pair = |livekit: &str, sdk: &str| combination(&[("livekit", livekit), ("sdk-go", sdk)]);
    let nearest = |asked, tested: &[_]| rules::check(&rules, &asked, &[], Some(tested)).nearest;
    let warned = [pair("1.9.11", "2.9.0")];
    assert_eq!(nearest(pair("1.9.10", "2.9.0"), &warned).as_ref(), warned.first());
    assert_eq!(nearest(pair("1.9.12", "2.9.0"), &warned), None);
}

#[test]
fn without_a_tested_one_the_nearest_that_breaks_no_rule_is_named_as_such() {
    let rules = read(EVERY_TYPE);
    let pair = |egress: &str| combination(&[("livekit", "1.5.0"), ("egress", egress)]);
    let others = [pair("1.9.0"), pair("1.2.0"), pair("1.7.0")];
    let verdict = rules::check(&rules, &pair("1.9.0"), &others, None);
    assert_eq!((verdict.nearest.as_ref(), verdict.possible.as_ref()), (None, others.last()));
    let said = "the nearest combination that breaks no such rule: egress 1.7.0, livekit 1.5.0\n";
    assert!(verdict.to_string().ends_with(said), "{verdict}");
    let tested = [pair("1.2.0")];
    let verdict = rules::check(&rules, &pair("1.9.0"), &others, Some(&tested));
    assert_eq!((verdict.nearest.as_ref(), verdict.possible.as_ref()), (tested.first(), None));
}

#[test]
fn a_verdict_tells_everything_the_strictest_first() {
    let rules = read(EVERY_TYPE);
    let verdict = rules::check(
        &rules,
        &combination(&[("livekit", "2.0.0"), ("sdk-go", "2.1.0")]),
        &[],
        Some(&[combination(&[("livekit", "2.1.0"), ("redis", "7.2"), ("sdk-go", "2.1.0")])]),
    );
    assert!(!verdict.is_refused());
    let expected = "warn: livekit 2.0.0 with sdk-go 2.1.0 should be of one version: it says so \
                    (https://example.org/2) [same]\n\
                    the nearest combination that works: livekit 2.1.0, sdk-go 2.1.0\n\
                    warn: untested: the history has no run of this combination\n";
    assert_eq!(verdict.to_string(), expected);
    assert!(rules::check(&rules, &combination(&[("livekit", "1.9.10")]), &[], None).is_refused());
}

/// A file with one rule, one of whose lines is replaced.
fn with(line: &str, replaced: &str) -> String {
    let rule = "rules:\n  - id: a\n    type: known-bad\n    strictness: fail\n    components: {livekit: '=1.0.0'}\n    reason: r\n    source: https://example.org/1\n";
    assert!(rule.contains(line));
    rule.replace(line, replaced)
}

#[test]
fn whatever_is_wrong_in_a_rule_is_named_with_its_place() {
    let wrong = [
        (with("known-bad", "known_bad"), 3, "known_bad"),
        (with("fail", "fatal"), 4, "fatal"),
        (with("livekit", "livkit"), 5, "no component is named `livkit`"),
        (with("=1.0.0", "1.0.0 or so"), 5, "is no range of versions"),
        (with("reason: r", "reason: r\n    why: r"), 7, "why"),
        (with("    reason: r\n", ""), 6, "missing field `reason`"),
        (with("reason: r", "reason: ''"), 2, "`reason` is empty"),
        (with("https", "ftp"), 2, "`source` is no link"),
        (with("{livekit: '=1.0.0'}", "{}"), 2, "`components` needs at least 1"),
        (with("reason: r", "reason: r\n    protocol: 3"), 2, "a `known-bad` has none of"),
        (with("known-bad", "version-range"), 2, "a `version-range` has `requires` only"),
        (with("known-bad", "exact-match"), 2, "`components` needs at least 2"),
        (with("known-bad", "protocol-minimum"), 2, "a `protocol-minimum` has `protocol` only"),
        ("rules: {".to_owned(), 0, ""),
    ];
    for (text, line, message) in wrong {
        let found = rules::read([("rules.yaml", text.as_str())]).unwrap_err();
        assert!(found.message.contains(message), "{text}\n{found}");
        assert!(found.line == line || line == 0, "{text}\n{found}");
        assert_eq!(found.file, "rules.yaml");
    }
}

#[test]
fn an_id_stands_once_in_all_files() {
    let text = with("known-bad", "known-bad");
    let error = rules::read([("a.yaml", text.as_str()), ("b.yaml", text.as_str())]).unwrap_err();
    let expected = "b.yaml:2:9: another rule is named `a`\n  |   - id: a\n  |         ^";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_shipped_rules_can_be_read_and_name_their_sources() {
    let rules = shipped();
    assert!(rules.len() >= 15, "{}", rules.len());
    for rule in &rules {
        assert!(rule.source.starts_with("https://github.com/"), "{}", rule.id);
        assert_ne!(rule.strictness, Strictness::Ignore, "{}", rule.id);
    }
}

#[test]
fn the_shipped_rules_know_what_the_threads_tell() {
    let rules = shipped();
    let broken = |versions: &[(&str, &str)]| broken(&rules, versions);
    assert_eq!(broken(&[("livekit", "1.9.10")]), ["livekit-1.9.10-panics"]);
    let old_server = broken(&[("livekit", "1.5.0"), ("egress", "1.9.0")]);
    assert!(old_server.contains(&"egress-1.8-needs-livekit-1.5.1".to_owned()), "{old_server:?}");
    let new_client = "client-js-2.18.1-with-livekit-up-to-1.9.9";
    assert_eq!(broken(&[("livekit", "1.8.4"), ("client-js", "2.18.1")]), [new_client]);
    assert_eq!(broken(&[("livekit", "1.8.4"), ("client-js", "2.18.0")]), [""; 0]);
    let old_ingress = broken(&[("livekit", "1.3.5"), ("ingress", "0.0.1")]);
    assert_eq!(old_ingress, ["livekit-1.3.5-needs-ingress-0.0.2"]);
    let react = |client: &str| broken(&[("components-react", "2.9.17"), ("client-js", client)]);
    assert_eq!(react("2.15.13"), ["components-react-2.9.16-needs-client-js-2.15.14"]);
    assert_eq!(react("2.15.14"), [""; 0]);
    for livekit in ["1.5.3", "1.7.2", "1.8.4", "1.9.11", "1.10.1", "1.11.0", "1.13.5"] {
        assert_eq!(broken(&[("livekit", livekit), ("sip", "1.8.0")]), [""; 0], "{livekit}");
    }
}
