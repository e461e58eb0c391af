//! `/logs/<run>/<component>/`: what did the component say then?

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, part};
use crate::{
    ingest::{Kept, KeptLine, Level as Grave, read_kept},
    model::{Case, RunId},
    render::{
        Site, address, format,
        row::{self, Level, LogLine},
        view::{Link, LogLink, LogPage, Section},
    },
    report::Weight,
};

/// How many lines a page holds, and how many bytes of text, so that it stays below 150 kB.
const LINES: usize = 500;
const BYTES: usize = 60_000;

/// How long before an attempt its lines begin to matter.
const BEFORE: SignedDuration = SignedDuration::from_secs(2);

/// A kept log of a run, cut into pages.
pub(in crate::render) struct Log {
    run: RunId,
    component: String,
    /// The file as it stands in the site.
    file: String,
    kept: Kept,
    /// Where each page begins in the kept lines.
    starts: Vec<usize>,
}

/// The logs among the evidence of a run.
pub(in crate::render) fn logs(
    context: &Context<'_>,
    idx: usize,
    evidence: &[(String, u64)],
    site: &Site,
) -> Vec<Log> {
    let id = &context.run(idx).head.id;
    let folder = address::evidence(id);
    let is_log = |it: &&(String, u64)| it.0.ends_with(".log") && it.0.contains("logs/");
    evidence
        .iter()
        .filter(is_log)
        .filter_map(|(name, _)| {
            let file = format!("{folder}/{name}");
            let kept = read_kept(&site.read(&file)?)?;
            // A shard's logs stand in a folder of their own, which tells them apart here.
            let component = name.trim_end_matches(".log").replace("logs/", "").replace('/', "-");
            Some(Log {
                run: id.clone(),
                component: address::part(&component),
                file,
                starts: cut(&kept),
                kept,
            })
        })
        .collect()
}

fn cut(kept: &Kept) -> Vec<usize> {
    let mut starts = vec![0];
    let (mut lines, mut bytes) = (0, 0);
    for (n, line) in kept.lines.iter().enumerate() {
        let size = line.text.len() + 48;
        if lines == LINES || (lines > 0 && bytes + size > BYTES) {
            starts.push(n);
            (lines, bytes) = (0, 0);
        }
        lines += 1;
        bytes += size;
    }
    starts
}

impl Log {
    /// The log as a row in the list of its run.
    pub(super) fn link(&self) -> LogLink {
        let summary = &self.kept.summary;
        let count = |levels: &[Grave]| {
            let n: u64 = levels.iter().filter_map(|it| summary.levels.get(it)).sum();
            format::number(n)
        };
        LogLink {
            component: self.component.clone(),
            href: address::log(&self.run, &self.component, 1),
            lines: format::number(summary.lines),
            errors: count(&[Grave::Error, Grave::Fatal]),
            warnings: count(&[Grave::Warn]),
        }
    }

    /// The pages of the log.
    pub(in crate::render) fn pages(
        &self,
        context: &Context<'_>,
        idx: usize,
        all: &[Self],
    ) -> Vec<(String, LogPage)> {
        let ends = self.starts[1..].iter().copied().chain([self.kept.lines.len()]);
        (1..)
            .zip(self.starts.iter().copied().zip(ends))
            .map(|(page, (start, end))| self.page(context, idx, all, (page, start, end)))
            .collect()
    }

    fn page(
        &self,
        context: &Context<'_>,
        idx: usize,
        all: &[Self],
        (page, start, end): (usize, usize, usize),
    ) -> (String, LogPage) {
        let path = address::log(&self.run, &self.component, page);
        let run = context.run(idx);
        let mut shell = context.shell(&path, Section::Runs, format!("Log of {}", self.component));
        let summary = &self.kept.summary;
        shell.answer = match format::counted(summary.lines, "line") {
            lines if summary.kept >= summary.lines => format!("{lines}, all of them."),
            lines => format!(
                "{} of {lines} {} kept: what stands around failures, and the end.",
                format::number(summary.kept),
                if summary.kept == 1 { "is" } else { "are" },
            ),
        };
        shell.crumbs = vec![
            Link { text: "Runs".to_owned(), href: address::runs(None) },
            Link { text: run.head.suite.clone(), href: address::run(&self.run) },
        ];
        let lines: Vec<LogLine<'_>> = self.kept.lines[start..end].iter().map(line).collect();
        let mut pager = part(start, end - start, self.kept.lines.len());
        let other = |text: &str, page: usize| Link {
            text: text.to_owned(),
            href: address::log(&self.run, &self.component, page),
        };
        pager.previous = (page > 1).then(|| other("before", page - 1));
        pager.next = (page < self.starts.len()).then(|| other("after", page + 1));
        let beside = all.iter().filter(|it| it.component != self.component);
        let view = LogPage {
            beside: beside
                .map(|it| Link {
                    text: it.component.clone(),
                    href: it.at(self.kept.lines.get(start).and_then(|it| it.time)),
                })
                .collect(),
            run: context.run_link(idx),
            rows: row::log_lines(&lines),
            pager,
            whole: Some(Link { text: "As a file".to_owned(), href: self.file.clone() }),
            shell,
        };
        (path, view)
    }

    /// Where the log stands at a time: the first line that is not earlier.
    fn at(&self, time: Option<Timestamp>) -> String {
        let lines = &self.kept.lines;
        let found =
            time.and_then(|time| lines.iter().position(|it| it.time.is_some_and(|it| it >= time)));
        let Some(place) = found else { return address::log(&self.run, &self.component, 1) };
        let page = self.starts.partition_point(|start| *start <= place);
        format!("{}#L{}", address::log(&self.run, &self.component, page), lines[place].number)
    }
}

/// A line that a component said at a known time.
pub(super) struct Spoken<'a> {
    pub(super) component: &'a str,
    pub(super) time: Timestamp,
    pub(super) number: u64,
    pub(super) text: &'a str,
    /// Where it stands in its log.
    pub(super) href: String,
    pub(super) grave: Option<Grave>,
    pub(super) marked: bool,
}

impl Spoken<'_> {
    /// How much it matters beside others; `names` are what the attempt calls rooms and participants.
    pub(super) fn weight(&self, names: &[&str]) -> Weight {
        let grave = match self.grave {
            Some(Grave::Fatal) => 3,
            Some(Grave::Error) => 2,
            Some(Grave::Warn) => 1,
            _ => 0,
        };
        let is_named = || names.iter().any(|it| self.text.contains(it));
        (self.marked || is_named(), grave)
    }

    /// The word for how grave it is, where that is worth one.
    pub(super) const fn level(&self) -> &'static str {
        match self.grave {
            Some(Grave::Error | Grave::Fatal) => "error",
            Some(Grave::Warn) => "warning",
            _ => "",
        }
    }
}

impl Log {
    pub(super) fn component(&self) -> &str {
        &self.component
    }

    /// Whether it may tell of attempt `number` of `case`, from 1: it is not the log of another one.
    pub(super) fn may_tell_of(&self, case: &Case, number: usize) -> bool {
        self.kept.summary.may_tell_of(case, number)
    }

    /// What it is called but for the number that the later ones of one name have.
    pub(super) fn without_number(&self) -> &str {
        let bare = self.component.trim_end_matches(|it: char| it.is_ascii_digit());
        bare.strip_suffix('-').filter(|it| !it.is_empty()).unwrap_or(&self.component)
    }

    /// When its first line was written, where that line was kept.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.kept.lines.first().filter(|it| it.number == 1)?.time
    }

    /// What was said between two times, by somebody of this name; the further lines of an entry are left to its log.
    pub(super) fn between<'a>(
        &'a self,
        from: Timestamp,
        to: Timestamp,
        name: &'a str,
    ) -> impl Iterator<Item = Spoken<'a>> {
        let lines = self.kept.lines.iter().enumerate().filter(|(_, it)| !it.continues);
        lines.filter_map(move |(place, it)| {
            let time = it.time.filter(|time| *time >= from && *time <= to)?;
            let page = self.starts.partition_point(|start| *start <= place);
            Some(Spoken {
                component: name,
                time,
                number: it.number,
                text: &it.text,
                href: format!("{}#L{}", address::log(&self.run, &self.component, page), it.number),
                grave: it.level,
                marked: it.marked,
            })
        })
    }
}

/// Where the logs stand when attempt `n` of a case began, from 1.
pub(in crate::render) fn around(logs: &[Log], case: &Case, n: usize) -> Vec<Link> {
    let attempt = &case.attempts[n - 1];
    let time = attempt.started.and_then(|it| it.checked_sub(BEFORE).ok());
    let failed = attempt.outcome.is_failing();
    let shown = logs.iter().filter(|it| failed && time.is_some() && it.may_tell_of(case, n));
    shown.map(|it| Link { text: it.component.clone(), href: it.at(time) }).collect()
}

/// Where the lines stand by which known issues were recognised in a case of a run: log, line and address.
pub(in crate::render) fn places(
    context: &Context<'_>,
    (run, case): (usize, u32),
    logs: &[Log],
) -> Vec<(String, u64, String)> {
    let verdict = context.report.knowledge.verdict(run, case);
    let traces = verdict.into_iter().flat_map(|it| &it.matches).flat_map(|it| &it.traces);
    let place = |it: &crate::issues::Trace| {
        let log = logs.iter().find(|log| log.component == address::part(&it.place))?;
        let line = log.kept.lines.iter().position(|line| line.number == it.line)?;
        let page = log.starts.partition_point(|start| *start <= line);
        let href = format!("{}#L{}", address::log(&log.run, &log.component, page), it.line);
        Some((it.place.clone(), it.line, href))
    };
    traces.filter_map(place).collect()
}

fn line(it: &KeptLine) -> LogLine<'_> {
    let level = match it.level {
        Some(Grave::Error | Grave::Fatal) => Level::Error,
        Some(Grave::Warn) => Level::Warning,
        _ => Level::Plain,
    };
    LogLine { n: it.number, level, text: &it.text }
}
