//! The messages as they stand in a file, with the fields that we need
//! (<https://github.com/cucumber/messages/blob/main/messages.md>). Every field may be missing.

use std::{borrow::Cow, fmt, ops::Deref, time::Duration};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// One line.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) meta: Option<Meta<'a>>,
    pub(super) gherkin_document: Option<Document<'a>>,
    pub(super) pickle: Option<Pickle<'a>>,
    pub(super) hook: Option<Hook<'a>>,
    pub(super) test_run_started: Option<TestRunStarted>,
    pub(super) test_case: Option<TestCase<'a>>,
    pub(super) test_case_started: Option<TestCaseStarted<'a>>,
    pub(super) test_step_finished: Option<TestStepFinished<'a>>,
    pub(super) test_case_finished: Option<TestCaseFinished<'a>>,
    pub(super) attachment: Option<Attachment<'a>>,
    pub(super) external_attachment: Option<Attachment<'a>>,
    pub(super) test_run_hook_finished: Option<TestRunHookFinished<'a>>,
    pub(super) test_run_finished: Option<TestRunFinished<'a>>,
    pub(super) parse_error: Option<ParseError<'a>>,
    pub(super) undefined_parameter_type: Option<UndefinedParameterType<'a>>,
}

/// Who wrote the file, and on which machine.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Meta<'a> {
    #[serde(borrow)]
    pub(super) implementation: Product<'a>,
    pub(super) os: Product<'a>,
    pub(super) cpu: Product<'a>,
    pub(super) runtime: Product<'a>,
    pub(super) ci: Option<Ci<'a>>,
}

/// A name with its version.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) version: Text<'a>,
}

/// The build that ran the tests.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Ci<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) url: Text<'a>,
    pub(super) build_number: Text<'a>,
    pub(super) git: Option<Git<'a>>,
}

/// What was tested.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Git<'a> {
    #[serde(borrow)]
    pub(super) revision: Text<'a>,
    pub(super) branch: Text<'a>,
}

/// A feature file, parsed.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Document<'a> {
    #[serde(borrow)]
    pub(super) uri: Text<'a>,
    pub(super) feature: Option<Feature<'a>>,
}

/// A feature or a rule of it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Feature<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) children: Vec<Child<'a>>,
}

/// What stands in a feature or a rule.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Child<'a> {
    #[serde(borrow)]
    pub(super) rule: Option<Feature<'a>>,
    pub(super) background: Option<Scenario<'a>>,
    pub(super) scenario: Option<Scenario<'a>>,
}

/// A scenario or a background.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Scenario<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) steps: Vec<AstStep<'a>>,
    pub(super) examples: Vec<Examples<'a>>,
}

/// A step as it is written.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AstStep<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) keyword: Text<'a>,
}

/// A table of examples.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Examples<'a> {
    #[serde(borrow)]
    pub(super) table_body: Vec<Row<'a>>,
}

/// A row of examples.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) cells: Vec<Cell<'a>>,
}

/// A value of a row.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Cell<'a> {
    #[serde(borrow)]
    pub(super) value: Text<'a>,
}

/// A scenario ready to be run: one row of an outline is one pickle.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Pickle<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) uri: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) ast_node_ids: Vec<Text<'a>>,
    pub(super) tags: Vec<Tag<'a>>,
    pub(super) steps: Vec<PickleStep<'a>>,
}

/// A tag.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tag<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// A step of a pickle, parameters filled in.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PickleStep<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) text: Text<'a>,
    pub(super) ast_node_ids: Vec<Text<'a>>,
}

/// A hook that some test cases have.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Hook<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) source_reference: SourceReference<'a>,
}

/// Where something is defined.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SourceReference<'a> {
    #[serde(borrow)]
    pub(super) uri: Text<'a>,
    pub(super) location: Location,
}

/// A pickle with its hooks.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestCase<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) pickle_id: Text<'a>,
    pub(super) test_steps: Vec<TestStep<'a>>,
}

/// A step or hook of a test case.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestStep<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) pickle_step_id: Text<'a>,
    pub(super) hook_id: Text<'a>,
}

/// An attempt begins.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestCaseStarted<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) test_case_id: Text<'a>,
    pub(super) worker_id: Text<'a>,
    pub(super) timestamp: Time,
}

/// A step ended; the result was called `testResult` before protocol 13.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestStepFinished<'a> {
    #[serde(borrow)]
    pub(super) test_case_started_id: Text<'a>,
    pub(super) test_step_id: Text<'a>,
    pub(super) test_step_result: Option<StepResult<'a>>,
    pub(super) test_result: Option<StepResult<'a>>,
}

/// What came of a step or hook.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct StepResult<'a> {
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    pub(super) duration: Option<Time>,
    pub(super) message: Text<'a>,
    pub(super) exception: Option<Exception<'a>>,
}

/// What was thrown.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Exception<'a> {
    #[serde(borrow)]
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) message: Text<'a>,
    pub(super) stack_trace: Text<'a>,
}

/// An attempt ended.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestCaseFinished<'a> {
    #[serde(borrow)]
    pub(super) test_case_started_id: Text<'a>,
    pub(super) will_be_retried: Option<bool>,
    pub(super) timestamp: Time,
}

/// A file, here or elsewhere.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attachment<'a> {
    #[serde(borrow)]
    pub(super) test_case_started_id: Text<'a>,
    pub(super) body: Text<'a>,
    pub(super) url: Text<'a>,
    pub(super) content_encoding: Text<'a>,
    pub(super) media_type: Text<'a>,
    pub(super) file_name: Text<'a>,
}

/// A hook around the whole run ended.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestRunHookFinished<'a> {
    #[serde(borrow)]
    pub(super) result: StepResult<'a>,
}

/// The run ended.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TestRunFinished<'a> {
    pub(super) success: Option<bool>,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
    pub(super) exception: Option<Exception<'a>>,
    pub(super) timestamp: Time,
}

/// A feature file that could not be parsed.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ParseError<'a> {
    #[serde(borrow)]
    pub(super) source: SourceReference<'a>,
    pub(super) message: Text<'a>,
}

/// A step definition that can never match.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UndefinedParameterType<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) expression: Text<'a>,
}

/// A run begins.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TestRunStarted {
    pub(super) timestamp: Time,
}

/// A place in a file.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location {
    pub(super) line: Number,
}

/// A point in time, or a span of it.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct Time {
    seconds: Option<Number>,
    nanos: Number,
}

impl Time {
    /// The point in time; `None` where the message names none.
    pub(super) fn point(self) -> Option<Timestamp> {
        Timestamp::new(self.seconds?.0, i32::try_from(self.nanos.0).ok()?).ok()
    }

    /// The span of time; `None` where it is negative.
    pub(super) fn span(self) -> Option<Duration> {
        let seconds = self.seconds.unwrap_or_default().0;
        Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(self.nanos.0).ok()?))
    }
}

/// Text; `null` is none, and an id may be a number.
#[derive(Default)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }
}

/// A whole number; the first protocol versions wrote it in quotes.
#[derive(Default, Clone, Copy)]
pub(super) struct Number(pub(super) i64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).map(Number)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_unit<E: Error>(self) -> Result<i64, E> {
        Ok(0)
    }
}
