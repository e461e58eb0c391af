//! What is to be run: feature files and pickles become cases that wait for their attempts.

use std::{collections::HashMap, sync::Arc};

use super::{
    super::{
        Intake,
        cucumber::{feature_path, step_text, tag},
    },
    envelope::{Document, Feature, Hook, Pickle, Scenario, TestCase, Text},
};
use crate::model::{Case, CaseId};

/// A test case with the names of its steps.
pub(super) struct Planned {
    /// The case, without attempts.
    pub(super) case: Case,
    steps: Vec<PlannedStep>,
}

/// A step or hook of a test case.
pub(super) struct PlannedStep {
    id: Box<str>,
    /// The keyword with the text, or the name of the hook.
    pub(super) text: Arc<str>,
    /// Whether it is a hook.
    pub(super) is_hook: bool,
}

impl Planned {
    /// The step of this id.
    pub(super) fn step(&self, id: &str) -> Option<&PlannedStep> {
        self.steps.iter().find(|it| *it.id == *id)
    }
}

/// A pickle until its test case comes.
struct Waiting {
    case: Case,
    steps: Vec<(Box<str>, Arc<str>)>,
}

/// What feature files, pickles and hooks say, by their ids, which are unique within a run.
#[derive(Default)]
pub(super) struct Plan {
    features: HashMap<String, Named>,
    rules: HashMap<Box<str>, Arc<str>>,
    rows: HashMap<Box<str>, Box<[Box<str>]>>,
    keywords: HashMap<Box<str>, Arc<str>>,
    hooks: HashMap<Box<str>, Arc<str>>,
    tags: HashMap<Vec<Box<str>>, Arc<[Arc<str>]>>,
    same: HashMap<CaseId, u32>,
    waiting: HashMap<Box<str>, Waiting>,
}

/// The path and the name of a feature.
#[derive(Clone)]
struct Named {
    path: Arc<[Arc<str>]>,
    name: Option<Arc<str>>,
}

impl Plan {
    /// Takes in a feature file.
    pub(super) fn document(&mut self, document: &Document<'_>, intake: &mut Intake<'_>) {
        let Some(feature) = &document.feature else { return };
        let name = Some(&*feature.name).filter(|it| !it.is_empty());
        let name: Option<Arc<str>> = name.map(|it| intake.line(it).into());
        self.named(&document.uri, intake).name = name;
        self.children(feature, None, intake);
    }

    fn children(
        &mut self,
        feature: &Feature<'_>,
        rule: Option<&Arc<str>>,
        intake: &mut Intake<'_>,
    ) {
        for child in &feature.children {
            if let Some(inner) = &child.rule {
                let name = Some(&*inner.name).filter(|it| !it.is_empty());
                let name = name.map(|it| Arc::from(intake.line(it)));
                self.children(inner, name.as_ref(), intake);
            }
            for scenario in [&child.background, &child.scenario].into_iter().flatten() {
                if let Some(rule) = rule {
                    self.rules.insert((*scenario.id).into(), Arc::clone(rule));
                }
                self.scenario(scenario, intake);
            }
        }
    }

    fn scenario(&mut self, scenario: &Scenario<'_>, intake: &mut Intake<'_>) {
        for step in &scenario.steps {
            self.keywords.insert((*step.id).into(), (*step.keyword).into());
        }
        for row in scenario.examples.iter().flat_map(|it| &it.table_body) {
            let values = row.cells.iter().map(|it| intake.line(&it.value)).collect();
            self.rows.insert((*row.id).into(), values);
        }
    }

    /// Takes in a hook; one without a name is called by its type and place.
    pub(super) fn hook(&mut self, hook: &Hook<'_>, intake: &mut Intake<'_>) {
        let kind = hook.kind.replace('_', " ").to_lowercase();
        let place = format!(
            "{}:{}",
            feature_path(&hook.source_reference.uri),
            hook.source_reference.location.line.0
        );
        let what = if hook.name.is_empty() { place.as_str() } else { &hook.name };
        let text = format!("{} {what}", if kind.is_empty() { "hook" } else { &kind });
        self.hooks.insert((*hook.id).into(), intake.line(&text).into());
    }

    /// Takes in a pickle. A second one of the same identity is a numbered duplicate: were it a
    /// further attempt, it would be one of the same test case.
    pub(super) fn pickle(&mut self, pickle: &Pickle<'_>, intake: &mut Intake<'_>) {
        let nodes = || pickle.ast_node_ids.iter().map(|it| &**it);
        let rule = nodes().find_map(|it| self.rules.get(it)).map(Arc::clone);
        let example = nodes().find_map(|it| self.rows.remove(it)).unwrap_or_default();
        let Named { path, name } = self.named(&pickle.uri, intake).clone();
        let tags = self.tags(pickle, intake);
        let name_of_case = intake.line(&pickle.name);
        let mut case = Case {
            path,
            feature: name,
            rule,
            name: name_of_case,
            example,
            tags,
            attempts: Vec::new(),
            measured: None,
        };
        let times = self.same.entry(case.id("")).or_insert(0);
        *times += 1;
        if *times > 1 {
            let number = format!("#{times}").into();
            case.example = case.example.into_iter().chain([number]).collect();
        }
        let steps = pickle.steps.iter().map(|it| {
            let keyword = it.ast_node_ids.first().and_then(|it| self.keywords.get(&**it));
            let text = step_text(keyword.map_or("", |it| it), &it.text);
            ((*it.id).into(), intake.line(&text).into())
        });
        let steps = steps.collect();
        self.waiting.insert((*pickle.id).into(), Waiting { case, steps });
    }

    /// Makes the test case of a pickle; `None` where there is no such pickle.
    pub(super) fn test_case(&mut self, test_case: &TestCase<'_>) -> Option<Planned> {
        let waiting = self.waiting.remove(&*test_case.pickle_id)?;
        let text_of =
            |id: &str| waiting.steps.iter().find(|it| *it.0 == *id).map(|it| Arc::clone(&it.1));
        let steps = test_case.test_steps.iter().map(|it| {
            let is_hook = it.pickle_step_id.is_empty();
            let hook = || self.hooks.get(&*it.hook_id).map(Arc::clone);
            let text = if is_hook { hook() } else { text_of(&it.pickle_step_id) };
            let text = text.unwrap_or_else(|| if is_hook { "hook" } else { "step" }.into());
            PlannedStep { id: (*it.id).into(), text, is_hook }
        });
        let steps = steps.collect();
        Some(Planned { case: waiting.case, steps })
    }

    fn named(&mut self, uri: &Text<'_>, intake: &mut Intake<'_>) -> &mut Named {
        self.features.entry((**uri).to_owned()).or_insert_with(|| {
            let path = feature_path(uri);
            Named { path: [Arc::from(intake.line(&path))].into(), name: None }
        })
    }

    fn tags(&mut self, pickle: &Pickle<'_>, intake: &mut Intake<'_>) -> Arc<[Arc<str>]> {
        let mut names: Vec<Box<str>> = Vec::new();
        for name in pickle.tags.iter().filter(|it| !it.name.is_empty()).take(200) {
            let name = intake.line(&tag(&name.name));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let shared = |names: &Vec<Box<str>>| names.iter().map(|it| Arc::from(&**it)).collect();
        Arc::clone(self.tags.entry(names).or_insert_with_key(shared))
    }
}
