//! The envelopes that say what feature files hold: source, document, pickles, errors.

use serde::Serialize;

use super::{Id, Location};

/// The text of a feature file.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceText {
    /// The path, with `/`.
    pub uri: String,
    /// All of it.
    pub data: String,
    /// Always plain Gherkin.
    pub media_type: &'static str,
}

/// What is wrong with a feature file.
#[derive(Debug, Clone, Serialize)]
pub struct ParseError {
    /// Where.
    pub source: super::SourceReference,
    /// What.
    pub message: String,
}

/// What a feature file says.
#[derive(Debug, Clone, Serialize)]
pub struct GherkinDocument {
    /// The path, with `/`.
    pub uri: String,
    /// None where the file says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature: Option<Feature>,
    /// Each a line of its own.
    pub comments: Vec<Comment>,
}

/// A comment.
#[derive(Debug, Clone, Serialize)]
pub struct Comment {
    /// The start of its line.
    pub location: Location,
    /// The whole line.
    pub text: String,
}

/// The words on the line that opens a part, and those below it.
#[derive(Debug, Clone, Serialize)]
pub struct Title {
    /// Where the keyword begins.
    pub location: Location,
    /// As the file has it.
    pub keyword: String,
    /// What follows the colon.
    pub name: String,
    /// The lines below.
    pub description: String,
}

/// A feature.
#[derive(Debug, Clone, Serialize)]
pub struct Feature {
    /// Its name.
    #[serde(flatten)]
    pub title: Title,
    /// They hold for everything in it.
    pub tags: Vec<Tag>,
    /// The language of its keywords.
    pub language: String,
    /// In the order of the file.
    pub children: Vec<Child>,
}

/// A part of a feature or a rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Child {
    /// Steps before each scenario.
    Background(Background),
    /// A scenario or an outline.
    Scenario(Scenario),
    /// A rule; never inside a rule.
    Rule(Rule),
}

/// A rule.
#[derive(Debug, Clone, Serialize)]
pub struct Rule {
    /// Identifies it.
    pub id: Id,
    /// Its name.
    #[serde(flatten)]
    pub title: Title,
    /// They hold for everything in it.
    pub tags: Vec<Tag>,
    /// In the order of the file.
    pub children: Vec<Child>,
}

/// Steps before each scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Background {
    /// Identifies it.
    pub id: Id,
    /// Its name.
    #[serde(flatten)]
    pub title: Title,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A scenario; with examples, an outline.
#[derive(Debug, Clone, Serialize)]
pub struct Scenario {
    /// Identifies it.
    pub id: Id,
    /// Its name.
    #[serde(flatten)]
    pub title: Title,
    /// Its own tags.
    pub tags: Vec<Tag>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The tables of an outline.
    pub examples: Vec<Examples>,
}

/// A table of example values.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Examples {
    /// Identifies it.
    pub id: Id,
    /// Its name.
    #[serde(flatten)]
    pub title: Title,
    /// They hold for its rows.
    pub tags: Vec<Tag>,
    /// The names of the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_header: Option<Row>,
    /// The values.
    pub table_body: Vec<Row>,
}

/// A tag in a file.
#[derive(Debug, Clone, Serialize)]
pub struct Tag {
    /// Identifies it.
    pub id: Id,
    /// Where it stands.
    pub location: Location,
    /// With its `@`.
    pub name: String,
}

/// A step.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Identifies it.
    pub id: Id,
    /// Where its keyword begins.
    pub location: Location,
    /// With the blank behind it.
    pub keyword: String,
    /// What the keyword says.
    pub keyword_type: StepKind,
    /// What follows it.
    pub text: String,
    /// Text below the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_string: Option<DocString>,
    /// A table below the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_table: Option<DataTable>,
}

/// What a keyword says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum StepKind {
    /// `*`, and words that a language uses for more than one.
    Unknown,
    /// Given.
    Context,
    /// When.
    Action,
    /// Then.
    Outcome,
    /// And, But; never in a pickle.
    Conjunction,
}

/// Text of several lines.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocString {
    /// Where its delimiter begins.
    pub location: Location,
    /// Such as `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Without indentation.
    pub content: String,
    /// What it begins and ends with.
    pub delimiter: String,
}

/// A table.
#[derive(Debug, Clone, Serialize)]
pub struct DataTable {
    /// Where its first row begins.
    pub location: Location,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Identifies it.
    pub id: Id,
    /// Where it begins.
    pub location: Location,
    /// From left to right.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// Where its value begins.
    pub location: Location,
    /// Trimmed.
    pub value: String,
}

/// A scenario as it will run: backgrounds in front, tags inherited, placeholders replaced.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pickle {
    /// Identifies it.
    pub id: Id,
    /// The feature file.
    pub uri: String,
    /// The scenario, or the row of its examples.
    pub location: Location,
    /// The scenario and the row.
    pub ast_node_ids: Vec<Id>,
    /// Its own and those of what it stands in.
    pub tags: Vec<PickleTag>,
    /// With the example values in place.
    pub name: String,
    /// The language of its keywords.
    pub language: String,
    /// Those of the backgrounds first.
    pub steps: Vec<PickleStep>,
    /// What a stream has no word for, and a report needs.
    #[serde(skip)]
    pub origin: Origin,
}

impl Pickle {
    /// Whether it is what stands at a line of its file: the scenario, or a row of its examples.
    #[must_use]
    pub fn stands_at(&self, line: u32) -> bool {
        line == self.location.line || line == self.origin.line
    }

    /// The names of the tags, with `@`.
    pub fn tags(&self) -> impl Iterator<Item = &str> + Clone {
        self.tags.iter().map(|it| it.name.as_str())
    }
}

/// Where a pickle comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The name of the feature.
    pub feature: String,
    /// The name of the rule.
    pub rule: Option<String>,
    /// Name and value, in the order of the table.
    pub example: Vec<(String, String)>,
    /// The line of the scenario, also where a row of its examples has one of its own.
    pub line: u32,
}

/// A tag of a pickle.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PickleTag {
    /// With its `@`.
    pub name: String,
    /// The tag in the file.
    pub ast_node_id: Id,
}

/// A step of a pickle.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PickleStep {
    /// Identifies it.
    pub id: Id,
    /// With the example values in place.
    pub text: String,
    /// That of the step before, where the keyword is a conjunction.
    #[serde(rename = "type")]
    pub kind: StepKind,
    /// The step and the row.
    pub ast_node_ids: Vec<Id>,
    /// What stands below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<PickleArgument>,
    /// Where the step stands.
    #[serde(skip)]
    pub location: Location,
}

/// What stands below a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PickleArgument {
    /// Text.
    DocString(PickleDocString),
    /// Cells.
    DataTable(PickleTable),
}

/// Text of several lines, with the example values in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PickleDocString {
    /// Such as `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Without indentation.
    pub content: String,
}

/// A table, with the example values in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PickleTable {
    /// From top to bottom.
    pub rows: Vec<PickleRow>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PickleRow {
    /// From left to right.
    pub cells: Vec<PickleCell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PickleCell {
    /// Trimmed.
    pub value: String,
}
