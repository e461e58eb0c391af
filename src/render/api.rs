//! The static JSON API: the report for programs, with schemas beside it.

mod knowledge;
mod over_time;

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::Value;

use self::knowledge::{CoverageJson, FamiliesJson, IssuesJson};
use super::{
    address,
    pages::{self, Context},
};
use crate::{
    history::{Outline, Past},
    model::{Counts, Fared, Run},
    report::{Published, Report, State, sources},
};

/// `/api/v1/report.json`: what the overview says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportJson {
    /// The start of the newest run; everything is said as of then.
    as_of: Option<String>,
    /// The suites by name.
    suites: Vec<SuiteJson>,
    /// The cell to take, if there is one.
    recommended: Option<String>,
    /// How many runs are known.
    runs: usize,
    /// How many cases are known.
    cases: usize,
    /// How many secrets of each kind were masked.
    masked: BTreeMap<String, u64>,
    /// How much of what failed known issues explain.
    coverage: CoverageJson,
}

/// A suite in its newest run.
#[derive(Debug, Serialize, JsonSchema)]
struct SuiteJson {
    name: String,
    state: String,
    /// Cases by outcome.
    outcomes: BTreeMap<String, u32>,
    /// How many of the failures are known issues.
    known: u32,
    run: RunJson,
    /// The cases that the run which it is compared with lists, and this one does not.
    lost: Vec<CaseJson>,
}

/// A case.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseJson {
    id: String,
    /// Where it stands, outermost first.
    path: Vec<String>,
    name: String,
    /// The values of its row of examples.
    example: Vec<String>,
    /// Where it is shown, from the root of the site.
    page: String,
}

/// `/api/v1/runs.json`: the runs that have a page, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunsJson {
    /// The runs.
    runs: Vec<RunJson>,
}

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
struct RunJson {
    id: String,
    suite: String,
    started: String,
    /// In seconds.
    duration: Option<f64>,
    branch: Option<String>,
    commit: Option<String>,
    versions: BTreeMap<String, String>,
    outcomes: BTreeMap<String, u32>,
    /// How many of the failures are known issues.
    known: u32,
    flaky: u32,
    /// Its page, from the root of the site.
    page: String,
    /// The run that it is compared with.
    base: Option<String>,
}

/// `/api/v1/matrix.json`: every cell.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatrixJson {
    /// The start of the newest run.
    as_of: Option<String>,
    /// The cell to take, if there is one.
    recommended: Option<String>,
    /// The cells by id. Versions that have no cell are untested.
    cells: BTreeMap<String, CellJson>,
}

/// A cell.
#[derive(Debug, Serialize, JsonSchema)]
struct CellJson {
    versions: BTreeMap<String, String>,
    state: String,
    aged: bool,
    outcomes: BTreeMap<String, u32>,
    /// How many of the failures are known issues.
    known: u32,
    flaky: u32,
    runs: usize,
    last_tested: Option<String>,
    /// Passed results over all runs.
    passed: u32,
    /// Results over all runs that exercised the product.
    of: u32,
    /// The 95 % Wilson interval of `passed / of`.
    interval: [f64; 2],
    /// The state of each suite that ran here.
    suites: BTreeMap<String, String>,
    /// How it stands beside what others published: `confirmed`, `differs` or `not published`; nothing
    /// where nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stance: Option<String>,
    /// The known issues of others that it confirms or differs from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    published: Vec<PublishedJson>,
    /// Its page, from the root of the site.
    page: String,
}

/// A known issue beside a cell.
#[derive(Debug, Serialize, JsonSchema)]
struct PublishedJson {
    issue: String,
    stance: String,
    /// Where others described it.
    sources: Vec<String>,
    /// The ids of the scenarios that say so, and of the runs in which they did.
    evidence: Vec<[String; 2]>,
}

/// The schema of a type, its keys in order whatever the build makes of maps.
#[must_use]
pub fn schema<T: JsonSchema>() -> Value {
    let mut schema = schema_for!(T).to_value();
    schema.sort_all_objects();
    schema
}

/// `/api/v1/connections/<run>.json`: how the connections of participants fared, in passing scenarios too.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectionsJson {
    run: String,
    /// The connections that were measured for an attempt.
    connections: Vec<ConnectionJson>,
}

/// A connection.
#[derive(Debug, Serialize, JsonSchema)]
struct ConnectionJson {
    /// The id of the case.
    case: String,
    name: String,
    /// Which attempt, from 1.
    attempt: usize,
    outcome: String,
    participant: String,
    /// What it came to.
    fared: Fared,
}

/// The schemas of the API by name.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("report", schema::<ReportJson>()),
        ("runs", schema::<RunsJson>()),
        ("matrix", schema::<MatrixJson>()),
        ("families", schema::<FamiliesJson>()),
        ("issues", schema::<IssuesJson>()),
        ("shifts", schema::<over_time::ShiftsJson>()),
        ("breakages", schema::<over_time::BreakagesJson>()),
        ("connections", schema::<ConnectionsJson>()),
    ]
}

/// The files of the API, by address.
pub(super) fn api(context: &Context<'_>) -> Vec<(String, String)> {
    let (past, report) = (context.past, context.report);
    let mut files = vec![
        ("api/v1/report.json".to_owned(), json(&report_json(context))),
        ("api/v1/runs.json".to_owned(), json(&runs_json(past, report))),
        ("api/v1/matrix.json".to_owned(), json(&matrix_json(past, report))),
        ("api/v1/families.json".to_owned(), json(&knowledge::families(context))),
        ("api/v1/issues.json".to_owned(), json(&knowledge::issues(context))),
        ("api/v1/shifts.json".to_owned(), json(&over_time::shifts(context))),
        ("api/v1/breakages.json".to_owned(), json(&over_time::breakages(context))),
    ];
    let schemas = schemas().into_iter();
    files.extend(schemas.map(|(name, it)| (format!("api/v1/schema/{name}.json"), json(&it))));
    files.push(("api/v1/schema/known-issue.json".to_owned(), crate::issues::SCHEMA.to_owned()));
    files
}

/// How the connections of a run fared, with the address; nothing where none was measured.
pub(super) fn connections(
    context: &Context<'_>,
    run: &Run,
    results: &[Option<Outline>],
) -> Option<(String, String)> {
    let connection = |(case, n, attempt, who, fared): pages::Told<'_>| {
        let known = &context.past.cases[case as usize];
        ConnectionJson {
            case: known.id.to_string(),
            name: known.name.to_string(),
            attempt: n + 1,
            outcome: attempt.outcome.to_string(),
            participant: who.to_owned(),
            fared: fared.clone(),
        }
    };
    let connections: Vec<ConnectionJson> = pages::of_run(run, results).map(connection).collect();
    let all = ConnectionsJson { run: run.head.id.to_string(), connections };
    (!all.connections.is_empty()).then(|| (address::connections(&run.head.id), json(&all)))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("these types hold only text, numbers and text keys") + "\n"
}

fn outcomes(counts: &Counts) -> BTreeMap<String, u32> {
    counts.iter().map(|(outcome, n)| (outcome.to_string(), n)).collect()
}

fn report_json(context: &Context<'_>) -> ReportJson {
    let (past, report) = (context.past, context.report);
    let lost = |run: usize| report.runs[run].transitions.lost.iter();
    ReportJson {
        as_of: report.as_of.map(|it| it.to_string()),
        suites: (report.suites.iter())
            .map(|it| SuiteJson {
                name: it.name.clone(),
                state: it.state.word().to_owned(),
                outcomes: outcomes(&past.runs[it.newest].counts),
                known: report.knowledge.known_in(it.newest).failing(),
                run: run_json(past, report, it.newest),
                lost: lost(it.newest).map(|case| case_json(context, *case)).collect(),
            })
            .collect(),
        recommended: report.recommended.clone(),
        runs: past.runs.len(),
        cases: past.cases.len(),
        masked: report.masked.clone(),
        coverage: CoverageJson::new(&report.knowledge),
    }
}

fn case_json(context: &Context<'_>, case: u32) -> CaseJson {
    let known = &context.past.cases[case as usize];
    CaseJson {
        id: known.id.to_string(),
        path: known.path.iter().map(ToString::to_string).collect(),
        name: known.name.to_string(),
        example: known.example.iter().map(ToString::to_string).collect(),
        page: context.case_href(case),
    }
}

fn runs_json(past: &Past, report: &Report) -> RunsJson {
    let with_page = (0..past.runs.len()).rev().filter(|idx| report.runs[*idx].has_page);
    RunsJson { runs: with_page.map(|idx| run_json(past, report, idx)).collect() }
}

fn run_json(past: &Past, report: &Report, idx: usize) -> RunJson {
    let run = &past.runs[idx];
    let head = &run.head;
    RunJson {
        id: head.id.to_string(),
        suite: head.suite.clone(),
        started: head.started.to_string(),
        duration: head.duration().map(|it| it.as_secs_f64()),
        branch: head.branch.clone(),
        commit: head.commit.clone(),
        versions: head.versions.iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
        outcomes: outcomes(&run.counts),
        known: report.knowledge.known_in(idx).failing(),
        flaky: run.flaky,
        page: address::run(&head.id),
        base: report.runs[idx].comparison.base.map(|it| past.runs[it].head.id.to_string()),
    }
}

fn published_json(past: &Past, report: &Report, it: &Published) -> PublishedJson {
    let issue = report.knowledge.issue(&it.issue).map(|it| it.0);
    let evidence = it.evidence.iter().map(|(case, run)| {
        [past.cases[*case as usize].id.to_string(), past.runs[*run].head.id.to_string()]
    });
    PublishedJson {
        issue: it.issue.clone(),
        stance: it.stance.word().to_owned(),
        sources: issue.into_iter().flat_map(sources).map(ToOwned::to_owned).collect(),
        evidence: evidence.collect(),
    }
}

fn matrix_json(past: &Past, report: &Report) -> MatrixJson {
    let cells = report.cells.iter().map(|(id, cell)| {
        let last = cell.runs.last().map(|it| past.runs[*it].head.started.to_string());
        let versions = cell.versions.iter().map(|(name, it)| (name.clone(), it.to_string()));
        let suites =
            cell.suites.iter().map(|(name, it)| (name.clone(), State::word(it.state).to_owned()));
        let standing = report.knowledge.standings.get(id);
        let published = standing.iter().flat_map(|it| &it.published);
        let json = CellJson {
            versions: versions.collect(),
            state: cell.state.word().to_owned(),
            aged: cell.aged,
            outcomes: outcomes(&cell.counts),
            known: cell.known.failing(),
            flaky: cell.flaky,
            runs: cell.runs.len(),
            last_tested: last,
            passed: cell.rate.k,
            of: cell.rate.n,
            interval: [cell.rate.low, cell.rate.high],
            suites: suites.collect(),
            stance: standing.and_then(|it| Some(it.stance()?.word().to_owned())),
            published: published.map(|it| published_json(past, report, it)).collect(),
            page: address::cell(id),
        };
        (id.clone(), json)
    });
    MatrixJson {
        as_of: report.as_of.map(|it| it.to_string()),
        recommended: report.recommended.clone(),
        cells: cells.collect(),
    }
}
