//! A run: what was run, on what, and what came of it.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use lkreport_contract::run::Ci;
use serde::{Deserialize, Serialize};

use super::{Case, Component, Metrics, Problem, RunId, Version};

/// What is known of a run besides its cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// Identifies the run for ever.
    pub id: RunId,
    /// The set that was run as a whole.
    pub suite: String,
    /// When it began; orders runs.
    pub started: Timestamp,
    /// When it ended, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// Whether it ended before its time, so that cases may be missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// Whether the producer says that the run failed although no case may show it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed_outside_cases: bool,
    /// The commit that was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch that was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The continuous integration job that ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<Ci>,
    /// The versions asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<Component, Version>,
    /// What the programs printed of their own versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reported: BTreeMap<Component, String>,
    /// How the components ran: `process`, `docker`, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// The browser that took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The network profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The seed of everything random in the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The command that repeats the run, one argument an item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeat: Vec<String>,
    /// Which part of a split run this is, such as `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// How many secrets of each kind were masked on the way in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub masked: BTreeMap<String, u64>,
}

impl RunHead {
    /// How long the run took, where both ends are known.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let nanos = self.finished?.as_nanosecond() - self.started.as_nanosecond();
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }
}

/// A run with its cases, sorted by path and name.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What is known of it besides its cases.
    pub head: RunHead,
    /// Its cases; each id occurs once.
    pub cases: Vec<Case>,
    /// What in its files could not be read.
    pub problems: Vec<Problem>,
    /// What its components used and how its connections fared.
    pub metrics: Metrics,
}
