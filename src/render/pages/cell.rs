//! `/cells/<combination>/`: why this colour?

use super::release::{notes_of_step, version_fact};
use super::{
    context::{Context, name, path, shell_line, state_mark, took},
    judged::chips,
};
use crate::{
    history::Outline,
    model::Outcome,
    render::{
        address, format,
        mark::Mark,
        row::{self, CaseRow},
        view::{CellPage, Change, Changes, Command, Fact, Link, Neighbour, Section},
    },
    report::{Cell, CellCase},
};

/// How many commands stand on a page.
const COMMANDS: usize = 8;

/// How many of a cell's runs and cases its page lists; what fails comes first.
const LISTED: usize = 500;

/// The page of a cell.
pub(in crate::render) fn cell(context: &Context<'_>, id: &str, cell: &Cell) -> (String, CellPage) {
    let at = address::cell(id);
    let mut shell = context.shell(&at, Section::Matrix, cell.versions.to_string());
    shell.crumbs = vec![Link { text: "Matrix".to_owned(), href: address::matrix(0, "") }];
    shell.mark = Some(state_mark(cell.state));
    shell.answer = answer(context, cell);
    let newest: Vec<Link> =
        cell.runs.iter().rev().take(20).map(|it| context.run_link(*it)).collect();
    let mut order: Vec<&CellCase> = cell.cases.iter().collect();
    order.sort_by_key(|it| !(it.outcome.is_failing() || it.flaky));
    let view = CellPage {
        counts: chips(&cell.counts, &cell.known, cell.flaky),
        facts: facts(context, cell),
        strip: context.run_strip(&shell.root, &cell.runs),
        runs: newest,
        repeat: repeat(context, cell),
        broken: super::breakage::on_cell(context, cell),
        published: super::published::published(context, id),
        neighbours: neighbours(context, cell, None).into_iter().map(|it| it.1).collect(),
        cases: rows(context, &shell.root, &order[..order.len().min(LISTED)]),
        shell,
    };
    (at, view)
}

fn answer(context: &Context<'_>, cell: &Cell) -> String {
    let Some(&last) = cell.runs.last() else {
        return "No run has tried these versions together.".to_owned();
    };
    let date = format::date(context.run(last).head.started);
    let aged =
        if cell.aged { " That is long ago; run it again before you rely on it." } else { "" };
    format!(
        "{} in {}, last tested {date}.{aged}",
        context.passed_of(&cell.counts, &cell.known),
        format::counted(cell.runs.len() as u64, "run"),
    )
}

fn facts(context: &Context<'_>, cell: &Cell) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(share) = cell.rate.share() {
        let value = format!(
            "{} of {} results passed, {:.1} % (95 % interval {:.1}–{:.1} %)",
            format::number(cell.rate.k.into()),
            format::number(cell.rate.n.into()),
            share * 100.0,
            cell.rate.low * 100.0,
            cell.rate.high * 100.0,
        );
        facts.push(Fact::new("Rate over all runs", value));
    }
    if let Some(&last) = cell.runs.last() {
        let head = &context.run(last).head;
        for (name, version) in &head.versions {
            let reported = head.reported.get(name).filter(|it| *it != version.as_str());
            let value = reported
                .map_or_else(|| version.to_string(), |it| format!("{version} (prints {it})"));
            facts.push(version_fact(context, (name, version), value));
        }
        facts.extend(head.runtime.iter().map(|it| Fact::new("Runtime", it.clone())));
        facts.extend(head.browser.iter().map(|it| Fact::new("Browser", it.clone())));
        facts.extend(head.environment.iter().map(|(name, it)| Fact::new(name.clone(), it.clone())));
    }
    for (suite, it) in &cell.suites {
        let words = format!("{}: {}", it.state.word(), context.passed_of(&it.counts, &it.known));
        facts.push(Fact::linked(
            suite.clone(),
            Link { text: words, href: context.run_href(it.last_run) },
        ));
    }
    facts
}

/// A command for each suite, because each is a run of its own.
fn repeat(context: &Context<'_>, cell: &Cell) -> Vec<Command> {
    let command = |(suite, run): (&String, usize)| {
        let repeat = &context.run(run).head.repeat;
        let is_exact = context.report.runs[run].combination == cell.versions;
        let on = if is_exact { "exactly these versions" } else { "all versions of its newest run" };
        let purpose = format!("Repeat {suite} on {on}");
        (!repeat.is_empty()).then(|| Command { purpose, line: shell_line(repeat) })
    };
    cell.suites
        .iter()
        .filter_map(|(suite, it)| command((suite, it.last_run)))
        .take(COMMANDS)
        .collect()
}

/// The step of a suite to a cell from the next older version of a component.
pub(super) fn step_before(context: &Context<'_>, cell: &Cell, suite: &str) -> Option<Neighbour> {
    let steps = neighbours(context, cell, Some(suite));
    steps.into_iter().find(|(is_older, _)| *is_older).map(|it| it.1)
}

/// The cells that differ in one version only, to the next older and newer one that has a run, of
/// `suite` where one is asked for, and whether they are older.
fn neighbours(context: &Context<'_>, cell: &Cell, suite: Option<&str>) -> Vec<(bool, Neighbour)> {
    let mut found = Vec::new();
    for (component, version) in cell.versions.iter() {
        let same_otherwise = |other: &&Cell| {
            other.versions.iter().count() == cell.versions.iter().count()
                && (cell.versions.iter())
                    .all(|(name, it)| name == component || other.versions.get(name) == Some(it))
                && other.versions.get(component).is_some_and(|it| it != version)
                && suite.is_none_or(|it| other.suites.contains_key(it))
        };
        let others: Vec<&Cell> = context.report.cells.values().filter(same_otherwise).collect();
        let of = |it: &&&Cell| it.versions.get(component).cloned();
        let older = others.iter().filter(|it| of(it).as_ref() < Some(version)).max_by_key(of);
        let newer = others.iter().filter(|it| of(it).as_ref() > Some(version)).min_by_key(of);
        for (other, from_other) in [(older, true), (newer, false)] {
            let Some(other) = other else { continue };
            let (other_one, this_one) = (other.versions.get(component), Some(version));
            let (older, newer) =
                if from_other { (other_one, this_one) } else { (this_one, other_one) };
            let (Some(older), Some(newer)) = (older, newer) else { continue };
            let there = other.versions.get(component).map(ToString::to_string).unwrap_or_default();
            let here = version.to_string();
            let (from, to) = if from_other { (there, here) } else { (here, there) };
            let (before, after) = if from_other { (*other, cell) } else { (cell, *other) };
            let neighbour = Neighbour {
                changes: Changes {
                    notes: notes_of_step(context, (component, older, newer)),
                    ..differences(context, (before, after), (&from, &to), suite)
                },
                step: format!("{component} {from} → {to}"),
                cell: Link {
                    text: other.versions.to_string(),
                    href: address::cell(&other.versions.id()),
                },
                mark: state_mark(other.state),
            };
            found.push((from_other, neighbour));
        }
    }
    found
}

/// What differs from one cell to the next, in `suite` or in all.
fn differences(
    context: &Context<'_>,
    (before, after): (&Cell, &Cell),
    (from, to): (&str, &str),
    suite: Option<&str>,
) -> Changes {
    let mut changes = Changes::default();
    let [mut regressed, mut new, mut fixed, mut flaky, mut same, mut added] = [0_u64; 6];
    let is_meant = |it: &&CellCase| {
        suite.is_none_or(|suite| *context.past.cases[it.case as usize].suite == *suite)
    };
    for it in after.cases.iter().filter(is_meant) {
        let place = before.cases.binary_search_by_key(&it.case, |it| it.case);
        let failed_then = place.ok().map(|place| before.cases[place].outcome.is_failing());
        let (n, list) = match (failed_then, it.outcome.is_failing()) {
            (None, true) => (&mut new, &mut changes.new),
            (Some(false), true) => (&mut regressed, &mut changes.regressed),
            (Some(true), false) if it.outcome.is_evidence() && it.flaky => {
                (&mut flaky, &mut changes.flaky)
            }
            (Some(true), false) if it.outcome.is_evidence() => (&mut fixed, &mut changes.fixed),
            (failed_then, _) => {
                *failed_then.map_or(&mut added, |_| &mut same) += 1;
                continue;
            }
        };
        *n += 1;
        if list.len() < 10 {
            let mark = if it.flaky && !it.outcome.is_failing() {
                Mark::Flaky
            } else {
                context.judged(it.run, (it.case, it.outcome, false))
            };
            let note = path(&context.past.cases[it.case as usize]).into_owned();
            list.push(Change { mark, case: context.case_link(it.case), note });
        }
    }
    let both = regressed + fixed + flaky + same;
    let parts = [
        (regressed, "regressed".to_owned()),
        (new, format!("failing only in {to}")),
        (fixed, "fixed".to_owned()),
        (flaky, format!("flaky in {to}")),
        (same, "as before".to_owned()),
        (added, format!("{}only in {to}", if new > 0 { "more " } else { "" })),
        (before.cases.iter().filter(is_meant).count() as u64 - both, format!("only in {from}")),
    ];
    let parts = parts.iter().filter(|it| it.0 > 0);
    let parts: Vec<String> =
        parts.map(|(n, what)| format!("{} {what}", format::number(*n))).collect();
    changes.sentence = format!("{}.", parts.join(", "));
    changes
}

fn rows(context: &Context<'_>, root: &str, cases: &[&CellCase]) -> row::Cases {
    let words: Vec<_> = cases
        .iter()
        .map(|it| {
            let known = &context.past.cases[it.case as usize];
            let results = &context.run(it.run).results;
            let place = results.binary_search_by_key(&it.case, |it| it.case);
            let result = place.map_or(
                Outline {
                    case: it.case,
                    millis: u32::MAX,
                    attempts: 1,
                    outcome: Outcome::Unknown,
                    flaky: false,
                },
                |place| Outline { flaky: it.flaky, ..results[place] },
            );
            let href =
                context.report.cases[it.case as usize].has_page.then(|| address::case(known));
            (path(known), name(known), href, result, note(context, it))
        })
        .collect();
    let durations: Vec<(Option<u64>, String)> = words.iter().map(|it| took(it.3.millis)).collect();
    let rows: Vec<CaseRow<'_>> = (words.iter().zip(&durations).zip(cases))
        .map(|(((path, name, href, result, note), (millis, duration)), it)| CaseRow {
            mark: context.result_mark(it.run, result),
            path,
            name,
            href: href.as_deref(),
            anchor: None,
            millis: *millis,
            duration,
            attempts: result.attempts.into(),
            note,
        })
        .collect();
    row::cases(root, &rows)
}

/// When it failed, and since when it is left out.
fn note(context: &Context<'_>, it: &CellCase) -> String {
    let mut note = context.explained_by(it.run, it.case);
    if it.outcome.is_failing() || it.since.is_some() {
        let joint = if note.is_empty() { "" } else { " · " };
        note +=
            &format!("{joint}{} {}", format::date(context.run(it.run).head.started), it.outcome);
    }
    if let Some(since) = it.since {
        note += &format!(", {since} since");
    }
    note
}
