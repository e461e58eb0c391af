//! The keywords of each language.
//!
//! `languages.json` holds the keywords of Cucumber's own `gherkin-languages.json`
//! (MIT, © Cucumber Ltd and contributors), one language a line.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::StepKind;

/// The keywords of one language.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Keywords {
    pub(super) feature: Vec<String>,
    pub(super) background: Vec<String>,
    pub(super) rule: Vec<String>,
    pub(super) scenario: Vec<String>,
    pub(super) scenario_outline: Vec<String>,
    pub(super) examples: Vec<String>,
    given: Vec<String>,
    when: Vec<String>,
    then: Vec<String>,
    and: Vec<String>,
    but: Vec<String>,
}

static LANGUAGES: LazyLock<BTreeMap<String, Keywords>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("languages.json")).expect("the table is valid")
});

/// The names of all languages.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.keys().map(String::as_str)
}

/// The keywords of `language`.
pub(super) fn keywords(language: &str) -> Option<&'static Keywords> {
    LANGUAGES.get(language)
}

impl Keywords {
    /// The keyword that `line` begins with, and what it is for; the longest one prevails.
    pub(super) fn step(&self, line: &str) -> Option<(&str, StepKind)> {
        let kinds = [
            (&self.given, StepKind::Context),
            (&self.when, StepKind::Action),
            (&self.then, StepKind::Outcome),
            (&self.and, StepKind::Conjunction),
            (&self.but, StepKind::Conjunction),
        ];
        let all = || kinds.iter().flat_map(|(words, kind)| words.iter().map(move |it| (it, *kind)));
        let (keyword, kind) =
            all().filter(|(it, _)| line.starts_with(*it)).max_by_key(|(it, _)| it.len())?;
        let shared = all().any(|(it, other)| it == keyword && other != kind);
        Some((keyword, if shared { StepKind::Unknown } else { kind }))
    }

    /// The keyword of `words` that `line` begins with, where a colon follows it.
    pub(super) fn title<'a>(words: &'a [String], line: &str) -> Option<&'a str> {
        let begins =
            |it: &&String| line.strip_prefix(it.as_str()).is_some_and(|it| it.starts_with(':'));
        words.iter().find(begins).map(String::as_str)
    }
}
