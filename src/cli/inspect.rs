//! `lkreport inspect`: what would be read from files.

use std::{collections::BTreeMap, fmt::Write};

use lkreport_contract::mask::Masker;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    args::{self, Global},
    output::{Answer, Talk, counted, print},
    read,
};
use crate::{
    ingest::{Discard, Format, Ingested},
    model::{Case, Problem},
};

/// What is said of one file; the field names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    format: Format,
    runs: u32,
    entries: u32,
    outcomes: BTreeMap<&'static str, u32>,
    cases: usize,
    attempts: usize,
    flaky: usize,
    problems: Vec<Trouble<'a>>,
}

#[derive(Debug, Serialize)]
struct Trouble<'a> {
    line: u64,
    message: &'a str,
}

pub(super) fn run(args: &args::Inspect, _: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let files = read::find(&args.paths)?;
    let masker = Masker::default();
    let bar = talk.progress("reading", files.len());
    let texts: Vec<String> = files
        .par_iter()
        .map(|file| {
            let mut ingested = read::read_one(file, &masker, &Discard);
            bar.inc(1);
            let passed_by = file.is_passed_by(&ingested);
            let reasons = if passed_by { std::mem::take(&mut ingested.problems) } else { vec![] };
            if args.json { json(&ingested) } else { words(&ingested, &reasons) }
        })
        .collect();
    bar.finish_and_clear();
    print(&texts.concat())?;
    Ok(Answer::Yes)
}

fn line(it: &Ingested) -> Line<'_> {
    Line {
        file: &it.file,
        format: it.format,
        runs: it.runs,
        entries: it.entries,
        outcomes: it.outcomes.iter().map(|(outcome, n)| (outcome.word(), n)).collect(),
        cases: it.cases.len(),
        attempts: it.cases.iter().map(|case| case.attempts.len()).sum(),
        flaky: it.cases.iter().filter(|it| Case::is_flaky(it)).count(),
        problems: (it.problems.iter())
            .map(|it| Trouble { line: it.line, message: &it.message })
            .collect(),
    }
}

fn json(it: &Ingested) -> String {
    let text = serde_json::to_string(&line(it)).expect("a line holds only text and numbers");
    text + "\n"
}

/// What a person wants to know; `reasons` say why nothing is read of a file that nobody named.
fn words(it: &Ingested, reasons: &[Problem]) -> String {
    let line = line(it);
    let format = serde_json::to_value(line.format).expect("a format is a word");
    let mut text = format!("{}: {}", line.file, format.as_str().unwrap_or_default());
    if line.entries > 0 {
        let entries = if line.entries == 1 { "entry" } else { "entries" };
        _ = write!(text, ", {} {entries}", line.entries);
        for (outcome, n) in &line.outcomes {
            _ = write!(text, ", {n} {outcome}");
        }
        _ = write!(
            text,
            "; {}, {}, {} flaky",
            counted(line.cases, "case"),
            counted(line.attempts, "attempt"),
            line.flaky
        );
    }
    for it in reasons {
        _ = write!(text, ", passed by: {}", it.message);
    }
    text.push('\n');
    for it in line.problems {
        let place = if it.line == 0 { String::new() } else { format!("line {}: ", it.line) };
        _ = writeln!(text, "  problem: {place}{}", it.message);
    }
    text
}
