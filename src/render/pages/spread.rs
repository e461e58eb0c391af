//! What the trends show besides lines: how durations are spread, and which failures come again.

use std::time::Duration;

use super::context::{Context, versions};
use crate::{
    render::{
        address,
        chart::{Class, Frame, Histogram, StripMark, Unit, histogram, strip},
        format,
        mark::Mark,
        view::{Figure, PatternRow, Patterns},
    },
    report::{Bin, distribution, patterns},
};

/// How many runs the failures are shown of, and how many families of them.
const RUNS: usize = 30;
const FAMILIES: usize = 5;

/// The durations of the newest of `runs` beside those of the run that it is compared with.
pub(super) fn durations(context: &Context<'_>, suite: &str, runs: &[usize]) -> Option<Figure> {
    let newest = *runs.last()?;
    let base = context.report.runs[newest].comparison.base;
    let before = base.map_or(&[][..], |it| &context.run(it).results);
    let it = distribution(&context.run(newest).results, before)?;
    let millis = |it: u32| format::duration(Duration::from_millis(it.into()));
    let mut finding = format!(
        "Half of the {} of {suite} took at most {}, and one in twenty longer than {}",
        format::counted(it.now.n.into(), "scenario"),
        millis(it.now.median),
        millis(it.now.p95),
    );
    let on = format::date(context.run(newest).head.started);
    finding += &match it.before {
        Some(before) => format!(
            ": {on}, narrow bars; in the comparable run before, wide bars, {} and {}",
            millis(before.median),
            millis(before.p95),
        ),
        None => format!(" on {on}"),
    };
    let said = |bin: &Bin| {
        let now = format::counted(bin.now.into(), "scenario");
        let now = format!("{} to {}: {now}", millis(bin.from), millis(bin.to));
        if it.before.is_some() { format!("{now}, {} before", bin.before) } else { now }
    };
    let class = |bin: &Bin| Class { now: bin.now, before: bin.before, title: said(bin) };
    let mut ticks: Vec<(f64, String)> =
        (0_u32..).zip(&it.bins).map(|(n, bin)| (f64::from(n), millis(bin.from))).collect();
    ticks.extend(it.bins.last().map(|bin| (it.bins.len() as f64, millis(bin.to))));
    let frame = Frame {
        id: format!("spread-{}", address::part(suite)),
        title: format!("How long the scenarios of {suite} took"),
        finding: finding.clone(),
        unit: Unit::Count,
        ticks,
        changes: Vec::new(),
    };
    let svg = histogram(&Histogram { frame, classes: it.bins.iter().map(class).collect() });
    Some(Figure { caption: finding, svg, changes: Vec::new() })
}

/// The failure families that most of the newest of `runs` had.
pub(super) fn failures(context: &Context<'_>, root: &str, runs: &[usize]) -> Option<Patterns> {
    let told = &runs[runs.len().saturating_sub(RUNS)..];
    let found = patterns(&context.report.families, told);
    if told.len() < 2 || found.is_empty() {
        return None;
    }
    let row = |it: &crate::report::Pattern| {
        let said: Vec<(Mark, String, String)> = (it.cases.iter().zip(told))
            .map(|(n, idx)| {
                let on = versions(&context.report.runs[*idx].combination);
                let date = format::date(context.run(*idx).head.started);
                let cases = format::counted((*n).into(), "scenario");
                let href = if *n > 0 { context.run_href(*idx) } else { String::new() };
                (Mark::Fail, href, format!("{date}, {on}: {cases}"))
            })
            .collect();
        let marks: Vec<StripMark<'_>> = super::context::marks(&said);
        PatternRow {
            title: super::family::title(&context.report.families.all[it.family]),
            type_name: context.report.families.all[it.family].type_name.clone(),
            href: super::family::href(context.report, it.family),
            count: format!("{} of {}", it.runs(), format::counted(told.len() as u64, "run")),
            strip: strip(root, &marks),
        }
    };
    let shown = found.len().min(FAMILIES);
    let kinds = if found.len() == 1 { "family" } else { "families" };
    let mut caption = format!(
        "{} {kinds} of failures in the newest {}, oldest run first",
        format::number(found.len() as u64),
        format::counted(told.len() as u64, "run"),
    );
    if shown < found.len() {
        caption += &format!("; {shown} of them are shown");
    }
    Some(Patterns { caption, rows: found.iter().take(FAMILIES).map(row).collect() })
}
