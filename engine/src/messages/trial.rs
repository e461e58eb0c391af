//! The envelopes that say what happens: run, attempts, steps, attachments.

use serde::Serialize;

use super::{Duration, Id, Timestamp};

/// What became of a step; the later one is the worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// There was nothing to do.
    #[default]
    Unknown,
    /// It did what it should.
    Passed,
    /// It did not run, or said that it does not apply.
    Skipped,
    /// It is known, and not built yet.
    Pending,
    /// Nobody knows it.
    Undefined,
    /// More than one definition knows it.
    Ambiguous,
    /// It did not do what it should.
    Failed,
}

impl Status {
    /// Whether a run with it did what it should.
    #[must_use]
    pub fn is_fine(self) -> bool {
        self <= Self::Skipped
    }
}

/// The run begins.
#[derive(Debug, Clone, Serialize)]
pub struct TestRunStarted {
    /// Identifies the run in the stream.
    pub id: Id,
    /// Now.
    pub timestamp: Timestamp,
}

/// The run ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestRunFinished {
    /// The run.
    pub test_run_started_id: Id,
    /// Whether all of it did what it should.
    pub success: bool,
    /// Why there was no run, or only a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// Now.
    pub timestamp: Timestamp,
}

/// A hook around the whole run begins.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestRunHookStarted {
    /// Identifies it.
    pub id: Id,
    /// The run.
    pub test_run_started_id: Id,
    /// The hook.
    pub hook_id: Id,
    /// Now.
    pub timestamp: Timestamp,
}

/// A hook around the whole run ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestRunHookFinished {
    /// Its start.
    pub test_run_hook_started_id: Id,
    /// What became of it.
    pub result: StepResult,
    /// Now.
    pub timestamp: Timestamp,
}

/// A scenario with the definitions that its steps match.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestCase {
    /// Identifies it.
    pub id: Id,
    /// The scenario.
    pub pickle_id: Id,
    /// Hooks and steps, as they will run.
    pub test_steps: Vec<TestStep>,
    /// The run.
    pub test_run_started_id: Id,
}

/// A hook or a step of a scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestStep {
    /// Identifies it.
    pub id: Id,
    /// The hook, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook_id: Option<Id>,
    /// The step, where it is one.
    #[serde(flatten)]
    pub step: Option<MatchedStep>,
}

/// A step and the definitions that match it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchedStep {
    /// The step.
    pub pickle_step_id: Id,
    /// None: undefined. More than one: ambiguous.
    pub step_definition_ids: Vec<Id>,
    /// For each definition.
    pub step_match_arguments_lists: Vec<MatchArguments>,
}

/// The arguments of one match.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchArguments {
    /// In the order of the text.
    pub step_match_arguments: Vec<MatchArgument>,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchArgument {
    /// What matched.
    pub group: Group,
    /// The type of its parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_type_name: Option<String>,
}

/// A group of a regular expression, and those inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// How many characters stand before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// None where it took no part in the match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// In the order of the expression.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

/// An attempt begins.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestCaseStarted {
    /// Identifies the attempt.
    pub id: Id,
    /// The scenario.
    pub test_case_id: Id,
    /// From 0.
    pub attempt: u32,
    /// Which of several jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_id: Option<String>,
    /// Now.
    pub timestamp: Timestamp,
}

/// An attempt ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestCaseFinished {
    /// The attempt.
    pub test_case_started_id: Id,
    /// Whether a further attempt follows.
    pub will_be_retried: bool,
    /// Now.
    pub timestamp: Timestamp,
}

/// A step or a hook of an attempt begins.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestStepStarted {
    /// The attempt.
    pub test_case_started_id: Id,
    /// The step.
    pub test_step_id: Id,
    /// Now.
    pub timestamp: Timestamp,
}

/// A step or a hook of an attempt ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestStepFinished {
    /// The attempt.
    pub test_case_started_id: Id,
    /// The step.
    pub test_step_id: Id,
    /// What became of it.
    pub test_step_result: StepResult,
    /// Now.
    pub timestamp: Timestamp,
}

/// What became of a step or a hook.
#[derive(Debug, Clone, Serialize)]
pub struct StepResult {
    /// In one word.
    pub status: Status,
    /// How long it took.
    pub duration: Duration,
    /// Why it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
}

/// Why something did not pass, for programs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// The class of the error.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened.
    pub message: String,
    /// What happened, and where.
    pub stack_trace: String,
}

/// What a step, a hook or an attempt leaves behind.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Where it belongs.
    #[serde(flatten)]
    pub owner: Owner,
    /// What it holds.
    pub body: String,
    /// How.
    pub content_encoding: Encoding,
    /// Such as `image/png`.
    pub media_type: String,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Now.
    pub timestamp: Timestamp,
}

/// As an attachment, in a file beside the stream.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalAttachment {
    /// Where it belongs.
    #[serde(flatten)]
    pub owner: Owner,
    /// The path from the stream to the file.
    pub url: String,
    /// Such as `image/png`.
    pub media_type: String,
    /// Now.
    pub timestamp: Timestamp,
}

/// Where an attachment belongs.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Owner {
    /// To a step or a hook of an attempt.
    Step {
        /// The attempt.
        test_case_started_id: Id,
        /// The step.
        test_step_id: Id,
    },
    /// To an attempt as a whole.
    Attempt {
        /// The attempt.
        test_case_started_id: Id,
    },
    /// To a hook around the whole run.
    RunHook {
        /// Its start.
        test_run_hook_started_id: Id,
    },
}

/// How the body of an attachment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Bytes as base 64.
    Base64,
}
