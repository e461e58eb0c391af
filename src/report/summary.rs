//! The report itself: everything that more than one page, badge or answer says.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use super::{
    Cell, Comparison, Families, Features, Flaky, Knowledge, KnownCount, Releases, ShiftRules,
    Shifts, State, Tab, Transitions,
    cell::{cell, count_flaky, newest_results},
    compare::{comparisons, transitions},
    family::families,
    flaky::flaky,
    matrix::tabs,
    shift::shifts,
};
use crate::{
    history::Past,
    model::{Combination, Component, Counts, Outcome, Problem, Version},
};

/// What the report is to go by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The components that split cells, the server first; a name that ends in `*` is a family.
    pub components: Vec<String>,
    /// After how many days without a run a cell is aged, counted back from the newest run.
    pub aged_days: u32,
    /// The branch that others are compared with when they have no run of their own.
    pub default_branch: String,
    /// How many of the newest runs keep a page.
    pub run_pages: usize,
    /// How failures that are known count.
    pub known_count_as: KnownCount,
    /// What has to differ for a metric of a case to have changed.
    pub shifts: ShiftRules,
    /// A known issue that explains failures of so many families is too broad.
    pub broad_families: usize,
}

/// The facts. Indices point into the [`Past`] that it was made from.
#[derive(Debug, Clone)]
pub struct Report {
    /// The start of the newest run; everything is said as of then.
    pub as_of: Option<Timestamp>,
    /// One fact for each run of the past.
    pub runs: Vec<RunFact>,
    /// One fact for each case of the past.
    pub cases: Vec<CaseFact>,
    /// The suites by name.
    pub suites: Vec<SuiteFact>,
    /// The tabs of the matrix.
    pub tabs: Vec<Tab>,
    /// Every cell that has a run, by its id: full combinations and those of the tabs.
    pub cells: BTreeMap<String, Cell>,
    /// The ids of the full combinations in `cells`, newest versions first.
    pub combinations: Vec<String>,
    /// The newest combination without an unexplained failure and without an untested suite.
    pub recommended: Option<String>,
    /// The flaky cases, the most often failing first.
    pub flaky: Vec<Flaky>,
    /// The failure families.
    pub families: Families,
    /// What became slower, heavier or less often passed, or better, and since when.
    pub shifts: Shifts,
    /// How many secrets of each kind were masked in the kept runs.
    pub masked: BTreeMap<String, u64>,
    /// What stands beside results: feature files; nothing until somebody puts it there.
    pub features: Features,
    /// What makers say of their versions; nothing until somebody puts it there.
    pub releases: Releases,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
    /// What known issues say of the failures; nothing before [`Report::explain`].
    pub knowledge: Knowledge,
}

/// What the report says of a run.
#[derive(Debug, Clone)]
pub struct RunFact {
    /// The versions that split cells.
    pub combination: Combination,
    /// Their place in `Report::combinations`, which compares faster than they do.
    pub rank: usize,
    /// What it is compared with.
    pub comparison: Comparison,
    /// What became of its cases since then.
    pub transitions: Transitions,
    /// The cases that both passed and failed on its versions and commit, in this run or another, as
    /// indices into `Past::cases` in their order.
    pub flaky: Arc<[u32]>,
    /// Whether it has a page.
    pub has_page: bool,
}

impl RunFact {
    /// Whether a case both passed and failed on the versions and commit of the run.
    #[must_use]
    pub fn is_flaky(&self, case: u32) -> bool {
        self.flaky.binary_search(&case).is_ok()
    }
}

/// What the report says of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseFact {
    /// Whether it was ever anything but passed or skipped, or a metric of it shifted, and so has a page.
    pub has_page: bool,
    /// The run that it is judged by: the newest that lists it, on the newest versions that are not
    /// aged; an index into `Past::runs`.
    pub run: usize,
    /// Its outcome there.
    pub outcome: Outcome,
    /// Whether it both passed and failed on the versions and commit of that run.
    pub flaky: bool,
}

/// What the report says of a suite.
#[derive(Debug, Clone)]
pub struct SuiteFact {
    /// Its name.
    pub name: String,
    /// Its runs, oldest first.
    pub runs: Vec<usize>,
    /// Its newest run.
    pub newest: usize,
    /// The newest run on its newest versions that are not aged: what people ask about first.
    pub leading: usize,
    /// The newest run of each of its combinations that are not aged, the newest versions first.
    pub newest_by_combination: Vec<usize>,
    /// The newest outcome of each case on each of these combinations, counted as in their cells.
    pub counts: Counts,
    /// Of these, the failures that are known.
    pub known: Counts,
    /// What these outcomes are shown as.
    pub state: State,
    /// How many cases failed on the newest versions when they were last tried, and were not tried in
    /// the newest run there.
    pub left_out: u32,
    /// Whether its newest run is older than the newest of all by more than the limit.
    pub aged: bool,
}

/// Makes the report of `past`.
#[must_use]
pub fn summarise(past: &Past, settings: &Settings) -> Report {
    let combinations = combinations(past, &settings.components);
    let (tabs, (flaky, flaky_on)) =
        rayon::join(|| tabs(past, &combinations, &settings.components), || flaky(past));
    let (cells, ((ranked, ranks), suites, mut cases)) = rayon::join(
        || cells(past, &combinations, &tabs, (settings, &flaky_on)),
        || {
            let ranks = rank(&combinations, &settings.components);
            let aged_before = aged_before(past, settings.aged_days);
            let suites = suites(past, (&combinations, &ranks), aged_before, &flaky_on);
            let cases = cases(past, &combinations, &suites, &flaky_on);
            (ranks, suites, cases)
        },
    );
    let rules = (&settings.shifts, settings.default_branch.as_str());
    let (shifts, families) =
        rayon::join(|| shifts(past, (&combinations, &ranks), rules), || families(past));
    shifts.all.iter().for_each(|it| cases[it.case as usize].has_page = true);
    let mut masked = BTreeMap::new();
    for (kind, n) in past.runs.iter().flat_map(|run| &run.head.masked) {
        *masked.entry(kind.clone()).or_default() += n;
    }
    let mut report = Report {
        as_of: past.runs.last().map(|run| run.head.started),
        runs: Vec::new(),
        cases,
        suites,
        recommended: recommend(past, &ranked, &cells),
        tabs,
        cells,
        combinations: ranked,
        flaky,
        families,
        shifts,
        masked,
        features: Features::default(),
        releases: Releases::default(),
        problems: Vec::new(),
        knowledge: Knowledge::default(),
    };
    report.runs = runs(past, (combinations, ranks), flaky_on, (&report, settings));
    report
}

/// The combination of each run; runs with the same versions share one.
fn combinations(past: &Past, components: &[String]) -> Vec<Combination> {
    let mut seen: HashMap<&BTreeMap<Component, Version>, Combination> = HashMap::new();
    let mut of = |versions| {
        seen.entry(versions).or_insert_with(|| Combination::of(versions, components)).clone()
    };
    past.runs.iter().map(|run| of(&run.head.versions)).collect()
}

fn runs(
    past: &Past,
    (combinations, ranks): (Vec<Combination>, Vec<usize>),
    flaky_on: Vec<Arc<[u32]>>,
    (report, settings): (&Report, &Settings),
) -> Vec<RunFact> {
    let comparisons = comparisons(past, &combinations, &settings.default_branch);
    let first_page = past.runs.len().saturating_sub(settings.run_pages);
    let cited: BTreeSet<usize> = (report.cells.values())
        .flat_map(|cell| cell.cases.iter().map(|it| it.run).chain(cell.runs.last().copied()))
        .chain(report.flaky.iter().map(|it| it.last_run))
        .collect();
    let facts = (combinations, ranks, comparisons, flaky_on).into_par_iter().enumerate();
    facts
        .map(|(idx, (combination, rank, comparison, flaky))| {
            let has_page = idx >= first_page || cited.contains(&idx);
            let base = comparison.base.map(|base| &past.runs[base]);
            let transitions = if has_page {
                transitions(base, &past.runs[idx], &flaky)
            } else {
                Transitions::default()
            };
            RunFact { combination, rank, comparison, transitions, flaky, has_page }
        })
        .collect()
}

fn cases(
    past: &Past,
    combinations: &[Combination],
    suites: &[SuiteFact],
    flaky_on: &[Arc<[u32]>],
) -> Vec<CaseFact> {
    let mut places: HashMap<(&str, &Combination), usize> = HashMap::new();
    for suite in suites {
        let leading = suite.newest_by_combination.iter().enumerate();
        places.extend(leading.map(|(n, run)| ((suite.name.as_str(), &combinations[*run]), n)));
    }
    let place = |run: usize| {
        let key = (past.runs[run].head.suite.as_str(), &combinations[run]);
        places.get(&key).copied().unwrap_or(usize::MAX)
    };
    let places: Vec<usize> = (0..past.runs.len()).map(place).collect();
    let unseen = CaseFact { has_page: false, run: 0, outcome: Outcome::Unknown, flaky: false };
    let mut facts: Vec<Option<CaseFact>> = vec![None; past.cases.len()];
    for (run, it) in past.runs.iter().enumerate() {
        for result in &it.results {
            let eventful = !matches!(result.outcome, Outcome::Passed | Outcome::Skipped);
            let fact = &mut facts[result.case as usize];
            let leads = fact.is_none_or(|it| places[run] <= places[it.run]);
            let fact = fact.get_or_insert(unseen);
            fact.has_page |= eventful || result.flaky;
            if leads {
                let flaky = flaky_on[run].binary_search(&result.case).is_ok();
                *fact = CaseFact { run, outcome: result.outcome, flaky, ..*fact };
            }
        }
    }
    facts.into_iter().map(|it| it.unwrap_or(unseen)).collect()
}

fn suites(
    past: &Past,
    (combinations, (ranked, ranks)): (&[Combination], &(Vec<String>, Vec<usize>)),
    aged_before: usize,
    flaky_on: &[Arc<[u32]>],
) -> Vec<SuiteFact> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (idx, run) in past.runs.iter().enumerate() {
        by_name.entry(&run.head.suite).or_default().push(idx);
    }
    let rank: HashMap<&str, usize> = ranked.iter().map(String::as_str).zip(0..).collect();
    let fact = |(name, runs): (&str, Vec<usize>)| {
        let newest = *runs.last().expect("a suite is known by a run");
        let mut seen = BTreeSet::new();
        let is_news = |idx: &usize| *idx >= aged_before || *idx == newest;
        let mut newest_by_combination: Vec<usize> = (runs.iter().rev().copied())
            .filter(is_news)
            .filter(|idx| seen.insert(&combinations[*idx]))
            .collect();
        newest_by_combination.sort_by_key(|idx| rank.get(combinations[*idx].id().as_str()));
        let leading = newest_by_combination[0];
        let (mut counts, mut flaky, mut left_out) = (Counts::default(), 0, 0);
        for &idx in &newest_by_combination {
            let is_there = |it: &usize| ranks[*it] == ranks[idx];
            let there: Vec<usize> = runs.iter().copied().filter(is_there).collect();
            let cases = newest_results(past, &there, flaky_on);
            let untried = cases.iter().filter(|it| it.outcome.is_failing() && it.run != leading);
            left_out += if idx == leading { untried.count() } else { 0 };
            counts.merge(&cases.iter().map(|it| it.outcome).collect());
            flaky += count_flaky(cases.iter());
        }
        SuiteFact {
            name: name.to_owned(),
            state: State::of(&counts, flaky),
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
            aged: newest < aged_before,
            leading,
            runs,
            newest,
            newest_by_combination,
            counts,
            known: Counts::default(),
        }
    };
    by_name.into_iter().map(fact).collect()
}

fn cells(
    past: &Past,
    combinations: &[Combination],
    tabs: &[Tab],
    (settings, flaky_on): (&Settings, &[Arc<[u32]>]),
) -> BTreeMap<String, Cell> {
    let mut wanted: HashSet<Combination> = combinations.iter().cloned().collect();
    let distinct: Vec<Combination> = wanted.iter().cloned().collect();
    for tab in tabs {
        for combination in &distinct {
            let component = |name: &str| combination.get(name);
            let Some(row) = component(&tab.rows.component) else { continue };
            match &tab.columns {
                None => _ = wanted.insert(tab.versions(row, None)),
                Some(columns) => {
                    if let Some(column) = component(&columns.component) {
                        wanted.insert(tab.versions(row, Some(column)));
                    }
                }
            }
        }
    }
    let aged_before = aged_before(past, settings.aged_days);
    let make = |it: &Combination| (it.id(), cell(past, (combinations, flaky_on), it, aged_before));
    // Sorted, because two that are written alike share an id, and always the same has to win.
    let mut wanted: Vec<Combination> = wanted.into_iter().collect();
    wanted.sort();
    wanted.par_iter().map(make).collect()
}

/// The first run that is not older than the newest by more than `days`.
fn aged_before(past: &Past, days: u32) -> usize {
    let Some(newest) = past.runs.last() else { return 0 };
    let limit = newest.head.started - SignedDuration::from_hours(24 * i64::from(days));
    past.runs.partition_point(|run| run.head.started < limit)
}

/// The ids of the full combinations, newest first by the components in their given order, and for
/// each run the place of its own among them.
fn rank(combinations: &[Combination], components: &[String]) -> (Vec<String>, Vec<usize>) {
    let distinct: HashSet<&Combination> = combinations.iter().collect();
    let mut ranked: Vec<&Combination> = distinct.into_iter().collect();
    let by_component = |a: &Combination, b: &Combination| {
        let orders = components.iter().map(|name| b.get(name).cmp(&a.get(name)));
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    };
    ranked.sort_by(|a, b| by_component(a, b).then_with(|| b.cmp(a)));
    let places: HashMap<&Combination, usize> = ranked.iter().copied().zip(0..).collect();
    let ranks = combinations.iter().map(|it| places[it]).collect();
    (ranked.into_iter().map(Combination::id).collect(), ranks)
}

/// A suite that never names a version says nothing of combinations, so it is not asked for.
pub(super) fn recommend(
    past: &Past,
    ranked: &[String],
    cells: &BTreeMap<String, Cell>,
) -> Option<String> {
    let asked: BTreeSet<&str> = (cells.values())
        .filter(|cell| !cell.versions.is_empty())
        .flat_map(|cell| cell.suites.keys().map(String::as_str))
        .collect();
    let good = |cell: &Cell| {
        let ran = |suite: &str| cell.suites.get(suite).is_some_and(|it| it.counts.evidence() > 0);
        let failed_outside =
            cell.suites.values().any(|it| past.runs[it.last_run].head.failed_outside_cases);
        !cell.versions.is_empty()
            && matches!(cell.state, State::Passed | State::Flaky | State::Known)
            && !failed_outside
            && asked.iter().all(|suite| ran(suite))
    };
    ranked.iter().find(|id| cells.get(*id).is_some_and(good)).cloned()
}
