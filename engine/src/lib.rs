//! Runs Gherkin suites against a real LiveKit and leaves a results directory.
//!
//! The engine knows nothing of the pipeline: what it shares with it stands in `lkreport-contract`.
