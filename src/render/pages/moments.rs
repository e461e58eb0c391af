//! What happened around a failing attempt, in order: its steps, what each component said, states of
//! connections, and what was measured.

use jiff::Timestamp;

use super::{
    log::{Log, Spoken},
    measured::{Measured, measured},
};
use crate::{
    model::{Attempt, Case, Metrics, Step},
    render::{
        chart::{Event, curve, events},
        format,
        view::{MomentLane, MomentRow, Moments},
    },
    report::{Clock, clock, placed, select, window},
};

/// How many lines of logs are shown, and how much of each.
const LINES: usize = 36;
const TEXT: usize = 240;

/// How much of a row its bar in a lane says.
const TITLE: usize = 100;

/// A row with what its lane shows of it.
struct Moment {
    time: Timestamp,
    took: u64,
    row: MomentRow,
}

/// The moments around the last failing attempt of `case`.
pub(in crate::render) fn moments(case: &Case, logs: &[Log], metrics: &Metrics) -> Option<Moments> {
    let failing = case.attempts.iter().rposition(|it| it.outcome.is_failing())?;
    let attempt = &case.attempts[failing];
    let (from, to) = window(attempt)?;
    let lines: Vec<Spoken<'_>> = logs.iter().flat_map(|it| it.between(from, to)).collect();
    let names = names(attempt);
    let weights: Vec<_> = lines.iter().map(|it| (it.time, it.weight(&names))).collect();
    let ended = attempt.started.zip(attempt.duration);
    let ended = ended.and_then(|(began, took)| began.checked_add(took).ok());
    let shown = select(&weights, ended.unwrap_or(to), LINES);
    let steps = placed(attempt);
    let mut all: Vec<Moment> = steps.iter().map(step).collect();
    all.extend(shown.iter().map(|it| spoken(&lines[*it])));
    let measured = measured(metrics, (from, to));
    all.extend(measured.states.iter().map(state));
    // Without anything beside them, the steps are told above.
    if all.len() == steps.len() && measured.series.is_empty() {
        return None;
    }
    all.sort_by_key(|it| it.time);
    let span = millis(from, to);
    all.iter_mut().for_each(|it| it.row.at = millis(from, it.time));
    let clocks = logs.iter().filter(|it| it.between(from, to).next().is_some());
    Some(Moments {
        caption: caption((failing, attempt), (shown.len(), lines.len()), !steps.is_empty()),
        clocks: clocks.map(|it| said_of_clock(it, &steps)).collect(),
        span,
        from: format::clock(from),
        lanes: lanes(&mut all, &measured, (from, span)),
        rows: all.into_iter().map(|it| it.row).collect(),
    })
}

fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}

fn caption((n, attempt): (usize, &Attempt), (shown, lines): (usize, usize), steps: bool) -> String {
    let mut caption = format!(
        "Attempt {}, from {}",
        n + 1,
        attempt.started.map(format::clock).unwrap_or_default()
    );
    caption +=
        &attempt.duration.map_or_else(String::new, |it| format!(" for {}", format::duration(it)));
    if shown < lines {
        let all = format::counted(lines as u64, "line");
        caption += &format!("; {} of {all} of the logs", format::number(shown as u64));
    }
    if steps {
        caption += "; steps stand where their durations put them";
    }
    caption
}

/// What the steps call rooms and participants: lines that say it come first.
fn names(attempt: &Attempt) -> Vec<&str> {
    let steps = attempt.detail.as_deref().map_or(&[][..], |it| &it.steps);
    let quoted = steps.iter().flat_map(|it| it.text.split('"').skip(1).step_by(2));
    quoted.filter(|it| it.len() > 2).collect()
}

/// How far the clock of a component is from that of the run, in words.
fn said_of_clock(log: &Log, steps: &[(Timestamp, &Step)]) -> String {
    let name = log.component();
    let time = |it: jiff::SignedDuration| format::duration(it.unsigned_abs());
    match clock(name, log.first(), steps) {
        Clock::Agrees(by) => format!("{name}: agrees, to {}", time(by)),
        Clock::Off(by) if by.is_negative() => format!("{name}: at least {} behind", time(by)),
        Clock::Off(by) => format!("{name}: {} ahead, or slow to start", time(by)),
        Clock::Unknown => format!("{name}: unknown"),
    }
}

/// A lane for each source in the order of its first moment, then one for each quantity.
fn lanes(
    all: &mut [Moment],
    measured: &Measured,
    (from, span): (Timestamp, u64),
) -> Vec<MomentLane> {
    let mut sources: Vec<(String, Vec<Event>)> = Vec::new();
    for (n, it) in all.iter_mut().enumerate() {
        let known = sources.iter().position(|(name, _)| *name == it.row.source);
        let lane = known.unwrap_or_else(|| {
            sources.push((it.row.source.clone(), Vec::new()));
            sources.len() - 1
        });
        it.row.lane = lane % 6;
        let end = it.row.text.char_indices().nth(TITLE).map_or(it.row.text.len(), |it| it.0);
        sources[lane].1.push(Event {
            at: it.row.at,
            took: it.took,
            class: it.row.mark.map_or_else(|| class(&it.row.level), |it| it.class()),
            title: format!("{} {}", it.row.time, &it.row.text[..end]),
            href: format!("#m{n}"),
        });
    }
    let mut lanes: Vec<MomentLane> = sources
        .into_iter()
        .map(|(name, all)| MomentLane {
            note: format::number(all.len() as u64),
            svg: events(
                span,
                &format!("{name}: {}", format::counted(all.len() as u64, "moment")),
                &all,
            ),
            name,
        })
        .collect();
    lanes.extend(measured.series.iter().map(|it| {
        let points: Vec<(u64, f64)> =
            it.points.iter().map(|(at, value)| (millis(from, *at), *value)).collect();
        MomentLane {
            svg: curve(span, &format!("{}: {}", it.name, it.note), &points),
            name: it.name.clone(),
            note: it.note.clone(),
        }
    }));
    lanes
}

fn class(level: &str) -> &'static str {
    match level {
        "error" => "error",
        "warning" => "warning",
        _ => "",
    }
}

fn blank(time: Timestamp, source: &str) -> MomentRow {
    MomentRow {
        time: format::clock(time),
        at: 0,
        source: source.to_owned(),
        lane: 0,
        mark: None,
        level: String::new(),
        text: String::new(),
        note: String::new(),
        href: String::new(),
    }
}

fn step((time, step): &(Timestamp, &Step)) -> Moment {
    let took = step.duration.unwrap_or_default();
    let row = MomentRow {
        mark: Some(step.outcome.into()),
        text: step.text.to_string(),
        note: step.duration.map(format::duration).unwrap_or_default(),
        ..blank(*time, if step.hook { "hook" } else { "step" })
    };
    Moment { time: *time, took: u64::try_from(took.as_millis()).unwrap_or(0), row }
}

fn state((time, who, state): &(Timestamp, String, Box<str>)) -> Moment {
    let row = MomentRow { text: format!("connection {state}"), ..blank(*time, who) };
    Moment { time: *time, took: 0, row }
}

fn spoken(it: &Spoken<'_>) -> Moment {
    // The time stands in its own column already.
    let text = match it.text.split_once([' ', '\t']) {
        Some((time, rest)) if time.parse::<Timestamp>().is_ok() => rest.trim_start(),
        _ => it.text,
    };
    let end = text.char_indices().nth(TEXT).map_or(text.len(), |it| it.0);
    let cut = if end < text.len() { "…" } else { "" };
    let row = MomentRow {
        level: it.level().to_owned(),
        text: format!("{}{cut}", &text[..end]),
        note: format!("line {}", format::number(it.number)),
        href: it.href.clone(),
        ..blank(it.time, it.component)
    };
    Moment { time: it.time, took: 0, row }
}
