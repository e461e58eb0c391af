//! Cases that were renamed go on under their present name.

use std::collections::{BTreeMap, HashMap};

use super::{Known, Past};
use crate::model::CaseId;

impl Past {
    /// Puts what is known of a former case under its present one.
    ///
    /// Both are written as `suite / path / name`, each part as it stands in the report. A name
    /// whose present case is unknown stays as it is, so that nothing is lost by a slip of the pen.
    #[must_use]
    pub fn renamed(mut self, aliases: &BTreeMap<String, String>) -> Self {
        if aliases.is_empty() {
            return self;
        }
        let written: HashMap<String, usize> = self.cases.iter().map(written).zip(0..).collect();
        let present: HashMap<usize, usize> = (aliases.iter())
            .filter_map(|(former, present)| Some((*written.get(former)?, *written.get(present)?)))
            .filter(|(former, present)| former != present)
            .collect();
        let stays = |idx: &usize| !present.contains_key(idx);
        let kept: Vec<usize> = (0..self.cases.len()).filter(stays).collect();
        let places: HashMap<usize, u32> = kept.iter().copied().zip(0..).collect();
        let moved = |idx: usize| places.get(present.get(&idx).unwrap_or(&idx)).copied();
        for run in &mut self.runs {
            for result in &mut run.results {
                result.case = moved(result.case as usize).unwrap_or(u32::MAX);
            }
            run.results.sort_by_key(|it| it.case);
            for failing in &mut run.failures {
                failing.case = moved(failing.case as usize).unwrap_or(u32::MAX);
            }
            run.failures.sort_by_key(|it| it.case);
            for measured in &mut run.measured {
                measured.case = moved(measured.case as usize).unwrap_or(u32::MAX);
            }
            run.measured.sort_by_key(|it| it.case);
        }
        let formers = self.cases.iter().zip(0..).filter(|(_, idx)| present.contains_key(idx));
        self.formers = formers.filter_map(|(known, idx)| Some((known.id, moved(idx)?))).collect();
        self.cases = kept.into_iter().map(|idx| self.cases[idx].clone()).collect();
        self
    }

    /// The case of that id, also where it is a former one; an index into `cases`.
    #[must_use]
    pub fn former(&self, id: CaseId) -> Option<u32> {
        self.formers.get(&id).copied()
    }
}

fn written(known: &Known) -> String {
    let path = known.path.iter().map(AsRef::as_ref);
    let parts = [known.suite.as_ref()].into_iter().chain(path).chain([known.name.as_ref()]);
    parts.collect::<Vec<_>>().join(" / ")
}
