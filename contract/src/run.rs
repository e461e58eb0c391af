//! `run.json`: what a results directory says of its run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The head of a run, as it stands in `results/<run>/run.json`.
///
/// Every field may be missing, because other frameworks write this file by hand; unknown fields
/// pass by, so that a newer engine can be read by an older pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunJson {
    /// Identifies the run for ever; two records of the same id are one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The set that was run as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// When the run began, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended; a run with a start and without an end was cut short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// The commit that was tested, as its full hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch that was tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The continuous integration job that ran it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<Ci>,
    /// The version asked for, by component (`livekit`, `egress`, `client-js`, …).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// What each program printed of its own version.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reported: BTreeMap<String, String>,
    /// How the components ran: `process`, `docker`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The machine: `os`, `arch`, and whatever else mattered.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// The browser that took part, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The network profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The seed of everything random in the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The command that repeats the run, one argument an item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repeat: Vec<String>,
    /// Which part of a run that was split over several jobs this is, such as `2/3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
}

/// The continuous integration job behind a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ci {
    /// `github`, `gitlab`, `jenkins`, ….
    pub provider: String,
    /// Where a person reads the job's own log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The provider's number of the run.
    pub run: String,
    /// The provider's number of the attempt, where runs can be repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// The job inside the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}
