//! Which elements are open at a place in the document, and what they are to us.

/// What an open element is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Suites,
    Suite,
    Case,
    Failure,
    Skipped,
    Rerun,
    StackTrace,
    Output,
    Properties,
    Property,
    Other,
}

impl Kind {
    /// What an element of this name is inside `parent`.
    pub(super) fn of(name: &str, parent: Option<Self>) -> Self {
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        match (parent, local) {
            (_, "testcase") => Self::Case,
            (None | Some(Self::Suites | Self::Suite | Self::Other), "testsuite") => Self::Suite,
            (None, "testsuites") => Self::Suites,
            (Some(Self::Case | Self::Suite | Self::Suites), "failure" | "error") => Self::Failure,
            (Some(Self::Case), "skipped" | "skip" | "ignored" | "disabled") => Self::Skipped,
            (Some(Self::Case), "rerunFailure" | "rerunError" | "flakyFailure" | "flakyError") => {
                Self::Rerun
            }
            (Some(Self::Rerun), "stackTrace") => Self::StackTrace,
            (Some(Self::Case | Self::Rerun | Self::Suite), "system-out" | "system-err") => {
                Self::Output
            }
            (Some(Self::Case | Self::Suite | Self::Suites), "properties") => Self::Properties,
            (Some(Self::Properties), "property") => Self::Property,
            _ => Self::Other,
        }
    }
}

/// The open elements, outermost first.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    kinds: Vec<Kind>,
    /// The names of all open elements, one behind the other, and where each begins.
    names: String,
    begins: Vec<usize>,
}

impl Nesting {
    /// How many elements are open.
    pub(super) const fn depth(&self) -> usize {
        self.kinds.len()
    }

    /// What the innermost open element is.
    pub(super) fn last(&self) -> Option<Kind> {
        self.kinds.last().copied()
    }

    /// What the innermost open element is called.
    pub(super) fn last_name(&self) -> Option<&str> {
        self.begins.last().map(|begin| &self.names[*begin..])
    }

    /// Opens an element inside the last one.
    pub(super) fn push(&mut self, name: &str, kind: Kind) {
        self.kinds.push(kind);
        self.begins.push(self.names.len());
        self.names.push_str(name);
    }

    /// Closes the innermost element.
    pub(super) fn pop(&mut self) -> Option<Kind> {
        self.names.truncate(self.begins.pop()?);
        self.kinds.pop()
    }

    /// How many elements stand around the innermost one of this name.
    pub(super) fn depth_of(&self, name: &str) -> Option<usize> {
        let mut end = self.names.len();
        self.begins.iter().rposition(|begin| {
            let found = &self.names[*begin..end] == name;
            end = *begin;
            found
        })
    }
}
