//! What one version makes of a profile that another makes otherwise.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::{Overrides, Places, ProfileError, Standing, named, settings, tree};
use crate::version::Version;

/// A setting that two versions take differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its dotted path.
    pub setting: String,
    /// What it is to the one version.
    pub before: State,
    /// What it is to the other.
    pub after: State,
}

/// What a setting is to a version.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The version refuses it.
    Unknown,
    /// The version takes it, and should not be given it any more.
    Deprecated,
    /// The version takes it and is not given it; its default, where versions differ in that.
    Default(Option<&'static str>),
    /// The profile sets it.
    Set(Value),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Deprecated => f.write_str("deprecated"),
            Self::Default(None) => f.write_str("default"),
            Self::Default(Some(value)) => write!(f, "default {value}"),
            Self::Set(value) => write!(f, "{value}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.setting, self.before, self.after)
    }
}

/// What differs between two versions of `livekit-server` for a profile, by setting: what only one of
/// them knows, what it should not be given any more, and the defaults that changed.
///
/// # Errors
///
/// As [`super::render`].
pub fn diff(
    name: &str,
    before: &Version,
    after: &Version,
    places: &Places,
    overrides: &Overrides,
) -> Result<Vec<Difference>, ProfileError> {
    let mut set = tree::leaves(&named(name)?.settings(places)?)?;
    set.extend(tree::leaves(overrides)?);
    let mut all: BTreeSet<&str> = settings::keys().collect();
    all.extend(set.iter().map(|it| it.0.as_str()));
    let differences = all.into_iter().map(|setting| {
        let value = set.iter().rev().find(|it| it.0 == setting).map(|it| &it.1);
        let [before, after] = [before, after].map(|it| state(setting, it, value));
        Difference { setting: setting.to_owned(), before, after }
    });
    Ok(differences.filter(|it| it.before != it.after).collect())
}

fn state(setting: &str, version: &Version, value: Option<&Value>) -> State {
    match (settings::standing(setting, version), value) {
        (Standing::NotYet(_) | Standing::NoLonger(_), _) => State::Unknown,
        (Standing::Deprecated(..), _) => State::Deprecated,
        (Standing::Known | Standing::Unlisted, Some(value)) if !value.is_null() => {
            State::Set(value.clone())
        }
        _ => State::Default(settings::default_of(setting, version)),
    }
}
