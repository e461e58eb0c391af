//! Where a case broke, in words: first bad and last good along a component, and since when.

use super::context::Context;
use crate::{
    render::{format, view::Finding},
    report::Breakage,
};

/// What there is to say of a case on its page.
pub(super) fn told(context: &Context<'_>, case: u32) -> Vec<Finding> {
    let tell = |it: Breakage| Finding {
        text: sentence(context, &it),
        before: context.run_link(it.last_good.1),
        after: context.run_link(it.first_bad.1),
    };
    context.breakages(case).into_iter().map(tell).collect()
}

/// `first bad with livekit 1.11.0, last good with 1.10.1`, of what still is broken.
pub(super) fn note(context: &Context<'_>, case: u32) -> Option<String> {
    let it = context.breakages(case).into_iter().find(|it| it.ended.is_none())?;
    Some(format!("first bad with {}", between(&it)))
}

/// Where a case broke that failed in a run on the first bad version, whatever came later: a page of an
/// old run does not change.
pub(super) fn in_run(context: &Context<'_>, case: u32, idx: usize) -> Option<String> {
    let versions = &context.run(idx).head.versions;
    let is_here = |it: &Breakage| versions.get(&it.component) == Some(&it.first_bad.0);
    let it = context.breakages(case).into_iter().find(is_here)?;
    Some(format!("First bad with {}.", between(&it)))
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
    format!("First bad with {}{commit}: broken since {}. {life}.", between(it), date(*since),)
}
