//! `/families/`: how often, out of how many?

use std::collections::BTreeMap;

use super::{
    context::{Context, marks, name, part, path, versions},
    member::{Seen, differences},
};
use crate::{
    model::FamilyId,
    render::{
        address,
        chart::{Bar, BarChart, Frame, Unit, bars, strip},
        format,
        mark::Mark,
        view::{
            Empty, Example, Fact, FamiliesPage, FamilyPage, FamilyRow, FamilyVersion, Figure, Link,
            Member, Section, Shell,
        },
    },
    report::{Family, Rate},
};

/// How many families have pages of their own, those of most runs first.
const PAGES: usize = 2_000;

/// How many families a page of the list holds.
const LISTED: usize = 300;

/// How many runs are drawn, scenarios listed, messages shown as they were written.
const RUNS: usize = 60;
const MEMBERS: usize = 200;
const EXAMPLES: usize = 5;

/// How long a title is, in letters.
const TITLE: usize = 120;

/// The page of the family at `place`; the list where it has none of its own.
pub(in crate::render) fn href(context: &Context<'_>, place: usize) -> String {
    let id = context.report.families.all[place].id;
    if place < PAGES {
        return address::family(id);
    }
    format!("{}#{id}", address::families(place / LISTED + 1))
}

/// The first line of its message, or what stands for it.
pub(super) fn title(family: &Family) -> String {
    let line = family.headline().lines().next().unwrap_or_default();
    match line.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// `3 of 40 runs`
pub(super) fn count(rate: &Rate) -> String {
    format!("{} of {}", format::number(rate.k.into()), format::counted(rate.n.into(), "run"))
}

/// Whether the newest run of any suite on any versions has it.
pub(super) fn mark(context: &Context<'_>, family: &Family) -> Mark {
    let newest = context.report.suites.iter().flat_map(|it| &it.newest_by_combination);
    let has = |idx: &usize| family.runs.binary_search_by_key(idx, |it| it.0).is_ok();
    if { newest }.any(has) { Mark::Fail } else { Mark::Aged }
}

/// The pages of the list.
pub(in crate::render) fn families(context: &Context<'_>) -> Vec<(String, FamiliesPage)> {
    let all = &context.report.families.all;
    let pages = all.len().div_ceil(LISTED).max(1);
    let row = |(place, it): (usize, &Family)| {
        let date = |run: usize| format::date(context.run(run).head.started);
        FamilyRow {
            mark: mark(context, it),
            href: if place < PAGES { address::family(it.id) } else { String::new() },
            id: it.id.to_string(),
            title: title(it),
            type_name: it.type_name.clone(),
            count: count(&it.rate),
            cases: format::number(it.cases.len() as u64),
            first: it.seen().map(|it| date(it.0)).unwrap_or_default(),
            last: it.seen().map(|it| date(it.1)).unwrap_or_default(),
        }
    };
    let now = all.iter().filter(|it| mark(context, it) == Mark::Fail).count() as u64;
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
        (at, FamiliesPage { shell, rows, pager, empty })
    };
    (1..=pages).map(page).collect()
}

fn families_of(n: u64) -> String {
    if n == 1 { "1 family".to_owned() } else { format!("{} families", format::number(n)) }
}

/// How many families have pages of their own.
pub(in crate::render) fn with_page(context: &Context<'_>) -> usize {
    context.report.families.all.len().min(PAGES)
}

/// The page of the family at `place`, and what stands at the addresses of those that went into it;
/// `seen` is what the records of the newest runs tell of it, newest first.
pub(in crate::render) fn family(
    context: &Context<'_>,
    place: usize,
    seen: &[&Seen],
) -> Vec<(String, FamilyPage)> {
    let family = &context.report.families.all[place];
    let whole = whole(context, family, seen);
    let others = family.shapes.iter().skip(1);
    let joined =
        others.map(|shape| joined(context, context.past.shapes[*shape as usize].id(), &whole));
    let mut pages: Vec<(String, FamilyPage)> = joined.collect();
    pages.push((address::family(family.id), whole));
    pages
}

/// What stands at a former address: nothing is said twice.
fn joined(context: &Context<'_>, id: FamilyId, whole: &FamilyPage) -> (String, FamilyPage) {
    let at = address::family(id);
    let shell = Shell {
        mark: whole.shell.mark,
        answer: whole.shell.answer.clone(),
        crumbs: whole.shell.crumbs.clone(),
        ..context.shell(&at, Section::None, whole.shell.title.clone())
    };
    let href = whole.facts.iter().find(|it| it.name == "Id").map_or("", |it| it.value.as_str());
    let page = FamilyPage {
        shell,
        joined: Some(Link {
            text: whole.shell.title.clone(),
            href: format!("families/{href}/index.html"),
        }),
        strip: crate::render::escape::Html::default(),
        figure: None,
        versions: Vec::new(),
        members: Vec::new(),
        differences: Vec::new(),
        examples: Vec::new(),
        rest: String::new(),
        told: String::new(),
        facts: Vec::new(),
        ..whole.clone()
    };
    (at, page)
}

fn whole(context: &Context<'_>, family: &Family, seen: &[&Seen]) -> FamilyPage {
    let at = address::family(family.id);
    let mut shell = context.shell(&at, Section::None, title(family));
    shell.mark = Some(mark(context, family));
    shell.answer = answer(context, family);
    shell.crumbs = vec![Link { text: "Failure families".to_owned(), href: address::families(1) }];
    let asked = &family.asked[family.asked.len().saturating_sub(RUNS)..];
    let said: Vec<(Mark, String, String)> =
        asked.iter().map(|it| in_run(context, family, *it)).collect();
    let mut cases: Vec<(u32, u32)> = family.cases.iter().map(|(case, n)| (*case, *n)).collect();
    cases.sort_by_key(|(case, n)| (std::cmp::Reverse(*n), *case));
    let (differences, told) = differences(context, family, seen);
    FamilyPage {
        type_name: family.type_name.clone(),
        message: family.message.clone(),
        place: family.place.clone(),
        facts: facts(context, family),
        strip: strip(&shell.root, &marks(&said)),
        figure: figure(context, family, asked, &shell.root),
        versions: on_versions(context, family),
        members: cases.iter().take(MEMBERS).map(|it| member(context, *it)).collect(),
        rest: match cases.len().saturating_sub(MEMBERS) {
            0 => String::new(),
            n => format!("and {} more", format::number(n as u64)),
        },
        differences,
        told,
        examples: examples(context, seen),
        joined: None,
        shell,
    }
}

fn answer(context: &Context<'_>, family: &Family) -> String {
    let Some((first, last)) = family.seen() else { return String::new() };
    let (low, high) = (family.rate.low * 100.0, family.rate.high * 100.0);
    let cases = format::counted(family.cases.len() as u64, "scenario");
    let on = versions(&context.report.runs[first].combination);
    let on = if on.is_empty() { String::new() } else { format!(" with {on}") };
    let date = |run: usize| format::date(context.run(run).head.started);
    let gone = match mark(context, family) {
        Mark::Fail => String::new(),
        _ => format!(" The newest runs do not have it; it was last seen on {}.", date(last)),
    };
    format!(
        "Seen in {} ({low:.0}–{high:.0} %), in {cases}; first on {}{on}.{gone}",
        count(&family.rate),
        date(first),
    )
}

fn facts(context: &Context<'_>, family: &Family) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some((first, last)) = family.seen() {
        facts.push(Fact::linked("First seen", context.run_link(first)));
        facts.push(Fact::linked("Last seen", context.run_link(last)));
    }
    facts.push(Fact::new("Seen in", count(&family.rate)));
    facts.push(Fact::new("Scenarios", format::number(family.cases.len() as u64)));
    facts.push(Fact::new("Id", family.id.to_string()));
    facts
}

/// What a run says of the family: its mark, where it leads, and in words.
fn in_run(context: &Context<'_>, family: &Family, idx: usize) -> (Mark, String, String) {
    let cases = cases_in(family, idx);
    let on = versions(&context.report.runs[idx].combination);
    let said =
        if cases == 0 { "not seen".to_owned() } else { format::counted(cases.into(), "scenario") };
    let mark = if cases == 0 { Mark::Untested } else { Mark::Fail };
    let date = format::date(context.run(idx).head.started);
    (mark, context.run_href(idx), format!("{date}, {on}: {said}"))
}

fn cases_in(family: &Family, idx: usize) -> u32 {
    family.runs.binary_search_by_key(&idx, |it| it.0).map_or(0, |at| family.runs[at].1)
}

/// How many scenarios failed so in each of the runs; nothing where it would be one bar.
fn figure(context: &Context<'_>, family: &Family, asked: &[usize], root: &str) -> Option<Figure> {
    if asked.len() < 3 {
        return None;
    }
    let bar = |idx: &usize| {
        let (_, href, title) = in_run(context, family, *idx);
        Bar {
            parts: vec![(Mark::Fail, cases_in(family, *idx))],
            title,
            href: format!("{root}{href}"),
        }
    };
    let place = |n: usize| {
        let date = format::date(context.run(asked[n]).head.started);
        (f64::from(u32::try_from(n).unwrap_or(u32::MAX)), date)
    };
    let mut ticks: Vec<(f64, String)> = [0, asked.len() / 2, asked.len() - 1].map(place).into();
    ticks.dedup_by(|a, b| a.1 == b.1);
    let with = asked.iter().filter(|it| cases_in(family, **it) > 0).count();
    let finding = format!(
        "Scenarios that failed so, run by run: {with} of the newest {} that tried one of them",
        format::counted(asked.len() as u64, "run")
    );
    let frame = Frame {
        id: format!("family-{}", family.id),
        title: "Scenarios that failed so".to_owned(),
        finding: finding.clone(),
        unit: Unit::Count,
        ticks,
        changes: Vec::new(),
    };
    let svg = bars(&BarChart { frame, bars: asked.iter().map(bar).collect() });
    Some(Figure { caption: finding, svg, changes: Vec::new() })
}

/// On each combination how often, the newest versions first.
fn on_versions(context: &Context<'_>, family: &Family) -> Vec<FamilyVersion> {
    let mut by: BTreeMap<usize, (u32, u32, usize)> = BTreeMap::new();
    for idx in &family.asked {
        let it = by.entry(context.report.runs[*idx].rank).or_insert((0, 0, *idx));
        let has = cases_in(family, *idx) > 0;
        *it = (it.0 + u32::from(has), it.1 + 1, *idx);
    }
    let row = |(k, n, newest): (u32, u32, usize)| {
        let combination = &context.report.runs[newest].combination;
        let rate = Rate::new(k, n);
        FamilyVersion {
            cell: Link { text: combination.to_string(), href: address::cell(&combination.id()) },
            mark: (cases_in(family, newest) > 0).then_some(Mark::Fail),
            count: count(&rate),
            interval: format!("{:.0}–{:.0} %", rate.low * 100.0, rate.high * 100.0),
            run: context.run_link(newest),
        }
    };
    by.into_values().map(row).collect()
}

fn member(context: &Context<'_>, (case, runs): (u32, u32)) -> Member {
    let known = &context.past.cases[case as usize];
    Member {
        mark: context.case_mark(case),
        case: Link { text: name(known), href: context.case_href(case) },
        path: path(known),
        count: format::counted(runs.into(), "run"),
    }
}

/// Some messages that differ, the newest first.
fn examples(context: &Context<'_>, seen: &[&Seen]) -> Vec<Example> {
    let mut shown: Vec<&Seen> = Vec::new();
    for it in seen {
        if shown.len() < EXAMPLES && shown.iter().all(|known| known.message != it.message) {
            shown.push(it);
        }
    }
    let example = |it: &Seen| Example {
        run: context.run_link(it.run),
        case: context.case_link(it.case),
        message: it.message.to_string(),
    };
    shown.into_iter().filter(|it| !it.message.is_empty()).map(example).collect()
}
