//! What both sides of the results directory need, and nothing else.
//!
//! The engine writes a results directory and the pipeline reads it; this crate holds the types and
//! schemas of the files that pass between them, the rules by which secrets are masked, the reader of
//! feature files, what versions and ranges of them mean, and scores of media.
//!
//! Invariant: no IO and no async here.

pub mod gherkin;
pub mod mask;
pub mod metrics;
pub mod outcome;
pub mod quality;
pub mod run;
pub mod version;
