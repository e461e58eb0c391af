//! Failures of one run, grouped by what broke.

use crate::model::{Attempt, Failure, Run};

/// Failures of one type, the cases in the order of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureGroup {
    /// The exception type, or in words what is missing where no type is given.
    pub type_name: String,
    /// The cases, as indices into the run's cases.
    pub cases: Vec<usize>,
}

/// Groups the failing cases of `run` by exception type, the most frequent first.
#[must_use]
pub fn group_failures(run: &Run) -> Vec<FailureGroup> {
    let mut groups: Vec<FailureGroup> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (idx, case) in run.cases.iter().enumerate() {
        if !case.outcome().is_failing() {
            continue;
        }
        let type_name = case.attempts.last().map_or_else(String::new, type_of);
        let place = *places.entry(type_name.clone()).or_insert_with(|| {
            groups.push(FailureGroup { type_name, cases: Vec::new() });
            groups.len() - 1
        });
        groups[place].cases.push(idx);
    }
    groups.sort_by(|a, b| b.cases.len().cmp(&a.cases.len()).then(a.cases.cmp(&b.cases)));
    groups
}

/// The failure that a failing attempt is shown by.
#[must_use]
pub fn headline(attempt: &Attempt) -> Option<&Failure> {
    attempt.detail.as_ref()?.failures.first()
}

fn type_of(attempt: &Attempt) -> String {
    let named = headline(attempt).and_then(|it| it.type_name.as_deref());
    match named.filter(|it| !it.trim().is_empty()) {
        Some(type_name) => type_name.trim().to_owned(),
        None => match headline(attempt) {
            Some(_) => "without an error type".to_owned(),
            None => "without a message".to_owned(),
        },
    }
}
