//! One line of a feature file: what it is, and the parts of it that have places.

use super::{Cell, Place, Row, StepKind, Tag, language::Keywords};

/// What a line is, by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is no further line.
    End,
    Blank,
    Comment,
    Tags,
    Feature,
    Rule,
    Background,
    Scenario,
    Examples,
    Step(StepKind),
    DocString,
    Row,
    Other,
}

/// A line and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) kind: Kind,
    /// Where its first character that is no blank stands.
    pub(super) place: Place,
    /// What it begins with; empty where no keyword matters.
    pub(super) keyword: &'a str,
    /// What follows the keyword, trimmed.
    pub(super) rest: &'a str,
}

/// The delimiters of doc strings.
const DELIMITERS: [&str; 2] = ["\"\"\"", "```"];

impl<'a> Line<'a> {
    /// Looks at the text of line `number`.
    pub(super) fn new(text: &'a str, number: u32, keywords: &Keywords) -> Self {
        let trimmed = text.trim();
        let indent = text.chars().count() - text.trim_start().chars().count();
        let (kind, keyword) = kind(trimmed, keywords);
        let (keyword, rest) = trimmed.split_at(keyword);
        let is_title = matches!(
            kind,
            Kind::Feature | Kind::Rule | Kind::Background | Kind::Scenario | Kind::Examples
        );
        let rest = if is_title { rest.strip_prefix(':').unwrap_or(rest) } else { rest };
        let column = if trimmed.is_empty() { 1 } else { count(indent) + 1 };
        Self { kind, place: Place { line: number, column }, keyword, rest: rest.trim() }
    }

    /// What stands after the last line.
    pub(super) fn end(number: u32) -> Self {
        Self { kind: Kind::End, place: Place { line: number, column: 1 }, keyword: "", rest: "" }
    }

    /// The tags on the line; the places of those that hold a blank.
    pub(super) fn tags(&self) -> Result<Vec<Tag>, Place> {
        let comment = self.rest.match_indices('#').map(|(at, _)| at);
        let is_comment = |at: &usize| self.rest[..*at].ends_with(char::is_whitespace);
        let end = comment.into_iter().find(is_comment).unwrap_or(self.rest.len());
        let text = &self.rest[..end];
        let mut tags = Vec::new();
        for (at, _) in text.match_indices('@') {
            let name = &text[at + 1..];
            let name = name[..name.find('@').unwrap_or(name.len())].trim();
            let place = self.at(&self.rest[..at]);
            if name.contains(char::is_whitespace) {
                return Err(place);
            }
            if !name.is_empty() {
                tags.push(Tag { place, name: format!("@{name}") });
            }
        }
        Ok(tags)
    }

    /// The cells of a row; what stands after the last `|` is none.
    pub(super) fn row(&self) -> Row {
        let mut cells = Vec::new();
        let (mut raw, mut value) = (1, String::new());
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '|' => {
                    cells.push(self.cell(raw..at, &value));
                    value.clear();
                    raw = at + 1;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, c @ ('|' | '\\'))) => value.push(c),
                    Some((_, c)) => value.extend(['\\', c]),
                    None => value.push('\\'),
                },
                c => value.push(c),
            }
        }
        Row { place: self.place, cells }
    }

    fn cell(&self, raw: std::ops::Range<usize>, value: &str) -> Cell {
        let blank = |c: char| c.is_whitespace() && c != '\n';
        let source = &self.rest[raw.clone()];
        let indent = source.len() - source.trim_start().len();
        let place = self.at(&self.rest[..raw.start + indent]);
        Cell { place, value: value.trim_matches(blank).to_owned() }
    }

    /// The place after `before`, the beginning of a line without keyword.
    fn at(&self, before: &str) -> Place {
        Place { column: self.place.column + count(before.chars().count()), ..self.place }
    }
}

/// What a trimmed line is, and how long its keyword is in bytes.
fn kind(trimmed: &str, keywords: &Keywords) -> (Kind, usize) {
    match trimmed.bytes().next() {
        None => return (Kind::Blank, 0),
        Some(b'#') => return (Kind::Comment, 0),
        Some(b'@') => return (Kind::Tags, 0),
        Some(b'|') => return (Kind::Row, 0),
        Some(_) => {}
    }
    if DELIMITERS.iter().any(|it| trimmed.starts_with(it)) {
        return (Kind::DocString, 3);
    }
    let titles = [
        (Kind::Feature, &keywords.feature),
        (Kind::Rule, &keywords.rule),
        (Kind::Background, &keywords.background),
        (Kind::Scenario, &keywords.scenario),
        (Kind::Scenario, &keywords.scenario_outline),
        (Kind::Examples, &keywords.examples),
    ];
    for (kind, words) in titles {
        if let Some(keyword) = Keywords::title(words, trimmed) {
            return (kind, keyword.len());
        }
    }
    let step = keywords.step(trimmed);
    step.map_or((Kind::Other, 0), |(keyword, kind)| (Kind::Step(kind), keyword.len()))
}

/// A count that fits; a line of four thousand million characters has no place.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX - 1)
}
