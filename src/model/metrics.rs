//! What the components of a run used, reduced to what a chart can show.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fared, Measured, Noted};

/// The measurements of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metrics {
    /// What each instance of a component used, by component or `component/instance`.
    pub components: BTreeMap<String, Usage>,
    /// How the connection of each participant fared, by `component/participant`, and `/attempt` behind
    /// that where it was measured for one. Those of attempts that did not fail have no points.
    pub connections: BTreeMap<String, Connection>,
    /// What was measured for each attempt, by its name `<case>-<attempt>`, until its case is known.
    #[serde(skip)]
    pub attempts: BTreeMap<String, Measured>,
}

impl Metrics {
    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.components.is_empty() && self.connections.is_empty()
    }

    /// Takes over what `other` measured of things that are not here yet.
    pub fn merge(&mut self, other: Self) {
        for (name, it) in other.components {
            self.components.entry(name).or_insert(it);
        }
        for (name, it) in other.connections {
            self.connections.entry(name).or_insert(it);
        }
        for (name, it) in other.attempts {
            self.attempts.entry(name).or_insert(it);
        }
    }
}

/// What one component used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Processor, in cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Series>,
    /// Resident memory, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem: Option<Series>,
    /// Received, in bytes per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx: Option<Series>,
    /// Sent, in bytes per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx: Option<Series>,
}

/// How one connection fared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// Round trip time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<Series>,
    /// Jitter, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<Series>,
    /// Packets lost, per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets_lost: Option<Series>,
    /// Packets lost of those sent since the sample before, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<Series>,
    /// For how much of the time since the sample before received video was frozen, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Series>,
    /// Media received, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_in: Option<Series>,
    /// Media sent, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_out: Option<Series>,
    /// Frames per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<Series>,
    /// When it came into which state, earliest first; at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<(Timestamp, Box<str>)>,
    /// What else changed in words, earliest first; at most 50 of a kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<Noted>,
    /// What it came to; records of older versions do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fared: Option<Box<Fared>>,
}

impl Connection {
    /// All quantities that were measured, each with its name.
    pub fn series(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        // Without the packets that arrived nobody knows the share of those that did not.
        let lost = match &self.loss {
            Some(_) => ("loss", &self.loss),
            None => ("packets lost", &self.packets_lost),
        };
        let all = [
            ("round trip", &self.rtt_ms),
            ("jitter", &self.jitter_ms),
            lost,
            ("frozen", &self.frozen),
            ("media received", &self.bitrate_in),
            ("media sent", &self.bitrate_out),
            ("frames", &self.fps),
        ];
        all.into_iter().filter_map(|(name, it)| Some((name, it.as_ref()?)))
    }

    /// Leaves of each quantity only what it came to.
    pub fn forget_points(&mut self) {
        let all = [
            &mut self.rtt_ms,
            &mut self.jitter_ms,
            &mut self.packets_lost,
            &mut self.loss,
            &mut self.frozen,
            &mut self.bitrate_in,
            &mut self.bitrate_out,
            &mut self.fps,
        ];
        all.into_iter().flatten().for_each(|it| it.points = Vec::new());
        self.states = Vec::new();
        self.noted = Vec::new();
    }
}

/// One quantity over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// How many samples there were.
    pub samples: u64,
    /// The greatest value.
    pub peak: f64,
    /// The mean of all samples, each with the same weight.
    pub mean: f64,
    /// When the first point begins.
    pub start: Timestamp,
    /// How long one point stands for, in milliseconds.
    pub step_ms: u64,
    /// At most 120 points; those without a sample are left out.
    pub points: Vec<Point>,
}

/// The samples of one step of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Which step of the series this is, from 0.
    pub step: u32,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The mean value.
    pub mean: f64,
}
