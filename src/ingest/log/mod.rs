//! The log of a program in, the lines that may explain a failure out.
//!
//! A log is read line by line and never held: what is kept are the lines around failing attempts
//! and the end of the log. All foreign formats are read by one pass over each line: prefixes of
//! the runtime are taken off ([`prefix`]), then time and level are found ([`head`]); a line without
//! either may go on with the entry before it ([`grouping`]).
//!
//! Deliberately absent: the meaning of messages; known issues are found elsewhere.

mod component;
mod entry;
mod grouping;
mod head;
mod kept;
mod lines;
mod names;
mod prefix;
mod select;
mod time;

pub use component::{component_of, reported_in};
pub use entry::{entry_at, line_at};
pub use kept::{Kept, KeptLine, LogSummary, read_kept};
pub(super) use lines::next_line;
pub use names::{names_in, rooms_in};
pub use select::{LogAsk, LogWindow, keep_log};
pub use time::Clock;

use serde::{Deserialize, Serialize};

/// How grave an entry is, from the mildest to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For those who develop the program.
    Debug,
    /// What happens.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something failed.
    Error,
    /// The program gave up: fatal, panic, emergency.
    Fatal,
}

impl Level {
    /// Every level, from the mildest to the worst.
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The letter that stands for it in a kept log.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Debug => 'D',
            Self::Info => 'I',
            Self::Warn => 'W',
            Self::Error => 'E',
            Self::Fatal => 'F',
        }
    }

    /// The level that a program calls `word`, in any case.
    pub(super) fn of_word(word: &[u8]) -> Option<Self> {
        let is = |words: &[&str]| words.iter().any(|it| word.eq_ignore_ascii_case(it.as_bytes()));
        match word.first()?.to_ascii_lowercase() {
            b'd' | b't' | b'v' if is(&["debug", "trace", "verbose", "dbg"]) => Some(Self::Debug),
            b'i' | b'n' | b'l' if is(&["info", "notice", "information", "log"]) => Some(Self::Info),
            b'w' if is(&["warn", "warning"]) => Some(Self::Warn),
            b'e' | b's' if is(&["error", "err", "severe"]) => Some(Self::Error),
            b'f' | b'p' | b'c' | b'e' | b'a'
                if is(&["fatal", "panic", "dpanic", "critical", "crit", "emerg", "alert"]) =>
            {
                Some(Self::Fatal)
            }
            _ => None,
        }
    }
}
