//! The timeline of a run: what ran on which worker, when, and what took longest.

use std::collections::HashMap;

use super::context::{Context, full_name};
use crate::{
    model::Run,
    render::{
        address,
        chart::{Frame, LaneBar, LaneChart, LaneRow, Unit, lanes},
        format,
        view::Figure,
    },
    report::{Slot, Timeline, timeline},
};

/// How many of the longest bars lead to their case, so that the page stays below 150 kB.
const LINKED: usize = 48;

/// How many lanes are drawn.
const LANES: usize = 24;

/// How many of the longest are drawn where nobody says when they began.
const LONGEST: usize = 12;

/// The timeline of a run, where its results say when what began; `cases` tells where a case of the
/// run stands in the past.
pub(super) fn figure(
    context: &Context<'_>,
    run: &Run,
    cases: &HashMap<usize, u32>,
) -> Option<Figure> {
    let it = timeline(run)?;
    if it.counted && !it.fits {
        return Some(longest(context, run, &it, cases));
    }
    let finding = finding(run, &it);
    let root = address::root(&address::run(&run.head.id));
    let mut longest: Vec<&Slot> = it.lanes.iter().flat_map(|lane| &lane.slots).collect();
    longest.sort_by_key(|slot| (!slot.outcome.is_failing(), std::cmp::Reverse(slot.took)));
    longest.truncate(LINKED);
    let linked: Vec<(usize, usize)> = longest.iter().map(|it| (it.case, it.attempt)).collect();
    let bar = |slot: &Slot| {
        let from = slot.at.as_secs_f64();
        let is_linked = linked.contains(&(slot.case, slot.attempt));
        let case = cases.get(&slot.case).filter(|_| is_linked);
        let (name, took) = (name(run, slot), format::duration(slot.took));
        LaneBar {
            range: (from, from + slot.took.as_secs_f64()),
            mark: slot.outcome.into(),
            title: format!("{name}: {}, {took}, from {}", slot.outcome, clock(&it, slot)),
            label: if is_linked { name } else { String::new() },
            href: case.map_or_else(String::new, |it| format!("{root}{}", context.case_href(*it))),
        }
    };
    let rows = it.lanes.iter().take(LANES).zip(1..).map(|(lane, n)| LaneRow {
        name: match (lane.name.as_str(), it.named) {
            ("", true) => "no worker".to_owned(),
            ("", false) => n.to_string(),
            (name, _) if name.len() < 4 => format!("worker {name}"),
            (name, _) => name.to_owned(),
        },
        bars: lane.slots.iter().map(bar).collect(),
    });
    let end = it.span.as_secs_f64();
    let chart = LaneChart {
        frame: Frame {
            id: "timeline".to_owned(),
            title: "The run over time".to_owned(),
            finding: finding.clone(),
            unit: Unit::Seconds,
            ticks: ticks(end),
            changes: Vec::new(),
        },
        end,
        rows: rows.collect(),
    };
    Some(Figure { caption: finding, svg: lanes(&chart), changes: Vec::new() })
}

/// The longest scenarios below each other, where nobody knows when they began.
fn longest(context: &Context<'_>, run: &Run, it: &Timeline, cases: &HashMap<usize, u32>) -> Figure {
    let mut slots: Vec<&Slot> = it.lanes.iter().flat_map(|lane| &lane.slots).collect();
    slots.sort_by_key(|slot| (std::cmp::Reverse(slot.took), slot.case, slot.attempt));
    let all = format::counted((slots.len() + it.left_out.0) as u64, "scenario");
    slots.truncate(LONGEST);
    let finding = format!(
        "The results do not say when scenarios began, only how long they took: the {} longest of {all} that took any time, of which {} took {}.",
        slots.len(),
        name(run, &it.longest),
        format::duration(it.longest.took),
    );
    let root = address::root(&address::run(&run.head.id));
    let row = |slot: &&Slot| {
        let (name, took) = (name(run, slot), format::duration(slot.took));
        let href = cases.get(&slot.case).map(|it| format!("{root}{}", context.case_href(*it)));
        let bar = LaneBar {
            range: (0.0, slot.took.as_secs_f64()),
            mark: slot.outcome.into(),
            title: format!("{name}: {}, {took}", slot.outcome),
            label: name,
            href: href.unwrap_or_default(),
        };
        LaneRow { name: took, bars: vec![bar] }
    };
    let end = it.longest.took.as_secs_f64();
    let frame = Frame {
        id: "timeline".to_owned(),
        title: "The longest scenarios".to_owned(),
        finding: finding.clone(),
        unit: Unit::Seconds,
        ticks: ticks(end),
        changes: Vec::new(),
    };
    let chart = LaneChart { frame, end, rows: slots.iter().map(row).collect() };
    Figure { caption: finding, svg: lanes(&chart), changes: Vec::new() }
}

fn name(run: &Run, slot: &Slot) -> String {
    let case = &run.cases[slot.case];
    let name = full_name(case.rule.as_deref(), &case.name, case.example.iter().map(AsRef::as_ref));
    match slot.attempt {
        0 => name.into_owned(),
        n => format!("{name}, attempt {}", n + 1),
    }
}

fn clock(it: &Timeline, slot: &Slot) -> String {
    it.start.checked_add(slot.at).map(format::clock).unwrap_or_default()
}

/// Who ran, how busy they were, what took longest, and what the drawing leaves out.
fn finding(run: &Run, it: &Timeline) -> String {
    let lanes = format::counted(it.lanes.len() as u64, "worker");
    let span = format::duration(it.span);
    let busy = format::percent((it.busy * 1000.0).round() as u64, 1000);
    let mut text = match (it.named, it.lanes.len()) {
        (true, _) => format!("{lanes}, busy {busy} of {span}"),
        (false, 1) => format!("One scenario at a time, busy {busy} of {span}"),
        (false, n) => format!("Up to {n} scenarios at a time, busy {busy} of {span}"),
    };
    let (name, took) = (name(run, &it.longest), format::duration(it.longest.took));
    text += &format!("; the longest scenario, {name}, took {took} of it.");
    if let Some((at, pause)) =
        it.pause.filter(|(_, pause)| pause.as_secs_f64() > it.span.as_secs_f64() * 0.05)
    {
        let from = it.start.checked_add(at).map(format::clock).unwrap_or_default();
        text += &format!(" Nothing ran for {} from {from}.", format::duration(pause));
    }
    if it.counted {
        text += " The results do not say when scenarios began: their starts are counted up from how long they took.";
    } else if !it.named && it.lanes.len() > 1 {
        text += " The results name no workers: the lanes are inferred.";
    }
    if it.lanes.len() > LANES {
        text += &format!(" {} of {lanes} are drawn.", LANES);
    }
    if it.left_out.0 > 0 {
        text += &format!(
            " {} shorter ones, {} together, have no bar.",
            format::number(it.left_out.0 as u64),
            format::duration(it.left_out.1),
        );
    }
    text
}

/// Round times that part the drawing into four to eight.
fn ticks(end: f64) -> Vec<(f64, String)> {
    let minutes = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0].map(|it| it * 60.0);
    let hours = [1.0, 2.0, 6.0, 12.0, 24.0].map(|it| it * 3600.0);
    let seconds = [0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0];
    let steps = seconds.into_iter().chain(minutes).chain(hours);
    let step = { steps }.find(|step| end / step <= 8.0).unwrap_or(end / 4.0);
    let mut ticks = vec![(0.0, "0".to_owned())];
    for n in 1..=8_u32 {
        let at = step * f64::from(n);
        if at > end || step <= 0.0 {
            break;
        }
        let time = std::time::Duration::try_from_secs_f64(at).unwrap_or_default();
        ticks.push((at, format::duration(time)));
    }
    ticks
}
