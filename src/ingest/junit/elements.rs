//! The elements of a JUnit document: what is open, and what to do when it closes.

use std::{borrow::Cow, mem, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    super::{Ingested, Intake, excerpt::Tail},
    attachments::Attachments,
    case::{Evidence, OUTPUT, OpenCase, OpenFailure, Rerun, SHORT, Short, add_output},
    identity::{Paths, class_and_row, is_project},
    nesting::{Kind, Nesting},
    references::resolve,
    suites::{Suite, Suites, after},
    tokens::Tag,
    values,
};
use crate::model::{Attempt, FailureKind, Outcome};

/// Deeper elements are left out.
const DEEPEST: usize = 1_000;

/// More problems of one file than this are not listed.
const PROBLEMS: u32 = 20;

/// More properties of a file than this are not kept.
const PROPERTIES: usize = 500;

/// All that is open at a place in the document.
pub(super) struct Elements<'r, 'i> {
    into: &'r mut Ingested,
    intake: &'r mut Intake<'i>,
    nesting: Nesting,
    too_deep: u64,
    suites: Suites,
    case: Option<OpenCase>,
    rerun: Option<Rerun>,
    failure: Option<OpenFailure>,
    short: Short,
    output: Tail,
    attachments: Attachments,
    paths: Paths,
    no_tags: Arc<[Arc<str>]>,
    /// Whether the root is one that Playwright writes.
    is_playwright: bool,
    /// Whether TestNG wrote the suite.
    is_testng: bool,
    /// Whether a case said itself when it began.
    has_times: bool,
    roots: u32,
    problems: u32,
}

impl<'r, 'i> Elements<'r, 'i> {
    /// The beginning of a document.
    pub(super) fn new(into: &'r mut Ingested, intake: &'r mut Intake<'i>) -> Self {
        Self {
            into,
            intake,
            nesting: Nesting::default(),
            too_deep: 0,
            suites: Suites::default(),
            case: None,
            rerun: None,
            failure: None,
            short: Short::default(),
            output: Tail::default(),
            attachments: Attachments::default(),
            paths: Paths::default(),
            no_tags: Arc::new([]),
            has_times: false,
            is_playwright: false,
            is_testng: false,
            roots: 0,
            problems: 0,
        }
    }

    /// Notes damage at a line, counted from 1.
    pub(super) fn damage(&mut self, line: u64, what: impl AsRef<str>) {
        self.problems += 1;
        if self.problems < PROBLEMS {
            let what = self.intake.line(what.as_ref());
            self.into.problem(line, what);
        } else if self.problems == PROBLEMS {
            self.into.problem(line, "more damage follows, which is not listed");
        }
    }

    /// Takes a start tag.
    pub(super) fn open(&mut self, tag: &Tag<'_>) {
        if self.nesting.depth() >= DEEPEST {
            if self.too_deep == 0 {
                self.damage(tag.line, "elements nested more than 1,000 deep are left out");
            }
            self.too_deep += u64::from(!tag.is_empty);
            return;
        }
        if self.nesting.depth() == 0 {
            self.roots += 1;
            if self.roots == 2 {
                self.damage(tag.line, format!("a second root element `{}`", short(tag.name)));
            }
        }
        let kind = Kind::of(tag.name, self.nesting.last());
        self.nesting.push(tag.name, kind);
        if kind == Kind::Other && self.nesting.depth() == 1 {
            self.damage(tag.line, format!("the root `{}` is none of JUnit", short(tag.name)));
        }
        match kind {
            Kind::Suites | Kind::Suite => self.open_suite(tag, kind),
            Kind::Case => self.open_case(tag),
            Kind::Failure | Kind::Rerun => self.open_failure(tag, kind),
            Kind::Skipped => {
                let [message] = self.attributes(tag, ["message"]);
                self.short = Short::new("", &message);
            }
            Kind::Property => {
                let [name, value] = self.attributes(tag, ["name", "value"]);
                self.short = Short::new(&name, &value);
            }
            Kind::StackTrace | Kind::Output | Kind::Properties | Kind::Other => {}
        }
        if tag.is_empty {
            self.close_last();
        }
    }

    /// The values of the attributes of these names; empty where one is missing.
    fn attributes<'t, const N: usize>(
        &mut self,
        tag: &Tag<'t>,
        names: [&str; N],
    ) -> [Cow<'t, str>; N] {
        let mut values = [const { Cow::Borrowed("") }; N];
        for attribute in tag.attributes() {
            let (name, value) = match attribute {
                Ok(it) => it,
                Err(what) => {
                    self.damage(tag.line, what);
                    continue;
                }
            };
            if value.contains('<') {
                self.damage(tag.line, format!("`<` in the value of `{}`", short(name)));
            }
            if let Some(place) = names.iter().position(|it| *it == name) {
                values[place] = match value {
                    Cow::Borrowed(value) => resolve(value),
                    Cow::Owned(value) => Cow::Owned(resolve(&value).into_owned()),
                };
            }
        }
        values
    }

    fn open_suite(&mut self, tag: &Tag<'_>, kind: Kind) {
        let [name, host, time, timestamp] =
            self.attributes(tag, ["name", "hostname", "time", "timestamp"]);
        if kind == Kind::Suites {
            // Of the producers that put a host name into a suite, only Playwright gives the root an id.
            self.is_playwright =
                tag.attributes().any(|it| matches!(it, Ok((name, _)) if name == "id"));
        }
        self.is_testng = values::is_of_testng(&timestamp);
        let started = values::time(&timestamp);
        self.saw(started, values::duration(&time));
        let name = if kind == Kind::Suites { "".into() } else { self.intake.line(&name) };
        let took = values::duration(&time).filter(|it| !it.is_zero());
        self.suites.open((name, host.into()), (started, took), self.into.cases.len());
        self.output.clear();
        self.paths.enter_suite();
        self.into.runs = 1;
    }

    fn open_case(&mut self, tag: &Tag<'_>) {
        if self.case.is_some() {
            self.close_case();
        }
        let [name, classname, class, time, timestamp, status, result, row, type_param] = self
            .attributes(
                tag,
                [
                    "name",
                    "classname",
                    "class",
                    "time",
                    "timestamp",
                    "status",
                    "result",
                    "value_param",
                    "type_param",
                ],
            );
        let class = if classname.is_empty() { class } else { classname };
        let innermost = self.suites.last().map_or("", |it| &it.name);
        let (stem, of_class) = class_and_row(innermost, &class, &type_param);
        // CTest's only suite is named after the system and its compiler.
        let is_ctest = class == name && !status.is_empty();
        let suites = self.suites.names();
        let outer = suites.len().saturating_sub((of_class.is_some() || is_ctest).into());
        let suites = suites.take(outer);
        let path = self.paths.path(suites, stem, self.intake);
        let of_row = self.paths.without_row(&name, &row);
        let duration = values::duration(&time);
        let suite = self.suites.last();
        let counted = suite.and_then(Suite::now);
        let project = suite
            .filter(|it| self.is_playwright && !it.host.is_empty() && is_project(&it.name, &class));
        let project = project.map(|it| &*it.host);
        let example = [of_class, of_row.and(Some(&*row)), project];
        let example = example.into_iter().flatten().map(|it| self.intake.line(it)).collect();
        let name = of_row.unwrap_or(&name);
        let own_time = values::time(&timestamp);
        self.has_times |= own_time.is_some();
        self.saw(own_time, duration);
        self.into.runs = 1;
        self.output.clear();
        self.case = Some(OpenCase {
            path,
            name: if name.trim().is_empty() { "(no name)".into() } else { self.intake.line(name) },
            example,
            tags: Vec::new(),
            started: own_time.or(counted),
            duration,
            status: values::status(&status).or_else(|| values::status(&result)),
            skipped: None,
            annotated: None,
            said: None,
            own: Evidence::default(),
            earlier: Vec::new(),
            reruns: Vec::new(),
        });
    }

    fn open_failure(&mut self, tag: &Tag<'_>, kind: Kind) {
        let [type_name, message, time, timestamp] =
            self.attributes(tag, ["type", "message", "time", "timestamp"]);
        let is_error = tag.name.ends_with("error") || tag.name.ends_with("Error");
        let failure_kind = if is_error { FailureKind::Error } else { FailureKind::Failure };
        let failure = OpenFailure::new(failure_kind, &type_name, &message);
        if kind == Kind::Failure {
            self.failure = Some(failure);
            return;
        }
        let mut attempt = Attempt::new(Outcome::Failed);
        attempt.started = values::time(&timestamp);
        attempt.duration = values::duration(&time);
        self.has_times |= attempt.started.is_some();
        self.saw(attempt.started, attempt.duration);
        let is_flaky = tag.name.contains("flaky");
        let (output, artifacts) = (Tail::default(), Vec::new());
        self.rerun = Some(Rerun { attempt, is_flaky, failure, output, artifacts });
    }

    fn saw(&mut self, started: Option<Timestamp>, duration: Option<Duration>) {
        let Some(started) = started else { return };
        self.into.said.saw(started);
        if let Some(end) = duration.and_then(|it| after(started, it)) {
            self.into.said.saw(end);
        }
    }

    /// Takes a piece of text.
    pub(super) fn text(&mut self, line: u64, piece: &str) {
        if self.too_deep > 0 {
            return;
        }
        match self.nesting.last() {
            None if !piece.trim().is_empty() => self.damage(line, "text outside of any element"),
            Some(Kind::Failure) => {
                if let Some(failure) = &mut self.failure {
                    failure.push(piece);
                }
            }
            Some(Kind::Rerun | Kind::StackTrace) => {
                if let Some(rerun) = &mut self.rerun {
                    rerun.failure.push(piece);
                }
            }
            Some(Kind::Output)
                if self.case.is_some() || self.suites.has_only_case(self.into.cases.len()) =>
            {
                self.attachments.push(piece);
                let tail = self.rerun.as_mut().map_or(&mut self.output, |it| &mut it.output);
                tail.push(piece, OUTPUT);
            }
            Some(Kind::Skipped | Kind::Property) => self.short.push(piece),
            _ => {}
        }
    }

    /// Takes an end tag.
    pub(super) fn close(&mut self, line: u64, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let last = self.nesting.last_name();
        if last == Some(name) {
            return self.close_last();
        }
        let inside = last.map_or_else(String::new, |it| format!(" inside `{}`", short(it)));
        self.damage(line, format!("`</{}>`{inside} does not belong there", short(name)));
        // An end tag that belongs to nothing passes by; otherwise what stands inside was not closed.
        if let Some(depth) = self.nesting.depth_of(name) {
            while self.nesting.depth() > depth {
                self.close_last();
            }
        }
    }

    fn close_last(&mut self) {
        let Some(kind) = self.nesting.pop() else { return };
        match kind {
            Kind::Suites | Kind::Suite => self.close_suite(),
            Kind::Case => self.close_case(),
            Kind::Failure => self.close_failure(),
            Kind::Skipped => {
                let reason = mem::take(&mut self.short).value();
                let reason = self.intake.text(reason.trim(), SHORT);
                if let Some(case) = &mut self.case
                    && case.skipped.as_ref().is_none_or(|it| it.is_empty())
                {
                    case.skipped = Some(reason);
                }
            }
            Kind::Rerun => self.close_rerun(),
            Kind::Property => self.close_property(),
            Kind::Output => {
                let found = self.attachments.take(self.intake);
                if let Some(rerun) = &mut self.rerun {
                    rerun.artifacts.extend(found);
                } else if let Some(case) = &mut self.case {
                    case.own.attach(found);
                }
            }
            Kind::StackTrace | Kind::Properties | Kind::Other => {}
        }
    }

    fn close_suite(&mut self) {
        if self.suites.has_only_case(self.into.cases.len()) {
            self.close_only_case();
        }
        self.suites.close(&mut self.into.cases, self.has_times);
        self.paths.enter_suite();
    }

    fn close_case(&mut self) {
        let Some(mut case) = self.case.take() else { return };
        // TestNG calls an attempt that it made again skipped; what else comes again is a further row,
        // of which it does not say the values.
        if self.is_testng && case.skipped.is_none() {
            let times = self.paths.times(&case.path, &case.name);
            if times > 1 {
                case.example = [format!("#{times}").into()].into();
            }
        }
        self.suites.pass(case.duration.unwrap_or_default());
        let is_failed = case.has_failed() || case.status == Some(Outcome::Failed);
        let output = is_failed.then(|| self.intake.tail(self.output.as_str(), OUTPUT));
        self.output.clear();
        self.into.push(case.finish(output, &self.no_tags));
    }

    /// What a suite of one case prints, that case printed; Bazel writes it behind the case.
    fn close_only_case(&mut self) {
        let output = self.intake.tail(self.output.as_str(), OUTPUT);
        self.output.clear();
        if let Some(attempt) = self.into.cases.last_mut().and_then(|it| it.attempts.last_mut()) {
            add_output(attempt, output);
        }
    }

    fn close_failure(&mut self) {
        let Some(mut failure) = self.failure.take() else { return };
        let Some(case) = &mut self.case else {
            self.into.said.failed_outside_cases = true;
            return;
        };
        let retries = if self.is_playwright { failure.take_retries() } else { Vec::new() };
        case.own.add(failure.finish(self.intake));
        // With `includeRetries` they stand there a second time, as elements of their own.
        let retries = if case.reruns.is_empty() { retries } else { Vec::new() };
        for failure in retries {
            let attempt = Attempt::new(Outcome::Failed);
            let (output, artifacts) = (Tail::default(), Vec::new());
            let rerun = Rerun { attempt, is_flaky: false, failure, output, artifacts };
            case.rerun(rerun, self.intake);
        }
    }

    fn close_rerun(&mut self) {
        let (Some(rerun), Some(case)) = (self.rerun.take(), &mut self.case) else { return };
        case.rerun(rerun, self.intake);
    }

    fn close_property(&mut self) {
        let (name, value) = mem::take(&mut self.short).into_property();
        if let Some(case) = &mut self.case {
            return case.property(&name, &value, self.intake);
        }
        // Go's producers list failures first or tests before those that hold them.
        if &*name == "go.version" {
            self.suites.count_no_time();
        }
        let kept = &mut self.into.said.properties;
        if kept.len() < PROPERTIES && !name.is_empty() {
            let value = self.intake.value_of(&name, value.trim(), SHORT).into();
            kept.entry(self.intake.line(&name).into()).or_insert(value);
        }
    }

    /// The document ends at `line`; what is open then was cut off.
    pub(super) fn finish(mut self, line: u64) {
        if self.roots == 0 {
            self.damage(line, "no element in the file");
        }
        let Some(open) = self.nesting.last_name() else { return };
        let what = format!("the file ends inside `{}`", short(open));
        self.damage(line, what);
        self.into.said.cut_short = true;
        while self.nesting.depth() > 0 {
            // Of a case that was cut off, only a failure says for certain what happened.
            let is_lost = self.nesting.last() == Some(Kind::Case)
                && self.case.as_ref().is_some_and(|it| !it.has_failed());
            if is_lost {
                self.case = None;
            }
            self.close_last();
        }
    }
}

/// A foreign name for a problem, in a few words.
fn short(name: &str) -> Cow<'_, str> {
    let end = name.floor_char_boundary(60);
    if end < name.len() { format!("{}…", &name[..end]).into() } else { name.into() }
}
