//! A known issue as it stands in a file of YAML.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use lkreport_contract::version::{Range, Version};
use regex::bytes::RegexBuilder;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::{
    Condition, Example, Issue, Part, Pattern, Ranges, Severity, Status, Strength, literal,
};
use crate::model::{self, Component};

/// A pattern that needs more memory than this when it is compiled costs too much.
const MAX_COMPILED: usize = 1 << 20;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What, as a bare fragment.
    pub message: String,
    /// The line, from 1; 0 where it concerns the file as a whole.
    pub line: u64,
    /// The character in the line, from 1.
    pub column: u64,
}

impl Fault {
    fn at(place: Location, message: impl Into<String>) -> Self {
        Self { message: message.into(), line: place.line(), column: place.column() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    title: String,
    component: OneOrMore<Component>,
    status: Status,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    evidence: Strength,
    #[serde(default)]
    links: Vec<String>,
    #[serde(rename = "match")]
    condition: Spanned<Node>,
    #[serde(default)]
    seen: BTreeMap<Component, Vec<String>>,
    #[serde(default)]
    affected: OneOrMore<BTreeMap<Component, Range>>,
    #[serde(default)]
    fixed_in: BTreeMap<Component, Version>,
    workaround: Option<String>,
    note: Option<String>,
    review_by: Option<Date>,
    #[serde(default = "yes")]
    excused: bool,
    examples: Spanned<Examples>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl<T> From<OneOrMore<T>> for Vec<T> {
    fn from(it: OneOrMore<T>) -> Self {
        match it {
            OneOrMore::One(it) => vec![it],
            OneOrMore::More(all) => all,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    any: Option<Vec<Spanned<Self>>>,
    all: Option<Vec<Spanned<Self>>>,
    text: Option<Spanned<String>>,
    message: Option<Spanned<String>>,
    stack: Option<Spanned<String>>,
    log: Option<Spanned<String>>,
    component: Option<Component>,
    case: Option<Spanned<String>>,
    tag: Option<String>,
    versions: Option<Ranges>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    #[serde(rename = "match")]
    matching: Vec<Text>,
    #[serde(rename = "no_match")]
    other: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Of { text: String, versions: BTreeMap<Component, model::Version> },
}

impl From<Text> for Example {
    fn from(it: Text) -> Self {
        match it {
            Text::Plain(text) => Self { text, versions: BTreeMap::new() },
            Text::Of { text, versions } => Self { text, versions },
        }
    }
}

/// Reads a known issue.
///
/// # Errors
///
/// With its place: what YAML or the form of the file does not allow, a pattern that cannot be compiled,
/// costs too much or matches the empty text, and an example that is not recognised as it should be.
pub fn read(text: &str) -> Result<Issue, Fault> {
    let file: File = serde_saphyr::from_str(text).map_err(|it| of_yaml(&it))?;
    let place = file.id.referenced;
    let is_id = |it: &str| {
        !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if !is_id(&file.id.value) {
        return Err(Fault::at(place, "`id` may have letters, digits, `-`, `_` and `.` only"));
    }
    let (at_match, at_examples) = (file.condition.referenced, file.examples.referenced);
    let examples = file.examples.value;
    let issue = Issue {
        id: file.id.value,
        title: file.title,
        components: file.component.into(),
        status: file.status,
        severity: file.severity,
        strength: file.evidence,
        links: file.links,
        condition: condition(file.condition)?,
        seen: file.seen,
        affected: file.affected.into(),
        fixed_in: file.fixed_in,
        workaround: file.workaround,
        note: file.note,
        review_by: file.review_by,
        excused: file.excused,
        matching: examples.matching.into_iter().map(Into::into).collect(),
        other: examples.other.into_iter().map(Into::into).collect(),
    };
    if issue.components.is_empty() {
        return Err(Fault::at(place, "`component` names none"));
    }
    if issue.condition.patterns().is_empty() {
        return Err(Fault::at(at_match, "`match` has no pattern: nothing would be looked for"));
    }
    prove(issue, at_examples)
}

/// Looks whether the examples are recognised as they should be.
fn prove(mut issue: Issue, place: Location) -> Result<Issue, Fault> {
    issue.condition.number(&mut 0);
    if issue.matching.is_empty() || issue.other.is_empty() {
        return Err(Fault::at(
            place,
            "`examples` need at least one text each of `match` and `no_match`",
        ));
    }
    if let Some(it) = issue.matching.iter().find(|it| !it.is_recognised_by(&issue)) {
        return Err(Fault::at(
            place,
            format!("this text should match and does not: {}", first_line(&it.text)),
        ));
    }
    if let Some(it) = issue.other.iter().find(|it| it.is_recognised_by(&issue)) {
        return Err(Fault::at(
            place,
            format!("this text should not match and does: {}", first_line(&it.text)),
        ));
    }
    Ok(issue)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

fn condition(node: Spanned<Node>) -> Result<Condition, Fault> {
    let place = node.referenced;
    let Node { any, all, text, message, stack, log, component, case, tag, versions } = node.value;
    let mut found = Vec::new();
    for (parts, put) in [(any, Condition::Any as fn(_) -> _), (all, Condition::All as fn(_) -> _)] {
        if let Some(parts) = parts {
            found.push(put(parts.into_iter().map(condition).collect::<Result<Vec<_>, _>>()?));
        }
    }
    let parts =
        [(text, Part::Text), (message, Part::Message), (stack, Part::Stack), (log, Part::Log)];
    let is_of_log = parts[0].0.is_some() || parts[3].0.is_some();
    for (written, part) in parts {
        if let Some(written) = written {
            let regex = regex(&written)?;
            let component = component.clone();
            found.push(Condition::Pattern(Pattern { regex, part, component }, 0));
        }
    }
    if component.is_some() && !is_of_log {
        return Err(Fault::at(place, "`component` goes with `log` or `text` only"));
    }
    if let Some(written) = case {
        found.push(Condition::Case(regex(&written)?));
    }
    found.extend(tag.map(Condition::Tag));
    found.extend(versions.map(Condition::Versions));
    match <[Condition; 1]>::try_from(found) {
        Ok([it]) => Ok(it),
        Err(found) => Err(Fault::at(
            place,
            format!(
                "here stands one of `any`, `all`, `text`, `message`, `stack`, `log`, `case`, `tag` and \
                 `versions`, not {}",
                if found.is_empty() { "none" } else { "several" }
            ),
        )),
    }
}

fn regex(written: &Spanned<String>) -> Result<regex::bytes::Regex, Fault> {
    let place = written.referenced;
    let built = RegexBuilder::new(&written.value)
        .multi_line(true)
        .size_limit(MAX_COMPILED)
        .build()
        .map_err(|it| Fault::at(place, said(&it)))?;
    if literal::matches_nothing(&written.value) {
        return Err(Fault::at(place, "this pattern matches the empty text, and so every line"));
    }
    Ok(built)
}

/// The last line of what the compiler of patterns says is the reason; before it stands an excerpt.
fn said(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "this pattern costs too much: write fewer or smaller repetitions".to_owned();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("this is no pattern: {}", last.strip_prefix("error: ").unwrap_or(last))
}

fn of_yaml(error: &serde_saphyr::Error) -> Fault {
    let place = error.location().unwrap_or(Location::UNKNOWN);
    let message = error.without_snippet().to_string();
    // What follows is for whoever configures the reader, not for whoever writes the file.
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or_default();
    let again = format!(" at line {}, column {}", place.line(), place.column());
    Fault::at(place, message.strip_suffix(&again).unwrap_or(message))
}
