//! Runs in short, as markdown for the page of a CI job or a comment: the decisive first, and always below
//! the limits of GitHub.

use std::fmt::Write as _;

use super::{address, format, markdown::plain};
use crate::{
    history::Past,
    model::Outcome,
    report::{Gate, GateFinding, Level, Report, State},
};

/// Comments may have 65,535 characters, and job summaries 1 MiB, which so many characters never reach.
pub const LONGEST: usize = 65_535;

/// What is left for the last words.
const SPARE: usize = 600;

/// How much of the beginning and of the end of a message is kept, in characters.
const HEAD: usize = 400;
const TAIL: usize = 1_600;

/// How many findings the table has, so that what comes after it has a place.
const ROWS: usize = 60;

/// How many scenarios and failure families a finding names.
const FEW: usize = 3;

/// How much of a text stands in a table, in characters.
const CELL: usize = 240;

/// What a summary is made of.
pub struct Summary<'a> {
    /// Every run and case.
    pub past: &'a Past,
    /// What there is to say of them.
    pub report: &'a Report,
    /// The runs that are told of.
    pub runs: &'a [usize],
    /// What the gate says of them.
    pub gate: &'a Gate,
    /// What the gate says, in a sentence, and what closes nothing.
    pub said: (&'a str, &'a str),
    /// Where the site is read, without a slash at its end.
    pub url: Option<&'a str>,
    /// What a case of a run failed with, whole.
    pub message: &'a dyn Fn(usize, u32) -> Option<String>,
}

impl Summary<'_> {
    /// The summary.
    #[must_use]
    pub fn markdown(&self) -> String {
        let glyph = if self.gate.is_open() { "●" } else { "✕" };
        let mut text = Limited { text: format!("## {glyph} {}\n\n", self.said.0), left: 0 };
        self.findings(&mut text);
        self.runs(&mut text);
        self.known(&mut text);
        self.messages(&mut text);
        if text.left > 0 {
            let n = format::counted(text.left as u64, "further item");
            _ = writeln!(text.text, "\n*{n} left out to fit the page.*");
        }
        text.text
    }

    fn findings(&self, text: &mut Limited) {
        if self.gate.findings.is_empty() {
            return;
        }
        let row = |it: &GateFinding| {
            let level = if it.level == Level::Fail { "✕" } else { "warning" };
            let place = it.run.map(|run| self.run_link(run)).unwrap_or_default();
            let cases = self.cases(&it.cases);
            let (what, why) = (it.check.words(), plain(&shortened(&it.text, CELL / 3, CELL)));
            let families: String =
                it.families.iter().take(FEW).map(|it| self.family(*it)).collect();
            format!("| {level} {what} | {place} | {cases}{why}{families} |\n")
        };
        text.table(
            "| finding | run | why |\n|---|---|---|\n",
            self.gate.findings.iter().take(ROWS).map(row),
        );
        text.left += self.gate.findings.len().saturating_sub(ROWS);
    }

    /// The cases of a finding, before what it says of them.
    fn cases(&self, cases: &[u32]) -> String {
        let named: Vec<String> = cases.iter().take(FEW).map(|it| self.case_link(*it)).collect();
        match cases.len().saturating_sub(FEW) {
            _ if cases.is_empty() => String::new(),
            0 => format!("{}: ", named.join(", ")),
            n => format!("{} and {} more: ", named.join(", "), format::number(n as u64)),
        }
    }

    /// A failure family, behind what a finding says.
    fn family(&self, place: usize) -> String {
        let id = self.report.families.all[place].id;
        let name = format!("family {id}");
        format!(" · {}", self.link(&name, &super::pages::family_href(self.report, place)))
    }

    fn runs(&self, text: &mut Limited) {
        let row = |run: &usize| {
            let it = &self.past.runs[*run];
            let known = self.report.knowledge.known_in(*run);
            let state = State::explained(&it.counts, &known, it.flaky);
            let rest = it.counts.without(&known).failing();
            let mut failing = Vec::new();
            failing.extend((known.failing() > 0).then(|| format!("{} known", known.failing())));
            failing.extend((rest > 0).then(|| format!("{rest} unexplained")));
            let failing = if failing.is_empty() { "none".to_owned() } else { failing.join(", ") };
            format!(
                "| {} {} | {} | {} of {} | {failing} | {} |\n",
                super::markdown::glyph(state),
                state.word(),
                self.run_link(*run),
                it.counts.of(Outcome::Passed),
                it.counts.total(),
                it.head.duration().map(format::duration).unwrap_or_default(),
            )
        };
        let head = "| | run | passed | failing | took |\n|---|---|---|---|---|\n";
        text.table(head, self.runs.iter().map(row));
    }

    fn known(&self, text: &mut Limited) {
        for id in self.gate.excused.keys() {
            let Some(issue) = self.report.knowledge.catalogue.get(id) else { continue };
            let name = self.link(id, &address::issue(id));
            let workaround = issue.workaround.as_deref().unwrap_or_default();
            text.push(&format!("- ◆ {name} {}. {}\n", plain(&issue.title), plain(workaround)));
        }
        if !self.said.1.is_empty() {
            text.push(&format!("\n{}\n", plain_lines(self.said.1)));
        }
        let coverage = super::coverage(self.report);
        if !coverage.is_empty() {
            text.push(&format!("\n{}\n", plain(&coverage)));
        }
    }

    /// What the findings say in full; the end of a message tells most.
    fn messages(&self, text: &mut Limited) {
        let mut told = std::collections::BTreeSet::new();
        for it in &self.gate.findings {
            // The others of a family failed with the same but for names and numbers.
            let (Some(run), Some(&case)) = (it.run, it.cases.first()) else { continue };
            if !told.insert((run, case)) {
                continue;
            }
            let Some(message) = (self.message)(run, case) else { continue };
            let message = shortened(&message, HEAD, HEAD + TAIL);
            let fence = "`".repeat(longest_run(&message, '`').max(2) + 1);
            text.push(&format!(
                "\n<details><summary>{}</summary>\n\n{fence}\n{message}\n{fence}\n\n</details>\n",
                html(&self.past.cases[case as usize].name),
            ));
        }
    }

    fn run_link(&self, run: usize) -> String {
        let combination = &self.report.runs[run].combination;
        let on = if combination.is_empty() { String::new() } else { format!(" on {combination}") };
        let it = &self.past.runs[run].head;
        let name = format!("{}{on}", it.suite);
        if self.report.runs[run].has_page {
            self.link(&name, &address::run(&it.id))
        } else {
            plain(&name)
        }
    }

    fn case_link(&self, case: u32) -> String {
        let known = &self.past.cases[case as usize];
        self.link(&shortened(&known.name, CELL / 2, CELL), &address::case(known))
    }

    fn link(&self, text: &str, path: &str) -> String {
        match self.url {
            Some(url) => {
                format!("[{}]({url}/{})", plain(text), path.trim_end_matches("index.html"))
            }
            None => plain(text),
        }
    }
}

/// Markdown that never grows too long.
struct Limited {
    text: String,
    /// How many pieces found no place.
    left: usize,
}

impl Limited {
    fn push(&mut self, piece: &str) -> bool {
        let fits = self.text.chars().count() + piece.chars().count() + SPARE <= LONGEST;
        if fits {
            self.text += piece;
        } else {
            self.left += 1;
        }
        fits
    }

    fn table(&mut self, head: &str, rows: impl Iterator<Item = String>) {
        if self.push(head) {
            rows.for_each(|it| _ = self.push(&it));
            self.text.push('\n');
        }
    }
}

/// A text of at most `most` characters: its beginning, and more of its end.
fn shortened(text: &str, head: usize, most: usize) -> String {
    let n = text.chars().count();
    if n <= most {
        return text.to_owned();
    }
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(n - (most - head)).collect();
    format!("{begin} … {end}")
}

fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("  \n")
}

fn longest_run(text: &str, c: char) -> usize {
    text.split(|it| it != c).map(str::len).max().unwrap_or(0)
}

fn html(text: &str) -> String {
    let mut safe = String::new();
    super::escape::escape_into(&mut safe, text);
    safe.replace(['\n', '\r'], " ")
}
