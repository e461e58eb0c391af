//! Feature files become pickles: scenarios as they will run.
//!
//! Invariant: no IO here; whoever calls has read the file.

mod document;
mod pickle;

use lkreport_contract::gherkin::{self, SyntaxError};

use crate::messages::{GherkinDocument, Id, Pickle};

/// A feature file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path as reports should name it, with `/`.
    pub uri: String,
    /// What stands in it.
    pub text: String,
}

/// What a feature file says, and the scenarios that come of it.
#[derive(Debug, Clone)]
pub struct Feature {
    /// The parts of the file, each with an id.
    pub document: GherkinDocument,
    /// In the order of the file; those of an outline in the order of its rows.
    pub pickles: Vec<Pickle>,
}

/// Reads a feature file; `id` gives each part an id that nothing else has.
///
/// # Errors
///
/// All that is wrong with the file, in its order.
pub fn compile(source: &Source, id: &dyn Fn() -> Id) -> Result<Feature, Vec<SyntaxError>> {
    let parsed = gherkin::parse(&source.text)?;
    let document = document::with_ids(&source.uri, parsed, id);
    let pickles = pickle::pickles(&document, id);
    Ok(Feature { document, pickles })
}
