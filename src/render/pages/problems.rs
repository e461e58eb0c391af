//! `/problems/` and `/404.html`: what could this report not read, and what is gone?

use std::collections::HashSet;

use super::{
    context::{Context, part},
    overview::masked,
};
use crate::{
    history::{Gone, Why},
    model::{Problem, RunId},
    render::{
        format,
        view::{GoneRow, Link, NotFoundPage, ProblemRow, ProblemsPage, Section},
    },
};

/// How many problems a page lists.
const PAGE: usize = 400;

/// The problems of the kept runs, newest run first.
pub(in crate::render) fn problems(
    context: &Context<'_>,
    found: &[(Option<usize>, Problem)],
) -> Vec<(String, ProblemsPage)> {
    let pages = found.len().div_ceil(PAGE).max(1);
    let address = |page: usize| match page {
        1 => "problems/index.html".to_owned(),
        _ => format!("problems/{page}/index.html"),
    };
    (1..=pages)
        .map(|page| {
            let path = address(page);
            let first = (page - 1) * PAGE;
            let shown = &found[first..(first + PAGE).min(found.len())];
            let mut shell = context.shell(&path, Section::Problems, "Problems");
            shell.answer = match found.len() {
                0 => "Everything in the files could be read.".to_owned(),
                n => format!(
                    "{} could not be read whole; the rest of their files is in the report.",
                    format::counted(n as u64, "place")
                ),
            };
            let mut pager = part(first, shown.len(), found.len());
            let link =
                |text: &str, page: usize| Link { text: text.to_owned(), href: address(page) };
            pager.previous = (page > 1).then(|| link("before", page - 1));
            pager.next = (page < pages).then(|| link("after", page + 1));
            let rows = shown.iter().map(|(run, it)| row(context, *run, it)).collect();
            let masked = masked(context.report.masked.iter());
            (path, ProblemsPage { shell, rows, pager, masked })
        })
        .collect()
}

fn row(context: &Context<'_>, run: Option<usize>, it: &Problem) -> ProblemRow {
    ProblemRow {
        file: it.file.clone(),
        line: if it.line == 0 { String::new() } else { it.line.to_string() },
        message: it.message.clone(),
        run: run.map(|idx| context.run_link(idx)),
    }
}

/// How many of the runs that are gone the page names.
const GONE: usize = 500;

/// The page for addresses where nothing stands any more; `gone` are the runs that were pruned.
pub(in crate::render) fn not_found(context: &Context<'_>, gone: &[Gone]) -> (String, NotFoundPage) {
    let path = "404.html".to_owned();
    let mut shell = context.shell(&path, Section::None, "Not here");
    // Servers show this page at any depth, so its links cannot be relative to it.
    if let Some(url) = context.url {
        let path = url.split_once("://").and_then(|it| it.1.split_once('/'));
        shell.root = path.map_or_else(|| "/".to_owned(), |it| format!("/{}/", it.1));
    }
    shell.answer = "This report has no page at this address.".to_owned();
    let without = context.report.runs.iter().filter(|it| !it.has_page).count();
    let mut pruned = vec![
        "A scenario has a page of its own once it was anything but passed or skipped; the others stand in the list of their suite.".to_owned(),
    ];
    if without > 0 {
        pruned.push(format!(
            "{} of {} no longer {} a page; all count in trends and history.",
            format::number(without as u64),
            format::counted(context.past.runs.len() as u64, "run"),
            if without == 1 { "has" } else { "have" },
        ));
    }
    let known: HashSet<&RunId> = context.past.runs.iter().map(|it| &it.head.id).collect();
    let gone: Vec<&Gone> = gone.iter().rev().filter(|it| !known.contains(&it.run)).collect();
    if !gone.is_empty() {
        let shown = match gone.len() {
            n if n > GONE => format!("; the newest {GONE} are listed"),
            _ => String::new(),
        };
        let n = format::counted(gone.len() as u64, "run");
        let were = if gone.len() == 1 { "was" } else { "were" };
        pruned.push(format!("{n} {were} dropped from the history{shown}."));
    }
    let gone = gone.iter().take(GONE).map(|it| GoneRow {
        run: it.run.to_string(),
        started: format::minute(it.started),
        suite: it.suite.clone(),
        why: match it.why {
            Why::Daily => "a later run of that day says as much",
            Why::Aged => "earlier and later runs of its versions say as much",
            Why::Budget => "the history had outgrown its budget",
        }
        .to_owned(),
    });
    (path, NotFoundPage { shell, pruned, gone: gone.collect() })
}
