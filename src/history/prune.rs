//! Carries out what retention plans, and remembers which runs went.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    HistoryError, Store,
    objects::Object,
    record::{self, Opened, RECORD_VERSION},
    retention::{Part, Policy, Pruned, Stored, Why, plan},
    store::by_run,
};
use crate::model::{Combination, RunId};

/// A run that the history once had.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gone {
    /// When it began.
    pub started: Timestamp,
    /// Its id.
    pub run: RunId,
    /// The set that was run.
    pub suite: String,
    /// Why it went.
    pub why: Why,
}

/// What pruning did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruning {
    /// What went, in the order in which it went.
    pub pruned: Vec<Pruned>,
    /// Runs that would have gone but hold a record of a newer version, which is left alone.
    pub newer: Vec<RunId>,
    /// How many bytes killed writers had left behind.
    pub leftover_bytes: u64,
    /// Evidence that belongs to no record, as killed writers leave it.
    pub unclaimed: Vec<Unclaimed>,
    /// How many bytes of records and evidence there are afterwards.
    pub bytes: u64,
}

/// Evidence without a record, whose writer may have been killed or may be at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unclaimed {
    /// What it is called.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it goes: it is older than a day.
    pub goes: bool,
}

impl Store {
    /// Drops what `policy` does not keep; with `dry_run`, only says what that would be.
    ///
    /// Ids of runs that go are kept in `pruned/`, so that their addresses can say so. A run of which
    /// nothing can be read is left alone.
    ///
    /// # Errors
    /// Where the history cannot be listed or changed; what went before is gone.
    pub fn prune(&self, policy: &Policy, dry_run: bool) -> Result<Pruning, HistoryError> {
        let (records, evidence) = (by_run(self.records()?), by_run(self.packs()?));
        let runs = self.stored(policy, &records, &evidence)?;
        let (mut pruned, mut newer) = (plan(policy, &runs), BTreeSet::new());
        for run in pruned.iter().map(|it| &it.run).collect::<BTreeSet<_>>() {
            if self.is_newer(records.get(run.as_str()).map_or(&[], Vec::as_slice))? {
                newer.insert(run.clone());
            }
        }
        pruned.retain(|it| !newer.contains(&it.run));
        if !dry_run {
            self.remember(&gone(&runs, &pruned))?;
            for going in &pruned {
                let objects = if going.what == Part::Record { &records } else { &evidence };
                for object in objects.get(going.run.as_str()).into_iter().flatten() {
                    self.objects.delete(&object.name)?;
                }
            }
        }
        let unclaimed = self.unclaimed(&records, &evidence)?;
        if !dry_run {
            let going = unclaimed.iter().filter(|it| it.goes);
            going.into_iter().try_for_each(|it| self.objects.delete(&it.name))?;
        }
        let all: u64 = records.values().chain(evidence.values()).flatten().map(|it| it.bytes).sum();
        let dropped: u64 = unclaimed.iter().filter(|it| it.goes).map(|it| it.bytes).sum();
        let bytes = all - dropped - pruned.iter().map(|it| it.bytes).sum::<u64>();
        let leftover_bytes = self.objects.sweep(dry_run)?;
        let newer = newer.into_iter().collect();
        Ok(Pruning { pruned, newer, leftover_bytes, unclaimed, bytes })
    }

    fn unclaimed(
        &self,
        records: &BTreeMap<String, Vec<Object>>,
        evidence: &BTreeMap<String, Vec<Object>>,
    ) -> Result<Vec<Unclaimed>, HistoryError> {
        let alone = evidence.iter().filter(|(run, _)| !records.contains_key(*run));
        let found = alone.flat_map(|(_, packs)| packs).map(|it| {
            let goes = self.objects.is_a_day_old(&it.name)?;
            Ok(Unclaimed { name: it.name.clone(), bytes: it.bytes, goes })
        });
        found.collect()
    }

    /// The runs that were pruned, oldest first.
    ///
    /// # Errors
    /// Where the history cannot be read.
    pub fn gone(&self) -> Result<Vec<Gone>, HistoryError> {
        let mut gone = BTreeSet::new();
        for object in self.objects.list("pruned")? {
            let bytes = self.objects.read(&object.name)?.unwrap_or_default();
            let lines = record::unpack(&bytes).unwrap_or_default();
            let lines = lines.split(|it| *it == b'\n');
            gone.extend(lines.filter_map(|it| serde_json::from_slice::<Gone>(it).ok()));
        }
        Ok(gone.into_iter().collect())
    }

    /// Writes down which runs go, in a file of its own, so that two writers never meet.
    fn remember(&self, gone: &[Gone]) -> Result<(), HistoryError> {
        let Some(newest) = gone.iter().map(|it| it.started).max() else { return Ok(()) };
        let lines = gone.iter().map(|it| serde_json::to_string(it).expect("string keys") + "\n");
        let body = lines.collect::<String>().into_bytes();
        let hash = &blake3::hash(&body).to_hex()[..8];
        let name = format!("pruned/{}-{hash}.ndjson.zst", newest.strftime("%Y-%m-%d"));
        let packed = record::pack(&body);
        let file = |cause| HistoryError::File { path: self.objects.place(&name).into(), cause };
        self.objects.create(&name, packed.map_err(file)?)?;
        Ok(())
    }

    fn stored(
        &self,
        policy: &Policy,
        records: &BTreeMap<String, Vec<Object>>,
        evidence: &BTreeMap<String, Vec<Object>>,
    ) -> Result<Vec<Stored>, HistoryError> {
        let size = |objects: &BTreeMap<String, Vec<Object>>, id: &RunId| {
            objects.get(id.as_str()).into_iter().flatten().map(|it| it.bytes).sum()
        };
        let runs = self.past()?.0.runs.into_iter().map(|it| it.head);
        let stored = runs.map(|head| Stored {
            record_bytes: size(records, &head.id),
            evidence_bytes: size(evidence, &head.id),
            combination: Combination::of(&head.versions, &policy.components),
            id: head.id,
            suite: head.suite,
            branch: head.branch,
            started: head.started,
        });
        Ok(stored.collect())
    }

    /// Whether one of these records was written by a newer version.
    fn is_newer(&self, records: &[Object]) -> Result<bool, HistoryError> {
        for record in records {
            let bytes = self.objects.read(&record.name)?.unwrap_or_default();
            let body = record::unpack(&bytes);
            let version = body.and_then(|it| Opened::new(&it).map(|it| it.version));
            if version.is_ok_and(|it| it > RECORD_VERSION) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn gone(runs: &[Stored], pruned: &[Pruned]) -> Vec<Gone> {
    let going: BTreeMap<&RunId, Why> =
        pruned.iter().filter(|it| it.what == Part::Record).map(|it| (&it.run, it.why)).collect();
    let gone = runs.iter().filter_map(|it| {
        let why = *going.get(&it.id)?;
        Some(Gone { started: it.started, run: it.id.clone(), suite: it.suite.clone(), why })
    });
    gone.collect()
}
