//! Known issues: the catalogue, and what it recognises.
//!
//! A known issue is a file of YAML that says by which texts a failure is recognised, on which versions
//! it stands, and what a reader can do about it. All patterns of a catalogue are looked for in one pass
//! ([`Matcher`]); what was found, together with the versions, decides which issues hold, and which
//! failures of a run they explain ([`judge`]).
//!
//! Invariant: pure. Files are read and logs are opened elsewhere.

mod catalogue;
mod draft;
mod example;
mod file;
mod issue;
mod literal;
mod matcher;
mod texts;
mod verdict;

pub use catalogue::Catalogue;
pub use draft::Draft;
pub use example::Example;
pub use file::{Fault, read};
pub use issue::{
    Applies, Condition, Issue, Part, Pattern, Ranges, Severity, Status, Strength, Versions,
};
pub use matcher::{Hit, Matcher};
pub use verdict::{Bearing, CaseVerdict, Entry, Match, Trace, judge, versions_of};

/// The JSON Schema of a known issue, for editors.
pub const SCHEMA: &str = include_str!("schema.json");
