//! Runs Gherkin suites against a real LiveKit and leaves a results directory.
//!
//! The engine knows nothing of the pipeline: what it shares with it stands in `lkreport-contract`.
#![doc = include_str!("../README.md")]

pub mod context;
pub mod error;
pub mod evidence;
pub mod expression;
pub mod feature;
pub mod hook;
pub mod junit;
pub mod messages;
pub mod profile;
pub mod registry;
pub mod results;
pub mod run;
pub mod tag;
pub mod version;
