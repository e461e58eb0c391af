//! All issues that are known.

use std::collections::BTreeMap;

use super::{Condition, Fault, Issue, Pattern, read};

/// Known issues, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    issues: Vec<Issue>,
    patterns: usize,
}

impl Catalogue {
    /// Puts issues together; of two with one id the later stays, so that a project can say more of an
    /// issue than what is bundled.
    #[must_use]
    pub fn new(issues: impl IntoIterator<Item = Issue>) -> Self {
        let by_id: BTreeMap<String, Issue> =
            issues.into_iter().map(|it| (it.id.clone(), it)).collect();
        let mut issues: Vec<Issue> = by_id.into_values().collect();
        let mut patterns = 0;
        for issue in &mut issues {
            issue.condition.number(&mut patterns);
        }
        Self { issues, patterns }
    }

    /// Reads files, each with its name and its text; what is wrong in one costs that one alone.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<(&'a str, Fault)>) {
        let (mut issues, mut faults) = (Vec::new(), Vec::new());
        for (name, text) in files {
            match read(text) {
                Ok(issue) => issues.push(issue),
                Err(fault) => faults.push((name, fault)),
            }
        }
        (Self::new(issues), faults)
    }

    /// The issues, in the order of their ids.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// The issue of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Issue> {
        let found = self.issues.binary_search_by(|it| it.id.as_str().cmp(id)).ok()?;
        self.issues.get(found)
    }

    /// How many patterns there are; their numbers go from 0 up to this.
    #[must_use]
    pub const fn patterns(&self) -> usize {
        self.patterns
    }

    /// All patterns in the order of their numbers.
    pub fn all_patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.issues.iter().flat_map(|it| Condition::patterns(&it.condition)).map(|it| it.0)
    }
}
