//! A changelog in markdown, cut into versions and items.
//!
//! Only a heading that says a version and nothing else opens one: `## [1.2.3] - 2026-07-31`,
//! `## mdBook 0.5.4`, `# livekit-client@2.1.0`. What else stands in a heading belongs to the version
//! before it.

use std::sync::LazyLock;

use comrak::{
    Arena, Options,
    nodes::{Node, NodeValue},
    parse_document,
};
use regex::Regex;

use super::rules;
use crate::model::{Item, ItemKind};

/// A version as far as a changelog tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) version: String,
    pub(super) date: Option<String>,
    pub(super) items: Vec<Item>,
    /// All of its text, but for its heading.
    pub(super) notes: String,
}

/// How many items of a version are kept.
const ITEMS: usize = 2_000;

static HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"(?:[@\w][\w./-]*[ @]\s*)?";
    let version =
        r"(?:v|version |release )?(\d+\.\d+(?:\.\d+)*(?:[-+.][0-9A-Za-z][0-9A-Za-z.+-]*)?)";
    let date = r"(?:\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d|unreleased|yanked|scratched|withdrawn|retracted|\w+ \d{1,2}, \d{4})";
    Regex::new(&format!(
        r"(?i)^{name}\[?{version}\]?(?:\([^)]*\))?(?:\s*[-–—:(\[]*\s*({date})[)\]]*)*\s*$"
    ))
    .ok()
});

static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b\d{4}[-/]\d\d[-/]\d\d\b").ok());

static UNRELEASED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^\[?(unreleased|next|upcoming)\]?\b.{0,20}$").ok());

/// What a heading opens.
enum Opens {
    Version(String, Option<String>),
    Unreleased,
    Nothing,
}

fn opens(text: &str) -> Opens {
    let is = |it: &LazyLock<Option<Regex>>| it.as_ref().is_some_and(|it| it.is_match(text));
    if is(&UNRELEASED) {
        return Opens::Unreleased;
    }
    let found = HEADING.as_ref().and_then(|it| it.captures(text));
    found.map_or(Opens::Nothing, |it| {
        let date = DATE.as_ref().and_then(|it| it.find(text));
        Opens::Version(it[1].to_owned(), date.map(|it| it.as_str().replace('/', "-")))
    })
}

/// Cuts a changelog into its versions, in its order.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut reader = Reader::new(text);
    let arena = Arena::new();
    for node in parse_document(&arena, text, &Options::default()).children() {
        let heading =
            matches!(node.data().value, NodeValue::Heading(_)).then(|| node.collect_text());
        match heading.as_deref().map_or(Opens::Nothing, |it| opens(it.trim())) {
            Opens::Version(version, date) => {
                reader.open(Section { version, date, ..Section::default() }, end_of(node));
            }
            Opens::Unreleased => reader.open(Section::default(), end_of(node)),
            Opens::Nothing => reader.take(node, heading.as_deref()),
        }
    }
    reader.finish()
}

/// The notes of one version, whatever their headings say.
pub(super) fn notes(text: &str) -> Vec<Item> {
    let mut reader = Reader::new(text);
    reader.open(Section { version: "0".to_owned(), ..Section::default() }, 0);
    let arena = Arena::new();
    for node in parse_document(&arena, text, &Options::default()).children() {
        let heading =
            matches!(node.data().value, NodeValue::Heading(_)).then(|| node.collect_text());
        reader.take(node, heading.as_deref());
    }
    reader.finish().pop().map(|it| it.items).unwrap_or_default()
}

/// The last line of a node, from 1.
fn end_of(node: Node<'_>) -> usize {
    node.data().sourcepos.end.line
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    done: Vec<Section>,
    /// The version that is being read, and after which line it began.
    now: Option<(Section, usize)>,
    heading: Option<(&'static str, ItemKind)>,
    thanks: bool,
    /// The last line that was taken in.
    last: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines().collect(),
            done: Vec::new(),
            now: None,
            heading: None,
            thanks: false,
            last: 0,
        }
    }

    fn open(&mut self, section: Section, at: usize) {
        self.close();
        (self.heading, self.thanks) = (None, false);
        self.last = at;
        self.now = Some((section, at));
    }

    fn close(&mut self) {
        if let Some((mut section, start)) = self.now.take()
            && !section.version.is_empty()
        {
            section.notes = self.between(start, self.last).join("\n").trim().to_owned();
            self.done.push(section);
        }
    }

    fn finish(mut self) -> Vec<Section> {
        self.close();
        self.done
    }

    /// The lines after `start`, to `end`.
    fn between(&self, start: usize, end: usize) -> &[&'a str] {
        let end = end.min(self.lines.len());
        &self.lines[start.min(end)..end]
    }

    /// Takes in what stands in a version and opens none.
    fn take(&mut self, node: Node<'_>, heading: Option<&str>) {
        self.last = self.last.max(end_of(node));
        if let Some(text) = heading {
            self.group(text.trim());
            return;
        }
        if self.thanks {
            return;
        }
        let is_list = matches!(node.data().value, NodeValue::List(_));
        let is_paragraph = matches!(node.data().value, NodeValue::Paragraph);
        if is_list {
            node.children().for_each(|it| self.item(&self.text_of_item(it)));
        } else if is_paragraph && rules::is_breaking(&node.collect_text()) {
            let place = node.data().sourcepos;
            let text = self.between(place.start.line - 1, place.end.line).join("\n");
            self.item(&text);
        }
    }

    /// A heading inside of a version: the name of a group, or a sentence that is an item itself.
    fn group(&mut self, text: &str) {
        self.thanks = rules::is_thanks(text);
        self.heading = rules::of_heading(text);
        if self.heading.is_none() && !self.thanks && text.split_whitespace().count() > 5 {
            self.item(text);
        }
    }

    fn item(&mut self, text: &str) {
        let (heading, text) = (self.heading, text.trim());
        if let Some((section, _)) = &mut self.now
            && !text.is_empty()
            && section.items.len() < ITEMS
        {
            section.items.push(rules::item(text.into(), heading));
        }
    }

    /// The lines of an item of a list without its bullet and indentation.
    fn text_of_item(&self, node: Node<'_>) -> String {
        let place = node.data().sourcepos;
        let lines = self.between(place.start.line - 1, place.end.line);
        let mut text = String::new();
        for (n, line) in lines.iter().enumerate() {
            let line = if n == 0 { without_bullet(line) } else { line.trim_start() };
            if n > 0 {
                text.push('\n');
            }
            text.push_str(line);
        }
        text
    }
}

fn without_bullet(line: &str) -> &str {
    let line = line.trim_start();
    let bare = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let bare = if bare.len() < line.len() { bare } else { line };
    bare.strip_prefix(['-', '*', '+', '.', ')']).unwrap_or(line).trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_and_nothing_else_opens_one() {
        let version = |text: &str| match opens(text) {
            Opens::Version(version, date) => Some((version, date.unwrap_or_default())),
            _ => None,
        };
        for (text, number, date) in [
            ("[1.13.5] - 2026-07-31", "1.13.5", "2026-07-31"),
            ("mdBook 0.5.0-beta.2", "0.5.0-beta.2", ""),
            ("v1.6.0", "1.6.0", ""),
            ("3.1.0", "3.1.0", ""),
            ("[5.0.0] - 2018-05-08 [YANKED]", "5.0.0", "2018-05-08"),
            ("[1.9.5] - 2025-12-01 - scratched", "1.9.5", "2025-12-01"),
            ("livekit-client@2.15.0", "2.15.0", ""),
            ("[1.1.0](https://example.org) (2026-01-02)", "1.1.0", "2026-01-02"),
        ] {
            assert_eq!(version(text), Some((number.to_owned(), date.to_owned())), "{text}");
        }
        for text in [
            "0.5 Migration Guide",
            "ATTENTION: see 1.12.0",
            "Added",
            "Upgrading to 2.0 from 1.9",
            "[Unreleased]",
        ] {
            assert_eq!(version(text), None, "{text}");
        }
    }

    #[test]
    fn headings_inside_a_version_belong_to_it() {
        let text = "# Changelog\n\n## [1.13.0] - 2026-06-08\n\n## ATTENTION: This release removes backwards compatibility.\n\n\
                    ### Added\n\n- a thing\n  [#12](https://x)\n- 1.2 seconds\n\n```yaml\n# 9.9.9\n```\n\n## [1.12.0] - 2026-05-16\n\n1. one\n";
        let found = sections(text);
        let versions: Vec<&str> = found.iter().map(|it| it.version.as_str()).collect();
        assert_eq!(versions, ["1.13.0", "1.12.0"]);
        let items: Vec<&str> = found[0].items.iter().map(|it| &*it.text).collect();
        let attention = "ATTENTION: This release removes backwards compatibility.";
        assert_eq!(items, [attention, "a thing\n[#12](https://x)", "1.2 seconds"]);
        assert!(found[0].items[0].breaking.is_some());
        assert!(found[0].notes.ends_with("# 9.9.9\n```"), "{}", found[0].notes);
        assert_eq!(&*found[1].items[0].text, "one");
    }
}
