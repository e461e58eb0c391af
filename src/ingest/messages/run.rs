//! A run as it happens: attempts begin, take in steps and attachments, and end.

use std::collections::HashMap;

use jiff::Timestamp;
use lkreport_contract::run::Ci;

use super::{
    super::{
        Ingested, Intake,
        cucumber::{self, Body, Ending, Tried, from_exception, from_message, outcome_of},
    },
    envelope::{
        Attachment, Envelope, Exception, Meta, ParseError, StepResult, TestCase, TestCaseFinished,
        TestCaseStarted, TestRunFinished, TestStepFinished, Text,
    },
    plan::{Plan, Planned},
};
use crate::model::{Case, Failure, Outcome, Step};

/// An attempt under way.
struct Live {
    test_case: Box<str>,
    number: u64,
    tried: Tried,
}

/// A run of which the messages come in.
#[derive(Default)]
pub(super) struct Run {
    plan: Plan,
    planned: HashMap<Box<str>, Planned>,
    /// The cases in the order in which they were begun.
    cases: Vec<Case>,
    place_of: HashMap<Box<str>, usize>,
    live: HashMap<Box<str>, Live>,
    begun: u64,
    has_meta: bool,
    is_started: bool,
    is_finished: bool,
    is_success: Option<bool>,
    failed_outside: bool,
}

impl Run {
    /// Whether anything says that this is a run.
    pub(super) fn is_begun(&self) -> bool {
        self.has_meta || self.is_started || self.begun > 0
    }

    /// Whether `testRunStarted` was read.
    pub(super) const fn is_started(&self) -> bool {
        self.is_started
    }

    /// Takes in an envelope; says why it fits nowhere.
    pub(super) fn take(
        &mut self,
        envelope: &Envelope<'_>,
        into: &mut Ingested,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        if let Some(finished) = &envelope.test_step_finished {
            return self.step_finished(finished, intake);
        }
        if let Some(started) = &envelope.test_case_started {
            return self.case_started(started, into, intake);
        }
        if let Some(finished) = &envelope.test_case_finished {
            return self.case_finished(finished, into, intake);
        }
        if let Some(attachment) =
            envelope.attachment.as_ref().or(envelope.external_attachment.as_ref())
        {
            return self.attachment(attachment, intake);
        }
        if let Some(test_case) = &envelope.test_case {
            return self.test_case(test_case);
        }
        if let Some(pickle) = &envelope.pickle {
            self.plan.pickle(pickle, intake);
        }
        if let Some(document) = &envelope.gherkin_document {
            self.plan.document(document, intake);
        }
        if let Some(hook) = &envelope.hook {
            self.plan.hook(hook, intake);
        }
        if let Some(meta) = &envelope.meta {
            self.has_meta = true;
            describe(meta, into, intake);
        }
        self.around(envelope, into, intake)
    }

    /// What happens around the test cases.
    fn around(
        &mut self,
        envelope: &Envelope<'_>,
        into: &mut Ingested,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        if let Some(started) = &envelope.test_run_started {
            self.is_started = true;
            saw(into, started.timestamp.point());
        }
        if let Some(finished) = &envelope.test_run_finished {
            self.finished(finished, into, intake);
        }
        if let Some(hook) = &envelope.test_run_hook_finished
            && outcome_of(&hook.result.status).is_some_and(Outcome::is_failing)
        {
            self.failed_outside = true;
            let failure = complaint(&hook.result, intake);
            remember(into, "failed hook of the run", failure);
        }
        if let Some(error) = &envelope.parse_error {
            self.failed_outside = true;
            return Err(parse_error(error, intake));
        }
        if let Some(parameter) = &envelope.undefined_parameter_type {
            let text = format!("`{}` in `{}`", &*parameter.name, &*parameter.expression);
            return Err(format!("undefined parameter type {}", intake.line(&text)));
        }
        Ok(())
    }

    fn test_case(&mut self, test_case: &TestCase<'_>) -> Result<(), String> {
        let planned = self.plan.test_case(test_case);
        let planned = planned.ok_or("a test case without its pickle")?;
        self.planned.insert((*test_case.id).into(), planned);
        Ok(())
    }

    fn case_started(
        &mut self,
        started: &TestCaseStarted<'_>,
        into: &mut Ingested,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        let id: &str = &started.test_case_id;
        if !self.place_of.contains_key(id) {
            let planned = self.planned.get(id).ok_or("an attempt at an unknown test case")?;
            self.place_of.insert(id.into(), self.cases.len());
            self.cases.push(planned.case.clone());
        }
        let time = started.timestamp.point();
        saw(into, time);
        let worker = Some(&*started.worker_id).filter(|it| !it.is_empty());
        let worker = worker.map(|it| intake.line(it));
        self.begun += 1;
        let mut tried = Tried::default();
        (tried.started, tried.worker) = (time, worker);
        let live = Live { test_case: id.into(), number: self.begun, tried };
        let before = self.live.insert((*started.id).into(), live);
        before.map_or(Ok(()), |before| {
            self.end_attempt(before, Ending::Cut, intake);
            Err("two attempts of the same id".to_owned())
        })
    }

    fn step_finished(
        &mut self,
        finished: &TestStepFinished<'_>,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        let live = self.live.get_mut(&*finished.test_case_started_id);
        let live = live.ok_or("a step of an attempt that is not under way")?;
        let result = finished.test_step_result.as_ref().or(finished.test_result.as_ref());
        let result = result.ok_or("a step without a result")?;
        let planned = self.planned.get(&live.test_case);
        let step = planned.and_then(|it| it.step(&finished.test_step_id));
        let outcome = outcome_of(&result.status).unwrap_or(Outcome::Unknown);
        let step = Step {
            text: step.map_or("step", |it| &it.text).into(),
            outcome,
            duration: result.duration.and_then(|it| it.span()),
            hook: step.is_some_and(|it| it.is_hook),
        };
        live.tried.step(step, Some(outcome));
        if let Some(failure) = complaint(result, intake) {
            live.tried.complaint(Some(outcome), failure);
        }
        Ok(())
    }

    fn case_finished(
        &mut self,
        finished: &TestCaseFinished<'_>,
        into: &mut Ingested,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        let live = self.live.remove(&*finished.test_case_started_id);
        let mut live = live.ok_or("the end of an attempt that is not under way")?;
        let ended = finished.timestamp.point();
        saw(into, ended);
        if let (Some(started), Some(ended)) = (live.tried.started, ended) {
            let took = ended.as_nanosecond() - started.as_nanosecond();
            let took = u64::try_from(took).map(std::time::Duration::from_nanos).ok();
            live.tried.duration = took.or(live.tried.duration);
        }
        // Old protocols do not say it, so only a clear no allows to forget the steps.
        if finished.will_be_retried == Some(false) {
            self.planned.remove(&live.test_case);
        }
        self.end_attempt(live, Ending::Finished, intake);
        Ok(())
    }

    fn end_attempt(&mut self, live: Live, ending: Ending, intake: &mut Intake<'_>) {
        let attempt = live.tried.finish(ending, intake);
        if let Some(place) = self.place_of.get(&live.test_case) {
            self.cases[*place].attempts.push(attempt);
        }
    }

    fn attachment(
        &mut self,
        attachment: &Attachment<'_>,
        intake: &mut Intake<'_>,
    ) -> Result<(), String> {
        // Those of hooks around the run belong to no case.
        let id: &str = &attachment.test_case_started_id;
        let Some(live) = self.live.get_mut(id).filter(|_| !id.is_empty()) else { return Ok(()) };
        let body = match &*attachment.content_encoding {
            _ if !attachment.url.is_empty() => Body::Url(&attachment.url),
            "BASE64" => Body::Base64(&attachment.body),
            _ => Body::Plain(&attachment.body),
        };
        let (name, media_type) = (&*attachment.file_name, &*attachment.media_type);
        let attachment = cucumber::Attachment { name, media_type, body };
        cucumber::take_in(&attachment, &mut live.tried, intake)
    }

    fn finished(
        &mut self,
        finished: &TestRunFinished<'_>,
        into: &mut Ingested,
        intake: &mut Intake<'_>,
    ) {
        self.is_finished = true;
        self.is_success = finished.success;
        saw(into, finished.timestamp.point());
        if let Some(exception) = &finished.exception {
            self.failed_outside = true;
            let failure = exception_of(exception, intake);
            remember(into, "exception of the run", Some(failure));
        }
    }

    /// Ends the run: what is still under way was cut off, and what no case shows is said of the run.
    pub(super) fn end(mut self, into: &mut Ingested, intake: &mut Intake<'_>) {
        if !self.is_begun() {
            into.said.failed_outside_cases |= self.failed_outside;
            return;
        }
        into.runs += 1;
        let mut live: Vec<Live> = self.live.drain().map(|(_, it)| it).collect();
        live.sort_unstable_by_key(|it| it.number);
        for attempt in live {
            self.end_attempt(attempt, Ending::Cut, intake);
        }
        let shows = self.cases.iter().any(|it| it.outcome().is_failing());
        let hidden = self.is_success == Some(false) && !shows;
        into.said.failed_outside_cases |= self.failed_outside || hidden;
        into.said.cut_short |= !self.is_finished;
        for case in self.cases {
            into.push(case);
        }
    }
}

fn saw(into: &mut Ingested, time: Option<Timestamp>) {
    if let Some(time) = time {
        into.said.saw(time);
    }
}

/// Keeps the message of a failure that belongs to no case.
fn remember(into: &mut Ingested, what: &str, failure: Option<Failure>) {
    let message = failure.map_or_else(String::new, |it| it.message.into());
    into.said.properties.entry(what.to_owned()).or_insert(message);
}

/// What a result says besides its status.
fn complaint(result: &StepResult<'_>, intake: &mut Intake<'_>) -> Option<Failure> {
    match &result.exception {
        Some(exception) if !exception.message.is_empty() || !exception.kind.is_empty() => {
            Some(exception_of(exception, intake))
        }
        _ => (!result.message.is_empty()).then(|| from_message(&result.message, intake)),
    }
}

fn exception_of(exception: &Exception<'_>, intake: &mut Intake<'_>) -> Failure {
    from_exception(&exception.kind, &exception.message, &exception.stack_trace, intake)
}

fn parse_error(error: &ParseError<'_>, intake: &mut Intake<'_>) -> String {
    let (uri, line) = (cucumber::feature_path(&error.source.uri), error.source.location.line.0);
    intake.line(&format!("{uri}:{line}: not Gherkin: {}", &*error.message)).into()
}

/// Takes what `meta` says of build and machine, where nothing better is known yet.
fn describe(meta: &Meta<'_>, into: &mut Ingested, intake: &mut Intake<'_>) {
    let mut text = |it: &Text<'_>| (!it.is_empty()).then(|| String::from(intake.line(it)));
    let run = &mut into.said.run;
    for (name, value) in [
        ("os", &meta.os.name),
        ("os-version", &meta.os.version),
        ("arch", &meta.cpu.name),
        ("runtime", &meta.runtime.name),
        ("runtime-version", &meta.runtime.version),
        ("cucumber", &meta.implementation.name),
        ("cucumber-version", &meta.implementation.version),
    ] {
        if let Some(value) = text(value) {
            run.environment.entry(name.to_owned()).or_insert(value);
        }
    }
    let Some(ci) = &meta.ci else { return };
    if let (None, Some(provider), Some(number)) = (&run.ci, text(&ci.name), text(&ci.build_number))
    {
        run.ci = Some(Ci { provider, url: text(&ci.url), run: number, ..Ci::default() });
    }
    if let Some(git) = &ci.git {
        run.commit = run.commit.take().or_else(|| text(&git.revision));
        run.branch = run.branch.take().or_else(|| text(&git.branch));
    }
}
