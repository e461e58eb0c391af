//! The failures of a run, by type: how many, how often in each scenario, and what is likely behind them.

use std::{collections::BTreeMap, fmt};

use crate::{
    error::Class,
    messages::Status,
    run::{Attempt, Case, Step, Summary},
};

/// How many scenarios are listed for each type.
const LISTED: usize = 10;

/// The failures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// By type, the most frequent first.
    pub types: Vec<Type>,
    /// How many scenarios ran.
    pub scenarios: usize,
    /// How many of them failed in the end.
    pub failed: usize,
    /// How many passed in a further attempt.
    pub flaky: usize,
}

/// Failures of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The class, or the status of what can never pass.
    pub name: String,
    /// How many attempts failed so.
    pub count: usize,
    /// Each scenario with its place, in how many of its attempts, and the first message.
    pub scenarios: Vec<Frequency>,
    /// What is likely behind it.
    pub cause: &'static str,
}

/// How often a scenario failed in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frequency {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// In how many attempts it failed so.
    pub failed: usize,
    /// How many attempts it had.
    pub attempts: usize,
    /// What the first of these failures said.
    pub message: String,
}

impl Failures {
    /// The failures of a run.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let mut types: BTreeMap<String, Type> = BTreeMap::new();
        for case in &summary.cases {
            for (step, count) in by_type(case) {
                let (name, cause) = kind(step);
                let new = || Type { name: name.clone(), count: 0, scenarios: Vec::new(), cause };
                let of = types.entry(name.clone()).or_insert_with(new);
                of.count += count;
                of.scenarios.push(Frequency {
                    name: case.scenario.name.clone(),
                    place: format!("{}:{}", case.scenario.uri, case.scenario.location.line),
                    failed: count,
                    attempts: case.attempts.len(),
                    message: step.message.clone().unwrap_or_default(),
                });
            }
        }
        let mut types: Vec<Type> = types.into_values().collect();
        types.sort_by_key(|it| std::cmp::Reverse(it.count));
        let is_flaky = |it: &&Case| it.status() == Status::Passed && it.attempts.len() > 1;
        Self {
            types,
            scenarios: summary.cases.len(),
            failed: summary.cases.iter().filter(|it| !it.status().is_fine()).count(),
            flaky: summary.cases.iter().filter(is_flaky).count(),
        }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}

/// The first failure of each type in a scenario, and in how many of its attempts that type came.
fn by_type(case: &Case) -> Vec<(&Step, usize)> {
    let mut found: Vec<(&Step, usize)> = Vec::new();
    for step in case.attempts.iter().filter_map(failure) {
        match found.iter_mut().find(|it| kind(it.0).0 == kind(step).0) {
            Some(it) => it.1 += 1,
            None => found.push((step, 1)),
        }
    }
    found
}

/// What an attempt failed of: a program that ended by itself, else the first step that did not do what it
/// should; for whatever a step says of a program that is gone, its end is the cause.
fn failure(attempt: &Attempt) -> Option<&Step> {
    let ended = attempt.steps.iter().find(|it| it.class == Some(Class::Ended));
    ended.or_else(|| attempt.steps.iter().find(|it| !it.status.is_fine()))
}

/// What failures like this one are called, and what is likely behind them.
fn kind(step: &Step) -> (String, &'static str) {
    let Some(class) = step.class else {
        return match step.status {
            Status::Pending => {
                ("pending".to_owned(), "the step needs a component that is not built yet")
            }
            Status::Ambiguous => {
                ("ambiguous".to_owned(), "several steps match; `lkreport steps` lists them")
            }
            _ => (
                "undefined".to_owned(),
                "no step matches; `lkreport steps` lists those that are known",
            ),
        };
    };
    let cause = match class {
        Class::Assertion => {
            "the product does otherwise than the scenario says, or a version differs"
        }
        Class::Panic => "a fault of the step, not of the product",
        Class::Limit(_) => "the phase hangs, or its limit is too short for this machine",
        Class::NetworkTimeout => "the other side is overloaded, or a firewall drops packets",
        Class::ConnectionRefused => "the program ended or listens elsewhere; its log says why",
        Class::ConnectionLost => "the program ended or was ended while it was in use",
        Class::PortTaken => "another program took the port between choice and start",
        Class::Ended => "a program of the scenario crashed or was ended; its log says why",
        Class::Other => "the program refused what it was asked; its message says why",
    };
    (class.to_string(), cause)
}

/// As a person reads it, on the terminal and in `failures.txt`.
impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failed, scenarios, flaky, .. } = self;
        writeln!(
            f,
            "{failed} of {scenarios} scenarios failed, {flaky} passed in a further attempt"
        )?;
        for it in &self.types {
            writeln!(f, "\n{}: {} (likely: {})", it.name, it.count, it.cause)?;
            for of in it.scenarios.iter().take(LISTED) {
                let Frequency { name, place, failed, attempts, message } = of;
                writeln!(f, "  {name}  ({place}; {failed} of {attempts} attempts)")?;
                let first = message.lines().next().unwrap_or_default();
                writeln!(f, "      {first}")?;
            }
            if let Some(more) = it.scenarios.len().checked_sub(LISTED).filter(|it| *it > 0) {
                writeln!(f, "  and {more} more")?;
            }
        }
        Ok(())
    }
}
