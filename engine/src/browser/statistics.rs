//! The statistics of a person's connections: a sample a second, for as long as the window is open.

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
    person::{Page, PageError},
};
use crate::metrics::Meter;

/// How often the page is asked for what it measured.
const EVERY: Duration = Duration::from_secs(1);

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

/// What is measured until this is dropped.
#[derive(Debug)]
pub(super) struct Statistics {
    page: Page,
    of: Measured,
    kept: Arc<Mutex<Vec<Sample>>>,
    task: AbortHandle,
}

/// As the page measures it.
#[derive(Debug, Deserialize)]
struct Raw {
    at: f64,
    #[serde(flatten)]
    webrtc: Webrtc,
}

impl Statistics {
    pub(super) fn begin(page: Page, of: Measured) -> Self {
        let kept = Arc::<Mutex<Vec<Sample>>>::default();
        let (watched, whose, to) = (page.clone(), of.clone(), Arc::clone(&kept));
        let task = tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                // A page that does not answer is somebody else's to find out.
                _ = fetch(&watched, &whose, &to).await;
            }
        });
        Self { page, of, kept, task: task.abort_handle() }
    }

    /// All samples so far.
    pub(super) fn samples(&self) -> Vec<Sample> {
        lock(&self.kept).clone()
    }

    /// Fetches what was measured last.
    pub(super) async fn end(self) -> Result<(), PageError> {
        self.task.abort();
        fetch(&self.page, &self.of, &self.kept).await
    }
}

impl Drop for Statistics {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn fetch(page: &Page, of: &Measured, kept: &Mutex<Vec<Sample>>) -> Result<(), PageError> {
    let raw: Vec<Raw> = page.ask("meeting.samples", [(); 0]).await?;
    for it in raw {
        let sample = sample(of, it);
        if let Some(meter) = &of.meter {
            // A disk that is full stops the stream of messages, which says so.
            _ = meter.write(&sample);
        }
        lock(kept).push(sample);
    }
    Ok(())
}

fn sample(of: &Measured, raw: Raw) -> Sample {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let at = Timestamp::from_millisecond(raw.at as i64).unwrap_or_default();
    Sample {
        t: at,
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
