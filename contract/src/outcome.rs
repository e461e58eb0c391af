//! The attachment by which an attempt says what standard formats cannot: *unsupported*, *degraded*.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of the attachment; where it stands, it prevails over the attempt's own status.
pub const OUTCOME_MEDIA_TYPE: &str = "application/vnd.lkreport.outcome+json";

/// The body of an attachment of type [`OUTCOME_MEDIA_TYPE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeAttachment {
    /// What happened.
    pub outcome: ExtraOutcome,
    /// Why, in one sentence.
    pub reason: String,
    /// How far into the attempt it began, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<u64>,
}

/// The outcomes that neither Cucumber nor JUnit has a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExtraOutcome {
    /// The scenario does not apply to this version or machine.
    Unsupported,
    /// The scenario passed, but not as well as it should; never shown green.
    Degraded,
}
