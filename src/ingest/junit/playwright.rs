//! What Playwright's reporter puts into the text of a failure: a title, what went wrong, and each retry
//! (<https://playwright.dev/docs/test-reporters#junit-reporter>).

/// Whether a message is only the place and the title of the test, as up to version 1.5x:
/// `join.spec.ts:17:7 counts participants`.
pub(super) fn says_place_only(type_name: Option<&str>, message: &str) -> bool {
    let place = message.split(' ').next().unwrap_or_default();
    let mut numbers = place.rsplitn(3, ':');
    let is_number = |it: Option<&str>| it.is_some_and(|it| it.parse::<u32>().is_ok());
    type_name == Some("FAILURE")
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_some_and(|file| !file.is_empty())
}

/// The first line below the title, `[project] › file:line:column › test ───`.
pub(super) fn message(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.find(|it| !(it.contains(" › ") && it.ends_with('─')))
}

/// The text of the first attempt and those of its retries, which stand below `Retry #1 ───`.
pub(super) fn attempts(text: &str) -> Vec<&str> {
    let mut attempts = Vec::new();
    let (mut begin, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if is_retry(line) {
            attempts.push(&text[begin..at]);
            begin = at + line.len();
        }
        at += line.len();
    }
    attempts.push(&text[begin..]);
    attempts
}

fn is_retry(line: &str) -> bool {
    let number = line.trim().strip_prefix("Retry #").and_then(|it| it.split_once(' '));
    number.is_some_and(|(number, rest)| {
        number.parse::<u32>().is_ok() && rest.chars().all(|it| it == '─') && !rest.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_no_messages() {
        let place = |message| says_place_only(Some("FAILURE"), message);
        assert!(place("a b.spec.ts:3:1 joins") == place("b.spec.ts joins"));
        assert!(place("join.spec.ts:17:7 counts participants"));
        assert!(!place("expected 1:2:3") && !place("") && !place(":1:2 x"));
        assert!(!says_place_only(None, "join.spec.ts:17:7 counts participants"));
    }

    #[test]
    fn retries_are_parted() {
        assert_eq!(
            attempts("a\n    Retry #1 ──\nb\nRetry #2 of 3\n"),
            ["a\n", "b\nRetry #2 of 3\n"]
        );
        assert_eq!(message("\n  [a] › b.ts:1:1 › c ──\n\n  Error: d\n"), Some("Error: d"));
        assert_eq!(message(""), None);
    }
}
