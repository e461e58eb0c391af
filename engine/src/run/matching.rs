//! A scenario and the definitions that its steps match.

use std::sync::Arc;

use super::Run;
use crate::messages::{
    Envelope, HookKind, Id, MatchArgument, MatchArguments, MatchedStep, Pickle, PickleStep,
    TestCase, TestStep,
};

/// A scenario of the plan.
pub(super) struct Planned {
    pub(super) id: Id,
    pub(super) scenario: Arc<Pickle>,
    pub(super) steps: Vec<PlannedStep>,
}

/// A hook or a step of it.
pub(super) struct PlannedStep {
    pub(super) id: Id,
    pub(super) action: Action,
}

/// What is done; the numbers are those of the registry and of the scenario.
pub(super) enum Action {
    Before(usize),
    Step { index: usize, matches: Vec<Match> },
    After(usize),
}

/// A definition that matches a step.
pub(super) struct Match {
    pub(super) definition: usize,
    pub(super) arguments: Vec<MatchArgument>,
}

impl<W: Send + 'static> Run<W> {
    /// Matches the steps of a scenario and announces it.
    pub(super) fn plan(&self, scenario: Pickle) -> Planned {
        let id = self.stream.id();
        let hooks = |kind| self.registry.hooks_for(kind, scenario.tags()).into_iter();
        let before = hooks(HookKind::BeforeTestCase).map(Action::Before);
        let after = hooks(HookKind::AfterTestCase).map(Action::After);
        let matching = |(index, step): (usize, &PickleStep)| {
            let matches = self.matches(&step.text);
            Action::Step { index, matches }
        };
        let steps = scenario.steps.iter().enumerate().map(matching);
        let actions = before.chain(steps).chain(after);
        let steps = actions.map(|action| PlannedStep { id: self.stream.id(), action }).collect();
        let planned = Planned { id, scenario: Arc::new(scenario), steps };
        self.stream.say(&Envelope::TestCase(self.announcement(&planned)));
        planned
    }

    fn matches(&self, text: &str) -> Vec<Match> {
        let definitions = self.registry.steps.iter().enumerate();
        let matches = definitions.filter_map(|(definition, it)| {
            it.expression.matches(text).map(|arguments| Match { definition, arguments })
        });
        matches.collect()
    }

    fn announcement(&self, planned: &Planned) -> TestCase {
        let step = |it: &PlannedStep| {
            let hook = match &it.action {
                Action::Before(index) | Action::After(index) => {
                    Some(self.registry.hooks[*index].id)
                }
                Action::Step { .. } => None,
            };
            let step = match &it.action {
                Action::Step { index, matches } => Some(MatchedStep {
                    pickle_step_id: planned.scenario.steps[*index].id,
                    step_definition_ids: self.ids(matches),
                    step_match_arguments_lists: matches.iter().map(arguments).collect(),
                }),
                Action::Before(_) | Action::After(_) => None,
            };
            TestStep { id: it.id, hook_id: hook, step }
        };
        TestCase {
            id: planned.id,
            pickle_id: planned.scenario.id,
            test_steps: planned.steps.iter().map(step).collect(),
            test_run_started_id: self.id,
        }
    }

    fn ids(&self, matches: &[Match]) -> Vec<Id> {
        matches.iter().map(|it| self.registry.steps[it.definition].id).collect()
    }
}

fn arguments(found: &Match) -> MatchArguments {
    MatchArguments { step_match_arguments: found.arguments.clone() }
}
