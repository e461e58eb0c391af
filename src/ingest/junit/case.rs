//! One `<testcase>` while it is read, and what becomes of it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::super::{Intake, excerpt::Excerpt, telling};
use crate::model::{Artifact, ArtifactKind, Attempt, Case, Failure, FailureKind, Outcome};

/// The most bytes of a failure's text that stay with its case.
const TEXT: usize = 4_000;

/// The most bytes of a message.
const MESSAGE: usize = 1_000;

/// The most bytes of a failure's text that are kept at all.
const WHOLE: usize = 64 * 1024;

/// The most failures of one attempt that are told apart.
const FAILURES: usize = 100;

/// A case that is not closed yet.
pub(super) struct OpenCase {
    pub(super) path: Arc<[Arc<str>]>,
    pub(super) name: Box<str>,
    pub(super) example: Box<[Box<str>]>,
    pub(super) tags: Vec<Arc<str>>,
    pub(super) started: Option<Timestamp>,
    pub(super) duration: Option<Duration>,
    /// What its `status` says.
    pub(super) status: Option<Outcome>,
    /// The reason for which it was skipped; empty where there is none.
    pub(super) skipped: Option<Box<str>>,
    /// What an attachment of ours says, which prevails.
    pub(super) said: Option<(Outcome, Box<str>)>,
    pub(super) own: Evidence,
    /// Failed attempts before the one that passed.
    pub(super) earlier: Vec<Attempt>,
    /// Failed attempts after the first that failed.
    pub(super) reruns: Vec<Attempt>,
}

/// What was found out about an attempt besides its outcome.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) failures: Vec<Failure>,
    pub(super) artifacts: Vec<Artifact>,
}

impl Evidence {
    /// Takes in a failure, and the file with all of its text where there is one.
    pub(super) fn add(&mut self, (failure, artifact): (Failure, Option<Artifact>)) {
        if self.failures.len() < FAILURES {
            self.failures.push(failure);
            self.artifacts.extend(artifact);
        }
    }
}

impl OpenCase {
    /// Whether anything in it failed.
    pub(super) fn has_failed(&self) -> bool {
        !self.own.failures.is_empty()
    }

    /// What happened in the attempt that the element itself stands for.
    fn outcome(&self) -> Outcome {
        match self {
            Self { said: Some((outcome, _)), .. } => *outcome,
            _ if self.has_failed() => Outcome::Failed,
            Self { skipped: Some(_), .. } => Outcome::Skipped,
            Self { status, .. } => status.unwrap_or(Outcome::Passed),
        }
    }

    /// The case; `output` is the end of what the attempt printed, and `no_tags` is shared.
    pub(super) fn finish(self, output: Option<Box<str>>, no_tags: &Arc<[Arc<str>]>) -> Case {
        let mut attempt = Attempt::new(self.outcome());
        attempt.started = self.started;
        attempt.duration = self.duration;
        let mut evidence = self.own;
        if attempt.outcome == Outcome::Failed && evidence.failures.is_empty() {
            let message = "failed, as its status says".into();
            evidence.add((Failure { message, ..no_failure(FailureKind::Failure) }, None));
        }
        let reason = self.said.map(|it| it.1).or(self.skipped).filter(|it| !it.is_empty());
        describe(&mut attempt, evidence, output);
        if reason.is_some() {
            attempt.detail_mut().reason = reason;
        }
        let mut attempts = self.earlier;
        if attempt.outcome.is_failing() {
            attempts.push(attempt);
            attempts.extend(self.reruns);
        } else {
            attempts.extend(self.reruns);
            attempts.push(attempt);
        }
        let tags = if self.tags.is_empty() { Arc::clone(no_tags) } else { self.tags.into() };
        Case {
            path: self.path,
            feature: None,
            rule: None,
            name: self.name,
            example: self.example,
            tags,
            attempts,
        }
    }
}

/// Puts what was found into the detail of an attempt, which stays away where there is nothing.
pub(super) fn describe(attempt: &mut Attempt, evidence: Evidence, output: Option<Box<str>>) {
    let output = output.filter(|it| attempt.outcome.is_failing() && !it.trim().is_empty());
    if evidence.failures.is_empty() && evidence.artifacts.is_empty() && output.is_none() {
        return;
    }
    let detail = attempt.detail_mut();
    detail.failures = evidence.failures;
    detail.artifacts = evidence.artifacts;
    detail.output = output;
}

/// A `<failure>`, `<error>` or one of an attempt while it is read.
pub(super) struct OpenFailure {
    kind: FailureKind,
    type_name: Option<Box<str>>,
    message: Box<str>,
    text: Excerpt,
}

impl OpenFailure {
    /// A failure with what its attributes say.
    pub(super) fn new(kind: FailureKind, type_name: &str, message: &str) -> Self {
        let type_name = Some(type_name.trim()).filter(|it| !it.is_empty());
        let mut text = Excerpt::new(WHOLE);
        // Some producers put all of the output into the message.
        let is_output = message.len() > MESSAGE;
        if is_output {
            text.push(message);
            text.push("\n");
        }
        Self {
            kind,
            type_name: type_name.map(Into::into),
            message: if is_output { "".into() } else { message.into() },
            text,
        }
    }

    /// Takes in a piece of its text.
    pub(super) fn push(&mut self, piece: &str) {
        self.text.push(piece);
    }

    /// The failure, and a file with all of its text where it is long.
    pub(super) fn finish(self, intake: &mut Intake<'_>) -> (Failure, Option<Artifact>) {
        let whole = self.text.finish();
        let whole = whole.trim_end().trim_start_matches(['\n', '\r']);
        let told = if telling::is_generic(&self.message) { telling::message(whole) } else { None };
        let message = told.as_deref().unwrap_or(&self.message).trim();
        let message = match &self.type_name {
            _ if !message.is_empty() => message,
            Some(type_name) => type_name,
            None => whole.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("failed"),
        };
        let text = if whole.trim() == message { "" } else { whole };
        let failure = Failure {
            type_name: self.type_name.as_deref().map(|it| intake.line(it)),
            message: intake.text(message, MESSAGE),
            text: intake.text(text, TEXT),
            ..no_failure(self.kind)
        };
        let artifact = if text.len() > TEXT { keep(text, intake) } else { None };
        (failure, artifact)
    }
}

const OUTPUT: (&str, &str) = ("output.txt", "text/plain");

fn keep(text: &str, intake: &mut Intake<'_>) -> Option<Artifact> {
    let (name, media_type) = OUTPUT;
    let place = intake.file(name, media_type, text.as_bytes())?;
    Some(Artifact {
        kind: ArtifactKind::Text,
        name: name.into(),
        media_type: media_type.into(),
        place,
        bytes: text.len() as u64,
    })
}

fn no_failure(kind: FailureKind) -> Failure {
    Failure { kind, type_name: None, message: "".into(), text: "".into() }
}
