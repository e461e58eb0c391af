//! What became of each feature file: its scenarios, matched with the cases of all runs.

use std::collections::{BTreeMap, HashMap};

use super::{Report, State};
use crate::{
    history::{Known, Past},
    model::{Counts, FeatureFile, Outcome, Version, rows, with_values},
};

/// A feature file and what came of it.
#[derive(Debug, Clone)]
pub struct FeatureFact {
    /// What it says.
    pub file: FeatureFile,
    /// One for each of its scenarios, in the order of the file.
    pub scenarios: Vec<ScenarioFact>,
    /// What all scenarios together came to on each version, the newest first.
    pub versions: Vec<OnVersion>,
}

/// A scenario of a feature file and what came of it.
#[derive(Debug, Clone, Default)]
pub struct ScenarioFact {
    /// The cases that it became, as indices into `Past::cases`.
    pub cases: Vec<u32>,
    /// For each row of its examples the case that it became, where one did.
    pub rows: Vec<Option<u32>>,
    /// What its cases came to on each version, the newest first.
    pub versions: Vec<OnVersion>,
}

/// What some cases came to on a version of the leading component.
#[derive(Debug, Clone)]
pub struct OnVersion {
    /// The version; none for runs that name none.
    pub version: Option<Version>,
    /// The newest outcome of each case.
    pub counts: Counts,
    /// What these add up to.
    pub state: State,
    /// The newest run on it.
    pub last_run: usize,
    /// The newest run on it in which any of them passed.
    pub last_pass: Option<usize>,
}

/// Everything that is documented.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// The component that versions are told apart by: the first that any run names.
    pub component: Option<String>,
    /// The files, by their paths.
    pub files: Vec<FeatureFact>,
    /// For each case that stands in a file the place of the file and of the scenario in it.
    pub places: HashMap<u32, (usize, usize)>,
}

/// Matches feature files with the cases of all runs.
#[must_use]
pub fn features(
    (past, report): (&Past, &Report),
    mut files: Vec<FeatureFile>,
    components: &[String],
) -> Features {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let named = |it: &&String| past.runs.iter().any(|run| run.head.versions.contains_key(*it));
    let component = components.iter().find(named).cloned();
    let of_files = cases_of_files(past, &files);
    let mut all = Features { component, ..Features::default() };
    for (place, (file, cases)) in files.into_iter().zip(of_files).enumerate() {
        let scenarios: Vec<ScenarioFact> =
            file.scenarios().map(|it| scenario(past, &file, it, &cases)).collect();
        for (n, it) in scenarios.iter().enumerate() {
            all.places.extend(it.cases.iter().map(|case| (*case, (place, n))));
        }
        all.files.push(FeatureFact { file, scenarios, versions: Vec::new() });
    }
    let results = Results::of((past, report), &all);
    for fact in &mut all.files {
        for it in &mut fact.scenarios {
            it.versions = results.sum(&it.cases);
        }
        let cases: Vec<u32> = fact.scenarios.iter().flat_map(|it| it.cases.clone()).collect();
        fact.versions = results.sum(&cases);
    }
    all
}

/// The cases of each file.
fn cases_of_files(past: &Past, files: &[FeatureFile]) -> Vec<Vec<u32>> {
    let mut paths: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (n, case) in (0..).zip(&past.cases) {
        if let [path] = case.path.as_ref() {
            paths.entry(path).or_default().push(n);
        }
    }
    let of = |file: &FeatureFile| {
        let found = paths.iter().filter(|(path, _)| file.is_at(path));
        found.flat_map(|(_, cases)| cases.iter().copied()).collect()
    };
    files.iter().map(of).collect()
}

fn scenario(
    past: &Past,
    file: &FeatureFile,
    (rule, scenario): (Option<usize>, &lkreport_contract::gherkin::Scenario),
    cases: &[u32],
) -> ScenarioFact {
    let rule = rule.map_or("", |it| file.feature.rules[it].title.name.as_str());
    let found = |name: &str, values: &[&str]| -> Vec<u32> {
        let is_it = |it: &&u32| is_case(&past.cases[**it as usize], (rule, name), values);
        cases.iter().filter(is_it).copied().collect()
    };
    let mut fact = ScenarioFact::default();
    if scenario.examples.is_empty() {
        fact.cases = found(&scenario.title.name, &[]);
        return fact;
    }
    for row in rows(&scenario.examples) {
        let values: Vec<&str> = row.iter().map(|it| it.1).collect();
        let cases = found(&with_values(&scenario.title.name, &row), &values);
        fact.rows.push(cases.first().copied());
        fact.cases.extend(cases);
    }
    fact.cases.sort_unstable();
    fact.cases.dedup();
    fact
}

/// Whether a case has this identity, but for the number that tells it from another of the same.
fn is_case(case: &Known, (rule, name): (&str, &str), values: &[&str]) -> bool {
    let example = match case.example.as_ref() {
        [first @ .., last] if first.len() == values.len() && last.starts_with('#') => first,
        all => all,
    };
    case.rule.as_deref().unwrap_or_default() == rule
        && case.name.trim() == name.trim()
        && example.iter().map(AsRef::as_ref).eq(values.iter().copied())
}

/// What is known of a case on one version.
#[derive(Clone, Copy)]
struct Result {
    run: usize,
    outcome: Outcome,
    flaky: bool,
    last_pass: Option<usize>,
}

/// What the cases of feature files came to on each version.
struct Results {
    /// The newest first.
    versions: Vec<Option<Version>>,
    /// By case and place of the version.
    by: HashMap<(u32, usize), Result>,
}

impl Results {
    fn of((past, report): (&Past, &Report), all: &Features) -> Self {
        let version = |run: usize| {
            let versions = &past.runs[run].head.versions;
            all.component.as_ref().and_then(|it| versions.get(it)).cloned()
        };
        let of_runs: Vec<Option<Version>> = (0..past.runs.len()).map(version).collect();
        let mut versions = of_runs.clone();
        versions.sort_by(|a, b| b.cmp(a));
        versions.dedup();
        let mut by: HashMap<(u32, usize), Result> = HashMap::new();
        for (run, it) in past.runs.iter().enumerate().rev() {
            let place = versions.partition_point(|it| *it > of_runs[run]);
            for result in it.results.iter().filter(|it| all.places.contains_key(&it.case)) {
                let flaky = result.flaky || report.runs[run].is_flaky(result.case);
                let new = Result { run, outcome: result.outcome, flaky, last_pass: None };
                let kept = by.entry((result.case, place)).or_insert(new);
                // What did not exercise the product hides no older result that did.
                if !kept.outcome.is_evidence() && result.outcome.is_evidence() {
                    *kept = new;
                }
                if result.outcome == Outcome::Passed {
                    kept.last_pass = kept.last_pass.or(Some(run));
                }
            }
        }
        Self { versions, by }
    }

    /// What `cases` came to together on each version that any of them ran on.
    fn sum(&self, cases: &[u32]) -> Vec<OnVersion> {
        let on = |(place, version): (usize, &Option<Version>)| {
            let found: Vec<&Result> =
                cases.iter().filter_map(|case| self.by.get(&(*case, place))).collect();
            let counts: Counts = found.iter().map(|it| it.outcome).collect();
            let flaky = found.iter().filter(|it| it.flaky && !it.outcome.is_failing()).count();
            Some(OnVersion {
                version: version.clone(),
                state: State::of(&counts, u32::try_from(flaky).unwrap_or(u32::MAX)),
                counts,
                last_run: found.iter().map(|it| it.run).max()?,
                last_pass: found.iter().filter_map(|it| it.last_pass).max(),
            })
        };
        self.versions.iter().enumerate().filter_map(on).collect()
    }
}
