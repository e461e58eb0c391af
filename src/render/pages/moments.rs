//! What happened around a failing attempt, in order: its steps, what each component said, and what
//! was measured.

use jiff::Timestamp;

use super::log::{Log, Spoken};
use crate::{
    model::{Attempt, Case, Metrics, Series},
    render::{
        format,
        view::{MomentRow, Moments},
    },
    report::{peak, placed, select, window},
};

/// How many lines of logs are shown, and how much of each.
const LINES: usize = 80;
const TEXT: usize = 240;

/// How many measurements are shown.
const MEASURED: usize = 12;

/// The moments around the last failing attempt of `case`.
pub(in crate::render) fn moments(case: &Case, logs: &[Log], metrics: &Metrics) -> Option<Moments> {
    let failing = case.attempts.iter().rposition(|it| it.outcome.is_failing())?;
    let attempt = &case.attempts[failing];
    let (from, to) = window(attempt)?;
    let lines: Vec<Spoken<'_>> = logs.iter().flat_map(|it| it.between(from, to)).collect();
    let weights: Vec<_> = lines.iter().map(|it| (it.time, it.weight())).collect();
    let ended = attempt.started.zip(attempt.duration);
    let ended = ended.and_then(|(began, took)| began.checked_add(took).ok());
    let shown = select(&weights, ended.unwrap_or(to), LINES);
    let mut rows: Vec<(Timestamp, MomentRow)> = steps(attempt);
    let all_steps = rows.len();
    rows.extend(shown.iter().map(|it| (lines[*it].time, spoken(&lines[*it]))));
    rows.extend(measured(metrics, (from, to)));
    // Without anything beside them, the steps are told above.
    if rows.len() == all_steps {
        return None;
    }
    rows.sort_by_key(|it| it.0);
    let mut sources: Vec<String> = Vec::new();
    for (_, row) in &mut rows {
        let known = sources.iter().position(|it| *it == row.source);
        row.lane = known.unwrap_or_else(|| {
            sources.push(row.source.clone());
            sources.len() - 1
        }) % 6;
    }
    let mut caption = format!(
        "Attempt {}, from {}",
        failing + 1,
        attempt.started.map(format::clock).unwrap_or_default()
    );
    caption +=
        &attempt.duration.map_or_else(String::new, |it| format!(" for {}", format::duration(it)));
    if shown.len() < lines.len() {
        let all = format::counted(lines.len() as u64, "line");
        caption += &format!("; {} of {all} of the logs", format::number(shown.len() as u64));
    }
    if all_steps > 0 {
        caption += "; steps stand where their durations put them";
    }
    Some(Moments { caption, rows: rows.into_iter().map(|it| it.1).collect() })
}

fn steps(attempt: &Attempt) -> Vec<(Timestamp, MomentRow)> {
    let row = |(at, step): (Timestamp, &crate::model::Step)| {
        let row = MomentRow {
            time: format::clock(at),
            source: if step.hook { "hook" } else { "step" }.to_owned(),
            lane: 0,
            mark: Some(step.outcome.into()),
            level: String::new(),
            text: step.text.to_string(),
            note: step.duration.map(format::duration).unwrap_or_default(),
            href: String::new(),
        };
        (at, row)
    };
    placed(attempt).into_iter().map(row).collect()
}

fn spoken(it: &Spoken<'_>) -> MomentRow {
    // The time stands in its own column already.
    let text = match it.text.split_once([' ', '\t']) {
        Some((time, rest)) if time.parse::<Timestamp>().is_ok() => rest.trim_start(),
        _ => it.text,
    };
    let end = text.char_indices().nth(TEXT).map_or(text.len(), |it| it.0);
    let cut = if end < text.len() { "…" } else { "" };
    MomentRow {
        time: format::clock(it.time),
        source: it.component.to_owned(),
        lane: 0,
        mark: None,
        level: it.level().to_owned(),
        text: format!("{}{cut}", &text[..end]),
        note: format!("line {}", format::number(it.number)),
        href: it.href.clone(),
    }
}

/// What each measurement reached while the attempt ran.
fn measured(metrics: &Metrics, window: (Timestamp, Timestamp)) -> Vec<(Timestamp, MomentRow)> {
    let mut rows = Vec::new();
    let mut add =
        |source: &str, what: &str, series: &Option<Series>, say: &dyn Fn(f64) -> String| {
            let Some(series) = series.as_ref().filter(|_| rows.len() < MEASURED) else { return };
            let Some((at, value)) = peak(series, window).filter(|it| it.1 > 0.0) else { return };
            let row = MomentRow {
                time: format::clock(at),
                source: source.to_owned(),
                lane: 0,
                mark: None,
                level: String::new(),
                text: format!("{what} up to {}", say(value)),
                note: format!("mean of the run {}", say(series.mean)),
                href: String::new(),
            };
            rows.push((at, row));
        };
    let millis = |it: f64| format!("{it:.1}\u{a0}ms");
    let bits =
        |it: f64| format!("{}bit/s", format::bytes(it.max(0.0) as u64).trim_end_matches('B'));
    for (name, it) in &metrics.connections {
        add(name, "round trip", &it.rtt_ms, &millis);
        add(name, "jitter", &it.jitter_ms, &millis);
        add(name, "packets lost a second", &it.packets_lost, &|it| format!("{it:.1}"));
        add(name, "media received", &it.bitrate_in, &bits);
    }
    for (name, it) in &metrics.components {
        add(name, "CPU", &it.cpu, &|it| format!("{it:.2} cores"));
        add(name, "memory", &it.mem, &|it| format::bytes(it.max(0.0) as u64));
    }
    rows
}
