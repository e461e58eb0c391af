//! Steps whose component is not built yet.

use super::Vocabulary;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("browser life cycle")
        .pending(
            "a browser",
            "{string} opens a {string} browser with LiveKit Meet page",
            "Opens a browser of its own for a person, on the meeting page.",
        )
        .pending("a browser", "{string} closes the browser", "Closes the browser of a person.");
}
