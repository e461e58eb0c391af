//! Which lines of a failure's text tell what went wrong.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How much a line tells: 0 nothing, from [`TELLING`] on it is worth keeping.
pub(super) type Score = u8;

/// The least score of a line that is kept when a text is shortened.
pub(super) const TELLING: Score = 5;

/// Parts of lines that tell, whatever stands before them, with their scores.
const PARTS: [(&str, Score); 22] = [
    ("Caused by:", 7),
    ("panicked at", 8),
    ("assertion `", 8),
    ("assertion failed", 8),
    ("Assertion failed", 8),
    ("AssertionError", 8),
    ("AssertionFailedError", 8),
    ("AssertFailure", 8),
    ("Failed asserting", 8),
    ("DATA RACE", 8),
    ("fatal error:", 8),
    ("Exception:", 7),
    ("Error:", 7),
    ("but was", 7),
    ("but found", 7),
    ("but got", 7),
    ("timed out", 6),
    ("Timeout", 5),
    ("error:", 6),
    ("SIGSEGV", 7),
    ("Segmentation fault", 7),
    ("FATAL", 6),
];

/// How much `line` tells.
pub(super) fn score(line: &str) -> Score {
    let text = line.trim_start();
    if text.is_empty() || text.starts_with("at ") || text.starts_with("--- ") {
        return 0;
    }
    // Logs speak of errors all the time; a line with a time before it is seldom the failure itself.
    if text.starts_with(|c: char| c.is_ascii_digit()) && text.as_bytes().get(4) == Some(&b'-') {
        return 0;
    }
    if text.starts_with("panic:") {
        return 9;
    }
    if line.len() > text.len() && says_go_test(text) {
        return 9;
    }
    let parts = FINDER.find_overlapping_iter(text);
    parts.map(|it| PARTS[it.pattern().as_usize()].1).max().unwrap_or(0)
}

/// Finds all of [`PARTS`] in one pass.
static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::new(PARTS.map(|(part, _)| part)).expect("a few short words make a small automaton")
});

/// `file_test.go:12: message`, as Go's `testing` writes it.
fn says_go_test(text: &str) -> bool {
    let Some((file, rest)) = text.split_once(".go:") else { return false };
    let Some((line, message)) = rest.split_once(": ") else { return false };
    !file.contains(char::is_whitespace)
        && line.bytes().all(|it| it.is_ascii_digit())
        && !message.trim().is_empty()
}

/// The lines that tell most, as a message: the last of the best, with what it announces.
pub(super) fn message(text: &str) -> Option<String> {
    let lines = text.lines().enumerate();
    let scored = lines.map(|(n, line)| (score(line), n)).filter(|(score, _)| *score > 0);
    let Some((_, best)) = scored.max_by_key(|(score, _)| *score) else {
        let mut lines = text.lines().map(str::trim);
        return lines.find(|it| !it.is_empty() && !is_frame(it)).map(str::to_owned);
    };
    let mut lines = text.lines().skip(best);
    let mut message = lines.next()?.trim().to_owned();
    if message.ends_with(':') {
        let announced = lines.map(str::trim).take_while(|it| !it.is_empty() && !is_frame(it));
        for line in announced.take(3) {
            message.push('\n');
            message.push_str(line);
        }
    }
    Some(message)
}

/// What frameworks write around a failure.
fn is_frame(line: &str) -> bool {
    ["=== RUN", "=== PAUSE", "=== CONT", "--- FAIL", "at ", "note:", "Test:", "Traceback"]
        .iter()
        .any(|frame| line.starts_with(frame))
}

/// Whether a producer's message says no more than that there is a failure.
pub(super) fn is_generic(message: &str) -> bool {
    let message = message.trim().trim_end_matches(['.', ':', '!']);
    ["", "failed", "failure", "test failure", "test failed", "error", "fail", "errored", "none"]
        .iter()
        .any(|it| message.eq_ignore_ascii_case(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_is_found() {
        let go = "=== RUN   TestTurn\n\
            2026-11-21T10:24:06.623Z\tERROR\tlivekit\tclient/client.go:104\tcannot: accept\n    \
            helpers.go:160: expected client to not connect: PA_k\n\
            2026-11-21T10:24:06.623Z\tINFO\tlivekit\tError: none\n--- FAIL: TestTurn (1.13s)\n";
        assert_eq!(message(go).unwrap(), "helpers.go:160: expected client to not connect: PA_k");
        let rust = "thread 'a' panicked at tests/b.rs:1:2:\nit must not be\nnote: run with\n";
        assert_eq!(
            message(rust).unwrap(),
            "thread 'a' panicked at tests/b.rs:1:2:\nit must not be"
        );
        let testify = "    a_test.go:1: \n        \tError Trace:\ta_test.go:1\n        \tError:      \tNot equal: \n        \t            \texpected: 1\n        \t            \tactual  : 2\n        \tTest:       \tTestA\n";
        assert_eq!(message(testify).unwrap(), "Error:      \tNot equal:\nexpected: 1\nactual  : 2");
        assert_eq!(message("=== RUN   A\n--- FAIL: A (0s)\n"), None);
        assert_eq!(message(" \nsomething\nelse\n").unwrap(), "something");
        assert_eq!(message(""), None);
    }

    #[test]
    fn generic_messages_are_known() {
        assert!(["Failed", " failure.", "", "Test failed!"].into_iter().all(is_generic));
        assert!(!is_generic("Failed to join"));
    }
}
