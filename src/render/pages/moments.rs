//! What happened around a failing attempt, in order: its steps, what each component said, states of
//! connections, and what was measured.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Attached,
    log::{Log, Spoken},
    measured::{Measured, Turn, measured},
};
use crate::{
    model::{Attempt, Case, Metrics, Step},
    render::{
        chart::{Event, curve, events},
        format,
        view::{MomentLane, MomentRow, Moments},
    },
    report::{Clock, Said, clock, placed, select, window},
};

/// How many lines of logs are shown at most, and at least where there are as many; how much of each.
const LINES: usize = 44;
const FEWEST: usize = 12;
const TEXT: usize = 240;

/// How much of a row its bar in a lane says.
const TITLE: usize = 80;

/// A row with what its lane shows of it.
struct Moment {
    time: Timestamp,
    took: u64,
    /// The lane that it has besides those of sources, and what that comes to, for what lasts.
    lane: Option<(String, String)>,
    class: &'static str,
    row: MomentRow,
}

/// The moments around the last failing attempt of `case`; `attached` are the texts of an attempt, by its
/// number from 1.
pub(in crate::render) fn moments(
    case: &Case,
    logs: &[Log],
    attached: &dyn Fn(usize) -> Vec<Attached>,
    metrics: &Metrics,
) -> Option<Moments> {
    let failing = case.attempts.iter().rposition(|it| it.outcome.is_failing())?;
    let attempt = &case.attempts[failing];
    let (from, to) = window(attempt)?;
    let logs: Vec<&Log> = logs.iter().filter(|it| it.may_tell_of(case, failing + 1)).collect();
    let texts = attached(failing + 1);
    let of_logs = logs.iter().flat_map(|it| it.between(from, to, label(it, &logs)));
    let of_texts = texts.iter().flat_map(|it| it.between(from, to));
    let lines: Vec<Spoken<'_>> = of_logs.chain(of_texts).collect();
    let names = names(attempt);
    let told: Vec<String> = lines.iter().map(|it| readable(it.text)).collect();
    let said = lines.iter().zip(&told).map(|(it, text)| Said {
        source: it.component,
        time: it.time,
        weight: it.weight(&names),
        text,
    });
    let said: Vec<Said<'_>> = said.collect();
    let ended = attempt.started.zip(attempt.duration);
    let ended = ended.and_then(|(began, took)| began.checked_add(took).ok());
    let measured = measured(metrics, (case, failing), (from, to));
    // What changed of connections takes its room from the logs, so that the page stays below 150 kB.
    let room = LINES.saturating_sub(measured.turns.len() / 2).max(FEWEST);
    let shown = select(&said, ended.unwrap_or(to), room);
    let steps = placed(attempt);
    let mut all: Vec<Moment> = steps.iter().map(step).collect();
    all.extend(shown.iter().map(|it| spoken(&lines[*it], &told[*it])));
    all.extend(measured.turns.iter().map(turn));
    // Without anything beside them, the steps are told above.
    if all.len() == steps.len() && measured.series.is_empty() {
        return None;
    }
    all.sort_by_key(|it| it.time);
    let span = millis(from, to);
    all.iter_mut().for_each(|it| it.row.at = millis(from, it.time));
    let speaks = |it: &&&Log| it.between(from, to, "").next().is_some();
    let clocks = logs.iter().filter(speaks).map(|it| (label(it, &logs), it.first()));
    Some(Moments {
        caption: caption((failing, attempt), (shown.len(), lines.len()), !steps.is_empty()),
        clocks: clocks.map(|(name, first)| said_of_clock(name, first, &steps)).collect(),
        span,
        from: format::clock(from),
        lanes: lanes(&mut all, &measured, (from, span)),
        rows: all.into_iter().map(|it| it.row).collect(),
    })
}

/// What a log is called beside these: without the number that tells it from those of other attempts.
fn label<'a>(log: &'a Log, logs: &[&Log]) -> &'a str {
    let bare = log.without_number();
    let is_alone = logs.iter().filter(|it| it.without_number() == bare).count() == 1;
    if is_alone { bare } else { log.component() }
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
        caption += &format!("; {} of {all} that were logged", format::number(shown as u64));
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
fn said_of_clock(name: &str, first: Option<Timestamp>, steps: &[(Timestamp, &Step)]) -> String {
    let time = |it: jiff::SignedDuration| format::duration(it.unsigned_abs());
    match clock(name, first, steps) {
        Clock::Agrees(by) => format!("{name}: agrees, to {}", time(by)),
        Clock::Off(by) if by.is_negative() => format!("{name}: at least {} behind", time(by)),
        Clock::Off(by) => format!("{name}: {} ahead, or slow to start", time(by)),
        Clock::Unknown => format!("{name}: unknown"),
    }
}

/// The lanes of one kind, each with its name, what it comes to, and its moments.
type Lanes = Vec<(String, String, Vec<Event>)>;

/// A lane for each source in the order of its first moment, then those of what lasts and of what was
/// measured, by whose it is.
fn lanes(
    all: &mut [Moment],
    measured: &Measured,
    (from, span): (Timestamp, u64),
) -> Vec<MomentLane> {
    let (mut sources, mut lasting) = (Lanes::new(), Lanes::new());
    let mut names: Vec<String> = Vec::new();
    for (n, it) in all.iter_mut().enumerate() {
        it.row.lane =
            place(&mut names, |name| *name == it.row.source, || it.row.source.clone()) % 6;
        let end = it.row.text.char_indices().nth(TITLE).map_or(it.row.text.len(), |it| it.0);
        let (lanes, name) = match &it.lane {
            Some((lane, _)) => (&mut lasting, lane),
            None => (&mut sources, &it.row.source),
        };
        let lane = place(lanes, |lane| lane.0 == *name, || (name.clone(), String::new(), vec![]));
        let (_, note, all) = &mut lanes[lane];
        *note = match &it.lane {
            Some((_, now)) => now.clone(),
            None => format::number(all.len() as u64 + 1),
        };
        all.push(Event {
            at: it.row.at,
            took: it.took,
            class: it.row.mark.map_or(it.class, |it| it.class()),
            title: format!("{} {}", it.row.time, &it.row.text[..end]),
            href: format!("#m{n}"),
        });
    }
    let drawn = |(name, note, all): (String, String, Vec<Event>)| {
        let words = format!("{name}: {}", format::counted(all.len() as u64, "moment"));
        MomentLane { svg: events(span, &words, &all), name, note }
    };
    let mut lanes: Vec<MomentLane> = sources.into_iter().map(drawn).collect();
    let mut quantities: Vec<MomentLane> = lasting.into_iter().map(drawn).collect();
    quantities.extend(measured.series.iter().map(|it| {
        let points: Vec<(u64, f64)> =
            it.points.iter().map(|(at, value)| (millis(from, *at), *value)).collect();
        MomentLane {
            svg: curve(span, &format!("{}: {}", it.name, it.note), &points),
            name: it.name.clone(),
            note: it.note.clone(),
        }
    }));
    // What was measured of one person stands together.
    let whose = |it: &MomentLane| it.name.rsplit_once(": ").map(|it| it.0.to_owned());
    let mut people: Vec<Option<String>> = Vec::new();
    quantities.sort_by_cached_key(|it| {
        let who = whose(it);
        place(&mut people, |known| *known == who, || who.clone())
    });
    lanes.extend(quantities);
    lanes
}

/// Where `is` holds among `all`, of which it becomes the last where it does so nowhere.
fn place<T>(all: &mut Vec<T>, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> usize {
    all.iter().position(is).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    })
}

fn class(level: &str) -> &'static str {
    match level {
        "error" => "error",
        "warning" => "warning",
        _ => "",
    }
}

/// How grave a state of a connection is; what is still on its way is no warning.
fn grave(to: &str) -> &'static str {
    let is = |any: &[&str]| to.split_whitespace().any(|it| any.contains(&it));
    if is(&["failed"]) {
        "error"
    } else if is(&["disconnected"]) {
        "warning"
    } else {
        ""
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
    let took = u64::try_from(took.as_millis()).unwrap_or(0);
    Moment { time: *time, took, lane: None, class: "", row }
}

fn turn(it: &Turn) -> Moment {
    let lane = it.lasts.then(|| (format!("{}: {}", it.who, it.what), it.to.clone()));
    let took = if it.lasts { millis(it.at, it.until) } else { 0 };
    let level = grave(&it.to);
    let class = if level.is_empty() && it.passing { "wait" } else { level };
    let row = MomentRow {
        level: level.to_owned(),
        text: format!("{} {}", it.what, it.to),
        ..blank(it.at, &it.who)
    };
    Moment { time: it.at, took, lane, class, row }
}

/// A line as people read it, without its time, which stands in its own column: of an object in JSON first
/// what it says, then what else is plain.
fn readable(line: &str) -> String {
    const SHOWN: [&str; 6] = ["level", "ts", "time", "timestamp", "msg", "message"];
    if let Ok(all) = serde_json::from_str::<BTreeMap<String, Value>>(line) {
        let said = ["msg", "message"].iter().find_map(|it| all.get(*it)?.as_str());
        let rest = all.iter().filter(|(name, _)| !SHOWN.contains(&name.as_str()));
        let rest = rest.filter_map(|(name, it)| match it {
            Value::String(text) => Some(format!("{name}={text}")),
            Value::Number(_) | Value::Bool(_) => Some(format!("{name}={it}")),
            _ => None,
        });
        return said.map(str::to_owned).into_iter().chain(rest).collect::<Vec<_>>().join(" ");
    }
    match line.split_once([' ', '\t']) {
        Some((time, rest)) if time.parse::<Timestamp>().is_ok() => rest.trim_start().to_owned(),
        _ => line.to_owned(),
    }
}

fn spoken(it: &Spoken<'_>, text: &str) -> Moment {
    let end = text.char_indices().nth(TEXT).map_or(text.len(), |it| it.0);
    let cut = if end < text.len() { "…" } else { "" };
    let row = MomentRow {
        level: it.level().to_owned(),
        text: format!("{}{cut}", &text[..end]),
        note: format!("line {}", format::number(it.number)),
        href: it.href.clone(),
        ..blank(it.time, it.component)
    };
    Moment { time: it.time, took: 0, lane: None, class: class(it.level()), row }
}
