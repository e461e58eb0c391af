//! What is wrong in a file about versions, and where.

use std::fmt;

use serde_saphyr::Location;

/// Why a matrix or a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1; 0 where the fault has no place.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// The line itself, or of a long one what stands around the place.
    pub excerpt: String,
    /// What is wrong.
    pub message: String,
    /// How many characters of the excerpt stand before the place.
    before: usize,
}

/// How much of a line is shown on each side of a place.
const AROUND: usize = 60;

impl Fault {
    /// A fault at a place of a text.
    pub(super) fn at(file: &str, text: &str, place: Location, message: impl Into<String>) -> Self {
        let line = match usize::try_from(place.line()) {
            Ok(it @ 1..) => text.lines().nth(it - 1).unwrap_or_default().trim_end(),
            _ => "",
        };
        let before = usize::try_from(place.column().saturating_sub(1)).unwrap_or(0);
        let left_out = before.saturating_sub(AROUND);
        Self {
            file: file.to_owned(),
            line: place.line(),
            column: place.column(),
            excerpt: line.chars().skip(left_out).take(2 * AROUND).map(harmless).collect(),
            message: message.into().chars().map(harmless).collect(),
            before: before - left_out,
        }
    }

    /// What a reader of YAML said.
    pub(super) fn of(file: &str, text: &str, error: &serde_saphyr::Error) -> Self {
        let place = error.location().unwrap_or(Location::UNKNOWN);
        let message = error.without_snippet().to_string();
        // What follows is for whoever configures the reader, not for whoever writes the file.
        let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or_default();
        let again = format!(" at line {}, column {}", place.line(), place.column());
        Self::at(file, text, place, message.strip_suffix(&again).unwrap_or(message))
    }
}

/// A file may come from anywhere, and what is said of it goes to a terminal.
fn harmless(c: char) -> char {
    match c {
        '\t' | '\n' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "{}: {}", self.file, self.message);
        }
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        write!(f, "  | {}\n  | {}^", self.excerpt, " ".repeat(self.before))
    }
}

impl std::error::Error for Fault {}
