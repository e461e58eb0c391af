//! `/releases/` and its pages.

use serde::Serialize;

use super::{Empty, Fact, Link, OutsideLink, Page, Shell};
use crate::render::{escape::Html, mark::Mark};

/// `/releases/`: whose notes are at hand?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReleasesPage {
    /// What every page has.
    pub shell: Shell,
    /// The components.
    pub components: Vec<ReleasesOf>,
    /// What to do where there is none.
    pub empty: Option<Empty>,
}

impl Page for ReleasesPage {
    const TEMPLATE: &'static str = "releases.html";
}

/// The releases of a component, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReleasesOf {
    /// The component.
    pub component: String,
    /// Its releases.
    pub releases: Vec<ReleaseRow>,
}

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReleaseRow {
    /// Its page.
    pub link: Link,
    /// When it was published.
    pub date: String,
    /// How many items it has, of which kinds.
    pub items: String,
    /// What it came to where it was tested.
    pub mark: Mark,
}

/// `/releases/<component>/<version>/`, and the step to it from an older one: may I upgrade?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReleasePage {
    /// What every page has.
    pub shell: Shell,
    /// When, where it was tested, with what result.
    pub facts: Vec<Fact>,
    /// Where its makers tell of it; of a step, all that lie on it.
    pub official: Vec<OutsideLink>,
    /// Items that may break what worked.
    pub breaking: Vec<ItemView>,
    /// Items that may change what tests see.
    pub relevant: Vec<ItemView>,
    /// All items by kind.
    pub kinds: Vec<KindView>,
    /// How many items are left out, in words; empty where none is.
    pub rest: String,
    /// The steps to it from older versions that were tested.
    pub steps: Vec<Link>,
    /// Known issues that begin with it.
    pub entering: Vec<Fact>,
    /// Known issues that end with it.
    pub leaving: Vec<Fact>,
    /// The notes as they were published.
    pub notes: Option<Html>,
}

impl Page for ReleasePage {
    const TEMPLATE: &'static str = "release.html";
}

/// The items of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindView {
    /// The kind.
    pub word: String,
    /// The items.
    pub items: Vec<ItemView>,
}

/// An item with the rules that judged it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemView {
    /// What it says.
    pub html: Html,
    /// The rule that judged it.
    pub rule: String,
    /// The release that it belongs to, where there are several.
    pub release: Option<Link>,
}
