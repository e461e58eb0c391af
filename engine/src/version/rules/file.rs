//! Rules as they stand in a YAML file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::{Needs, Ranges, Rule, Strictness};
use crate::version::{Fault, Range, name::Name};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    #[serde(rename = "type")]
    kind: Kind,
    strictness: Strictness,
    components: Named,
    requires: Option<Named>,
    numbers: Option<usize>,
    protocol: Option<u32>,
    reason: String,
    source: String,
}

type Named = BTreeMap<Name, Range>;

fn ranges(named: Named) -> Ranges {
    named.into_iter().map(|(name, it)| (String::from(name), it)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    VersionRange,
    ExactMatch,
    ProtocolMinimum,
    KnownBad,
}

/// Reads the rules of several files, each with its name and its text.
///
/// # Errors
///
/// With the place in the file: when one is no file of rules, a rule lacks what its type needs, has what
/// its type does not know, or has the id of another.
pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Rule>, Fault> {
    let (mut rules, mut ids) = (Vec::new(), BTreeSet::new());
    for (name, text) in files {
        let read = serde_saphyr::from_str::<File>(text);
        let read = read.map_err(|it| Fault::of(name, text, &it))?;
        for entry in read.rules {
            let place: Location = entry.id.referenced;
            let fault = |it: String| Fault::at(name, text, place, it);
            if !ids.insert(entry.id.value.clone()) {
                return Err(fault(format!("another rule is named `{}`", entry.id.value)));
            }
            rules.push(rule(entry).map_err(fault)?);
        }
    }
    Ok(rules)
}

fn rule(entry: Entry) -> Result<Rule, String> {
    let least = if entry.kind == Kind::ExactMatch { 2 } else { 1 };
    if entry.components.len() < least {
        return Err(format!("`components` needs at least {least}"));
    }
    if entry.reason.trim().is_empty() {
        return Err("`reason` is empty".to_owned());
    }
    if !entry.source.starts_with("https://") {
        return Err("`source` is no link that begins with `https://`".to_owned());
    }
    let needs = match (entry.kind, entry.requires, entry.numbers, entry.protocol) {
        (Kind::VersionRange, Some(it), None, None) if !it.is_empty() => Needs::Versions(ranges(it)),
        (Kind::VersionRange, ..) => return Err("a `version-range` has `requires` only".to_owned()),
        (Kind::ExactMatch, None, Some(it @ 1..=3), None) => Needs::Same(it),
        (Kind::ExactMatch, None, None, None) => Needs::Same(3),
        (Kind::ExactMatch, ..) => {
            return Err("an `exact-match` has `numbers` only, from 1 to 3".to_owned());
        }
        (Kind::ProtocolMinimum, None, None, Some(it)) => Needs::Protocol(it),
        (Kind::ProtocolMinimum, ..) => {
            return Err("a `protocol-minimum` has `protocol` only".to_owned());
        }
        (Kind::KnownBad, None, None, None) => Needs::Nothing,
        (Kind::KnownBad, ..) => {
            return Err("a `known-bad` has none of `requires`, `numbers`, `protocol`".to_owned());
        }
    };
    Ok(Rule {
        id: entry.id.value,
        strictness: entry.strictness,
        components: ranges(entry.components),
        needs,
        reason: entry.reason,
        source: entry.source,
    })
}
