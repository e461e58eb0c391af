//! Tags that make a scenario *unsupported* on some versions.
//!
//! `@MinServerVersion:v1.9.0`, `@MaxServerVersion:1.9.11`, `@MinJsClient:2.9.0`,
//! `@MinProtocolVersion:16`, `@RequiresFeature:data-tracks`, `@SkipOnVersion:1.9.10` or with a range
//! without blanks, `@SkipOnVersion:>=1.9.6,<1.9.8`. All of a scenario's tags count.
//!
//! As an upper edge and to be skipped, `1.9` means all of 1.9.

use super::{Combination, Range, Version, server};

/// Why a tag cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{tag}`: {reason}")]
pub struct TagError {
    /// The tag.
    pub tag: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a scenario with these tags cannot apply to a combination; nothing where it can.
///
/// What the combination does not name rules nothing out. Tags that are not about versions pass by.
///
/// # Errors
///
/// When a tag about versions cannot be read; also when another one already rules the scenario out.
pub fn unsupported<'a>(
    tags: impl IntoIterator<Item = &'a str>,
    combination: &Combination,
) -> Result<Option<String>, TagError> {
    let mut found = None;
    for tag in tags {
        let reason = ruled_out(tag, combination);
        let reason = reason.map_err(|reason| TagError { tag: tag.to_owned(), reason })?;
        found = found.or(reason.map(|it| format!("{it} ({tag})")));
    }
    Ok(found)
}

/// The names, and what each asks of the text behind its colon.
const KINDS: [(&str, Kind); 6] = [
    ("MinServerVersion", |text, it| least("livekit", text, it)),
    ("MaxServerVersion", most),
    ("MinJsClient", |text, it| least("client-js", text, it)),
    ("MinProtocolVersion", protocol),
    ("RequiresFeature", feature),
    ("SkipOnVersion", skipped),
];

type Kind = fn(&str, &Combination) -> Result<Option<String>, String>;

fn ruled_out(tag: &str, combination: &Combination) -> Result<Option<String>, String> {
    let bare = tag.strip_prefix('@').unwrap_or(tag);
    let (name, text) = bare.split_once(':').map_or((bare, None), |it| (it.0, Some(it.1)));
    let Some((_, kind)) = KINDS.iter().find(|it| it.0 == name) else { return Ok(None) };
    match text.filter(|it| !it.is_empty()) {
        Some(text) => kind(text, combination),
        None => Err(format!("something must stand behind `{name}:`")),
    }
}

fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|it: super::VersionError| it.to_string())
}

fn range(text: &str) -> Result<Range, String> {
    text.parse().map_err(|it: super::RangeError| it.to_string())
}

fn least(component: &str, text: &str, it: &Combination) -> Result<Option<String>, String> {
    let least = version(text)?;
    let older = it.get(component).filter(|it| **it < least);
    Ok(older.map(|it| format!("it needs {component} {least} or newer, and this is {it}")))
}

fn most(text: &str, it: &Combination) -> Result<Option<String>, String> {
    let most = version(text)?;
    let up_to = range(&format!("<={most}"))?;
    let newer = it.get("livekit").filter(|it| !up_to.holds(it));
    Ok(newer.map(|it| format!("it needs livekit {most} or older, and this is {it}")))
}

fn protocol(text: &str, it: &Combination) -> Result<Option<String>, String> {
    let least: u32 = text.parse().map_err(|_| format!("`{text}` is no number of a protocol"))?;
    let Some(version) = it.get("livekit") else { return Ok(None) };
    let lower = server::protocol(version).filter(|it| *it < least);
    Ok(lower.map(|it| {
        format!("it needs signal protocol {least}, and livekit {version} is known to speak {it}")
    }))
}

fn feature(text: &str, it: &Combination) -> Result<Option<String>, String> {
    let feature = server::FEATURES.iter().find(|it| it.name == text);
    let Some(feature) = feature else {
        let known: Vec<_> = server::FEATURES.iter().map(|it| it.name).collect();
        return Err(format!("no feature is named `{text}`; known are {}", known.join(", ")));
    };
    let older = it.get("livekit").filter(|it| !feature.is_in(it));
    let since = feature.since;
    Ok(older
        .map(|it| format!("it needs {text}, which livekit has since {since}, and this is {it}")))
}

fn skipped(text: &str, it: &Combination) -> Result<Option<String>, String> {
    let skipped = match version(text) {
        Ok(version) => range(&format!("={version}"))?,
        Err(_) => range(text)?,
    };
    let this = it.get("livekit").filter(|it| skipped.holds(it));
    Ok(this.map(|it| format!("it does not apply to livekit {it}")))
}
