//! One `<testcase>` while it is read, and what becomes of it.

use std::{mem, sync::Arc, time::Duration};

use jiff::Timestamp;
use lkreport_contract::outcome::{ExtraOutcome, OUTCOME_MEDIA_TYPE, OutcomeAttachment};

use super::{
    super::{
        Intake,
        excerpt::{Excerpt, Tail},
        telling,
    },
    attachments, playwright,
};
use crate::model::{Artifact, ArtifactKind, Attempt, Case, Failure, FailureKind, Outcome};

/// The most bytes of a failure's text that stay with its case.
const TEXT: usize = 4_000;

/// The most bytes of a message.
const MESSAGE: usize = 1_000;

/// The most bytes of a failure's text that are kept at all.
const WHOLE: usize = 64 * 1024;

/// The bytes of output that stay with a failed attempt.
pub(super) const OUTPUT: usize = 2_000;

/// The most bytes of a property or a reason.
pub(super) const SHORT: usize = 1_000;

/// The most failures, artifacts, tags and attempts of one element that are told apart.
const MOST: usize = 100;

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
    /// The reason that Playwright's annotation gives, in case it was skipped.
    pub(super) annotated: Option<Box<str>>,
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
        if self.failures.len() < MOST {
            self.failures.push(failure);
            self.artifacts.extend(artifact);
        }
    }

    /// Takes in files that the attempt names.
    pub(super) fn attach(&mut self, artifacts: impl IntoIterator<Item = Artifact>) {
        let room = MOST.saturating_sub(self.artifacts.len());
        self.artifacts.extend(artifacts.into_iter().take(room));
    }
}

impl OpenCase {
    /// Whether anything in it failed.
    pub(super) fn has_failed(&self) -> bool {
        !self.own.failures.is_empty()
    }

    /// Takes in a failed attempt.
    pub(super) fn rerun(&mut self, rerun: Rerun, intake: &mut Intake<'_>) {
        let Rerun { mut attempt, is_flaky, failure, output, artifacts } = rerun;
        let mut evidence = Evidence::default();
        evidence.add(failure.finish(intake));
        evidence.attach(artifacts);
        describe(&mut attempt, evidence, Some(intake.tail(output.as_str(), OUTPUT)));
        let attempts = if is_flaky { &mut self.earlier } else { &mut self.reruns };
        if attempts.len() < MOST {
            attempts.push(attempt);
        }
    }

    /// Takes in a property of the case; most say nothing that there is a place for.
    pub(super) fn property(&mut self, name: &str, value: &str, intake: &mut Intake<'_>) {
        match name {
            "tag" | "tags" => {
                let tags = value.split(',').map(str::trim).filter(|it| !it.is_empty());
                let tags = tags.take(MOST.saturating_sub(self.tags.len()));
                let tags = tags.map(|it| intake.line(it.trim_start_matches('@')));
                self.tags.extend(tags.map(|it| Arc::from(format!("@{it}"))));
            }
            "skip" | "fixme" if !value.trim().is_empty() => {
                self.annotated = Some(intake.text(value.trim(), SHORT));
            }
            "attachment" => self.own.attach(attachments::artifact(value, intake)),
            OUTCOME_MEDIA_TYPE => {
                let Ok(said) = serde_json::from_str::<OutcomeAttachment>(value) else { return };
                let outcome = match said.outcome {
                    ExtraOutcome::Unsupported => Outcome::Unsupported,
                    ExtraOutcome::Degraded => Outcome::Degraded,
                };
                self.said = Some((outcome, intake.text(&said.reason, SHORT)));
            }
            _ => {}
        }
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
        let skipped =
            self.skipped.map(|it| if it.is_empty() { self.annotated.unwrap_or(it) } else { it });
        let reason = self.said.map(|it| it.1).or(skipped).filter(|it| !it.is_empty());
        tell(&mut evidence.failures, output.as_deref());
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
            measured: None,
        }
    }
}

/// Puts what was printed into an attempt that failed and has no output of its own.
pub(super) fn add_output(attempt: &mut Attempt, output: Box<str>) {
    let has_output = attempt.detail.as_ref().is_some_and(|it| it.output.is_some());
    if has_output || !attempt.outcome.is_failing() || output.trim().is_empty() {
        return;
    }
    let detail = attempt.detail_mut();
    tell(&mut detail.failures, Some(&output));
    detail.output = Some(output);
}

/// CTest, Bazel and the Cucumbers say nothing of some failures but what was printed.
fn tell(failures: &mut [Failure], output: Option<&str>) {
    if let [Failure { type_name: None, message, text, .. }] = failures
        && text.is_empty()
        && (telling::is_generic(message) || message.starts_with("exited with error code "))
        && let Some(told) = output.and_then(told_by)
    {
        *message = told.into();
    }
}

/// What an output tells of a failure: the step that Cucumber stopped at, or else its most telling line.
fn told_by(output: &str) -> Option<String> {
    let stopped_at = output.lines().find_map(|line| {
        let (step, status) = line.rsplit_once("..")?;
        let is_bad = ["undefined", "pending", "ambiguous", "failed"].contains(&status.trim());
        is_bad.then(|| format!("{}: {}", step.trim_end_matches('.').trim(), status.trim()))
    });
    let tells = || output.lines().any(|it| telling::score(it) >= telling::TELLING);
    stopped_at.or_else(|| tells().then(|| telling::message(output)).flatten())
}

/// Puts what was found into the detail of an attempt, which stays away where there is nothing.
fn describe(attempt: &mut Attempt, evidence: Evidence, output: Option<Box<str>>) {
    let output = output.filter(|it| attempt.outcome.is_failing() && !it.trim().is_empty());
    if evidence.failures.is_empty() && evidence.artifacts.is_empty() && output.is_none() {
        return;
    }
    let detail = attempt.detail_mut();
    detail.failures = evidence.failures;
    detail.artifacts = evidence.artifacts;
    detail.output = output;
}

/// A failed attempt inside its case.
pub(super) struct Rerun {
    pub(super) attempt: Attempt,
    /// Whether a later attempt passed.
    pub(super) is_flaky: bool,
    pub(super) failure: OpenFailure,
    pub(super) output: Tail,
    /// The files that its output names.
    pub(super) artifacts: Vec<Artifact>,
}

/// A `<skipped>` or `<property>` while it is open: an attribute says it, or else the text.
#[derive(Default)]
pub(super) struct Short {
    name: Box<str>,
    said: Box<str>,
    text: Excerpt,
}

impl Short {
    pub(super) fn new(name: &str, said: &str) -> Self {
        Self { name: name.into(), said: said.into(), text: Excerpt::new(SHORT) }
    }

    /// Takes in a piece of its text.
    pub(super) fn push(&mut self, piece: &str) {
        self.text.push(piece);
    }

    /// What it says.
    pub(super) fn value(self) -> String {
        // gotestsum gives all that Go printed around the reason.
        if self.said.contains("--- SKIP: ")
            && let Some(told) = telling::message(&self.said)
        {
            return told;
        }
        let text = self.text.finish();
        let says_nothing =
            ["", "skipped"].iter().any(|it| self.said.trim().eq_ignore_ascii_case(it));
        if !says_nothing || text.trim().is_empty() {
            return self.said.into();
        }
        // Surefire gives an exception with its stack as the reason.
        let is_stack = |line: &&str| {
            line.starts_with(char::is_whitespace) && line.trim_start().starts_with("at ")
        };
        text.lines().take_while(|it| !is_stack(it)).collect::<Vec<_>>().join("\n")
    }

    /// The name and the value of a property.
    pub(super) fn into_property(mut self) -> (Box<str>, String) {
        (mem::take(&mut self.name), self.value())
    }
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

    /// Takes the retries out of a failure of Playwright's; each is a failed attempt.
    pub(super) fn take_retries(&mut self) -> Vec<Self> {
        let whole = mem::take(&mut self.text).finish();
        let mut texts = playwright::attempts(&whole).into_iter();
        let mut own = Excerpt::new(WHOLE);
        own.push(texts.next().unwrap_or_default());
        self.text = own;
        let retry = |text| {
            let message = playwright::message(text).unwrap_or_default();
            let message = message.strip_prefix("Error: ").unwrap_or(message);
            let mut retry =
                Self::new(self.kind, self.type_name.as_deref().unwrap_or_default(), message);
            retry.push(text);
            retry
        };
        texts.map(retry).collect()
    }

    /// The failure, and a file with all of its text where it is long.
    pub(super) fn finish(self, intake: &mut Intake<'_>) -> (Failure, Option<Artifact>) {
        let whole = self.text.finish();
        let whole = whole.trim_end().trim_start_matches(['\n', '\r']);
        let told = if playwright::says_place_only(self.type_name.as_deref(), &self.message) {
            playwright::message(whole).map(str::to_owned)
        } else if telling::is_generic(&self.message) {
            telling::message(without_title(whole, self.type_name.as_deref()))
        } else {
            None
        };
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

/// PHPUnit begins the text with the name of the test.
fn without_title<'t>(text: &'t str, type_name: Option<&str>) -> &'t str {
    let is_phpunit = type_name.is_some_and(|it| it.starts_with("PHPUnit\\"));
    match text.split_once('\n') {
        Some((title, rest)) if is_phpunit && title.contains("::") => rest,
        _ => text,
    }
}

fn keep(text: &str, intake: &mut Intake<'_>) -> Option<Artifact> {
    let (name, media_type) = ("output.txt", "text/plain");
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
