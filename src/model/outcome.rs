//! What happened to an attempt, a case, or a whole run of cases.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What happened, in the words of Cucumber and JUnit plus the two that they lack.
///
/// The order is that of severity: of several steps or cells, the greatest decides
/// ([Cucumber's own order](https://github.com/cucumber/query), with ours fitted in).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing ran, or the producer used a word that we do not know. Never shown green.
    Unknown,
    /// It passed.
    Passed,
    /// It does not apply to this version or machine.
    Unsupported,
    /// It was left out.
    Skipped,
    /// It passed, but not as well as it should. Never shown green.
    Degraded,
    /// A step says of itself that it is not written yet.
    Pending,
    /// A step has no definition.
    Undefined,
    /// A step has more than one definition.
    Ambiguous,
    /// An assertion failed or the test broke.
    Failed,
}

impl Outcome {
    /// Every outcome, from the mildest to the worst.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::Passed,
        Self::Unsupported,
        Self::Skipped,
        Self::Degraded,
        Self::Pending,
        Self::Undefined,
        Self::Ambiguous,
        Self::Failed,
    ];

    /// The word for people and for files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Passed => "passed",
            Self::Unsupported => "unsupported",
            Self::Skipped => "skipped",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Undefined => "undefined",
            Self::Ambiguous => "ambiguous",
            Self::Failed => "failed",
        }
    }

    /// Whether this outcome makes a run bad.
    ///
    /// Pending, undefined and ambiguous do, as in the `success` of a Cucumber run
    /// (<https://github.com/cucumber/compatibility-kit>).
    #[must_use]
    pub const fn is_failing(self) -> bool {
        matches!(self, Self::Pending | Self::Undefined | Self::Ambiguous | Self::Failed)
    }

    /// Whether the product was exercised at all, so that the outcome says something about it.
    #[must_use]
    pub const fn is_evidence(self) -> bool {
        self.is_failing() || matches!(self, Self::Passed | Self::Degraded)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How many cases had which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts([u32; Outcome::ALL.len()]);

impl Counts {
    /// Counts one more of `outcome`.
    pub fn add(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// How many had `outcome`.
    #[must_use]
    pub const fn of(&self, outcome: Outcome) -> u32 {
        self.0[outcome as usize]
    }

    /// How many there are in all.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// How many make the run bad.
    #[must_use]
    pub fn failing(&self) -> u32 {
        self.iter().filter(|(outcome, _)| outcome.is_failing()).map(|(_, n)| n).sum()
    }

    /// How many exercised the product.
    #[must_use]
    pub fn evidence(&self) -> u32 {
        self.iter().filter(|(outcome, _)| outcome.is_evidence()).map(|(_, n)| n).sum()
    }

    /// What is left without `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = *self;
        for (mine, theirs) in left.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_sub(theirs);
        }
        left
    }

    /// The worst outcome that occurs.
    #[must_use]
    pub fn worst(&self) -> Option<Outcome> {
        self.iter().map(|(outcome, _)| outcome).next_back()
    }

    /// The outcomes that occur with their numbers, from the mildest to the worst.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Outcome, u32)> + '_ {
        Outcome::ALL.into_iter().map(|outcome| (outcome, self.of(outcome))).filter(|(_, n)| *n > 0)
    }
}

impl FromIterator<Outcome> for Counts {
    fn from_iter<T: IntoIterator<Item = Outcome>>(outcomes: T) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.add(outcome);
        }
        counts
    }
}
