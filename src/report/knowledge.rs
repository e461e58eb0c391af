//! What known issues make of a report: which failures are known, and how each issue fares.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::{
    Coverage, FamilyFact, Report, Settings, Standing, State,
    cell::newest_results,
    coverage::{coverage, family_facts},
    published::standings,
    stale::stale,
    summary::recommend,
};
use crate::{
    history::Past,
    issues::{Bearing, CaseVerdict, Catalogue, Issue},
    model::{CaseId, Counts},
};

/// How failures that are known count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KnownCount {
    /// Among the failed, and told apart there.
    #[default]
    Failed,
    /// On their own.
    Known,
}

/// What known issues say of the runs of a report.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// The issues that were looked for.
    pub catalogue: Catalogue,
    /// How known failures count.
    pub count_as: KnownCount,
    /// What there is to say of each issue, in the order of the catalogue.
    pub issues: Vec<IssueFact>,
    /// What there is to say of each failure family, in the order of `Report::families`.
    families: Vec<FamilyFact>,
    /// How much of all that failed is explained.
    pub coverage: Coverage,
    /// How cells stand beside what others published, by their ids; those of which nothing is to be
    /// said are left out.
    pub standings: BTreeMap<String, Standing>,
    /// For each run, the verdicts on its failing cases, by their places in the past.
    verdicts: Vec<Vec<(u32, CaseVerdict)>>,
    /// For each run, the outcomes of those failing cases that are known.
    known: Vec<Counts>,
}

/// What the report says of a known issue.
#[derive(Debug, Clone, Default)]
pub struct IssueFact {
    /// Where it was recognised, oldest first.
    pub sightings: Vec<Sighting>,
    /// What is to be said of its entry in the catalogue.
    pub remarks: Vec<Remark>,
    /// The failure families that it explains anything of, as indices into `Families::all`.
    pub families: Vec<usize>,
    /// Whether it names versions, and the newest runs use such.
    pub concerns: bool,
}

/// An issue that was recognised in a case of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// The run, as an index into `Past::runs`.
    pub run: usize,
    /// The case, as an index into `Past::cases`.
    pub case: u32,
    /// What that says.
    pub bearing: Bearing,
}

/// Something about an entry of the catalogue that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// On versions that it concerns it no longer shows where it should.
    Stale {
        /// The newest runs in which it should have, as indices into `Past::runs`.
        runs: Vec<usize>,
        /// The last run in which it was seen, where it ever was.
        last: Option<usize>,
    },
    /// It showed on versions that are said to have the fix.
    Resurrected {
        /// The runs, newest first.
        runs: Vec<usize>,
    },
    /// It explains failures of many families.
    TooBroad {
        /// The families, as indices into `Families::all`.
        families: Vec<usize>,
    },
    /// Somebody was to look at it by a day that is past.
    ReviewDue {
        /// The day.
        by: Date,
    },
}

impl Remark {
    /// The word for people and for files.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Stale { .. } => "stale",
            Self::Resurrected { .. } => "resurrected",
            Self::TooBroad { .. } => "too broad",
            Self::ReviewDue { .. } => "review due",
        }
    }
}

impl Knowledge {
    /// The verdict on a failing case of a run.
    #[must_use]
    pub fn verdict(&self, run: usize, case: u32) -> Option<&CaseVerdict> {
        let verdicts = self.verdicts.get(run)?;
        let place = verdicts.binary_search_by_key(&case, |it| it.0).ok()?;
        Some(&verdicts[place].1)
    }

    /// Whether a failing case of a run is explained by known issues.
    #[must_use]
    pub fn is_known(&self, run: usize, case: u32) -> bool {
        self.verdict(run, case).is_some_and(|it| it.known)
    }

    /// The outcomes of the failing cases of a run that are known.
    #[must_use]
    pub fn known_in(&self, run: usize) -> Counts {
        self.known.get(run).copied().unwrap_or_default()
    }

    /// The issues that explain a case of a run, by their ids.
    pub fn explaining(&self, run: usize, case: u32) -> impl Iterator<Item = &str> {
        let matches = self.verdict(run, case).map_or(&[][..], |it| &it.matches);
        matches.iter().filter(|it| it.bearing == Bearing::Explains).map(|it| it.issue.as_str())
    }

    /// The verdicts on a run, by the places of their cases.
    pub(super) fn verdicts(&self, run: usize) -> &[(u32, CaseVerdict)] {
        self.verdicts.get(run).map_or(&[], Vec::as_slice)
    }

    /// What is known of a failure family, by its place in `Families::all`.
    #[must_use]
    pub fn family(&self, place: usize) -> &FamilyFact {
        self.families.get(place).unwrap_or(FamilyFact::NOTHING)
    }

    /// The families that keep coming and that nothing explains, by their places in `Families::all`.
    pub fn to_be_investigated(&self) -> impl Iterator<Item = usize> {
        let all = self.families.iter().enumerate();
        all.filter(|it| it.1.is_to_be_investigated()).map(|it| it.0)
    }

    /// The issues that explain a failure of any of these cases in any run.
    pub fn of_cases(&self, cases: &BTreeSet<u32>) -> impl Iterator<Item = &Issue> {
        let explains = |it: &Sighting| it.bearing == Bearing::Explains && cases.contains(&it.case);
        let all = self.catalogue.issues().iter().zip(&self.issues);
        all.filter(move |(_, fact)| fact.sightings.iter().any(explains)).map(|it| it.0)
    }

    /// The issues that were recognised in a case of a run, with what that says.
    pub fn recognised(&self, run: usize, case: u32) -> impl Iterator<Item = (&str, Bearing)> {
        let matches = self.verdict(run, case).map_or(&[][..], |it| &it.matches);
        matches.iter().map(|it| (it.issue.as_str(), it.bearing))
    }

    /// The fact of an issue.
    #[must_use]
    pub fn issue(&self, id: &str) -> Option<(&Issue, &IssueFact)> {
        let place = self.catalogue.issues().binary_search_by(|it| it.id.as_str().cmp(id)).ok()?;
        Some((&self.catalogue.issues()[place], self.issues.get(place)?))
    }
}

impl Report {
    /// Tells what is known of failures: `verdicts` are those on each run of the past, and `today` is
    /// the day on which reviews are due.
    pub fn explain(
        &mut self,
        (past, settings): (&Past, &Settings),
        catalogue: Catalogue,
        verdicts: Vec<Vec<CaseVerdict>>,
        today: Date,
    ) {
        let places: HashMap<CaseId, u32> = past.cases.iter().map(|it| it.id).zip(0..).collect();
        let place =
            |it: &CaseVerdict| places.get(&it.case).copied().or_else(|| past.former(it.case));
        let verdicts = verdicts.into_iter().map(|run| {
            let mut run: Vec<(u32, CaseVerdict)> =
                run.into_iter().filter_map(|it| Some((place(&it)?, it))).collect();
            run.sort_by_key(|it| it.0);
            run
        });
        let mut knowledge = Knowledge {
            catalogue,
            count_as: settings.known_count_as,
            verdicts: verdicts.collect(),
            ..Knowledge::default()
        };
        knowledge.known = (0..past.runs.len()).map(|run| known(past, &knowledge, run)).collect();
        self.colour(past, &knowledge);
        self.recommended = recommend(past, &self.combinations, &self.cells);
        knowledge.families = family_facts(past, &self.families, &knowledge);
        knowledge.coverage = coverage(&knowledge.families);
        knowledge.issues = issues((past, settings), self, &knowledge, today);
        knowledge.standings = standings(past, &knowledge, &self.cells);
        self.knowledge = knowledge;
    }

    /// Tells failures that are known apart in cells and suites.
    fn colour(&mut self, past: &Past, knowledge: &Knowledge) {
        for cell in self.cells.values_mut().filter(|it| it.counts.failing() > 0) {
            let is_known = |it: &&super::CellCase| {
                it.outcome.is_failing() && knowledge.is_known(it.run, it.case)
            };
            for it in cell.cases.iter().filter(is_known) {
                cell.known.add(it.outcome);
                let suite = past.cases[it.case as usize].suite.as_ref();
                if let Some(suite) = cell.suites.get_mut(suite) {
                    suite.known.add(it.outcome);
                }
            }
            cell.state = State::explained(&cell.counts, &cell.known, cell.flaky);
            for it in cell.suites.values_mut() {
                it.state = State::explained(&it.counts, &it.known, it.flaky);
            }
        }
        let flaky: Vec<_> = self.runs.iter().map(|it| std::sync::Arc::clone(&it.flaky)).collect();
        for suite in self.suites.iter_mut().filter(|it| it.counts.failing() > 0) {
            let mut flaky_cases = 0;
            for idx in &suite.newest_by_combination {
                let is_there = |it: &usize| self.runs[*it].rank == self.runs[*idx].rank;
                let there: Vec<usize> = suite.runs.iter().copied().filter(is_there).collect();
                for it in newest_results(past, &there, &flaky) {
                    let failing = it.outcome.is_failing();
                    flaky_cases += u32::from(it.flaky && !failing);
                    if failing && knowledge.is_known(it.run, it.case) {
                        suite.known.add(it.outcome);
                    }
                }
            }
            suite.state = State::explained(&suite.counts, &suite.known, flaky_cases);
        }
    }
}

/// The outcomes of the failing cases of a run that are known.
fn known(past: &Past, knowledge: &Knowledge, run: usize) -> Counts {
    let failing = past.runs[run].results.iter().filter(|it| it.outcome.is_failing());
    failing.filter(|it| knowledge.is_known(run, it.case)).map(|it| it.outcome).collect()
}

fn issues(
    (past, settings): (&Past, &Settings),
    report: &Report,
    knowledge: &Knowledge,
    today: Date,
) -> Vec<IssueFact> {
    let mut facts: BTreeMap<&str, IssueFact> = BTreeMap::new();
    for (run, verdicts) in knowledge.verdicts.iter().enumerate() {
        for (case, verdict) in verdicts {
            for it in &verdict.matches {
                let sighting = Sighting { run, case: *case, bearing: it.bearing };
                facts.entry(&it.issue).or_default().sightings.push(sighting);
            }
        }
    }
    let mut families: Vec<Vec<usize>> = vec![Vec::new(); knowledge.catalogue.issues().len()];
    for (place, it) in knowledge.families.iter().enumerate() {
        it.issues.iter().for_each(|(issue, _)| families[*issue].push(place));
    }
    let newest: Vec<_> = (report.suites.iter().flat_map(|it| &it.newest_by_combination))
        .map(|run| crate::issues::versions_of(&past.runs[*run].head))
        .collect();
    let fact = |(issue, families): (&Issue, Vec<usize>)| {
        let mut fact = facts.get(issue.id.as_str()).cloned().unwrap_or_default();
        let applies = |it| issue.applies(it) == crate::issues::Applies::Yes;
        let names_versions = !(issue.affected.is_empty() && issue.fixed_in.is_empty());
        fact.concerns = names_versions && newest.iter().any(applies);
        let mut resurrected: Vec<usize> = (fact.sightings.iter().rev())
            .filter(|it| it.bearing == Bearing::Resurrected)
            .map(|it| it.run)
            .collect();
        resurrected.dedup();
        let is_broad = families.len() >= settings.broad_families;
        let remarks = [
            (!resurrected.is_empty()).then_some(Remark::Resurrected { runs: resurrected }),
            stale(past, report, issue, &fact.sightings),
            is_broad.then(|| Remark::TooBroad { families: families.clone() }),
            issue.review_by.filter(|it| *it < today).map(|by| Remark::ReviewDue { by }),
        ];
        fact.remarks = remarks.into_iter().flatten().collect();
        fact.families = families;
        fact
    };
    knowledge.catalogue.issues().iter().zip(families).map(fact).collect()
}
