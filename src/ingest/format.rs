//! Which format a file has, told from its first bytes alone.

use serde::Serialize;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JUnit XML of any dialect.
    Junit,
    /// The JSON report of a Cucumber implementation.
    CucumberJson,
    /// Cucumber messages, one JSON envelope a line.
    CucumberMessages,
    /// `run.json`.
    Run,
    /// `metrics.ndjson`.
    Metrics,
    /// The log of a program.
    Log,
    /// Nothing that we know.
    Unknown,
}
