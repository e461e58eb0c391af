//! The one gate through which foreign text and files come in.

use std::borrow::Cow;

use lkreport_contract::mask::{Masked, Masker};
use memchr::memchr2;

use super::excerpt::Excerpt;

/// Where files that belong to attempts are put while a run is read.
///
/// The implementation writes them to disk, so that attachments never pile up in memory.
pub trait Evidence: Sync {
    /// Keeps `bytes` and says under which place they are found again, or `None` where nothing is kept.
    fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>>;
}

/// Keeps nothing; for looking at files without taking them in.
#[derive(Debug)]
pub struct Discard;

impl Evidence for Discard {
    fn keep(&self, _name: &str, _media_type: &str, _bytes: &[u8]) -> Option<Box<str>> {
        None
    }
}

/// Masks, cleans and shortens the foreign text of one file.
pub struct Intake<'a> {
    masker: &'a Masker,
    evidence: &'a dyn Evidence,
    masked: Masked,
}

impl<'a> Intake<'a> {
    /// A gate that masks by `masker` and puts files into `evidence`.
    #[must_use]
    pub const fn new(masker: &'a Masker, evidence: &'a dyn Evidence) -> Self {
        Self { masker, evidence, masked: Masked::new() }
    }

    /// How many secrets were masked so far.
    #[must_use]
    pub const fn masked(&self) -> &Masked {
        &self.masked
    }

    /// A name or another short text: one line, at most 1,000 bytes.
    #[must_use]
    pub fn line(&mut self, text: &str) -> Box<str> {
        let text = text.trim();
        let clean = clean(text);
        let masked = self.masker.mask(&clean, &mut self.masked);
        let masked = shortened(&masked, 1_000);
        if memchr2(b'\n', b'\t', masked.as_bytes()).is_some() {
            return masked.replace(['\n', '\t'], " ").into_boxed_str();
        }
        masked.into()
    }

    /// A message, stack or output: lines kept, at most `limit` bytes, shortened in the middle.
    ///
    /// Lines that tell what failed are kept wherever they stand.
    #[must_use]
    pub fn text(&mut self, text: &str, limit: usize) -> Box<str> {
        let clean = clean(text);
        shortened(&self.masker.mask(&clean, &mut self.masked), limit).into()
    }

    /// The value of something that has a name, which may be all that tells it for a secret.
    #[must_use]
    pub fn value_of(&mut self, name: &str, value: &str, limit: usize) -> Box<str> {
        let text = self.text(value, limit);
        // In quotes all of it is the value; a quotation mark inside would end it.
        let before = format!("{}=\"", clean(name).trim());
        let whole = format!("{before}{}\"", text.replace(['"', '\\', '\n'], "'"));
        let mut masked = Masked::new();
        let found = self.masker.mask(&whole, &mut masked);
        let is_mark = |it: &str| it.starts_with("[masked ") || it.starts_with("masked-");
        let named = found.strip_prefix(&before).is_some_and(is_mark) && !is_mark(&text);
        match masked.keys().next() {
            Some(kind) if named => {
                *self.masked.entry(*kind).or_default() += 1;
                format!("[masked {kind}]").into()
            }
            _ => text,
        }
    }

    /// The end of an output: at most `limit` bytes from whole lines on, where lines are shorter.
    #[must_use]
    pub fn tail(&mut self, text: &str, limit: usize) -> Box<str> {
        let clean = clean(text);
        let masked = self.masker.mask(&clean, &mut self.masked);
        let end = &masked[masked.ceil_char_boundary(masked.len().saturating_sub(limit))..];
        if end.len() == masked.len() {
            return end.into();
        }
        end.split_once('\n')
            .map_or(end, |(_, lines)| if lines.is_empty() { end } else { lines })
            .into()
    }

    /// A file; masked first where its media type is text.
    pub fn file(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        if !is_text(media_type) {
            return self.evidence.keep(name, media_type, bytes);
        }
        let text = String::from_utf8_lossy(bytes);
        let masked = self.masker.mask(&text, &mut self.masked);
        self.evidence.keep(name, media_type, masked.as_bytes())
    }
}

/// Whether files of this type can hold secrets that are read as text.
fn is_text(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || ["json", "xml", "yaml", "javascript", "x-log", "x-har"]
            .iter()
            .any(|it| essence.ends_with(it))
}

/// XML cannot hold an escape character: pytest writes this for it and the bracket, Go writes U+FFFD.
const PYTEST_ESCAPE: &str = "#x1B[";

fn shortened(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let mut excerpt = Excerpt::new(limit);
    excerpt.push(text);
    Cow::Owned(excerpt.finish())
}

/// The text without colours and without characters that hide or reorder what people see.
///
/// It is cleaned before it is masked, because a colour inside a secret would hide it.
fn clean(text: &str) -> Cow<'_, str> {
    // `#` may begin pytest's escape, so that texts with one are looked at more closely.
    let plain = |byte: u8| matches!(byte, b' '..=b'"' | b'$'..=b'~' | b'\n' | b'\t');
    if text.bytes().all(plain)
        || !text.contains(PYTEST_ESCAPE) && !text.chars().any(|c| is_unwanted(c) || c == '\u{FFFD}')
    {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after_escape(rest).unwrap_or_else(|| {
            match c {
                '\r' if after.starts_with('\n') => {}
                '\r' => clean.push('\n'),
                '\u{FEFF}' => {}
                c if is_unwanted(c) => clean.push('\u{FFFD}'),
                c => clean.push(c),
            }
            after
        });
    }
    Cow::Owned(clean)
}

/// Control characters, and marks that change the direction of text
/// ([Trojan Source](https://trojansource.codes)).
fn is_unwanted(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => true,
        c => c.is_control(),
    }
}

/// What stands behind the terminal escape at the start of `text`
/// ([ECMA-48](https://ecma-international.org/publications-and-standards/standards/ecma-48/)).
fn after_escape(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('\u{1b}') {
        if let Some(rest) = rest.strip_prefix('[') {
            return Some(after_sequence(rest).unwrap_or(rest));
        }
        if let Some(rest) = rest.strip_prefix(']') {
            let near = &rest[..rest.floor_char_boundary(4096)];
            let end = near.find(['\u{7}', '\u{1b}']).map(|end| &rest[end..]);
            let end = end.map(|it| it.strip_prefix("\u{1b}\\").unwrap_or_else(|| &it[1..]));
            return Some(end.unwrap_or(rest));
        }
        let single = rest.chars().next().filter(|c| matches!(c, '@'..='_' | '`'..='~'));
        return Some(&rest[single.map_or(0, char::len_utf8)..]);
    }
    let rest = text.strip_prefix("\u{FFFD}[").or_else(|| text.strip_prefix(PYTEST_ESCAPE))?;
    let end = after_sequence(rest)?;
    rest[..rest.len() - end.len()].ends_with('m').then_some(end)
}

/// What stands behind the parameters and the last letter of a control sequence.
fn after_sequence(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !matches!(byte, b' '..=b'?'))?;
    (end <= 32 && matches!(text.as_bytes()[end], b'@'..=b'~')).then(|| &text[end + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_and_controls_go() {
        assert_eq!(
            clean("\u{1b}[31mRED\u{1b}[0m \u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\"),
            "RED link"
        );
        assert_eq!(clean("\u{FFFD}[1;31mRED\u{FFFD}[0m #x1B[32mok#x1B[0m #1"), "RED ok #1");
        assert_eq!(clean("a\0b\u{7f}c\u{85}d"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d");
        assert_eq!(clean("a\u{202E}b\u{2066}c"), "a\u{FFFD}b\u{FFFD}c");
        assert_eq!(clean("a\r\nb\rc\n"), "a\nb\nc\n");
        assert_eq!(clean("\u{1b}"), "");
        assert!(matches!(clean("na\u{ef}ve \u{20AC} \t\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_are_one_line() {
        let masker = Masker::default();
        let mut intake = Intake::new(&masker, &Discard);
        assert_eq!(&*intake.line(" a\n\tb\r\n"), "a  b");
        assert!(intake.line(&"x".repeat(5000)).len() <= 1000);
        assert_eq!(&*intake.tail("first\nsecond\nthird", 8), "third");
        assert_eq!(&*intake.tail("abcdefgh", 3), "fgh");
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_through(text in "(\\PC|\u{1b}|[\\x00-\\x1f]|\u{202e}|\u{fffd}|[#x1B\\[;m\\]]){0,200}") {
            let clean = clean(&text);
            prop_assert!(!clean.chars().any(is_unwanted));
        }
    }
}
