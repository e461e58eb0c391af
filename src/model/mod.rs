//! The words of lkreport as types: run, case, attempt, outcome, version, problem, id.
//!
//! Invariant: no IO and no clock in this room.

mod attempt_name;
mod case;
mod family;
mod fared;
mod feature;
mod id;
mod measured;
mod metrics;
mod outcome;
mod problem;
mod release;
mod run;
mod version;

pub use attempt_name::AttemptName;
pub use case::{Artifact, ArtifactKind, Attempt, Case, Detail, Failure, FailureKind, Step};
pub use family::{FamilyId, MARKS, Shape, Shaped, headline, shape_of, shaped, shapes};
pub use fared::{Aspect, Fared, Noted, Typical};
pub use feature::{FeatureFile, rows, with_values};
pub use id::{CaseId, RunId, slug};
pub use measured::{Measured, Metric};
pub use metrics::{Connection, Metrics, Point, Series, Usage};
pub use outcome::{Counts, Outcome};
pub use problem::Problem;
pub use release::{Item, ItemKind, Release};
pub use run::{Run, RunHead};
pub use version::{Combination, Component, Version};
