//! `/families/`: what fails, how often, and what is to be investigated?

use super::{
    context::{Context, part},
    coverage::coverage,
    family::{PAGES, count, explained_by, mark, title},
};
use crate::{
    render::{
        address, format,
        mark::Mark,
        view::{Empty, FamiliesPage, FamilyRow, Link, Section},
    },
    report::Family,
};

/// How many families a page of the list holds.
pub(super) const LISTED: usize = 300;

/// How many that are to be investigated are named.
const OPEN: usize = 30;

/// The pages of the list.
pub(in crate::render) fn families(context: &Context<'_>) -> Vec<(String, FamiliesPage)> {
    let all = &context.report.families.all;
    let pages = all.len().div_ceil(LISTED).max(1);
    let row = |(place, it): (usize, &Family)| {
        let date = |run: usize| format::date(context.run(run).head.started);
        FamilyRow {
            mark: mark(context, place),
            href: if place < PAGES { address::family(it.id) } else { String::new() },
            id: it.id.to_string(),
            title: title(it),
            type_name: it.type_name.clone(),
            count: count(&it.rate),
            issues: explained_by(context, place),
            open: open(context, place),
            cases: format::number(it.cases.len() as u64),
            first: it.seen().map(|it| date(it.0)).unwrap_or_default(),
            last: it.seen().map(|it| date(it.1)).unwrap_or_default(),
        }
    };
    let is_now = |place: &usize| mark(context, *place) != Mark::Aged;
    let now = (0..all.len()).filter(is_now).count() as u64;
    let page = |page: usize| {
        let at = address::families(page);
        let mut shell = context.shell(&at, Section::None, "Failure families");
        shell.answer = match (all.len() as u64, now) {
            (0, _) => "Nothing ever failed in the kept runs.".to_owned(),
            (n, 0) => format!("None of {} is in the newest runs.", families_of(n)),
            (n, now) => {
                let are = if now == 1 { "is" } else { "are" };
                format!("{} of {} {are} in the newest runs.", format::number(now), families_of(n))
            }
        };
        let start = (page - 1) * LISTED;
        let rows: Vec<FamilyRow> =
            all.iter().enumerate().skip(start).take(LISTED).map(row).collect();
        let mut pager = part(start, rows.len(), all.len());
        let link = |text: &str, page| Link { text: text.to_owned(), href: address::families(page) };
        pager.previous = (page > 1).then(|| link("before", page - 1));
        pager.next = (page < pages).then(|| link("after", page + 1));
        let empty = all.is_empty().then(|| Empty {
            text: "Failures that are one failure but for names and numbers will stand here together, with how often each was seen.".to_owned(),
            command: None,
        });
        let coverage = if page == 1 { coverage(context, OPEN) } else { None };
        (at, FamiliesPage { shell, coverage, rows, pager, empty })
    };
    (1..=pages).map(page).collect()
}

fn families_of(n: u64) -> String {
    if n == 1 { "1 family".to_owned() } else { format!("{} families", format::number(n)) }
}

/// What is not explained of a family, in words.
fn open(context: &Context<'_>, place: usize) -> String {
    let fact = context.report.knowledge.family(place);
    let runs = format::counted(fact.open.len() as u64, "run");
    match (fact.open.is_empty(), fact.issues.is_empty()) {
        (true, _) => String::new(),
        _ if fact.is_to_be_investigated() => format!("to be investigated: nothing in {runs}"),
        (_, true) => "nothing".to_owned(),
        (_, false) => format!("nothing in {runs}"),
    }
}
