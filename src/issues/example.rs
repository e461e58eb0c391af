//! What the patterns of an issue must and must not recognise.

use super::{Issue, Versions};

/// A text of an example, and the versions that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// A message, a stack or some lines of a log.
    pub text: String,
    /// Where the issue asks for versions, those that took part.
    pub versions: Versions,
}

impl Example {
    /// Whether the issue recognises it, wherever it may stand.
    #[must_use]
    pub fn is_recognised_by(&self, issue: &Issue) -> bool {
        let patterns = issue.condition.patterns();
        let found = |number: usize| {
            let looked = patterns.iter().find(|it| it.1 == number);
            looked.is_some_and(|(pattern, _)| pattern.regex.is_match(self.text.as_bytes()))
        };
        issue.condition.holds(&found, None, &self.versions)
    }
}
