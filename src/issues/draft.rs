//! A first version of a known issue, made of a failure: with a pattern that recognises it whatever its
//! names and numbers are, and examples of both kinds.

use std::fmt::Write as _;

use regex::bytes::RegexBuilder;

use super::Versions;
use crate::model::{Failure, shaped};

/// A pattern made of a longer line is cut here, in characters.
const LONGEST: usize = 200;

/// What stands for something that varies, in a pattern.
const ANY: &str = r"\S+";

/// What a draft is made of.
#[derive(Debug)]
pub struct Draft<'a> {
    /// What the issue is to be called by.
    pub id: &'a str,
    /// The failure.
    pub failure: &'a Failure,
    /// What failures say that are something else.
    pub others: &'a [String],
    /// The versions that took part.
    pub versions: &'a Versions,
    /// Where the run can be looked at.
    pub link: Option<&'a str>,
}

impl Draft<'_> {
    /// The draft as a file.
    #[must_use]
    pub fn yaml(&self) -> String {
        let (part, line) = self.telling();
        let pattern = self.pattern(line);
        let component = self.versions.keys().find(|it| *it == "livekit");
        let component = component.or(self.versions.keys().next()).map_or("livekit", |it| it);
        let title: String = line.chars().take(80).collect();
        let mut text = String::new();
        _ = writeln!(
            text,
            "# A draft: say what happens, of which versions, and what a reader can do about it;"
        );
        _ = writeln!(
            text,
            "# then `lkreport check`. The pattern takes anything where names and numbers stood."
        );
        _ = writeln!(text, "id: {}", quoted(self.id));
        _ = writeln!(text, "title: {}", quoted(title.trim()));
        _ = writeln!(text, "component: {}", quoted(component));
        _ = writeln!(text, "status: open # open, fixed, wontfix, expected, config");
        _ = writeln!(text, "severity: medium # low, medium, high, critical");
        if let Some(link) = self.link {
            _ = writeln!(text, "links:\n  - {}", quoted(link));
        }
        _ = writeln!(text, "match:\n  any:\n    - {part}: {}", quoted(&pattern));
        if !self.versions.is_empty() {
            _ = writeln!(
                text,
                "# What is affected is a range, such as affected: {{livekit: \">=1.9.0, <1.9.7\"}}"
            );
            _ = writeln!(text, "seen:");
            for (name, version) in self.versions {
                _ = writeln!(text, "  {}: [{}]", quoted(name), quoted(version.as_str()));
            }
        }
        _ = writeln!(text, "examples:\n  match:\n    - {}", quoted(line));
        _ = writeln!(text, "  no_match:\n    - {}", quoted(&self.unlike(&pattern, line)));
        text
    }

    /// The line that says most, and the part of a failure in which it stands.
    fn telling(&self) -> (&'static str, &str) {
        let says = |it: &&str| it.trim().contains(char::is_whitespace);
        let message = self.failure.message.lines().find(says);
        let stack = || self.failure.text.lines().find(says);
        let any = || self.failure.message.lines().next().filter(|it| !it.trim().is_empty());
        let found = message.map(|it| ("message", it)).or_else(|| stack().map(|it| ("stack", it)));
        let (part, line) =
            found.or_else(|| any().map(|it| ("message", it))).unwrap_or(("message", "?"));
        (part, line.trim())
    }

    /// A pattern for a line, whatever varies in it.
    fn pattern(&self, line: &str) -> String {
        let failure = Failure { message: line.into(), type_name: None, ..self.failure.clone() };
        let shape = shaped(&failure, &[]).shape.message;
        let mut pattern = String::new();
        let mut rest: &str = &shape;
        while let Some((before, after)) = rest.split_once('<') {
            let mark = after.split_once('>').filter(|it| is_mark(it.0));
            pattern += &regex::escape(before);
            match mark {
                Some((_, after)) => {
                    pattern += ANY;
                    rest = after;
                }
                None => {
                    pattern += "<";
                    rest = after;
                }
            }
        }
        pattern += &regex::escape(rest);
        let whole = regex::escape(line);
        let fits = |it: &str| !it.replace(ANY, "").trim().is_empty() && recognises(it, line);
        let fitting =
            [shortened(&pattern), pattern, shortened(&whole)].into_iter().find(|it| fits(it));
        fitting.unwrap_or(whole)
    }

    /// A text that looks alike and is something else.
    fn unlike(&self, pattern: &str, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let longest = words.iter().max_by_key(|it| it.len()).copied().unwrap_or_default();
        let without: Vec<&str> = words.iter().filter(|it| **it != longest).copied().collect();
        let half = words[..words.len() / 2].join(" ");
        let made = [without.join(" "), half, "something else".to_owned()];
        let all = self.others.iter().cloned().chain(made);
        let mut unlike = all.filter(|it| !it.trim().is_empty() && !recognises(pattern, it));
        unlike.next().unwrap_or_else(|| "-".to_owned())
    }
}

/// Whether what stands between `<` and `>` is what stands for something that varies.
fn is_mark(text: &str) -> bool {
    !text.is_empty() && text.len() < 16 && text.bytes().all(|it| it.is_ascii_lowercase())
}

fn recognises(pattern: &str, text: &str) -> bool {
    let built = RegexBuilder::new(pattern).multi_line(true).build();
    built.is_ok_and(|it| it.is_match(text.as_bytes()))
}

/// The beginning of a pattern, up to a blank.
fn shortened(pattern: &str) -> String {
    match pattern.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let cut = pattern[..end].rfind(' ').unwrap_or(end);
            pattern[..cut].trim_end_matches('\\').to_owned()
        }
        None => pattern.to_owned(),
    }
}

/// A text in YAML: what JSON can say, YAML takes too.
fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}
