//! All records of a history become its past; a cache saves reading those that were read before.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

use rayon::prelude::*;

use super::{
    Failing, HistoryError, Known, Past, PastRun, Store,
    cache::{self, Cached},
    merge::merge,
    objects::Object,
    outline,
    store::check_name,
    table::{self, Table},
};
use crate::model::{Problem, Run, Shape};

/// How many bytes of records are read before they are decoded, so that memory stays bounded.
const AT_ONCE: u64 = 16 << 20;

/// The contents of records, as they were read.
type Contents = Vec<Result<Option<Vec<u8>>, HistoryError>>;

/// What came of reading the records of one run.
struct Loaded {
    run: Option<PastRun>,
    /// The records that were sound; a run with others is read again the next time.
    sound: Vec<Object>,
    problems: Vec<Problem>,
}

impl Store {
    /// The past: every run of the history, and what could not be read of it.
    ///
    /// The same records give the same past, whatever the order in which they are found, the number
    /// of threads, and whether there is a cache. The cache is written where it was out of date and
    /// can be written.
    ///
    /// # Errors
    /// Where the history cannot be listed.
    pub fn past(&self) -> Result<(Past, Vec<Problem>), HistoryError> {
        self.past_with(&[])
    }

    /// The same past, where the runs in `fresh` were added just before and need not be read again.
    ///
    /// # Errors
    /// Where the history cannot be listed.
    pub fn past_with(&self, fresh: &[Run]) -> Result<(Past, Vec<Problem>), HistoryError> {
        let (wanted, (table, cached)) = rayon::join(|| self.list(), || self.cached());
        let mut known: HashMap<Vec<Object>, PastRun> =
            cached.into_iter().map(|it| (it.records, it.run)).collect();
        let (mut runs, mut missing) = (Vec::new(), Vec::new());
        for records in wanted?.into_values() {
            match known.remove(&records) {
                Some(run) => runs.push(Cached { records, run }),
                None => missing.push(records),
            }
        }
        let changed = missing.iter().chain(known.keys()).map(|it| cache::file_of(it));
        let stale: BTreeSet<String> = changed.collect();
        let table = RwLock::new(table);
        missing.retain(|records| {
            let run = outline_fresh(fresh, records, &table);
            let is_missing = run.is_none();
            runs.extend(run.map(|run| Cached { records: records.clone(), run }));
            is_missing
        });
        let problems = self.read_missing(&missing, &table, &mut runs);
        runs.sort_by(|a, b| {
            (a.run.head.started, &a.run.head.id).cmp(&(b.run.head.started, &b.run.head.id))
        });
        let (records, mut runs): (Vec<_>, Vec<_>) =
            runs.into_iter().map(|it| (it.records, it.run)).unzip();
        let table = table.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (cases, shapes) = table.settle(&mut runs);
        self.write_cache(&stale, (&cases, &shapes), &records, &runs);
        let cases = as_last_seen(cases, &mut runs);
        Ok((Past { cases, runs, shapes, ..Past::default() }, problems))
    }

    /// The runs that the cache has, and the cases that they point to.
    fn cached(&self) -> (Table, Vec<Cached>) {
        let files = self.objects.list(cache::FOLDER).unwrap_or_default();
        let names: Vec<&str> = files.iter().map(|it| it.name.as_str()).collect();
        let contents = self.objects.read_all(&names).into_par_iter();
        let sound: Vec<_> = contents.filter_map(|it| cache::decode(&it.ok().flatten()?)).collect();
        let (mut table, mut all) = (Table::default(), Vec::new());
        for (cases, shapes, mut runs) in sound {
            let places: Vec<u32> = cases.into_iter().map(|it| table.adopt(it)).collect();
            let shapes: Vec<u32> = shapes.into_iter().map(|it| table.shape(it)).collect();
            for Cached { run, .. } in &mut runs {
                run.results.iter_mut().for_each(|it| it.case = places[it.case as usize]);
                for it in &mut run.failures {
                    *it = Failing {
                        case: places[it.case as usize],
                        shape: shapes[it.shape as usize],
                    };
                }
                run.measured.iter_mut().for_each(|it| it.case = places[it.case as usize]);
            }
            all.append(&mut runs);
        }
        (table, all)
    }

    /// Reads the runs that no cache has, some at a time.
    fn read_missing(
        &self,
        mut missing: &[Vec<Object>],
        table: &RwLock<Table>,
        runs: &mut Vec<Cached>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        while !missing.is_empty() {
            let (some, rest) = missing.split_at(as_many_as_fit(missing));
            missing = rest;
            for Loaded { run, sound: records, problems: more } in self.read_some(some, table) {
                runs.extend(run.map(|run| Cached { records, run }));
                problems.extend(more);
            }
        }
        problems.sort();
        problems
    }

    fn read_some(&self, runs: &[Vec<Object>], table: &RwLock<Table>) -> Vec<Loaded> {
        let names: Vec<&str> = runs.iter().flatten().map(|it| it.name.as_str()).collect();
        let mut contents = self.objects.read_all(&names).into_iter();
        let mut with_contents: Vec<(&[Object], Contents)> = Vec::with_capacity(runs.len());
        for records in runs {
            with_contents.push((records, contents.by_ref().take(records.len()).collect()));
        }
        let with_contents = with_contents.into_par_iter();
        with_contents.map(|(records, contents)| self.load(records, contents, table)).collect()
    }

    fn load(&self, records: &[Object], contents: Contents, table: &RwLock<Table>) -> Loaded {
        if let ([record], [Ok(Some(bytes))]) = (records, contents.as_slice())
            && let Ok(Some(run)) = outline::of_record(bytes, table)
            && check_name(&record.name, &run.head).is_ok()
        {
            return Loaded { run: Some(run), sound: records.to_vec(), problems: Vec::new() };
        }
        let (mut parts, mut sound, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (record, content) in records.iter().zip(contents) {
            match self.part(&record.name, content) {
                Ok(part) => {
                    parts.push(part);
                    sound.push(record.clone());
                }
                Err(problem) => problems.push(problem),
            }
        }
        let run = merge(parts).and_then(|run| outline::of_run(&run, table));
        Loaded { run, sound, problems }
    }

    /// Writes these files of the cache where that is possible; without them, the next time takes longer.
    fn write_cache(
        &self,
        stale: &BTreeSet<String>,
        known: (&[Known], &[Shape]),
        records: &[Vec<Object>],
        runs: &[PastRun],
    ) {
        let mut files: BTreeMap<&str, Vec<(&[Object], &PastRun)>> =
            stale.iter().map(|it| (it.as_str(), Vec::new())).collect();
        if files.is_empty() || self.objects.replace("cache/.gitignore", b"*\n".to_vec()).is_err() {
            return;
        }
        for (records, run) in records.iter().zip(runs) {
            if let Some(file) = files.get_mut(cache::file_of(records).as_str()) {
                file.push((records, run));
            }
        }
        files.into_par_iter().for_each(|(file, runs)| {
            let _ = match cache::encode(known, &runs) {
                Ok(bytes) if !runs.is_empty() => self.objects.replace(file, bytes),
                _ => self.objects.delete(file),
            };
        });
    }
}

/// Outlines a run that was added just before, if these are its records.
///
/// A second record would say that somebody told the run otherwise; of one alone it is certain that
/// it says what was added.
fn outline_fresh(fresh: &[Run], records: &[Object], table: &RwLock<Table>) -> Option<PastRun> {
    let [record] = records else { return None };
    let run = fresh.iter().find(|it| check_name(&record.name, &it.head).is_ok())?;
    outline::of_run(run, table)
}

/// How many of the runs are read at once: at least one.
fn as_many_as_fit(runs: &[Vec<Object>]) -> usize {
    let sizes = runs.iter().map(|it| it.iter().map(|it| it.bytes).sum::<u64>());
    let sums = sizes.scan(0_u64, |sum, bytes| {
        *sum = sum.saturating_add(bytes);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= AT_ONCE).count().max(1)
}

/// Makes one case of all that have one id: as it was in the last of `runs` that has it.
fn as_last_seen(cases: Vec<Known>, runs: &mut [PastRun]) -> Vec<Known> {
    if cases.is_sorted_by(|a, b| a.id != b.id) {
        return cases;
    }
    let mut last = vec![0; cases.len()];
    for (at, run) in runs.iter().enumerate() {
        run.results.iter().for_each(|it| last[it.case as usize] = at);
    }
    let mut places = Vec::with_capacity(cases.len());
    let mut kept: Vec<(Known, usize)> = Vec::with_capacity(cases.len());
    for (case, last) in cases.into_iter().zip(last) {
        match kept.last_mut() {
            Some(before) if before.0.id == case.id => {
                if last > before.1 {
                    *before = (case, last);
                }
            }
            _ => kept.push((case, last)),
        }
        places.push(u32::try_from(kept.len() - 1).expect("fewer than there were places"));
    }
    table::point(runs, &places);
    kept.into_iter().map(|it| it.0).collect()
}
