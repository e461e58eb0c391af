//! `/trends/`: better or worse?

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Duration,
};

use rayon::prelude::*;

use super::{
    changes::told,
    context::{Context, versions},
    spread,
};
use crate::{
    history::{Known, Outline},
    model::{Combination, Component, Outcome, Version},
    render::{
        address,
        chart::{Frame, LineChart, Point, Unit, line},
        format,
        mark::Mark,
        view::{Empty, Figure, Link, Section, TrendGroup, TrendsPage},
    },
    report::{Measure, Rate, SuiteFact},
};

/// How many of the newest runs a chart shows.
const SHOWN: usize = 60;

/// How many runs the charts of a page draw together, so that it stays below 150 kB.
const DRAWN: usize = 84;

/// How many versions get charts of their own on a page, shared among its suites.
const LINES: usize = 8;

/// For how many suites a page shows how their durations are spread.
const SPREAD: usize = 3;

/// How many runs the table below the charts lists.
const LISTED: usize = 100;

/// The trends as a whole, and by month, version, suite and branch.
pub(in crate::render) fn trends(context: &Context<'_>) -> Vec<(String, TrendsPage)> {
    let all: Vec<usize> = (0..context.past.runs.len()).collect();
    let kinds = kinds(context);
    let groups: Vec<TrendGroup> = (kinds.iter())
        .map(|(kind, title, by)| TrendGroup {
            title: (*title).to_owned(),
            links: (if *kind == "version" {
                newest_versions(context)
            } else {
                by.keys().rev().cloned().collect()
            })
            .into_iter()
            .map(|name| Link { href: address::trends(kind, &name), text: name })
            .collect(),
        })
        .filter(|group| !group.links.is_empty())
        .collect();
    let page = |path: &str, title: &str, runs: &[usize], groups: Vec<TrendGroup>| {
        page(context, (path, title), runs, groups)
    };
    let mut pages = vec![page("trends/index.html", "Trends", &all, groups)];
    let narrowed: Vec<_> =
        kinds.iter().flat_map(|(kind, _, by)| by.iter().map(move |it| (kind, it))).collect();
    pages.par_extend(narrowed.into_par_iter().map(|(kind, (name, runs))| {
        page(&address::trends(kind, name), &format!("Trends: {name}"), runs, Vec::new())
    }));
    pages
}

type Kind = (&'static str, &'static str, BTreeMap<String, Vec<usize>>);

fn kinds(context: &Context<'_>) -> [Kind; 4] {
    let mut kinds: [Kind; 4] = [
        ("month", "By month", BTreeMap::new()),
        ("version", "By version", BTreeMap::new()),
        ("suite", "By suite", BTreeMap::new()),
        ("branch", "By branch", BTreeMap::new()),
    ];
    let [month, version, suite, branch] = kinds.each_mut().map(|it| &mut it.2);
    let mut names: HashMap<usize, Vec<String>> = HashMap::new();
    for (idx, (run, fact)) in context.past.runs.iter().zip(&context.report.runs).enumerate() {
        let day = format::date(run.head.started);
        put(month, day.rsplit_once('-').map_or("", |it| it.0), idx);
        let named = || fact.combination.iter().map(version_name).collect();
        for name in names.entry(fact.rank).or_insert_with(named) {
            put(version, name, idx);
        }
        put(suite, &run.head.suite, idx);
        run.head.branch.iter().for_each(|it| put(branch, it, idx));
    }
    kinds
}

fn put(by: &mut BTreeMap<String, Vec<usize>>, name: &str, idx: usize) {
    match by.get_mut(name) {
        Some(runs) => runs.push(idx),
        None => _ = by.insert(name.to_owned(), vec![idx]),
    }
}

fn version_name((name, version): (&Component, &Version)) -> String {
    format!("{name}-{version}")
}

/// The versions of each component, newest first.
fn newest_versions(context: &Context<'_>) -> Vec<String> {
    let combinations: HashSet<_> = context.report.runs.iter().map(|it| &it.combination).collect();
    let versions: BTreeSet<_> = (combinations.into_iter().flat_map(Combination::iter))
        .map(|(name, version)| (name, Reverse(version)))
        .collect();
    versions.into_iter().map(|(name, Reverse(version))| version_name((name, version))).collect()
}

fn page(
    context: &Context<'_>,
    (path, title): (&str, &str),
    runs: &[usize],
    groups: Vec<TrendGroup>,
) -> (String, TrendsPage) {
    let mut shell = context.shell(path, Section::Trends, title);
    let mut by_suite: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &idx in runs {
        by_suite.entry(&context.run(idx).head.suite).or_default().push(idx);
    }
    let root = shell.root.clone();
    let each = (LINES / by_suite.len().max(1)).max(1);
    let mut drawn = 0;
    let fits = |line: &Line| {
        drawn += line.runs.len().min(SHOWN);
        drawn <= DRAWN
    };
    let mut figures: Vec<Figure> = (by_suite.iter())
        .flat_map(|(suite, runs)| lines(context, suite, runs).into_iter().take(each))
        .filter(fits)
        .flat_map(|line| {
            [
                rate(context, &line, &root),
                duration(context, &line, &root),
                attempts(context, &line, &root),
            ]
        })
        .flatten()
        .collect();
    let of_suites = by_suite.iter().take(SPREAD);
    figures.extend(of_suites.filter_map(|(suite, runs)| spread::durations(context, suite, runs)));
    let is_empty = by_suite.values().all(|runs| runs.len() < 2);
    shell.answer = match (runs.len(), is_empty) {
        (0, _) => "No run is known yet.".to_owned(),
        (1, _) => "One run is a point, not a trend.".to_owned(),
        (n, true) => format!("Each of {n} suites ran once: points, not trends."),
        (n, false) => answer(n, by_suite.len(), &figures),
    };
    if path != "trends/index.html" {
        shell.crumbs =
            vec![Link { text: "Trends".to_owned(), href: "trends/index.html".to_owned() }];
    }
    let newest = runs.iter().rev().take(LISTED).copied();
    let view = TrendsPage {
        groups,
        empty: is_empty.then(|| Empty {
            text: "After the second run of a suite, its pass rate and duration are drawn here, run by run.".to_owned(),
            command: None,
        }),
        figures,
        shifts: super::shift::of_runs(context, runs),
        patterns: spread::failures(context, &shell.root, runs),
        rows: context.run_rows(&shell.root, newest),
        shell,
    };
    (path.to_owned(), view)
}

/// The newest change for good, if any.
fn answer(runs: usize, suites: usize, figures: &[Figure]) -> String {
    let all = format!(
        "{} in {}",
        format::counted(runs as u64, "run"),
        format::counted(suites as u64, "suite")
    );
    match figures.iter().flat_map(|it| &it.changes).max_by_key(|it| &it.after.text) {
        Some(newest) => format!("{} {all}.", newest.text),
        None => format!("{all}; what is drawn here has not changed for good."),
    }
}

/// The runs of a suite in lines that mean something: those on the same versions over time, or, where
/// no versions ran twice, the newest of each versions, oldest versions first.
struct Line {
    /// What it is of: the suite, and the versions where they stay the same.
    of: String,
    runs: Vec<usize>,
    by_version: bool,
}

fn lines(context: &Context<'_>, suite: &str, runs: &[usize]) -> Vec<Line> {
    let rank = |idx: &usize| context.report.runs[*idx].rank;
    // The newest versions have the first rank.
    let mut by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for idx in runs {
        by.entry(rank(idx)).or_default().push(*idx);
    }
    let newest: Vec<usize> = by.values().rev().filter_map(|runs| runs.last().copied()).collect();
    let mut lines = Vec::new();
    let mut followed: Vec<usize> = runs.iter().map(rank).collect();
    followed.dedup();
    // Where versions follow each other, and do not take turns, their runs are one line over time.
    if by.len() > 1 && followed.len() == by.len() && runs.len() > by.len() {
        let of = format!("{suite} over all versions");
        lines.push(Line { of, runs: runs.to_vec(), by_version: false });
    }
    if newest.len() > 1 {
        lines.push(Line { of: suite.to_owned(), runs: newest, by_version: true });
    }
    let repeated = by.into_values().filter(|runs| runs.len() > 1).take(LINES);
    lines.extend(repeated.map(|runs| {
        let on = versions(&context.report.runs[runs[0]].combination);
        let of = if on.is_empty() { suite.to_owned() } else { format!("{suite} on {on}") };
        Line { of, runs, by_version: false }
    }));
    lines
}

/// The two charts that tell most of a suite, for the overview.
pub(super) fn suite_figures(context: &Context<'_>, suite: &SuiteFact, root: &str) -> Vec<Figure> {
    let leading = &context.report.runs[suite.leading].combination;
    let on = versions(leading);
    let lines = lines(context, &suite.name, &suite.runs);
    let whole = |line: &&Line| !line.by_version && line.runs.len() == suite.runs.len();
    let of_leading = |line: &&Line| !line.by_version && (on.is_empty() || line.of.ends_with(&on));
    let found = lines.iter().find(whole).or_else(|| lines.iter().find(of_leading));
    let Some(line) = found.or(lines.first()) else { return Vec::new() };
    [rate(context, line, root), duration(context, line, root)].into_iter().flatten().collect()
}

fn rate(context: &Context<'_>, line: &Line, root: &str) -> Option<Figure> {
    let values = values(line, |idx| {
        let counts = &context.run(idx).counts;
        let rate = Rate::new(counts.of(Outcome::Passed), counts.evidence());
        Some((rate.share()?, Some((rate.low, rate.high)), context.run_counts(idx)))
    });
    let percent = |it: f64| format!("{:.1} %", it * 100.0);
    let words = Words {
        id: "rate",
        title: format!("Pass rate of {}", line.of),
        unit: Unit::Percent,
        measure: Some(Measure::Share),
        by_version: line.by_version,
        all: line.runs.len(),
        mark: None,
    };
    figure(context, &values, root, words, &percent)
}

fn duration(context: &Context<'_>, line: &Line, root: &str) -> Option<Figure> {
    let values = values(line, |idx| {
        let took = context.run(idx).head.duration()?;
        Some((took.as_secs_f64(), None, format::duration(took)))
    });
    // Reports that time nothing say zero.
    values.iter().find(|it| it.1.0 > 0.0)?;
    let seconds = |it: f64| format::duration(Duration::from_secs_f64(it));
    let words = Words {
        id: "duration",
        title: format!("Duration of {}", line.of),
        unit: Unit::Seconds,
        measure: Some(Measure::Seconds),
        by_version: line.by_version,
        all: line.runs.len(),
        mark: None,
    };
    figure(context, &values, root, words, &seconds)
}

/// Mean attempts a scenario; only of interest where anything was ever retried.
fn attempts(context: &Context<'_>, line: &Line, root: &str) -> Option<Figure> {
    let is_retried = |idx: &usize| context.run(*idx).attempts > context.run(*idx).counts.total();
    line.runs.iter().find(|idx| is_retried(idx))?;
    let values = values(line, |idx| {
        let run = context.run(idx);
        let mean = f64::from(run.attempts) / f64::from(run.counts.total().max(1));
        Some((mean, None, format!("{mean:.2} attempts a scenario")))
    });
    let words = Words {
        id: "attempts",
        title: format!("Attempts a scenario in {}", line.of),
        unit: Unit::Count,
        measure: None,
        by_version: line.by_version,
        all: line.runs.len(),
        mark: None,
    };
    figure(context, &values, root, words, &|it| format!("{it:.2}"))
}

/// The duration of a case over the newest runs where it passed.
pub(super) fn case_figure(
    context: &Context<'_>,
    known: &Known,
    results: &[(u32, Outline)],
) -> Option<Figure> {
    let passed = |it: &Outline| it.outcome == Outcome::Passed && it.millis != u32::MAX;
    let passed: Vec<&(u32, Outline)> = results.iter().filter(|(_, it)| passed(it)).collect();
    let shown: Vec<(usize, Value)> = passed[passed.len().saturating_sub(SHOWN)..]
        .iter()
        .map(|(run, it)| {
            let seconds = f64::from(it.millis) / 1000.0;
            (*run as usize, (seconds, None, super::context::took(it.millis).1))
        })
        .collect();
    let all = shown.len();
    let shown = &shown[all.saturating_sub(SHOWN)..];
    let root = address::root(&address::case(known));
    let words = Words {
        id: "duration",
        title: "Duration where it passed".to_owned(),
        unit: Unit::Seconds,
        // What changed of a scenario is told by its shifts.
        measure: None,
        by_version: false,
        all,
        mark: Some(Mark::Pass),
    };
    let seconds = |it: f64| format::duration(Duration::from_secs_f64(it));
    // Below that a table of combinations says as much.
    let enough = shown.len() > 4;
    figure(context, shown, &root, words, &seconds).filter(|_| enough)
}

/// A value, the interval that holds the true one, and what it is in words.
type Value = (f64, Option<(f64, f64)>, String);

struct Words {
    id: &'static str,
    title: String,
    unit: Unit,
    /// How to look for changes over time.
    measure: Option<Measure>,
    by_version: bool,
    /// How many runs there are, shown or not.
    all: usize,
    /// What each point came to, where that is not what its run came to.
    mark: Option<Mark>,
}

fn values(line: &Line, value: impl Fn(usize) -> Option<Value>) -> Vec<(usize, Value)> {
    let newest = &line.runs[line.runs.len().saturating_sub(SHOWN)..];
    newest.iter().filter_map(|idx| Some((*idx, value(*idx)?))).collect()
}

fn figure(
    context: &Context<'_>,
    values: &[(usize, Value)],
    root: &str,
    words: Words,
    say: &dyn Fn(f64) -> String,
) -> Option<Figure> {
    let ([(first, first_value), .., (last, last_value)], id) = (values, words.id) else {
        return None;
    };
    let place = |idx: usize| {
        let versions = versions(&context.report.runs[idx].combination);
        if words.by_version { versions } else { format::date(context.run(idx).head.started) }
    };
    let (from, to) = (say(first_value.0), say(last_value.0));
    let moved = match last_value.0.total_cmp(&first_value.0) {
        _ if from == to => format!("is {to} on both ends"),
        Ordering::Less => format!("fell from {from} to {to}"),
        _ => format!("rose from {from} to {to}"),
    };
    let span = format!("between {} and {}", place(*first), place(*last));
    let mut finding = format!("{} {moved} {span}", words.title);
    if words.all > SHOWN {
        let all = format::number(words.all as u64);
        finding += &format!(" (the newest {SHOWN} of {all} runs)");
    }
    let series: Vec<(usize, f64)> = values.iter().map(|(idx, it)| (*idx, it.0)).collect();
    let measure = words.measure.filter(|_| !words.by_version);
    let told = measure.map_or_else(Vec::new, |it| told(context, &words.title, &series, it, say));
    let (marks, findings): (Vec<_>, Vec<_>) =
        told.into_iter().map(|it| (it.mark, it.finding)).unzip();
    let points = values.iter().enumerate().map(|(n, (idx, (y, interval, said)))| {
        let on = versions(&context.report.runs[*idx].combination);
        let on = if on.is_empty() { String::new() } else { format!(", {on}") };
        Point {
            x: f64::from(u32::try_from(n).unwrap_or(u32::MAX)),
            y: *y,
            interval: *interval,
            mark: words.mark.or_else(|| Some(context.run_mark(*idx))),
            title: format!("{}{on}: {said}", format::date(context.run(*idx).head.started)),
            href: format!("{root}{}", context.run_href(*idx)),
        }
    });
    let ticks = [0, values.len() / 2, values.len() - 1];
    let mut ticks: Vec<(f64, String)> = ticks
        .into_iter()
        .map(|n| (f64::from(u32::try_from(n).unwrap_or(u32::MAX)), place(values[n].0)))
        .collect();
    ticks.dedup_by(|a, b| a.1 == b.1);
    let chart = LineChart {
        frame: Frame {
            id: format!("{id}-{}", address::part(&words.title)),
            title: words.title,
            finding: finding.clone(),
            unit: words.unit,
            ticks,
            changes: marks,
        },
        points: points.collect(),
        levels: Vec::new(),
    };
    Some(Figure { caption: finding, svg: line(&chart), changes: findings })
}
