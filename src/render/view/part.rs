//! The pieces that several page kinds share.

use serde::Serialize;

use crate::render::{escape::Html, mark::Mark};

/// A link within the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads, from the root of the site.
    pub href: String,
}

/// A link out of the site, to `http` or `https` and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutsideLink {
    text: String,
    url: String,
}

impl OutsideLink {
    /// Takes a foreign address; anything but the web is refused, above all `javascript:`.
    #[must_use]
    pub fn new(text: impl Into<String>, url: &str) -> Option<Self> {
        let url = url.trim();
        let scheme = url.split_once("://")?.0;
        let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        web.then(|| Self { text: text.into(), url: url.to_owned() })
    }
}

/// A name with its value, in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// The value; what of it is a link stands in `link` or `outside` instead.
    pub value: String,
    /// A value that leads to a page of the site.
    pub link: Option<Link>,
    /// A value that leads out of the site.
    pub outside: Option<OutsideLink>,
}

impl Fact {
    /// A fact that leads nowhere.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), link: None, outside: None }
    }

    /// A fact that leads to a page of the site.
    pub fn linked(name: impl Into<String>, link: Link) -> Self {
        Self { link: Some(link), ..Self::new(name, "") }
    }

    /// A fact that leads out of the site.
    pub fn outside(name: impl Into<String>, link: OutsideLink) -> Self {
        Self { outside: Some(link), ..Self::new(name, "") }
    }
}

/// How many of something came out one way; a chip that filters where JavaScript runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Which way.
    pub mark: Mark,
    /// How many, formatted.
    pub n: String,
}

/// A command that a reader may copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// What it does, as a heading.
    pub purpose: String,
    /// The command, quoted for a POSIX shell.
    pub line: String,
}

/// What a page says while it has nothing to show, and what will bring it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Empty {
    /// What will appear here, and after what.
    pub text: String,
    /// The command that brings it.
    pub command: Option<Command>,
}

/// The pages before and after this one in a long list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pager {
    /// Which part this is: `1–500 of 1,204`.
    pub part: String,
    /// The page before.
    pub previous: Option<Link>,
    /// The page after.
    pub next: Option<Link>,
}

/// A case that changed since the comparable run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is now.
    pub mark: Mark,
    /// The case.
    pub case: Link,
    /// What there is to say of it, such as the versions of the step.
    pub note: String,
}

/// What changed between two comparable runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// In one sentence: "3 failures are new since 1.11.0; nothing was fixed."
    pub sentence: String,
    /// The run that this one is compared with.
    pub against: Option<Link>,
    /// Cases that failed the first time they were seen.
    pub new: Vec<Change>,
    /// Cases that passed before and fail now.
    pub regressed: Vec<Change>,
    /// Cases that failed before and pass now.
    pub fixed: Vec<Change>,
    /// Cases that both passed and failed.
    pub flaky: Vec<Change>,
    /// Cases that are not listed any more.
    pub lost: Vec<Change>,
    /// How many changes of a kind are not listed here, in words; empty where all are.
    pub rest: String,
    /// The release notes of the step, where they are at hand.
    pub notes: Option<Link>,
}

/// Failures that look alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureGroup {
    /// Known or not.
    pub mark: Mark,
    /// The first line of the message that all share, with marks, or what stands for it.
    pub title: String,
    /// The exception or error type, or empty.
    pub type_name: String,
    /// Its own page, where it has one.
    pub href: Option<String>,
    /// How often: `3 of 194 cases` or `2 of 40 runs`.
    pub count: String,
    /// The message of the first as it was written; empty where the title says as much.
    pub message: String,
    /// Where the first of its cases broke, or empty.
    pub note: String,
    /// The cases, at most a handful.
    pub cases: Vec<Link>,
    /// How many more there are, in words; empty where all are listed.
    pub rest: String,
}

/// A chart with its caption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The finding in words, above the drawing.
    pub caption: String,
    /// The drawing, from `render::chart`.
    pub svg: Html,
    /// What changed in it for good, oldest first.
    pub changes: Vec<Finding>,
}

/// A change between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What changed, when, and what came with it.
    pub text: String,
    /// The last run before it.
    pub before: Link,
    /// The first run after it.
    pub after: Link,
    /// The release notes of the step that came with it, where they are at hand.
    pub notes: Option<Link>,
}

/// A file that belongs to an attempt or a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactView {
    /// How it is shown: `image`, `video`, `audio`, `text`, `file` or `link`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// Its size, or empty.
    pub size: String,
    /// Where it stands, from the root of the site; empty where it stands elsewhere.
    pub href: String,
    /// Where it stands elsewhere.
    pub outside: Option<OutsideLink>,
}
