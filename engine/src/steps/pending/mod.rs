//! Steps whose component is not built yet: known, explained, and never passed.

mod browser;
mod egress;
mod ingress;
mod services;

use super::Vocabulary;

/// Steps of one area that need the same thing.
struct Waiting {
    area: &'static str,
    needs: &'static str,
    /// Expressions with their meanings.
    steps: &'static [(&'static str, &'static str)],
}

pub(super) fn add(all: &mut Vocabulary) {
    let all_of_them = [browser::ALL, egress::ALL, ingress::ALL, services::ALL];
    for waiting in all_of_them.into_iter().flatten() {
        all.about(waiting.area);
        for (expression, meaning) in waiting.steps {
            all.pending(waiting.needs, expression, meaning);
        }
    }
}
