//! How the connections of participants fared: a table for each attempt, and all of a run for programs.

use super::context::{Context, full_name};
use crate::{
    history::Outline,
    model::{Attempt, Case, Fared, Metrics, Outcome, Run, Typical},
    render::{
        format,
        view::{FareCell, FareOf, FareRow, Fares, Link},
    },
    report::connections,
};

/// How many participants a table shows.
const PEOPLE: usize = 12;

/// How many connections the page of a run lists: with three hundred scenarios it stays below 150 kB.
const LISTED: usize = 48;

/// How a quantity stands in a row: its name, and its figures of a connection.
type Row = (&'static str, fn(&Fared) -> Option<FareCell>);

/// What is said of a connection, the most telling first.
const ROWS: [Row; 15] = [
    ("Audio score", |it| {
        let score = it.audio?;
        let from =
            format!("{} lost, {:.0}\u{a0}ms delay", share(score.loss * 100.0), score.delay_ms);
        Some(cell(format!("{:.1} of 5", score.mos), from))
    }),
    ("Video score", |it| {
        let score = it.video?;
        let from = format!(
            "{:.3} bits a pixel, {:.0} frames a second, {} frozen, {:.0}\u{a0}ms delay",
            score.bits,
            score.fps,
            share(score.frozen * 100.0),
            score.delay_ms
        );
        Some(cell(format!("{:.1} of 5", score.mos), from))
    }),
    ("Connected after", |it| {
        let millis = it.connected_ms?;
        let said = match millis {
            0..1000 => "less than 1\u{a0}s".to_owned(),
            millis => format::duration(std::time::Duration::from_millis(millis)),
        };
        Some(cell(said, String::new()))
    }),
    ("Lost and back", |it| {
        it.connected_ms?;
        let back = format!("back {}", times(it.reconnects.into()));
        Some(match it.drops {
            0 => cell("never lost".to_owned(), String::new()),
            drops => cell(format!("lost {}", times(drops.into())), back),
        })
    }),
    ("Received", |it| it.received.map(|it| two(it, bits))),
    ("Sent", |it| it.sent.map(|it| two(it, bits))),
    ("Packets lost", |it| {
        let worst = it.loss.map_or_else(String::new, |it| format!("worst {}", share(it.worst)));
        Some(cell(share(it.lost?), worst))
    }),
    ("Jitter", |it| it.jitter_ms.map(|it| two(it, millis))),
    ("Round trip", |it| it.rtt_ms.map(|it| two(it, millis))),
    ("Frames a second", |it| it.fps.map(|it| two(it, |it| format!("{it:.0}")))),
    ("Froze", |it| {
        let long = it.frozen_s.filter(|it| *it > 0.0);
        let long = long.map_or_else(String::new, |it| format!("{it:.1}\u{a0}s in all"));
        Some(cell(it.freezes.map(times)?, long))
    }),
    ("Size of video", |it| {
        let size = |it: [u32; 2]| format!("{}×{}", it[0], it[1]);
        let from = it.smallest.filter(|least| Some(*least) != it.largest);
        let from = from.map_or_else(String::new, |it| format!("from {}", size(it)));
        Some(cell(size(it.largest?), from))
    }),
    ("Codecs", |it| words(&it.codecs)),
    ("Limited by", |it| words(&it.limited)),
    ("Candidates", |it| it.candidates.as_ref().map(|it| cell(it.to_string(), String::new()))),
];

/// How the connections of each attempt of `case` fared.
pub(in crate::render) fn fares(case: &Case, metrics: &Metrics) -> Vec<Fares> {
    let attempts = case.attempts.iter().enumerate();
    attempts.filter_map(|(n, it)| table(case, (n, it), metrics)).collect()
}

fn table(case: &Case, (n, attempt): (usize, &Attempt), metrics: &Metrics) -> Option<Fares> {
    let told =
        connections(metrics, case, n).filter_map(|(who, it)| Some((who, it.fared.as_deref()?)));
    let told: Vec<(&str, &Fared)> = told.collect();
    let shown = &told[..told.len().min(PEOPLE)];
    let rows = ROWS.iter().filter_map(|(name, of)| {
        let cells: Vec<Option<FareCell>> = shown.iter().map(|it| of(it.1)).collect();
        // A quantity that nobody measured is no row.
        cells.iter().any(Option::is_some).then(|| FareRow {
            name: (*name).to_owned(),
            cells: cells.into_iter().map(Option::unwrap_or_default).collect(),
        })
    });
    let rows: Vec<FareRow> = rows.collect();
    let rest = match told.len() - shown.len() {
        0 => String::new(),
        n => format!("; {} more are not shown", format::number(n as u64)),
    };
    let samples = told.iter().map(|it| it.1.samples).sum();
    let samples = format::counted(samples, "sample");
    (!rows.is_empty()).then(|| Fares {
        mark: attempt.outcome.into(),
        caption: format!("Attempt {}: the middle of {samples}, and the worst{rest}", n + 1),
        people: shown.iter().map(|it| it.0.to_owned()).collect(),
        rows,
    })
}

/// A connection of a run: the case by its place in the past, the attempt from 0, whose, and what of it.
pub(in crate::render) type Told<'a> = (u32, usize, &'a Attempt, &'a str, &'a Fared);

/// All connections of a run that say what they came to, in the order of its cases.
pub(in crate::render) fn of_run<'a>(
    run: &'a Run,
    results: &'a [Option<Outline>],
) -> impl Iterator<Item = Told<'a>> {
    let known = run.cases.iter().zip(results);
    known.filter_map(|(case, it)| Some((case, (*it)?.case))).flat_map(move |(case, place)| {
        case.attempts.iter().enumerate().flat_map(move |(n, attempt)| {
            connections(&run.metrics, case, n)
                .filter_map(move |(who, it)| Some((place, n, attempt, who, it.fared.as_deref()?)))
        })
    })
}

/// The connections of a run as rows, those that anything was received by, and how many have none.
pub(super) fn listed(
    context: &Context<'_>,
    (run, results): (&Run, &[Option<Outline>]),
) -> (Vec<FareOf>, String) {
    let moved = |it: &Told<'_>| it.4.received.is_some() || it.4.sent.is_some();
    let all: Vec<Told<'_>> = of_run(run, results).filter(moved).collect();
    // Of many, those of scenarios that did not pass and those that fared worst, in the order of the run.
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by(|a, b| {
        let (a, b) = (worth(&all[*a]), worth(&all[*b]));
        a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1))
    });
    places.truncate(LISTED);
    places.sort_unstable();
    let row = |(case, n, attempt, who, it): &Told<'_>| {
        let known = &context.past.cases[*case as usize];
        let name =
            full_name(known.rule.as_deref(), &known.name, known.example.iter().map(AsRef::as_ref));
        let tried = if *n > 0 { format!(", attempt {}", n + 1) } else { String::new() };
        let score = |mos: Option<f64>| mos.map_or_else(String::new, |it| format!("{it:.1}"));
        let middle = |it: Option<Typical>, say: fn(f64) -> String| {
            it.map_or_else(String::new, |it| say(it.median))
        };
        FareOf {
            mark: attempt.outcome.into(),
            case: Link { text: name.into_owned(), href: context.case_href(*case) },
            who: format!("{who}{tried}"),
            figures: vec![
                score(it.audio.map(|it| it.mos)),
                score(it.video.map(|it| it.mos)),
                middle(it.received, bits),
                middle(it.sent, bits),
                it.lost.map_or_else(String::new, share),
                middle(it.jitter_ms, millis),
                middle(it.rtt_ms, millis),
                middle(it.fps, |it| format!("{it:.0}")),
                it.freezes.map_or_else(String::new, format::number),
            ],
        }
    };
    let rest = match all.len().saturating_sub(LISTED) {
        0 => String::new(),
        n => format!(", {} that fared better are not listed", format::number(n as u64)),
    };
    let connections = format::counted(all.len() as u64, "connection");
    let caption =
        format!("The middle of what was measured of {connections}{rest}; scores are of 5");
    (places.into_iter().map(|it| row(&all[it])).collect(), caption)
}

/// Whether the attempt passed, and the lower of its scores.
fn worth((_, _, attempt, _, it): &Told<'_>) -> (bool, f64) {
    let scores = [it.audio.map(|it| it.mos), it.video.map(|it| it.mos)];
    let lowest = scores.into_iter().flatten().fold(f64::MAX, f64::min);
    (attempt.outcome == Outcome::Passed, lowest)
}

fn cell(value: String, note: String) -> FareCell {
    FareCell { value, note }
}

fn two(it: Typical, say: fn(f64) -> String) -> FareCell {
    cell(say(it.median), format!("worst {}", say(it.worst)))
}

fn words(all: &[Box<str>]) -> Option<FareCell> {
    (!all.is_empty()).then(|| cell(all.join(" "), String::new()))
}

fn times(n: u64) -> String {
    match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{} times", format::number(n)),
    }
}

fn millis(value: f64) -> String {
    format!("{value:.1}\u{a0}ms")
}

/// A rate in bits: `1.2 Mbit/s`.
pub(super) fn bits(value: f64) -> String {
    format!("{}bit/s", format::bytes(value.max(0.0) as u64).trim_end_matches('B'))
}

/// A share in percent, of which little is not nothing: `0.02 %`.
pub(super) fn share(percent: f64) -> String {
    match percent {
        0.0 => "0\u{a0}%".to_owned(),
        it if it < 0.1 => format!("{:.2}\u{a0}%", it.max(0.01)),
        it if it < 10.0 => format!("{it:.1}\u{a0}%"),
        it => format!("{it:.0}\u{a0}%"),
    }
}
