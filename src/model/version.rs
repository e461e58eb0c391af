//! Components, their versions, and combinations of these.

use std::{cmp::Ordering, collections::BTreeMap, fmt, iter, sync::Arc};

use serde::{Deserialize, Serialize};

/// The name of a program or library that takes part, such as `livekit` or `client-js`.
pub type Component = String;

/// A version as it was asked for, without a leading `v`.
///
/// Ordered as people read versions: numbers by value, a pre-release before its release, and
/// anything that is not a version after all that are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(String);

impl Version {
    /// Takes a version as written by a tag, an image or a program: `v1.9.0`, `1.9`, `latest`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit());
        Self(if is_number { bare } else { text }.to_owned())
    }

    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this names a release before the final one, such as `1.9.0-rc1`.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.parts().is_some_and(|(_, pre)| !pre.is_empty())
    }

    /// The numbers with the dots between them, and what follows the first dash.
    fn parts(&self) -> Option<(&str, &str)> {
        let text = self.0.split_once('+').map_or(self.0.as_str(), |it| it.0);
        let (dotted, pre) = text.split_once('-').unwrap_or((text, ""));
        let are_numbers = dotted.split('.').all(|it| it.parse::<u64>().is_ok());
        are_numbers.then_some((dotted, pre))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_meaning = match (self.parts(), other.parts()) {
            (Some((a, a_pre)), Some((b, b_pre))) => compare_numbers(a, b)
                .then_with(|| a_pre.is_empty().cmp(&b_pre.is_empty()))
                .then_with(|| compare_prerelease(a_pre, b_pre)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_meaning.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `1.9` and `1.9.0` are the same release.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let places = a.split('.').count().max(b.split('.').count());
    in_places(a, places).cmp(in_places(b, places))
}

/// The first `places` numbers of a dotted row; those that it leaves out are 0.
fn in_places(dotted: &str, places: usize) -> impl Iterator<Item = u64> {
    let numbers = dotted.split('.').map(|it| it.parse().unwrap_or(0));
    numbers.chain(iter::repeat(0)).take(places)
}

/// Precedence of pre-releases as in <https://semver.org/#spec-item-11>.
fn compare_prerelease(a: &str, b: &str) -> Ordering {
    let read = |text: &str| semver::Prerelease::new(text).ok();
    match (read(a), read(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

/// The versions of the components that split cells; all others are recorded and never do.
///
/// Many runs share one, so a copy of it costs next to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Combination(Arc<BTreeMap<Component, Version>>);

impl Combination {
    /// Keeps of `versions` what `components` names; a name that ends in `*` stands for a family.
    #[must_use]
    pub fn of(versions: &BTreeMap<Component, Version>, components: &[String]) -> Self {
        let counts = |name: &str| {
            components.iter().any(|it| match it.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => it == name,
            })
        };
        let kept = versions.iter().filter(|(name, _)| counts(name));
        Self::all(kept.map(|(name, it)| (name.clone(), it.clone())).collect())
    }

    /// All of `versions`.
    #[must_use]
    pub fn all(versions: BTreeMap<Component, Version>) -> Self {
        Self(Arc::new(versions))
    }

    /// The part of an address: sorted `name-version`, joined with `_`.
    #[must_use]
    pub fn id(&self) -> String {
        if self.0.is_empty() {
            return "no-versions".to_owned();
        }
        let plain = |c: char| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+') => c,
            _ => '-',
        };
        let parts: Vec<String> = (self.0.iter())
            .map(|(name, version)| format!("{name}-{version}").chars().map(plain).collect())
            .collect();
        parts.join("_")
    }

    /// The version of a component, if the combination has it.
    #[must_use]
    pub fn get(&self, component: &str) -> Option<&Version> {
        self.0.get(component)
    }

    /// Whether no component that splits cells was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The components and versions, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Component, &Version)> {
        self.0.iter()
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no versions named");
        }
        for (n, (name, version)) in self.0.iter().enumerate() {
            let joint = if n == 0 { "" } else { " · " };
            write!(f, "{joint}{name} {version}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_people_read_them() {
        let mut versions: Vec<Version> =
            ["latest", "v1.10.1", "1.9.0", "1.9.0-rc2", "1.9.0-rc.10", "1.9", "2", "1.9.0-rc.9"]
                .into_iter()
                .map(Version::new)
                .collect();
        versions.sort();
        let sorted: Vec<&str> = versions.iter().map(Version::as_str).collect();
        assert_eq!(
            sorted,
            ["1.9.0-rc.9", "1.9.0-rc.10", "1.9.0-rc2", "1.9", "1.9.0", "1.10.1", "2", "latest"]
        );
    }

    #[test]
    fn only_named_components_split_cells() {
        let versions = [("livekit", "1.8.4"), ("redis", "7"), ("sdk-go", "2.1")]
            .map(|(name, version)| (name.to_owned(), Version::new(version)))
            .into();
        let combination = Combination::of(&versions, &["livekit".into(), "sdk-*".into()]);
        assert_eq!(combination.id(), "livekit-1.8.4_sdk-go-2.1");
    }
}
