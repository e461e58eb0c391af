//! `/cases/<slug>-<id>/`: why did it fail, since when, where else?

use super::{
    context::{Context, marks, name, path, shell_line, took, versions},
    feature::documented,
    overview::few,
    release::broke_with,
};
use crate::{
    history::Outline,
    issues::Bearing,
    model::{Artifact, ArtifactKind, Attempt, Case, Metric, Outcome, Step},
    render::{
        address,
        chart::strip,
        format,
        mark::Mark,
        view::{
            ArtifactView, AttemptView, CasePage, Command, Elsewhere, Fact, FailureView, Fares,
            Link, Moments, OutsideLink, Section, StepView, Verdict,
        },
    },
    report::CaseFact,
};

/// On how many combinations its results are seen at once.
const ELSEWHERE: usize = 14;

/// A case with a page, and its details in the run that tells most of it.
pub(in crate::render) struct CaseStory {
    /// The case, as an index into `Past::cases`.
    pub(in crate::render) case: u32,
    /// The run that is shown, and the case as it was there; the record may be gone.
    pub(in crate::render) shown: Option<(usize, Case)>,
    /// For each of its attempts, where the logs stand.
    pub(in crate::render) logs: Vec<Vec<Link>>,
    /// What happened around its last failing attempt.
    pub(in crate::render) moments: Option<Moments>,
    /// How the connections of each attempt fared.
    pub(in crate::render) fares: Vec<Fares>,
    /// Where the lines stand by which known issues were recognised: log, line and address.
    pub(in crate::render) places: Vec<(String, u64, String)>,
}

/// The page of a case.
pub(in crate::render) fn case(context: &Context<'_>, story: &CaseStory) -> (String, CasePage) {
    let known = &context.past.cases[story.case as usize];
    let results = &context.stories[story.case as usize];
    let at = address::case(known);
    let mut shell = context.shell(&at, Section::Cases, name(known));
    let fact = &context.report.cases[story.case as usize];
    let on_versions = by_combination(context, results);
    shell.mark = Some(context.judged(fact.run, (story.case, fact.outcome, fact.flaky)));
    shell.answer = answer(context, fact, results, &on_versions);
    shell.crumbs =
        vec![Link { text: known.suite.to_string(), href: address::suite_cases(&known.suite, 1) }];
    let shown = story.shown.as_ref();
    let attempts = shown.map_or(&[][..], |(_, case)| &case.attempts);
    let failure = attempts.iter().rev().find_map(crate::model::headline).map(failure_view);
    let is_failing = fact.outcome.is_failing();
    let newest: Vec<(usize, Outcome)> =
        on_versions.iter().map(|it| (it.newest.0, it.newest.1.outcome)).collect();
    let mut facts = facts(context, story.case, results);
    facts.extend(broke_with(context, &newest).map(|it| Fact::linked("Broke with", it)));
    let further = on_versions.iter().skip(ELSEWHERE);
    let shifts = super::shift::of_case(context, story.case);
    let is_duration = |it: &crate::report::Shift| it.metric == Metric::Duration;
    let shifted = context.report.shifts.of(story.case).any(is_duration);
    let view = CasePage {
        path: path(known).into_owned(),
        tags: known.tags.iter().map(ToString::to_string).collect(),
        family: shown.and_then(|(run, _)| family(context, *run, story.case)),
        verdict: is_failing.then(|| verdict(context, fact.run, story.case)),
        issues: shown.map_or_else(Vec::new, |(run, _)| {
            super::issues::of_case(context, (*run, story.case), &story.places)
        }),
        strip: strip(&shell.root, &marks(&last_results(context, results))),
        history: history(context, results),
        breakages: super::breakage::told(context, story.case),
        elsewhere: on_versions.iter().take(ELSEWHERE).map(|it| elsewhere(context, it)).collect(),
        more_elsewhere: further.map(|it| elsewhere(context, it)).collect(),
        attempts: attempt_views(context, story, failure.as_ref()),
        failure,
        run: shown.map(|(run, _)| context.run_link(*run)),
        moments: story.moments.clone(),
        fares: story.fares.clone(),
        trend: super::trends::case_figure(context, known, results).filter(|_| !shifted),
        shifts,
        facts,
        repeat: shown.and_then(|(run, _)| {
            let repeat = &context.run(*run).head.repeat;
            let command =
                || Command { purpose: "Repeat its run".to_owned(), line: shell_line(repeat) };
            (!repeat.is_empty()).then(command)
        }),
        shell,
    };
    (at, view)
}

/// The attempts of the run that is shown, with their logs and artifacts.
fn attempt_views(
    context: &Context<'_>,
    story: &CaseStory,
    failure: Option<&FailureView>,
) -> Vec<AttemptView> {
    let Some((run, case)) = &story.shown else { return Vec::new() };
    let evidence = address::evidence(&context.run(*run).head.id);
    let view = |(n, it)| {
        let logs = story.logs.get(n).cloned().unwrap_or_default();
        let view = attempt((n, it), case.attempts.len(), failure);
        AttemptView { logs, artifacts: artifacts(it, &evidence), ..view }
    };
    case.attempts.iter().enumerate().map(view).collect()
}

/// Whether known issues explain the failure in the run that the case is judged by.
fn verdict(context: &Context<'_>, run: usize, case: u32) -> Verdict {
    let knowledge = &context.report.knowledge;
    let by = context.explained_by(run, case);
    let matches = knowledge.verdict(run, case).map_or(&[][..], |it| &it.matches);
    let back = matches.iter().find(|it| it.bearing == Bearing::Resurrected);
    let (mark, sentence) = match (knowledge.is_known(run, case), back) {
        (true, _) => (Mark::Known, format!("Known: {by}.")),
        (false, Some(it)) => (
            Mark::Fail,
            format!("Unexplained: {} is said to be fixed in these versions.", it.issue),
        ),
        (false, None) if !by.is_empty() => {
            (Mark::Fail, format!("Unexplained: {by} explains only a part of it."))
        }
        (false, None) => {
            (Mark::Fail, "Unexplained: no known issue accounts for this failure.".to_owned())
        }
    };
    Verdict { mark, sentence, link: None }
}

/// The family of what the case failed with in a run.
fn family(context: &Context<'_>, run: usize, case: u32) -> Option<Link> {
    let failing = context.run(run).failures_of(case).first()?;
    let place = context.report.families.of(*failing);
    let family = &context.report.families.all[place];
    let others = match family.cases.len() {
        1 => "in no other scenario".to_owned(),
        n => format!("in {}", format::counted(n as u64, "scenario")),
    };
    let text = format!("This failure was seen in {}, {others}", super::family::count(&family.rate));
    Some(Link { text, href: super::family::href(context.report, place) })
}

/// What it came to on one combination.
struct OnVersions {
    /// The newest run there, and its result.
    newest: (usize, Outline),
    passed: usize,
    results: usize,
}

/// What it came to on the newest versions, and on which others it came to something else.
fn answer(
    context: &Context<'_>,
    fact: &CaseFact,
    results: &[(u32, Outline)],
    on_versions: &[OnVersions],
) -> String {
    let judged_by = &context.report.runs[fact.run];
    let rank = |run: usize| context.report.runs[run].rank;
    let there = on_versions.iter().find(|it| rank(it.newest.0) == judged_by.rank);
    let on = versions(&judged_by.combination);
    let on = if on.is_empty() { String::new() } else { format!(" on {on}") };
    let word = match fact.outcome {
        Outcome::Passed if there.is_some_and(|it| it.newest.1.flaky) => {
            "passed only after failing".to_owned()
        }
        Outcome::Passed if fact.flaky => "is flaky: it passed".to_owned(),
        Outcome::Passed | Outcome::Failed => fact.outcome.word().to_owned(),
        outcome => format!("was {outcome}"),
    };
    let date = format::date(context.run(fact.run).head.started);
    let newest_there =
        results.iter().rev().filter(|(run, _)| rank(*run as usize) == judged_by.rank);
    let failing: Vec<usize> = newest_there
        .take_while(|(_, it)| it.outcome.is_failing())
        .map(|it| it.0 as usize)
        .collect();
    let of = there.map_or(0, |it| it.results);
    let since = since(context, &failing, of, on_versions.len() == 1);
    let elsewhere = on_versions.iter().filter(|it| rank(it.newest.0) != judged_by.rank);
    format!("It {word}{on} on {date}.{since}{}", others(context, fact, elsewhere))
}

/// On which other versions it fails where it does not fail on the newest, or passes where it does.
fn others<'a>(
    context: &Context<'_>,
    fact: &CaseFact,
    elsewhere: impl Iterator<Item = &'a OnVersions>,
) -> String {
    let differs = |outcome: Outcome| match fact.outcome.is_failing() {
        true => outcome == Outcome::Passed,
        false => outcome.is_failing(),
    };
    let names: Vec<String> = elsewhere
        .filter(|it| differs(it.newest.1.outcome))
        .map(|it| versions(&context.report.runs[it.newest.0].combination))
        .filter(|it| !it.is_empty())
        .collect();
    match (names.is_empty(), fact.outcome.is_failing()) {
        (true, _) => String::new(),
        (false, true) => format!(" It passes on {}.", few(&names)),
        (false, false) => format!(" It fails on {}.", few(&names)),
    }
}

/// Since when it has been failing in the newest of so many runs, newest first; `everywhere` says that
/// there are no other versions.
fn since(context: &Context<'_>, failing: &[usize], of: usize, everywhere: bool) -> String {
    let Some(first) = failing.last().filter(|_| of > 1) else { return String::new() };
    let there = if everywhere { "" } else { " there" };
    let date = format::date(context.run(*first).head.started);
    let runs = format::counted(failing.len() as u64, "run");
    match of - failing.len() {
        0 => format!(" It never passed{there} in {runs}."),
        _ => format!(" It has failed{there} since {date}, {runs} in a row."),
    }
}

fn history(context: &Context<'_>, results: &[(u32, Outline)]) -> String {
    let failed = results.iter().filter(|(_, it)| it.outcome.is_failing()).count();
    let flaky = results.iter().filter(|(_, it)| it.flaky && !it.outcome.is_failing()).count();
    let runs = format::counted(results.len() as u64, "run");
    let mut text = match failed {
        0 => format!("Never failed in the end in {runs}"),
        n => format!("Failed in {} of {runs}", format::number(n as u64)),
    };
    if flaky > 0 {
        text += &format!(", passed only after failing in {}", format::number(flaky as u64));
    }
    if let Some((run, _)) = results.iter().find(|(_, it)| it.outcome.is_failing()) {
        let idx = *run as usize;
        let on = versions(&context.report.runs[idx].combination);
        text += &format!("; first failure on {}", format::date(context.run(idx).head.started));
        if !on.is_empty() {
            text += &format!(" with {on}");
        }
    }
    text + "."
}

fn last_results(context: &Context<'_>, results: &[(u32, Outline)]) -> Vec<(Mark, String, String)> {
    results[results.len().saturating_sub(60)..]
        .iter()
        .map(|(run, result)| {
            let idx = *run as usize;
            let mark = context.result_mark(idx, result);
            let on = versions(&context.report.runs[idx].combination);
            let date = format::date(context.run(idx).head.started);
            (mark, context.run_href(idx), format!("{date}, {on}: {}", mark.word()))
        })
        .collect()
}

/// What the case came to on each combination, the newest versions first.
fn by_combination(context: &Context<'_>, results: &[(u32, Outline)]) -> Vec<OnVersions> {
    let mut by: Vec<Option<OnVersions>> = Vec::new();
    by.resize_with(context.report.combinations.len(), || None);
    for (run, newest) in results {
        let place = &mut by[context.report.runs[*run as usize].rank];
        let newest = (*run as usize, *newest);
        let it = place.get_or_insert(OnVersions { newest, passed: 0, results: 0 });
        it.newest = newest;
        it.passed += usize::from(newest.1.outcome == Outcome::Passed);
        it.results += 1;
    }
    by.into_iter().flatten().collect()
}

fn elsewhere(context: &Context<'_>, it: &OnVersions) -> Elsewhere {
    let (run, newest) = it.newest;
    let fact = &context.report.runs[run];
    Elsewhere {
        versions: Link {
            text: fact.combination.to_string(),
            href: address::cell(&fact.combination.id()),
        },
        mark: context
            .judged(run, (newest.case, newest.outcome, newest.flaky || fact.is_flaky(newest.case))),
        run: context.run_link(run),
        passed: format!("{} of {}", it.passed, it.results),
        duration: took(newest.millis).1,
    }
}

fn facts(context: &Context<'_>, case: u32, results: &[(u32, Outline)]) -> Vec<Fact> {
    let known = &context.past.cases[case as usize];
    let mut facts = vec![Fact::new("Suite", known.suite.to_string())];
    facts.extend(
        known
            .path
            .iter()
            .filter(|_| known.feature.is_some())
            .map(|it| Fact::new("File", it.to_string())),
    );
    facts.extend(documented(context, case).map(|it| Fact::linked("Feature", it)));
    facts.extend(known.rule.iter().map(|it| Fact::new("Rule", it.to_string())));
    if let (Some(first), Some(last)) = (results.first(), results.last()) {
        facts.push(Fact::linked("First seen", context.run_link(first.0 as usize)));
        facts.push(Fact::linked("Last seen", context.run_link(last.0 as usize)));
    }
    if let Some(flaky) = context.report.flaky.iter().find(|it| it.case == case) {
        let (low, high) = (flaky.rate.low * 100.0, flaky.rate.high * 100.0);
        facts.push(Fact::new(
            "Flaky",
            format!(
                "failed in {} of {} on code where it also passed (95 % interval {low:.0}–{high:.0} %)",
                flaky.rate.k,
                format::counted(flaky.rate.n.into(), "run"),
            ),
        ));
    }
    facts.push(Fact::new("Id", known.id.to_string()));
    facts
}

fn failure_view(failure: &crate::model::Failure) -> FailureView {
    FailureView {
        type_name: failure.type_name.as_deref().unwrap_or_default().to_owned(),
        message: failure.message.to_string(),
        text: failure.text.to_string(),
    }
}

fn attempt((n, attempt): (usize, &Attempt), of: usize, above: Option<&FailureView>) -> AttemptView {
    let detail = attempt.detail.as_deref();
    let failures = detail.map_or(&[][..], |it| &it.failures).iter().map(failure_view);
    let text = |it: Option<&Box<str>>| it.map(ToString::to_string).unwrap_or_default();
    AttemptView {
        title: format!("Attempt {} of {of}", n + 1),
        mark: attempt.outcome.into(),
        started: attempt.started.map(format::clock).unwrap_or_default(),
        duration: attempt.duration.map(format::duration).unwrap_or_default(),
        reason: text(detail.and_then(|it| it.reason.as_ref())),
        failures: failures.filter(|it| Some(it) != above).collect(),
        steps: detail.map_or(&[][..], |it| &it.steps).iter().map(step).collect(),
        artifacts: Vec::new(),
        output: text(detail.and_then(|it| it.output.as_ref())),
        logs: Vec::new(),
    }
}

fn step(step: &Step) -> StepView {
    StepView {
        mark: step.outcome.into(),
        text: step.text.to_string(),
        duration: step.duration.map(format::duration).unwrap_or_default(),
        hook: step.hook,
    }
}

fn artifacts(attempt: &Attempt, evidence: &str) -> Vec<ArtifactView> {
    let all = attempt.detail.as_deref().map_or(&[][..], |it| &it.artifacts);
    all.iter().filter_map(|it| artifact(it, evidence)).collect()
}

fn artifact(it: &Artifact, evidence: &str) -> Option<ArtifactView> {
    let (kind, href, outside) = match it.kind {
        ArtifactKind::Link => {
            ("link", String::new(), Some(OutsideLink::new(it.name.to_string(), &it.place)?))
        }
        ArtifactKind::Image => ("image", format!("{evidence}/{}", it.place), None),
        ArtifactKind::Video => ("video", format!("{evidence}/{}", it.place), None),
        ArtifactKind::Audio => ("audio", format!("{evidence}/{}", it.place), None),
        ArtifactKind::Text => ("text", format!("{evidence}/{}", it.place), None),
        ArtifactKind::File => ("file", format!("{evidence}/{}", it.place), None),
    };
    Some(ArtifactView {
        kind: kind.to_owned(),
        name: it.name.to_string(),
        size: if it.bytes == 0 { String::new() } else { format::bytes(it.bytes) },
        href,
        outside,
    })
}
