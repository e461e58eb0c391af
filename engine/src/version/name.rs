//! The names that components have in a matrix and in rules.

use std::fmt;

use serde::Deserialize;

use crate::component::Component;

/// The name of a program or library that takes part: `livekit`, `egress`, `client-js`, `sdk-go`, ….
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(String);

/// Why something is no name of a component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no component is named `{name}`; known are {known}, and any `sdk-…`{nearest}", known = names().join(", "))]
pub struct NameError {
    name: String,
    nearest: String,
}

/// What takes part without being started by a scenario.
const OTHERS: [&str; 4] = ["agents", "client-js", "components-react", "postgres"];

fn names() -> Vec<&'static str> {
    let mut names = [&Component::ALL.map(Component::name)[..], &OTHERS].concat();
    names.sort_unstable();
    names
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        let is_sdk = name.strip_prefix("sdk-").is_some_and(|it| {
            it.starts_with(|c: char| c.is_ascii_lowercase())
                && it.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        });
        let names = names();
        if is_sdk || names.contains(&name.as_str()) {
            return Ok(Self(name));
        }
        let near = names.iter().map(|it| (strsim::damerau_levenshtein(it, &name), it));
        let nearest = near.min().filter(|it| it.0 <= 2 && it.0 < name.len());
        let nearest = nearest.map(|it| format!("; did you mean `{}`?", it.1)).unwrap_or_default();
        Err(NameError { name, nearest })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}
