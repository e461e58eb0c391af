//! How a cell stands beside what others published: confirmed, differs, or not published.

use super::context::Context;
use crate::{
    issues::Issue,
    model::Outcome,
    render::{
        address,
        mark::Mark,
        view::{Evidence, Link, OutsideLink, PublishedView},
    },
    report::{Published, Stance, sources},
};

/// How many scenarios stand behind a sentence.
const LISTED: usize = 6;

/// What there is to say of a cell.
pub(super) fn published(context: &Context<'_>, cell: &str) -> Vec<PublishedView> {
    let Some(standing) = context.report.knowledge.standings.get(cell) else { return Vec::new() };
    let mut all: Vec<PublishedView> =
        standing.published.iter().filter_map(|it| view(context, it)).collect();
    if !standing.unpublished.is_empty() {
        let is_own = (standing.unpublished.iter())
            .all(|(case, run)| context.report.knowledge.is_known(*run, *case));
        let sentence = match is_own {
            true => "these failures are known from runs of our own alone.",
            false => "of these failures no known issue of others tells on these versions.",
        };
        let (evidence, rest) = evidence(context, &standing.unpublished);
        all.push(PublishedView {
            stance: Stance::Unpublished.word().to_owned(),
            sentence: sentence.to_owned(),
            issue: None,
            sources: Vec::new(),
            evidence,
            rest,
        });
    }
    all
}

fn view(context: &Context<'_>, it: &Published) -> Option<PublishedView> {
    let (issue, _) = context.report.knowledge.issue(&it.issue)?;
    let sentence = match (it.stance, it.is_back) {
        (Stance::Confirmed, _) => "it is published for these versions, and shows.",
        (_, true) => "it is said to be fixed in these versions, and shows.",
        (_, false) => {
            "it is published for these versions, and does not show: all scenarios that it is about passed."
        }
    };
    let (evidence, rest) = evidence(context, &it.evidence);
    Some(PublishedView {
        stance: it.stance.word().to_owned(),
        sentence: format!("{} — {sentence}", issue.title),
        issue: Some(Link { text: issue.id.clone(), href: address::issue(&issue.id) }),
        sources: links(issue),
        evidence,
        rest,
    })
}

fn links(issue: &Issue) -> Vec<OutsideLink> {
    let short = |url: &str| url.split_once("://").map_or(url, |it| it.1).to_owned();
    sources(issue).filter_map(|it| OutsideLink::new(short(it), it)).collect()
}

fn evidence(context: &Context<'_>, all: &[(u32, usize)]) -> (Vec<Evidence>, String) {
    let told = all.iter().take(LISTED).map(|(case, run)| {
        let results = &context.run(*run).results;
        let place = results.binary_search_by_key(case, |it| it.case);
        let mark = place.map_or_else(
            |_| Mark::from(Outcome::Unknown),
            |it| context.result_mark(*run, &results[it]),
        );
        Evidence { mark, case: context.case_link(*case), run: context.run_link(*run) }
    });
    let rest = match all.len().saturating_sub(LISTED) {
        0 => String::new(),
        n => format!("and {n} more"),
    };
    (told.collect(), rest)
}

/// The word for a cell, and the same behind what else is said of it.
pub(super) fn of_cell(context: &Context<'_>, cell: &str) -> (String, String) {
    let Some(standing) = context.report.knowledge.standings.get(cell) else {
        return Default::default();
    };
    let Some(stance) = standing.stance() else { return Default::default() };
    let named: Vec<&str> = (standing.published.iter())
        .filter(|it| it.stance == stance)
        .map(|it| it.issue.as_str())
        .collect();
    let words = match stance {
        Stance::Confirmed => format!("; confirms what is published: {}", named.join(", ")),
        Stance::Differs => format!("; differs from what is published: {}", named.join(", ")),
        Stance::Unpublished => "; not published by others".to_owned(),
    };
    (stance.word().to_owned(), words)
}

/// What the words mean; nothing where no cell has one.
pub(super) fn legend(context: &Context<'_>) -> Vec<String> {
    if context.report.knowledge.standings.is_empty() {
        return Vec::new();
    }
    let said = [
        "confirmed: a failure that others published for these versions shows",
        "differs: it does not show where it should, or shows where it is said to be fixed",
        "not published: something fails that nobody else described",
    ];
    said.map(str::to_owned).into()
}
