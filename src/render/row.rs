//! The rows of long lists, written straight into text because a page may have hundreds of them and
//! a site a hundred thousand.
//!
//! End tags that HTML lets be left out are left out:
//! <https://html.spec.whatwg.org/#optional-tags>.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    escape::{Html, escape_into},
    format::counted,
    mark::Mark,
};

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow<'a> {
    /// What it came to.
    pub mark: Mark,
    /// Where it stands; rows of one path get one heading, so they have to follow each other.
    pub path: &'a str,
    /// What it is called, with its rule and example.
    pub name: &'a str,
    /// Its page, from the root of the site; none where it has no page of its own.
    pub href: Option<&'a str>,
    /// The name of the row as an anchor, where others link to it.
    pub anchor: Option<&'a str>,
    /// How long it took, in milliseconds.
    pub millis: Option<u64>,
    /// The same, as people read it; empty where nobody says.
    pub duration: &'a str,
    /// How many attempts were made.
    pub attempts: u32,
    /// What there is to say of it: the end of its message, the known issue, or empty.
    pub note: &'a str,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow<'a> {
    /// Its verdict.
    pub mark: Mark,
    /// Its page, from the root of the site.
    pub href: &'a str,
    /// When it began: `2026-11-21 10:24 UTC`.
    pub started: &'a str,
    /// Its suite.
    pub suite: &'a str,
    /// The versions that split cells: `livekit 1.13.5`.
    pub versions: &'a str,
    /// Its branch, or empty.
    pub branch: &'a str,
    /// `191 of 194`, and what else there is to say.
    pub counts: &'a str,
    /// How long it took, in milliseconds.
    pub millis: Option<u64>,
    /// The same, as people read it; empty where nobody says.
    pub duration: &'a str,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// Its number in the whole log, from 1.
    pub n: u64,
    /// How bad it is.
    pub level: Level,
    /// The line, or all lines of an entry that belongs together.
    pub text: &'a str,
}

/// How bad a line of a log is, as far as it is marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// Not marked.
    #[default]
    Plain,
    /// A warning.
    Warning,
    /// An error, and what is worse.
    Error,
}

/// A last cell that says nothing, closed, since a line break would be its content: phones leave empty cells out.
const EMPTY: &str = "<td></td>\n";

/// The rows of a table with the columns outcome, case, duration and, where one had several, attempts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cases {
    /// The rows.
    pub rows: Html,
    /// Whether there is a column of attempts.
    pub attempts: bool,
}

/// The rows of a table of cases.
#[must_use]
pub fn cases(root: &str, rows: &[CaseRow<'_>]) -> Cases {
    let attempts = rows.iter().any(|it| it.attempts > 1);
    let columns = if attempts { 4 } else { 3 };
    let mut out = String::with_capacity(rows.len() * 160);
    let mut path = None;
    for row in rows {
        if path != Some(row.path) {
            path = Some(row.path);
            let _ = write!(out, "<tbody><tr><th colspan={columns} scope=rowgroup>");
            escape_into(&mut out, row.path);
            out.push('\n');
        }
        case(&mut out, root, row);
        match (attempts, row.attempts) {
            (false, _) => end(&mut out, row.duration),
            (true, 2..) => _ = writeln!(out, "<td>{}", row.attempts),
            (true, _) => out.push_str(EMPTY),
        }
    }
    Cases { rows: Html::vouched(out), attempts }
}

/// Outcome, case and duration.
fn case(out: &mut String, root: &str, row: &CaseRow<'_>) {
    out.push_str("<tr");
    match row.anchor {
        // Ids of cases need no quotes, and a site can have a hundred thousand of them.
        Some(id) if id.bytes().all(|it| it.is_ascii_alphanumeric()) && !id.is_empty() => {
            out.push_str(" id=");
            out.push_str(id);
        }
        Some(anchor) => attribute(out, "id", &[anchor]),
        None => {}
    }
    out.push('>');
    marked(out, row.mark);
    match row.href {
        Some(href) => link(out, &[root, href], row.name),
        None => escape_into(out, row.name),
    }
    if !row.note.is_empty() {
        out.push_str("<small>");
        escape_into(out, row.note);
        out.push_str("</small>");
    }
    duration(out, row.millis, row.duration);
}

/// The end of a row whose last cell is this.
fn end(out: &mut String, last: &str) {
    out.push_str(if last.is_empty() { "</td>\n" } else { "\n" });
}

/// The rows of a table with the columns verdict, started, suite, versions, branch, passed, duration.
#[must_use]
pub fn runs(root: &str, rows: &[RunRow<'_>]) -> Html {
    let mut out = String::with_capacity(rows.len() * 240);
    out.push_str("<tbody>");
    for row in rows {
        out.push_str("<tr>");
        marked(&mut out, row.mark);
        link(&mut out, &[root, row.href], row.started);
        for text in [row.suite, row.versions, row.branch, row.counts] {
            out.push_str("<td>");
            escape_into(&mut out, text);
        }
        duration(&mut out, row.millis, row.duration);
        end(&mut out, row.duration);
    }
    Html::vouched(out)
}

/// The items of a numbered list of lines; each has an anchor `L<n>`.
#[must_use]
pub fn log_lines(lines: &[LogLine<'_>]) -> Html {
    let mut out = String::with_capacity(lines.iter().map(|it| it.text.len() + 48).sum());
    let mut before = lines.first().map_or(0, |it| it.n.saturating_sub(1));
    for LogLine { n, level, text } in lines {
        if *n > before + 1 {
            let _ = writeln!(out, "<li class=gap>{} not kept", counted(n - before - 1, "line"));
        }
        before = n + text.matches('\n').count() as u64;
        let class = match level {
            Level::Plain => "",
            Level::Warning => " class=warning",
            Level::Error => " class=error",
        };
        let _ = write!(out, "<li id=L{n}{class}><a href=#L{n}>{n}</a>");
        escape_into(&mut out, text);
        out.push('\n');
    }
    Html::vouched(out)
}

fn marked(out: &mut String, mark: Mark) {
    out.push_str("<td class=");
    out.push_str(mark.class());
    out.push('>');
    out.push_str(mark.word());
    out.push_str("<td>");
}

/// A duration with its value to sort by, where the words round it.
fn duration(out: &mut String, millis: Option<u64>, words: &str) {
    match millis {
        Some(millis) if millis >= 1000 => {
            let _ = write!(out, "<td data-v={millis}>");
        }
        _ => out.push_str("<td>"),
    }
    escape_into(out, words);
}

pub(super) fn link(out: &mut String, href: &[&str], text: &str) {
    out.push_str("<a");
    attribute(out, "href", href);
    out.push('>');
    escape_into(out, text);
    out.push_str("</a>");
}

/// An attribute whose value is the joined parts, quoted and escaped.
pub(super) fn attribute(out: &mut String, name: &str, parts: &[&str]) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for part in parts {
        escape_into(out, part);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: CaseRow<'_> = CaseRow {
        mark: Mark::Fail,
        path: "test",
        name: "TestTurnRelay/not-allowed",
        href: Some("cases/x/index.html"),
        anchor: None,
        millis: Some(1130),
        duration: "1.1 s",
        attempts: 1,
        note: "",
    };

    #[test]
    fn foreign_text_stays_text() {
        let evil = "\"><script>alert(1)</script>";
        let row = CaseRow { path: evil, name: evil, href: Some(evil), anchor: Some(evil), ..ROW };
        let lines = [LogLine { n: 1, level: Level::Error, text: evil }];
        for html in [cases("", &[CaseRow { note: evil, ..row }]).rows, log_lines(&lines)] {
            assert!(!html.as_str().contains("<script"), "{html:?}");
            assert!(!html.as_str().contains("\"\""), "{html:?}");
        }
    }

    #[test]
    fn a_cell_without_words_is_empty() {
        let told = cases("", &[CaseRow { attempts: 2, ..ROW }, ROW]);
        let rows: Vec<&str> = told.rows.as_str().trim_end().split("<tr>").skip(2).collect();
        assert!(told.attempts && rows[0].ends_with("<td>2\n"), "{rows:?}");
        assert!(rows[1].ends_with("<td></td>"), "{rows:?}");
        let timeless = cases("", &[CaseRow { millis: None, duration: "", ..ROW }]);
        assert!(timeless.rows.as_str().ends_with("<td></td>\n"));
    }

    #[test]
    fn there_is_a_column_of_attempts_only_where_one_had_several() {
        let told = cases("", &[ROW]);
        assert!(!told.attempts && told.rows.as_str().contains("colspan=3"));
        assert!(told.rows.as_str().ends_with("<td data-v=1130>1.1 s\n"));
        assert!(cases("", &[CaseRow { attempts: 2, ..ROW }]).rows.as_str().contains("colspan=4"));
    }

    #[test]
    fn a_path_is_said_once() {
        let rows = cases("../../", &[ROW, ROW]);
        assert_eq!(rows.rows.as_str().matches("rowgroup").count(), 1);
        assert!(rows.rows.as_str().contains("<a href=\"../../cases/x/index.html\">"));
    }
}
