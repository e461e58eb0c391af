//! `/runs/`: which reports are there?

use super::context::{Context, part};
use crate::render::{
    address,
    view::{Command, Empty, Link, RunsPage, Section},
};

/// How many runs a page lists.
const PAGE: usize = 200;

/// The list of runs, newest first: the first page is always the newest, and older pages are cut
/// from the oldest run on, so that a new run changes only the first.
pub(in crate::render) fn runs(context: &Context<'_>) -> Vec<(String, RunsPage)> {
    let all = context.past.runs.len();
    let full = all.saturating_sub(1) / PAGE;
    let older = (1..=full).map(|page| (Some(page), (page - 1) * PAGE..page * PAGE));
    let newest = std::iter::once((None, full * PAGE..all));
    older
        .chain(newest)
        .map(|(page, range)| {
            let path = address::runs(page);
            let mut view = list(context, &path, range);
            view.pager.next = (page != Some(1))
                .then(|| page.unwrap_or(full + 1) - 1)
                .filter(|it| *it > 0)
                .map(|it| Link { text: "older".to_owned(), href: address::runs(Some(it)) });
            view.pager.previous = page.map(|it| Link {
                text: "newer".to_owned(),
                href: address::runs((it < full).then_some(it + 1)),
            });
            (path, view)
        })
        .collect()
}

fn list(context: &Context<'_>, path: &str, range: std::ops::Range<usize>) -> RunsPage {
    let all = context.past.runs.len();
    let mut shell = context.shell(path, Section::Runs, "Runs");
    shell.answer = match (context.past.runs.first(), context.past.runs.last()) {
        (Some(first), Some(last)) => format!(
            "{} from {} to {}.",
            crate::render::format::counted(all as u64, "run"),
            crate::render::format::date(first.head.started),
            crate::render::format::date(last.head.started),
        ),
        _ => "No run is known yet.".to_owned(),
    };
    let mut counts = std::collections::BTreeMap::new();
    (0..all).for_each(|idx| *counts.entry(context.run_mark(idx)).or_insert(0_u64) += 1);
    RunsPage {
        rows: context.run_rows(&shell.root, range.clone().rev()),
        shell,
        counts: (counts.into_iter().rev())
            .map(|(mark, n)| crate::render::view::Count {
                mark,
                n: crate::render::format::number(n),
            })
            .collect(),
        pager: part(all - range.end, range.len(), all),
        empty: (all == 0).then(no_runs),
    }
}

/// What to do while there is no run at all.
pub(super) fn no_runs() -> Empty {
    Empty {
        text:
            "After the first run of your tests, it stands here with its outcome and its versions."
                .to_owned(),
        command: Some(Command {
            purpose: "Add a run".to_owned(),
            line: "lkreport build --results target/ --meta livekit=1.13.5".to_owned(),
        }),
    }
}
