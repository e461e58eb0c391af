//! A range of versions: `>=1.5.0, <1.5.2`, or several: `=2.18.1 || =2.18.6`.

use std::{fmt, str::FromStr};

use semver::{Comparator, Op, VersionReq};
use serde::Deserialize;

use super::Version;

/// Which versions something holds for: all comparisons between two `||` must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Range(Vec<VersionReq>);

/// Why something is no range of versions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no range of versions ({reason}); write one like `>=1.5.0, <1.5.2` or `=1.9.10`"
)]
pub struct RangeError {
    text: String,
    reason: String,
}

impl Range {
    /// Whether the range holds this version.
    ///
    /// A pre-release stands before its release where the comparison names all three numbers;
    /// elsewhere it counts as its release, so `1.9` holds `1.9.0-rc1`.
    #[must_use]
    pub fn holds(&self, version: &Version) -> bool {
        self.0.iter().any(|it| all_hold(it, version.meaning()))
    }
}

fn all_hold(range: &VersionReq, version: &semver::Version) -> bool {
    if version.pre.is_empty() {
        return range.matches(version);
    }
    let release = semver::Version::new(version.major, version.minor, version.patch);
    range.comparators.iter().all(|it| match by_order(it, version) {
        Some(holds) => holds,
        None => it.matches(&release),
    })
}

/// What the order of versions says, where the comparison names a whole version.
fn by_order(comparator: &Comparator, version: &semver::Version) -> Option<bool> {
    let mut edge = semver::Version::new(comparator.major, comparator.minor?, comparator.patch?);
    edge.pre = comparator.pre.clone();
    match comparator.op {
        Op::Exact => Some(*version == edge),
        Op::Greater => Some(*version > edge),
        Op::GreaterEq => Some(*version >= edge),
        Op::Less => Some(*version < edge),
        Op::LessEq => Some(*version <= edge),
        _ => None,
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let wrong =
            |it: semver::Error| RangeError { text: text.to_owned(), reason: it.to_string() };
        let ranges = text.split("||").map(|it| VersionReq::parse(it).map_err(wrong));
        Ok(Self(ranges.collect::<Result<_, _>>()?))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ranges.join(" || "))
    }
}

impl TryFrom<String> for Range {
    type Error = RangeError;

    fn try_from(text: String) -> Result<Self, RangeError> {
        text.parse()
    }
}
