//! Screenshots and recordings are matched to the attempts that they show, by name or by time.
//!
//! Tried in this order, the first that tells wins: the name with attempt that our engine gives, the
//! longest name of a case that the file's path holds, the time at which the file was written.
//!
//! Deliberately absent: looking into the files.

use aho_corasick::AhoCorasick;
use jiff::{SignedDuration, Timestamp};

use crate::model::ArtifactKind;

/// A file that lies beside the results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// Its path under the results folder, with `/`.
    pub path: String,
    /// When it was last written.
    pub modified: Option<Timestamp>,
}

/// A case as files may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaCase {
    /// What files call it: the slug with id of our engine, its name, class and method, titles joined.
    pub names: Vec<String>,
    /// Its attempts, in their order.
    pub attempts: Vec<MediaAttempt>,
}

/// An attempt as far as it matters to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaAttempt {
    /// When it began and ended, where that is known.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Whether it failed.
    pub failed: bool,
}

/// The attempt that a file belongs to, by the indices of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: usize,
    /// The case.
    pub case: usize,
    /// The attempt.
    pub attempt: usize,
    /// What to show the file as.
    pub kind: ArtifactKind,
    /// Its media type.
    pub media_type: &'static str,
}

/// A file may be written this long after its attempt ended.
const GRACE: SignedDuration = SignedDuration::from_secs(10);
/// A shorter name says too little: `test`, `login`.
const MIN_NAME: usize = 6;

/// Finds the attempt of each file; returns the places and the files that belong to none.
#[must_use]
pub fn match_media(files: &[MediaFile], cases: &[MediaCase]) -> (Vec<Place>, Vec<usize>) {
    let names = Names::of(cases);
    let mut places = Vec::new();
    let mut unmatched = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let by_name = names.find(&file.path, cases);
        let (media_type, kind) = media_type(&file.path);
        match by_name.or_else(|| by_time(file, cases)) {
            Some((case, attempt)) => {
                places.push(Place { file: n, case, attempt, kind, media_type })
            }
            None => unmatched.push(n),
        }
    }
    (places, unmatched)
}

/// The media type of a file by its extension, and how it can be shown.
///
/// An SVG is offered for download only, because it can carry scripts; so is what browsers do not play.
#[must_use]
pub fn media_type(path: &str) -> (&'static str, ArtifactKind) {
    use ArtifactKind::{Audio, File, Image, Text, Video};
    let extension =
        path.rsplit('/').next().and_then(|it| it.rsplit_once('.')).map_or("", |it| it.1);
    match extension.to_ascii_lowercase().as_str() {
        "png" => ("image/png", Image),
        "jpg" | "jpeg" => ("image/jpeg", Image),
        "gif" => ("image/gif", Image),
        "webp" => ("image/webp", Image),
        "avif" => ("image/avif", Image),
        "svg" => ("image/svg+xml", File),
        "mp4" | "m4v" => ("video/mp4", Video),
        "webm" => ("video/webm", Video),
        "flv" => ("video/x-flv", File),
        "mkv" => ("video/x-matroska", File),
        "ogg" | "oga" | "opus" => ("audio/ogg", Audio),
        "mp3" => ("audio/mpeg", Audio),
        "wav" => ("audio/wav", Audio),
        "txt" | "log" | "md" | "csv" | "out" | "err" => ("text/plain", Text),
        "json" => ("application/json", Text),
        "ndjson" | "jsonl" => ("application/x-ndjson", Text),
        "zip" => ("application/zip", File),
        _ => ("application/octet-stream", File),
    }
}

/// The names of all cases in the one spelling in which they are compared.
struct Names {
    /// Finds all names at once, with a dash before and after each.
    all: Option<AhoCorasick>,
    /// The length of each name, and its case.
    cases: Vec<(usize, usize)>,
}

impl Names {
    /// Takes every name that only one case has; one that two share tells nothing.
    fn of(cases: &[MediaCase]) -> Self {
        let mut all: Vec<(String, usize)> = Vec::new();
        for (n, case) in cases.iter().enumerate() {
            all.extend(case.names.iter().map(|it| (format!("-{}-", normal(it)), n)));
        }
        all.retain(|(name, _)| name.len() >= MIN_NAME + 2);
        all.sort_unstable();
        all.dedup();
        let shared = all.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() == 1);
        let own: Vec<&(String, usize)> = shared.flatten().collect();
        let found = AhoCorasick::new(own.iter().map(|it| &it.0));
        Self {
            all: found.ok().filter(|_| !own.is_empty()),
            cases: own.iter().map(|(name, case)| (name.len(), *case)).collect(),
        }
    }

    /// The case whose name the path holds as whole words, the longest, and the attempt that the path says.
    fn find(&self, path: &str, cases: &[MediaCase]) -> Option<(usize, usize)> {
        let stem = path.rsplit_once('.').filter(|it| !it.1.contains('/')).map_or(path, |it| it.0);
        let whole = format!("-{}-", normal(stem));
        let found = self.all.as_ref()?.find_overlapping_iter(&whole);
        let best = found.max_by_key(|it| (self.cases[it.pattern().as_usize()].0, it.start()))?;
        let case = self.cases[best.pattern().as_usize()].1;
        let attempt = attempt_of(&whole[best.end()..], stem, &cases[case].attempts)?;
        Some((case, attempt))
    }
}

/// Letters in lower case and digits; everything else, and each change to a capital, parts words.
///
/// So `PASSED-JoinRoomTest-joinsTwice`, `joinsTwice()` and `joins twice` meet.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in without_percent(text).chars() {
        let apart = !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
        if apart && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
        before = c;
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Testcontainers percent-encodes the names of tests.
fn without_percent(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => bytes.extend_from_slice(format!("%{part}").as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The attempt that a path names: a number after the case's name as our engine writes it,
/// `retry1` or `attempt 2` as Playwright and Cypress do, or the outcome that Testcontainers puts first.
fn attempt_of(after: &str, stem: &str, attempts: &[MediaAttempt]) -> Option<usize> {
    let last = attempts.len().checked_sub(1)?;
    let words: Vec<&str> = after.split('-').collect();
    let number = |text: &str| text.parse::<usize>().ok();
    let ours =
        number(words[0]).filter(|n| (1..=attempts.len()).contains(n) && is_date(words.get(1)));
    let retry = words.iter().find_map(|it| number(it.strip_prefix("retry")?));
    let told = words.iter().position(|it| *it == "attempt").and_then(|n| number(words.get(n + 1)?));
    let named = ours.map(|n| n - 1).or(retry).or_else(|| told?.checked_sub(1));
    if let Some(named) = named.filter(|n| *n <= last) {
        return Some(named);
    }
    let file = stem.rsplit('/').next().unwrap_or(stem);
    let with = |failed: bool| attempts.iter().rposition(|it| it.failed == failed);
    let by_outcome = if file.starts_with("FAILED-") || after.split('-').any(|it| it == "failed") {
        with(true)
    } else if file.starts_with("PASSED-") {
        with(false)
    } else {
        None
    };
    Some(by_outcome.unwrap_or(last))
}

/// Whether a word begins with a date without dashes, as `20260107t123456`, or is its year.
fn is_date(word: Option<&&str>) -> bool {
    word.is_some_and(|it| {
        it.len() >= 4 && it.starts_with("20") && it[..4].bytes().all(|b| b.is_ascii_digit())
    })
}

/// The one attempt during which the file was written, or soon after; where several were under way,
/// none.
fn by_time(file: &MediaFile, cases: &[MediaCase]) -> Option<(usize, usize)> {
    let time = file.modified?;
    let within = |grace: SignedDuration| {
        let held = cases.iter().enumerate().flat_map(move |(n, case)| {
            let spans = case.attempts.iter().enumerate();
            spans.filter_map(move |(m, it)| it.span.map(|span| (span, (n, m))))
        });
        let mut held =
            held.filter(move |((from, to), _)| *from <= time && time.duration_since(*to) <= grace);
        let first = held.next()?.1;
        held.next().is_none().then_some(first)
    };
    within(SignedDuration::ZERO).or_else(|| within(GRACE))
}
