//! A text with marks in place of what varies.

use super::word::{self, Piece};

/// What parts two words.
const BORDERS: &[char] = &[
    ',', ';', '(', ')', '[', ']', '{', '}', '<', '>', '|', '=', '"', '\'', '`', '“', '”', '‘', '’',
];

/// The longest quoted text, in bytes.
const QUOTED: usize = 200;

/// A text with marks, and what stood there.
#[derive(Default)]
pub(super) struct Line<'a> {
    pub(super) text: String,
    pub(super) values: Vec<Box<str>>,
    names: &'a [&'a str],
    /// Where the last word with a mark begins and ends in `text`, and where its values begin.
    last: Option<(usize, usize, usize)>,
}

impl<'a> Line<'a> {
    /// Puts marks into `text`.
    pub(super) fn of(text: &str, names: &'a [&'a str]) -> Self {
        let mut line = Self { names, text: String::with_capacity(text.len()), ..Self::default() };
        line.all(text.trim());
        line.text.truncate(line.text.trim_end().len());
        line
    }

    fn all(&mut self, mut rest: &str) {
        let mut before = '\0';
        while let Some(first) = rest.chars().next() {
            let length = self.take(rest, first, before);
            before = rest[..length].chars().next_back().unwrap_or(first);
            rest = &rest[length..];
        }
    }

    /// Takes over what `rest` begins with; how many bytes that was.
    fn take(&mut self, rest: &str, first: char, before: char) -> usize {
        if first.is_whitespace() || first.is_control() {
            return self.space(rest);
        }
        if let Some(length) = self.whole(rest, before) {
            return length;
        }
        if let Some(length) = self.quoted(rest, first, before) {
            return length;
        }
        if BORDERS.contains(&first) {
            self.text.push(first);
            return first.len_utf8();
        }
        let ends = |c: char| c.is_whitespace() || c.is_control() || BORDERS.contains(&c);
        let length = rest.find(ends).unwrap_or(rest.len());
        // The query of an address has borders of its own.
        let in_query = |c: char| ends(c) && c != '=';
        let is_url = rest[..length].contains("://");
        let length = if is_url { rest.find(in_query).unwrap_or(rest.len()) } else { length };
        let trimmed =
            rest[..length].trim_end_matches(['.', ':', '!', '?']).len().max(first.len_utf8());
        let length = trimmed + unit(&rest[..trimmed], &rest[trimmed..]);
        self.word(&rest[..length]);
        length
    }

    /// One blank for any space; sequences that colour a terminal are dropped.
    fn space(&mut self, rest: &str) -> usize {
        if let Some(codes) = rest.strip_prefix("\u{1b}[") {
            return 2 + codes.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |it| it + 1);
        }
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        rest.find(|c: char| !c.is_whitespace() && (!c.is_control() || c == '\u{1b}'))
            .unwrap_or(rest.len())
            .max(1)
    }

    /// What spans words: masked secrets, descriptions of sessions, candidates.
    fn whole(&mut self, rest: &str, before: char) -> Option<usize> {
        let (mark, length) = if rest.starts_with("[masked ") {
            ("<secret>", rest.find(']')? + 1)
        } else if before.is_alphanumeric() {
            return None;
        } else if rest.starts_with("v=0") {
            ("<sdp>", session(rest)?)
        } else if rest.starts_with("candidate:") || rest.starts_with("a=candidate:") {
            ("<candidate>", rest.find(['\n', '\r', '"', '\\', ']']).unwrap_or(rest.len()))
        } else {
            return None;
        };
        self.push(&[Piece::Mark(mark, &rest[..length])]);
        Some(length)
    }

    /// A quoted word is a name, unless it is a key; quoted prose is looked at like any other.
    fn quoted(&mut self, rest: &str, first: char, before: char) -> Option<usize> {
        let last = match first {
            '"' | '`' => first,
            '\'' if !before.is_alphanumeric() => first,
            '“' => '”',
            '‘' => '’',
            _ => return None,
        };
        let inner = &rest[first.len_utf8()..];
        let length = inner.find(last)?;
        let (inside, after) = (&inner[..length], &inner[length + last.len_utf8()..]);
        if inside.is_empty() || length > QUOTED || inside.contains('\n') {
            return None;
        }
        let opens = self.text.trim_end().ends_with(['{', ',']);
        self.text.push(first);
        if opens && after.trim_start().starts_with(':') {
            self.text.push_str(inside);
        } else if inside.contains(char::is_whitespace) {
            self.all(inside);
        } else {
            self.push(&[Piece::Mark("<name>", inside)]);
        }
        self.text.push(last);
        Some(rest.len() - after.len())
    }

    fn word(&mut self, word: &str) {
        if self.names.binary_search(&word).is_ok() {
            self.push(&[Piece::Mark("<name>", word)]);
        } else {
            self.push(&word::pieces(word));
        }
    }

    /// Adds a word; one like the one before it in a list is the same word once more.
    fn push(&mut self, pieces: &[Piece<'_>]) {
        let (start, first) = (self.text.len(), self.values.len());
        for piece in pieces {
            match piece {
                Piece::Plain(text) => self.text.push_str(text),
                Piece::Mark(mark, value) => {
                    self.text.push_str(mark);
                    self.values.push((*value).into());
                }
            }
        }
        if self.values.len() == first {
            return;
        }
        let Some((from, to, values)) = self.last.replace((start, self.text.len(), first)) else {
            return;
        };
        let is_listed = |it: &str| it.chars().all(|c| " ,;\"'`".contains(c)) || it.trim() == "and";
        if self.text[from..to] == self.text[start..] && is_listed(&self.text[to..start]) {
            self.join((from, to, values), first);
        }
    }

    /// Puts the values from `first` on to those of the word before, and drops their word.
    fn join(&mut self, (from, to, values): (usize, usize, usize), first: usize) {
        for (n, more) in self.values.split_off(first).into_iter().enumerate() {
            let value = &mut self.values[values + n];
            *value = format!("{value}, {more}").into();
        }
        self.text.truncate(to);
        self.last = Some((from, to, values));
    }
}

/// How much of `rest` is the unit of a number that stands before it.
fn unit(number: &str, rest: &str) -> usize {
    const UNITS: [&str; 15] = [
        "ns",
        "µs",
        "us",
        "ms",
        "s",
        "sec",
        "secs",
        "seconds",
        "second",
        "min",
        "minutes",
        "minute",
        "milliseconds",
        "hours",
        "hour",
    ];
    let is_number = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let Some(after) = rest.strip_prefix(' ').filter(|_| is_number) else { return 0 };
    let length = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
    if UNITS.contains(&&after[..length]) { 1 + length } else { 0 }
}

/// How long the session description is that `rest` begins with, its lines parted in any writing.
fn session(rest: &str) -> Option<usize> {
    let mut end = 3;
    loop {
        let after = &rest[end..];
        let line =
            ["\\r\\n", "\\n", "\r\n", "\n", " "].iter().find_map(|it| after.strip_prefix(it));
        let Some(line) = line.filter(|it| it.as_bytes().get(1) == Some(&b'=')) else { break };
        let length = line.find(['\r', '\n', '\\', '"']).unwrap_or(line.len());
        end = rest.len() - line.len() + length;
    }
    (end > 3).then_some(end)
}
