//! The marks that outcomes carry on every page: a colour class, a glyph and a word, always together.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::model::Outcome;

/// What a reader sees of an outcome, a cell or a run.
///
/// The order is that of severity; of several, the greatest decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// No run says anything.
    Untested,
    /// Nothing ran, or the producer used a word that nobody knows.
    Unknown,
    /// It passed.
    Pass,
    /// What is known is old.
    Aged,
    /// It does not apply here.
    Unsupported,
    /// It was left out.
    Skipped,
    /// It passed, but not as well as it should.
    Degraded,
    /// It both passed and failed.
    Flaky,
    /// It failed as a known issue says.
    Known,
    /// A step is not written yet.
    Pending,
    /// A step has no definition.
    Undefined,
    /// A step has several definitions.
    Ambiguous,
    /// It failed.
    Fail,
}

impl Mark {
    /// The marks that a legend explains, in the order in which it lists them.
    pub const LEGEND: [Self; 9] = [
        Self::Pass,
        Self::Fail,
        Self::Known,
        Self::Flaky,
        Self::Degraded,
        Self::Unsupported,
        Self::Skipped,
        Self::Aged,
        Self::Untested,
    ];

    /// The class that `site.css` colours.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail | Self::Pending | Self::Undefined | Self::Ambiguous => "fail",
            Self::Known => "known",
            Self::Flaky => "flaky",
            Self::Degraded => "degraded",
            Self::Unsupported => "unsupported",
            Self::Skipped => "skipped",
            Self::Aged => "aged",
            Self::Untested | Self::Unknown => "untested",
        }
    }

    /// The glyph that doubles the colour.
    #[must_use]
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Pass => "●",
            Self::Fail | Self::Pending | Self::Undefined | Self::Ambiguous => "✕",
            Self::Known => "◆",
            Self::Flaky => "◐",
            Self::Degraded => "◒",
            Self::Unsupported | Self::Skipped => "–",
            Self::Aged => "◌",
            Self::Untested | Self::Unknown => "",
        }
    }

    /// The word that says it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untested => "untested",
            Self::Unknown => "unknown",
            Self::Pass => "passed",
            Self::Aged => "aged",
            Self::Unsupported => "unsupported",
            Self::Skipped => "skipped",
            Self::Degraded => "degraded",
            Self::Flaky => "flaky",
            Self::Known => "known issue",
            Self::Pending => "pending",
            Self::Undefined => "undefined",
            Self::Ambiguous => "ambiguous",
            Self::Fail => "failed",
        }
    }
}

impl From<Outcome> for Mark {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Unknown => Self::Unknown,
            Outcome::Passed => Self::Pass,
            Outcome::Unsupported => Self::Unsupported,
            Outcome::Skipped => Self::Skipped,
            Outcome::Degraded => Self::Degraded,
            Outcome::Pending => Self::Pending,
            Outcome::Undefined => Self::Undefined,
            Outcome::Ambiguous => Self::Ambiguous,
            Outcome::Failed => Self::Fail,
        }
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut mark = serializer.serialize_struct("Mark", 3)?;
        mark.serialize_field("class", self.class())?;
        mark.serialize_field("glyph", self.glyph())?;
        mark.serialize_field("word", self.word())?;
        mark.end()
    }
}
