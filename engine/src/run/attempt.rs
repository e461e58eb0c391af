//! One attempt: hooks, steps and hooks again, on a world of its own.

use std::sync::{Arc, Mutex};

use lkreport_contract::outcome::OutcomeAttachment;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span, warn};

use super::{
    Attempt, Planned, Run, Step,
    limit::{Limit, interrupted},
    matching::{Action, Match, PlannedStep},
    panic::caught,
    tell::Told,
};
use crate::{
    context::Context,
    error::{Phase, StepError, StepResult},
    evidence::{Evidence, Files, plain},
    expression::{nearest, suggestions},
    messages::{
        Envelope, Id, Owner, PickleStep, Snippet, SourceReference, Status, Suggestion,
        TestCaseFinished, TestCaseStarted, TestStepFinished, TestStepStarted,
    },
    registry::{Doing, Look},
};

/// An attempt that goes on.
struct Trial<'a, W> {
    run: &'a Run<W>,
    planned: &'a Planned,
    id: Id,
    number: u32,
    began: Instant,
    files: Option<Arc<Files>>,
    extra: Arc<Mutex<Option<OutcomeAttachment>>>,
    /// The first status that was not passed; what may follow depends on it.
    first: Option<Status>,
    worst: Status,
    steps: Vec<Step>,
}

impl<W: Send + 'static> Run<W> {
    pub(super) async fn attempt(
        &self,
        planned: &Planned,
        number: u32,
        worker: Option<u32>,
    ) -> Attempt {
        let (id, started) = (self.stream.id(), self.stream.now());
        self.stream.say(&Envelope::TestCaseStarted(TestCaseStarted {
            id,
            test_case_id: planned.id,
            attempt: number,
            worker_id: worker.map(|it| it.to_string()),
            timestamp: started.into(),
        }));
        let prefix = || {
            let time = started.strftime("%Y%m%dT%H%M%SZ");
            format!("{}-{}-{time}", plain(&planned.scenario.name), number + 1)
        };
        let results = self.options.results.clone();
        let mut trial = Trial {
            run: self,
            planned,
            id,
            number,
            began: Instant::now(),
            files: results.map(|results| {
                Arc::new(Files { results, prefix: prefix(), meter: self.options.meter.clone() })
            }),
            extra: Arc::default(),
            first: None,
            worst: Status::Unknown,
            steps: Vec::new(),
        };
        let mut world = caught(|| (self.registry.world)()).map_err(Some);
        for step in &planned.steps {
            trial.step(step, &mut world).await;
        }
        if let Err(StepError::Failed(it)) = caught(|| drop(world)) {
            let owner = Owner::Attempt { test_case_started_id: id };
            let message = format!("the world panicked when it was dropped: {}", it.message);
            trial.evidence(owner).log(&message);
        }
        trial.finish(started)
    }
}

impl<W: Send + 'static> Trial<'_, W> {
    /// Without a world, the first step fails and nothing else can run.
    async fn step(&mut self, step: &PlannedStep, world: &mut Result<W, Option<StepError>>) {
        let stream = &self.run.stream;
        stream.say(&Envelope::TestStepStarted(TestStepStarted {
            test_case_started_id: self.id,
            test_step_id: step.id,
            timestamp: stream.timestamp(),
        }));
        let owner = Owner::Step { test_case_started_id: self.id, test_step_id: step.id };
        let (begun, evidence) = (Instant::now(), self.evidence(owner));
        let told = match world {
            Ok(world) => self.act(&step.action, &evidence, world).await,
            Err(error) => match error.take() {
                Some(error) => Told::new(Err(error), &self.scenario_source(), &evidence),
                None => Told::without_running(Status::Skipped, &self.scenario_source()),
            },
        };
        stream.say(&Envelope::TestStepFinished(TestStepFinished {
            test_case_started_id: self.id,
            test_step_id: step.id,
            test_step_result: told.result(begun.elapsed()),
            timestamp: stream.timestamp(),
        }));
        self.note(step, told);
    }

    async fn act(&self, action: &Action, evidence: &Evidence, world: &mut W) -> Told {
        match action {
            Action::Before(hook) if self.first.is_none() => {
                self.hook(*hook, Phase::Startup, evidence, world).await
            }
            Action::Before(_) => Told::without_running(Status::Skipped, &self.scenario_source()),
            Action::After(hook) => self.hook(*hook, Phase::Cleanup, evidence, world).await,
            Action::Step { index, matches } => {
                let step = &self.planned.scenario.steps[*index];
                self.pickle_step(step, matches, evidence, world).await
            }
        }
    }

    /// What follows a step that did not pass is skipped, but what can never run is still named.
    async fn pickle_step(
        &self,
        step: &PickleStep,
        matches: &[Match],
        evidence: &Evidence,
        world: &mut W,
    ) -> Told {
        let source = self.source(step);
        match (matches, self.first) {
            (_, Some(Status::Skipped)) | ([_], Some(_)) => {
                Told::without_running(Status::Skipped, &source)
            }
            ([], _) => {
                self.suggest(step);
                Told::without_running(Status::Undefined, &source)
            }
            ([one], None) => {
                let definition = &self.run.registry.steps[one.definition];
                let mut context = self.context(evidence.clone(), self.cancelled(definition.phase));
                context.arguments.clone_from(&one.arguments);
                context.below.clone_from(&step.argument);
                let look = self.look(world);
                let begin = || definition.body.call(world, context);
                let span = info_span!(target: "lkreport", "step", step = step.text);
                let doing = self.within(definition.phase, evidence, look, begin);
                let result = doing.instrument(span).await;
                Told::new(result, &source, evidence)
            }
            _ => Told::without_running(Status::Ambiguous, &source),
        }
    }

    async fn hook(&self, index: usize, phase: Phase, evidence: &Evidence, world: &mut W) -> Told {
        let hook = &self.run.registry.hooks[index];
        let context = self.context(evidence.clone(), self.cancelled(phase));
        let look = self.look(world);
        let begin = || hook.body.call(world, context);
        let result = self.within(phase, evidence, look, begin).await;
        Told::new(result, &hook.source, evidence)
    }

    /// Within the limit of the phase, until something interrupts it.
    async fn within<'w>(
        &self,
        phase: Phase,
        evidence: &Evidence,
        look: Option<Look>,
        begin: impl FnOnce() -> Doing<'w>,
    ) -> StepResult {
        let cancelled = self.cancelled(phase);
        if cancelled.is_cancelled() {
            return interrupted();
        }
        let limit = self.run.options.limits.of(phase, Some(&self.planned.scenario));
        let limit = Limit { phase, limit, evidence, cancelled: &cancelled, look };
        limit.hold(begin).await
    }

    /// What looks at the attempt while the next step has the world.
    fn look(&self, world: &W) -> Option<Look> {
        self.run.registry.look.as_ref().map(|it| it(world))
    }

    /// What interrupts this phase: nothing interrupts cleanup.
    fn cancelled(&self, phase: Phase) -> CancellationToken {
        let is_cleanup = phase == Phase::Cleanup;
        if is_cleanup { CancellationToken::new() } else { self.run.options.cancelled.clone() }
    }

    fn context(&self, evidence: Evidence, cancelled: CancellationToken) -> Context {
        Context {
            scenario: Some(Arc::clone(&self.planned.scenario)),
            attempt: self.number,
            status: self.worst,
            cancelled,
            arguments: Vec::new(),
            below: None,
            evidence,
        }
    }

    fn evidence(&self, owner: Owner) -> Evidence {
        Evidence {
            stream: Arc::clone(&self.run.stream),
            owner,
            files: self.files.clone(),
            extra: Arc::clone(&self.extra),
            began: self.began,
        }
    }

    fn source(&self, step: &PickleStep) -> SourceReference {
        SourceReference { uri: self.planned.scenario.uri.clone(), location: step.location }
    }

    fn scenario_source(&self) -> SourceReference {
        let scenario = &self.planned.scenario;
        SourceReference { uri: scenario.uri.clone(), location: scenario.location }
    }

    fn suggest(&self, step: &PickleStep) {
        let (suggested, near) = self.known(step);
        let near: String = near.iter().map(|it| format!("// known: {it}\n")).collect();
        let snippet =
            |it: String| Snippet { language: "rust", code: format!("{near}{}", code(&it)) };
        self.run.stream.say(&Envelope::Suggestion(Suggestion {
            id: self.run.stream.id(),
            pickle_step_id: step.id,
            snippets: suggested.into_iter().map(snippet).collect(),
        }));
    }

    /// Expressions that would match an undefined step, and the nearest of those that are known.
    fn known(&self, step: &PickleStep) -> (Vec<String>, Vec<&str>) {
        let suggested = suggestions(&step.text, &self.run.registry.types);
        let like = suggested.first().map_or(step.text.as_str(), String::as_str);
        let near = nearest(like, self.run.registry.patterns());
        (suggested, near)
    }

    /// What a person is told of a step that nobody, or more than one, defined.
    fn explanation(&self, step: &PickleStep, matches: &[Match]) -> String {
        let list = |all: Vec<&str>| format!("`{}`", all.join("`, `"));
        if !matches.is_empty() {
            let all = matches.iter().map(|it| &self.run.registry.steps[it.definition]);
            let all = all.map(|it| it.expression.pattern.source.as_str()).collect();
            return format!("more than one step matches `{}`: {}", step.text, list(all));
        }
        let near = self.known(step).1;
        let known =
            if near.is_empty() { String::new() } else { format!("; known: {}", list(near)) };
        format!("no step matches `{}`{known}", step.text)
    }

    fn note(&mut self, step: &PlannedStep, told: Told) {
        if told.status != Status::Passed {
            self.first.get_or_insert(told.status);
        }
        self.worst = self.worst.max(told.status);
        let (mut text, mut message) = (None, told.message);
        if let Action::Step { index, matches } = &step.action {
            let step = &self.planned.scenario.steps[*index];
            text = Some(step.text.clone());
            if matches!(told.status, Status::Undefined | Status::Ambiguous) {
                message = Some(self.explanation(step, matches));
            }
        }
        let (status, class, place) = (told.status, told.class, told.place);
        self.steps.push(Step { text, status, message, class, place });
    }

    fn finish(self, started: jiff::Timestamp) -> Attempt {
        let Self { run, planned, id, number, .. } = self;
        let owner = Owner::Attempt { test_case_started_id: id };
        let evidence = self.evidence(owner);
        let mut attempt = Attempt {
            started,
            took: self.began.elapsed(),
            status: self.worst,
            steps: self.steps,
            extra: evidence.say_outcome(self.worst),
            retry: None,
        };
        if !run.options.cancelled.is_cancelled() {
            attempt.retry = run.options.retries.reason(&planned.scenario, number, &attempt);
        }
        if let Some(reason) = &attempt.retry {
            warn!(target: "lkreport", reason, "retry");
            evidence.log(reason);
        }
        run.stream.say(&Envelope::TestCaseFinished(TestCaseFinished {
            test_case_started_id: id,
            will_be_retried: attempt.retry.is_some(),
            timestamp: run.stream.timestamp(),
        }));
        attempt
    }
}

/// How a step with this expression could be defined.
fn code(expression: &str) -> String {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|it| !it.is_empty()).map(str::to_ascii_lowercase).collect();
    let name = words.join("_");
    format!(
        "registry.step({expression:?}, {name});\n\n\
         async fn {name}(world: &mut World, step: Context) -> StepResult {{\n    \
             Err(StepError::Pending(None))\n\
         }}"
    )
}
