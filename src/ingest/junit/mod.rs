//! JUnit XML of any dialect → cases, streaming, whatever state the file is in.
//!
//! There is no standard; <https://github.com/testmoapp/junitxml> describes the common dialects.
//! Counts in attributes are not believed: what is listed counts.

mod attachments;
mod case;
mod elements;
mod identity;
mod nesting;
mod playwright;
mod references;
mod source;
mod suites;
mod tokens;
mod values;

use std::io::BufRead;

pub(super) use self::attachments::artifact;

use self::{
    elements::Elements,
    source::Source,
    tokens::{Token, Tokens},
};
use super::{Ingested, Intake, decode};

/// Reads one document of test suites.
pub(super) fn read(input: &mut dyn BufRead, into: &mut Ingested, intake: &mut Intake<'_>) {
    let (head, input) = match decode::peek(input, 1024) {
        Ok(peeked) => peeked,
        Err(error) => return into.problem(0, format!("cannot be read: {error}")),
    };
    let encoded = decode::encoding(&head);
    let mut tokens = Tokens::new(Source::new(Box::new(input), encoded.encoding));
    let mut elements = Elements::new(into, intake);
    if let Some(declared) = encoded.but_declared {
        let (declared, found) = (declared.name(), encoded.encoding.name());
        elements.damage(1, format!("declared as {declared}, but written in {found}"));
    }
    let end = loop {
        if let Some(line) = tokens.take_undecodable() {
            let name = encoded.encoding.name();
            elements.damage(line, format!("bytes that are no text in {name} were replaced"));
        }
        match tokens.next() {
            (_, Token::Open(tag)) => elements.open(&tag),
            (line, Token::Close(name)) => elements.close(line, name),
            (line, Token::Text(text)) => elements.text(line, &text),
            (line, Token::Dubious(text, what)) => {
                elements.text(line, &text);
                elements.damage(line, what);
            }
            (line, Token::Damage(what)) => elements.damage(line, what),
            (_, Token::Aside) => {}
            (line, Token::Broken(what)) => {
                elements.damage(line, what);
                break line;
            }
            (line, Token::End) => break line,
        }
    };
    elements.finish(end);
}
