//! How long a large catalogue takes: reading it, preparing the search, and searching a log for it.

use std::{fmt::Write as _, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lkreport::{
    ingest::{entry_at, line_at},
    issues::{Catalogue, Matcher},
};

/// How many known issues there are, and how many lines the log has.
const ISSUES: usize = 5_000;
const LINES: usize = 200_000;

const WORDS: [&str; 12] = [
    "track", "room", "peer", "ice", "offer", "answer", "publish", "relay", "codec", "timeout",
    "closed", "limit",
];

/// A file of a known issue, of which each has a pattern of its own.
fn file(n: usize) -> String {
    let word = |n: usize| WORDS[n % WORDS.len()];
    let said = format!("{} {} failed with code {n}", word(n), word(n / 12));
    format!(
        "id: X-{n}\ntitle: x\ncomponent: livekit\nstatus: open\nmatch:\n  any:\n    - text: '{said}\\b.*'\n\
         examples:\n  match: ['{said}']\n  no_match: [quiet]\n"
    )
}

/// A log in which one line of a thousand is that of a known issue.
fn log() -> String {
    let mut log = String::new();
    for n in 0..LINES {
        let word = |n: usize| WORDS[n % WORDS.len()];
        let code = if n.is_multiple_of(1_000) { n / 40 } else { n + ISSUES };
        _ = writeln!(
            log,
            "2026-11-21T09:00:00.{:03}Z\tINFO\tlivekit\tx.go:1\t{} {} failed with code {code}",
            n % 1_000,
            word(code),
            word(code / 12)
        );
    }
    log
}

fn known_issues(c: &mut Criterion) {
    let files: Vec<String> = (0..ISSUES).map(file).collect();
    let read = || Catalogue::read(files.iter().map(|it| ("a", it.as_str()))).0;
    let mut group = c.benchmark_group("known issues");
    group.sample_size(10);
    group.bench_function("reading 5,000", |b| b.iter(|| black_box(read()).issues().len()));
    let catalogue = read();
    group.bench_function("preparing the search", |b| {
        b.iter(|| _ = black_box(Matcher::new(&catalogue)));
    });
    let (matcher, log) = (Matcher::new(&catalogue), log());
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("searching a log", |b| {
        b.iter(|| matcher.find(black_box(log.as_bytes()), None, line_at, entry_at).len());
    });
    group.finish();
}

criterion_group!(benches, known_issues);
criterion_main!(benches);
