//! The vocabulary: every step that the engine knows, with what it means.
//!
//! A step whose component is not built yet is known all the same: it ends as *pending* and names what
//! it needs, and never passes.

mod browser;
mod example;
mod infrastructure;
mod metadata;
mod network;
mod participant;
mod pending;
mod provider;
mod publisher;
mod room;
mod server;
mod service;
mod storage;
mod token;
mod view;
mod webhook;

use std::sync::Arc;

use serde::Serialize;

use crate::{
    context::Context,
    diagnosis,
    error::{Class, Phase, StepError, StepResult},
    hook::Scope,
    registry::{Body, Doing, Registry},
    runtime::Runtime,
    version::tags,
    world::{Setup, World, expect},
};

/// A step of the vocabulary, for those who write features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The Cucumber Expression that it matches.
    pub expression: String,
    /// What it does.
    pub meaning: String,
    /// A text that it matches.
    pub example: String,
    /// What it is about.
    pub area: &'static str,
    /// What it needs that is not built yet.
    pub pending: Option<&'static str>,
}

/// All steps, with their meanings.
pub struct Vocabulary {
    /// What runs them.
    pub registry: Registry<World>,
    /// What they mean, by area.
    pub known: Vec<Known>,
    area: &'static str,
}

/// The parameter types of the vocabulary, each with all that it can be.
const STATES: [(&str, &[&str]); 4] = [
    ("muteState", &["muted", "unmuted"]),
    ("muteAction", &["mutes", "unmutes"]),
    ("enabledState", &["enabled", "disabled"]),
    ("ingressState", &["inactive", "buffering", "publishing", "error"]),
];

/// The whole vocabulary, for attempts that share a set-up.
#[must_use]
pub fn vocabulary(setup: Arc<Setup>) -> Vocabulary {
    over(move || World::new(Arc::clone(&setup)))
}

/// The whole vocabulary for those who look at it and run nothing.
#[must_use]
pub fn listed() -> Vocabulary {
    over(|| unreachable!("nothing runs where steps are only looked at"))
}

fn over(world: impl Fn() -> World + Send + Sync + 'static) -> Vocabulary {
    let registry = Registry::new(world);
    let mut all = Vocabulary { registry, known: Vec::new(), area: "" };
    for (name, values) in STATES {
        all.registry.parameter_type(name, values);
    }
    server::add(&mut all);
    storage::add(&mut all);
    token::add(&mut all);
    room::add(&mut all);
    metadata::add(&mut all);
    webhook::add(&mut all);
    publisher::add(&mut all);
    participant::add(&mut all);
    network::add(&mut all);
    browser::add(&mut all);
    service::add(&mut all);
    provider::add(&mut all);
    infrastructure::add(&mut all);
    pending::add(&mut all);
    all.registry.look(diagnosis::look);
    all.registry.before(Scope::all().named("fits the versions").ordered(-100), fits);
    all.gather();
    all.registry.after(Scope::all().named("ends what the scenario started"), server::end);
    all
}

impl Vocabulary {
    /// Says what the steps that follow are about.
    fn about(&mut self, area: &'static str) -> &mut Self {
        self.area = area;
        self
    }

    #[track_caller]
    fn step(
        &mut self,
        expression: &str,
        meaning: &str,
        body: impl for<'a> Body<'a, World> + 'static,
    ) -> &mut Self {
        self.step_in(Phase::Step, expression, meaning, body)
    }

    #[track_caller]
    fn step_in(
        &mut self,
        phase: Phase,
        expression: &str,
        meaning: &str,
        body: impl for<'a> Body<'a, World> + 'static,
    ) -> &mut Self {
        self.registry.step_in(phase, expression, body);
        self.note(expression, meaning, None)
    }

    /// A step that needs something which is not built yet.
    #[track_caller]
    fn pending(&mut self, needs: &'static str, expression: &str, meaning: &str) -> &mut Self {
        let pending = doing(move |_, _| {
            Box::pin(async move {
                Err(StepError::Pending(Some(format!("it needs {needs}, which is not built yet"))))
            })
        });
        self.registry.step(expression, pending);
        self.note(expression, meaning, Some(needs))
    }

    /// Brings the steps of each area together, in the order in which areas came up.
    fn gather(&mut self) {
        let mut areas: Vec<&str> = Vec::new();
        for it in &self.known {
            if !areas.contains(&it.area) {
                areas.push(it.area);
            }
        }
        self.known.sort_by_key(|it| areas.iter().position(|area| *area == it.area));
    }

    fn note(
        &mut self,
        expression: &str,
        meaning: &str,
        pending: Option<&'static str>,
    ) -> &mut Self {
        self.known.push(Known {
            expression: expression.to_owned(),
            meaning: meaning.to_owned(),
            example: example::of(expression, self.area),
            area: self.area,
            pending,
        });
        self
    }
}

/// A scenario whose tags rule out the versions of the run, or its runtime, is unsupported.
async fn fits(world: &mut World, step: Context) -> StepResult {
    let scenario = step.scenario.as_ref();
    let tags = || scenario.into_iter().flat_map(|it| it.tags());
    for wanted in tags().filter_map(|it| it.strip_prefix("@RequiresRuntime:")) {
        let (known, this) = (Runtime::NAMES, world.setup.runtime.name());
        expect(known.contains(&wanted), || format!("`{wanted}` is no runtime: {known:?}"))?;
        if wanted != this {
            let reason = format!("it needs the runtime {wanted}, and this is {this}");
            return Err(StepError::Unsupported(reason));
        }
    }
    match tags::unsupported(tags(), &world.setup.versions) {
        Ok(None) => Ok(()),
        Ok(Some(reason)) => Err(StepError::Unsupported(reason)),
        Err(error) => Err(StepError::failed(Class::Other, error.to_string())),
    }
}

/// What a step does that goes by more than its text: an async closure cannot lend what it holds.
fn doing<F>(body: F) -> F
where
    F: for<'a> Fn(&'a mut World, Context) -> Doing<'a>,
{
    body
}
