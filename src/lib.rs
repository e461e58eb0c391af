//! The pipeline of lkreport: foreign test results in; a history, a site, a matrix and a verdict out.
//!
//! `ARCHITECTURE.md` draws the rooms and the edges that are permitted between them.

pub mod cli;
pub mod history;
pub mod ingest;
pub mod issues;
pub mod model;
pub mod render;
pub mod report;
