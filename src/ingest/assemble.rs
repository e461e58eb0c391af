//! Files that belong together become one run.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use jiff::Timestamp;
use lkreport_contract::run::RunJson;

use super::Ingested;
use crate::model::{Case, CaseId, Run};

/// What is known of a run from outside its files. It prevails over what files say.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What configuration and command line say, in the shape of `run.json`.
    pub run: RunJson,
    /// The suite where nobody names one: the name of the results folder.
    pub default_suite: String,
    /// The time that stands in for a start that nobody names.
    pub stamp: Timestamp,
    /// Former paths or names of cases, and what they are called now.
    pub aliases: BTreeMap<String, String>,
}

/// Makes one run of the files in `parts`, which are given in a stable order.
#[must_use]
pub fn assemble(_asked: &Asked, _parts: Vec<Ingested>) -> Option<Run> {
    None
}

/// Makes one case of all entries of the same identity, in the order in which they come.
pub(super) fn merge_attempts(entries: Vec<Case>) -> Vec<Case> {
    let mut places: HashMap<CaseId, usize> = HashMap::with_capacity(entries.len());
    let mut cases: Vec<Case> = Vec::with_capacity(entries.len());
    for entry in entries {
        match places.entry(entry.id("")) {
            Entry::Vacant(place) => {
                place.insert(cases.len());
                cases.push(entry);
            }
            Entry::Occupied(place) => cases[*place.get()].attempts.extend(entry.attempts),
        }
    }
    cases
}
