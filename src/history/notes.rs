//! Notes: what somebody found out about runs, remembered beside them under `cache/`.
//!
//! Notes are never trusted and never asked for: they can be deleted at any time, and whoever wrote them
//! compares [fingerprints](Store::fingerprints) before using them again.

use std::{collections::BTreeMap, io::BufReader};

use super::{
    HistoryError, Store, evidence,
    store::{by_run, suffix_of},
};
use crate::model::RunId;

impl Store {
    /// For each run, a text that changes when one of its records or packs of evidence comes or goes.
    ///
    /// # Errors
    /// Where the history cannot be listed.
    pub fn fingerprints(&self) -> Result<BTreeMap<String, String>, HistoryError> {
        let mut objects = self.listed()?;
        for (run, packs) in by_run(self.packs()?) {
            objects.entry(run).or_default().extend(packs);
        }
        let print = |(run, objects): (String, Vec<super::objects::Object>)| {
            let mut hasher = blake3::Hasher::new();
            for it in objects {
                hasher.update(it.name.as_bytes()).update(&[0]).update(&it.bytes.to_le_bytes());
            }
            (run, hasher.finalize().to_hex()[..16].to_owned())
        };
        Ok(objects.into_iter().map(print).collect())
    }

    /// The notes of this name; none where there are none, or they cannot be read.
    #[must_use]
    pub fn notes(&self, name: &str) -> Option<Vec<u8>> {
        let packed = self.objects.read(&place(name)).ok().flatten()?;
        zstd::decode_all(packed.as_slice()).ok()
    }

    /// Writes notes where that is possible; without them, the next time takes longer.
    pub fn note(&self, name: &str, bytes: &[u8]) {
        let _ = self.objects.replace("cache/.gitignore", b"*\n".to_vec());
        if let Ok(packed) = zstd::encode_all(bytes, 3) {
            let _ = self.objects.replace(&place(name), packed);
        }
    }

    /// The kept logs of a run with their names, as far as they can be read.
    #[must_use]
    pub fn logs(&self, id: &RunId) -> Vec<(String, String)> {
        let packs = self.packs_of(id).unwrap_or_default();
        let mut logs = Vec::new();
        for name in packs {
            let Ok(Some(pack)) = self.objects.reader(&name) else { continue };
            let found = evidence::logs(BufReader::new(pack));
            let shard = suffix_of(&name);
            let joint = if shard.is_empty() { "" } else { "/" };
            logs.extend(
                found.into_iter().map(|(log, text)| (format!("{shard}{joint}{log}"), text)),
            );
        }
        logs
    }
}

fn place(name: &str) -> String {
    format!("cache/{name}.zst")
}
