//! What is compared of a case from run to run: how long it took, whether it passed, and what was
//! measured meanwhile.

use serde::{Deserialize, Serialize};

/// A quantity of a case that can be compared from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// How long it took where it passed at its first attempt, in seconds.
    Duration,
    /// Whether it passed: the share of results, 0 to 1.
    Rate,
    /// How long participants took to connect, in seconds.
    Connect,
    /// Media that a participant received, in bits per second.
    BitrateIn,
    /// Media that a participant sent, in bits per second.
    BitrateOut,
    /// Processor that its programs used together, in cores.
    Cpu,
    /// Memory that its programs held together, in bytes.
    Memory,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Duration,
        Self::Rate,
        Self::Connect,
        Self::BitrateIn,
        Self::BitrateOut,
        Self::Cpu,
        Self::Memory,
    ];

    /// The word of configurations and of the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Rate => "rate",
            Self::Connect => "connect",
            Self::BitrateIn => "bitrate_in",
            Self::BitrateOut => "bitrate_out",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// Whether more of it is better.
    #[must_use]
    pub const fn more_is_better(self) -> bool {
        matches!(self, Self::Rate | Self::BitrateIn | Self::BitrateOut)
    }
}

/// What was measured while the last attempt at a case ran; medians over its samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// From the first sample of a participant to the first that says it is connected, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<f64>,
    /// Media that a participant received while any came, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_in: Option<f64>,
    /// Media that a participant sent while any went, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_out: Option<f64>,
    /// Processor that its programs used together, in cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Memory that its programs held together, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem: Option<f64>,
}

impl Measured {
    /// The value of a metric that is measured, in the unit of the metric.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Duration | Metric::Rate => None,
            Metric::Connect => self.connect_ms.map(|it| it / 1_000.0),
            Metric::BitrateIn => self.bitrate_in,
            Metric::BitrateOut => self.bitrate_out,
            Metric::Cpu => self.cpu,
            Metric::Memory => self.mem,
        }
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
