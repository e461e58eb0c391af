//! What became slower, heavier or less often passed, or better: in words and as charts.

use std::{cmp::Ordering, collections::BTreeSet, time::Duration};

use super::{
    changes::with,
    context::{Context, versions},
    release::notes_of_step,
};
use crate::{
    model::Metric,
    render::{
        address,
        chart::{Frame, LineChart, Point, Unit, line},
        format,
        view::{Figure, Link, ShiftRow, ShiftsView},
    },
    report::{Course, Noisy, Shift, differences},
};

/// How many shifts a page lists.
const LISTED: usize = 20;

/// How many metrics are named that are too noisy.
const NOISY: usize = 5;

/// How many metrics of a scenario are drawn, and how many of their newest runs.
const DRAWN: usize = 4;
const SHOWN: usize = 60;

/// What shifted with one of some runs, and of more than one what is too noisy to tell.
pub(super) fn of_runs(context: &Context<'_>, runs: &[usize]) -> Option<ShiftsView> {
    let runs: BTreeSet<&usize> = runs.iter().collect();
    let shifts = &context.report.shifts;
    let found: Vec<&Shift> = shifts.all.iter().filter(|it| runs.contains(&it.since)).collect();
    let is_meant = |it: &&Noisy| runs.len() > 1 && runs.contains(&it.newest);
    let mut noisy: Vec<&Noisy> = shifts.noisy.iter().filter(is_meant).collect();
    noisy.sort_by(|a, b| b.spread.total_cmp(&a.spread));
    let tell = |it: &&Noisy| format!("{}: {}", context.case_link(it.case).text, noise(it));
    let mut said: Vec<String> = noisy.iter().take(NOISY).map(tell).collect();
    if let Some(n) = noisy.len().checked_sub(NOISY).filter(|it| *it > 0) {
        said.push(format!("{n} more metrics are too noisy to judge, in api/v1/shifts.json"));
    }
    let is_empty = found.is_empty() && said.is_empty();
    (!is_empty).then(|| ShiftsView { noisy: said, ..view(context, &found, true) })
}

/// What shifted of a case, with charts.
pub(super) fn of_case(context: &Context<'_>, case: u32) -> Option<ShiftsView> {
    let shifts = &context.report.shifts;
    let found: Vec<&Shift> = shifts.of(case).collect();
    let noisy = shifts.noisy_of(case);
    if found.is_empty() && noisy.is_empty() {
        return None;
    }
    let root = address::root(&address::case(&context.past.cases[case as usize]));
    let mut drawn: Vec<Metric> = Vec::new();
    let mut figures = Vec::new();
    for it in &found {
        if drawn.len() < DRAWN && !drawn.contains(&it.metric) {
            drawn.push(it.metric);
            figures.extend(figure(context, it, &root));
        }
    }
    let noisy = noisy.iter().map(noise).collect();
    Some(ShiftsView { figures, noisy, ..view(context, &found, false) })
}

/// `duration is too noisy to judge: ±35 % in 30 runs`
fn noise(it: &Noisy) -> String {
    let runs = format::counted(it.runs as u64, "run");
    format!("{} is too noisy to judge: ±{:.0} % in {runs}", words(it.metric), it.spread * 100.0)
}

fn view(context: &Context<'_>, found: &[&Shift], with_case: bool) -> ShiftsView {
    let lasting = |worse: bool| {
        let is_it = |it: &&&Shift| it.ended.is_none() && it.is_worse() == worse;
        found.iter().filter(is_it).count() as u64
    };
    let over = found.len() as u64 - lasting(true) - lasting(false);
    let parts = [(lasting(true), "worse"), (lasting(false), "better"), (over, "over")];
    let parts: Vec<String> = { parts.iter() }
        .filter(|it| it.0 > 0)
        .map(|(n, what)| format!("{} {what}", format::number(*n)))
        .collect();
    let metrics = format::counted(found.len() as u64, "metric");
    ShiftsView {
        caption: format!("{metrics} shifted: {}", parts.join(", ")),
        rows: found.iter().take(LISTED).map(|it| row(context, it, with_case)).collect(),
        rest: match found.len().saturating_sub(LISTED) {
            0 => String::new(),
            n => format!("and {n} more, in api/v1/shifts.json"),
        },
        ..ShiftsView::default()
    }
}

fn row(context: &Context<'_>, it: &Shift, with_case: bool) -> ShiftRow {
    let date = |run: usize| format::date(context.run(run).head.started);
    let (old, new) = (&context.run(it.last_old).head, &context.run(it.since).head);
    let came = with(&differences(old, new));
    let came = came.trim_start_matches(", ");
    let life = match (it.ended, &it.baseline) {
        (Some(run), _) => format!("ended {}", date(run)),
        (None, Some(baseline)) => format!("against the pinned {baseline}"),
        (None, None) => "lasts".to_owned(),
    };
    let joint = if came.is_empty() { "" } else { "; " };
    ShiftRow {
        case: with_case.then(|| context.case_link(it.case)),
        metric: words(it.metric).to_owned(),
        sense: if it.is_worse() { "worse" } else { "better" }.to_owned(),
        before: said(it.metric, it.before.0),
        runs: format::counted(it.before.1 as u64, "run"),
        after: said(it.metric, it.after.0),
        change: change(it),
        since: Link { text: date(it.since), href: context.run_href(it.since) },
        note: format!("{came}{joint}{life}"),
        last_old: context.run_link(it.last_old),
        notes: notes_between(context, it.last_old, it.since),
    }
}

/// `+40 %`, of rates `-20 points`.
fn change(it: &Shift) -> String {
    let Some(by) = it.deviation() else { return "from nothing".to_owned() };
    let unit = if it.metric == Metric::Rate { "points" } else { "%" };
    format!("{:+.0}\u{a0}{unit}", by * 100.0).replace('-', "−")
}

/// The notes of the step from one run to the other, where both have one component in two versions.
pub(super) fn notes_between(context: &Context<'_>, before: usize, after: usize) -> Option<Link> {
    let (old, new) = (&context.run(before).head.versions, &context.run(after).head.versions);
    let step = |(name, to): (&String, &crate::model::Version)| {
        let from = old.get(name).filter(|from| *from != to)?;
        notes_of_step(context, (name, from, to))
    };
    new.iter().find_map(step)
}

/// A metric in words.
pub(super) const fn words(metric: Metric) -> &'static str {
    match metric {
        Metric::Duration => "duration",
        Metric::Rate => "pass rate",
        Metric::Connect => "time to connect",
        Metric::BitrateIn => "media received",
        Metric::BitrateOut => "media sent",
        Metric::Cpu => "CPU",
        Metric::Memory => "memory",
    }
}

/// A value with its unit.
fn said(metric: Metric, value: f64) -> String {
    let value = value.max(0.0);
    match metric {
        // Of a second two digits are shown, so that what is said to differ does.
        Metric::Duration | Metric::Connect if (1.0..10.0).contains(&value) => {
            format!("{value:.2}\u{a0}s")
        }
        Metric::Duration | Metric::Connect => {
            format::duration(Duration::try_from_secs_f64(value).unwrap_or_default())
        }
        Metric::Rate => format!("{:.0}\u{a0}%", value * 100.0),
        Metric::BitrateIn | Metric::BitrateOut => {
            format!("{}bit/s", format::bytes(value as u64).trim_end_matches('B'))
        }
        Metric::Cpu => format!("{value:.2}\u{a0}cores"),
        Metric::Memory => format::bytes(value as u64),
    }
}

/// What is drawn for a value, and what it is then.
const fn drawn(metric: Metric) -> (f64, Unit, &'static str) {
    match metric {
        Metric::Duration | Metric::Connect => (1.0, Unit::Seconds, ""),
        Metric::Rate => (1.0, Unit::Percent, ""),
        Metric::BitrateIn | Metric::BitrateOut => (1e-6, Unit::Count, ", in Mbit/s"),
        Metric::Cpu => (1.0, Unit::Count, ", in cores"),
        Metric::Memory => (1.0, Unit::Bytes, ""),
    }
}

/// A place in a chart.
fn place(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// The metric of a shift run by run, with its levels; only the runs on both sides of it are marked.
fn figure(context: &Context<'_>, it: &Shift, root: &str) -> Option<Figure> {
    let course: &Course = &it.course;
    let first = course.values.len().saturating_sub(SHOWN);
    let values = &course.values[first..];
    let (scale, unit, of) = drawn(it.metric);
    let date = |run: usize| format::date(context.run(run).head.started);
    let in_time = values.is_sorted_by_key(|(run, _)| *run);
    let name = |run: usize| match in_time {
        true => date(run),
        false => versions(&context.report.runs[run].combination),
    };
    let moved = match it.after.0.total_cmp(&it.before.0) {
        Ordering::Less => "fell",
        _ => "rose",
    };
    let title = words(it.metric);
    let (from, to) = (said(it.metric, it.before.0), said(it.metric, it.after.0));
    let finding = format!(
        "The {title}{of} {moved} from {from} to {to} ({}) on {}",
        change(it),
        date(it.since)
    );
    let is_marked = |run: usize| [it.last_old, it.since, it.newest].contains(&run);
    let points = values.iter().enumerate().map(|(n, (run, value))| Point {
        x: place(n),
        y: value * scale,
        interval: None,
        mark: is_marked(*run).then(|| context.run_mark(*run)),
        title: format!("{}: {}", context.run_title(*run), said(it.metric, *value)),
        href: format!("{root}{}", context.run_href(*run)),
    });
    let levels = course.levels.iter().filter(|(range, _)| range.end > first);
    let levels: Vec<(f64, f64, f64)> = levels
        .map(|(range, middle)| {
            let from = range.start.saturating_sub(first);
            (place(from), place(range.end - 1 - first), middle * scale)
        })
        .collect();
    let changes = levels.iter().skip(1).map(|it| it.0);
    let changes = changes.map(|at| (at - 0.5, name(values[at as usize].0))).collect();
    let mut ticks: Vec<(f64, String)> = [0, values.len() / 2, values.len().checked_sub(1)?]
        .into_iter()
        .map(|n| (place(n), name(values[n].0)))
        .collect();
    ticks.dedup_by(|a, b| a.1 == b.1);
    let frame = Frame {
        id: format!("shift-{}", it.metric.word().replace('_', "-")),
        title: title.to_owned(),
        finding: finding.clone(),
        unit,
        ticks,
        changes,
    };
    let svg = line(&LineChart { frame, points: points.collect(), levels });
    Some(Figure { caption: finding, svg, changes: Vec::new() })
}
