//! A kept log as a file: `evidence/logs/<component>.log`, read and written here.
//!
//! Text that people can read and `grep`, in lines of four fields parted by tabs:
//!
//! ```text
//! #lkreport-log/1 {"lines":5210,"entries":5100,"first":…,"last":…,"levels":{…},"kept":2}
//! ~       4710
//! 4711    E*      2026-11-21T09:05:57.661Z        what the program wrote
//! 4712    .       -       the next line of the same entry
//! ```
//!
//! The fields are the line's number in the whole log, its level (`D`, `I`, `W`, `E`, `F`, `-` for
//! none, `.` for a line that goes on with its entry; `*` where it names something of a failure), its
//! time in UTC and its text. A line `~` says how many lines are left out.

use std::{collections::BTreeMap, fmt::Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Level;
use crate::model::{AttemptName, Case};

const MAGIC: &str = "#lkreport-log/1 ";

/// What is known of a whole log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogSummary {
    /// How many lines it has.
    pub lines: u64,
    /// How many entries these are.
    pub entries: u64,
    /// The earliest time in it.
    pub first: Option<Timestamp>,
    /// The latest time in it.
    pub last: Option<Timestamp>,
    /// How many entries there are of each level; those without one are left out.
    pub levels: BTreeMap<Level, u64>,
    /// How many lines are kept.
    pub kept: u64,
    /// The attempt whose own log it is, by its name; none for one of the whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

/// One line of a kept log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    /// Its number in the whole log, from 1.
    pub number: u64,
    /// When its entry was written.
    pub time: Option<Timestamp>,
    /// How grave its entry is.
    pub level: Option<Level>,
    /// Whether it goes on with the entry of the line before.
    pub continues: bool,
    /// Whether it names the room, a participant or the test of a failing attempt.
    pub marked: bool,
    /// Its text, masked, without the prefix of the runtime.
    pub text: Box<str>,
}

/// The kept lines of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// What is known of the whole log.
    pub summary: LogSummary,
    /// The lines that are kept, in their order.
    pub lines: Vec<KeptLine>,
}

impl LogSummary {
    /// Whether it may tell of attempt `number` of `case`, from 1: it is not the log of another one.
    #[must_use]
    pub fn may_tell_of(&self, case: &Case, number: usize) -> bool {
        let name = self.attempt.as_deref().and_then(AttemptName::parse);
        name.is_none_or(|it| it.is_of(case, number))
    }
}

impl Kept {
    /// The log as a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let summary = serde_json::to_string(&self.summary).expect("numbers and times are JSON");
        let mut out = format!("{MAGIC}{summary}\n");
        let mut last = 0;
        for line in &self.lines {
            write_gap(&mut out, line.number.saturating_sub(last + 1));
            write_line(&mut out, line);
            last = line.number;
        }
        write_gap(&mut out, self.summary.lines.saturating_sub(last));
        out
    }
}

fn write_gap(out: &mut String, lines: u64) {
    if lines > 0 {
        writeln!(out, "~\t{lines}").expect("a string takes all");
    }
}

fn write_line(out: &mut String, line: &KeptLine) {
    let level = if line.continues { '.' } else { line.level.map_or('-', Level::letter) };
    let mark = if line.marked { "*" } else { "" };
    let time = line.time.filter(|_| !line.continues);
    let time = time.map_or_else(|| "-".to_owned(), |it| format!("{it:.3}"));
    writeln!(out, "{}\t{level}{mark}\t{time}\t{}", line.number, line.text)
        .expect("a string takes all");
}

/// Reads a kept log; lines that are damaged are left out, and `None` means that it is none at all.
#[must_use]
pub fn read_kept(text: &str) -> Option<Kept> {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let summary = serde_json::from_str(head.strip_prefix(MAGIC)?).ok()?;
    let mut lines: Vec<KeptLine> = Vec::new();
    for line in rest.lines() {
        if let Some(mut line) = read_line(line) {
            if let Some(before) = lines.last().filter(|_| line.continues) {
                (line.time, line.level) = (before.time, before.level);
            }
            lines.push(line);
        }
    }
    Some(Kept { summary, lines })
}

fn read_line(line: &str) -> Option<KeptLine> {
    let mut fields = line.splitn(4, '\t');
    let number = fields.next()?.parse().ok()?;
    let level = fields.next()?;
    let time = fields.next()?.parse().ok();
    let text = fields.next()?.into();
    let letter = level.chars().next()?;
    Some(KeptLine {
        number,
        time,
        level: Level::ALL.into_iter().find(|it| it.letter() == letter),
        continues: letter == '.',
        marked: level.ends_with('*'),
        text,
    })
}
