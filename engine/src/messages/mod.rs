//! Cucumber messages: the envelopes of a stream, as protocol 33 has them.
//!
//! Only what the engine writes stands here; the pipeline reads messages of any protocol by itself.

mod definition;
mod gherkin;
mod stream;
mod trial;

use std::fmt;

use serde::{Serialize, Serializer};

pub use self::{definition::*, gherkin::*, stream::Stream, trial::*};

/// The protocol that the envelopes follow.
pub const PROTOCOL: &str = "33.0.4";

/// One line of a stream.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Envelope {
    /// Who writes, and where; always the first.
    Meta(Meta),
    /// The text of a feature file.
    Source(SourceText),
    /// What it says.
    GherkinDocument(GherkinDocument),
    /// A scenario as it will run.
    Pickle(Pickle),
    /// What is wrong with a feature file.
    ParseError(ParseError),
    /// A custom parameter type.
    ParameterType(ParameterTypeMessage),
    /// A parameter type that an expression names and nobody defined.
    UndefinedParameterType(UndefinedParameterType),
    /// A step that the engine knows.
    StepDefinition(StepDefinitionMessage),
    /// A hook that the engine knows.
    Hook(HookMessage),
    /// How an undefined step could be defined.
    Suggestion(Suggestion),
    /// The run begins.
    TestRunStarted(TestRunStarted),
    /// A hook around the whole run begins.
    TestRunHookStarted(TestRunHookStarted),
    /// It ended.
    TestRunHookFinished(TestRunHookFinished),
    /// A scenario with the definitions that its steps match.
    TestCase(TestCase),
    /// An attempt begins.
    TestCaseStarted(TestCaseStarted),
    /// A step of it begins.
    TestStepStarted(TestStepStarted),
    /// It ended.
    TestStepFinished(TestStepFinished),
    /// What a step or a hook leaves behind.
    Attachment(Attachment),
    /// As an attachment, in a file beside the stream.
    ExternalAttachment(ExternalAttachment),
    /// The attempt ended.
    TestCaseFinished(TestCaseFinished),
    /// The run ended.
    TestRunFinished(TestRunFinished),
}

/// What identifies one thing in one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

/// As streams write it.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Id {
    /// The id with this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A place in a file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The line.
    pub line: u32,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// A file and a place in it.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReference {
    /// The file.
    pub uri: String,
    /// The place.
    pub location: Location,
}

impl SourceReference {
    /// The place in our own sources that calls.
    #[track_caller]
    pub(crate) fn caller() -> Self {
        let caller = std::panic::Location::caller();
        let location = Location { line: caller.line(), column: None };
        Self { uri: caller.file().to_owned(), location }
    }
}

/// Since the epoch.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Timestamp {
    seconds: i64,
    nanos: i32,
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(it: jiff::Timestamp) -> Self {
        Self { seconds: it.as_second(), nanos: it.subsec_nanosecond() }
    }
}

/// How long something took.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Duration {
    seconds: u64,
    nanos: u32,
}

impl From<std::time::Duration> for Duration {
    fn from(it: std::time::Duration) -> Self {
        Self { seconds: it.as_secs(), nanos: it.subsec_nanos() }
    }
}

/// Who writes, and where.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    protocol_version: &'static str,
    implementation: Product,
    runtime: Product,
    os: Product,
    cpu: Product,
}

/// A program or a machine.
#[derive(Debug, Clone, Serialize)]
struct Product {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
}

impl Meta {
    /// This engine on this machine.
    #[must_use]
    pub(crate) fn of_this_engine() -> Self {
        let product = |name, version| Product { name, version };
        Self {
            protocol_version: PROTOCOL,
            implementation: product("lkreport", Some(env!("CARGO_PKG_VERSION"))),
            runtime: product("Rust", None),
            os: product(std::env::consts::OS, None),
            cpu: product(std::env::consts::ARCH, None),
        }
    }
}
