//! Steps whose component is not built yet: known, explained, and never passed.

mod egress;
mod ingress;

use super::Vocabulary;

/// Steps of one area that need the same thing.
struct Waiting {
    area: &'static str,
    needs: &'static str,
    /// Expressions with their meanings.
    steps: &'static [(&'static str, &'static str)],
}

pub(super) fn add(all: &mut Vocabulary) {
    for waiting in egress::ALL.iter().chain(ingress::ALL) {
        all.about(waiting.area);
        for (expression, meaning) in waiting.steps {
            all.pending(waiting.needs, expression, meaning);
        }
    }
}
