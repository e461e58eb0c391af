//! `/runs/<id>/`: what happened in this run?

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use rayon::prelude::*;

use super::{
    context::{Context, full_name, joined, part, shell_line, took, versions},
    judged::chips,
    log::Log,
    overview::masked,
    release::version_fact,
    timeline,
};
use crate::{
    history::Outline,
    model::{Case, Metrics, Run, RunHead, Series, headline},
    render::{
        address,
        chart::spark,
        format,
        row::{self, CaseRow},
        view::{Command, Fact, FailureGroup, Link, OutsideLink, Resource, RunPage, Section, Shell},
    },
    report::group_failures,
};

/// How many cases a page lists.
const PAGE: usize = 500;

/// How many cases a group of failures names.
const NAMED: usize = 5;

/// Writes the pages of a run: the first with everything, further ones with its cases. Each is
/// written as soon as it is made, because all together would fill the memory.
pub(in crate::render) fn run<E: Send>(
    context: &Context<'_>,
    idx: usize,
    (run, results): (&Run, &[Option<Outline>]),
    logs: &[Log],
    write: &(dyn Fn(&str, &RunPage) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let all = run.cases.len();
    let pages = all.div_ceil(PAGE).max(1);
    let failing_first = order(run, results);
    let cases = failing_first.iter().map(|(n, result)| (*n, result.case)).collect();
    let first = RunPage {
        timeline: timeline::figure(context, run, &cases),
        groups: groups(context, idx, (run, results)),
        ..view(context, idx, (run, results), logs)
    };
    (1..=pages).into_par_iter().try_for_each(|page| {
        let path = address::run_cases(&run.head.id, page);
        let start = (page - 1) * PAGE;
        let shown = &failing_first[start..(start + PAGE).min(all)];
        let mut view =
            if page == 1 { first.clone() } else { further(context, &first, &path, page) };
        view.cases = rows(context, &view.shell.root, (idx, run), shown);
        view.pager = part(start, shown.len(), all);
        let other = |text: &str, page: usize| Link {
            text: text.to_owned(),
            href: address::run_cases(&run.head.id, page),
        };
        view.pager.previous = (page > 1).then(|| other("before", page - 1));
        view.pager.next = (page < pages).then(|| other("after", page + 1));
        write(&path, &view)
    })
}

/// A case of the run with what came of it; what went wrong comes first.
type Shown = (usize, Outline);

fn order(run: &Run, results: &[Option<Outline>]) -> Vec<Shown> {
    let known = results.iter().enumerate();
    let mut order: Vec<Shown> = known.filter_map(|(n, it)| Some((n, (*it)?))).collect();
    let is_bad = |it: &Outline| it.outcome.is_failing() || it.flaky;
    let bad_paths: HashSet<&Arc<[Arc<str>]>> =
        order.iter().filter(|(_, it)| is_bad(it)).map(|(n, _)| &run.cases[*n].path).collect();
    // What stands in one place stays together, so that it has one heading.
    order.sort_by_cached_key(|(n, it)| {
        let path = &run.cases[*n].path;
        (!bad_paths.contains(path), path, !is_bad(it))
    });
    order
}

fn view(
    context: &Context<'_>,
    idx: usize,
    (run, results): (&Run, &[Option<Outline>]),
    logs: &[Log],
) -> RunPage {
    let path = address::run(&run.head.id);
    let past = context.run(idx);
    let fact = &context.report.runs[idx];
    let on = versions(&fact.combination);
    let title =
        if on.is_empty() { run.head.suite.clone() } else { format!("{} on {on}", run.head.suite) };
    let mut shell = context.shell(&path, Section::Runs, title);
    shell.crumbs = vec![Link { text: "Runs".to_owned(), href: address::runs(None) }];
    shell.mark = Some(context.run_mark(idx));
    shell.answer = format!("{} on {}.", context.run_counts(idx), format::minute(run.head.started));
    if run.head.failed_outside_cases {
        shell.answer += " The run failed outside of its scenarios.";
    }
    if run.head.cut_short {
        shell.answer += " It was cut short: scenarios may be missing.";
    }
    RunPage {
        counts: chips(&past.counts, &context.known_in(idx), past.flaky),
        facts: facts(context, &run.head, (past.attempts, past.counts.total())),
        gate: None,
        previous: fact.comparison.base.map(|it| context.run_link(it)),
        next: fact.comparison.next.map(|it| context.run_link(it)),
        changes: context.changes(idx),
        shifts: super::shift::of_runs(context, &[idx]),
        groups: Vec::new(),
        known: super::issues::groups(context, idx, (run, results)),
        cases: row::Cases::default(),
        pager: part(0, 0, 0),
        timeline: None,
        resources: resources(&run.metrics),
        fares: super::fares::listed(context, (run, results)),
        logs: logs.iter().map(Log::link).collect(),
        artifacts: Vec::new(),
        repeat: repeat(&run.head),
        problems: match run.problems.len() {
            0 => String::new(),
            n => format!(
                "{} in its files could not be read whole.",
                format::counted(n as u64, "place")
            ),
        },
        masked: masked(run.head.masked.iter()),
        shell,
    }
}

/// A further page holds the list only, so that nothing is said twice.
fn further(context: &Context<'_>, first: &RunPage, path: &str, page: usize) -> RunPage {
    let title = format!("{}, page {page}", first.shell.title);
    let shell = Shell {
        mark: first.shell.mark,
        answer: first.shell.answer.clone(),
        crumbs: first.shell.crumbs.clone(),
        ..context.shell(path, Section::Runs, title)
    };
    RunPage { shell, counts: first.counts.clone(), ..RunPage::default() }
}

/// What each component used, peak and mean with the course of it.
fn resources(metrics: &Metrics) -> Vec<Resource> {
    let cores = |it: f64| format!("{it:.2} cores");
    let bytes = |it: f64| format::bytes(it.max(0.0) as u64);
    let rate = |it: f64| format!("{}/s", format::bytes(it.max(0.0) as u64));
    let mut resources = Vec::new();
    for (component, usage) in &metrics.components {
        let mut add = |what: &str, series: &Option<Series>, say: &dyn Fn(f64) -> String| {
            let Some(series) = series else { return };
            let values: Vec<f64> = series.points.iter().map(|it| it.mean).collect();
            let (peak, mean) = (say(series.peak), say(series.mean));
            resources.push(Resource {
                component: component.clone(),
                what: what.to_owned(),
                spark: spark(&values, &format!("{what} of {component}: peak {peak}, mean {mean}")),
                peak,
                mean,
            });
        };
        add("CPU", &usage.cpu, &cores);
        add("memory", &usage.mem, &bytes);
        add("received", &usage.rx, &rate);
        add("sent", &usage.tx, &rate);
    }
    resources
}

fn repeat(head: &RunHead) -> Vec<Command> {
    if head.repeat.is_empty() {
        return Vec::new();
    }
    vec![Command { purpose: "Repeat this run".to_owned(), line: shell_line(&head.repeat) }]
}

fn facts(context: &Context<'_>, head: &RunHead, (attempts, cases): (u32, u32)) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Started", format::minute(head.started))];
    facts.extend(head.duration().map(|it| Fact::new("Duration", format::duration(it))));
    for (name, version) in &head.versions {
        let reported = head.reported.get(name).filter(|it| *it != version.as_str());
        let value =
            reported.map_or_else(|| version.to_string(), |it| format!("{version} (prints {it})"));
        facts.push(version_fact(context, (name, version), value));
    }
    let named = [
        ("Branch", &head.branch),
        ("Commit", &head.commit),
        ("Runtime", &head.runtime),
        ("Browser", &head.browser),
        ("Network", &head.network),
        ("Shard", &head.shard),
    ];
    facts.extend(named.into_iter().filter_map(|(name, it)| Some(Fact::new(name, it.clone()?))));
    facts.extend(head.seed.map(|it| Fact::new("Seed", it.to_string())));
    if let Some(ci) = &head.ci {
        let text = format!("{} run {}", ci.provider, ci.run);
        let link = ci.url.as_deref().and_then(|url| OutsideLink::new(text.clone(), url));
        facts.push(link.map_or_else(|| Fact::new("CI", text), |link| Fact::outside("CI", link)));
    }
    facts.extend(head.environment.iter().map(|(name, it)| Fact::new(name.clone(), it.clone())));
    if attempts > cases && cases > 0 {
        let mean = f64::from(attempts) / f64::from(cases);
        facts.push(Fact::new("Attempts", format!("{attempts}, {mean:.2} a scenario")));
    }
    facts
}

/// The failures that no known issue explains, by family.
fn groups(
    context: &Context<'_>,
    idx: usize,
    (run, results): (&Run, &[Option<Outline>]),
) -> Vec<FailureGroup> {
    let knowledge = &context.report.knowledge;
    let is_known = |n: &usize| results[*n].is_some_and(|it| knowledge.is_known(idx, it.case));
    let all = run.cases.len() as u64;
    let families = &context.report.families;
    let broke = |cases: &[usize]| {
        let case = results[*cases.first()?]?.case;
        super::breakage::in_run(context, case, idx)
    };
    let group = |it: crate::report::FailureGroup| {
        let family = &families.all[it.family];
        let said = it.cases.iter().filter_map(|n| run.cases[*n].attempts.last().and_then(headline));
        let message = { said }.next().map_or("", |it| &it.message);
        let title = super::family::title(family);
        FailureGroup {
            mark: run.cases[it.cases[0]].outcome().into(),
            message: if *message == title { String::new() } else { message.to_owned() },
            title,
            note: broke(&it.cases).unwrap_or_default(),
            type_name: family.type_name.clone(),
            href: Some(super::family::href(context.report, it.family)),
            // How often it was seen changes with every run, and this page must not.
            count: format!("{} of {}", it.cases.len(), format::counted(all, "scenario")),
            cases: it.cases.iter().take(NAMED).map(|n| link(run, &run.cases[*n])).collect(),
            rest: match it.cases.len().saturating_sub(NAMED) {
                0 => String::new(),
                n => format!("and {n} more"),
            },
        }
    };
    let mut unexplained = group_failures(families, context.run(idx), (run, results));
    unexplained.iter_mut().for_each(|it| it.cases.retain(|n| !is_known(n)));
    unexplained.retain(|it| !it.cases.is_empty());
    unexplained.into_iter().take(20).map(group).collect()
}

/// A failing case always has a page.
pub(super) fn link(run: &Run, case: &Case) -> Link {
    let example = case.example.iter().map(AsRef::as_ref);
    Link {
        text: full_name(case.rule.as_deref(), &case.name, example).into_owned(),
        href: address::case_of(&case.name, case.id(&run.head.suite)),
    }
}

fn rows(
    context: &Context<'_>,
    root: &str,
    (idx, run): (usize, &Run),
    shown: &[Shown],
) -> row::Cases {
    struct Words<'a> {
        path: Cow<'a, str>,
        name: Cow<'a, str>,
        href: Option<String>,
        duration: (Option<u64>, String),
        note: String,
    }
    let words: Vec<Words<'_>> = shown
        .iter()
        .map(|(n, result)| {
            let case = &run.cases[*n];
            let by = context.explained_by(idx, result.case);
            let joint = if by.is_empty() { "" } else { " · " };
            let known = &context.past.cases[result.case as usize];
            let has_page = context.report.cases[result.case as usize].has_page;
            Words {
                path: joined(&case.path, case.feature.as_deref()),
                name: super::context::name(known),
                href: has_page.then(|| address::case(known)),
                duration: took(result.millis),
                note: format!("{by}{joint}{}", note(case)),
            }
        })
        .collect();
    let rows: Vec<CaseRow<'_>> = (words.iter().zip(shown))
        .map(|(it, (_, result))| CaseRow {
            mark: context.result_mark(idx, result),
            path: &it.path,
            name: &it.name,
            href: it.href.as_deref(),
            anchor: None,
            millis: it.duration.0,
            duration: &it.duration.1,
            attempts: result.attempts.into(),
            note: &it.note,
        })
        .collect();
    row::cases(root, &rows)
}

/// The first line of what went wrong.
fn note(case: &Case) -> &str {
    let last = case.attempts.last();
    let message = last.filter(|it| it.outcome.is_failing()).and_then(headline);
    message.map_or("", |it| it.message.lines().next().unwrap_or_default())
}
