//! `/`: is it good, and what is new?

use lkreport_contract::mask::words;

use super::{
    cell::step_before,
    context::{Context, versions},
    coverage::coverage,
    family,
    matrix::{matrix, no_versions, title},
    runs::no_runs,
    trends::suite_figures,
};
use crate::{
    model::Outcome,
    render::{
        address, format,
        mark::Mark,
        view::{
            Changes, Command, Empty, FailureGroup, Figure, Link, Masked, OverviewPage, Section,
            SuiteNow,
        },
    },
    report::{Family, SuiteFact, Transitions},
};

/// How many suites are told of what their newest versions changed.
const STEPS: usize = 4;

/// How many failure families are named, and how many scenarios of each.
const FAMILIES: usize = 6;
const FEW: usize = 5;

/// How many combinations that were tested long ago are named.
const AGED: usize = 8;

/// The overview; always the newest.
pub(in crate::render) fn overview(
    context: &Context<'_>,
    problems: usize,
) -> (String, OverviewPage) {
    let path = "index.html".to_owned();
    let mut shell = context.shell(&path, Section::Overview, context.title);
    let suites = &context.report.suites;
    shell.mark = suites.iter().map(|suite| mark(context, suite)).max();
    shell.answer = verdict(context);
    let newest: Vec<&SuiteFact> = by_newest(suites);
    let aged: Vec<Link> = (context.report.combinations.iter())
        .filter_map(|id| context.report.cells.get_key_value(id))
        .filter(|(_, cell)| cell.aged)
        .map(|(id, cell)| Link { text: cell.versions.to_string(), href: address::cell(id) })
        .collect();
    let of_suites = newest.iter().take(2);
    let trends: Vec<Figure> =
        of_suites.flat_map(|suite| suite_figures(context, suite, "")).collect();
    let view = OverviewPage {
        suites: newest.iter().map(|suite| suite_now(context, suite)).collect(),
        changes: changes(context),
        steps: newest.iter().filter_map(|suite| step(context, suite)).take(STEPS).collect(),
        matrices: (context.report.tabs.iter().take(4)).map(|tab| small(context, tab)).collect(),
        no_matrix: context.report.tabs.is_empty().then(no_versions),
        no_trend: match context.past.runs.len() {
            0 => Some(no_runs()),
            _ => trends.is_empty().then(no_trend),
        },
        trends,
        families: families(context),
        coverage: coverage(context, FEW),
        aged_rest: match aged.len().saturating_sub(AGED) {
            0 => String::new(),
            n => format!("{} more", format::number(n as u64)),
        },
        aged: aged.into_iter().take(AGED).collect(),
        problems: match problems {
            0 => String::new(),
            n => format!(
                "{} in the files could not be read whole.",
                format::counted(n as u64, "place")
            ),
        },
        masked: masked(context.report.masked.iter()),
        shell,
    };
    (path, view)
}

/// The failures that the newest runs have, those of most runs first.
fn families(context: &Context<'_>) -> Vec<FailureGroup> {
    let all = context.report.families.all.iter().enumerate();
    let now = all.map(|(place, it)| (place, it, family::mark(context, place)));
    let now = now.filter(|it| it.2 != Mark::Aged).take(FAMILIES);
    let group = |(place, it, mark): (usize, &Family, Mark)| FailureGroup {
        mark,
        title: family::title(it),
        type_name: it.type_name.clone(),
        href: Some(family::href(context.report, place)),
        count: family::count(&it.rate),
        message: String::new(),
        note: match family::explained_by(context, place).as_slice() {
            [] => String::new(),
            by => {
                format!("Known: {}", few(&by.iter().map(|it| it.text.clone()).collect::<Vec<_>>()))
            }
        },
        cases: it.cases.keys().take(FEW).map(|case| context.case_link(*case)).collect(),
        rest: match it.cases.len().saturating_sub(FEW) {
            0 => String::new(),
            n => format!("and {} more", format::number(n as u64)),
        },
    };
    now.map(group).collect()
}

/// What will stand here after the second run.
fn no_trend() -> Empty {
    Empty {
        text: "After the second run of a suite, the report says here what is new, fixed, regressed and flaky since the run before, and draws pass rate and duration run by run.".to_owned(),
        command: Some(Command {
            purpose: "Add the next run to the same history".to_owned(),
            line: "lkreport build --results target/".to_owned(),
        }),
    }
}

fn small(context: &Context<'_>, tab: &crate::report::Tab) -> crate::render::view::Matrix {
    let mut small = matrix(context, tab, None);
    small.title = title(tab);
    small
}

pub(super) fn masked<'a>(kinds: impl Iterator<Item = (&'a String, &'a u64)>) -> Vec<Masked> {
    kinds.map(|(kind, n)| Masked { kind: words(kind, *n), n: format::number(*n) }).collect()
}

fn by_newest(suites: &[SuiteFact]) -> Vec<&SuiteFact> {
    let mut newest: Vec<&SuiteFact> = suites.iter().collect();
    newest.sort_by_key(|suite| std::cmp::Reverse(suite.newest));
    newest
}

/// What the newest versions came to; leaving out what fails repairs nothing.
fn mark(context: &Context<'_>, suite: &SuiteFact) -> Mark {
    if suite.left_out > 0 { Mark::Fail } else { context.run_mark(suite.leading) }
}

/// What the newest versions came to in each suite, and then how the others did.
fn verdict(context: &Context<'_>) -> String {
    let suites = &context.report.suites;
    let [only] = suites.as_slice() else {
        if suites.is_empty() {
            return "Nothing has been reported yet.".to_owned();
        }
        let is_bad = |suite: &&SuiteFact| mark(context, suite) == Mark::Fail;
        let bad: Vec<&SuiteFact> = suites.iter().filter(is_bad).collect();
        let all = format::counted(suites.len() as u64, "suite");
        return match bad.as_slice() {
            [] => format!(
                "All {all} pass on the newest versions{}.{}",
                but_for(known(context, suites.iter().map(|it| it.leading))),
                others(context, suites)
            ),
            [one] => format!("1 of {all} fails: {}.", of_leading(context, one, true)),
            _ => format!(
                "{} of {all} fail on their newest versions: {}.",
                format::number(bad.len() as u64),
                few(&bad.iter().map(|it| short(context, it)).collect::<Vec<_>>())
            ),
        };
    };
    format!("{}.{}", of_leading(context, only, false), others(context, suites))
}

/// How many failures of some runs are known.
fn known(context: &Context<'_>, runs: impl Iterator<Item = usize>) -> u32 {
    runs.map(|it| context.known_in(it).failing()).sum()
}

fn but_for(known: u32) -> String {
    match known {
        0 => String::new(),
        n => format!(
            " but for {} that {} known",
            format::counted(n.into(), "failure"),
            if n == 1 { "is" } else { "are" }
        ),
    }
}

/// `media passes 26 of 30`
fn short(context: &Context<'_>, suite: &SuiteFact) -> String {
    let counts = &context.run(suite.leading).counts;
    let number = |it: u32| format::number(it.into());
    let (passed, all) = (number(counts.of(Outcome::Passed)), number(counts.total()));
    format!("{} passes {passed} of {all}", suite.name)
}

/// Names joined, and how many more there are.
pub(super) fn few(names: &[String]) -> String {
    let (said, left) = names.split_at(names.len().min(3));
    let rest = if left.is_empty() { String::new() } else { format!(" and {} more", left.len()) };
    said.join(", ") + rest.as_str()
}

/// How the versions did that are not the newest.
fn others(context: &Context<'_>, suites: &[SuiteFact]) -> String {
    let older = suites.iter().flat_map(|suite| &suite.newest_by_combination[1..]);
    let (bad, good): (Vec<usize>, Vec<usize>) =
        older.partition(|idx| context.run_mark(**idx) == Mark::Fail);
    let name = |idx: &usize| versions(&context.report.runs[*idx].combination);
    let mut text = String::new();
    if !bad.is_empty() {
        let mut names: Vec<String> = bad.iter().map(name).collect();
        names.dedup();
        text += &format!(" Older versions that fail: {}.", few(&names));
    }
    if !good.is_empty() && bad.is_empty() {
        text += &format!(
            " {} on older versions {}{}.",
            format::counted(good.len() as u64, "run"),
            if good.len() == 1 { "is good" } else { "are good" },
            but_for(known(context, good.iter().copied())),
        );
    }
    text
}

/// What the newest run on the newest versions of a suite came to, and what it left out.
fn of_leading(context: &Context<'_>, suite_fact: &SuiteFact, named: bool) -> String {
    let run = context.run(suite_fact.leading);
    let on = versions(&context.report.runs[suite_fact.leading].combination);
    let suite = &run.head.suite;
    let subject = match (named, on.is_empty()) {
        (false, false) => on,
        (true, false) => format!("{suite} on {on}"),
        (_, true) => suite.clone(),
    };
    let passed = u64::from(run.counts.of(Outcome::Passed));
    let all = u64::from(run.counts.total());
    let failing = u64::from(run.counts.failing());
    let scenarios = format::counted(all, "scenario");
    let mut text = match all {
        0 => format!("{subject} ran no scenario"),
        1 if passed == 1 => format!("{subject} passes its only scenario"),
        _ if passed == all => format!("{subject} passes all {scenarios}"),
        _ => format!("{subject} passes {} of {scenarios}", format::number(passed)),
    };
    let known = u64::from(context.known_in(suite_fact.leading).failing());
    match failing {
        n if known > 0 && known >= n => {
            text += &match n {
                1 => "; 1 fails and is known".to_owned(),
                n => format!("; {} fail and are all known", format::number(n)),
            };
        }
        n if known > 0 => {
            let (n, known, rest) =
                (format::number(n), format::number(known), format::number(n - known));
            text += &format!("; {n} fail: {known} known, {rest} not explained yet");
        }
        0 if run.head.failed_outside_cases => text += "; the run failed outside of them",
        0 => {}
        1 => text += "; 1 fails, not explained yet",
        n => text += &format!("; {} fail, not explained yet", format::number(n)),
    }
    match suite_fact.left_out {
        0 => {}
        1 => text += "; 1 that failed before was left out",
        n => text += &format!("; {} that failed before were left out", format::number(n.into())),
    }
    if run.flaky > 0 {
        text += &format!("; {} passed only after failing", format::number(run.flaky.into()));
    }
    text
}

/// What changed in the newest runs of all suites, taken together.
fn changes(context: &Context<'_>) -> Option<Changes> {
    let compared: Vec<usize> = (context.report.suites.iter())
        .flat_map(|suite| suite.newest_by_combination.iter().copied())
        .filter(|idx| context.report.runs[*idx].comparison.base.is_some())
        .collect();
    if let [only] = compared.as_slice() {
        return context.changes(*only);
    }
    let mut all = Transitions::default();
    for idx in &compared {
        let it = &context.report.runs[*idx].transitions;
        all.new.extend(&it.new);
        all.regressed.extend(&it.regressed);
        all.fixed.extend(&it.fixed);
        all.flaky.extend(&it.flaky);
        all.lost.extend(&it.lost);
        all.added.extend(&it.added);
        all.still_failing.extend(&it.still_failing);
    }
    let mut changes = context.changes_of(&all, None);
    changes.sentence = format!(
        "{} in the {} that can be compared with earlier ones.",
        super::context::sentence(&all),
        format::counted(compared.len() as u64, "newest run"),
    );
    (!compared.is_empty()).then_some(changes)
}

/// What the newest versions changed in a suite against those before, while none of them ran twice.
fn step(context: &Context<'_>, suite: &SuiteFact) -> Option<Changes> {
    let is_compared = |idx: &usize| context.report.runs[*idx].comparison.base.is_some();
    if suite.newest_by_combination.iter().any(is_compared) {
        return None;
    }
    let combination = &context.report.runs[suite.leading].combination;
    let cell = context.report.cells.get(&combination.id())?;
    let before = step_before(context, cell, &suite.name)?;
    let of = match context.report.suites.len() {
        1 => String::new(),
        _ => format!("{}, ", suite.name),
    };
    let sentence = format!("{of}{}: {}", before.step, before.changes.sentence);
    Some(Changes { sentence, against: Some(before.cell), ..before.changes })
}

fn suite_now(context: &Context<'_>, suite: &SuiteFact) -> SuiteNow {
    let run = context.run(suite.leading);
    SuiteNow {
        mark: context.run_mark(suite.leading),
        name: suite.name.clone(),
        href: context.run_href(suite.leading),
        counts: context.run_counts(suite.leading),
        versions: versions(&context.report.runs[suite.leading].combination),
        date: format::minute(run.head.started),
        age: age(context, suite.leading),
        duration: run.head.duration().map(format::duration).unwrap_or_default(),
        strip: context.run_strip("", &suite.runs),
    }
}

/// How many days before the newest run of all.
fn age(context: &Context<'_>, idx: usize) -> String {
    let Some(as_of) = context.report.as_of else { return String::new() };
    let days = (as_of.as_second() - context.run(idx).head.started.as_second()) / 86_400;
    match u64::try_from(days) {
        Ok(days) if days > 0 => format!("{} before the newest", format::counted(days, "day")),
        _ => String::new(),
    }
}
