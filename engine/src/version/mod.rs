//! Versions of components, ranges of them, and combinations: which may run together, and which do.

mod fault;
pub mod matrix;
mod name;
pub mod rules;
pub mod server;
pub mod tags;

use std::{collections::BTreeMap, fmt};

pub use fault::Fault;
pub use lkreport_contract::version::{Range, RangeError, Version, VersionError};
pub use name::NameError;

/// The version of each component that takes part, by the component's name: `livekit`, `egress`, `client-js`, ….
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Combination(BTreeMap<String, Version>);

impl Combination {
    /// A combination of these versions.
    #[must_use]
    pub const fn new(versions: BTreeMap<String, Version>) -> Self {
        Self(versions)
    }

    /// The version of a component, where it takes part.
    #[must_use]
    pub fn get(&self, component: &str) -> Option<&Version> {
        self.0.get(component)
    }

    /// The components and their versions, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Version)> {
        self.0.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// Whether this one has all components of `other` in the same versions.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(name, it)| self.get(name) == Some(it))
    }

    /// What this one has of the components of `other`; none where it lacks one.
    #[must_use]
    pub fn versions_of(&self, other: &Self) -> Option<Self> {
        other.iter().map(|(name, _)| Some((name.to_owned(), self.get(name)?.clone()))).collect()
    }

    /// The arguments of `lkreport run` that ask for exactly this combination.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        match self.get("livekit") {
            Some(version) if self.0.len() == 1 => {
                vec!["--livekit".to_owned(), version.to_string()]
            }
            _ => {
                let parts: Vec<_> = self.iter().map(|(name, it)| format!("{name}={it}")).collect();
                vec!["--matrix".to_owned(), parts.join(";")]
            }
        }
    }

    /// Names the combination: sorted `name-version`, joined with `_`.
    #[must_use]
    pub fn id(&self) -> String {
        let parts: Vec<_> = self.iter().map(|(name, it)| format!("{name}-{it}")).collect();
        parts.join("_")
    }
}

impl FromIterator<(String, Version)> for Combination {
    fn from_iter<I: IntoIterator<Item = (String, Version)>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}

/// As a person reads it: `egress 1.10.0, livekit 1.11.0`.
impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (name, version)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{name} {version}")?;
        }
        Ok(())
    }
}
