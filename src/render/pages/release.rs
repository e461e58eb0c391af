//! `/releases/<component>/<version>/` and the steps to it: may I upgrade?

use super::{
    context::{Context, state_mark},
    judged::passed_of,
};
use crate::{
    issues::Issue,
    model::{Combination, Component, Item, ItemKind, Outcome, Release, Version},
    render::{
        address, format, notes,
        view::{Fact, ItemView, KindView, Link, OutsideLink, ReleasePage, Section},
    },
    report::{Cell, moved},
};

/// How many bytes of items a page shows, so that it stays below 150 kB.
const BYTES: usize = 45_000;
/// How many bytes of notes are shown as they were published.
const NOTES: usize = 30_000;
/// How many steps a page names.
const STEPS: usize = 12;

/// The page of each release, and of each step between versions that were tested.
pub(in crate::render) fn releases(context: &Context<'_>) -> Vec<(String, ReleasePage)> {
    let all = &context.report.releases;
    let own = all.by.values().flat_map(|it| it.values()).map(|it| release(context, it));
    let steps = all.steps.iter().map(|(component, from, to)| step(context, component, (from, to)));
    own.chain(steps).collect()
}

fn release(context: &Context<'_>, it: &Release) -> (String, ReleasePage) {
    let at = address::release(&it.component, &it.version);
    let title = format!("{} {}", it.component, it.version);
    let before = context.report.releases.before(&it.component, &it.version);
    let mut page = page(context, &at, title, &[it]);
    page.shell.answer = advice(before.map(|it| it.version.as_str()), &[it]);
    if let Some(date) = &it.date {
        page.facts.insert(0, Fact::new("Published", date.to_string()));
    }
    if let Some(before) = before {
        tell_issues(context, &mut page, &it.component, (&before.version, &it.version));
        let link = release_link(before);
        page.facts.push(Fact::linked("Release before", link));
    }
    let steps = context.report.releases.steps.iter();
    let steps = steps.filter(|step| step.0 == it.component && step.2 == it.version).take(STEPS);
    page.steps = steps.map(|(component, from, to)| step_link(component, (from, to))).collect();
    let source = it.notes.get(..it.notes.floor_char_boundary(NOTES)).unwrap_or_default();
    page.notes = (!source.is_empty()).then(|| notes::html(source));
    (at, page)
}

fn step(
    context: &Context<'_>,
    component: &Component,
    (from, to): (&Version, &Version),
) -> (String, ReleasePage) {
    let at = address::release_step(component, from, to);
    let between = context.report.releases.between(component, from, to);
    let mut page = page(context, &at, format!("{component} {from} → {to}"), &between);
    page.shell.answer = advice(Some(from.as_str()), &between);
    tell_issues(context, &mut page, component, (from, to));
    (at, page)
}

/// Puts the known issues that begin and end between two versions on the page.
fn tell_issues(
    context: &Context<'_>,
    page: &mut ReleasePage,
    component: &str,
    step: (&Version, &Version),
) {
    let fact = |it: &&Issue| {
        Fact::linked(&it.id, Link { text: it.title.clone(), href: address::issue(&it.id) })
    };
    let issues = context.report.knowledge.catalogue.issues();
    let (entering, leaving) = moved(issues, component, step);
    page.entering = entering.iter().map(fact).collect();
    page.leaving = leaving.iter().map(fact).collect();
}

fn page(context: &Context<'_>, at: &str, title: String, of: &[&Release]) -> ReleasePage {
    let mut shell = context.shell(at, Section::Releases, title);
    shell.crumbs = vec![Link { text: "Releases".to_owned(), href: address::RELEASES.to_owned() }];
    let mut room = BYTES;
    let mut left_out = 0_u64;
    let mut list = |wanted: &dyn Fn(&Item) -> Option<String>| -> Vec<ItemView> {
        let mut items = Vec::new();
        for release in of {
            for it in &release.items {
                let Some(rule) = wanted(it) else { continue };
                if it.text.len() + 200 > room {
                    left_out += 1;
                    continue;
                }
                room -= it.text.len() + 200;
                let release = (of.len() > 1).then(|| release_link(release));
                items.push(ItemView { html: notes::html(&it.text), rule, release });
            }
        }
        items
    };
    let breaking = list(&|it| {
        it.breaking.map(|why| format!("{}; may break what worked: it {why}", it.kind.word()))
    });
    let relevant = list(&|it| {
        let why = it.relevant.filter(|_| it.breaking.is_none())?;
        Some(format!("{}; may change what tests see: it {why}", it.kind.word()))
    });
    let is_told = |it: &Item| it.breaking.is_some() || it.relevant.is_some();
    let kinds = ItemKind::ALL.map(|kind| KindView {
        word: kind.word().to_owned(),
        items: list(&|it| {
            (it.kind == kind && !is_told(it)).then(|| format!("{}: it {}", kind.word(), it.why))
        }),
    });
    let of_url = |it: &&Release| {
        OutsideLink::new(
            format!("{} {} at its makers", it.component, it.version),
            it.url.as_deref()?,
        )
    };
    ReleasePage {
        facts: tested(context, of),
        official: of.iter().filter_map(of_url).collect(),
        breaking,
        relevant,
        kinds: kinds.into_iter().filter(|it| !it.items.is_empty()).collect(),
        rest: match left_out {
            0 => String::new(),
            n => format!("{} more stand in the notes of the makers.", format::counted(n, "item")),
        },
        steps: Vec::new(),
        entering: Vec::new(),
        leaving: Vec::new(),
        notes: None,
        shell,
    }
}

/// The answer: what the step brings that needs a look.
fn advice(from: Option<&str>, of: &[&Release]) -> String {
    let items = || of.iter().flat_map(|it| &it.items);
    let breaking = items().filter(|it| it.breaking.is_some()).count() as u64;
    let relevant =
        items().filter(|it| it.breaking.is_none() && it.relevant.is_some()).count() as u64;
    let step = from.map(|it| format!("Coming from {it}: ")).unwrap_or_default();
    let all = format::counted(items().count() as u64, "item");
    let look = match (breaking, relevant) {
        (0, 0) => "nothing in the notes asks for a look".to_owned(),
        (0, n) => format!(
            "nothing breaking by our rules, {} may change what tests see",
            format::number(n)
        ),
        (n, 0) => format!("{} may break what worked", format::counted(n, "item")),
        (n, m) => format!(
            "{} may break what worked, {} more may change what tests see",
            format::counted(n, "item"),
            format::number(m)
        ),
    };
    format!("{step}{all}; {look}.")
}

/// The cells with any of the versions, as facts.
fn tested(context: &Context<'_>, of: &[&Release]) -> Vec<Fact> {
    let Some(newest) = of.first() else { return Vec::new() };
    let cells = context.report.combinations.iter().filter_map(|it| context.report.cells.get(it));
    let has = |it: &&Cell| it.versions.get(&newest.component) == Some(&newest.version);
    let found: Vec<&Cell> = cells.filter(has).take(6).collect();
    if found.is_empty() {
        return vec![Fact::new("Tested", "no run has tried this version")];
    }
    let fact = |it: &Cell| {
        let text = format!("{}: {}", state_mark(it.state).word(), passed_of(&it.counts, 0));
        Fact::linked(it.versions.to_string(), Link { text, href: address::cell(&it.versions.id()) })
    };
    found.into_iter().map(fact).collect()
}

/// The page of a release.
pub(super) fn release_link(it: &Release) -> Link {
    Link {
        text: format!("{} {}", it.component, it.version),
        href: address::release(&it.component, &it.version),
    }
}

/// A version among the facts of a page, leading to its notes where they are at hand.
pub(super) fn version_fact(
    context: &Context<'_>,
    (component, version): (&str, &Version),
    value: String,
) -> Fact {
    match context.report.releases.get(component, version) {
        Some(it) => Fact::linked(component, Link { text: value, ..release_link(it) }),
        None => Fact::new(component, value),
    }
}

/// The page of a step, where there are notes of it.
pub(super) fn notes_of_step(
    context: &Context<'_>,
    (component, from, to): (&str, &Version, &Version),
) -> Option<Link> {
    let step = (component.to_owned(), from.clone(), to.clone());
    context.report.releases.steps.contains(&step).then(|| Link {
        text: "Release notes of the step".to_owned(),
        ..step_link(component, (from, to))
    })
}

/// The notes of the newest step with which a case broke: it passes before, fails after, and nothing
/// else differs. `newest` has the newest run on each combination, and what came of the case there.
pub(super) fn broke_with(context: &Context<'_>, newest: &[(usize, Outcome)]) -> Option<Link> {
    let on = |run: usize| &context.report.runs[run].combination;
    let steps = context.report.releases.steps.iter().rev();
    let is_it = |(component, from, to): &&(Component, Version, Version)| {
        let at = |version: &Version, wanted: fn(Outcome) -> bool| {
            let there = newest.iter().filter(|it| on(it.0).get(component) == Some(version));
            there.filter(|it| wanted(it.1)).map(|it| on(it.0)).collect::<Vec<_>>()
        };
        let before = at(from, |it| it == Outcome::Passed);
        let after = at(to, Outcome::is_failing);
        let is_alike = |a: &Combination, b: &Combination| {
            a.iter().count() == b.iter().count()
                && a.iter().all(|(name, it)| name == component || b.get(name) == Some(it))
        };
        after.iter().any(|after| before.iter().any(|before| is_alike(after, before)))
    };
    let steps: Vec<&(Component, Version, Version)> = steps.filter(is_it).collect();
    let (component, from, to) = steps.first()?;
    Some(step_link(component, (from, to)))
}

fn step_link(component: &str, (from, to): (&Version, &Version)) -> Link {
    Link {
        text: format!("{component} {from} → {to}"),
        href: address::release_step(component, from, to),
    }
}
