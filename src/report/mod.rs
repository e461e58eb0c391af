//! What is said: the facts of all pages, badges, matrices and answers, as one typed [`Report`].
//!
//! Everything that counts, compares or judges stands here; what shows it only formats.
//!
//! Invariant: pure. The same past and settings give the same report.

mod breakage;
mod cell;
mod change;
mod cluster;
mod compare;
mod connection;
mod coverage;
mod distribution;
mod failure;
mod family;
mod feature;
mod flaky;
mod gate;
mod knowledge;
mod matrix;
mod moment;
mod news;
mod pattern;
mod published;
mod rate;
mod release;
mod shift;
mod slices;
mod stale;
mod summary;
mod timeline;

pub use breakage::{Alikes, Breakage, breakages};
pub use cell::{Cell, CellCase, State, SuiteState};
pub use change::{Change, Difference, Measure, changes, differences};
pub use compare::{Comparison, Transitions};
pub use connection::{connections, parts as parts_of_connection};
pub use coverage::{Coverage, FamilyFact};
pub use distribution::{Bin, Distribution, Spread, distribution};
pub use failure::{FailureGroup, group_failures};
pub use family::{Families, Family};
pub use feature::{FeatureFact, Features, OnVersion, ScenarioFact, features};
pub use flaky::Flaky;
pub use gate::{Check, Gate, GateFinding, GateRules, Level, gate};
pub use knowledge::{IssueFact, Knowledge, KnownCount, Remark, Sighting};
pub use matrix::{Axis, Tab};
pub use moment::{Clock, Said, Weight, clock, placed, select, window, within};
pub use pattern::{Pattern, patterns};
pub use published::{Published, Stance, Standing, sources};
pub use rate::Rate;
pub use release::{Releases, moved, releases};
pub use shift::{Course, Glob, Noisy, Sensitivity, Shift, ShiftRules, Shifts, Tuning};
pub use slices::{STRENGTH, Slice, slices};
pub use summary::{CaseFact, Report, RunFact, Settings, SuiteFact, summarise};
pub use timeline::{Lane, Slot, Timeline, timeline};
