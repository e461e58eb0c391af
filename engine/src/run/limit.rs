//! Limits: how long each phase of an attempt may take.

use std::{pin::pin, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::panic::Caught;
use crate::{
    error::{Class, Phase, StepError, StepResult},
    evidence::Evidence,
    messages::Pickle,
    registry::{Doing, Look},
    tag::TagExpression,
};

/// How long each phase may take; they hold for each step and hook by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Programs are started.
    pub startup: Duration,
    /// Somebody connects.
    pub connection: Duration,
    /// A recording is made.
    pub recording: Duration,
    /// What the attempt started is ended.
    pub cleanup: Duration,
    /// Anything else.
    pub step: Duration,
    /// Other limits for some scenarios; the first that holds prevails.
    pub tagged: Vec<(TagExpression, Phase, Duration)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            startup: Duration::from_secs(60),
            connection: Duration::from_secs(30),
            recording: Duration::from_secs(120),
            cleanup: Duration::from_secs(30),
            step: Duration::from_secs(60),
            tagged: Vec::new(),
        }
    }
}

impl Limits {
    /// How long this phase of a scenario may take.
    pub(super) fn of(&self, phase: Phase, scenario: Option<&Pickle>) -> Duration {
        let is_for = |(tags, of, _): &&(TagExpression, Phase, Duration)| {
            *of == phase && scenario.is_some_and(|it| tags.holds(it.tags()))
        };
        self.tagged.iter().find(is_for).map_or_else(|| self.general(phase), |it| it.2)
    }

    fn general(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Startup => self.startup,
            Phase::Connection => self.connection,
            Phase::Recording => self.recording,
            Phase::Cleanup => self.cleanup,
            Phase::Step => self.step,
        }
    }
}

/// A year stands for all that no clock can tell.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long somebody may look at an attempt whose limit is near.
const PATIENCE: Duration = Duration::from_secs(10);

/// A limit that holds for one step or hook.
pub(super) struct Limit<'a> {
    pub(super) phase: Phase,
    pub(super) limit: Duration,
    pub(super) evidence: &'a Evidence,
    /// What interrupts it.
    pub(super) cancelled: &'a CancellationToken,
    /// What is looked at when the limit is near or reached.
    pub(super) look: Option<Look>,
}

impl Limit<'_> {
    /// Does it within the limit, until somebody interrupts it.
    pub(super) async fn hold<'b>(self, begin: impl FnOnce() -> Doing<'b>) -> StepResult {
        let Self { phase, limit, .. } = self;
        let (begun, mut looking) = (Instant::now(), None);
        let mut is_warned = false;
        // What did not end in time is still there while it is looked at.
        let mut doing = pin!(Caught::new(begin));
        let at = |after| begun.checked_add(after).unwrap_or_else(|| begun + NEVER);
        let mut warning = pin!(sleep_until(at(limit / 4 * 3)));
        let mut end = pin!(sleep_until(at(limit)));
        let result = loop {
            tokio::select! {
                biased;
                result = &mut doing => break Some(result),
                () = self.cancelled.cancelled() => return interrupted(),
                () = &mut end => break None,
                () = &mut warning, if !is_warned => {
                    is_warned = true;
                    warn!(target: "lkreport", %phase, ?limit, "three quarters of a limit are over");
                    self.evidence.log(&format!(
                        "three quarters of the limit of phase {phase}, {limit:?}, are over"
                    ));
                    looking = self.look("warning");
                }
            }
        };
        finish(looking).await;
        let Some(result) = result else {
            warn!(target: "lkreport", %phase, ?limit, "limit reached");
            finish(self.look("limit")).await;
            let message = format!("the limit of phase {phase}, {limit:?}, was reached");
            return Err(StepError::failed(Class::Limit(phase), message));
        };
        result
    }

    /// Looks beside what goes on, and attaches what was seen under the name of the phase.
    fn look(&self, what: &str) -> Option<JoinHandle<()>> {
        let looking = self.look.as_ref()?();
        let (name, evidence) = (format!("{}-{what}.txt", self.phase), self.evidence.clone());
        Some(tokio::spawn(async move {
            let seen = timeout(PATIENCE, looking).await;
            let seen = seen.unwrap_or_else(|_| format!("nothing could be seen in {PATIENCE:?}"));
            evidence.text("text/plain", Some(&name), &seen);
        }))
    }
}

/// Waits until what was seen is attached.
async fn finish(looking: Option<JoinHandle<()>>) {
    if let Some(looking) = looking {
        // Who looked and panicked saw nothing; that does not change what became of the step.
        _ = looking.await;
    }
}

/// What became of a step that an interruption kept from going on.
pub(super) fn interrupted() -> StepResult {
    Err(StepError::Skipped(Some("the run was interrupted".to_owned())))
}
