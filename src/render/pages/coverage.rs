//! How much known issues explain, and what is to be investigated.

use super::{context::Context, family};
use crate::{
    render::{
        address, format,
        view::{CoverageView, Link, OpenFamily},
    },
    report::Report,
};

/// How much of what failed is explained, and how many families are to be investigated; empty where
/// nothing failed.
#[must_use]
pub fn sentence(report: &Report) -> String {
    let it = &report.knowledge.coverage;
    let share = |k: u32, n: u32| {
        let number = |it: u32| format::number(it.into());
        format!("{} ({} of {})", format::percent(k.into(), n.into()), number(k), number(n))
    };
    if it.failures == 0 {
        return String::new();
    }
    let left = match report.knowledge.to_be_investigated().count() {
        0 => String::new(),
        1 => " 1 family is to be investigated.".to_owned(),
        n => format!(" {} families are to be investigated.", format::number(n as u64)),
    };
    format!(
        "Known issues explain {} of what failed in the kept runs, and {} of the failure families in full.{left}",
        share(it.explained, it.failures),
        share(it.known_families, it.families),
    )
}

/// The same with at most so many of the families, those of most runs first; none where nothing failed.
pub(super) fn coverage(context: &Context<'_>, most: usize) -> Option<CoverageView> {
    let sentence = sentence(context.report);
    let knowledge = &context.report.knowledge;
    let mut open: Vec<usize> = knowledge.to_be_investigated().collect();
    open.sort_by_key(|it| std::cmp::Reverse(knowledge.family(*it).open.len()));
    let families = open.iter().take(most).map(|it| to_investigate(context, *it)).collect();
    let rest = match open.len().saturating_sub(most) {
        0 => None,
        n => Some(Link {
            text: format!("and {} more", format::number(n as u64)),
            href: address::families(1),
        }),
    };
    (!sentence.is_empty()).then_some(CoverageView { sentence, families, rest })
}

fn to_investigate(context: &Context<'_>, place: usize) -> OpenFamily {
    let open = &context.report.knowledge.family(place).open;
    let last = open.last().map(|it| format::date(context.run(*it).head.started));
    OpenFamily {
        family: Link {
            text: family::title(&context.report.families.all[place]),
            href: family::href(context.report, place),
        },
        count: format!(
            "not explained in {}, last on {}",
            format::counted(open.len() as u64, "run"),
            last.unwrap_or_default()
        ),
    }
}
