//! The statistics of a person's connections: a sample a second, for as long as the window is open, and
//! how things stood at the moment when something broke.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use lkreport_contract::metrics::{Sample, Webrtc};
use serde::Deserialize;
use tokio::{
    task::AbortHandle,
    time::{MissedTickBehavior, interval},
};

use super::{
    driver::lock,
    page::Look,
    person::{Page, PageError},
};
use crate::metrics::Meter;

/// How often the page is asked for what it measured.
const EVERY: Duration = Duration::from_secs(1);

/// Of more moments than this at which something broke, no pictures are kept.
const MOST_BREAKS: usize = 5;

/// Whose connections are measured, and where that goes.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Who.
    pub participant: String,
    /// The attempt.
    pub case: Option<String>,
    /// Where samples go besides evidence.
    pub meter: Option<Arc<Meter>>,
}

/// A moment at which something broke that nobody wanted to end, and how things stood then.
#[derive(Debug, Clone)]
pub struct Break {
    /// When.
    pub at: Timestamp,
    /// What broke, as a sentence.
    pub what: String,
    /// What the person saw, as PNG; in words, why there is no picture.
    pub picture: Result<Vec<u8>, String>,
    /// What the page said of itself; in words, why it said nothing.
    pub look: Result<Box<Look>, String>,
}

/// What is measured until this is dropped.
#[derive(Debug)]
pub(super) struct Statistics {
    watch: Watch,
    task: AbortHandle,
}

/// A page that is watched, and what came of it so far.
#[derive(Debug, Clone)]
struct Watch {
    page: Page,
    of: Measured,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    samples: Vec<Sample>,
    /// The number of the newest sample.
    newest: u64,
    /// How often something broke.
    broken: usize,
    breaks: Vec<Break>,
}

/// What the page says when it is watched.
#[derive(Debug, Deserialize)]
struct Told {
    samples: Vec<Raw>,
    breaks: Vec<RawBreak>,
}

/// As the page measures it.
#[derive(Debug, Deserialize)]
struct Raw {
    number: u64,
    at: f64,
    #[serde(flatten)]
    webrtc: Webrtc,
}

#[derive(Debug, Deserialize)]
struct RawBreak {
    at: f64,
    what: String,
}

impl Statistics {
    pub(super) fn begin(page: Page, of: Measured) -> Self {
        let watch = Watch { page, of, kept: Arc::default() };
        let watched = watch.clone();
        let task = tokio::spawn(async move { watched.go_on().await });
        Self { watch, task: task.abort_handle() }
    }

    /// All samples so far.
    pub(super) fn samples(&self) -> Vec<Sample> {
        lock(&self.watch.kept).samples.clone()
    }

    /// What broke so far.
    pub(super) fn breaks(&self) -> Vec<Break> {
        lock(&self.watch.kept).breaks.clone()
    }

    /// Fetches what was measured last.
    pub(super) async fn end(self) -> Result<(), PageError> {
        self.task.abort();
        self.watch.fetch(Duration::ZERO).await.map(|_| ())
    }
}

impl Drop for Statistics {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch {
    async fn go_on(&self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            match self.fetch(EVERY).await {
                Ok(breaks) => self.see(breaks).await,
                // A page that does not answer is somebody else's to find out.
                Err(_) => _ = ticks.tick().await,
            }
        }
    }

    /// Keeps what was measured, as soon as something breaks or the time is over; returns what broke.
    async fn fetch(&self, limit: Duration) -> Result<Vec<RawBreak>, PageError> {
        let (newest, known) = {
            let kept = lock(&self.kept);
            (kept.newest, kept.broken)
        };
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let told: Told = self.page.ask("meeting.watch", (newest, known, limit)).await?;
        let mut kept = lock(&self.kept);
        kept.broken += told.breaks.len();
        for raw in told.samples {
            kept.newest = raw.number;
            let sample = sample(&self.of, raw);
            if let Some(meter) = &self.of.meter {
                // A disk that is full stops the stream of messages, which says so.
                _ = meter.write(&sample);
            }
            kept.samples.push(sample);
        }
        Ok(told.breaks)
    }

    /// Looks at the page where something broke; what breaks with it shows the same.
    async fn see(&self, breaks: Vec<RawBreak>) {
        let what = breaks.iter().map(|it| it.what.as_str()).collect::<Vec<_>>().join("; ");
        let Some(first) = breaks.first() else { return };
        if lock(&self.kept).breaks.len() >= MOST_BREAKS {
            return;
        }
        let (at, picture) = (moment(first.at), self.page.screenshot().await);
        let look = self.page.ask::<Look>("meeting.look", [u32::MAX]).await;
        lock(&self.kept).breaks.push(Break {
            at,
            what,
            picture: picture.map_err(|it| it.to_string()),
            look: look.map(Box::new).map_err(|it| it.to_string()),
        });
    }
}

/// Milliseconds since 1970, as pages count.
fn moment(milliseconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    Timestamp::from_millisecond(milliseconds as i64).unwrap_or_default()
}

fn sample(of: &Measured, raw: Raw) -> Sample {
    Sample {
        t: moment(raw.at),
        component: "client-js".to_owned(),
        instance: None,
        case: of.case.clone(),
        participant: Some(of.participant.clone()),
        cpu: None,
        mem: None,
        rx: None,
        tx: None,
        webrtc: Some(raw.webrtc),
    }
}
