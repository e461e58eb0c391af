//! What each page says: views filled from the report, one file a page kind.
//!
//! Sentences, dates and numbers are made here; the facts in them come from the report alone.

mod breakage;
mod case;
mod cases;
mod cell;
mod changes;
mod context;
mod family;
mod feature;
mod features;
mod issue;
mod issues;
mod judged;
mod log;
mod matrix;
mod measured;
mod member;
mod moments;
mod overview;
mod problems;
mod release;
mod releases;
mod run;
mod runs;
mod search;
mod shift;
mod slices;
mod spread;
mod timeline;
mod trends;
mod whereabouts;

pub(super) use breakage::notes as notes_of_breakage;
pub(super) use case::{CaseStory, case};
pub(super) use cases::cases;
pub(super) use cell::cell;
pub(super) use context::Context;
pub(super) use family::{families, family, href as family_href, with_page};
pub(super) use feature::{Undefined, features, undefined};
pub(super) use features::index as feature_index;
pub(super) use issue::issue;
pub(super) use issues::issues;
pub(super) use log::{Log, around, logs, places};
pub(super) use matrix::{csv, matrices};
pub(super) use member::{Seen, seen};
pub(super) use moments::moments;
pub(super) use overview::overview;
pub(super) use problems::{not_found, problems};
pub(super) use release::releases;
pub(super) use releases::index as release_index;
pub(super) use run::run;
pub(super) use runs::runs;
pub(super) use search::{failing, search};
pub(super) use slices::sliced;
pub(super) use trends::trends;
pub(super) use whereabouts::whereabouts;
