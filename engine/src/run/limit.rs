//! Limits: how long each phase of an attempt may take.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::panic::Caught;
use crate::{
    error::{Class, Phase, StepError, StepResult},
    evidence::Evidence,
    messages::Pickle,
    registry::Doing,
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

/// Does it within a limit, until somebody interrupts it.
pub(super) async fn within<'a>(
    (phase, limit): (Phase, Duration),
    evidence: &Evidence,
    cancelled: &CancellationToken,
    begin: impl FnOnce() -> Doing<'a>,
) -> StepResult {
    let (begun, mut is_warned) = (Instant::now(), false);
    let mut doing = pin!(Caught::new(begin));
    let at = |after| begun.checked_add(after).unwrap_or_else(|| begun + NEVER);
    let mut warning = pin!(sleep_until(at(limit / 4 * 3)));
    let mut end = pin!(sleep_until(at(limit)));
    loop {
        tokio::select! {
            biased;
            result = &mut doing => return result,
            () = cancelled.cancelled() => return interrupted(),
            () = &mut end => {
                warn!(target: "lkreport", %phase, ?limit, "limit reached");
                let message = format!("the limit of phase {phase}, {limit:?}, was reached");
                return Err(StepError::failed(Class::Limit(phase), message));
            }
            () = &mut warning, if !is_warned => {
                is_warned = true;
                warn!(target: "lkreport", %phase, ?limit, "three quarters of a limit are over");
                evidence.log(&format!("three quarters of the limit of phase {phase}, {limit:?}, are over"));
            }
        }
    }
}

/// What became of a step that an interruption kept from going on.
pub(super) fn interrupted() -> StepResult {
    Err(StepError::Skipped(Some("the run was interrupted".to_owned())))
}
