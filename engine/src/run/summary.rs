//! What became of a run, for those who ask when it is over.

use std::{io, sync::Arc, time::Duration};

use jiff::Timestamp;
use lkreport_contract::{gherkin::SyntaxError, outcome::OutcomeAttachment};

use crate::{
    error::Class,
    messages::{Pickle, Status},
};

/// What became of a run.
#[derive(Debug)]
pub struct Summary {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// The scenarios that began, in the order of the plan.
    pub cases: Vec<Case>,
    /// What went wrong in hooks around the run.
    pub hook_failures: Vec<String>,
    /// What is wrong with feature files.
    pub syntax_errors: Vec<(String, SyntaxError)>,
    /// Why no scenario could run.
    pub blocked: Option<String>,
    /// Whether somebody interrupted it.
    pub was_interrupted: bool,
    /// Why the stream ends before the run does.
    pub stream_error: Option<io::Error>,
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Case {
    /// As it ran.
    pub scenario: Arc<Pickle>,
    /// In their order; at least one.
    pub attempts: Vec<Attempt>,
}

/// One try at a scenario.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The worst of its steps and hooks.
    pub status: Status,
    /// Hooks and steps, in their order.
    pub steps: Vec<Step>,
    /// What prevails over the status.
    pub extra: Option<OutcomeAttachment>,
    /// Why a further attempt follows.
    pub retry: Option<String>,
}

/// One step or hook of an attempt.
#[derive(Debug, Clone)]
pub struct Step {
    /// The text of the step; none of hooks.
    pub text: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why it did not pass.
    pub message: Option<String>,
    /// Of what class the failure is.
    pub class: Option<Class>,
    /// Where: the feature file and its line, or the place of a panic.
    pub place: String,
}

impl Case {
    /// What became of it in the end.
    #[must_use]
    pub fn status(&self) -> Status {
        self.attempts.last().map_or(Status::Unknown, |it| it.status)
    }
}

impl Summary {
    /// The summary of a run that begins now.
    pub(super) fn beginning_at(started: Timestamp) -> Self {
        Self {
            started,
            finished: started,
            cases: Vec::new(),
            hook_failures: Vec::new(),
            syntax_errors: Vec::new(),
            blocked: None,
            was_interrupted: false,
            stream_error: None,
        }
    }

    /// Whether all of it did what it should.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.cases.iter().all(|it| it.status().is_fine())
            && self.hook_failures.is_empty()
            && self.syntax_errors.is_empty()
            && self.blocked.is_none()
            && !self.was_interrupted
            && self.stream_error.is_none()
    }
}
