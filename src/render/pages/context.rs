//! What all pages are made from, and the words that several of them share.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use rayon::prelude::*;

use crate::{
    history::{Known, Outline, Past, PastRun},
    model::{Case, CaseId, Combination, Component, Run, Version},
    render::{
        address,
        chart::{StripMark, strip},
        escape::Html,
        format,
        mark::Mark,
        row::RunRow,
        view::{Change, Changes, Link, Pager, Section, Shell},
    },
    report::{Alikes, Breakage, Report, State, Transitions, breakages},
};

/// The facts, and what the site is called.
pub(in crate::render) struct Context<'a> {
    /// Every run and case.
    pub(in crate::render) past: &'a Past,
    /// What there is to say of them.
    pub(in crate::render) report: &'a Report,
    /// What the site calls itself.
    pub(in crate::render) title: &'a str,
    /// Where it is read on the web.
    pub(in crate::render) url: Option<&'a str>,
    /// For each case with a page, its results by run, oldest first.
    pub(in crate::render) stories: Vec<Vec<(u32, Outline)>>,
    /// The versions of each component that took part in any run.
    pub(in crate::render) versions: HashMap<&'a Component, HashSet<&'a Version>>,
    /// Where each case broke along a component, what still is broken first.
    breakages: Vec<Vec<Breakage>>,
}

/// How many marks a history strip shows at most.
const STRIP: usize = 60;

/// How many items a list of changes shows at most.
const LISTED: usize = 20;

/// The results of `cases`, which follow each other, by run; none of those that have no page.
fn stories(past: &Past, report: &Report, cases: &[u32]) -> Vec<Vec<(u32, Outline)>> {
    let (Some(&first), Some(&last)) = (cases.first(), cases.last()) else { return Vec::new() };
    let results = |run: &'_ PastRun| {
        let from = run.results.partition_point(|it| it.case < first);
        let to = run.results.partition_point(|it| it.case <= last);
        from..to
    };
    let mut sizes = vec![0; cases.len()];
    for run in &past.runs {
        run.results[results(run)].iter().for_each(|it| sizes[(it.case - first) as usize] += 1);
    }
    let has_page = |case: u32| report.cases[case as usize].has_page;
    let size = |(case, n): (&u32, usize)| if has_page(*case) { n } else { 0 };
    let mut stories: Vec<Vec<_>> =
        cases.iter().zip(sizes).map(size).map(Vec::with_capacity).collect();
    for (idx, run) in (0..).zip(&past.runs) {
        for result in run.results[results(run)].iter().filter(|it| has_page(it.case)) {
            stories[(result.case - first) as usize].push((idx, *result));
        }
    }
    stories
}

impl<'a> Context<'a> {
    pub(in crate::render) fn new(
        past: &'a Past,
        report: &'a Report,
        title: &'a str,
        url: Option<&'a str>,
    ) -> Self {
        let cases: Vec<u32> = (0..u32::try_from(past.cases.len())
            .expect("fewer cases than fit the memory"))
            .collect();
        // A part for each thread: each looks for its cases in every run.
        let parts = cases.par_chunks(cases.len().div_ceil(rayon::current_num_threads()).max(1));
        let stories: Vec<_> = parts.flat_map_iter(|part| stories(past, report, part)).collect();
        let alikes = Alikes::new(past);
        let broke = |(case, story): (&u32, &Vec<(u32, Outline)>)| {
            let is_flaky = |run: usize| report.runs[run].is_flaky(*case);
            breakages(past, &alikes, (past.cases[*case as usize].id, story), &is_flaky)
        };
        let breakages = cases.par_iter().zip(&stories).map(broke).collect();
        let mut versions: HashMap<&Component, HashSet<&Version>> = HashMap::new();
        for (component, version) in past.runs.iter().flat_map(|it| &it.head.versions) {
            versions.entry(component).or_default().insert(version);
        }
        Self { past, report, title, url, stories, versions, breakages }
    }

    /// Where a case broke along a component, what still is broken first.
    pub(in crate::render) fn breakages(&self, case: u32) -> &[Breakage] {
        &self.breakages[case as usize]
    }

    /// The shell of the page at `path`.
    pub(super) fn shell(&self, path: &str, section: Section, title: impl Into<String>) -> Shell {
        let address = path.strip_suffix("index.html").unwrap_or(path);
        Shell {
            root: address::root(path),
            site: self.title.to_owned(),
            section,
            title: title.into(),
            mark: None,
            answer: String::new(),
            crumbs: Vec::new(),
            canonical: self.url.map(|url| format!("{url}/{address}")),
            // Only what speaks of now says when that is, so that other pages stay as they are.
            as_of: (self
                .report
                .as_of
                .filter(|_| section == Section::Overview || path.starts_with("matrix/")))
            .map(format::minute)
            .unwrap_or_default(),
        }
    }

    pub(super) fn run(&self, idx: usize) -> &'a PastRun {
        &self.past.runs[idx]
    }

    /// For each case of a run, given in full, what the past says came of it.
    ///
    /// The record and the past list the same cases, but not in the same order.
    pub(in crate::render) fn results(&self, idx: usize, run: &Run) -> Vec<Option<Outline>> {
        let results = &self.run(idx).results;
        let by_id: HashMap<CaseId, Outline> =
            results.iter().map(|it| (self.past.cases[it.case as usize].id, *it)).collect();
        let find = |case: &Case| {
            let id = case.id(&run.head.suite);
            let former = || Some(self.past.cases[self.past.former(id)? as usize].id);
            by_id.get(&id).or_else(|| by_id.get(&former()?)).copied()
        };
        run.cases.par_iter().map(find).collect()
    }

    /// The page of a run, or the list of runs where it has none any more.
    pub(super) fn run_href(&self, idx: usize) -> String {
        if self.report.runs[idx].has_page {
            address::run(&self.run(idx).head.id)
        } else {
            address::runs(None)
        }
    }

    pub(super) fn run_link(&self, idx: usize) -> Link {
        Link { text: format::minute(self.run(idx).head.started), href: self.run_href(idx) }
    }

    /// Where a case is shown: its page, or its row in the list of its suite.
    pub(super) fn case_link(&self, case: u32) -> Link {
        let known = &self.past.cases[case as usize];
        Link { text: name(known).into_owned(), href: self.case_href(case) }
    }

    pub(in crate::render) fn case_href(&self, case: u32) -> String {
        let known = &self.past.cases[case as usize];
        if self.report.cases[case as usize].has_page {
            return address::case(known);
        }
        let first = self.past.cases.partition_point(|it| it.suite < known.suite);
        let page = (case as usize - first) / super::cases::PAGE + 1;
        format!("{}#{}", address::suite_cases(&known.suite, page), known.id)
    }

    pub(super) fn run_title(&self, idx: usize) -> String {
        let run = self.run(idx);
        let versions = &self.report.runs[idx].combination;
        format!(
            "{}, {}, {versions}: {}",
            run.head.suite,
            format::date(run.head.started),
            self.run_counts(idx)
        )
    }

    pub(super) fn run_strip(&self, root: &str, runs: &[usize]) -> Html {
        let newest = &runs[runs.len().saturating_sub(STRIP)..];
        let said: Vec<(Mark, String, String)> = newest
            .iter()
            .map(|idx| (self.run_mark(*idx), self.run_href(*idx), self.run_title(*idx)))
            .collect();
        strip(root, &marks(&said))
    }

    /// The rows of a list of runs, in the order given.
    pub(super) fn run_rows(&self, root: &str, runs: impl Iterator<Item = usize>) -> Html {
        let said: Vec<RunWords> = runs.map(|idx| RunWords::new(self, idx)).collect();
        let rows: Vec<RunRow<'_>> = said.iter().map(RunWords::row).collect();
        super::super::row::runs(root, &rows)
    }

    /// What changed in the run at `idx`; `None` where there is nothing to compare it with.
    pub(super) fn changes(&self, idx: usize) -> Option<Changes> {
        let fact = &self.report.runs[idx];
        let base = fact.comparison.base?;
        let mut changes = self.changes_of(&fact.transitions, Some(idx));
        let elsewhere =
            if fact.comparison.on_default_branch { " of the default branch" } else { "" };
        let sentence = self::sentence(&fact.transitions);
        changes.sentence = format!("{sentence} since the run{elsewhere} before.");
        changes.against = Some(self.run_link(base));
        Some(changes)
    }

    /// The transitions of a run as lists that fit a page; of several where none is named.
    pub(super) fn changes_of(&self, it: &Transitions, run: Option<usize>) -> Changes {
        let mut left_out = Vec::new();
        let mut list = |cases: &[u32], mark: Mark, what: &str| -> Vec<Change> {
            if cases.len() > LISTED {
                left_out.push(format!("{} more {what}", cases.len() - LISTED));
            }
            let change = |case: &u32| {
                let known = &self.past.cases[*case as usize];
                let broke =
                    if mark == Mark::Fail { super::breakage::note(self, *case) } else { None };
                let note = match broke {
                    None => path(known).into_owned(),
                    Some(it) => format!("{}; {it}", path(known)),
                };
                let run = run.unwrap_or(self.report.cases[*case as usize].run);
                let is_known = mark == Mark::Fail && self.report.knowledge.is_known(run, *case);
                let mark = if is_known { Mark::Known } else { mark };
                Change { mark, case: self.case_link(*case), note }
            };
            cases.iter().take(LISTED).map(change).collect()
        };
        let mut changes = Changes {
            new: list(&it.new, Mark::Fail, "new"),
            regressed: list(&it.regressed, Mark::Fail, "regressed"),
            fixed: list(&it.fixed, Mark::Pass, "fixed"),
            flaky: list(&it.flaky, Mark::Flaky, "flaky"),
            lost: list(&it.lost, Mark::Untested, "gone"),
            ..Changes::default()
        };
        changes.rest = left_out.join(", ");
        changes
    }
}

/// The words of one row in a list of runs.
struct RunWords {
    mark: Mark,
    href: String,
    started: String,
    suite: String,
    versions: String,
    branch: String,
    counts: String,
    millis: Option<u64>,
    duration: String,
}

impl RunWords {
    fn new(context: &Context<'_>, idx: usize) -> Self {
        let run = context.run(idx);
        let took = run.head.duration();
        Self {
            mark: context.run_mark(idx),
            href: context.run_href(idx),
            started: format::minute(run.head.started),
            suite: run.head.suite.clone(),
            versions: versions(&context.report.runs[idx].combination),
            branch: run.head.branch.clone().unwrap_or_default(),
            counts: context.run_counts(idx),
            millis: took.and_then(|it| u64::try_from(it.as_millis()).ok()),
            duration: took.map(format::duration).unwrap_or_default(),
        }
    }

    fn row(&self) -> RunRow<'_> {
        RunRow {
            mark: self.mark,
            href: &self.href,
            started: &self.started,
            suite: &self.suite,
            versions: &self.versions,
            branch: &self.branch,
            counts: &self.counts,
            millis: self.millis,
            duration: &self.duration,
        }
    }
}

pub(super) fn marks(said: &[(Mark, String, String)]) -> Vec<StripMark<'_>> {
    said.iter().map(|(mark, href, title)| StripMark { mark: *mark, href, title }).collect()
}

pub(super) fn state_mark(state: State) -> Mark {
    match state {
        State::Untested => Mark::Untested,
        State::Passed => Mark::Pass,
        State::Unsupported => Mark::Unsupported,
        State::Flaky => Mark::Flaky,
        State::Degraded => Mark::Degraded,
        State::Known => Mark::Known,
        State::Failed => Mark::Fail,
    }
}

/// The name of a case with its rule and example.
pub(super) fn name(known: &Known) -> Cow<'_, str> {
    full_name(known.rule.as_deref(), &known.name, known.example.iter().map(AsRef::as_ref))
}

/// A name with its rule before it and its example behind it.
pub(super) fn full_name<'a>(
    rule: Option<&str>,
    name: &'a str,
    example: impl Iterator<Item = &'a str>,
) -> Cow<'a, str> {
    let name = if name.is_empty() { "(without a name)" } else { name };
    let values: Vec<&str> = example.collect();
    match (rule, values.is_empty()) {
        (None, true) => name.into(),
        (Some(rule), true) => format!("{rule}: {name}").into(),
        (None, false) => format!("{name} [{}]", values.join(", ")).into(),
        (Some(rule), false) => format!("{rule}: {name} [{}]", values.join(", ")).into(),
    }
}

/// Where a case stands, joined.
pub(super) fn path(known: &Known) -> Cow<'_, str> {
    joined(&known.path, known.feature.as_deref())
}

/// A path joined; the name of a feature stands for its file.
pub(super) fn joined<'a>(path: &'a [Arc<str>], feature: Option<&'a str>) -> Cow<'a, str> {
    match (feature, path) {
        (Some(feature), _) => feature.into(),
        (None, [only]) => (&**only).into(),
        (None, path) => path.join(" › ").into(),
    }
}

/// The versions of a combination, or nothing where there are none.
pub(super) fn versions(combination: &Combination) -> String {
    if combination.is_empty() { String::new() } else { combination.to_string() }
}

/// `Outline::millis` as people read it.
pub(super) fn took(millis: u32) -> (Option<u64>, String) {
    if millis == u32::MAX {
        return (None, String::new());
    }
    let millis = u64::from(millis);
    (Some(millis), format::duration(Duration::from_millis(millis)))
}

/// Transitions in one sentence without its end: `3 failures are new, 1 was fixed`.
pub(super) fn sentence(it: &Transitions) -> String {
    let mut parts = Vec::new();
    let mut say = |n: usize, one: &str, many: &str| {
        if n > 0 {
            parts.push(format!("{} {}", format::number(n as u64), if n == 1 { one } else { many }));
        }
    };
    say(it.regressed.len(), "scenario regressed", "scenarios regressed");
    say(it.new.len(), "failure is of a new scenario", "failures are of new scenarios");
    say(it.fixed.len(), "was fixed", "were fixed");
    say(it.flaky.len(), "is flaky", "are flaky");
    say(it.still_failing.len(), "still fails", "still fail");
    say(it.lost.len(), "is gone", "are gone");
    say(it.added.len(), "was added", "were added");
    if parts.is_empty() { "Nothing changed".to_owned() } else { parts.join(", ") }
}

/// Which part of a list a page shows.
pub(super) fn part(first: usize, n: usize, all: usize) -> Pager {
    let part = if n == 0 {
        String::new()
    } else {
        let number = |it: usize| format::number(it as u64);
        format!("{}–{} of {}", number(first + 1), number(first + n), number(all))
    };
    Pager { part, previous: None, next: None }
}

/// A command for a POSIX shell; arguments are quoted where they have to be.
pub(super) fn shell_line(arguments: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    let quoted = arguments.iter().map(|it| {
        if !it.is_empty() && it.chars().all(plain) {
            it.clone()
        } else {
            format!("'{}'", it.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
