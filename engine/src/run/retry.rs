//! Which attempts are followed by a further one, and why.

use std::collections::BTreeSet;

use super::summary::Attempt;
use crate::{
    error::Class,
    messages::{Pickle, Status},
    tag::TagExpression,
};

/// Which attempts are followed by a further one.
///
/// An assertion, a panic and a limit never are, whatever stands here: they are what the run is to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// At most so many further attempts.
    pub most: u32,
    /// Only after failures of these classes.
    pub classes: BTreeSet<Class>,
    /// Another number for some scenarios; the first that holds prevails.
    pub tagged: Vec<(TagExpression, u32)>,
}

impl Default for Retries {
    fn default() -> Self {
        let classes = [
            Class::NetworkTimeout,
            Class::ConnectionRefused,
            Class::ConnectionLost,
            Class::PortTaken,
        ];
        Self { most: 2, classes: classes.into(), tagged: Vec::new() }
    }
}

impl Retries {
    /// Why an attempt is followed by a further one; none where it is the last.
    pub(super) fn reason(
        &self,
        scenario: &Pickle,
        number: u32,
        attempt: &Attempt,
    ) -> Option<String> {
        let tagged = self.tagged.iter().find(|it| it.0.holds(scenario.tags()));
        let most = tagged.map_or(self.most, |it| it.1);
        // Each failure must be one that may pass; an assertion in a hook counts like one in a step.
        let retryable = |it: &Class| it.is_retryable() && self.classes.contains(it);
        let mut failures = attempt.steps.iter().filter(|it| it.status == Status::Failed);
        let class = failures.clone().next()?.class?;
        let is_transient = failures.all(|it| it.class.as_ref().is_some_and(retryable));
        let retry = attempt.status == Status::Failed && is_transient && number < most;
        let next = number + 1;
        retry.then(|| format!("a further attempt ({next} of at most {most}) after: {class}"))
    }
}
