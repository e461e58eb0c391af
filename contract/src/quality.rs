//! How good audio and video were likely to be, from what was measured of a connection.
//!
//! Scores are estimates of a mean opinion score, from 1 (bad) to 5 (excellent); by which published
//! formulas, and what these do not know, stands in `docs/statistics.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metrics::Webrtc;

/// From fewer samples nothing is estimated: a connection that just began says little of itself.
const FEWEST: usize = 3;

/// How long a packet of audio waits for the sound that it carries, in milliseconds.
const PACKET_MS: f64 = 20.0;

/// The rating of a connection that impairs nothing (Cole and Rosenbluth 2001).
const UNIMPAIRED: f64 = 94.2;

/// From which one-way delay on people notice it more, in milliseconds (Cole and Rosenbluth 2001).
const NOTICED_MS: f64 = 177.3;

/// How well audio stands the loss of packets, as G.107 has it (Bpl); the value is that of `rtcscore`.
const ROBUSTNESS: f64 = 10.0;

/// How many frames a second a viewer expects.
const EXPECTED_FPS: f64 = 30.0;

/// What was measured of a connection at one moment; counts go on from sample to sample.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// When, in seconds from any moment that all samples share.
    pub at_s: f64,
    /// Round trip time, in milliseconds.
    pub rtt_ms: Option<f64>,
    /// Jitter of what is received, in milliseconds.
    pub jitter_ms: Option<f64>,
    /// Packets lost so far.
    pub lost: Option<f64>,
    /// Packets received so far.
    pub received: Option<f64>,
    /// Media received, in bits per second.
    pub bitrate: Option<f64>,
    /// Frames decoded per second.
    pub fps: Option<f64>,
    /// Pixels of the video that is received.
    pub pixels: Option<f64>,
    /// For how long video has been frozen so far, in seconds.
    pub frozen_s: Option<f64>,
    /// Whether audio is among the codecs in use.
    pub has_audio: bool,
}

impl Sample {
    /// What of a line of `metrics.ndjson` matters here.
    #[must_use]
    pub fn of(at: jiff::Timestamp, webrtc: &Webrtc) -> Self {
        let pixels = webrtc.width.zip(webrtc.height).map(|(a, b)| f64::from(a) * f64::from(b));
        Self {
            at_s: at.as_millisecond() as f64 / 1000.0,
            rtt_ms: webrtc.rtt_ms,
            jitter_ms: webrtc.jitter_ms,
            lost: webrtc.packets_lost.map(|it| it as f64),
            received: webrtc.packets_received.map(|it| it as f64),
            bitrate: webrtc.bitrate_in,
            fps: webrtc.fps,
            pixels,
            frozen_s: webrtc.frozen_s,
            has_audio: webrtc.codecs.as_deref().is_some_and(|it| it.contains("audio/")),
        }
    }
}

/// A score for audio, and what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioScore {
    /// The estimate, from 1 to 4.5.
    pub mos: f64,
    /// The delay from mouth to ear that was assumed, in milliseconds.
    pub delay_ms: f64,
    /// The share of packets that were lost, 0 to 1.
    pub loss: f64,
    /// How many samples it rests on.
    pub samples: usize,
}

/// A score for video, and what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoScore {
    /// The estimate, from 1 to 5.
    pub mos: f64,
    /// Bits for each pixel of each frame.
    pub bits: f64,
    /// Frames per second.
    pub fps: f64,
    /// The delay that was assumed, in milliseconds.
    pub delay_ms: f64,
    /// The share of the time in which it was frozen, 0 to 1.
    pub frozen: f64,
    /// How many samples it rests on.
    pub samples: usize,
}

/// How good received audio was likely to be; `None` where delay, jitter or loss is not known, or no
/// audio was received.
#[must_use]
pub fn audio(samples: &[Sample]) -> Option<AudioScore> {
    let heard = |it: &&Sample| it.has_audio && it.received.is_some_and(|it| it > 0.0);
    let heard: Vec<Sample> = samples.iter().filter(heard).copied().collect();
    if heard.len() < FEWEST {
        return None;
    }
    let delay_ms = delay(&heard)? + PACKET_MS;
    let loss = share_lost(samples)?;
    // Opus itself is taken to impair nothing, so all impairment is that of lost packets.
    let percent = loss * 100.0;
    let of_loss = 95.0 * percent / (percent + ROBUSTNESS);
    let of_delay = 0.024 * delay_ms + 0.11 * (delay_ms - NOTICED_MS).max(0.0);
    let mos = opinion(UNIMPAIRED - of_delay - of_loss);
    Some(AudioScore { mos, delay_ms, loss, samples: heard.len() })
}

/// How good received video was likely to be; `None` where bitrate, frames, size or delay is not
/// known, or no video was received.
#[must_use]
pub fn video(samples: &[Sample]) -> Option<VideoScore> {
    let is_above = |it: Option<f64>| it.is_some_and(|it| it.is_finite() && it > 0.0);
    let seen = |it: &&Sample| is_above(it.fps) && is_above(it.pixels) && is_above(it.bitrate);
    let seen: Vec<Sample> = samples.iter().filter(seen).copied().collect();
    if seen.len() < FEWEST {
        return None;
    }
    let delay_ms = delay(&seen)?;
    let frozen = share_frozen(samples)?;
    let fps = median(seen.iter().filter_map(|it| it.fps))?;
    let each = |it: &Sample| Some(it.bitrate? / it.pixels? / it.fps?);
    let bits = median(seen.iter().filter_map(each))?;
    let picture = (0.56 * bits.ln() + 5.36).clamp(1.0, 5.0);
    let slow = 1.9 * (EXPECTED_FPS / fps).ln().max(0.0);
    let moving = (picture - slow - 0.002 * delay_ms).clamp(1.0, 5.0);
    let mos = 1.0 + (moving - 1.0) * (1.0 - frozen);
    Some(VideoScore { mos, bits, fps, delay_ms, frozen, samples: seen.len() })
}

/// The share of packets that were lost, 0 to 1; `None` where either count is not known or nothing
/// was sent.
#[must_use]
pub fn share_lost(samples: &[Sample]) -> Option<f64> {
    let (mut lost, mut received) = (0.0, 0.0);
    let mut before = (0.0, 0.0);
    for now in samples.iter().filter_map(|it| Some((it.lost?, it.received?))) {
        // Fewer packets than before are those of a connection that began anew.
        let since = if now.1 < before.1 { (0.0, 0.0) } else { before };
        lost += now.0 - since.0;
        received += now.1 - since.1;
        before = now;
    }
    let all = lost + received;
    (received >= 0.0 && all > 0.0).then(|| (lost / all).clamp(0.0, 1.0))
}

/// The share of the time from the first sample to the last in which video was frozen.
fn share_frozen(samples: &[Sample]) -> Option<f64> {
    let known = || samples.iter().filter_map(|it| Some((it.at_s, it.frozen_s?)));
    let (first, last) = (known().next()?, known().next_back()?);
    let span = last.0 - first.0;
    let mut frozen = 0.0;
    for (before, now) in known().zip(known().skip(1)) {
        frozen += if now.1 < before.1 { now.1 } else { now.1 - before.1 };
    }
    (span > 0.0).then(|| (frozen / span).clamp(0.0, 1.0))
}

/// The delay one way: half of the round trip, and a buffer for twice the jitter.
fn delay(samples: &[Sample]) -> Option<f64> {
    let rtt = median(samples.iter().filter_map(|it| it.rtt_ms))?;
    let jitter = median(samples.iter().filter_map(|it| it.jitter_ms))?;
    Some(rtt.max(0.0) / 2.0 + jitter.max(0.0) * 2.0)
}

/// The opinion that a rating stands for (ITU-T G.107, Annex B).
fn opinion(rating: f64) -> f64 {
    let r = rating.clamp(0.0, 100.0);
    // Below a rating of 6.5 the polynomial falls below 1 by a little.
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).clamp(1.0, 4.5)
}

/// The value in the middle; of two, their mean.
#[must_use]
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut all: Vec<f64> = values.filter(|it| it.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    let (low, high) = (all.get(all.len().checked_sub(1)? / 2)?, all.get(all.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds of a connection that is always the same.
    fn steady(rtt_ms: f64, jitter_ms: f64, lost: f64, fps: f64) -> Vec<Sample> {
        let sample = |n: u32| {
            let n = f64::from(n);
            Sample {
                at_s: n,
                rtt_ms: Some(rtt_ms),
                jitter_ms: Some(jitter_ms),
                lost: Some(100.0 * n * lost),
                received: Some(100.0 * n * (1.0 - lost)),
                bitrate: Some(1.5e6),
                fps: Some(fps),
                pixels: Some(1280.0 * 720.0),
                frozen_s: Some(0.0),
                has_audio: true,
            }
        };
        (1..=10).map(sample).collect()
    }

    #[test]
    fn scores_stay_between_one_and_five_whatever_was_measured() {
        let odd = [0.0, 1e-9, 1.0, 40.0, 1e9, f64::MAX, f64::NAN, f64::INFINITY, -5.0];
        for (rtt, jitter, fps) in
            odd.iter().flat_map(|a| odd.iter().flat_map(move |b| odd.map(|c| (*a, *b, c))))
        {
            for lost in [0.0, 0.5, 1.0] {
                let samples = steady(rtt, jitter, lost, fps);
                let scores = [audio(&samples).map(|it| it.mos), video(&samples).map(|it| it.mos)];
                let is_score = |it: &f64| (1.0..=5.0).contains(it);
                assert!(scores.iter().flatten().all(is_score), "{samples:?}: {scores:?}");
            }
        }
    }

    fn assert_falls(what: &str, scores: &[f64]) {
        assert!(scores.is_sorted_by(|a, b| a >= b), "{what}: {scores:?}");
        assert!(scores.first() > scores.last(), "{what}: {scores:?}");
    }

    #[test]
    fn audio_falls_with_loss_and_with_delay() {
        let rising = || (0..=40).map(|n| f64::from(n) * 20.0);
        let of = |rtt, jitter, lost| audio(&steady(rtt, jitter, lost, 30.0)).unwrap().mos;
        for rtt in rising() {
            let by_loss: Vec<f64> = (0..=10).map(|n| of(rtt, 2.0, f64::from(n) / 20.0)).collect();
            assert_falls("loss", &by_loss);
        }
        assert_falls("delay", &rising().map(|rtt| of(rtt, 2.0, 0.01)).collect::<Vec<_>>());
        assert_falls("jitter", &rising().map(|it| of(20.0, it, 0.0)).collect::<Vec<_>>());
    }

    #[test]
    fn video_rises_with_frames_up_to_those_expected_and_falls_with_delay_and_freezes() {
        let of = |rtt, fps| video(&steady(rtt, 2.0, 0.0, fps)).unwrap().mos;
        let by_frames: Vec<f64> = (1..=30).rev().map(|fps| of(10.0, f64::from(fps))).collect();
        assert_falls("frames", &by_frames);
        let by_delay: Vec<f64> = (0..=40).map(|n| of(f64::from(n) * 20.0, 30.0)).collect();
        assert_falls("delay", &by_delay);
        let frozen = |share: f64| {
            let mut samples = steady(10.0, 2.0, 0.0, 30.0);
            samples.iter_mut().for_each(|it| it.frozen_s = Some(it.at_s * share));
            video(&samples).unwrap().mos
        };
        assert_falls("freezes", &[0.0, 0.1, 0.5, 1.0].map(frozen));
    }

    #[test]
    fn known_values_come_out() {
        // Half of 100 ms, twice 5 ms and one packet are 80 ms: R = 94.2 - 0.024 · 80 = 92.28.
        let clear = audio(&steady(100.0, 5.0, 0.0, 30.0)).unwrap();
        assert!((clear.delay_ms - 80.0).abs() < 1e-9 && (clear.mos - 4.391).abs() < 1e-3);
        // Ten of a hundred: R = 92.28 - 95 · 10 / 20 = 44.78.
        let lossy = audio(&steady(100.0, 5.0, 0.1, 30.0)).unwrap();
        assert!((lossy.mos - 2.304).abs() < 1e-3, "{lossy:?}");
        // 1.5 Mbit/s over 1280 × 720 × 30 are 0.0543 bits: 0.56 ln 0.0543 + 5.36 - 0.002 · 60 = 3.608.
        let seen = video(&steady(100.0, 5.0, 0.0, 30.0)).unwrap();
        assert!((seen.mos - 3.608).abs() < 1e-3, "{seen:?}");
    }

    #[test]
    fn what_is_not_known_gives_no_score() {
        let without = |take: fn(&mut Sample)| {
            let mut samples = steady(20.0, 2.0, 0.0, 30.0);
            samples.iter_mut().for_each(take);
            (audio(&samples).is_some(), video(&samples).is_some())
        };
        assert_eq!(without(|_| ()), (true, true));
        assert_eq!(without(|it| it.rtt_ms = None), (false, false));
        assert_eq!(without(|it| it.jitter_ms = None), (false, false));
        assert_eq!(without(|it| it.lost = None), (false, true));
        assert_eq!(without(|it| it.received = None), (false, true));
        assert_eq!(without(|it| it.has_audio = false), (false, true));
        assert_eq!(without(|it| it.fps = None), (true, false));
        assert_eq!(without(|it| it.fps = Some(0.0)), (true, false));
        assert_eq!(without(|it| it.pixels = None), (true, false));
        assert_eq!(without(|it| it.bitrate = None), (true, false));
        assert_eq!(without(|it| it.frozen_s = None), (true, false));
        let few = &steady(20.0, 2.0, 0.0, 30.0)[..2];
        assert!(audio(few).is_none() && video(few).is_none());
    }

    #[test]
    fn a_connection_that_began_anew_counts_from_nothing() {
        let at = |lost, received| Sample {
            lost: Some(lost),
            received: Some(received),
            ..Sample::default()
        };
        assert_eq!(share_lost(&[at(10.0, 90.0), at(0.0, 50.0), at(0.0, 100.0)]), Some(0.05));
        assert_eq!(share_lost(&[at(0.0, 0.0)]), None);
    }
}
