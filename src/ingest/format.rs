//! Which format a file has, told from its first bytes alone.

use serde::Serialize;

use super::decode::head_text;

/// How many bytes of a file are looked at.
pub(super) const HEAD: usize = 8 * 1024;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JUnit XML of any dialect.
    Junit,
    /// The JSON report of a Cucumber implementation.
    CucumberJson,
    /// Cucumber messages, one JSON envelope a line.
    CucumberMessages,
    /// `run.json`.
    Run,
    /// `metrics.ndjson`.
    Metrics,
    /// The log of a program.
    Log,
    /// Nothing that we know.
    Unknown,
}

/// Tells the format from the first bytes of a file, compression taken off.
pub(super) fn recognise(head: &[u8]) -> Format {
    match look(head) {
        Seen::Known(format) => format,
        Seen::Foreign(_) => Format::Unknown,
    }
}

/// Tells the format of a file that may be a log of which no line shows it, or a short `run.json`, but
/// its name does.
pub(super) fn recognise_named(file: &str, head: &[u8]) -> Format {
    let name = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(file);
    let text = head.trim_ascii_start();
    let is_text = !text.is_empty() && !text.starts_with(b"<") && !text.contains(&0);
    let is_run = || {
        let tells = |text: &str| keys(text).iter().any(|it| RUN.contains(it));
        text.starts_with(b"{") && tells(&String::from_utf8_lossy(text))
    };
    match recognise(head) {
        Format::Unknown if name.ends_with(".log") && is_text => Format::Log,
        Format::Unknown if name.rsplit('/').next() == Some("run.json") && is_run() => Format::Run,
        format => format,
    }
}

/// What a file is that is not read, and what to do instead.
pub(super) fn reason(head: &[u8]) -> String {
    match look(head) {
        Seen::Known(_) => "recognised".to_owned(),
        Seen::Foreign(reason) => reason,
    }
}

enum Seen {
    Known(Format),
    Foreign(String),
}

fn look(head: &[u8]) -> Seen {
    let text = head_text(head);
    let text = text.trim_start();
    match text.as_bytes().first() {
        None => Seen::Foreign("an empty file; was the run killed before it wrote?".to_owned()),
        Some(b'<') => xml(text),
        Some(b'[') if text[1..].trim() == "]" => Seen::Known(Format::CucumberJson),
        Some(b'{' | b'[') => json(text),
        Some(_) if is_log(text) => Seen::Known(Format::Log),
        Some(_) if text.contains('\0') => Seen::Foreign("a binary file".to_owned()),
        Some(_) => Seen::Foreign("no test results and no log that is known".to_owned()),
    }
}

/// XML is told by its root element, whatever its prefix.
fn xml(text: &str) -> Seen {
    let Some(root) = root(text) else {
        // The root stands behind a long comment, or the file is cut off; reading will tell.
        return Seen::Known(Format::Junit);
    };
    let local = root.rsplit_once(':').map_or(root, |(_, local)| local);
    let foreign = match local {
        "testsuites" | "testsuite" | "testcase" => return Seen::Known(Format::Junit),
        "test-run" | "test-results" => {
            "an NUnit report; let it be written with JunitXml.TestLogger"
        }
        "TestRun" => "a TRX report of .NET; run `dotnet test --logger junit` (JunitXml.TestLogger)",
        "assemblies" | "assembly" => {
            "an xUnit.net report; run `dotnet test --logger junit` instead"
        }
        "test-suite" => "a result of Allure 1; give the JUnit XML of the same run instead",
        "testng-results" => "a TestNG report; give its `junitreports` folder instead",
        "robot" => "the output of Robot Framework; run `robot --xunit xunit.xml` instead",
        "Site" => "CTest's own XML; run `ctest --output-junit junit.xml` instead",
        "Catch2TestRun" | "Catch" => "Catch2's own XML; run it with `--reporter junit` instead",
        "doctest" => "doctest's own XML; run it with `--reporters=junit` instead",
        "coverage" | "report" => "a coverage report, which holds no tests",
        "checkstyle" => "a Checkstyle report, which holds no tests",
        "html" | "HTML" => "an HTML page; give the file that it was made from",
        _ => "",
    };
    if !foreign.is_empty() {
        return Seen::Foreign(foreign.to_owned());
    }
    let shown: String = root.chars().take(60).collect();
    Seen::Foreign(format!("XML with the root `{shown}`, which is no test report that is known"))
}

/// The name of the root element, behind declarations, comments and instructions.
fn root(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest[rest.find('<')?..].strip_prefix('<')?;
        let skipped = if let Some(comment) = rest.strip_prefix("!--") {
            comment.split_once("-->")
        } else if rest.starts_with("!DOCTYPE html") || rest.starts_with("!doctype html") {
            return Some("html");
        } else if rest.starts_with('!') {
            let subset = rest.find('[').filter(|it| rest.find('>').is_none_or(|end| *it < end));
            subset.map_or_else(|| rest.split_once('>'), |it| rest[it..].split_once("]>"))
        } else if rest.starts_with('?') {
            rest.split_once("?>")
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
            return Some(&rest[..end]);
        };
        rest = skipped?.1;
    }
}

/// The keys of message envelopes (<https://github.com/cucumber/messages>).
const ENVELOPES: [&str; 21] = [
    "meta",
    "source",
    "gherkinDocument",
    "pickle",
    "parseError",
    "stepDefinition",
    "hook",
    "parameterType",
    "undefinedParameterType",
    "suggestion",
    "testRunStarted",
    "testRunHookStarted",
    "testRunHookFinished",
    "testCase",
    "testCaseStarted",
    "testStepStarted",
    "testStepFinished",
    "attachment",
    "externalAttachment",
    "testCaseFinished",
    "testRunFinished",
];

/// The keys of `run.json` of which several make one.
const RUN: [&str; 14] = [
    "id",
    "started",
    "finished",
    "commit",
    "branch",
    "ci",
    "reported",
    "runtime",
    "environment",
    "browser",
    "network",
    "seed",
    "repeat",
    "shard",
];

/// JSON is told by the keys of its first object.
fn json(text: &str) -> Seen {
    let keys = keys(text);
    let has = |key: &str| keys.contains(&key);
    let has_all = |wanted: &[&str]| wanted.iter().all(|key| has(key));
    if text.starts_with('[') {
        let is_feature =
            has("elements") || (has("keyword") && has("name")) || has_all(&["uri", "name"]);
        return if is_feature {
            Seen::Known(Format::CucumberJson)
        } else {
            Seen::Foreign("a JSON list that is no Cucumber report".to_owned())
        };
    }
    let first_line = text.lines().next().unwrap_or_default();
    let is_level = ["level", "severity", "lvl", "L"].into_iter().any(has);
    if first_line.contains("\"lkreport.metrics") || (has_all(&["t", "component"]) && !is_level) {
        return Seen::Known(Format::Metrics);
    }
    if keys.first().is_some_and(|it| ENVELOPES.contains(it)) && !is_level && !has("type") {
        return Seen::Known(Format::CucumberMessages);
    }
    if is_level
        || (["msg", "message"].into_iter().any(has)
            && ["ts", "time", "timestamp"].into_iter().any(has))
    {
        return Seen::Known(Format::Log);
    }
    let foreign = if has_all(&["Action", "Package"]) {
        "the output of `go test -json`; run `gotestsum --junitfile junit.xml` instead"
    } else if has("protocolVersion") && has("runnerVersion") {
        "the JSON of `dart test`; convert it with `tojunit` of the package junitreport"
    } else if has_all(&["stats", "tests"]) || has_all(&["stats", "results"]) {
        "Mocha's JSON report; use mocha-junit-reporter instead"
    } else if has_all(&["version", "examples"]) {
        "RSpec's JSON report; use rspec_junit_formatter instead"
    } else if has("numTotalTests") {
        "the JSON report of Jest or Vitest; use jest-junit or `--reporter=junit` instead"
    } else if has_all(&["config", "suites"]) {
        "Playwright's JSON report; use `--reporter=junit` instead"
    } else if has_all(&["uuid", "historyId"]) {
        "a result of Allure 2; give the JUnit XML of the same run instead"
    } else if has("reportFormat") {
        "a CTRF report; give the JUnit XML of the same run instead"
    } else if has("versions")
        || has("suite")
        || keys.iter().filter(|it| RUN.contains(it)).count() > 2
    {
        return Seen::Known(Format::Run);
    } else {
        "JSON that is no test report that is known"
    };
    Seen::Foreign(foreign.to_owned())
}

/// The keys of the first object in a JSON text that may be cut off anywhere.
fn keys(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    let Some(begin) = text.find('{') else { return keys };
    let (mut depth, mut at) = (0_u32, begin);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => break,
            b'}' | b']' => depth -= 1,
            b'"' => {
                let Some(length) = string_length(&text[at..]) else { break };
                let string = &text[at + 1..at + length - 1];
                at += length;
                if depth == 1 && text[at..].trim_start().starts_with(':') {
                    keys.push(string);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// The bytes of the JSON string at the start of `text`, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// Whether one of the first lines bears a time of day or a level, as logs do.
fn is_log(text: &str) -> bool {
    let mut lines = text.lines().filter(|it| !it.trim().is_empty()).take(10);
    lines.any(|line| {
        let start = &line.as_bytes()[..line.len().min(100)];
        let is_time = |at: &[u8]| {
            let digits = [0, 1, 3, 4, 6, 7].into_iter().all(|n| at[n].is_ascii_digit());
            digits && at[2] == b':' && at[5] == b':'
        };
        start.windows(8).any(is_time) || says_level(line) || line.contains("panic: ")
    })
}

fn says_level(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric()).take(4);
    words
        .any(|it| matches!(it, "TRACE" | "DEBUG" | "INFO" | "WARN" | "WARNING" | "ERROR" | "FATAL"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        let cases = [
            ("<testsuites/>", Format::Junit),
            (
                "\u{feff}\n<!-- <html> --><?x ?><!DOCTYPE a [<!ENTITY b '>'>]><j:testsuite>",
                Format::Junit,
            ),
            ("<!-- cut", Format::Junit),
            ("<html><testsuite>", Format::Unknown),
            ("<!DOCTYPE html><testsuite>", Format::Unknown),
            (" [ ]\n", Format::CucumberJson),
            ("[{\"line\":1,\"elements\":[", Format::CucumberJson),
            ("[{\"keyword\":\"Feature\",\"name\":\"\\\"", Format::CucumberJson),
            ("[1,2]", Format::Unknown),
            ("{\"meta\":{\"protocolVersion\":\"30\"", Format::CucumberMessages),
            ("{\"parseError\":{}}", Format::CucumberMessages),
            ("{\"suite\":\"s\"}", Format::Run),
            ("{\n \"versions\": {\"livekit\": \"1\"}}", Format::Run),
            ("{\"schema\":\"lkreport.metrics/1\"}", Format::Metrics),
            ("{\"t\":\"2026-11-21T09:00:00Z\",\"component\":\"redis\"}", Format::Metrics),
            ("{\"level\":\"info\",\"ts\":1,\"msg\":\"x\"}", Format::Log),
            ("2026-11-21T10:24:06.623Z\tINFO\tlivekit\tx", Format::Log),
            ("1234:M 21 Nov 2026 10:21:22.123 * Ready", Format::Log),
            ("INFO: starting", Format::Log),
            ("hello", Format::Unknown),
            ("", Format::Unknown),
            ("{", Format::Unknown),
        ];
        for (head, format) in cases {
            assert_eq!(recognise(head.as_bytes()), format, "{head}");
        }
    }

    #[test]
    fn what_is_foreign_is_named() {
        assert!(reason(b"{\"Action\":\"run\",\"Package\":\"a\"}").contains("gotestsum"));
        assert!(reason(b"<TestRun xmlns='x'>").contains("TRX"));
        assert!(reason(b"<catalog>").contains("`catalog`"));
        assert!(reason(b" \n").contains("empty"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(bytes in prop::collection::vec(any::<u8>(), 0..200), start in "[<\\[{]?") {
            let head = [start.as_bytes(), &bytes].concat();
            let _ = (recognise(&head), reason(&head));
        }

        #[test]
        fn any_cut_of_json_is_something(text in "[\\[{]([\\[\\]{}\":, \\\\]|[a-c\u{20ac}]){0,60}") {
            let _ = recognise(text.as_bytes());
        }
    }
}
