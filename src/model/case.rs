//! A case (a scenario; any JUnit test is one), its attempts, and what is kept of them.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaseId, Measured, Outcome};

/// One test of a suite with all its attempts in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Where it stands: feature path, or test suites and class name, outermost first.
    pub path: Arc<[Arc<str>]>,
    /// What the feature calls itself, where the path is that of a file.
    pub feature: Option<Arc<str>>,
    /// The rule of the feature that it belongs to.
    pub rule: Option<Arc<str>>,
    /// What it is called.
    pub name: Box<str>,
    /// The values of its row of examples, or the parameters that tell it from its siblings.
    pub example: Box<[Box<str>]>,
    /// Its tags, with the `@`.
    pub tags: Arc<[Arc<str>]>,
    /// Its attempts in the order in which they were made; never empty.
    pub attempts: Vec<Attempt>,
    /// What was measured while the last of them ran; boxed, because most cases measure nothing.
    pub measured: Option<Box<Measured>>,
}

impl Case {
    /// The id of the case in `suite`; places in files take no part in it.
    #[must_use]
    pub fn id(&self, suite: &str) -> CaseId {
        let path = self.path.iter().map(AsRef::as_ref);
        let rule = self.rule.as_deref().unwrap_or_default();
        let example = self.example.iter().map(AsRef::as_ref);
        // An empty part ends the path, so that a folder and a rule of one name stay apart.
        let parts = [suite].into_iter().chain(path).chain(["", rule, &self.name]);
        CaseId::of(parts.chain(example))
    }

    /// What happened in the end: the outcome of the last attempt that exercised the product, else of
    /// the last.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut attempts = self.attempts.iter().rev();
        let telling = attempts.clone().find(|it| it.outcome.is_evidence());
        telling.or_else(|| attempts.next()).map_or(Outcome::Unknown, |it| it.outcome)
    }

    /// Whether it both passed and failed in this run.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        let failed = |it: &Attempt| it.outcome.is_failing();
        let passed = |it: &Attempt| it.outcome == Outcome::Passed;
        self.attempts.iter().any(failed) && self.attempts.iter().any(passed)
    }

    /// How long all attempts took together, where any says.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.attempts.iter().filter_map(|it| it.duration).reduce(|a, b| a.saturating_add(b))
    }
}

/// One attempt at a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// What happened.
    pub outcome: Outcome,
    /// When it began.
    pub started: Option<Timestamp>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Everything that an uneventful attempt does not have.
    pub detail: Option<Box<Detail>>,
}

impl Attempt {
    /// An attempt of which only the outcome is known.
    #[must_use]
    pub const fn new(outcome: Outcome) -> Self {
        Self { outcome, started: None, duration: None, detail: None }
    }

    /// The detail, made when it is first needed.
    pub fn detail_mut(&mut self) -> &mut Detail {
        self.detail.get_or_insert_default()
    }
}

/// What an attempt left behind besides its outcome. All text is masked and of bounded length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// What failed; several where the producer says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Why it was skipped, retried, degraded or unsupported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// Its steps and hooks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Screenshots, recordings and other files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// The end of what the test printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Box<str>>,
    /// Which of several workers ran it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<Box<str>>,
}

/// One thing that went wrong in an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whether an expectation did not hold or the test itself broke, where the producer tells them apart.
    #[serde(default)]
    pub kind: FailureKind,
    /// The exception or error type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<Box<str>>,
    /// The message, in one or a few lines.
    pub message: Box<str>,
    /// The text around it: stack, difference, output. Shortened in the middle, the telling tail kept.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub text: Box<str>,
}

/// JUnit's distinction between `<failure>` and `<error>`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// An expectation did not hold.
    #[default]
    Failure,
    /// The test could not be carried out.
    Error,
}

/// A step or hook of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The keyword with the text, or the name of the hook.
    pub text: Box<str>,
    /// What happened.
    pub outcome: Outcome,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// Whether it is a hook.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hook: bool,
}

/// A file that belongs to an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// What to show it as.
    pub kind: ArtifactKind,
    /// What it is called.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// Where it stands: its name in the run's evidence, or a URL of elsewhere.
    pub place: Box<str>,
    /// Its size in bytes, 0 where it stands elsewhere.
    pub bytes: u64,
}

/// How an artifact can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// An image that browsers show.
    Image,
    /// A recording that browsers may play.
    Video,
    /// A recording that browsers may play, without a picture.
    Audio,
    /// Plain text, logs, JSON.
    Text,
    /// A file that is offered for download only.
    File,
    /// A page elsewhere.
    Link,
}
