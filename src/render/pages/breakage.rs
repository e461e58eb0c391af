//! Where a case broke, in words: first bad and last good along a component, and since when.

use super::{context::Context, release::notes_of_step};
use crate::{
    render::{
        format,
        view::{Broken, Finding, Link},
    },
    report::{Breakage, Cell},
};

/// How many broken cases the page of a cell names.
const BROKEN: usize = 20;

/// What there is to say of a case on its page.
pub(super) fn told(context: &Context<'_>, case: u32) -> Vec<Finding> {
    context.breakages(case).iter().map(|it| finding(context, it)).collect()
}

fn finding(context: &Context<'_>, it: &Breakage) -> Finding {
    Finding {
        text: sentence(context, it),
        before: context.run_link(it.last_good.1),
        after: context.run_link(it.first_bad.1),
        notes: notes(context, it),
    }
}

/// The release notes of exactly the step with which it broke, where they are at hand.
pub(in crate::render) fn notes(context: &Context<'_>, it: &Breakage) -> Option<Link> {
    notes_of_step(context, (&it.component, &it.last_good.0, &it.first_bad.0))
}

/// The cases of a cell that are first bad on one of its versions, what lasts first.
pub(super) fn on_cell(context: &Context<'_>, cell: &Cell) -> Vec<Broken> {
    let mut found: Vec<(bool, Broken)> = Vec::new();
    for case in cell.cases.iter().map(|it| it.case) {
        let is_here = |it: &&Breakage| {
            cell.versions.get(&it.component) == Some(&it.first_bad.0)
                && cell.runs.binary_search(&it.first_bad.1).is_ok()
        };
        found.extend(context.breakages(case).iter().filter(is_here).map(|it| {
            let finding = finding(context, it);
            (it.ended.is_some(), Broken { case: context.case_link(case), finding })
        }));
    }
    found.sort_by_key(|it| it.0);
    found.into_iter().map(|it| it.1).take(BROKEN).collect()
}

/// `first bad with livekit 1.11.0, last good with 1.10.1`, of what still is broken.
pub(super) fn note(context: &Context<'_>, case: u32) -> Option<String> {
    let it = context.breakages(case).iter().find(|it| it.ended.is_none())?;
    Some(format!("first bad with {}", between(it)))
}

/// Where a case broke that failed in a run on the first bad version, whatever came later: a page of an
/// old run does not change.
pub(super) fn in_run(context: &Context<'_>, case: u32, idx: usize) -> Option<String> {
    let versions = &context.run(idx).head.versions;
    let is_here = |it: &&Breakage| versions.get(&it.component) == Some(&it.first_bad.0);
    let it = context.breakages(case).iter().find(is_here)?;
    Some(format!("First bad with {}.", between(it)))
}

/// `livekit 1.11.0, last good with 1.10.1`
fn between(it: &Breakage) -> String {
    format!("{} {}, last good with {}", it.component, it.first_bad.0, it.last_good.0)
}

fn sentence(context: &Context<'_>, it: &Breakage) -> String {
    let date = |run: usize| format::date(context.run(run).head.started);
    let Breakage { component, first_bad, since, ended, .. } = it;
    let life = match ended {
        Some((version, run)) if *version == first_bad.0 => {
            format!("It passes there again since {}", date(*run))
        }
        Some((version, run)) => format!("It ended with {component} {version} on {}", date(*run)),
        None => "It still is so".to_owned(),
    };
    let commit = if it.other_commit { ", and the commit differs too" } else { "" };
    let others = context.run(first_bad.1).head.versions.iter().filter(|it| it.0 != component);
    let others: Vec<String> = others.map(|(name, version)| format!("{name} {version}")).collect();
    let beside =
        if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    let (what, since) = (between(it), date(*since));
    format!("First bad with {what}{beside}{commit}: broken since {since}. {life}.")
}
