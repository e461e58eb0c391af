//! `/search/`: where was this seen? What can be found, and how much it matters.

use std::{collections::BTreeSet, sync::Arc};

use jiff::SignedDuration;
use rayon::prelude::*;

use super::{
    context::{Context, full_name, joined, name, path},
    family,
    features::link,
    issues::seen,
    log::Log,
    release::release_link,
};
use crate::{
    history::Known,
    issues::Bearing,
    model::{Case, Outcome, headline},
    render::{
        address, format,
        mark::Mark,
        search::{Entry, Kind, Worth},
        view::{Link, SearchPage, Section},
    },
};

/// How many lines of logs of one failure can be found.
const LINES: usize = 20;

/// How long before and after an attempt lines of logs belong to it.
const AROUND: SignedDuration = SignedDuration::from_secs(2);

/// The page, and what can be found with it; `told` is what the records said.
pub(in crate::render) fn search<'a>(
    context: &Context<'a>,
    told: Vec<Entry<'a>>,
) -> (String, SearchPage, Vec<Entry<'a>>) {
    let at = "search/index.html".to_owned();
    let mut shell = context.shell(&at, Section::Search, "Search");
    shell.answer = format!(
        "Over {} and their failures, failure families, known issues, features, releases, and the lines of logs around failures.",
        format::counted(context.past.cases.len() as u64, "scenario"),
    );
    let list = |text: &str, href: &str| Link { text: text.to_owned(), href: href.to_owned() };
    let kinds = Kind::ALL.map(Kind::word).join(",");
    let view = SearchPage {
        shell,
        kinds,
        lists: vec![
            list("scenarios", "cases/index.html"),
            list("failure families", "families/index.html"),
            list("known issues", "issues/index.html"),
            list("runs", "runs/index.html"),
            list("features", "features/index.html"),
            list("problems", "problems/index.html"),
        ],
    };
    let cases = u32::try_from(context.past.cases.len()).unwrap_or(u32::MAX);
    let mut all: Vec<Entry<'_>> = (0..cases)
        .into_par_iter()
        .map_init(|| None, |last, it| scenario(context, it, last))
        .collect();
    let others = families(context).chain(issues(context)).chain(features(context));
    all.extend(others.chain(releases(context)));
    all.extend(told);
    (at, view, all)
}

/// How many runs are newer than that at `idx`.
fn age(context: &Context<'_>, idx: usize) -> usize {
    context.past.runs.len() - idx
}

/// A scenario; `last` is that before it and where that stands, which is mostly where this one does.
fn scenario<'a>(
    context: &Context<'a>,
    case: u32,
    last: &mut Option<(&'a Known, Arc<str>)>,
) -> Entry<'a> {
    let (known, fact) = (&context.past.cases[case as usize], &context.report.cases[case as usize]);
    let rank = match fact.outcome {
        it if it.is_failing() => 0,
        Outcome::Degraded => 2,
        _ if fact.flaky => 2,
        _ => 3,
    };
    let is_beside = |it: &Known| {
        (&it.suite, &it.path, &it.feature) == (&known.suite, &known.path, &known.feature)
    };
    let place = match last {
        Some((it, place)) if is_beside(it) => Arc::clone(place),
        _ => format!("{}, {}", known.suite, path(known)).into(),
    };
    *last = Some((known, Arc::clone(&place)));
    Entry {
        worth: Worth { rank, age: age(context, fact.run) },
        kind: Kind::Scenario,
        title: name(known),
        context: place,
        href: context.case_href(case),
        mark: Some(context.case_mark(case)),
    }
}

fn families<'a>(context: &Context<'a>) -> impl Iterator<Item = Entry<'a>> {
    context.report.families.all.iter().enumerate().map(|(place, it)| {
        let mark = family::mark(context, place);
        let last = it.seen().map(|it| it.1);
        let by: Vec<String> =
            family::explained_by(context, place).into_iter().map(|it| it.text).collect();
        let known = if by.is_empty() { String::new() } else { format!(", {}", by.join(", ")) };
        let day = last.map(|it| format::date(context.run(it).head.started)).unwrap_or_default();
        let rank = match mark {
            Mark::Fail => 0,
            Mark::Known => 2,
            _ => 3,
        };
        Entry {
            worth: Worth { rank, age: last.map_or(usize::MAX, |it| age(context, it)) },
            kind: Kind::Family,
            title: family::title(it).into(),
            context: format!("{}, last {day}{known}; {}", family::count(&it.rate), it.type_name)
                .into(),
            href: family::href(context.report, place),
            mark: Some(mark),
        }
    })
}

fn issues<'a>(context: &Context<'a>) -> impl Iterator<Item = Entry<'a>> {
    let knowledge = &context.report.knowledge;
    knowledge.catalogue.issues().iter().zip(&knowledge.issues).map(|(it, fact)| {
        let explains = fact.sightings.iter().any(|it| it.bearing == Bearing::Explains);
        let last = fact.sightings.last().map(|it| age(context, it.run));
        let seen = match seen(context, fact) {
            none if none.is_empty() => "not seen here".to_owned(),
            seen => format!("seen in {seen}"),
        };
        // Who looks for what a log says is to find the issue that it is an example of.
        let example = it.matching.first().map_or("", |it| it.text.trim());
        Entry {
            worth: Worth {
                rank: if last.is_some() || fact.concerns { 1 } else { 3 },
                age: last.unwrap_or(usize::MAX),
            },
            kind: Kind::Issue,
            title: format!("{} {}", it.id, it.title).into(),
            context: format!(
                "{}, {}, {seen}: {example}",
                it.components.join(", "),
                it.status.word()
            )
            .into(),
            href: address::issue(&it.id),
            mark: explains.then_some(Mark::Known),
        }
    })
}

fn features<'a>(context: &Context<'a>) -> impl Iterator<Item = Entry<'a>> {
    context.report.features.files.iter().map(|it| {
        let newest = it.versions.first();
        let link = link(it);
        Entry {
            worth: Worth {
                rank: 1,
                age: newest.map_or(usize::MAX, |it| age(context, it.last_run)),
            },
            kind: Kind::Feature,
            title: link.text.into(),
            context: format!("{} {}", it.file.path, it.file.feature.title.description.trim())
                .into(),
            href: link.href,
            mark: newest.map(|it| super::context::state_mark(it.state)),
        }
    })
}

fn releases<'a>(context: &Context<'a>) -> impl Iterator<Item = Entry<'a>> {
    let all = context.report.releases.by.values().flat_map(|it| it.values().rev().enumerate());
    all.map(|(age, it)| {
        let items: Vec<&str> = it.items.iter().map(|it| &*it.text).collect();
        let link = release_link(it);
        Entry {
            worth: Worth { rank: 2, age },
            kind: Kind::Release,
            title: link.text.into(),
            context: items.join("; ").replace('\n', " ").into(),
            href: link.href,
            mark: None,
        }
    })
}

/// What the record of a run says of a case that failed in it: its message, and the grave lines of logs
/// around it.
pub(in crate::render) fn failing(
    context: &Context<'_>,
    (idx, place): (usize, u32),
    case: &Case,
    logs: &[Log],
) -> Vec<Entry<'static>> {
    if !case.outcome().is_failing() {
        return Vec::new();
    }
    let title = full_name(case.rule.as_deref(), &case.name, case.example.iter().map(AsRef::as_ref));
    let worth = Worth { rank: 0, age: age(context, idx) };
    let date = format::date(context.run(idx).head.started);
    let place = &context.past.cases[place as usize];
    let failed = || case.attempts.iter().filter(|it| it.outcome.is_failing());
    let messages = failed().filter_map(headline).map(|it| Entry {
        worth,
        kind: Kind::Failure,
        title: it
            .message
            .lines()
            .find(|it| !it.trim().is_empty())
            .unwrap_or_default()
            .to_owned()
            .into(),
        context: format!("{title}, {}, {date}", joined(&case.path, case.feature.as_deref())).into(),
        href: address::case(place),
        mark: Some(Mark::from(case.outcome())),
    });
    let mut entries: Vec<Entry<'static>> = messages.filter(|it| !it.title.is_empty()).collect();
    let mut seen = BTreeSet::new();
    let numbers = (1..=case.attempts.len()).filter(|n| case.attempts[n - 1].outcome.is_failing());
    for (component, text, href) in numbers.flat_map(|n| grave(case, n, logs)) {
        if seen.len() < LINES && seen.insert((component.clone(), text.clone())) {
            entries.push(Entry {
                worth: Worth { rank: 2, ..worth },
                kind: Kind::Log,
                title: text.into(),
                context: format!("{component}, {date}, {title}").into(),
                href,
                mark: None,
            });
        }
    }
    entries
}

/// What components said of attempt `n` of a case, from 1, that is a warning or worse: who, what, and where it stands.
fn grave(case: &Case, n: usize, logs: &[Log]) -> Vec<(String, String, String)> {
    let attempt = &case.attempts[n - 1];
    let Some(started) = attempt.started else { return Vec::new() };
    let took =
        attempt.duration.and_then(|it| SignedDuration::try_from(it).ok()).unwrap_or_default();
    let (from, to) = (started.checked_sub(AROUND), started.checked_add(took + AROUND));
    let (Ok(from), Ok(to)) = (from, to) else { return Vec::new() };
    let own = logs.iter().filter(|it| it.may_tell_of(case, n));
    let said = own.flat_map(|it| it.between(from, to, it.component()));
    let grave = said.filter(|it| !it.level().is_empty());
    grave.map(|it| (it.component.to_owned(), it.text.to_owned(), it.href)).collect()
}
