//! `/families/<id>/`: how often, out of how many, and does anything explain it?

use std::collections::BTreeMap;

use super::{
    context::{Context, marks, name, path, shell_line, versions},
    member::{Seen, differences},
};
use crate::{
    history::Failing,
    model::FamilyId,
    render::{
        address,
        chart::{Bar, BarChart, Frame, Unit, bars, strip},
        format,
        mark::Mark,
        view::{
            Command, Example, Fact, FamilyPage, FamilyVersion, Figure, Link, Member, Section, Shell,
        },
    },
    report::{Family, Rate, Report},
};

/// How many families have pages of their own, those of most runs first.
pub(super) const PAGES: usize = 2_000;

/// How many runs are drawn, scenarios listed, messages shown as they were written.
const RUNS: usize = 60;
const MEMBERS: usize = 200;
const EXAMPLES: usize = 5;

/// How long a title is, in letters.
const TITLE: usize = 120;

/// The page of the family at `place`, from the root of the site; the list where it has none of its own.
#[must_use]
pub fn href(report: &Report, place: usize) -> String {
    let id = report.families.all[place].id;
    if place < PAGES {
        return address::family(id);
    }
    format!("{}#{id}", address::families(place / super::families::LISTED + 1))
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

/// What the newest runs of all suites on all versions have of it: failures, known ones, or nothing.
pub(super) fn mark(context: &Context<'_>, place: usize) -> Mark {
    let newest = context.report.suites.iter().flat_map(|it| &it.newest_by_combination);
    let marks = newest.map(|it| mark_in(context, place, *it)).filter(|it| *it != Mark::Untested);
    marks.max().unwrap_or(Mark::Aged)
}

/// What a run has of it.
fn mark_in(context: &Context<'_>, place: usize, run: usize) -> Mark {
    let fact = context.report.knowledge.family(place);
    match cases_in(&context.report.families.all[place], run) {
        0 => Mark::Untested,
        _ if fact.explained > 0 && !fact.is_open_in(run) => Mark::Known,
        _ => Mark::Fail,
    }
}

/// The issues that explain any of it, those of most failures first.
pub(super) fn explained_by(context: &Context<'_>, place: usize) -> Vec<Link> {
    let knowledge = &context.report.knowledge;
    let issues =
        knowledge.family(place).issues.iter().map(|it| &knowledge.catalogue.issues()[it.0]);
    issues.map(|it| Link { text: it.id.clone(), href: address::issue(&it.id) }).collect()
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
    let whole = whole(context, place, seen);
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
        draft: None,
        ..whole.clone()
    };
    (at, page)
}

fn whole(context: &Context<'_>, place: usize, seen: &[&Seen]) -> FamilyPage {
    let family = &context.report.families.all[place];
    let at = address::family(family.id);
    let mut shell = context.shell(&at, Section::None, title(family));
    shell.mark = Some(mark(context, place));
    shell.answer = answer(context, place);
    shell.crumbs = vec![Link { text: "Failure families".to_owned(), href: address::families(1) }];
    let asked = &family.asked[family.asked.len().saturating_sub(RUNS)..];
    let said: Vec<(Mark, String, String)> =
        asked.iter().map(|it| in_run(context, place, *it)).collect();
    let mut cases: Vec<(u32, u32)> = family.cases.iter().map(|(case, n)| (*case, *n)).collect();
    cases.sort_by_key(|(case, n)| (std::cmp::Reverse(*n), *case));
    let (differences, told) = differences(context, family, seen);
    FamilyPage {
        type_name: family.type_name.clone(),
        message: family.message.clone(),
        place: family.place.clone(),
        facts: facts(context, place),
        draft: draft(context, place),
        strip: strip(&shell.root, &marks(&said)),
        figure: figure(context, place, asked, &shell.root),
        versions: on_versions(context, place),
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

fn answer(context: &Context<'_>, place: usize) -> String {
    let family = &context.report.families.all[place];
    let Some((first, last)) = family.seen() else { return String::new() };
    let (low, high) = (family.rate.low * 100.0, family.rate.high * 100.0);
    let cases = format::counted(family.cases.len() as u64, "scenario");
    let on = versions(&context.report.runs[first].combination);
    let on = if on.is_empty() { String::new() } else { format!(" with {on}") };
    let date = |run: usize| format::date(context.run(run).head.started);
    let gone = match mark(context, place) {
        Mark::Aged => {
            format!(" The newest runs do not have it; it was last seen on {}.", date(last))
        }
        _ => String::new(),
    };
    let fact = context.report.knowledge.family(place);
    let by = explained_by(context, place).into_iter().map(|it| it.text).collect::<Vec<_>>();
    let explained = match (fact.open.is_empty(), by.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(" Known: {}.", by.join(", ")),
        (false, false) => format!(" {} explains only a part of it.", by.join(" or ")),
        (false, true) if fact.is_to_be_investigated() => {
            " No known issue explains it: it is to be investigated.".to_owned()
        }
        (false, true) => " No known issue explains it.".to_owned(),
    };
    format!(
        "Seen in {} ({low:.0}–{high:.0} %), in {cases}; first on {}{on}.{gone}{explained}",
        count(&family.rate),
        date(first),
    )
}

fn facts(context: &Context<'_>, place: usize) -> Vec<Fact> {
    let family = &context.report.families.all[place];
    let mut facts = Vec::new();
    if let Some((first, last)) = family.seen() {
        facts.push(Fact::linked("First seen", context.run_link(first)));
        facts.push(Fact::linked("Last seen", context.run_link(last)));
    }
    facts.push(Fact::new("Seen in", count(&family.rate)));
    facts.push(Fact::new("Scenarios", format::number(family.cases.len() as u64)));
    let knowledge = &context.report.knowledge;
    let fact = knowledge.family(place);
    for (issue, n) in &fact.issues {
        let it = &knowledge.catalogue.issues()[*issue];
        let of = format::counted(fact.failures.into(), "failure");
        let text = format!("{} {} ({} of {of})", it.id, it.title, format::number((*n).into()));
        facts.push(Fact::linked("Known issue", Link { text, href: address::issue(&it.id) }));
    }
    facts.push(Fact::new("Id", family.id.to_string()));
    facts
}

/// The command that makes a first version of a known issue out of its newest failure that none explains.
fn draft(context: &Context<'_>, place: usize) -> Option<Command> {
    let families = &context.report.families;
    let run = *context.report.knowledge.family(place).open.last()?;
    let past = context.run(run);
    let is_open = |it: &&Failing| {
        families.of(**it) == place && !context.report.knowledge.is_known(run, it.case)
    };
    let case = past.failures.iter().find(is_open)?.case;
    let known = &context.past.cases[case as usize];
    let from = format!("{}/{}", past.head.id, address::case(known).split('/').nth(1)?);
    let line = ["lkreport", "issues", "new", "--from", &from].map(ToOwned::to_owned);
    let purpose = "Draft a known issue from it".to_owned();
    Some(Command { purpose, line: shell_line(&line) })
}

/// What a run says of the family: its mark, where it leads, and in words.
fn in_run(context: &Context<'_>, place: usize, idx: usize) -> (Mark, String, String) {
    let cases = cases_in(&context.report.families.all[place], idx);
    let on = versions(&context.report.runs[idx].combination);
    let said =
        if cases == 0 { "not seen".to_owned() } else { format::counted(cases.into(), "scenario") };
    let mark = mark_in(context, place, idx);
    let date = format::date(context.run(idx).head.started);
    (mark, context.run_href(idx), format!("{date}, {on}: {said}"))
}

fn cases_in(family: &Family, idx: usize) -> u32 {
    family.runs.binary_search_by_key(&idx, |it| it.0).map_or(0, |at| family.runs[at].1)
}

/// How many scenarios failed so in each of the runs; nothing where it would be one bar.
fn figure(context: &Context<'_>, place: usize, asked: &[usize], root: &str) -> Option<Figure> {
    let family = &context.report.families.all[place];
    if asked.len() < 3 {
        return None;
    }
    let bar = |idx: &usize| {
        let (mark, href, title) = in_run(context, place, *idx);
        Bar { parts: vec![(mark, cases_in(family, *idx))], title, href: format!("{root}{href}") }
    };
    let tick = |n: usize| {
        let date = format::date(context.run(asked[n]).head.started);
        (f64::from(u32::try_from(n).unwrap_or(u32::MAX)), date)
    };
    let mut ticks: Vec<(f64, String)> = [0, asked.len() / 2, asked.len() - 1].map(tick).into();
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
fn on_versions(context: &Context<'_>, place: usize) -> Vec<FamilyVersion> {
    let family = &context.report.families.all[place];
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
            mark: Some(mark_in(context, place, newest)).filter(|it| *it != Mark::Untested),
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
        case: Link { text: name(known).into_owned(), href: context.case_href(case) },
        path: path(known).into_owned(),
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
