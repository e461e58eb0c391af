//! A hundred thousand failures put into families, each with a message and a stack of its own numbers.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lkreport::{
    history::{Failing, Known, Outline, Past, PastRun},
    model::{Attempt, Case, CaseId, Counts, Failure, FailureKind, Outcome, RunHead, Shape, shapes},
    report::{KnownCount, Settings, ShiftRules, summarise},
};
use rayon::prelude::*;

const FAILURES: u64 = 100_000;

/// Numbers that look random and are the same every time.
fn noise(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 17
}

fn message(n: u64) -> String {
    let (id, ms) = (noise(n), noise(n) % 9_000);
    match n % 5 {
        0 => {
            format!("participant PA_{id:012x} of room \"smoke-{id:x}\" has no track after {ms} ms")
        }
        1 => format!("dial tcp 10.0.{}.{}:7880: connect: connection refused", n % 256, n % 199),
        2 => format!("expected <{}> but was <{}>", n % 7, n % 11),
        3 => format!(
            "2026-11-21T10:{:02}:{:02}.123Z {id:032x} in /tmp/run-{n}/out.mp4",
            n % 60,
            n % 59
        ),
        _ => format!(
            "step number{} of user{} never came to its end, [{n}, {ms}, {id}]",
            n % 400,
            n % 97
        ),
    }
}

fn case(n: u64) -> Case {
    let frame = |line: u64| format!("\tat io.livekit.test.Room{}.join(Room.java:{line})\n", n % 40);
    let mut attempt = Attempt::new(Outcome::Failed);
    attempt.detail_mut().failures.push(Failure {
        kind: FailureKind::Failure,
        type_name: Some("AssertionError".into()),
        message: message(n).into(),
        text: (0..12).map(|line| frame(line + n % 90)).collect::<String>().into(),
    });
    Case {
        path: ["rooms".into()].into(),
        feature: None,
        rule: None,
        name: format!("case {n}").into(),
        example: ["alice".into(), "VP8".into()].into(),
        tags: [].into(),
        attempts: vec![attempt],
        measured: None,
    }
}

/// A past of one run in which all cases failed.
fn past(cases: &[Case]) -> Past {
    let of_cases: Vec<Shape> =
        cases.iter().filter_map(|it| Some(shapes(it).into_iter().next()?.shape)).collect();
    let mut all = of_cases.clone();
    all.sort_unstable();
    all.dedup();
    let known = |it: &Case| Known {
        id: CaseId::of([&*it.name]),
        suite: "smoke".into(),
        path: it.path.clone(),
        feature: None,
        rule: None,
        name: (*it.name).into(),
        example: it.example.iter().map(|it| (**it).into()).collect(),
        tags: it.tags.clone(),
    };
    let failing = |(case, it): (u32, &Shape)| Failing {
        case,
        shape: all.binary_search(it).map_or(0, |at| at as u32),
    };
    let outcome = Outcome::Failed;
    let result = |case| Outline { case, millis: 5, attempts: 1, outcome, flaky: false };
    let head = r#"{"id":"r1","suite":"smoke","started":"2026-11-21T10:00:00Z"}"#;
    let head: RunHead = serde_json::from_str(head).expect("a head");
    let run = PastRun {
        head,
        counts: cases.iter().map(|_| outcome).collect::<Counts>(),
        flaky: 0,
        attempts: 1,
        problems: 0,
        results: (0..FAILURES as u32).map(result).collect(),
        failures: (0..).zip(&of_cases).map(failing).collect(),
        measured: Box::default(),
    };
    Past {
        cases: cases.iter().map(known).collect(),
        runs: vec![run],
        shapes: all,
        ..Past::default()
    }
}

fn families(c: &mut Criterion) {
    let cases: Vec<Case> = (0..FAILURES).map(case).collect();
    let mut group = c.benchmark_group("families");
    group.sample_size(10);
    group.bench_function("shapes of 100,000 failures", |b| {
        b.iter(|| cases.par_iter().map(|it| shapes(black_box(it)).len()).sum::<usize>());
    });
    let past = past(&cases);
    let settings = Settings {
        components: Vec::new(),
        aged_days: 30,
        default_branch: "main".into(),
        run_pages: 200,
        known_count_as: KnownCount::default(),
        shifts: ShiftRules::default(),
        broad_families: 3,
    };
    group.bench_function("a report of them", |b| {
        b.iter(|| summarise(black_box(&past), &settings).families.all.len());
    });
    group.finish();
}

criterion_group!(benches, families);
criterion_main!(benches);
