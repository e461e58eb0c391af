//! The envelopes that say what the engine knows: steps, hooks, parameter types.

use serde::Serialize;

use super::{Id, SourceReference};

/// A step that the engine knows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepDefinitionMessage {
    /// Steps name it by this.
    pub id: Id,
    /// What texts it matches.
    pub pattern: Pattern,
    /// Where it is registered.
    pub source_reference: SourceReference,
}

/// What texts a step matches.
#[derive(Debug, Clone, Serialize)]
pub struct Pattern {
    /// How to read it.
    #[serde(rename = "type")]
    pub kind: PatternKind,
    /// As it was registered.
    pub source: String,
}

/// How to read a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PatternKind {
    /// With `{int}`, `(s)` and `a/b`.
    CucumberExpression,
    /// With whatever the crate `regex` understands.
    RegularExpression,
}

/// A hook that the engine knows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HookMessage {
    /// Steps name it by this.
    pub id: Id,
    /// When it runs.
    #[serde(rename = "type")]
    pub kind: HookKind,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which scenarios it is for; all, where none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_expression: Option<String>,
    /// Where it is registered.
    pub source_reference: SourceReference,
}

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HookKind {
    /// Once, before the first scenario.
    BeforeTestRun,
    /// Once, after the last scenario.
    AfterTestRun,
    /// Before the steps of each attempt.
    BeforeTestCase,
    /// After the steps of each attempt.
    AfterTestCase,
}

/// A custom parameter type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParameterTypeMessage {
    /// Identifies it.
    pub id: Id,
    /// What stands in the braces.
    pub name: String,
    /// What it matches.
    pub regular_expressions: Vec<String>,
    /// Whether it prevails over others of the same expression.
    pub prefer_for_regular_expression_match: bool,
    /// Whether suggestions use it.
    pub use_for_snippets: bool,
    /// Where it is registered.
    pub source_reference: SourceReference,
}

/// A parameter type that an expression names and nobody defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndefinedParameterType {
    /// What stands in the braces.
    pub name: String,
    /// The expression.
    pub expression: String,
}

/// How an undefined step could be defined.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// Identifies it.
    pub id: Id,
    /// The step.
    pub pickle_step_id: Id,
    /// The likeliest first.
    pub snippets: Vec<Snippet>,
}

/// A few lines of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// Always `rust`.
    pub language: &'static str,
    /// The lines.
    pub code: String,
}
