//! What a step or a hook gets besides the world: arguments, what stands below, a place for evidence.

use std::{io, path::Path, str::FromStr, sync::Arc};

use lkreport_contract::outcome::ExtraOutcome;
use tokio_util::sync::CancellationToken;

use crate::{
    error::StepError,
    evidence::{Evidence, Shelf},
    messages::{Group, MatchArgument, Pickle, PickleArgument, PickleDocString, Status},
    metrics::Meter,
};

/// What a step or a hook gets besides the world.
#[derive(Debug, Clone)]
pub struct Context {
    /// The scenario; none in hooks around the run.
    pub scenario: Option<Arc<Pickle>>,
    /// Which attempt, from 0.
    pub attempt: u32,
    /// What became of the attempt so far; hooks after the steps look at it.
    pub status: Status,
    /// Ends when the run is interrupted; a step is then cut, a hook after the steps is not.
    pub cancelled: CancellationToken,
    pub(crate) arguments: Vec<MatchArgument>,
    pub(crate) below: Option<PickleArgument>,
    pub(crate) evidence: Evidence,
}

impl Context {
    /// What a hook around the run gets.
    pub(crate) fn around_run(evidence: Evidence, cancelled: CancellationToken) -> Self {
        let (scenario, attempt, status) = (None, 0, Status::Unknown);
        let (arguments, below) = (Vec::new(), None);
        Self { scenario, attempt, status, cancelled, arguments, below, evidence }
    }

    /// The argument of this index, as text; a quoted one without its quotes.
    ///
    /// # Errors
    ///
    /// When there is none: the expression has fewer parameters, or the group took no part.
    pub fn text(&self, index: usize) -> Result<String, StepError> {
        let argument = self.arguments.get(index);
        let text = argument.and_then(text);
        text.ok_or_else(|| StepError::assertion(format!("the step has no argument {}", index + 1)))
    }

    /// The argument of this index, as whatever can be read from its text.
    ///
    /// # Errors
    ///
    /// When there is none, or its text says something else.
    pub fn argument<T: FromStr>(&self, index: usize) -> Result<T, StepError>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(index)?;
        text.parse().map_err(|error| StepError::assertion(format!("`{text}`: {error}")))
    }

    /// How many arguments there are.
    #[must_use]
    pub fn arguments(&self) -> usize {
        self.arguments.len()
    }

    /// The rows of the table below the step.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn table(&self) -> Result<Vec<Vec<&str>>, StepError> {
        let Some(PickleArgument::DataTable(table)) = &self.below else {
            return Err(StepError::assertion("the step needs a table below it"));
        };
        let cells = |it| -> &Vec<_> { it };
        let rows = table.rows.iter().map(|it| cells(&it.cells));
        Ok(rows.map(|it| it.iter().map(|it| it.value.as_str()).collect()).collect())
    }

    /// The text below the step.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn doc_string(&self) -> Result<&PickleDocString, StepError> {
        match &self.below {
            Some(PickleArgument::DocString(it)) => Ok(it),
            _ => Err(StepError::assertion("the step needs a doc string below it")),
        }
    }

    /// Writes a line of log beside the step; secrets are masked.
    pub fn log(&self, text: &str) {
        self.evidence.log(text);
    }

    /// Attaches text; secrets are masked.
    pub fn attach_text(&self, media_type: &str, text: &str) {
        self.evidence.text(media_type, None, text);
    }

    /// Attaches text under a file name; secrets are masked.
    pub fn attach_named(&self, media_type: &str, name: &str, text: &str) {
        self.evidence.text(media_type, Some(name), text);
    }

    /// Attaches bytes, with a file name where they have one.
    pub fn attach(&self, media_type: &str, name: Option<&str>, bytes: &[u8]) {
        self.evidence.bytes(media_type, name, bytes);
    }

    /// Keeps a file of any size beside the stream; `what` ends its name.
    ///
    /// # Errors
    ///
    /// When it cannot be read or copied.
    pub fn attach_file(&self, media_type: &str, what: &str, path: &Path) -> io::Result<()> {
        self.evidence.file(media_type, what, path)
    }

    /// Where the logs of this attempt are kept; none where there is only a stream.
    pub(crate) fn shelf(&self) -> Option<Shelf> {
        self.evidence.shelf()
    }

    /// Where what is measured goes, and the name of this attempt there.
    #[must_use]
    pub fn meter(&self) -> Option<(Arc<Meter>, &str)> {
        let files = self.evidence.files.as_ref()?;
        Some((Arc::clone(files.meter.as_ref()?), &files.prefix))
    }

    /// Says that the scenario works, but not as well as it should.
    pub fn degraded(&self, reason: &str) {
        self.evidence.outcome(ExtraOutcome::Degraded, reason);
    }
}

/// Of a quoted string, what stands between the quotes; of anything else, all of it.
fn text(argument: &MatchArgument) -> Option<String> {
    let Group { value, children, .. } = &argument.group;
    if argument.parameter_type_name.as_deref() != Some("string") {
        return value.clone();
    }
    let inner = children.iter().find_map(|it| it.value.as_deref())?;
    Some(inner.replace("\\\"", "\"").replace("\\'", "'"))
}
