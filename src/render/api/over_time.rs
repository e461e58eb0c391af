//! What changed over time, for programs: metrics that shifted, and where scenarios broke.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CaseJson, case_json};
use crate::{
    model::Metric,
    render::pages::{self, Context},
    report::{Breakage, Shift},
};

/// `/api/v1/shifts.json`: the metrics of scenarios that are on another level than they were.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ShiftsJson {
    /// What lasts first, and of that the newest.
    shifts: Vec<ShiftJson>,
    /// What is too noisy to be judged.
    noisy: Vec<NoisyJson>,
}

/// A metric of a case that was on one level and is on another one.
#[derive(Debug, Serialize, JsonSchema)]
struct ShiftJson {
    /// The same as long as the run that first shows it is kept.
    id: String,
    case: CaseJson,
    /// `duration`, `rate`, `connect`, `bitrate_in`, `bitrate_out`, `cpu` or `memory`.
    metric: String,
    /// `s`, `share`, `bit/s`, `cores` or `B`.
    unit: String,
    before: LevelJson,
    after: LevelJson,
    /// The new level as a change of the old one in percent, of rates in points; none where it was
    /// nothing.
    deviation: Option<f64>,
    /// Whether the new level is the worse one.
    worse: bool,
    /// Whether it lasts.
    active: bool,
    /// The first run of the new level.
    since: String,
    /// The last run of the old one.
    last_old: String,
    /// The first run in which it was over.
    ended: Option<String>,
    /// Whether the newest run that takes part made it known.
    news: bool,
    /// The pinned baseline that it is judged against.
    baseline: Option<String>,
}

/// A level.
#[derive(Debug, Serialize, JsonSchema)]
struct LevelJson {
    /// The median, of rates the share.
    median: f64,
    /// In how many runs.
    runs: usize,
}

/// A metric whose values differ too much from run to run.
#[derive(Debug, Serialize, JsonSchema)]
struct NoisyJson {
    case: CaseJson,
    metric: String,
    /// By how many percent of their median ordinary values differ from it.
    spread: f64,
    /// In how many runs.
    runs: usize,
}

/// `/api/v1/breakages.json`: where scenarios broke along a component while nothing else differed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BreakagesJson {
    /// By case; of one case what lasts first.
    breakages: Vec<BreakageJson>,
}

/// First bad and last good.
#[derive(Debug, Serialize, JsonSchema)]
struct BreakageJson {
    /// The same as long as the run that first showed it is kept.
    id: String,
    case: CaseJson,
    component: String,
    last_good: OnVersionJson,
    first_bad: OnVersionJson,
    /// Whether it lasts.
    active: bool,
    /// The first of the failing runs by time.
    since: String,
    /// Where it ended.
    ended: Option<OnVersionJson>,
    /// Whether the commit differs too.
    other_commit: bool,
    /// The release notes of the step, from the root of the site.
    notes: Option<String>,
}

/// A run on a version.
#[derive(Debug, Serialize, JsonSchema)]
struct OnVersionJson {
    version: String,
    run: String,
}

fn id(context: &Context<'_>, run: usize) -> String {
    context.past.runs[run].head.id.to_string()
}

/// So many digits say as much as was measured.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

pub(super) fn shifts(context: &Context<'_>) -> ShiftsJson {
    let all = &context.report.shifts;
    let noisy = all.noisy.iter().map(|it| NoisyJson {
        case: case_json(context, it.case),
        metric: it.metric.word().to_owned(),
        spread: rounded(it.spread * 100.0),
        runs: it.runs,
    });
    ShiftsJson {
        shifts: all.all.iter().map(|it| shift(context, it)).collect(),
        noisy: noisy.collect(),
    }
}

fn shift(context: &Context<'_>, it: &Shift) -> ShiftJson {
    let level = |(median, runs): (f64, usize)| LevelJson { median: rounded(median), runs };
    let unit = match it.metric {
        Metric::Duration | Metric::Connect => "s",
        Metric::Rate => "share",
        Metric::BitrateIn | Metric::BitrateOut => "bit/s",
        Metric::Cpu => "cores",
        Metric::Memory => "B",
    };
    ShiftJson {
        id: it.id.to_string(),
        case: case_json(context, it.case),
        metric: it.metric.word().to_owned(),
        unit: unit.to_owned(),
        before: level(it.before),
        after: level(it.after),
        deviation: it.deviation().map(|it| rounded(it * 100.0)),
        worse: it.is_worse(),
        active: it.ended.is_none(),
        since: id(context, it.since),
        last_old: id(context, it.last_old),
        ended: it.ended.map(|it| id(context, it)),
        news: it.is_news,
        baseline: it.baseline.clone(),
    }
}

pub(super) fn breakages(context: &Context<'_>) -> BreakagesJson {
    let with_page = (0..).zip(&context.report.cases).filter(|(_, it)| it.has_page);
    let all = with_page.flat_map(|(case, _)| {
        context.breakages(case).iter().map(move |it| breakage(context, case, it))
    });
    BreakagesJson { breakages: all.collect() }
}

fn breakage(context: &Context<'_>, case: u32, it: &Breakage) -> BreakageJson {
    let on = |(version, run): &(crate::model::Version, usize)| OnVersionJson {
        version: version.to_string(),
        run: id(context, *run),
    };
    BreakageJson {
        id: it.id.to_string(),
        case: case_json(context, case),
        last_good: on(&it.last_good),
        first_bad: on(&it.first_bad),
        active: it.ended.is_none(),
        since: id(context, it.since),
        ended: it.ended.as_ref().map(on),
        other_commit: it.other_commit,
        notes: pages::notes_of_breakage(context, it).map(|it| it.href),
        component: it.component.clone(),
    }
}
