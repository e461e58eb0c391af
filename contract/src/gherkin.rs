//! The Gherkin document with places: what a feature file says, and where it says it.
//!
//! The reader is our own and goes by lines, as the language does. It keeps what others drop (comments,
//! the place of each tag and cell, the media types of doc strings), and goes on after an error, so that
//! one look at a file names all that is wrong with it.
//!
//! Gaps: [`GAPS`].

mod language;
mod line;
mod reader;

use std::fmt;

pub use self::language::languages;

/// What the official parsers read and this one does not.
pub const GAPS: &[&str] = &["Markdown with Gherkin (`*.feature.md`)"];

/// Where something stands; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What is wrong with a feature file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct SyntaxError {
    /// Where it was noticed; the line after the last one when the file ends too early.
    pub place: Place,
    /// What was expected and what stands there.
    pub message: String,
}

/// One feature file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The language of its keywords, such as `en`.
    pub language: String,
    /// None where the file is empty or holds nothing but comments.
    pub feature: Option<Feature>,
    /// In the order of the file; a comment is always a line of its own.
    pub comments: Vec<Comment>,
}

/// A line that begins with `#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The first column of its line.
    pub place: Place,
    /// The whole line, with its indentation.
    pub text: String,
}

/// The words on a line that opens a part: `Scenario: a name`, and the description below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Where the keyword begins.
    pub place: Place,
    /// As the file has it, such as `Scenario Outline`.
    pub keyword: String,
    /// What stands after the colon.
    pub name: String,
    /// The lines below, as they are indented; without comments.
    pub description: String,
}

/// All of a file but its comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Its name.
    pub title: Title,
    /// They hold for everything in it.
    pub tags: Vec<Tag>,
    /// Steps before each scenario.
    pub background: Option<Background>,
    /// Those that belong to no rule.
    pub scenarios: Vec<Scenario>,
    /// They follow the scenarios.
    pub rules: Vec<Rule>,
}

/// A business rule, with the scenarios that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub title: Title,
    /// They hold for everything in it.
    pub tags: Vec<Tag>,
    /// Steps before each of its scenarios, after those of the feature.
    pub background: Option<Background>,
    /// What shows the rule.
    pub scenarios: Vec<Scenario>,
}

/// Steps before each scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// Its name.
    pub title: Title,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A scenario; with examples it is an outline, whatever its keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub title: Title,
    /// Its own tags, without those of what it stands in.
    pub tags: Vec<Tag>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The tables of an outline.
    pub examples: Vec<Examples>,
}

/// A table of example values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// Its name.
    pub title: Title,
    /// They hold for its rows.
    pub tags: Vec<Tag>,
    /// The names of the values first; none where no table follows.
    pub table: Option<DataTable>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where the keyword begins.
    pub place: Place,
    /// With the blank that ends it, where the language wants one.
    pub keyword: String,
    /// What the keyword says.
    pub kind: StepKind,
    /// What stands after the keyword.
    pub text: String,
    /// What stands below.
    pub argument: Option<Argument>,
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Given.
    Context,
    /// When.
    Action,
    /// Then.
    Outcome,
    /// And, But.
    Conjunction,
    /// `*`, and words that a language uses for more than one.
    Unknown,
}

/// What a step takes besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// Text.
    DocString(DocString),
    /// Cells.
    DataTable(DataTable),
}

/// Text of several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocString {
    /// Where the opening delimiter begins.
    pub place: Place,
    /// `"""` or three backticks.
    pub delimiter: String,
    /// What stands after the opening delimiter, such as `json`.
    pub media_type: Option<String>,
    /// Without the indentation of the delimiter.
    pub content: String,
}

/// Rows of equal length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataTable {
    /// From top to bottom; at least one.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where its first `|` stands.
    pub place: Place,
    /// From left to right.
    pub cells: Vec<Cell>,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Where its value begins.
    pub place: Place,
    /// Trimmed, with `\n`, `\|` and `\\` resolved.
    pub value: String,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Where its `@` stands.
    pub place: Place,
    /// With its `@`.
    pub name: String,
}

/// Reads a feature file.
///
/// # Errors
///
/// All that is wrong with it, in the order of the file, but no more than the first twenty.
pub fn parse(text: &str) -> Result<Document, Vec<SyntaxError>> {
    reader::read(text)
}
