//! An attempt while its steps come in, and the attempt that is made of them.

use std::time::Duration;

use jiff::Timestamp;
use lkreport_contract::outcome::{ExtraOutcome, OutcomeAttachment};

use super::super::Intake;
use crate::model::{Artifact, Attempt, Detail, Failure, Outcome, Step};

/// The most steps, failures and artifacts that are kept of an attempt.
const MOST: usize = 500;
/// How much of its output is kept, in bytes.
const OUTPUT: usize = 16_000;

/// How an attempt came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Ending {
    /// Its producer finished it.
    Finished,
    /// The file ends before it does.
    Cut,
}

/// An attempt under way.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Tried {
    /// When it began.
    pub(in crate::ingest) started: Option<Timestamp>,
    /// How long it took; its steps add up to it until somebody knows better.
    pub(in crate::ingest) duration: Option<Duration>,
    /// What it said of itself by an attachment.
    pub(in crate::ingest) stated: Option<OutcomeAttachment>,
    /// What went wrong.
    pub(in crate::ingest) failures: Vec<Failure>,
    /// Why it was skipped or is pending.
    pub(in crate::ingest) reason: Option<Box<str>>,
    /// Files that belong to it.
    pub(in crate::ingest) artifacts: Vec<Artifact>,
    /// Which worker ran it.
    pub(in crate::ingest) worker: Option<Box<str>>,
    worst: Option<Outcome>,
    is_unclear: bool,
    steps: Vec<Step>,
    output: String,
}

impl Tried {
    /// Takes in a step or hook; without an `outcome` nothing is known of it, and it counts for nothing.
    pub(in crate::ingest) fn step(&mut self, step: Step, outcome: Option<Outcome>) {
        // Severity puts the unknown below passed, but what nobody understood must not turn out green.
        self.is_unclear |= outcome == Some(Outcome::Unknown);
        self.worst = self.worst.max(outcome);
        if let Some(took) = step.duration {
            self.duration = Some(self.duration.unwrap_or_default().saturating_add(took));
        }
        if self.steps.len() < MOST {
            self.steps.push(step);
        }
    }

    /// Takes in an outcome that is said of the whole attempt, in the producer's words. Steps say more
    /// exactly what stopped it: to behave, a step that is undefined or pending is an error.
    pub(in crate::ingest) fn whole(&mut self, outcome: Outcome, status: Box<str>) {
        if self.worst.is_some_and(Outcome::is_failing) {
            return;
        }
        if outcome.is_failing() && &*status != outcome.word() {
            self.reason.get_or_insert(status);
        }
        self.is_unclear |= outcome == Outcome::Unknown;
        self.worst = self.worst.max(Some(outcome));
    }

    /// Takes in what a step of this outcome says of itself: a failure, or why it is skipped or pending.
    pub(in crate::ingest) fn complaint(&mut self, outcome: Option<Outcome>, failure: Failure) {
        if matches!(outcome, Some(Outcome::Skipped | Outcome::Pending | Outcome::Undefined)) {
            self.reason.get_or_insert(failure.message);
        } else if outcome != Some(Outcome::Passed) && self.failures.len() < MOST {
            self.failures.push(failure);
        }
    }

    /// Takes in a part of the same attempt that came after this.
    pub(in crate::ingest) fn absorb(&mut self, later: Self) {
        self.started = self.started.or(later.started);
        self.stated = self.stated.take().or(later.stated);
        self.reason = self.reason.take().or(later.reason);
        self.is_unclear |= later.is_unclear;
        self.worst = self.worst.max(later.worst);
        if let Some(took) = later.duration {
            self.duration = Some(self.duration.unwrap_or_default().saturating_add(took));
        }
        let room = |len: usize| MOST.saturating_sub(len);
        self.failures.extend(later.failures.into_iter().take(room(self.failures.len())));
        self.artifacts.extend(later.artifacts.into_iter().take(room(self.artifacts.len())));
        self.steps.extend(later.steps.into_iter().take(room(self.steps.len())));
        if !later.output.is_empty() {
            self.output(&later.output);
        }
    }

    /// Takes in a file.
    pub(in crate::ingest) fn artifact(&mut self, artifact: Artifact) {
        if self.artifacts.len() < MOST {
            self.artifacts.push(artifact);
        }
    }

    /// Takes in output; of much output the end stays, cut between lines so that no secret is
    /// cut in two and left unmasked.
    pub(in crate::ingest) fn output(&mut self, text: &str) {
        self.output.push_str(text.trim_end());
        self.output.push('\n');
        if self.output.len() > 4 * OUTPUT {
            let from = self.output.ceil_char_boundary(self.output.len() - 2 * OUTPUT);
            let line = self.output[from..].find('\n').map_or(self.output.len(), |at| from + at + 1);
            self.output.drain(..line);
        }
    }

    /// The worst of its steps and hooks, as Cucumber decides; an attempt without any has proved nothing.
    fn outcome(&self, ending: Ending) -> Outcome {
        let worst = self.worst.unwrap_or(Outcome::Unknown);
        if worst.is_failing() {
            return self.stated_or(worst);
        }
        let is_known = ending == Ending::Finished && !(self.is_unclear && worst == Outcome::Passed);
        self.stated_or(if is_known { worst } else { Outcome::Unknown })
    }

    /// What the attempt states prevails; only a failure is not hidden by *degraded*.
    fn stated_or(&self, seen: Outcome) -> Outcome {
        match self.stated.as_ref().map(|it| it.outcome) {
            Some(ExtraOutcome::Unsupported) => Outcome::Unsupported,
            Some(ExtraOutcome::Degraded) if !seen.is_failing() => Outcome::Degraded,
            _ => seen,
        }
    }

    /// The step that decided, where nothing else says what went wrong.
    fn culprit(&self) -> Option<Box<str>> {
        let worst = self.worst.filter(|it| it.is_failing() && self.failures.is_empty())?;
        let step = self.steps.iter().find(|it| it.outcome == worst)?;
        Some(format!("{worst} step: {}", step.text).into())
    }

    /// Makes the attempt; of one that went well only files, reasons and its worker are kept.
    pub(in crate::ingest) fn finish(mut self, ending: Ending, intake: &mut Intake<'_>) -> Attempt {
        let outcome = self.outcome(ending);
        let stated = self.stated.take().map(|it| intake.text(&it.reason, 2_000));
        let cut = (ending == Ending::Cut).then(|| "the file ends before the attempt does".into());
        let culprit = self.culprit();
        let mut detail = Detail {
            reason: stated.or(self.reason).or(culprit).or(cut),
            artifacts: self.artifacts,
            worker: self.worker,
            ..Detail::default()
        };
        let went_well =
            matches!(outcome, Outcome::Passed | Outcome::Skipped | Outcome::Unsupported);
        if !went_well {
            detail.failures = self.failures;
            detail.steps = self.steps;
            detail.output = Some(self.output.trim_end())
                .filter(|it| !it.is_empty())
                .map(|it| intake.text(it, OUTPUT));
        }
        let detail = (detail != Detail::default()).then(|| Box::new(detail));
        Attempt { outcome, started: self.started, duration: self.duration, detail }
    }
}
