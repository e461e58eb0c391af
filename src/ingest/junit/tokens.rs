//! XML as a forgiving stream of tags and pieces of text, of which none is ever long.
//!
//! It knows nothing of JUnit. Entities that a document defines are never expanded.

use std::{borrow::Cow, io::BufRead, mem};

use memchr::memmem;
use quick_xml::{
    Reader,
    errors::{Error, SyntaxError},
    events::{Event, attributes::Attributes},
    parser::{ElementParser, Parser},
};

use super::{references::character, source::Source};

/// What comes next in the document.
#[derive(Debug)]
pub(super) enum Token<'t> {
    /// A start tag.
    Open(Tag<'t>),
    /// An end tag, with its name as written.
    Close(&'t str),
    /// A piece of text; neighbouring pieces belong together.
    Text(Cow<'t, str>),
    /// A text that XML does not permit at this place, but that can be read.
    Dubious(Cow<'t, str>, &'static str),
    /// A document type declaration, comment or processing instruction.
    Aside,
    /// Something that cannot be read and was left out.
    Damage(String),
    /// The rest cannot be read.
    Broken(String),
    /// The end of the document.
    End,
}

/// The name and the attributes of a start tag.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    /// The name as written, with its prefix.
    pub(super) name: &'t str,
    /// Whether it is its own end tag.
    pub(super) is_empty: bool,
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    text: &'t str,
}

impl<'t> Tag<'t> {
    fn new(text: &'t str, line: u64, is_empty: bool) -> Self {
        let end = text.bytes().position(|it| it.is_ascii_whitespace()).unwrap_or(text.len());
        Self { name: &text[..end], is_empty, line, text }
    }

    /// The attributes, each with its value as written; `Err` says what is wrong with one.
    pub(super) fn attributes(
        &self,
    ) -> impl Iterator<Item = Result<(&'t str, Cow<'t, str>), String>> {
        let mut attributes = Attributes::new(self.text, self.name.len());
        attributes.with_checks(false);
        attributes.map(|it| match it {
            Ok(it) => Ok((it.key.0, it.value)),
            Err(error) => Err(error.to_string()),
        })
    }
}

/// What a token that is too long to be held is.
#[derive(Debug, Clone, Copy)]
enum Long {
    CData,
    Comment,
    Instruction,
}

impl Long {
    const fn end(self) -> &'static [u8] {
        match self {
            Self::CData => b"]]>",
            Self::Comment => b"-->",
            Self::Instruction => b"?>",
        }
    }
}

enum Kind {
    Start,
    Empty,
    End,
    Text,
    CData,
    Reference,
    Aside,
    Eof,
}

/// Reads the tokens of one document.
pub(super) struct Tokens<'a> {
    reader: Reader<Source<'a>>,
    raw: Vec<u8>,
    long: Option<Long>,
    told: usize,
    has_doctype: bool,
    line: u64,
}

impl<'a> Tokens<'a> {
    /// Reads the document in `source`.
    pub(super) fn new(source: Source<'a>) -> Self {
        Self {
            reader: reader(source),
            raw: Vec::new(),
            long: None,
            told: 0,
            has_doctype: false,
            line: 1,
        }
    }

    /// The line of bytes that are no text in the document's encoding; each time it is told once.
    pub(super) fn take_undecodable(&mut self) -> Option<u64> {
        self.reader.get_mut().undecodable.take()
    }

    /// The next token, and the line on which it begins, from 1.
    pub(super) fn next(&mut self) -> (u64, Token<'_>) {
        let source = self.reader.get_mut();
        source.begin_token();
        self.line = source.line;
        (self.line, self.read())
    }

    fn read(&mut self) -> Token<'_> {
        if let Some(long) = self.long {
            return self.read_on(long);
        }
        self.raw.clear();
        let kind = match self.reader.read_event_into(&mut self.raw) {
            Ok(Event::Start(_)) => Kind::Start,
            Ok(Event::Empty(_)) => Kind::Empty,
            Ok(Event::End(_)) => Kind::End,
            Ok(Event::Text(_)) => Kind::Text,
            Ok(Event::CData(_)) => Kind::CData,
            Ok(Event::GeneralRef(_)) => Kind::Reference,
            Ok(Event::DocType(_)) => {
                self.has_doctype = true;
                Kind::Aside
            }
            Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => Kind::Aside,
            Ok(Event::Eof) => Kind::Eof,
            Err(error) => return self.recover(&error),
        };
        self.token(kind)
    }

    fn token(&self, kind: Kind) -> Token<'_> {
        let Ok(raw) = str::from_utf8(&self.raw) else {
            return Token::Damage("text that is no UTF-8".to_owned());
        };
        let inside = |from: usize, until: usize| {
            raw.get(from..raw.len().saturating_sub(until)).unwrap_or_default()
        };
        match kind {
            Kind::Start => Token::Open(Tag::new(inside(1, 1), self.line, false)),
            Kind::Empty => Token::Open(Tag::new(inside(1, 2), self.line, true)),
            Kind::End => Token::Close(inside(2, 1).trim_ascii()),
            Kind::CData => Token::Text(inside(9, 3).into()),
            Kind::Text if raw.starts_with('&') => Token::Dubious(raw.into(), "`&` alone in a text"),
            Kind::Text => Token::Text(raw.into()),
            Kind::Reference => match character(inside(1, 1)) {
                Some(c) => Token::Text(String::from(c).into()),
                None if self.has_doctype => Token::Text(raw.into()),
                None => Token::Dubious(raw.into(), "an entity that nobody defines"),
            },
            Kind::Aside => Token::Aside,
            Kind::Eof => Token::End,
        }
    }

    /// Goes on after what the reader calls an error, where that is possible.
    fn recover(&mut self, error: &Error) -> Token<'_> {
        match error {
            Error::Io(_) if self.reader.get_ref().token_is_long => {
                self.renew();
                self.take_apart()
            }
            Error::Io(error) => Token::Broken(format!("cannot read on: {error}")),
            Error::Syntax(SyntaxError::UnclosedCData) => {
                Token::Dubious(text(self.raw.get(9..).unwrap_or_default()), UNCLOSED_CDATA)
            }
            Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                self.renew();
                Token::Damage("`<!` that begins nothing".to_owned())
            }
            Error::IllFormed(error) => Token::Damage(error.to_string()),
            error => Token::Broken(error.to_string()),
        }
    }

    /// Reads on at the same place with a fresh reader, because an error ends the old one.
    fn renew(&mut self) {
        let mut source = mem::take(self.reader.get_mut());
        source.begin_token();
        self.reader = reader(source);
    }

    /// Gives the first piece of a token that is too long to be held.
    fn take_apart(&mut self) -> Token<'_> {
        self.told = 0;
        if self.raw.starts_with(b"<![CDATA[") {
            self.told = 9;
            self.read_on(Long::CData)
        } else if self.raw.starts_with(b"<!--") {
            self.read_on(Long::Comment)
        } else if self.raw.starts_with(b"<?") {
            self.read_on(Long::Instruction)
        } else if self.raw.starts_with(b"<!") {
            Token::Broken("a document type declaration of more than 256 KB".to_owned())
        } else if self.raw.starts_with(b"<") {
            self.cut_tag()
        } else {
            Token::Text(text(&self.raw))
        }
    }

    /// Gives the next piece of a long token; what was told of the last piece is dropped from `raw`.
    fn read_on(&mut self, long: Long) -> Token<'_> {
        self.raw.drain(..self.told);
        let held = self.raw.len();
        let source = self.reader.get_mut();
        let at_end = match source.fill_buf() {
            Ok(chunk) => {
                self.raw.extend_from_slice(chunk);
                chunk.is_empty()
            }
            Err(error) => {
                self.long = None;
                return Token::Broken(format!("cannot read on: {error}"));
            }
        };
        let read = self.raw.len() - held;
        let end = memmem::find(&self.raw, long.end());
        source.consume(end.map_or(read, |end| (end + long.end().len()).saturating_sub(held)));
        // A part of the end mark may stand at the end of this piece and the rest in the next.
        let marks = self.raw.iter().rev().take(2).take_while(|it| b"]-?".contains(it)).count();
        let until = end.unwrap_or(self.raw.len() - if at_end { 0 } else { marks });
        self.told = until;
        self.long = (end.is_none() && !at_end).then_some(long);
        match long {
            Long::CData if end.is_none() && at_end => {
                Token::Dubious(text(&self.raw[..until]), UNCLOSED_CDATA)
            }
            Long::CData => Token::Text(text(&self.raw[..until])),
            Long::Comment | Long::Instruction if end.is_none() && at_end => {
                Token::Broken("a comment or an instruction that is not closed".to_owned())
            }
            Long::Comment | Long::Instruction => Token::Aside,
        }
    }

    /// Gives a start tag of which only the first attributes could be held.
    fn cut_tag(&mut self) -> Token<'_> {
        let mut parser = ElementParser::Outside;
        parser.feed(&self.raw[1..]);
        let cut_in = parser;
        let source = self.reader.get_mut();
        let mut last = 0;
        let closed = loop {
            source.begin_token();
            let Ok(chunk) = source.fill_buf() else { break false };
            let Some(end) = parser.feed(chunk) else {
                let (read, byte) = (chunk.len(), chunk.last().copied());
                source.consume(read);
                let Some(byte) = byte else { break false };
                last = byte;
                continue;
            };
            last = end.checked_sub(1).map_or(last, |before| chunk[before]);
            source.consume(end + 1);
            break true;
        };
        if !closed {
            return Token::Broken(SyntaxError::UnclosedTag.to_string());
        }
        match cut_in {
            ElementParser::Outside => {}
            ElementParser::SingleQ => self.raw.push(b'\''),
            ElementParser::DoubleQ => self.raw.push(b'"'),
        }
        let (end, kind): (&[u8], _) =
            if last == b'/' { (b"/>", Kind::Empty) } else { (b">", Kind::Start) };
        self.raw.extend_from_slice(end);
        if self.raw.starts_with(b"</") { self.token(Kind::End) } else { self.token(kind) }
    }
}

const UNCLOSED_CDATA: &str = "CDATA that is not closed";

/// A reader that reports as little as possible; ends are matched by whoever reads the tokens.
fn reader(source: Source<'_>) -> Reader<Source<'_>> {
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    reader
}

/// The source gives UTF-8 only, so that nothing is ever replaced here.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;

    /// The document as one line: tags by name, text joined, everything else by its debug form.
    fn tokens(document: &str) -> String {
        let mut tokens = Tokens::new(Source::new(Box::new(document.as_bytes()), UTF_8));
        let mut seen = String::new();
        loop {
            match tokens.next().1 {
                Token::Open(tag) => {
                    seen += &format!("<{}{}>", tag.name, if tag.is_empty { "/" } else { "" });
                }
                Token::Close(name) => seen += &format!("</{name}>"),
                Token::Text(text) => seen += &text,
                Token::Dubious(text, what) => seen += &format!("{text}({what})"),
                Token::Damage(what) => seen += &format!("({what})"),
                Token::Aside => {}
                Token::Broken(what) => return format!("{seen}!{what}"),
                Token::End => return seen,
            }
        }
    }

    #[test]
    fn text_is_whole_whatever_it_is_made_of() {
        assert_eq!(
            tokens("<a>1 &lt; 2<![CDATA[ & ]]>&#10;<!--x-->&#x1B;</a >"),
            "<a>1 < 2 & \n\u{1b}</a>"
        );
        assert_eq!(tokens("<a>&#xD800;&#0;</a>"), "<a>\u{FFFD}\0</a>");
        assert_eq!(tokens("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "<a>&b;</a>");
    }

    #[test]
    fn damage_costs_only_itself() {
        assert_eq!(tokens("<a>b & c</a>"), "<a>b & c(`&` alone in a text)</a>");
        assert_eq!(tokens("<a>&b;</a>"), "<a>&b;(an entity that nobody defines)</a>");
        assert_eq!(tokens("<a><!b></a>"), "<a>(`<!` that begins nothing)b></a>");
        assert_eq!(tokens("<a><![CDATA[b"), "<a>b(CDATA that is not closed)");
        assert!(tokens("<a><b c='").starts_with("<a>!"));
    }

    #[test]
    fn long_tokens_come_in_pieces_and_whole() {
        let long = "ab\u{20AC}]]-? ".repeat(200_000);
        assert!(tokens(&format!("<a><![CDATA[{long}]]>c</a>")) == format!("<a>{long}c</a>"));
        assert!(tokens(&format!("<a>{long}&amp;c</a>")) == format!("<a>{long}&c</a>"));
        assert_eq!(tokens(&format!("<a><!--{long}-->c<?d {long}?></a>")), "<a>c</a>");
        assert_eq!(tokens(&format!("<a><b c='{long}' d='>'/>e</a>")), "<a><b/>e</a>");
        assert_eq!(tokens(&format!("<a><b c='{long}'>e</b></a>")), "<a><b>e</b></a>");
        assert!(tokens(&format!("<a><!DOCTYPE b [{long}]></a>")).contains('!'));
        let unclosed = tokens(&format!("<a><![CDATA[{long}"));
        assert!(unclosed == format!("<a>{long}({UNCLOSED_CDATA})"));
    }
}
