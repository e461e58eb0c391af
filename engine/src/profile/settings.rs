//! Which version of `livekit-server` knows which setting.
//!
//! A version between two measured ones counts as knowing a setting only where both do, and one before
//! the first or after the last as what that one is.

use super::table::{DEFAULTS, DEPRECATED, GROUPS, Group};
use crate::version::Version;

/// What a version thinks of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It takes it.
    Known,
    /// It refuses to start with it; the first measured version that takes it.
    NotYet(&'static str),
    /// It refuses to start with it; the last measured version that takes it.
    NoLonger(&'static str),
    /// It takes it and should not be given it any more: since when, and what to set instead.
    Deprecated(&'static str, Option<&'static str>),
    /// The table does not say.
    Unlisted,
}

/// What `version` thinks of the setting at this dotted path, or of the nearest setting around it.
#[must_use]
pub fn standing(path: &str, version: &Version) -> Standing {
    let Some((key, group)) = around(path).find_map(listed) else { return Standing::Unlisted };
    match (group.since, group.until) {
        (Some(since), _) if version.is_before(since) => return Standing::NotYet(since),
        (_, Some(until)) if version.is_after(until) => return Standing::NoLonger(until),
        _ => {}
    }
    match DEPRECATED.iter().find(|it| it.key == key) {
        Some(it) if !version.is_before(it.since) => Standing::Deprecated(it.since, it.instead),
        _ => Standing::Known,
    }
}

/// Whether the table lists settings below this dotted path.
#[must_use]
pub fn has_below(path: &str) -> bool {
    keys().any(|it| it.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// All settings of the table.
pub fn keys() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|it| it.keys).copied()
}

/// What `version` takes for a setting that is not given, where versions differ in that.
#[must_use]
pub fn default_of(key: &str, version: &Version) -> Option<&'static str> {
    let mut newest_first = DEFAULTS.iter().rev().filter(|it| it.0 == key);
    newest_first.find(|it| !version.is_before(it.1)).map(|it| it.2)
}

/// The path itself and those it stands under, the innermost first.
fn around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |it| it.rsplit_once('.').map(|it| it.0))
}

fn listed(key: &str) -> Option<(&str, &'static Group)> {
    GROUPS.iter().find(|it| it.keys.contains(&key)).map(|it| (key, it))
}
