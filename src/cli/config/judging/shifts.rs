//! `[shifts]`: what has to differ for a metric of a scenario to have changed, and against what the newest
//! is judged.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    model::Metric,
    report::{Glob, ShiftRules, Tuning},
};

/// How all scenarios are judged, and what differs for some.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::cli) struct ShiftsLayer {
    /// How improbable by chance a change has to be.
    p: Option<Chance>,
    /// The least change that matters, in percent, by metric.
    change: BTreeMap<MetricLayer, Percent>,
    /// The metrics that are not judged.
    off: BTreeSet<MetricLayer>,
    /// The run or the version that the newest is judged against.
    baseline: Option<Name>,
    /// What differs for some scenarios; the first that matches prevails.
    scenarios: Vec<ScenariosLayer>,
}

/// What differs for some scenarios.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScenariosLayer {
    /// Names, or tags with their `@`; `*` is any text, `?` any sign.
    #[serde(rename = "match")]
    matching: Vec<Pattern>,
    p: Option<Chance>,
    #[serde(default)]
    change: BTreeMap<MetricLayer, Percent>,
    #[serde(default)]
    off: BTreeSet<MetricLayer>,
    baseline: Option<Name>,
}

/// A metric by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MetricLayer {
    Duration,
    Rate,
    Connect,
    BitrateIn,
    BitrateOut,
    Cpu,
    Memory,
}

impl From<MetricLayer> for Metric {
    fn from(it: MetricLayer) -> Self {
        match it {
            MetricLayer::Duration => Self::Duration,
            MetricLayer::Rate => Self::Rate,
            MetricLayer::Connect => Self::Connect,
            MetricLayer::BitrateIn => Self::BitrateIn,
            MetricLayer::BitrateOut => Self::BitrateOut,
            MetricLayer::Cpu => Self::Cpu,
            MetricLayer::Memory => Self::Memory,
        }
    }
}

/// A probability; tests are exact up to one in twenty.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
struct Chance(f64);

impl TryFrom<f64> for Chance {
    type Error = String;

    fn try_from(p: f64) -> Result<Self, String> {
        if p > 0.0 && p <= 0.05 {
            return Ok(Self(p));
        }
        Err(format!("{p} is not a probability to judge by: expected more than 0, at most 0.05"))
    }
}

/// A change in percent.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
struct Percent(f64);

impl TryFrom<f64> for Percent {
    type Error = String;

    fn try_from(it: f64) -> Result<Self, String> {
        if (1.0..=1_000.0).contains(&it) {
            return Ok(Self(it));
        }
        Err(format!("{it} is not a change in percent: expected 1 to 1000"))
    }
}

/// The name of a run or version.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(it: String) -> Result<Self, String> {
        if it.trim().is_empty() {
            return Err("expected the id of a run, or a version such as `livekit 1.10.1`".into());
        }
        Ok(Self(it.trim().to_owned()))
    }
}

/// A pattern for names or tags.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
struct Pattern(#[schemars(with = "String")] Glob);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(it: String) -> Result<Self, String> {
        let wrong =
            || format!("`{it}` matches nothing: expected a name such as `joins*`, or a tag");
        Glob::new(&it).map(Self).ok_or_else(wrong)
    }
}

fn tuning(
    (p, baseline): (Option<Chance>, Option<Name>),
    change: BTreeMap<MetricLayer, Percent>,
    off: BTreeSet<MetricLayer>,
) -> Tuning {
    Tuning {
        p: p.map(|it| it.0),
        change: change.into_iter().map(|(metric, it)| (metric.into(), it.0 / 100.0)).collect(),
        off: off.into_iter().map(Metric::from).collect(),
        baseline: baseline.map(|it| it.0),
    }
}

impl From<ShiftsLayer> for ShiftRules {
    fn from(it: ShiftsLayer) -> Self {
        let some = |it: ScenariosLayer| {
            let globs = it.matching.into_iter().map(|it| it.0).collect();
            (globs, tuning((it.p, it.baseline), it.change, it.off))
        };
        Self {
            usual: tuning((it.p, it.baseline), it.change, it.off),
            scenarios: it.scenarios.into_iter().map(some).collect(),
        }
    }
}
