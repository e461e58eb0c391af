//! `/issues/` and what other pages say of known issues.

use std::collections::BTreeMap;

use super::{context::Context, run::link};
use crate::{
    history::Outline,
    issues::{Bearing, Issue, Match, Trace},
    model::Run,
    render::{
        address, format,
        mark::Mark,
        view::{
            FailureGroup, IssueGroup, IssueRow, IssuesPage, Link, MatchView, Section, TraceView,
        },
    },
    report::{IssueFact, Remark},
};

/// How many cases an issue names on the page of a run.
const NAMED: usize = 5;

/// The list of all issues, those that concern the reader first.
pub(in crate::render) fn issues(context: &Context<'_>) -> (String, IssuesPage) {
    let path = "issues/index.html".to_owned();
    let mut shell = context.shell(&path, Section::Issues, "Known issues");
    let knowledge = &context.report.knowledge;
    let all: Vec<(&Issue, &IssueFact)> =
        knowledge.catalogue.issues().iter().zip(&knowledge.issues).collect();
    let explains = |it: &IssueFact| it.sightings.iter().any(|it| it.bearing == Bearing::Explains);
    let remarked: Vec<_> = all.iter().filter(|it| !it.1.remarks.is_empty()).copied().collect();
    let seen: Vec<_> = all.iter().filter(|it| explains(it.1)).copied().collect();
    let (hinted, unseen): (Vec<_>, Vec<_>) = (all.iter().copied())
        .filter(|it| !explains(it.1))
        .partition(|it| !it.1.sightings.is_empty());
    let (near, others): (Vec<_>, Vec<_>) = unseen.into_iter().partition(|it| it.1.concerns);
    let names_versions = |it: &Issue| !(it.affected.is_empty() && it.fixed_in.is_empty());
    let (far, of_any): (Vec<_>, Vec<_>) = others.into_iter().partition(|it| names_versions(it.0));
    let n = |it: &[(&Issue, &IssueFact)]| format::number(it.len() as u64);
    shell.answer = format!(
        "{} of {} explain failures here; {} the versions in use.",
        n(&seen),
        format::counted(all.len() as u64, "known issue"),
        match near.len() {
            0 => "no other concerns".to_owned(),
            1 => "1 more concerns".to_owned(),
            _ => format!("{} more concern", n(&near)),
        },
    );
    let groups = [
        ("To be looked at", remarked),
        ("Seen here", seen),
        ("Recognised, and no explanation", hinted),
        ("Concern the versions in use", near),
        ("Name no versions", of_any),
        ("Of other versions", far),
    ];
    let group = |(title, issues): (&str, Vec<(&Issue, &IssueFact)>)| IssueGroup {
        title: format!("{title} ({})", issues.len()),
        rows: issues.into_iter().map(|it| row(context, it)).collect(),
    };
    let groups = groups.into_iter().filter(|it| !it.1.is_empty()).map(group).collect();
    (path, IssuesPage { groups, shell })
}

fn row(context: &Context<'_>, (issue, fact): (&Issue, &IssueFact)) -> IssueRow {
    let remarks: Vec<&str> = fact.remarks.iter().map(Remark::word).collect();
    IssueRow {
        issue: Link { text: issue.id.clone(), href: address::issue(&issue.id) },
        title: issue.title.clone(),
        status: issue.status.word().to_owned(),
        severity: issue.severity.word().to_owned(),
        components: issue.components.join(", "),
        seen: seen(context, fact),
        remarks: remarks.join(", "),
    }
}

/// In how many runs it was seen, and when last.
pub(super) fn seen(context: &Context<'_>, fact: &IssueFact) -> String {
    let mut runs: Vec<usize> = fact.sightings.iter().map(|it| it.run).collect();
    runs.dedup();
    let Some(last) = runs.last() else { return String::new() };
    let all = format::counted(context.past.runs.len() as u64, "run");
    let date = format::date(context.run(*last).head.started);
    format!("{} of {all}, last {date}", format::number(runs.len() as u64))
}

/// The failures of a run that known issues explain, by issue.
pub(super) fn groups(
    context: &Context<'_>,
    idx: usize,
    (run, results): (&Run, &[Option<Outline>]),
) -> Vec<FailureGroup> {
    let knowledge = &context.report.knowledge;
    let mut by: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (n, result) in results.iter().enumerate() {
        let Some(it) = result.filter(|it| it.outcome.is_failing()) else { continue };
        if knowledge.is_known(idx, it.case) {
            knowledge.explaining(idx, it.case).for_each(|id| by.entry(id).or_default().push(n));
        }
    }
    let all = format::counted(run.cases.len() as u64, "scenario");
    let group = |(id, cases): (&str, Vec<usize>)| {
        let issue = knowledge.catalogue.get(id);
        FailureGroup {
            mark: Mark::Known,
            title: issue.map_or_else(|| id.to_owned(), |it| format!("{id} {}", it.title)),
            type_name: String::new(),
            note: String::new(),
            href: Some(address::issue(id)),
            count: format!("{} of {all}", format::number(cases.len() as u64)),
            message: issue.and_then(|it| it.workaround.clone()).unwrap_or_default(),
            cases: cases.iter().take(NAMED).map(|n| link(run, &run.cases[*n])).collect(),
            rest: match cases.len().saturating_sub(NAMED) {
                0 => String::new(),
                n => format!("and {n} more"),
            },
        }
    };
    by.into_iter().map(group).collect()
}

/// The issues that were recognised in a case of a run; `places` says where lines of logs stand.
pub(super) fn of_case(
    context: &Context<'_>,
    (run, case): (usize, u32),
    places: &[(String, u64, String)],
) -> Vec<MatchView> {
    let knowledge = &context.report.knowledge;
    let matches = knowledge.verdict(run, case).map_or(&[][..], |it| &it.matches);
    let view = |it: &Match| {
        let issue = knowledge.catalogue.get(&it.issue)?;
        Some(MatchView {
            issue: Link { text: it.issue.clone(), href: address::issue(&it.issue) },
            title: issue.title.clone(),
            mark: (it.bearing == Bearing::Explains).then_some(Mark::Known),
            says: says(it.bearing).to_owned(),
            traces: it.traces.iter().map(|it| trace(it, places)).collect(),
            workaround: issue.workaround.clone().unwrap_or_default(),
        })
    };
    matches.iter().filter_map(view).collect()
}

/// Why an issue that was recognised explains nothing.
pub(super) const fn says(bearing: Bearing) -> &'static str {
    match bearing {
        Bearing::Explains => "",
        Bearing::Resurrected => {
            "These versions are said to have the fix: it came back, or is something else."
        }
        Bearing::Hint => "A hint only: the text has other causes too.",
        Bearing::Unsure => {
            "Whether these versions are affected is not known: the run does not name all that matters."
        }
        Bearing::Elsewhere => "It looks like this, and is not known of these versions.",
    }
}

pub(super) fn trace(it: &Trace, places: &[(String, u64, String)]) -> TraceView {
    let found =
        places.iter().find(|(log, line, _)| it.line > 0 && *log == it.place && *line == it.line);
    TraceView {
        text: it.text.clone(),
        place: match it.line {
            0 => format!("{} of attempt {}", it.place, it.attempt),
            n => format!("{} line {}", it.place, format::number(n)),
        },
        href: found.map_or_else(String::new, |it| it.2.clone()),
    }
}
