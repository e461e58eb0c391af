//! Which lines of a log are kept: those around failing attempts, and its end.
//!
//! One pass; each window holds its last lines in a ring, so that memory is bounded by the number of
//! windows, however long the log is.

use std::{collections::VecDeque, io::BufRead};

use aho_corasick::AhoCorasick;
use jiff::{SignedDuration, Timestamp};

use super::{
    Clock, Kept, KeptLine, Level, LogSummary,
    grouping::Open,
    head::head,
    lines::{MAX_LINE, next_line},
    prefix::strip,
};
use crate::{ingest::Intake, model::Problem};

/// How much is kept before an attempt began.
const BEFORE: SignedDuration = SignedDuration::from_secs(2);
/// How much is kept after it ended.
const AFTER: SignedDuration = SignedDuration::from_secs(5);
/// How many lines a window and the end of a log may have.
const MAX_LINES: usize = 1_000;
/// How many bytes of memory all windows may have together, so that many windows are shorter.
const MAX_BYTES: usize = 24 << 20;
/// How many windows there may be; later failures are left out.
const MAX_WINDOWS: usize = 200;
/// A kept line is cut here.
const MAX_KEPT_LINE: usize = 16 * 1024;

/// A failing attempt, and what it calls its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogWindow {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What lines about it name wherever they stand, such as the test id `<case>-<attempt>`.
    pub ids: Vec<Box<str>>,
    /// The rooms and participants that its failure names.
    pub names: Vec<Box<str>>,
}

/// What is asked of a log.
#[derive(Debug, Clone)]
pub struct LogAsk<'a> {
    /// What its times leave out.
    pub clock: Clock,
    /// The failing attempts of the run.
    pub windows: &'a [LogWindow],
    /// Whether its end is kept: the run failed.
    pub tail: bool,
}

/// Reads a log and keeps of it what may explain the failures.
pub fn keep_log(
    file: &str,
    input: &mut dyn BufRead,
    ask: &LogAsk<'_>,
    intake: &mut Intake<'_>,
) -> (Kept, Option<Problem>) {
    let mut reading = Reading::new(ask);
    let mut line = Vec::with_capacity(MAX_LINE);
    let problem = loop {
        match next_line(input, &mut line) {
            Ok(true) => reading.take(&line, ask),
            Ok(false) => break None,
            Err(error) => {
                break Some(Problem::at(file, reading.summary.lines + 1, error.to_string()));
            }
        }
    };
    (reading.finish(ask, intake), problem)
}

/// A stretch of time of which lines are kept.
struct Window {
    from: Timestamp,
    to: Timestamp,
    ring: Ring,
}

/// The state of the entry that is being read.
#[derive(Clone, Copy, Default)]
struct Entry {
    time: Option<Timestamp>,
    level: Option<Level>,
}

struct Reading {
    summary: LogSummary,
    levels: [u64; Level::ALL.len()],
    windows: Vec<Window>,
    named: Ring,
    tail: Option<Ring>,
    ids: Option<AhoCorasick>,
    open: Open,
    entry: Entry,
    bare: Vec<u8>,
}

impl Reading {
    fn new(ask: &LogAsk<'_>) -> Self {
        let ids: Vec<&str> = words(ask.windows.iter().flat_map(|it| &it.ids), 6);
        let windows = merged(ask.windows);
        let bytes = MAX_BYTES / (windows.len() + 2);
        let windows = windows.into_iter().map(|(from, to, attempts)| Window {
            from,
            to,
            ring: Ring::new(MAX_LINES * attempts.min(5), bytes),
        });
        Self {
            summary: LogSummary::default(),
            levels: [0; Level::ALL.len()],
            windows: windows.collect(),
            named: Ring::new(MAX_LINES, bytes),
            tail: ask.tail.then(|| Ring::new(MAX_LINES, bytes)),
            ids: if ids.is_empty() { None } else { AhoCorasick::new(ids).ok() },
            open: Open::Nothing,
            entry: Entry::default(),
            bare: Vec::new(),
        }
    }

    fn take(&mut self, line: &[u8], ask: &LogAsk<'_>) {
        self.summary.lines += 1;
        let mut bare = std::mem::take(&mut self.bare);
        let line = without_colours(line, &mut bare);
        let stripped = strip(line, &ask.clock);
        let head = head(stripped.text, &ask.clock);
        let time = head.time.or(stripped.time);
        let continues = self.open.takes(stripped.text, &head) && self.summary.lines > 1;
        if continues {
            self.entry.time = self.entry.time.or(time);
        } else {
            self.begin(time, head.level);
        }
        self.keep(stripped.text, continues);
        self.bare = bare;
    }

    /// Begins an entry; one without a time is as old as the one before it.
    fn begin(&mut self, time: Option<Timestamp>, level: Option<Level>) {
        self.summary.entries += 1;
        if let Some(level) = level {
            self.levels[level as usize] += 1;
        }
        if let Some(time) = time {
            self.summary.first = Some(self.summary.first.map_or(time, |it| it.min(time)));
            self.summary.last = Some(self.summary.last.map_or(time, |it| it.max(time)));
        }
        self.entry = Entry { time: time.or(self.entry.time), level };
    }

    fn keep(&mut self, text: &[u8], continues: bool) {
        let line = Line { number: self.summary.lines, entry: self.entry, continues, text };
        if let Some(time) = self.entry.time {
            let next = self.windows.partition_point(|it| it.to < time);
            if let Some(window) = self.windows.get_mut(next).filter(|it| it.from <= time) {
                window.ring.push(&line);
            }
        }
        if self.ids.as_ref().is_some_and(|it| it.is_match(text)) {
            self.named.push(&line);
        }
        if let Some(tail) = &mut self.tail {
            tail.push(&line);
        }
    }

    fn finish(mut self, ask: &LogAsk<'_>, intake: &mut Intake<'_>) -> Kept {
        let rings = self.windows.into_iter().map(|it| it.ring);
        let rings = rings.chain([self.named]).chain(self.tail);
        let mut raw: Vec<Raw> = rings.flat_map(|it| it.lines).collect();
        raw.sort_by_key(|it| it.number);
        raw.dedup_by_key(|it| it.number);
        let names = ask.windows.iter().flat_map(|it| it.names.iter().chain(&it.ids));
        let names = words(names, 3);
        let names = if names.is_empty() { None } else { AhoCorasick::new(names).ok() };
        let mut lines = Vec::with_capacity(raw.len());
        for entry in raw.chunk_by(|a, b| b.continues && a.number + 1 == b.number) {
            lines.extend(taken_in(entry, names.as_ref(), intake));
        }
        self.summary.kept = lines.len() as u64;
        let levels = Level::ALL.into_iter().zip(self.levels);
        self.summary.levels = levels.filter(|(_, n)| *n > 0).collect();
        Kept { summary: self.summary, lines }
    }
}

/// Passes the lines of one entry through the gate together, for secrets may span lines.
fn taken_in(entry: &[Raw], names: Option<&AhoCorasick>, intake: &mut Intake<'_>) -> Vec<KeptLine> {
    let texts: Vec<_> = entry.iter().map(|it| String::from_utf8_lossy(&it.text)).collect();
    let marked = names.is_some_and(|names| texts.iter().any(|it| names.is_match(&**it)));
    let whole = texts.join("\n").replace('\r', " ");
    let clean = intake.text(&whole, usize::MAX);
    // A secret that spanned lines leaves fewer of them; the last is then the end of the entry.
    let lines = clean.split('\n').zip(entry).map(|(text, raw)| KeptLine {
        number: raw.number,
        time: raw.entry.time,
        level: raw.entry.level,
        continues: raw.continues,
        marked,
        text: text.into(),
    });
    lines.collect()
}

/// Words long enough to tell something, each once.
fn words<'a>(all: impl Iterator<Item = &'a Box<str>>, least: usize) -> Vec<&'a str> {
    let mut words: Vec<&str> = all.map(|it| &**it).filter(|it| it.len() >= least).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The windows widened and sorted, those that overlap as one, each with its number of attempts.
fn merged(windows: &[LogWindow]) -> Vec<(Timestamp, Timestamp, usize)> {
    let widen = |it: &LogWindow| {
        let from = it.started.saturating_sub(BEFORE).unwrap_or(Timestamp::MIN);
        let to = it.ended.max(it.started).saturating_add(AFTER).unwrap_or(Timestamp::MAX);
        (from, to, 1)
    };
    let mut all: Vec<_> = windows.iter().map(widen).collect();
    all.sort_unstable();
    let mut merged: Vec<(Timestamp, Timestamp, usize)> = Vec::new();
    for (from, to, _) in all {
        if let Some(last) = merged.last_mut().filter(|it| from <= it.1) {
            (last.1, last.2) = (last.1.max(to), last.2 + 1);
        } else if merged.len() < MAX_WINDOWS {
            merged.push((from, to, 1));
        }
    }
    merged
}

/// Takes [colours](https://www.ecma-international.org/publications-and-standards/standards/ecma-48/) off.
fn without_colours<'a>(line: &'a [u8], space: &'a mut Vec<u8>) -> &'a [u8] {
    if memchr::memchr(0x1b, line).is_none() {
        return line;
    }
    space.clear();
    let mut parts = line.split(|b| *b == 0x1b);
    space.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        let sequence = part.strip_prefix(b"[").and_then(|it| {
            let end = it.iter().position(|b| (0x40..0x7f).contains(b))?;
            Some(&it[end + 1..])
        });
        space.extend_from_slice(sequence.unwrap_or(part));
    }
    space
}

/// A line that is looked at.
struct Line<'a> {
    number: u64,
    entry: Entry,
    continues: bool,
    text: &'a [u8],
}

/// A line that is held.
struct Raw {
    number: u64,
    entry: Entry,
    continues: bool,
    text: Vec<u8>,
}

impl Raw {
    /// How much memory it takes.
    const fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.capacity()
    }
}

/// The last lines of a stretch.
struct Ring {
    lines: VecDeque<Raw>,
    bytes: usize,
    max_lines: usize,
    max_bytes: usize,
}

impl Ring {
    const fn new(max_lines: usize, max_bytes: usize) -> Self {
        Self { lines: VecDeque::new(), bytes: 0, max_lines, max_bytes }
    }

    fn push(&mut self, line: &Line<'_>) {
        let text = &line.text[..line.text.len().min(MAX_KEPT_LINE)];
        let mut space = Vec::new();
        while self.lines.len() >= self.max_lines || self.bytes + text.len() > self.max_bytes {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.bytes();
            space = oldest.text;
        }
        space.clear();
        // A long line that once passed through must not keep its room for ever.
        space.shrink_to(text.len().max(1024));
        space.extend_from_slice(text);
        let Line { number, entry, continues, .. } = *line;
        let held = Raw { number, entry, continues, text: space };
        self.bytes += held.bytes();
        self.lines.push_back(held);
    }
}
