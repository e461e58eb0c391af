//! `metrics.ndjson`: what was measured while a run went on.
//!
//! The first line is a [`Head`], every other line a [`Sample`]. Readers skip fields that they do not
//! know and lines that they cannot read; a file without a head is read as version 1.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the first line names; a file of another major version is not read.
pub const SCHEMA: &str = "lkreport.metrics/1";

/// Any line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Line {
    /// The first one.
    Head(Head),
    /// Every other one.
    Sample(Box<Sample>),
}

/// The first line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// [`SCHEMA`].
    pub schema: String,
    /// The id of the run, as in `run.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// One line: a component, or a participant's connection, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// When it was measured, RFC 3339.
    pub t: Timestamp,
    /// The component that was measured (`livekit`, `egress`, `client-js`, …).
    pub component: String,
    /// Which of several of that component, such as `livekit-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The attempt that it was measured for, as `<case>-<attempt>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The identity of the participant whose connection was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
    /// Processor time used since the sample before, in cores: 1.5 is one and a half of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Resident memory, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem: Option<u64>,
    /// Received since the component started, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rx: Option<u64>,
    /// Sent since the component started, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx: Option<u64>,
    /// Statistics of a WebRTC connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webrtc: Option<Webrtc>,
}

/// What is kept of the [WebRTC statistics](https://www.w3.org/TR/webrtc-stats/) of a connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Webrtc {
    /// Round trip time of the selected candidate pair, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<f64>,
    /// Jitter of what is received, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<f64>,
    /// Packets lost since the connection was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets_lost: Option<i64>,
    /// Media received, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_in: Option<f64>,
    /// Media sent, in bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_out: Option<f64>,
    /// Frames decoded or sent, per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// `new`, `connecting`, `connected`, `disconnected`, `failed` or `closed`; the worst of all connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The ICE state of each connection, in the order in which they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ice: Option<String>,
    /// The signalling state of each connection, in the same order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signaling: Option<String>,
    /// The selected candidate pair of each connection: type and protocol here, and there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<String>,
    /// Packets received since the connection was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets_received: Option<u64>,
    /// The width of the largest video that is received, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of that video, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// How often received video has frozen so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freezes: Option<u64>,
    /// How long received video has been frozen so far, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_s: Option<f64>,
    /// The codecs in use, such as `audio/opus video/VP8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codecs: Option<String>,
    /// What limits the quality of video that is sent: `cpu`, `bandwidth` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited: Option<String>,
}
