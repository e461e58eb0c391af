//! What a Cucumber says of a failure, taken apart into type, message and the text around them.

use super::super::Intake;
use crate::model::{Failure, FailureKind};

/// The longest message, in bytes.
const MESSAGE: usize = 2_000;
/// The most lines that count as message.
const MESSAGE_LINES: usize = 12;
/// The longest text around it, in bytes.
const TEXT: usize = 16_000;

/// Takes an `error_message` apart, which holds type, message and stack in one text.
pub(in crate::ingest) fn from_message(text: &str, intake: &mut Intake<'_>) -> Failure {
    let (type_name, message, rest) = split(text);
    failure(type_name, message, rest, intake)
}

/// Takes what an [exception](https://github.com/cucumber/messages) says of itself.
pub(in crate::ingest) fn from_exception(
    type_name: &str,
    message: &str,
    stack: &str,
    intake: &mut Intake<'_>,
) -> Failure {
    let (inner_type, inner_message, rest) = split(message);
    // The type is often repeated in the message, as in `Error: Error: no room`.
    let message = if inner_type == Some(type_name) { inner_message } else { message };
    let text = if stack.is_empty() { rest } else { stack };
    failure(Some(type_name).filter(|it| !it.is_empty()), message, text, intake)
}

fn failure(type_name: Option<&str>, message: &str, text: &str, intake: &mut Intake<'_>) -> Failure {
    let message =
        if message.trim().is_empty() { type_name.unwrap_or("no message") } else { message };
    Failure {
        kind: FailureKind::Failure,
        type_name: type_name.map(|it| intake.line(it)),
        message: intake.text(message.trim(), MESSAGE),
        text: intake.text(text.trim_end(), TEXT),
    }
}

/// The type if it is told, the message without it, and the rest.
fn split(text: &str) -> (Option<&str>, &str, &str) {
    let text = text.trim_start_matches(['\r', '\n']).trim_end();
    // cucumber-rs begins with the place of the step's definition.
    let matched = text.strip_prefix("Matched: ").and_then(|it| it.split_once('\n'));
    let text = matched.map_or(text, |(_, rest)| rest);
    let text = text.strip_prefix("Step panicked. Captured output: ").unwrap_or(text);
    let said = without_captured(text);
    if let Some((type_name, message)) = pytest(text).or_else(|| python(said)) {
        return (type_name, message, text);
    }
    let (message, rest) = text.split_at(message_length(said));
    if let Some((message, type_name)) = ruby(message) {
        return (Some(type_name), message, rest);
    }
    match message.split_once(':') {
        // Node says `AssertionError [ERR_ASSERTION]: …`.
        Some((head, tail)) if is_type(code_off(head)) => (Some(code_off(head)), tail.trim(), rest),
        None if is_type(message.trim()) => (Some(message.trim()), "", rest),
        _ => (None, message, rest),
    }
}

/// behave 1.2 puts what was printed behind what went wrong.
fn without_captured(text: &str) -> &str {
    let marks = ["\nCaptured stdout:", "\nCaptured stderr:", "\nCaptured logging:"];
    let end = marks.iter().filter_map(|it| text.find(it)).min();
    &text[..end.unwrap_or(text.len())]
}

/// pytest marks what went wrong by `E` at the beginning of the line, below the code around it.
fn pytest(text: &str) -> Option<(Option<&str>, &str)> {
    text.lines().find(|it| it.starts_with('>'))?;
    let marked = |line: &'_ str| line.starts_with("E   ");
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|it| marked(it))?;
    let first = lines[..last].iter().rposition(|it| !marked(it)).map_or(0, |it| it + 1);
    let message = lines[first][1..].trim();
    let (head, tail) = message.split_once(':').unwrap_or((message, ""));
    if is_type(head) {
        return Some((Some(head), tail.trim()));
    }
    Some((None, message))
}

/// A traceback ends with the exception: `AssertionError: expected 2`.
fn python(text: &str) -> Option<(Option<&str>, &str)> {
    let at = text.find("Traceback (most recent call last):")?;
    let traceback = &text[at..];
    let last = traceback.lines().rev().find(|it| it.starts_with(|c: char| c.is_alphabetic()))?;
    let (type_name, message) = last.split_once(':').unwrap_or((last, ""));
    is_type(type_name).then_some((Some(type_name), message.trim()))
}

/// Ruby puts the type behind the message: `expected 2 (RSpec::Expectations::ExpectationNotMetError)`.
fn ruby(message: &str) -> Option<(&str, &str)> {
    let (message, type_name) = message.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    is_type(type_name).then_some((message.trim_end(), type_name))
}

/// How many bytes at the beginning come before the stack.
fn message_length(text: &str) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n').take(MESSAGE_LINES) {
        if length > 0 && is_stack(line) {
            break;
        }
        length += line.len();
    }
    length
}

/// Whether a line belongs to a stack of the JVM, Node, Ruby, Go or Rust.
fn is_stack(line: &str) -> bool {
    let line = line.trim_start();
    let starts = ["at ", "Caused by:", "File \"", "goroutine ", "stack backtrace:", "Stack trace:"];
    let place = line.split_once(":in ").map_or("", |it| it.0);
    starts.iter().any(|it| line.starts_with(it))
        || place.rsplit(':').next().is_some_and(|it| it.parse::<u32>().is_ok())
        || line.trim_end() == "<unknown>"
}

/// Leaves away a code in brackets, as in `AssertionError [ERR_ASSERTION]`.
fn code_off(head: &str) -> &str {
    let head = head.trim();
    head.strip_suffix(']').and_then(|it| it.split_once(" [")).map_or(head, |it| it.0)
}

/// Whether this is the name of an exception rather than a word of a sentence.
fn is_type(name: &str) -> bool {
    let last = name.rsplit(['.', ':', '$']).next().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | ':');
    let ends = ["Error", "Exception", "Failure", "Failed", "Timeout", "Interrupt", "Exit", "Panic"];
    let known =
        ends.iter().any(|it| last.ends_with(it)) || (name.contains('.') && !name.ends_with('.'));
    name.len() <= 200 && name.chars().all(plain) && last.starts_with(char::is_uppercase) && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_found_in_every_language() {
        for (text, type_name, message) in [
            (
                "org.opentest4j.AssertionFailedError: expected: <2> but was: <1>\n\tat a.B.c(B.java:1)",
                Some("org.opentest4j.AssertionFailedError"),
                "expected: <2> but was: <1>",
            ),
            (
                "java.lang.AssertionError: \nExpecting:\n <1>\n\tat a.B.c(B.java:1)",
                Some("java.lang.AssertionError"),
                "Expecting:\n <1>",
            ),
            (
                "java.lang.NullPointerException\n\tat a.B",
                Some("java.lang.NullPointerException"),
                "",
            ),
            ("Error: no room\n    at World.<anonymous> (x.js:1:2)", Some("Error"), "no room"),
            ("AssertionError [ERR_ASSERTION]: 1 == 2", Some("AssertionError"), "1 == 2"),
            (
                "Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: no room",
                Some("ValueError"),
                "no room",
            ),
            (
                "n = 1\n\n>   assert n == 2, 'no room'\nE   AssertionError: no room\nE   assert 1 == 2\n\nx.py:1: AssertionError",
                Some("AssertionError"),
                "no room",
            ),
            (">   assert n\nE       assert 0\n\nx.py:1", None, "assert 0"),
            (
                "Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: no room\n\nCaptured stdout:\nalice is here",
                Some("ValueError"),
                "no room",
            ),
            ("expected 2\nCaptured stderr:\nlate\nCaptured stdout:\nhere", None, "expected 2"),
            (
                "no room (RuntimeError)\n./features/steps.rb:2:in `block'",
                Some("RuntimeError"),
                "no room",
            ),
            ("step failed: no room", None, "step failed: no room"),
            ("http://x: refused", None, "http://x: refused"),
            ("", None, ""),
        ] {
            let (found, said, _) = split(text);
            assert_eq!((found, said.trim()), (type_name, message), "{text}");
        }
    }
}
