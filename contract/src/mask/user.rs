//! Patterns that users add to the built-in rules.

use std::ops::Range;

use regex::Regex;
use thiserror::Error;

use super::Secret;

/// Why a pattern of a user cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MaskError {
    /// The name would not stand in a mark.
    #[error("mask pattern {0:?}: a name is made of a-z, 0-9 and `-`, at most 40 of them")]
    Name(String),
    /// The expression is broken or too big.
    #[error("mask pattern `{name}`: {reason}")]
    Pattern {
        /// What the user calls it.
        name: String,
        /// What is wrong, with the place in the expression.
        reason: String,
    },
    /// The expression would mask the gaps between all characters.
    #[error("mask pattern `{0}`: matches the empty text")]
    Empty(String),
}

/// One pattern of a user.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    kind: &'static str,
    regex: Regex,
}

impl Pattern {
    pub(super) fn new(name: &str, pattern: &str) -> Result<Self, MaskError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
            return Err(MaskError::Name(name.to_owned()));
        }
        let regex = Regex::new(pattern)
            .map_err(|it| MaskError::Pattern { name: name.to_owned(), reason: it.to_string() })?;
        if regex.is_match("") {
            return Err(MaskError::Empty(name.to_owned()));
        }
        // Patterns are read once in the life of a program, so that their names may stay for all of it.
        Ok(Self { kind: name.to_owned().leak(), regex })
    }

    /// The secrets of this pattern in `text`, save what is already a mark.
    pub(super) fn secrets(&self, text: &str) -> Vec<Secret> {
        let marks = marks(text);
        let is_mark = |it: &Range<usize>| {
            let before = marks.partition_point(|mark| mark.start <= it.start);
            before > 0 && it.end <= marks[before - 1].end
        };
        let found = self.regex.captures_iter(text);
        let ranges = found.filter_map(|it| it.get(1).or_else(|| it.get(0)).map(|it| it.range()));
        ranges
            .filter(|it| !it.is_empty() && !is_mark(it))
            .map(|range| Secret { range, kind: self.kind, quote: String::new() })
            .collect()
    }
}

/// The places of all marks, from left to right.
fn marks(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("masked").map(|(at, _)| {
        let bracket = text[..at].ends_with('[');
        if bracket { at - 1 } else { at }
    });
    starts.filter_map(|at| super::mark_len(&text[at..]).map(|len| at..at + len)).collect()
}
