//! `/features/` and its pages.

use serde::Serialize;

use super::{Empty, Link, Page, Shell};
use crate::render::mark::Mark;

/// `/features/`: what is promised, and where?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeaturesPage {
    /// What every page has.
    pub shell: Shell,
    /// The features by area.
    pub areas: Vec<Area>,
    /// The features and scenarios by tag.
    pub tags: Vec<TagRow>,
    /// What to do where there is none.
    pub empty: Option<Empty>,
}

impl Page for FeaturesPage {
    const TEMPLATE: &'static str = "features.html";
}

/// The features of one folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Area {
    /// The folder.
    pub name: String,
    /// Its features.
    pub features: Vec<FeatureRow>,
}

/// A feature in the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureRow {
    /// What it came to on the newest version.
    pub mark: Mark,
    /// Its page.
    pub link: Link,
    /// The first sentence of its purpose.
    pub purpose: String,
    /// How many scenarios it has.
    pub scenarios: String,
    /// On what it was last tried, and how much passed there.
    pub newest: String,
}

/// A tag in the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagRow {
    /// The tag, with its `@`.
    pub name: String,
    /// Its anchor.
    pub anchor: String,
    /// The features that have it, or a scenario with it.
    pub features: Vec<Link>,
}

/// `/features/<path>/`: what does the product promise, and is it kept?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeaturePage {
    /// What every page has.
    pub shell: Shell,
    /// The file.
    pub path: String,
    /// The language of the keywords, where it is not English.
    pub language: String,
    /// Its tags.
    pub tags: Vec<Link>,
    /// Why it is there, in its own words.
    pub purpose: Vec<String>,
    /// What it came to on each version, the newest first.
    pub versions: Vec<VersionRow>,
    /// What the versions are those of.
    pub component: String,
    /// The steps before each scenario.
    pub background: Option<BackgroundView>,
    /// The scenarios that belong to no rule, then the rules.
    pub parts: Vec<RuleView>,
    /// Steps without a definition, as the newest runs say.
    pub undefined: Vec<String>,
    /// Known issues that concern it.
    pub issues: Vec<Link>,
    /// Features of the same area, and those that share a tag.
    pub related: Vec<Related>,
}

impl Page for FeaturePage {
    const TEMPLATE: &'static str = "feature.html";
}

/// Features that have something in common with this one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Related {
    /// What they have in common.
    pub what: String,
    /// The features.
    pub features: Vec<Link>,
}

/// What something came to on a version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionRow {
    /// The version.
    pub version: String,
    /// What it came to.
    pub mark: Mark,
    /// How much passed.
    pub passed: String,
    /// The newest run.
    pub run: Link,
    /// The newest run in which any of it passed.
    pub last_pass: Option<Link>,
}

/// Steps before each scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackgroundView {
    /// Keyword and name.
    pub title: String,
    /// What stands below the name.
    pub purpose: Vec<String>,
    /// The steps.
    pub steps: Vec<FeatureStep>,
}

/// A rule with its scenarios; without a title, the scenarios that belong to none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleView {
    /// Keyword and name.
    pub title: String,
    /// Its tags.
    pub tags: Vec<Link>,
    /// What stands below the name.
    pub purpose: Vec<String>,
    /// The steps before each of its scenarios.
    pub background: Option<BackgroundView>,
    /// Its scenarios.
    pub scenarios: Vec<ScenarioView>,
}

/// A scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioView {
    /// What it came to on the newest version.
    pub mark: Mark,
    /// The keyword.
    pub keyword: String,
    /// Its name.
    pub name: String,
    /// Its anchor on the page.
    pub anchor: String,
    /// Its line in the file.
    pub line: u32,
    /// Where its results are told; none where several cases came of it, or no run knows it.
    pub case: Option<Link>,
    /// Its tags.
    pub tags: Vec<Link>,
    /// What stands below the name.
    pub purpose: Vec<String>,
    /// Its steps.
    pub steps: Vec<FeatureStep>,
    /// The tables of an outline.
    pub examples: Vec<ExamplesView>,
    /// What it came to on each version, the newest first.
    pub versions: Vec<VersionRow>,
}

/// A step of a scenario, as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureStep {
    /// Its keyword.
    pub keyword: String,
    /// What stands after it.
    pub text: String,
    /// Whether the newest run found no definition for it.
    pub undefined: bool,
    /// The media type of its doc string.
    pub media: String,
    /// Its doc string.
    pub doc: Option<String>,
    /// The cells of its table.
    pub table: Vec<Vec<String>>,
}

/// A table of example values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExamplesView {
    /// Keyword and name.
    pub title: String,
    /// Its tags.
    pub tags: Vec<Link>,
    /// What stands below the name.
    pub purpose: Vec<String>,
    /// The names of the values.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<ExampleRow>,
}

/// A row of example values, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExampleRow {
    /// The values.
    pub cells: Vec<String>,
    /// What it came to where it was last tried.
    pub mark: Mark,
    /// Where its results are told.
    pub case: Option<Link>,
}
