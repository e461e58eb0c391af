//! `/issues/<id>/`: does it concern me?

use std::collections::{BTreeSet, HashSet};

use super::{
    context::{Context, versions},
    family,
    issues::{says, seen, trace},
};
use crate::{
    issues::{Bearing, Issue, Part, Ranges, Strength},
    model::{Component, Version},
    render::{
        address, format,
        mark::Mark,
        view::{
            Fact, IssuePage, Link, LookedFor, OutsideLink, RemarkView, Section, SeenRow,
            VersionLine, VersionPoint,
        },
    },
    report::{IssueFact, Remark, Sighting},
};

/// How many cases in which it was recognised are listed.
const SEEN: usize = 60;

/// How many failure families are listed.
const FAMILIES: usize = 20;

/// How many runs or families a remark names.
const EVIDENCE: usize = 10;

/// The page of an issue.
pub(in crate::render) fn issue(context: &Context<'_>, it: &Issue) -> (String, IssuePage) {
    let path = address::issue(&it.id);
    let nothing = IssueFact::default();
    let fact = context.report.knowledge.issue(&it.id).map_or(&nothing, |it| it.1);
    let mut shell = context.shell(&path, Section::Issues, format!("{} {}", it.id, it.title));
    shell.crumbs =
        vec![Link { text: "Known issues".to_owned(), href: "issues/index.html".to_owned() }];
    shell.answer = answer(context, it, fact);
    let explains = fact.sightings.iter().any(|it| it.bearing == Bearing::Explains);
    shell.mark = explains.then_some(Mark::Known);
    let listed = fact.sightings.iter().rev().take(SEEN);
    let view = IssuePage {
        workaround: it.workaround.clone().unwrap_or_default(),
        note: it.note.clone().unwrap_or_default(),
        lines: lines(context, it),
        ranges: ranges(it),
        remarks: fact.remarks.iter().map(|it| remark(context, it)).collect(),
        facts: facts(it),
        families: fact.families.iter().take(FAMILIES).map(|it| family_link(context, *it)).collect(),
        seen: listed.map(|seen| row(context, it, seen)).collect(),
        rest: match fact.sightings.len().saturating_sub(SEEN) {
            0 => String::new(),
            n => format!("and {} more", format::number(n as u64)),
        },
        links: it.links.iter().filter_map(|url| OutsideLink::new(url.clone(), url)).collect(),
        patterns: it.condition.patterns().into_iter().map(|(it, _)| looked_for(it)).collect(),
        matching: it.matching.iter().map(|it| it.text.clone()).collect(),
        other: it.other.iter().map(|it| it.text.clone()).collect(),
        shell,
    };
    (path, view)
}

fn answer(context: &Context<'_>, it: &Issue, fact: &IssueFact) -> String {
    let seen = match seen(context, fact) {
        seen if seen.is_empty() => "never recognised here".to_owned(),
        seen => format!("recognised in {seen}"),
    };
    let concerns = match (it.affected.is_empty() && it.fixed_in.is_empty(), fact.concerns) {
        (true, _) => "it names no versions",
        (false, true) => "versions in use are affected",
        (false, false) => "no version in use is known to be affected",
    };
    let mut status = it.status.meaning().to_owned();
    status[..1].make_ascii_uppercase();
    format!("{status}; {concerns}; {seen}.")
}

/// For each component that matters, the versions that the issue and the runs name, in order.
fn lines(context: &Context<'_>, it: &Issue) -> Vec<VersionLine> {
    let ranges = it.affected.iter().flat_map(Ranges::keys);
    let components: BTreeSet<&Component> =
        ranges.chain(it.fixed_in.keys()).chain(it.seen.keys()).collect();
    let line = |component: &Component| {
        let none = HashSet::new();
        let ran = context.versions.get(component).unwrap_or(&none);
        let mut all: BTreeSet<Version> = ran.iter().map(|it| (*it).clone()).collect();
        let written =
            it.affected.iter().filter_map(|it| it.get(component)).map(ToString::to_string);
        for range in written {
            let words = range.split([',', ' ', '<', '>', '=', '|', '^', '~']);
            all.extend(
                words.filter(|it| it.starts_with(|c: char| c.is_ascii_digit())).map(Version::new),
            );
        }
        all.extend(it.fixed_in.get(component).map(|it| Version::new(&it.to_string())));
        all.extend(it.seen.get(component).into_iter().flatten().map(|it| Version::new(it)));
        let points = all.iter().filter_map(|version| point(it, component, version, ran));
        VersionLine { component: component.clone(), points: points.collect() }
    };
    components.into_iter().map(line).filter(|it| !it.points.is_empty()).collect()
}

/// A version on the line of its component; `latest` and the like stand nowhere on it.
fn point(
    it: &Issue,
    component: &Component,
    version: &Version,
    ran: &HashSet<&Version>,
) -> Option<VersionPoint> {
    let meaning: lkreport_contract::version::Version = version.as_str().parse().ok()?;
    let mut ranges = it.affected.iter().filter_map(|it| it.get(component)).peekable();
    let fixed = it.fixed_in.get(component).is_some_and(|fixed| meaning >= *fixed);
    let reported =
        it.seen.get(component).is_some_and(|it| it.iter().any(|it| Version::new(it) == *version));
    let affected = match ranges.peek() {
        Some(_) => ranges.any(|it| it.holds(&meaning)),
        None => !fixed && (it.fixed_in.contains_key(component) || reported),
    };
    let (mark, word) = match (affected || reported, fixed) {
        (true, false) => (Mark::Known, if affected { "affected" } else { "reported" }),
        (_, true) => (Mark::Pass, "fixed"),
        (false, false) => (Mark::Untested, "not known to be affected"),
    };
    Some(VersionPoint { version: version.to_string(), mark, word, ran: ran.contains(version) })
}

fn ranges(it: &Issue) -> Vec<String> {
    let written = |ranges: &Ranges| {
        let parts: Vec<String> = ranges.iter().map(|(name, it)| format!("{name} {it}")).collect();
        format!("Affected: {}", parts.join(" with "))
    };
    let fixed = it.fixed_in.iter().map(|(name, it)| format!("Fixed in: {name} {it}"));
    let reported =
        it.seen.iter().map(|(name, it)| format!("Reported on: {name} {}", it.join(", ")));
    it.affected.iter().map(written).chain(fixed).chain(reported).collect()
}

fn remark(context: &Context<'_>, it: &Remark) -> RemarkView {
    let links = |runs: &[usize]| {
        let runs = runs.iter().take(EVIDENCE);
        runs.map(|it| Link { text: context.run_title(*it), href: context.run_href(*it) }).collect()
    };
    let (sentence, evidence) = match it {
        Remark::Stale { runs, last } => (
            match last {
                Some(last) => format!(
                    "It should show in these runs and does not; it was last seen on {}. If it is gone for good, say in which version.",
                    format::date(context.run(*last).head.started)
                ),
                None => "The scenarios that it asks for ran on affected versions, and it did not show.".to_owned(),
            },
            links(runs),
        ),
        Remark::Resurrected { runs } => (
            "It was recognised on versions that are said to have the fix. It came back, or these failures are something else.".to_owned(),
            links(runs),
        ),
        Remark::TooBroad { families } => (
            format!(
                "It explains failures of {} families. Either its patterns say too little, or it is several issues.",
                format::number(families.len() as u64)
            ),
            families.iter().take(EVIDENCE).map(|it| family_link(context, *it)).collect(),
        ),
        Remark::ReviewDue { by } => {
            (format!("Somebody was to look by {by} whether it still holds."), Vec::new())
        }
    };
    RemarkView { word: it.word(), sentence, evidence }
}

fn family_link(context: &Context<'_>, place: usize) -> Link {
    let title = family::title(&context.report.families.all[place]);
    Link { text: title, href: family::href(context.report, place) }
}

fn facts(it: &Issue) -> Vec<Fact> {
    let strength = match it.strength {
        Strength::Strong => "strong: the text has this one cause",
        Strength::Weak => "weak: the text has other causes too, so it explains nothing alone",
    };
    let excused = if it.excused { "yes" } else { "no: a failure like this closes it" };
    let mut facts = vec![
        Fact::new("Status", it.status.word()),
        Fact::new("Severity", it.severity.word()),
        Fact::new("Component", it.components.join(", ")),
        Fact::new("A match is", strength),
        Fact::new("Excused at the gate", excused),
    ];
    facts.extend(it.review_by.map(|it| Fact::new("To be reviewed by", it.to_string())));
    facts
}

fn row(context: &Context<'_>, issue: &Issue, it: &Sighting) -> SeenRow {
    let verdict = context.report.knowledge.verdict(it.run, it.case);
    let matches = verdict.map_or(&[][..], |it| &it.matches);
    let found = matches.iter().find(|found| found.issue == issue.id);
    let is_known = verdict.is_some_and(|it| it.known);
    SeenRow {
        run: context.run_link(it.run),
        versions: versions(&context.report.runs[it.run].combination),
        case: context.case_link(it.case),
        mark: if is_known { Mark::Known } else { Mark::Fail },
        says: says(it.bearing).to_owned(),
        traces: found
            .map_or(&[][..], |it| &it.traces)
            .iter()
            .take(2)
            .map(|it| trace(it, &[]))
            .collect(),
    }
}

fn looked_for(it: &crate::issues::Pattern) -> LookedFor {
    let place = match it.part {
        Part::Text => "anywhere",
        Part::Message => "message",
        Part::Stack => "stack",
        Part::Log => "log",
    };
    let of = it.component.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
    LookedFor { place: format!("{place}{of}"), pattern: it.regex.as_str().to_owned() }
}
