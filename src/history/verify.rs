//! Reads a whole history and says what of it is damaged. Changes nothing.

use std::{collections::BTreeSet, io::BufReader};

use rayon::prelude::*;
use serde::Serialize;

use super::{
    HistoryError, Store, evidence,
    objects::Object,
    record::{self, RECORD_VERSION},
    store::{check_name, run_of},
};
use crate::model::Problem;

/// How many records are read before they are checked.
const AT_ONCE: usize = 256;

/// What a history holds, and what of it is damaged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many records there are, damaged ones included.
    pub records: usize,
    /// How many runs the names of the records stand for.
    pub runs: usize,
    /// How many cases the sound records hold.
    pub cases: usize,
    /// How many sound records a newer version of lkreport wrote.
    pub newer: usize,
    /// How many packs of evidence there are, damaged ones included.
    pub evidence: usize,
    /// How many packs of evidence belong to no record, as a killed writer leaves them; harmless.
    pub unclaimed: usize,
    /// How many unfinished files there are, of writers that were killed or are at work; harmless.
    pub leftovers: usize,
    /// The size of records and evidence in bytes.
    pub bytes: u64,
    /// What is damaged.
    pub problems: Vec<Problem>,
}

impl Store {
    /// Checks each record (frame, schema, end, name, folder) and each pack of evidence.
    ///
    /// # Errors
    /// Where the history cannot be listed.
    pub fn verify(&self) -> Result<Verified, HistoryError> {
        let records = self.records()?;
        let evidence = self.packs()?;
        let runs: BTreeSet<&str> = records.iter().map(|it| run_of(&it.name)).collect();
        let mut verified = Verified {
            records: records.len(),
            runs: runs.len(),
            evidence: evidence.len(),
            unclaimed: evidence.iter().filter(|it| !runs.contains(run_of(&it.name))).count(),
            leftovers: self.objects.leftovers().len(),
            bytes: records.iter().chain(&evidence).map(|it| it.bytes).sum(),
            ..Verified::default()
        };
        for some in records.chunks(AT_ONCE) {
            self.verify_records(some, &mut verified);
        }
        let damaged = evidence.par_iter().filter_map(|it| {
            let reason = self.check_evidence(&it.name).err()?;
            Some(Problem::of_file(self.objects.place(&it.name), reason))
        });
        verified.problems.par_extend(damaged);
        verified.problems.sort();
        Ok(verified)
    }

    fn verify_records(&self, records: &[Object], verified: &mut Verified) {
        let names: Vec<&str> = records.iter().map(|it| it.name.as_str()).collect();
        let contents = self.objects.read_all(&names);
        let checked: Vec<_> = (names.into_par_iter().zip(contents))
            .map(|(name, content)| {
                let bytes = content.map_err(|cause| cause.to_string())?;
                check_record(name, &bytes.ok_or("is gone")?)
            })
            .collect();
        for (record, checked) in records.iter().zip(checked) {
            match checked {
                Ok((cases, version)) => {
                    verified.cases += cases;
                    verified.newer += usize::from(version > RECORD_VERSION);
                }
                Err(reason) => {
                    let place = self.objects.place(&record.name);
                    verified.problems.push(Problem::of_file(place, reason));
                }
            }
        }
    }

    fn check_evidence(&self, name: &str) -> Result<usize, String> {
        let pack = self.objects.reader(name).map_err(|cause| cause.to_string())?;
        evidence::check(BufReader::new(pack.ok_or("is gone")?)).map_err(|cause| cause.to_string())
    }
}

/// How many cases a sound record holds, and its version; else what is wrong with it.
fn check_record(name: &str, bytes: &[u8]) -> Result<(usize, u32), String> {
    let record = record::decode(bytes).map_err(|cause| cause.to_string())?;
    check_name(name, &record.run.head)?;
    let folder = record::folder(record.run.head.started);
    if name.rsplit_once('/').is_none_or(|(stands, _)| stands != folder) {
        return Err(format!("belongs into {folder}"));
    }
    Ok((record.run.cases.len(), record.version))
}
