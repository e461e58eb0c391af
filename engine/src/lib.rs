//! Runs Gherkin suites against a real LiveKit and leaves a results directory.
//!
//! The engine knows nothing of the pipeline: what it shares with it stands in `lkreport-contract`.
#![doc = include_str!("../README.md")]

pub mod app;
pub mod browser;
pub mod component;
pub mod context;
mod diagnosis;
pub mod dry;
pub mod error;
pub mod evidence;
pub mod expression;
pub mod failures;
pub mod feature;
pub mod hook;
pub mod junit;
pub mod load;
pub mod mask;
pub mod media;
pub mod meeting;
pub mod messages;
pub mod metrics;
pub mod network;
pub mod participant;
pub mod profile;
pub mod registry;
pub mod results;
pub mod run;
pub mod runtime;
pub mod s3;
pub mod server;
pub mod stack;
pub mod steps;
pub mod tag;
pub mod token;
pub mod version;
pub mod webhook;
pub mod world;
