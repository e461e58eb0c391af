//! What the configuration says of known failures, of the gate, and of what became slower.

mod shifts;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use self::shifts::ShiftsLayer;
use crate::report::{Check, GateRules, KnownCount, Level, Settings};

/// How many families are too many for one known issue, unless somebody says otherwise.
const BROAD: usize = 3;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReportLayer {
    /// Whether failures that are known count among the failed, or on their own.
    known_count_as: KnownCountLayer,
    /// A known issue that explains failures of so many families is too broad [default: 3].
    broad_families: Option<std::num::NonZeroUsize>,
}

impl ReportLayer {
    /// From how many families on an issue is too broad.
    fn broad(&self) -> usize {
        self.broad_families.map_or(BROAD, std::num::NonZeroUsize::get)
    }
}

#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum KnownCountLayer {
    #[default]
    Failed,
    Known,
}

impl From<KnownCountLayer> for KnownCount {
    fn from(it: KnownCountLayer) -> Self {
        match it {
            KnownCountLayer::Failed => Self::Failed,
            KnownCountLayer::Known => Self::Known,
        }
    }
}

/// What closes the gate, what is only said, and what is ignored.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GateLayer {
    new_failure: Option<LevelLayer>,
    spread: Option<LevelLayer>,
    resurrected: Option<LevelLayer>,
    lost: Option<LevelLayer>,
    rate: Option<LevelLayer>,
    slower: Option<LevelLayer>,
    outside: Option<LevelLayer>,
    problem: Option<LevelLayer>,
    cut_short: Option<LevelLayer>,
    broken_issue: Option<LevelLayer>,
    stale: Option<LevelLayer>,
    too_broad: Option<LevelLayer>,
    review_due: Option<LevelLayer>,
    /// How many of a kind a run may have before they count.
    allow: AllowLayer,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum LevelLayer {
    Fail,
    Warn,
    Ignore,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct AllowLayer {
    new_failure: u32,
    lost: u32,
    problem: u32,
    /// Percentage points by which the pass rate may fall in any case.
    drop: f64,
}

impl From<GateLayer> for GateRules {
    fn from(it: GateLayer) -> Self {
        let said = [
            (Check::NewFailure, it.new_failure),
            (Check::Spread, it.spread),
            (Check::Resurrected, it.resurrected),
            (Check::Lost, it.lost),
            (Check::Rate, it.rate),
            (Check::Slower, it.slower),
            (Check::Outside, it.outside),
            (Check::Problem, it.problem),
            (Check::CutShort, it.cut_short),
            (Check::BrokenIssue, it.broken_issue),
            (Check::Stale, it.stale),
            (Check::TooBroad, it.too_broad),
            (Check::ReviewDue, it.review_due),
        ];
        let level = |it| match it {
            LevelLayer::Fail => Level::Fail,
            LevelLayer::Warn => Level::Warn,
            LevelLayer::Ignore => Level::Ignore,
        };
        let AllowLayer { new_failure, lost, problem, drop } = it.allow;
        let allow =
            [(Check::NewFailure, new_failure), (Check::Lost, lost), (Check::Problem, problem)];
        Self {
            levels: said.into_iter().filter_map(|(check, it)| Some((check, level(it?)))).collect(),
            allow: BTreeMap::from(allow),
            drop,
        }
    }
}

/// What the report goes by, where nobody says otherwise the usual.
pub(super) fn settings(
    components: Vec<String>,
    (days, run_pages): (Option<u32>, Option<usize>),
    default_branch: Option<String>,
    (report, shifts): (ReportLayer, ShiftsLayer),
) -> Settings {
    Settings {
        components,
        aged_days: days.unwrap_or(30),
        default_branch: default_branch.unwrap_or_else(|| "main".to_owned()),
        run_pages: run_pages.unwrap_or(200),
        known_count_as: report.known_count_as.into(),
        broad_families: report.broad(),
        shifts: shifts.into(),
    }
}
