//! The samples of one connection in; its quantities over time, what changed, and what it came to out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lkreport_contract::{
    metrics::Webrtc,
    quality::{self, Sample},
};

use super::{
    Intake,
    metrics::{Counter, Growing},
};
use crate::model::{Aspect, Connection, Fared, Noted, Series, Typical};

/// How many changes of a kind are kept, and how much is kept of a word of foreign making.
const MAX_CHANGES: usize = 50;
const MAX_WORD: usize = 120;

/// How many samples scores rest on at most; of more, every second one goes.
const MAX_SAMPLES: usize = 240;

/// A connection while its samples are read.
#[derive(Default)]
pub(super) struct Watched {
    rtt_ms: Growing,
    jitter_ms: Growing,
    packets_lost: Counter,
    loss: Growing,
    frozen: Counter,
    bitrate_in: Growing,
    bitrate_out: Growing,
    fps: Growing,
    states: Vec<(Timestamp, Box<str>)>,
    noted: Vec<Noted>,
    now: BTreeMap<Aspect, (usize, Box<str>)>,
    /// Packets lost and received when they were counted last.
    packets: Option<(f64, f64)>,
    freezes: Option<Grown>,
    frozen_s: Option<Grown>,
    /// The sizes of video by their pixels.
    sizes: BTreeMap<u64, [u32; 2]>,
    codecs: BTreeSet<Box<str>>,
    limited: BTreeSet<Box<str>>,
    kept: Kept,
    path: Path,
}

impl Watched {
    pub(super) fn add(&mut self, t: Timestamp, stats: &Webrtc, intake: &mut Intake<'_>) {
        self.rtt_ms.add(t, stats.rtt_ms);
        self.jitter_ms.add(t, stats.jitter_ms);
        self.packets_lost.add(t, stats.packets_lost.map(|it| it as f64));
        self.bitrate_in.add(t, stats.bitrate_in);
        self.bitrate_out.add(t, stats.bitrate_out);
        self.fps.add(t, stats.fps);
        self.frozen.add(t, stats.frozen_s.map(|it| it * 100.0));
        self.lose(t, stats);
        Grown::add(&mut self.freezes, stats.freezes.map(|it| it as f64));
        Grown::add(&mut self.frozen_s, stats.frozen_s);
        self.words(t, stats, intake);
        self.kept.add(Sample::of(t, stats));
        self.path.add(t, stats);
    }

    /// The share of packets that were lost since the sample before.
    fn lose(&mut self, t: Timestamp, stats: &Webrtc) {
        let (Some(lost), Some(received)) = (stats.packets_lost, stats.packets_received) else {
            return;
        };
        let now = (lost as f64, received as f64);
        let before = self.packets.replace(now).unwrap_or_default();
        // Fewer than before are those of a connection that began anew.
        let before = if now.1 < before.1 { (0.0, 0.0) } else { before };
        let lost = (now.0 - before.0).max(0.0);
        let all = lost + now.1 - before.1;
        self.loss.add(t, (all > 0.0).then(|| lost / all * 100.0));
    }

    /// What is said in words, where it differs from what was said before.
    fn words(&mut self, t: Timestamp, stats: &Webrtc, intake: &mut Intake<'_>) {
        let state = stats.state.as_deref().filter(|it| it.len() < 40);
        let is_new = |it: &&str| self.states.last().is_none_or(|last| *last.1 != **it);
        if let Some(state) = state.filter(is_new).filter(|_| self.states.len() < MAX_CHANGES) {
            self.states.push((t, state.into()));
        }
        let mut said = |aspect, word: &Option<String>| {
            let word = word.as_deref().filter(|it| !it.is_empty() && it.len() <= MAX_WORD)?;
            let word = intake.line(word);
            self.note(t, aspect, &word);
            Some(word)
        };
        said(Aspect::Ice, &stats.ice);
        said(Aspect::Signaling, &stats.signaling);
        said(Aspect::Candidates, &stats.candidates);
        let codecs = said(Aspect::Codecs, &stats.codecs);
        let limited = said(Aspect::Limited, &stats.limited);
        for it in codecs.iter().flat_map(|it| it.split_whitespace()) {
            if self.codecs.len() < MAX_CHANGES {
                self.codecs.insert(it.into());
            }
        }
        match limited {
            Some(it) if self.limited.len() < MAX_CHANGES => drop(self.limited.insert(it)),
            // Nothing limits any more what was limited before.
            None if self.now.contains_key(&Aspect::Limited) => self.note(t, Aspect::Limited, ""),
            _ => {}
        }
        let size =
            stats.width.zip(stats.height).filter(|(width, height)| *width > 0 && *height > 0);
        if let Some((width, height)) = size {
            self.note(t, Aspect::Resolution, &format!("{width}×{height}"));
            let pixels = u64::from(width) * u64::from(height);
            if self.sizes.len() < MAX_SAMPLES {
                self.sizes.insert(pixels, [width, height]);
            }
        }
        if let Some(n) = stats.freezes.filter(|it| *it > 0) {
            let long = stats.frozen_s.map_or_else(String::new, |it| format!(", {it:.1} s"));
            self.note(t, Aspect::Frozen, &format!("{n}{long}"));
        }
    }

    fn note(&mut self, at: Timestamp, what: Aspect, to: &str) {
        let now = self.now.entry(what).or_default();
        if (now.0 > 0 && *now.1 == *to) || now.0 >= MAX_CHANGES {
            return;
        }
        *now = (now.0 + 1, to.into());
        self.noted.push(Noted { at, what, to: to.into() });
    }

    pub(super) fn finish(mut self) -> Connection {
        let samples = &self.kept.samples;
        let mut fared = Fared {
            samples: self.kept.seen,
            lost: quality::share_lost(samples).map(|it| it * 100.0),
            freezes: self.freezes.map(|it| it.all as u64),
            frozen_s: self.frozen_s.map(|it| it.all),
            smallest: self.sizes.first_key_value().map(|it| *it.1),
            largest: self.sizes.last_key_value().map(|it| *it.1),
            codecs: self.codecs.into_iter().collect(),
            candidates: self.now.remove(&Aspect::Candidates).map(|it| it.1),
            limited: self.limited.into_iter().collect(),
            connected_ms: self.path.connected_ms,
            drops: self.path.drops,
            reconnects: self.path.reconnects,
            audio: quality::audio(samples),
            video: quality::video(samples),
            ..Fared::default()
        };
        let it = Connection {
            rtt_ms: self.rtt_ms.finish(),
            jitter_ms: self.jitter_ms.finish(),
            packets_lost: self.packets_lost.rate.finish(),
            loss: self.loss.finish(),
            frozen: self.frozen.rate.finish(),
            bitrate_in: self.bitrate_in.finish(),
            bitrate_out: self.bitrate_out.finish(),
            fps: self.fps.finish(),
            states: self.states,
            noted: self.noted,
            fared: None,
        };
        fared.rtt_ms = it.rtt_ms.as_ref().and_then(highest);
        fared.jitter_ms = it.jitter_ms.as_ref().and_then(highest);
        fared.loss = it.loss.as_ref().and_then(highest);
        fared.received = it.bitrate_in.as_ref().and_then(least);
        fared.sent = it.bitrate_out.as_ref().and_then(least);
        fared.fps = it.fps.as_ref().and_then(least);
        Connection { fared: Some(Box::new(fared)), ..it }
    }
}

/// The middle of a quantity of which more is worse, and the most of it.
fn highest(series: &Series) -> Option<Typical> {
    let median = quality::median(series.points.iter().map(|it| it.mean))?;
    Some(Typical { median, worst: series.peak })
}

/// The middle of a quantity of which less is worse, and the least of it, once there was any.
fn least(series: &Series) -> Option<Typical> {
    let flowing = || series.points.iter().skip_while(|it| it.max <= 0.0);
    let median = quality::median(flowing().map(|it| it.mean))?;
    Some(Typical { median, worst: flowing().map(|it| it.min).fold(f64::MAX, f64::min) })
}

/// A count that may begin anew, added up.
#[derive(Clone, Copy)]
struct Grown {
    last: f64,
    all: f64,
}

impl Grown {
    fn add(so_far: &mut Option<Self>, value: Option<f64>) {
        let Some(value) = value.filter(|it| it.is_finite() && *it >= 0.0) else { return };
        let it = so_far.get_or_insert(Self { last: 0.0, all: 0.0 });
        it.all += if value < it.last { value } else { value - it.last };
        it.last = value;
    }
}

/// The samples that scores are computed from.
#[derive(Default)]
struct Kept {
    seen: u64,
    /// How often the samples were halved.
    halved: u32,
    samples: Vec<Sample>,
}

impl Kept {
    fn add(&mut self, sample: Sample) {
        if self.seen.is_multiple_of(1_u64 << self.halved.min(63)) {
            self.samples.push(sample);
        }
        self.seen += 1;
        if self.samples.len() > MAX_SAMPLES {
            let mut n = 0;
            self.samples.retain(|_| {
                n += 1;
                n % 2 == 1
            });
            self.halved += 1;
        }
    }
}

/// How a connection came about, was lost and came back.
#[derive(Default)]
struct Path {
    first: Option<Timestamp>,
    connected_ms: Option<u64>,
    is_broken: bool,
    drops: u32,
    reconnects: u32,
}

impl Path {
    fn add(&mut self, t: Timestamp, stats: &Webrtc) {
        let first = *self.first.get_or_insert(t);
        let states = [stats.state.as_deref(), stats.ice.as_deref()];
        let has = |any: &[&str]| {
            states.iter().flatten().flat_map(|it| it.split_whitespace()).any(|it| any.contains(&it))
        };
        let (is_connected, is_broken) =
            (has(&["connected", "completed"]), has(&["disconnected", "failed"]));
        if is_connected && !is_broken && self.connected_ms.is_none() {
            self.connected_ms = u64::try_from(t.duration_since(first).as_millis()).ok();
        }
        if self.connected_ms.is_none() {
            return;
        }
        if is_broken && !self.is_broken {
            (self.is_broken, self.drops) = (true, self.drops + 1);
        } else if self.is_broken && is_connected && !is_broken {
            (self.is_broken, self.reconnects) = (false, self.reconnects + 1);
        }
    }
}
