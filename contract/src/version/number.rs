//! A version as people write it: `v1.8.4`, `1.9`, `1.9.0-rc1`.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// A version, shown as it was asked for without a leading `v`.
///
/// Compared by meaning: numbers by value, a pre-release before its release, and `1.9` is `1.9.0`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    asked: String,
    meaning: semver::Version,
}

/// Why something is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version; write one like `1.9.0`, `v1.9` or `1.9.0-rc1`")]
pub struct VersionError(String);

impl Version {
    /// What it means: all three numbers and the pre-release.
    #[must_use]
    pub const fn meaning(&self) -> &semver::Version {
        &self.meaning
    }

    /// Whether it comes before the version of a table; before nothing that is no version.
    #[must_use]
    pub fn is_before(&self, edge: &str) -> bool {
        edge.parse().is_ok_and(|edge: Self| *self < edge)
    }

    /// Whether it comes after the version of a table.
    #[must_use]
    pub fn is_after(&self, edge: &str) -> bool {
        edge.parse().is_ok_and(|edge: Self| *self > edge)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let bare = text.trim();
        let bare = bare.strip_prefix(['v', 'V']).unwrap_or(bare);
        match meaning(bare) {
            Some(meaning) => Ok(Self { asked: bare.to_owned(), meaning }),
            None => Err(VersionError(text.to_owned())),
        }
    }
}

/// The numbers that are left out are 0, and leading zeros mean nothing.
fn meaning(bare: &str) -> Option<semver::Version> {
    let (bare, build) = bare.split_once('+').map_or((bare, ""), |it| it);
    let (dotted, pre) = bare.split_once('-').map_or((bare, ""), |it| it);
    let ends_well = !(bare.ends_with('-') && pre.is_empty());
    let are_digits = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
    let mut numbers = [0; 3];
    for (n, part) in dotted.split('.').enumerate() {
        let number = numbers.get_mut(n).filter(|_| are_digits(part))?;
        *number = part.parse().ok()?;
    }
    let [major, minor, patch] = numbers;
    let mut version = semver::Version::new(major, minor, patch);
    version.pre = semver::Prerelease::new(pre).ok()?;
    // Builds of one version differ in nothing that a version rule could mean.
    semver::BuildMetadata::new(build).ok().filter(|_| ends_well)?;
    Some(version)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.asked)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning.hash(state);
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.meaning.cmp(&other.meaning)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.asked
    }
}
