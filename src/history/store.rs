//! The history as a store: runs in, runs out.
//!
//! ```text
//! runs/<yyyy>/<mm>/<run>[~<shard>][~<hash>].ndjson.zst   a record, written once
//! evidence/<run>[~<shard>][~<hash>].tar.zst              what its failed attempts left behind
//! cache/                                                 can be rebuilt, and stays out of git
//! ```
//!
//! There is no index that two writers could fight over: the names say what there is. With
//! [`objects`](super::objects) this is the only code of the room that touches a disk or a bucket.

use std::{
    collections::BTreeMap,
    io::BufReader,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    HistoryError, evidence,
    merge::{Piece, merge},
    objects::{Created, Object, Objects},
    record::{self, decode},
};
use crate::model::{CaseId, Problem, Run, RunHead, RunId, slug};

/// The ending of a record.
pub(super) const RECORD: &str = ".ndjson.zst";
/// The ending of packed evidence.
pub(super) const EVIDENCE: &str = ".tar.zst";

/// A history in a directory or a bucket.
///
/// Its methods block; do not call them from within an asynchronous runtime.
pub struct Store {
    pub(super) objects: Objects,
    /// The records by run as they were last listed; none when something was added since.
    listed: Mutex<BTreeMap<String, Vec<Object>>>,
}

/// What came of adding a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is part of the history now.
    New,
    /// The history had it already.
    Same,
    /// The history has a run of this id that says something else; both are kept and read as one.
    Beside,
}

impl Store {
    /// Opens the history at `place`: a directory, which is made where it is missing, or a URL.
    ///
    /// # Errors
    /// Where `place` cannot be used at all.
    pub fn open(place: &str) -> Result<Self, HistoryError> {
        Ok(Self { objects: Objects::open(place)?, listed: Mutex::default() })
    }

    /// Adds a run, or a shard of one, with the folder that holds its evidence.
    ///
    /// The evidence is written first, so that a record never promises what is missing. Writers on
    /// other machines may add at the same time; a writer that is killed leaves nothing to be seen.
    ///
    /// # Errors
    /// Where something could not be written. Nothing half-written is ever read.
    pub fn add(&self, run: &Run, evidence: Option<&Path>) -> Result<Added, HistoryError> {
        self.lock().clear();
        let body = record::body(run, &[]);
        let stem = stem(run);
        let hash = &blake3::hash(&body).to_hex()[..8];
        let folder = record::folder(run.head.started);
        let mut added = Added::New;
        // What stands under the plain name may differ, but under the hash it can only be the same.
        for stem in [stem.clone(), format!("{stem}~{hash}")] {
            let name = format!("{folder}/{stem}{RECORD}");
            match self.objects.read(&name)? {
                Some(bytes) if record::unpack(&bytes).is_ok_and(|it| it == body) => {
                    return Ok(Added::Same);
                }
                Some(_) => {}
                None => {
                    if self.add_evidence(&stem, evidence)? == Created::New
                        && self.add_record(&name, &body)? == Created::New
                    {
                        return Ok(added);
                    }
                }
            }
            added = Added::Beside;
        }
        Ok(Added::Same)
    }

    fn add_record(&self, name: &str, body: &[u8]) -> Result<Created, HistoryError> {
        let packed = record::pack(body);
        let packed = packed.map_err(|cause| HistoryError::File { path: name.into(), cause })?;
        if self.objects.create(name, packed)? == Created::New {
            return Ok(Created::New);
        }
        // Somebody was faster; with the same run, both of us have written it.
        let there = self.objects.read(name)?;
        let same = there.is_some_and(|it| record::unpack(&it).is_ok_and(|it| it == body));
        Ok(if same { Created::New } else { Created::Occupied })
    }

    /// Packs and writes the evidence under `stem`; the same evidence there already is as good.
    fn add_evidence(&self, stem: &str, folder: Option<&Path>) -> Result<Created, HistoryError> {
        let Some(folder) = folder.filter(|it| it.is_dir()) else { return Ok(Created::New) };
        let failed = |cause| HistoryError::File { path: folder.to_owned(), cause };
        let mut file = self.objects.unfinished()?;
        if evidence::pack(folder, &mut file).map_err(failed)? == 0 {
            return Ok(Created::New);
        }
        let ours = hash_of(&mut file.reopen().map_err(failed)?).map_err(failed)?;
        let name = format!("evidence/{stem}{EVIDENCE}");
        if self.objects.publish(file, &name)? == Created::New {
            return Ok(Created::New);
        }
        let there = self.objects.reader(&name)?;
        let theirs = there.map(|mut it| hash_of(&mut it)).transpose().map_err(failed)?;
        Ok(if theirs == Some(ours) { Created::New } else { Created::Occupied })
    }

    /// A run in full, all its shards as one, and what could not be read of it; `None` where it is
    /// unknown.
    ///
    /// # Errors
    /// Where the history cannot be listed.
    pub fn run(&self, id: &RunId) -> Result<(Option<Run>, Vec<Problem>), HistoryError> {
        let records = self.records_of(id)?;
        let names: Vec<&str> = records.iter().map(|it| it.name.as_str()).collect();
        Ok(self.read_run(&names))
    }

    /// The records of a run, listing them only where the run is not among those listed before.
    fn records_of(&self, id: &RunId) -> Result<Vec<Object>, HistoryError> {
        let known = self.lock().get(id.as_str()).cloned();
        match known {
            Some(records) => Ok(records),
            None => Ok(self.list()?.remove(id.as_str()).unwrap_or_default()),
        }
    }

    /// All records by run, as they were last listed.
    pub(super) fn listed(&self) -> Result<BTreeMap<String, Vec<Object>>, HistoryError> {
        let known = self.lock().clone();
        if known.is_empty() { self.list() } else { Ok(known) }
    }

    /// All records by run.
    pub(super) fn list(&self) -> Result<BTreeMap<String, Vec<Object>>, HistoryError> {
        let listed = by_run(self.records()?);
        self.lock().clone_from(&listed);
        Ok(listed)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Object>>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the records of one run and makes one of them.
    fn read_run(&self, names: &[&str]) -> (Option<Run>, Vec<Problem>) {
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        for (name, content) in names.iter().zip(self.objects.read_all(names)) {
            match self.part(name, content) {
                Ok(part) => parts.push(part),
                Err(problem) => problems.push(problem),
            }
        }
        (merge(parts), problems)
    }

    /// Decodes the record of that name.
    pub(super) fn part(
        &self,
        name: &str,
        content: Result<Option<Vec<u8>>, HistoryError>,
    ) -> Result<Piece, Problem> {
        let read = content
            .map_err(|cause| cause.to_string())
            .and_then(|bytes| bytes.ok_or_else(|| "is gone".to_owned()))
            .and_then(|bytes| decode(&bytes).map_err(|cause| cause.to_string()));
        let sound = read.and_then(|it| check_name(name, &it.run.head).map(|()| it.run));
        sound
            .map(|run| Piece { suffix: suffix_of(name).to_owned(), run })
            .map_err(|reason| Problem::of_file(self.objects.place(name), reason))
    }

    /// Unpacks the evidence of a run into a folder, and says how many files came out.
    ///
    /// Evidence of a shard stands in a folder of its own, as the places of its artifacts say.
    ///
    /// # Errors
    /// Where it is damaged or `into` cannot be written; what came out before stays.
    pub fn evidence(&self, id: &RunId, into: &Path) -> Result<usize, HistoryError> {
        let mut files = 0;
        for name in self.packs_of(id)? {
            let Some(pack) = self.objects.reader(&name)? else { continue };
            let folder = into.join(suffix_of(&name));
            files += evidence::unpack(BufReader::new(pack), &folder).map_err(|cause| {
                HistoryError::File { path: self.objects.place(&name).into(), cause }
            })?;
        }
        Ok(files)
    }

    /// What the packs of evidence of a run are called, where it has any.
    pub(super) fn packs_of(&self, id: &RunId) -> Result<Vec<String>, HistoryError> {
        let records = self.records_of(id)?.into_iter();
        Ok(records.map(|it| format!("evidence/{}{EVIDENCE}", bare(&it.name))).collect())
    }

    /// All records, by name.
    pub(super) fn records(&self) -> Result<Vec<Object>, HistoryError> {
        let mut records = self.objects.list("runs")?;
        records.retain(|it| it.name.ends_with(RECORD));
        Ok(records)
    }

    /// All packs of evidence, by name.
    pub(super) fn packs(&self) -> Result<Vec<Object>, HistoryError> {
        let mut packs = self.objects.list("evidence")?;
        packs.retain(|it| it.name.ends_with(EVIDENCE));
        Ok(packs)
    }
}

/// Whether a record holds the run that its name promises.
pub(super) fn check_name(name: &str, head: &RunHead) -> Result<(), String> {
    if head.id.as_str() == run_of(name) {
        Ok(())
    } else {
        Err(format!("holds the run `{}`", head.id))
    }
}

/// The name of a run's record without folder and ending.
fn stem(run: &Run) -> String {
    let id = &run.head.id;
    let Some(shard) = &run.head.shard else { return id.to_string() };
    match slug(shard).as_str() {
        "" => format!("{id}~{}", CaseId::of([shard.as_str()])),
        slug => format!("{id}~{slug}"),
    }
}

/// Objects by the id of the run that they belong to, each in order of their names.
pub(super) fn by_run(objects: Vec<Object>) -> BTreeMap<String, Vec<Object>> {
    let mut runs: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for object in objects {
        runs.entry(run_of(&object.name).to_owned()).or_default().push(object);
    }
    runs
}

/// The id of the run that a record or evidence of this name belongs to.
pub(super) fn run_of(name: &str) -> &str {
    bare(name).split('~').next().unwrap_or_default()
}

/// What the name has after the id of the run; no id of a run has a `~`.
pub(super) fn suffix_of(name: &str) -> &str {
    bare(name).split_once('~').map_or("", |it| it.1)
}

fn bare(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.strip_suffix(RECORD).or_else(|| file.strip_suffix(EVIDENCE)).unwrap_or(file)
}

fn hash_of(file: &mut std::fs::File) -> std::io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    std::io::copy(file, &mut hasher)?;
    Ok(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attempt, Case, Outcome};

    #[test]
    fn a_bucket_holds_a_history_like_a_directory_does() {
        let store = Store { objects: Objects::in_memory(), listed: Mutex::default() };
        let line =
            r#"{"id":"gh-1","suite":"smoke","started":"2026-11-02T10:00:00Z","shard":"1/2"}"#;
        let case = Case {
            path: ["a".into()].into(),
            feature: None,
            rule: None,
            name: "b".into(),
            example: Box::default(),
            tags: std::sync::Arc::default(),
            attempts: vec![Attempt::new(Outcome::Passed)],
            measured: None,
        };
        let head = serde_json::from_str(line).unwrap();
        let mut run = Run {
            head,
            cases: vec![case],
            problems: vec![],
            metrics: crate::model::Metrics::default(),
        };
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("log.txt"), "line").unwrap();
        assert_eq!(store.add(&run, Some(folder.path())).unwrap(), Added::New);
        assert_eq!(store.add(&run, Some(folder.path())).unwrap(), Added::Same);
        run.head.suite = "other".to_owned();
        assert_eq!(store.add(&run, Some(folder.path())).unwrap(), Added::Beside);
        let first = store.past().unwrap();
        assert_eq!((first.0.runs.len(), first.1.len()), (1, 0));
        assert_eq!(store.past().unwrap(), first, "from the cache");
        assert_eq!(store.evidence(&run.head.id, out.path()).unwrap(), 2);
        let verified = store.verify().unwrap();
        assert_eq!((verified.records, verified.evidence, verified.problems), (2, 2, vec![]));
        assert!(store.run(&run.head.id).unwrap().0.is_some());
    }
}
