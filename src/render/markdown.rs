//! The compatibility matrix as markdown, for a file that is committed to a repository.

use std::fmt::Write;

use crate::{
    history::Past,
    model::{Combination, Outcome, Version},
    report::{Cell, Report, Stance, Standing, State, Tab},
};

const BEGIN: &str = "<!-- lkreport:begin — written by `lkreport build`; what stands between these marks is replaced -->";
const END: &str = "<!-- lkreport:end -->";

/// Why a file cannot take the matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct MarkError {
    /// The line of the mark, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The whole file: `existing` with its marked block replaced, or a new one around the block.
///
/// # Errors
///
/// When only one of the two marks stands in `existing`, so that nobody knows what may be replaced.
pub fn document(existing: Option<&str>, block: &str) -> Result<String, MarkError> {
    let block = format!("{BEGIN}\n\n{block}\n{END}");
    let Some(text) = existing.filter(|it| !it.trim().is_empty()) else {
        return Ok(format!("# Compatibility\n\n{block}\n"));
    };
    let line_of = |place: usize| text[..place].lines().count() + 1;
    let begin = text.find("<!-- lkreport:begin");
    let end = text.find(END);
    match (begin, end) {
        (Some(begin), Some(end)) if begin < end => {
            Ok(format!("{}{block}{}", &text[..begin], &text[end + END.len()..]))
        }
        (None, None) => Ok(format!("{}\n\n{block}\n", text.trim_end())),
        (Some(begin), None) => {
            Err(MarkError { line: line_of(begin), what: "the block begins here and never ends" })
        }
        (_, Some(end)) => Err(MarkError {
            line: line_of(end),
            what: "a block ends here that does not begin before",
        }),
    }
}

/// The block itself; `url` is where the site is read, for links to the cells.
#[must_use]
pub fn matrix(past: &Past, report: &Report, url: Option<&str>) -> String {
    let mut text = String::new();
    let page = Page { past, report, url };
    match report.as_of {
        None => return "Nothing has been tested yet.\n".to_owned(),
        Some(as_of) => {
            _ = writeln!(
                text,
                "As of {}: dates are those of the runs.\n",
                as_of.strftime("%Y-%m-%d")
            );
        }
    }
    text += &page.recommended();
    for tab in &report.tabs {
        text += &page.table(tab);
    }
    if report.tabs.is_empty() {
        text += "No run names the version of a component, so there is nothing to hold against each other.\n\n";
    }
    text += "● passed · ◐ passed after a retry · ◒ degraded · ◆ known: all its failures are known issues · ✕ failed · – unsupported · *untested*: no run. \
             Numbers: passed of those that say something about the product.\n";
    if !report.knowledge.standings.is_empty() {
        text += "Beside what others published: *confirmed*, a failure that is described for these versions shows; \
                 *differs*, it does not show where it should, or shows where it is said to be fixed; \
                 *not published*, something fails that nobody else described. Nothing: nothing can be said.\n";
    }
    text
}

struct Page<'a> {
    past: &'a Past,
    report: &'a Report,
    url: Option<&'a str>,
}

impl Page<'_> {
    fn recommended(&self) -> String {
        let cell = self.report.recommended.as_ref().and_then(|id| self.report.cells.get(id));
        match cell {
            Some(cell) => format!("**Recommended:** {}.\n\n", self.link(cell, &cell.versions.to_string())),
            None => "**Recommended:** none. Every combination fails something or leaves a suite untested.\n\n".to_owned(),
        }
    }

    fn table(&self, tab: &Tab) -> String {
        let rows = &tab.rows;
        let (title, columns): (String, Vec<String>) = match &tab.columns {
            Some(axis) => (
                format!("{} × {}", rows.component, axis.component),
                axis.versions.iter().map(|it| format!("{} {it}", axis.component)).collect(),
            ),
            None => (format!("{} × suite", rows.component), tab.suites.clone()),
        };
        let mut text = format!("### {}\n\n|  |", plain(&title));
        columns.iter().for_each(|it| _ = write!(text, " {} |", plain(it)));
        text += "\n|---|";
        columns.iter().for_each(|_| text += "---|");
        text.push('\n');
        for row in &rows.versions {
            _ = write!(text, "| **{} {}** |", plain(&rows.component), plain(row.as_str()));
            match &tab.columns {
                Some(axis) => {
                    axis.versions
                        .iter()
                        .for_each(|it| _ = write!(text, " {} |", self.pair(tab, row, it)));
                }
                None => tab.suites.iter().for_each(|it| {
                    _ = write!(text, " {} |", self.suite(&tab.versions(row, None), it));
                }),
            }
            text.push('\n');
        }
        text.push('\n');
        text
    }

    fn pair(&self, tab: &Tab, row: &Version, column: &Version) -> String {
        let versions = tab.versions(row, Some(column));
        let Some(cell) = self.report.cells.get(&versions.id()) else {
            return "*untested*".to_owned();
        };
        let Some(last) = cell.runs.last() else { return "*untested*".to_owned() };
        let passed = cell.counts.of(Outcome::Passed);
        let stance = self.report.knowledge.standings.get(&versions.id()).and_then(Standing::stance);
        self.said((cell, stance), cell.state, (passed, cell.counts.evidence()), *last)
    }

    fn suite(&self, versions: &Combination, suite: &str) -> String {
        let cell = self.report.cells.get(&versions.id());
        let found = cell.and_then(|cell| Some((cell, cell.suites.get(suite)?)));
        let Some((cell, it)) = found else { return "*untested*".to_owned() };
        self.said(
            (cell, None),
            it.state,
            (it.counts.of(Outcome::Passed), it.counts.evidence()),
            it.last_run,
        )
    }

    fn said(
        &self,
        (cell, stance): (&Cell, Option<Stance>),
        state: State,
        (passed, of): (u32, u32),
        run: usize,
    ) -> String {
        if state == State::Untested {
            return "*untested*".to_owned();
        }
        let date = self.past.runs[run].head.started.strftime("%Y-%m-%d");
        let aged = if cell.aged { " (aged)" } else { "" };
        let text = format!("{} {} {passed}/{of}", glyph(state), state.word());
        let stance = stance.map_or_else(String::new, |it| format!("<br>{}", it.word()));
        format!("{}<br>{date}{aged}{stance}", self.link(cell, &text))
    }

    fn link(&self, cell: &Cell, text: &str) -> String {
        match self.url {
            Some(url) => format!("[{}]({url}/cells/{}/)", plain(text), cell.versions.id()),
            None => plain(text),
        }
    }
}

pub(super) const fn glyph(state: State) -> &'static str {
    match state {
        State::Untested => "",
        State::Passed => "●",
        State::Unsupported => "–",
        State::Flaky => "◐",
        State::Degraded => "◒",
        State::Known => "◆",
        State::Failed => "✕",
    }
}

/// Foreign text as plain text in a table cell: no mark-up of markdown or HTML survives.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => plain.push(' '),
            '<' => plain += "&lt;",
            '>' => plain += "&gt;",
            '&' => plain += "&amp;",
            // What follows must not be somebody who is told.
            '@' => plain += "@\u{200b}",
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '!' => {
                plain.push('\\');
                plain.push(c);
            }
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_block_is_replaced() {
        let first = document(Some("# Ours\n\nBefore.\n"), "one\n").unwrap();
        let after = format!("{first}\nAfter.\n");
        let second = document(Some(&after), "two\n").unwrap();
        assert!(
            second.starts_with("# Ours\n\nBefore.\n") && second.ends_with("\nAfter.\n"),
            "{second}"
        );
        assert!(second.contains("two") && !second.contains("one"), "{second}");
        assert_eq!(document(Some(&second), "two\n").unwrap(), second);
    }

    #[test]
    fn half_a_block_is_an_error_with_its_line() {
        let error = document(Some(&format!("a\nb\n{END}\n")), "x").unwrap_err();
        assert_eq!(error.line, 3);
    }

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(plain("a|b <img> [x](y)\n"), "a\\|b &lt;img&gt; \\[x\\](y) ");
    }
}
