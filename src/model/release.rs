//! What a component's makers published, with notes.

use super::{Component, Version};

/// A version of a component, and what its makers say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The component.
    pub component: Component,
    /// Its version.
    pub version: Version,
    /// The day on which it was published, such as `2026-07-31`.
    pub date: Option<Box<str>>,
    /// Where its makers tell of it.
    pub url: Option<Box<str>>,
    /// What changed, in the order of the notes.
    pub items: Vec<Item>,
    /// The notes as they are, in markdown; masked, and shortened where they are long.
    pub notes: Box<str>,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Of what kind it is.
    pub kind: ItemKind,
    /// The rule by which it is of that kind.
    pub why: &'static str,
    /// The rule by which it may break what worked, where one holds.
    pub breaking: Option<&'static str>,
    /// The rule by which it may change what tests see, where one holds.
    pub relevant: Option<&'static str>,
    /// What it says, in markdown.
    pub text: Box<str>,
}

/// Of what kind a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// It may break what worked.
    Breaking,
    /// It closes a hole.
    Security,
    /// It is new.
    Added,
    /// It works differently.
    Changed,
    /// It works again.
    Fixed,
    /// A dependency has another version.
    Dependency,
    /// No rule says what it is.
    Other,
}

impl ItemKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Breaking,
        Self::Security,
        Self::Added,
        Self::Changed,
        Self::Fixed,
        Self::Dependency,
        Self::Other,
    ];

    /// The heading for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Breaking => "Breaking",
            Self::Security => "Security",
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Fixed => "Fixed",
            Self::Dependency => "Dependencies",
            Self::Other => "Other",
        }
    }
}
