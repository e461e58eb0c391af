//! What is wrong with a configuration: its syntax, its keys, its types, and values that cannot be.

use std::ops::Range;

use lkreport_contract::{mask::Masker, run::RunJson};
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, Error},
};

use super::Finding;
use crate::{cli::config, ingest::meta};

/// All errors of a configuration.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut findings: Vec<Finding> = errors.iter().map(|it| of_error(it, 0..0)).collect();
    // What a broken file says is anyone's guess.
    if findings.is_empty() {
        for (key, value) in table.get_ref() {
            entry(key, value, &mut findings);
        }
    }
    findings.sort_by_key(|it| it.span.start);
    findings
}

fn of_error(error: &Error, otherwise: Range<usize>) -> Finding {
    let mut message = error.message().trim_end().replace('\n', ", ");
    if let Some(meant) = config::meant(error.message()) {
        message += &format!("; did you mean `{meant}`?");
    }
    Finding { message, span: error.span().unwrap_or(otherwise) }
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Each entry is judged alone, so that an error in one hides none in another.
fn entry(key: &Key<'_>, value: &Value<'_>, findings: &mut Vec<Finding>) {
    let DeValue::Table(inner) = value.get_ref() else {
        findings.extend(typed(key, value).or_else(|| impossible("", key, value)));
        return;
    };
    if inner.is_empty() {
        findings.extend(typed(key, value));
    }
    for (name, it) in inner {
        let alone = DeTable::from_iter([(name.clone(), it.clone())]);
        let alone = Spanned::new(value.span(), DeValue::Table(alone));
        match typed(key, &alone) {
            // The whole table is unknown, or should be none, which is said once.
            Some(it) if it.span == key.span() || it.span == value.span() => {
                findings.push(it);
                return;
            }
            Some(it) => findings.push(it),
            None => patterns_or(key, name, it, findings),
        }
    }
}

/// `[mask.patterns]` is a table deeper than all others.
fn patterns_or(key: &Key<'_>, name: &Key<'_>, value: &Value<'_>, findings: &mut Vec<Finding>) {
    match value.get_ref() {
        DeValue::Table(patterns) => {
            let path = format!("{}.{}.", key.get_ref(), name.get_ref());
            findings.extend(patterns.iter().filter_map(|(key, it)| impossible(&path, key, it)));
        }
        _ => findings.extend(impossible(&format!("{}.", key.get_ref()), name, value)),
    }
}

/// An unknown key or a wrong type.
fn typed(key: &Key<'_>, value: &Value<'_>) -> Option<Finding> {
    let alone = DeTable::from_iter([(key.clone(), value.clone())]);
    let alone = Deserializer::from(Spanned::new(key.span(), alone));
    let error = config::Layer::deserialize(alone).err()?;
    Some(of_error(&error, key.span()))
}

/// A value of the right type that no build could go by.
fn impossible(path: &str, key: &Key<'_>, value: &Value<'_>) -> Option<Finding> {
    let name = key.get_ref().as_ref();
    let text = value.get_ref().as_str().unwrap_or_default();
    let number = value.get_ref().as_integer().map(|it| it.as_str());
    let wrong = match format!("{path}{name}").as_str() {
        "stamp" => config::stamp(Some(text)).err().map(|it| it.to_string()),
        "retention.budget" => config::bytes(text).err().map(|it| it.to_string()),
        "run_pages" if number == Some("0") => Some("at least one run needs a page".to_owned()),
        "aged.days" if number == Some("0") => {
            Some("every cell would be aged: expected at least one day".to_owned())
        }
        "matrix.components" if value.get_ref().as_array().is_some_and(|it| it.is_empty()) => {
            Some("a matrix needs components, such as `livekit`".to_owned())
        }
        "site.url" if !["http://", "https://"].iter().any(|it| text.starts_with(it)) => {
            Some("expected an address that begins with `https://` or `http://`".to_owned())
        }
        _ if path == "meta." => meta::set(&mut RunJson::default(), name, text).err(),
        #[cfg(feature = "engine")]
        _ if path.starts_with("network.") => {
            let setting = [(name.to_owned(), text.to_owned())].into();
            crate::cli::engine::network(&setting).err().map(|it| it.to_string())
        }
        _ if path == "mask.patterns." => {
            Masker::with(&[(name, text)]).err().map(|it| it.to_string())
        }
        _ => None,
    };
    Some(Finding { message: brief(&wrong?), span: value.span() })
}

/// The message without the place and the excerpt that it brings along: these are ours to show.
fn brief(message: &str) -> String {
    let bare = message.strip_prefix("lkreport.toml, [retention] budget: ").unwrap_or(message);
    let (Some(first), Some(last)) = (bare.lines().next(), bare.lines().last()) else {
        return String::new();
    };
    match first.strip_suffix("regex parse error:") {
        Some(what) => format!("{what}{}", last.trim_start_matches("error: ")),
        None => bare.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    }
}
