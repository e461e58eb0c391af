//! A dry run: which definitions the steps of features match, without running any.

use std::cell::Cell;

use lkreport_contract::gherkin::SyntaxError;

use crate::{
    expression::{nearest, suggestions},
    feature::{self, Source},
    messages::{Id, Pickle, PickleStep},
    registry::Registry,
    run::Selection,
};

/// What a run would be.
#[derive(Debug, Default)]
pub struct Dry {
    /// What would run, in its order.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with feature files.
    pub syntax_errors: Vec<(String, SyntaxError)>,
}

/// A scenario that would run.
#[derive(Debug)]
pub struct Scenario {
    /// The scenario.
    pub pickle: Pickle,
    /// What each of its steps matches.
    pub matches: Vec<Matches>,
}

/// What a step matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matches {
    /// This expression.
    One(String),
    /// None; these are the nearest.
    None(Vec<String>),
    /// All of these, so that nobody knows what is meant.
    Several(Vec<String>),
}

impl<W: Send + 'static> Registry<W> {
    /// Matches what would run, and runs nothing.
    #[must_use]
    pub fn dry(&self, sources: &[Source], selection: &Selection) -> Dry {
        let (next, mut dry, mut pickles) = (Cell::new(0), Dry::default(), Vec::new());
        let id = || Id::new(next.replace(next.get() + 1));
        for source in sources {
            match feature::compile(source, &id) {
                Ok(feature) => pickles.extend(feature.pickles),
                Err(errors) => {
                    dry.syntax_errors.extend(errors.into_iter().map(|it| (source.uri.clone(), it)));
                }
            }
        }
        for pickle in selection.select(pickles) {
            let matches = pickle.steps.iter().map(|it| self.matched(it)).collect();
            dry.scenarios.push(Scenario { pickle, matches });
        }
        dry
    }

    fn matched(&self, step: &PickleStep) -> Matches {
        let is_match =
            |it: &&crate::registry::StepDefinition<W>| it.expression.matches(&step.text).is_some();
        let found = self.steps.iter().filter(is_match);
        let mut found: Vec<String> = found.map(|it| it.expression.pattern.source.clone()).collect();
        match found.len() {
            0 => {
                let suggested = suggestions(&step.text, &self.types);
                let like = suggested.first().map_or(step.text.as_str(), String::as_str);
                Matches::None(
                    nearest(like, self.patterns()).into_iter().map(str::to_owned).collect(),
                )
            }
            1 => Matches::One(found.swap_remove(0)),
            _ => Matches::Several(found),
        }
    }
}
