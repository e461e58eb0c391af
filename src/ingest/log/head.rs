//! Time and level of a line, whatever program wrote it.

use jiff::Timestamp;
use memchr::memmem;

use super::{
    Level,
    time::{Clock, Timed, clock_time, date_time, epoch, month, number},
};

/// What the head of a line says.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) time: Option<Timestamp>,
    pub(super) level: Option<Level>,
    /// Whether the line begins an entry for sure, though it may name no time.
    pub(super) begins: bool,
}

/// Reads the head of a line without prefixes.
pub(super) fn head(line: &[u8], clock: &Clock) -> Head {
    match line.first() {
        None | Some(b' ' | b'\t') => Head::default(),
        Some(b'{') if line.len() > 1 => json(line, clock),
        Some(b'[') => bracketed(line, clock),
        Some(first) if first.is_ascii_digit() => {
            let timed = date_time(line, clock).map(|(time, end)| timed_head(line, time, end));
            timed.or_else(|| redis(line, clock)).unwrap_or_else(|| level_only(line))
        }
        Some(b'I' | b'W' | b'E' | b'F') if klog(line, clock).is_some() => {
            let time = klog(line, clock).map(|it| it.0);
            Head { time, level: klog_level(line[0]), begins: true }
        }
        Some(b't') if line.starts_with(b"time=") => logfmt(line, clock),
        Some(b'T') if line.starts_with(b"Time: ") => Head { time: minio(line), ..Head::default() },
        Some(b'p') if line.starts_with(b"panic: ") => gave_up(),
        Some(b'f') if line.starts_with(b"fatal error: ") => gave_up(),
        Some(b't') if memmem::find(line, b"panicked at").is_some() => gave_up(),
        _ => level_only(line),
    }
}

const fn gave_up() -> Head {
    Head { time: None, level: Some(Level::Fatal), begins: true }
}

fn timed_head(line: &[u8], time: Timestamp, end: usize) -> Head {
    Head { time: Some(time), level: level(line.get(end..).unwrap_or_default()), begins: true }
}

/// A line without a time begins an entry if a level opens it, as in `[ERROR] …` or `WARN: …`.
fn level_only(line: &[u8]) -> Head {
    let word = line.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
    let opens = matches!(line.get(word), Some(b':' | b'\t' | b' ')) && word > 0;
    let loud = line[..word].iter().all(u8::is_ascii_uppercase) || line.get(word) == Some(&b':');
    let level = if opens && loud { Level::of_word(&line[..word]) } else { None };
    Head { time: None, level, begins: level.is_some() }
}

/// The level among the first words after the time.
fn level(rest: &[u8]) -> Option<Level> {
    let near = &rest[..rest.len().min(120)];
    let words = near.split(|b| !b.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    // A level in lower case is one only at the head: later it is a word of the message.
    let is_level = |(n, word): (usize, &[u8])| {
        let loud = word.iter().all(u8::is_ascii_uppercase);
        if loud || n == 0 { Level::of_word(word) } else { None }
    };
    words.take(6).enumerate().find_map(is_level)
}

/// One JSON object a line: zap, MinIO, chromedriver, pino, Python's json logger.
fn json(line: &[u8], clock: &Clock) -> Head {
    let time = ["ts", "time", "timestamp", "asctime", "@timestamp", "t"]
        .iter()
        .find_map(|key| field(line, key))
        .and_then(|it| date_time(it, clock).map(|it| it.0).or_else(|| epoch(it)));
    let level = ["level", "severity", "lvl"].iter().find_map(|key| field(line, key));
    let level = level.and_then(|it| {
        let word = it.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        Level::of_word(&it[..word]).or_else(|| pino(it))
    });
    Head { time, level, begins: true }
}

/// The numbers of [pino](https://getpino.io/#/docs/api?id=loggerlevel-string-gettersetter).
fn pino(text: &[u8]) -> Option<Level> {
    match number(text, 0, 2)? / 10 {
        1 | 2 => Some(Level::Debug),
        3 => Some(Level::Info),
        4 => Some(Level::Warn),
        5 => Some(Level::Error),
        6 => Some(Level::Fatal),
        _ => None,
    }
}

/// The value of a field of a JSON object, from its first character on; only the head is searched.
fn field<'a>(line: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let near = &line[..line.len().min(2048)];
    memmem::find_iter(near, key.as_bytes()).find_map(|at| {
        let opened = at > 0 && near[at - 1] == b'"' && (at < 2 || near[at - 2] != b'\\');
        let rest = near[at + key.len()..].strip_prefix(b"\"")?.trim_ascii_start();
        let value = rest.strip_prefix(b":").filter(|_| opened)?.trim_ascii_start();
        Some(value.strip_prefix(b"\"").unwrap_or(value))
    })
}

/// `[2026-11-21 09:05:55] [error] …`, `[error] …`, `[1:2:1121/090555.123:ERROR:file.cc(1)] …` of Chromium.
fn bracketed(line: &[u8], clock: &Clock) -> Head {
    let inner = &line[1..];
    if let Some((time, end)) = date_time(inner, clock) {
        return timed_head(inner, time, end);
    }
    let Some(close) = inner.iter().take(200).position(|b| *b == b']') else {
        return Head::default();
    };
    let parts = || inner[..close].split(|b| *b == b':');
    let level = parts().find_map(Level::of_word);
    let time = parts().find_map(|it| chromium(it, clock));
    let seconds = inner[..close].iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' '));
    Head { time, level, begins: level.is_some() || seconds && close > 0 }
}

/// `1121/090555.123`: month, day, time of day.
fn chromium(text: &[u8], clock: &Clock) -> Option<Timestamp> {
    if text.get(4) != Some(&b'/') || text.len() < 11 {
        return None;
    }
    let time = [&text[5..7], b":", &text[7..9], b":", &text[9..]].concat();
    let date = [i64::from(clock.year), number(text, 0, 2)?, number(text, 2, 2)?];
    clock_time(&time, 0, date, clock).map(|it| it.0)
}

/// `21349:M 21 Nov 2026 09:06:27.974 * …` and `21349:signal-handler (1795252004) …`.
fn redis(line: &[u8], clock: &Clock) -> Option<Head> {
    let pid = line.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    let rest = line.get(pid..)?.strip_prefix(b":")?;
    if let Some(seconds) = rest.strip_prefix(b"signal-handler (") {
        return epoch(seconds).map(|time| Head { time: Some(time), level: None, begins: true });
    }
    let at = pid + 3;
    let date = [number(line, at + 7, 4)?, month(line, at + 3)?, number(line, at, 2)?];
    let (time, end) = clock_time(line, at + 12, date, clock)?;
    // Redis has marks instead of words
    // (https://github.com/redis/redis/blob/unstable/src/server.c, `serverLogRaw`).
    let level = match line.get(end + 1) {
        Some(b'.') => Some(Level::Debug),
        Some(b'-' | b'*') => Some(Level::Info),
        Some(b'#') => Some(Level::Warn),
        _ => None,
    };
    Some(Head { time: Some(time), level, begins: true })
}

/// `I1121 09:05:55.123456 …` ([klog](https://github.com/kubernetes/klog)).
fn klog(line: &[u8], clock: &Clock) -> Timed {
    let date = [i64::from(clock.year), number(line, 1, 2)?, number(line, 3, 2)?];
    (line.get(5) == Some(&b' ')).then(|| clock_time(line, 6, date, clock))?
}

const fn klog_level(letter: u8) -> Option<Level> {
    match letter {
        b'I' => Some(Level::Info),
        b'W' => Some(Level::Warn),
        b'E' => Some(Level::Error),
        _ => Some(Level::Fatal),
    }
}

/// `time="2026-11-21T09:05:55Z" level=info msg=…`.
fn logfmt(line: &[u8], clock: &Clock) -> Head {
    let value = &line[b"time=".len()..];
    let time = date_time(value.strip_prefix(b"\"").unwrap_or(value), clock).map(|it| it.0);
    let at = memmem::find(line, b"level=").map(|it| &line[it + b"level=".len()..]);
    let word = |it: &[u8]| it.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    Head { time, level: at.and_then(|it| Level::of_word(&it[..word(it)])), begins: true }
}

/// `Time: 07:55:37 UTC 04/06/2020`, month first, in the block that MinIO prints of an error.
fn minio(line: &[u8]) -> Option<Timestamp> {
    let rest = line.strip_prefix(b"Time: ")?;
    let date = rest.iter().rposition(|b| *b == b' ').map(|it| &rest[it + 1..])?;
    let date = [number(date, 6, 4)?, number(date, 0, 2)?, number(date, 3, 2)?];
    clock_time(rest, 0, date, &Clock::utc(1970)).map(|it| it.0)
}
