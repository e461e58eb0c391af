//! Cucumber JSON and Cucumber messages, read through the border of the ingest room.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use lkreport::ingest::{Evidence, Ingested, Intake, read};
use lkreport_contract::mask::Masker;
use serde_json::Value;

/// Keeps in memory what a run would keep on disk.
#[derive(Default)]
struct Kept(Mutex<Vec<(String, String, Vec<u8>)>>);

impl Evidence for Kept {
    fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        let mut kept = self.0.lock().unwrap();
        kept.push((name.to_owned(), media_type.to_owned(), bytes.to_owned()));
        Some(format!("{}-{name}", kept.len()).into())
    }
}

fn ingest_bytes(name: &str, mut bytes: &[u8], kept: &Kept) -> Ingested {
    let masker = Masker::default();
    read(name, &mut bytes, &mut Intake::new(&masker, kept))
}

fn ingest(path: &Path) -> Ingested {
    ingest_bytes(&path.display().to_string(), &fs::read(path).unwrap(), &Kept::default())
}

/// The large collection of real reports, which does not belong to the repository.
fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = env::var_os("LKREPORT_DATA").map_or_else(beside, PathBuf::from);
    let found = data.is_dir();
    if !found {
        println!("SKIPPED: no data at {}; set LKREPORT_DATA", data.display());
    }
    found.then_some(data)
}

fn oracle(data: &Path, name: &str) -> BTreeMap<String, Value> {
    serde_json::from_slice(&fs::read(data.join(name)).unwrap()).unwrap()
}

#[test]
fn every_report_agrees_with_the_oracle() {
    let Some(data) = data() else { return };
    for (file, expected) in oracle(&data, "ORACLE.cucumber-json.json") {
        let ingested = ingest(&data.join(&file));
        let number = |key: &str| expected[key].as_u64().unwrap_or(0);
        assert_eq!(u64::from(ingested.entries), number("scenarios"), "{file}");
        let is_json = expected["json"] == true;
        assert_eq!(ingested.runs, u32::from(is_json), "{file}");
    }
}

#[test]
fn every_stream_of_messages_agrees_with_the_oracle() {
    let Some(data) = data() else { return };
    for (file, expected) in oracle(&data, "ORACLE.messages.json") {
        let ingested = ingest(&data.join(&file));
        // A scenario without steps has proved nothing.
        let word = |it: &str| if it == "(no steps)" { "unknown".into() } else { it.to_lowercase() };
        let statuses = expected["final_attempts_by_worst_status"].as_object().unwrap();
        let statuses = statuses.iter().map(|(status, n)| (word(status), n.as_u64().unwrap()));
        let ours = ingested.outcomes.iter().map(|(it, n)| (it.word().to_owned(), u64::from(n)));
        assert_eq!(ours.collect::<BTreeMap<_, _>>(), statuses.collect(), "{file}");
        let attempts: usize = ingested.cases.iter().map(|it| it.attempts.len()).sum();
        let retried = expected["retried_attempts"].as_u64().unwrap();
        assert_eq!((attempts - ingested.cases.len()) as u64, retried, "{file}");
        assert_eq!(
            ingested.cases.len() as u32,
            ingested.entries,
            "{file}: identities are distinct"
        );
        assert_eq!((ingested.runs, ingested.said.cut_short), (1, false), "{file}");
        let is_bad = ingested.outcomes.failing() > 0 || ingested.said.failed_outside_cases;
        assert_eq!(expected["testRunFinished.success"] == false, is_bad, "{file}");
    }
}
