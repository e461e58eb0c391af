//! What a connection came to from its first sample to its last.

use jiff::Timestamp;
use lkreport_contract::quality::{AudioScore, VideoScore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The summary of a connection. What was not measured is not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Fared {
    /// How many samples there were.
    pub samples: u64,
    /// Media received, in bits per second; the least is the worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<Typical>,
    /// Media sent, in bits per second; the least is the worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Typical>,
    /// Packets lost from one sample to the next, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<Typical>,
    /// Packets lost of all, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<f64>,
    /// Jitter, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<Typical>,
    /// Round trip time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<Typical>,
    /// Frames per second; the least is the worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<Typical>,
    /// How often received video froze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freezes: Option<u64>,
    /// For how long it was frozen, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_s: Option<f64>,
    /// Width and height of the smallest video that was received, as the largest at its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest: Option<[u32; 2]>,
    /// Width and height of the largest video that was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<[u32; 2]>,
    /// All codecs that were in use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codecs: Vec<Box<str>>,
    /// The candidate pairs that were selected last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Box<str>>,
    /// All that limited the quality of video that was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limited: Vec<Box<str>>,
    /// From the first sample to the first that is connected, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_ms: Option<u64>,
    /// How often it was disconnected or failed after it had been connected.
    pub drops: u32,
    /// How often it was connected again after that.
    pub reconnects: u32,
    /// How good received audio was likely to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioScore>,
    /// How good received video was likely to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoScore>,
}

/// A quantity in two figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Typical {
    /// The value in the middle.
    pub median: f64,
    /// The value that is worst.
    pub worst: f64,
}

/// Something of a connection that is said in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// The ICE state of each of its parts.
    Ice,
    /// The signalling state of each of its parts.
    Signaling,
    /// The selected candidate pairs.
    Candidates,
    /// The codecs in use.
    Codecs,
    /// The size of the largest video that is received.
    Resolution,
    /// What limits the quality of video that is sent; empty where nothing does.
    Limited,
    /// How often and for how long video was frozen so far.
    Frozen,
}

/// What an aspect of a connection changed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// When that was seen first.
    pub at: Timestamp,
    /// What changed.
    pub what: Aspect,
    /// What it is from then on.
    pub to: Box<str>,
}
