//! What became of a step or a hook, as the stream and the summary tell it.

use std::time::Duration;

use lkreport_contract::outcome::ExtraOutcome;

use crate::{
    error::{Class, StepError, StepResult},
    evidence::Evidence,
    messages::{self, Exception, SourceReference, Status},
};

/// What became of a step or a hook.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) status: Status,
    pub(super) message: Option<String>,
    pub(super) class: Option<Class>,
    /// Where it happened.
    pub(super) place: String,
    /// What programs call it; none where nothing was said.
    kind: Option<String>,
}

impl Told {
    /// What a body returned; `source` is where it stands unless it knows better.
    pub(super) fn new(result: StepResult, source: &SourceReference, evidence: &Evidence) -> Self {
        let place = place(&source.uri, source.location.line);
        let told = |status, message: Option<String>, kind: &str| Self {
            status,
            kind: message.is_some().then(|| kind.to_owned()),
            message: message.map(|it| evidence.stream.masked(&it)),
            class: None,
            place: place.clone(),
        };
        match result {
            Ok(()) => told(Status::Passed, None, ""),
            Err(StepError::Skipped(reason)) => told(Status::Skipped, reason, "skipped"),
            Err(StepError::Pending(reason)) => told(Status::Pending, reason, "pending"),
            Err(StepError::Unsupported(reason)) => {
                evidence.outcome(ExtraOutcome::Unsupported, &reason);
                told(Status::Skipped, Some(reason), "unsupported")
            }
            Err(StepError::Failed(it)) => {
                let place = it.place.map(|(uri, at)| self::place(&uri, at.line));
                let told = told(Status::Failed, Some(it.message), &it.class.to_string());
                Self { class: Some(it.class), place: place.unwrap_or(told.place), ..told }
            }
        }
    }

    /// A step that did not run.
    pub(super) fn without_running(status: Status, source: &SourceReference) -> Self {
        let place = place(&source.uri, source.location.line);
        Self { status, message: None, class: None, place, kind: None }
    }

    /// As the stream tells it.
    pub(super) fn result(&self, took: Duration) -> messages::StepResult {
        let exception = self.message.as_ref().zip(self.kind.as_ref());
        let exception = exception.map(|(message, kind)| Exception {
            kind: kind.clone(),
            message: message.clone(),
            stack_trace: format!("{kind}: {message}\n{}", self.place),
        });
        messages::StepResult {
            status: self.status,
            duration: took.into(),
            message: exception.as_ref().map(|it| it.message.clone()),
            exception,
        }
    }
}

fn place(uri: &str, line: u32) -> String {
    format!("{uri}:{line}")
}
