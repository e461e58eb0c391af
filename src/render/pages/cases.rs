//! `/cases/`: where does each case stand?

use std::borrow::Cow;

use rayon::prelude::*;

use super::{
    context::{Context, name, part, path, took},
    judged::chips,
};
use crate::{
    model::{Counts, Outcome},
    render::{
        address, format,
        row::{self, CaseRow},
        view::{CasesPage, Link, Section},
    },
    report::SuiteFact,
};

/// How many cases a page lists, so that it stays below 150 kB.
pub(super) const PAGE: usize = 500;

/// Writes the entry page and the paged list of each suite, each as soon as it is made, because all
/// together would fill the memory.
pub(in crate::render) fn cases<E: Send>(
    context: &Context<'_>,
    write: &(dyn Fn(&str, &CasesPage) -> Result<(), E> + Sync),
) -> Result<(), E> {
    write("cases/index.html", &index(context))?;
    for suite in &context.report.suites {
        let known = of_suite(context, &suite.name);
        let all = known.len();
        let counts: Counts = known.clone().map(|it| context.report.cases[it].outcome).collect();
        let failing = self::known(context, known.clone());
        let firsts: Vec<usize> = known.clone().step_by(PAGE).collect();
        firsts.into_par_iter().enumerate().try_for_each(|(n, first)| {
            let range = first..(first + PAGE).min(known.end);
            let path = address::suite_cases(&suite.name, n + 1);
            let mut view = list(context, suite, &path, (&counts, &failing, range.clone()));
            view.pager = part(first - known.start, range.len(), all);
            let other = |text: &str, n: usize| Link {
                text: text.to_owned(),
                href: address::suite_cases(&suite.name, n),
            };
            view.pager.previous = (n > 0).then(|| other("before", n));
            view.pager.next = (range.end < known.end).then(|| other("after", n + 2));
            write(&path, &view)
        })?;
    }
    Ok(())
}

/// The failures among cases that are known.
fn known(context: &Context<'_>, cases: impl Iterator<Item = usize>) -> Counts {
    let facts = cases.map(|it| (it as u32, &context.report.cases[it]));
    let is_known = |(case, fact): &(u32, &crate::report::CaseFact)| {
        fact.outcome.is_failing() && context.report.knowledge.is_known(fact.run, *case)
    };
    facts.filter(is_known).map(|it| it.1.outcome).collect()
}

/// The places of a suite's cases in `Past::cases`.
pub(super) fn of_suite(context: &Context<'_>, suite: &str) -> std::ops::Range<usize> {
    let cases = &context.past.cases;
    let start = cases.partition_point(|it| it.suite.as_ref() < suite);
    start..cases.partition_point(|it| it.suite.as_ref() <= suite)
}

fn index(context: &Context<'_>) -> CasesPage {
    let path = "cases/index.html";
    let mut shell = context.shell(path, Section::Cases, "Scenarios");
    let all = context.past.cases.len();
    let eventful: Vec<usize> = (0..all).filter(|it| context.report.cases[*it].has_page).collect();
    let ever_failed = |case: &usize| {
        let plain = |it: Outcome| matches!(it, Outcome::Passed | Outcome::Skipped);
        context.stories[*case].iter().any(|(_, it)| it.flaky || !plain(it.outcome))
    };
    let failed = eventful.iter().filter(|it| ever_failed(it)).count();
    shell.answer = match (all, failed) {
        (0, _) => "No scenario is known yet.".to_owned(),
        (1, 0) => "One scenario, which never did anything but pass.".to_owned(),
        (_, 0) => format!(
            "{}, none of which ever did anything but pass.",
            format::counted(all as u64, "scenario")
        ),
        (_, n) => format!(
            "{} in {}; {} of them ever failed or {} left out for a reason.",
            format::counted(all as u64, "scenario"),
            format::counted(context.report.suites.len() as u64, "suite"),
            format::number(n as u64),
            if n == 1 { "was" } else { "were" },
        ),
    };
    let shifted = (eventful.len() - failed) as u64;
    if shifted > 0 {
        let cases = format::counted(shifted, "scenario");
        shell.answer += &format!(" {cases} became slower or faster.");
    }
    let counts: Counts = context.report.cases.iter().map(|it| it.outcome).collect();
    let shown = &eventful[..eventful.len().min(PAGE)];
    CasesPage {
        suites: context.report.suites.iter().flat_map(|suite| lists(context, suite)).collect(),
        counts: chips(&counts, &known(context, 0..all), 0),
        cases: rows(context, &shell.root, shown, false),
        shell,
        pager: part(0, shown.len(), eventful.len()),
        empty: (all == 0).then(super::runs::no_runs),
    }
}

/// The pages of a suite's list, each with its range where there are several.
fn lists(context: &Context<'_>, suite: &SuiteFact) -> Vec<Link> {
    let all = of_suite(context, &suite.name).len();
    let list = |(n, first): (usize, usize)| {
        let range = part(first, PAGE.min(all - first), all).part;
        let said = if all > PAGE { range } else { format::number(all as u64) };
        Link {
            text: format!("{} ({said})", suite.name),
            href: address::suite_cases(&suite.name, n + 1),
        }
    };
    (0..all).step_by(PAGE).enumerate().map(list).collect()
}

fn list(
    context: &Context<'_>,
    suite: &SuiteFact,
    path: &str,
    (counts, known, range): (&Counts, &Counts, std::ops::Range<usize>),
) -> CasesPage {
    let mut shell = context.shell(path, Section::Cases, format!("Scenarios of {}", suite.name));
    shell.answer = format!("{} on the newest versions.", context.passed_of(counts, known));
    shell.crumbs = vec![Link { text: "Scenarios".to_owned(), href: "cases/index.html".to_owned() }];
    CasesPage {
        suites: Vec::new(),
        counts: chips(counts, known, 0),
        cases: rows(context, &shell.root, &range.collect::<Vec<_>>(), true),
        shell,
        pager: part(0, 0, 0),
        empty: None,
    }
}

/// The cases with the results that they are judged by; anchors where this is the place that an id stands at.
fn rows(context: &Context<'_>, root: &str, cases: &[usize], anchors: bool) -> row::Cases {
    struct Words<'a> {
        path: Cow<'a, str>,
        name: Cow<'a, str>,
        href: Option<String>,
        anchor: Option<String>,
        duration: (Option<u64>, String),
        mark: crate::render::mark::Mark,
        attempts: u32,
    }
    let words: Vec<Words<'_>> = cases
        .iter()
        .map(|&case| {
            let known = &context.past.cases[case];
            let fact = &context.report.cases[case];
            let results = &context.run(fact.run).results;
            let found = results.binary_search_by_key(&case, |it| it.case as usize);
            let result = found.ok().map(|place| &results[place]);
            Words {
                path: path(known),
                name: name(known),
                href: fact.has_page.then(|| address::case(known)),
                anchor: anchors.then(|| known.id.to_string()),
                duration: result.map(|it| took(it.millis)).unwrap_or_default(),
                mark: context.judged(fact.run, (case as u32, fact.outcome, fact.flaky)),
                attempts: result.map_or(1, |it| it.attempts.into()),
            }
        })
        .collect();
    let rows: Vec<CaseRow<'_>> = words
        .iter()
        .map(|it| CaseRow {
            mark: it.mark,
            path: &it.path,
            name: &it.name,
            href: it.href.as_deref(),
            anchor: it.anchor.as_deref(),
            millis: it.duration.0,
            duration: &it.duration.1,
            attempts: it.attempts,
            note: "",
        })
        .collect();
    row::cases(root, &rows)
}
