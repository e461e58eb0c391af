//! What known issues and failure families say, for programs.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    issues::{Issue, Match, Ranges, Trace},
    render::{
        address,
        pages::{self, Context},
    },
    report::{Family, IssueFact, Knowledge, Remark, Sighting},
};

/// How many of the newest cases in which an issue was recognised are told with their evidence.
const EVIDENCE: usize = 20;

/// How much of what failed in the kept runs known issues explain. A failure is a case of a run that
/// failed in one way.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CoverageJson {
    failures: u32,
    /// How many of the failures are explained.
    explained: u32,
    /// How many failure families there are.
    families: u32,
    /// How many of them are explained in full.
    known_families: u32,
    /// How many families are not explained in two runs or more.
    to_be_investigated: usize,
}

impl CoverageJson {
    pub(super) fn new(knowledge: &Knowledge) -> Self {
        let it = knowledge.coverage;
        Self {
            failures: it.failures,
            explained: it.explained,
            families: it.families,
            known_families: it.known_families,
            to_be_investigated: knowledge.to_be_investigated().count(),
        }
    }
}

/// `/api/v1/families.json`: every failure family, those of most runs first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FamiliesJson {
    /// The families.
    families: Vec<FamilyJson>,
}

/// Failures that are one failure but for names and numbers.
#[derive(Debug, Serialize, JsonSchema)]
struct FamilyJson {
    id: String,
    /// The ids that went into this one because only a name differs.
    joined: Vec<String>,
    /// The exception or error type, where one is given.
    #[serde(rename = "type")]
    type_name: Option<String>,
    /// The message, with a mark such as `<number>` for each thing that varies.
    message: String,
    /// Where in the code it came from, where the message alone does not tell.
    place: Option<String>,
    /// In how many runs it was seen.
    runs: u32,
    /// In how many runs one of its cases exercised the product.
    of: u32,
    /// The 95 % Wilson interval of `runs / of`.
    interval: [f64; 2],
    /// The oldest run with it.
    first: Option<String>,
    /// The newest run with it.
    last: Option<String>,
    /// The ids of the combinations that it was seen on.
    combinations: Vec<String>,
    /// The ids of the cases that failed so, and in how many runs each.
    cases: BTreeMap<String, u32>,
    /// How many cases of runs failed so.
    failures: u32,
    /// How many of these failures known issues explain.
    explained: u32,
    /// The known issues that explain any of them, those of most first.
    issues: Vec<ExplainingJson>,
    /// In how many runs one is not explained.
    unexplained_runs: usize,
    /// Whether these are so many that somebody should look.
    to_be_investigated: bool,
    /// Where it is shown, from the root of the site.
    page: String,
}

/// A known issue that explains failures of a family.
#[derive(Debug, Serialize, JsonSchema)]
struct ExplainingJson {
    id: String,
    /// How many of them.
    failures: u32,
}

pub(super) fn families(context: &Context<'_>) -> FamiliesJson {
    let (past, report) = (context.past, context.report);
    let run = |idx: usize| past.runs[idx].head.id.to_string();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let family = |(place, it): (usize, &Family)| {
        let ranks: BTreeSet<usize> = it.runs.iter().map(|it| report.runs[it.0].rank).collect();
        let case = |(case, n): (&u32, &u32)| (past.cases[*case as usize].id.to_string(), *n);
        let shapes = it.shapes.iter().skip(1);
        let fact = report.knowledge.family(place);
        let issue = |(issue, failures): &(usize, u32)| ExplainingJson {
            id: report.knowledge.catalogue.issues()[*issue].id.clone(),
            failures: *failures,
        };
        FamilyJson {
            id: it.id.to_string(),
            joined: shapes.map(|it| past.shapes[*it as usize].id().to_string()).collect(),
            type_name: some(&it.type_name),
            message: it.message.clone(),
            place: some(&it.place),
            runs: it.rate.k,
            of: it.rate.n,
            interval: [it.rate.low, it.rate.high],
            first: it.seen().map(|it| run(it.0)),
            last: it.seen().map(|it| run(it.1)),
            combinations: ranks.into_iter().map(|it| report.combinations[it].clone()).collect(),
            cases: it.cases.iter().map(case).collect(),
            failures: fact.failures,
            explained: fact.explained,
            issues: fact.issues.iter().map(issue).collect(),
            unexplained_runs: fact.open.len(),
            to_be_investigated: fact.is_to_be_investigated(),
            page: pages::family_href(report, place),
        }
    };
    FamiliesJson { families: report.families.all.iter().enumerate().map(family).collect() }
}

/// `/api/v1/issues.json`: every known issue, in the order of their ids, with what it explains here.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IssuesJson {
    /// The issues.
    issues: Vec<IssueJson>,
}

/// A known issue.
#[derive(Debug, Serialize, JsonSchema)]
struct IssueJson {
    id: String,
    title: String,
    components: Vec<String>,
    /// `open`, `fixed`, `wontfix`, `expected` or `config`.
    status: String,
    /// `low`, `medium`, `high` or `critical`.
    severity: String,
    /// Whether a failure like this leaves the gate open.
    excused: bool,
    links: Vec<String>,
    /// The versions that it concerns; several where sources disagree, and empty where none says.
    affected: Vec<BTreeMap<String, String>>,
    /// The first versions without it.
    fixed_in: BTreeMap<String, String>,
    workaround: Option<String>,
    review_by: Option<String>,
    /// Whether the newest runs use versions that it names.
    concerns: bool,
    /// What somebody should look at.
    remarks: Vec<RemarkJson>,
    /// The ids of the failure families that it explains anything of.
    families: Vec<String>,
    /// In how many runs it was recognised.
    runs: usize,
    /// The oldest of them.
    first: Option<String>,
    /// The newest of them.
    last: Option<String>,
    /// In how many cases of runs it was recognised, by what that says: `explains`, `resurrected`,
    /// `hint`, `unsure`, `elsewhere`.
    sightings: BTreeMap<String, usize>,
    /// The newest of these, with what was recognised.
    evidence: Vec<SightingJson>,
    /// Its page, from the root of the site.
    page: String,
}

/// Why somebody should look at an issue.
#[derive(Debug, Serialize, JsonSchema)]
struct RemarkJson {
    /// `stale`, `resurrected`, `too broad` or `review due`.
    what: String,
    /// The runs that say so.
    runs: Vec<String>,
    /// The failure families that say so.
    families: Vec<String>,
    /// The day on which a review was due.
    by: Option<String>,
}

/// An issue that was recognised in a case of a run.
#[derive(Debug, Serialize, JsonSchema)]
struct SightingJson {
    run: String,
    case: String,
    /// `explains`, `resurrected`, `hint`, `unsure` or `elsewhere`.
    says: String,
    /// Whether every failure of the case is explained.
    known: bool,
    /// Where it was recognised.
    traces: Vec<TraceJson>,
}

/// A line that was recognised.
#[derive(Debug, Serialize, JsonSchema)]
struct TraceJson {
    /// The attempt, from 1.
    attempt: usize,
    /// `message`, `stack`, `output`, or the name of a log.
    place: String,
    /// The line of the log.
    line: Option<u64>,
    /// What stands there.
    text: String,
}

pub(super) fn issues(context: &Context<'_>) -> IssuesJson {
    let knowledge = &context.report.knowledge;
    let all = knowledge.catalogue.issues().iter().zip(&knowledge.issues);
    IssuesJson { issues: all.map(|(issue, fact)| of_issue(context, issue, fact)).collect() }
}

fn of_issue(context: &Context<'_>, issue: &Issue, fact: &IssueFact) -> IssueJson {
    let written = |ranges: &Ranges| -> BTreeMap<String, String> {
        ranges.iter().map(|(name, it)| (name.clone(), it.to_string())).collect()
    };
    let run = |idx: usize| context.past.runs[idx].head.id.to_string();
    let mut runs: Vec<usize> = fact.sightings.iter().map(|it| it.run).collect();
    runs.dedup();
    let mut sightings = BTreeMap::new();
    for it in &fact.sightings {
        *sightings.entry(it.bearing.word().to_owned()).or_default() += 1;
    }
    let newest = fact.sightings.iter().rev().take(EVIDENCE);
    IssueJson {
        id: issue.id.clone(),
        title: issue.title.clone(),
        components: issue.components.iter().map(ToString::to_string).collect(),
        status: issue.status.word().to_owned(),
        severity: issue.severity.word().to_owned(),
        excused: issue.excused,
        links: issue.links.clone(),
        affected: issue.affected.iter().map(written).collect(),
        fixed_in: issue.fixed_in.iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
        workaround: issue.workaround.clone(),
        review_by: issue.review_by.map(|it| it.to_string()),
        concerns: fact.concerns,
        remarks: fact.remarks.iter().map(|it| remark(context, it)).collect(),
        families: families_of(context, &fact.families),
        runs: runs.len(),
        first: runs.first().map(|it| run(*it)),
        last: runs.last().map(|it| run(*it)),
        sightings,
        evidence: newest.map(|it| sighting(context, issue, it)).collect(),
        page: address::issue(&issue.id),
    }
}

fn families_of(context: &Context<'_>, places: &[usize]) -> Vec<String> {
    places.iter().map(|it| context.report.families.all[*it].id.to_string()).collect()
}

fn remark(context: &Context<'_>, it: &Remark) -> RemarkJson {
    let (mut runs, mut families, mut day) = (&[][..], Vec::new(), None);
    match it {
        Remark::Stale { runs: all, .. } | Remark::Resurrected { runs: all } => runs = all,
        Remark::TooBroad { families: all } => families = families_of(context, all),
        Remark::ReviewDue { by } => day = Some(by.to_string()),
    }
    let id = |run: &usize| context.past.runs[*run].head.id.to_string();
    RemarkJson {
        what: it.word().to_owned(),
        runs: runs.iter().map(id).collect(),
        families,
        by: day,
    }
}

fn sighting(context: &Context<'_>, issue: &Issue, it: &Sighting) -> SightingJson {
    let verdict = context.report.knowledge.verdict(it.run, it.case);
    let matches = verdict.map_or(&[][..], |it| &it.matches);
    let found = matches.iter().find(|found: &&Match| found.issue == issue.id);
    let trace = |it: &Trace| TraceJson {
        attempt: it.attempt,
        place: it.place.clone(),
        line: (it.line > 0).then_some(it.line),
        text: it.text.clone(),
    };
    SightingJson {
        run: context.past.runs[it.run].head.id.to_string(),
        case: context.past.cases[it.case as usize].id.to_string(),
        says: it.bearing.word().to_owned(),
        known: verdict.is_some_and(|it| it.known),
        traces: found.map_or(&[][..], |it| &it.traces).iter().map(trace).collect(),
    }
}
