//! Ten thousand runs of two hundred cases: what their past costs to load, in time and on disk.
//!
//! The history is generated once, below `target/`, and kept for the next time.

#![expect(clippy::print_stdout, reason = "what a bench measured besides time")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use lkreport::{
    history::Store,
    model::{Attempt, Case, Failure, FailureKind, Outcome, Run, RunHead},
};
use rayon::prelude::*;

const RUNS: u64 = 10_000;
const CASES: u64 = 200;

/// Numbers that look random and are the same every time.
fn noise(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 17
}

fn attempt(seed: u64) -> Attempt {
    let millis = 20 + noise(seed) % 3_000;
    let outcome =
        if noise(seed + 1).is_multiple_of(500) { Outcome::Failed } else { Outcome::Passed };
    let mut attempt =
        Attempt { duration: Some(Duration::from_millis(millis)), ..Attempt::new(outcome) };
    if outcome == Outcome::Failed {
        attempt.detail_mut().failures.push(Failure {
            kind: FailureKind::Failure,
            type_name: Some("AssertionError".into()),
            message: format!("expected a track of alice within {millis} ms").into(),
            text: "at rooms.rs:10\nat participants.rs:77\n".repeat(8).into(),
        });
    }
    attempt
}

fn case(n: u64, seed: u64) -> Case {
    let areas =
        ["rooms", "participants", "tracks", "egress", "ingress", "sip", "agents", "webhooks"];
    let deeds = ["joins", "leaves", "publishes", "subscribes to", "mutes", "records", "renames"];
    let area = areas[n as usize % areas.len()];
    let deed = deeds[n as usize % deeds.len()];
    Case {
        path: ["livekit".into(), format!("{area}/{}.feature", n / 25).into()].into(),
        feature: None,
        rule: None,
        name: format!("participant {n} {deed} a room with {} others", noise(n) % 40).into(),
        example: Box::default(),
        tags: [format!("@{area}").into()].into(),
        attempts: vec![attempt(seed * CASES + n)],
        measured: None,
    }
}

fn run(n: u64) -> Run {
    let start: Timestamp = "2025-01-01T06:00:00Z".parse().expect("a timestamp");
    let head = format!(
        r#"{{"id":"github-{}-1-test","suite":"smoke","started":"{}","commit":"{:040x}","branch":"main",
        "ci":{{"provider":"github","run":"{}","url":"https://ci.example/runs/{}"}},
        "versions":{{"livekit":"1.{}.0","egress":"1.9.0","client-js":"2.{}.1"}}}}"#,
        7_000_000 + n * 13,
        start + SignedDuration::from_mins(i64::try_from(n).expect("few runs") * 97),
        noise(n),
        7_000_000 + n * 13,
        n,
        n / 1_000,
        n % 3,
    );
    let head: RunHead = serde_json::from_str(&head).expect("a head");
    Run {
        head,
        cases: (0..CASES).map(|it| case(it, n)).collect(),
        problems: Vec::new(),
        metrics: lkreport::model::Metrics::default(),
    }
}

fn history() -> (PathBuf, Store) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("history-10000");
    let store = Store::open(dir.to_str().expect("a plain path")).expect("a history");
    let months = walkdir::WalkDir::new(dir.join("runs"));
    if months.into_iter().count() < RUNS as usize {
        (0..RUNS).into_par_iter().for_each(|n| {
            store.add(&run(n), None).expect("room on the disk");
        });
    }
    (dir, store)
}

fn past(criterion: &mut Criterion) {
    let (dir, store) = history();
    let mut group = criterion.benchmark_group("past of 10,000 runs");
    group.sample_size(10);
    group.bench_function("cold", |bencher| {
        bencher.iter_batched(
            || std::fs::remove_dir_all(dir.join("cache")),
            |_| store.past(),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("warm", |bencher| bencher.iter(|| store.past()));
    let mut next = RUNS;
    group.bench_function("one more run", |bencher| {
        bencher.iter_batched(
            || {
                next += 1;
                run(next)
            },
            |run| {
                store.add(&run, None).expect("room on the disk");
                store.past()
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    let du = Command::new("du").args(["-sh", "--"]).arg(&dir).output();
    println!(
        "{}",
        du.map_or_else(|it| it.to_string(), |it| String::from_utf8_lossy(&it.stdout).into())
    );
    let (past, problems) = store.past().expect("a past");
    println!("{} runs, {} cases, {} problems", past.runs.len(), past.cases.len(), problems.len());
}

criterion_group!(benches, past);
criterion_main!(benches);
