//! Cucumber messages, one JSON envelope a line (<https://github.com/cucumber/messages>), of any
//! protocol version: envelopes and fields that we do not know pass by.
//!
//! A file may hold several runs one after the other; each begins with `meta` or `testRunStarted`.
//! The bodies of attachments go on at once, and what a finished test case needed is forgotten.
//!
//! Invariant: a bad line costs that line; a run without its end is cut short, never passed.

mod envelope;
mod lines;
mod plan;
mod run;

use std::io::BufRead;

use self::{
    envelope::Envelope,
    lines::{Line, Lines},
    run::Run,
};
use super::{Ingested, Intake};

/// How many problems of one file are told one by one.
const MOST_PROBLEMS: usize = 100;

/// Reads a stream of messages.
pub(super) fn read(input: &mut dyn BufRead, into: &mut Ingested, intake: &mut Intake<'_>) {
    let mut lines = Lines::new(input);
    let mut run = Run::default();
    let mut troubles = Troubles::default();
    loop {
        let result = match lines.next() {
            Ok(Line::End) => break,
            Ok(Line::Text(text)) => match serde_json::from_slice(text) {
                Ok(envelope) => take(&envelope, &mut run, into, intake),
                Err(error) => Err(format!("not a message: {}", reason(&error))),
            },
            Ok(Line::TooLong) => Err("a line longer than 16 MiB was left out".to_owned()),
            Err(error) => {
                troubles.note(into, lines.number, format!("unreadable: {error}"));
                break;
            }
        };
        if let Err(message) = result {
            troubles.note(into, lines.number, message);
        }
    }
    run.end(into, intake);
    troubles.summarise(into);
}

/// Takes in an envelope; a second run in the same file ends the first.
fn take(
    envelope: &Envelope<'_>,
    run: &mut Run,
    into: &mut Ingested,
    intake: &mut Intake<'_>,
) -> Result<(), String> {
    let is_new = envelope.meta.is_some() && run.is_begun();
    if is_new || (envelope.test_run_started.is_some() && run.is_started()) {
        std::mem::take(run).end(into, intake);
    }
    run.take(envelope, into, intake)
}

/// What is wrong, without the line and column of serde: each envelope is one line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let column = error.column();
    format!("{} (column {column})", &text[..end])
}

/// Counts problems beyond those that are told.
#[derive(Default)]
struct Troubles {
    more: usize,
    told: usize,
}

impl Troubles {
    fn note(&mut self, into: &mut Ingested, line: u64, message: String) {
        if self.told < MOST_PROBLEMS {
            self.told += 1;
            into.problem(line, message);
        } else {
            self.more += 1;
        }
    }

    fn summarise(&self, into: &mut Ingested) {
        if self.more > 0 {
            into.problem(0, format!("{} more lines could not be read", self.more));
        }
    }
}
