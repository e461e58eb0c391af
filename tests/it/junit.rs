//! Tests of reading JUnit XML.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use lkreport::{
    ingest::{Discard, Format, Ingested, Intake, read},
    model::Outcome,
};
use lkreport_contract::mask::Masker;

fn ingest(name: &str, mut bytes: &[u8]) -> Ingested {
    let masker = Masker::default();
    read(name, &mut bytes, &mut Intake::new(&masker, &Discard))
}

/// The folder with many real reports, where it is at hand.
fn data() -> Option<PathBuf> {
    let named = std::env::var_os("LKREPORT_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = named.into_iter().chain([beside]).find(|it| it.is_dir());
    if data.is_none() {
        eprintln!("SKIPPED: no folder `../shared/data` beside the checkout and no $LKREPORT_DATA");
    }
    data
}

/// What an XML parser counted in a file.
#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Oracle {
    well_formed: bool,
    testcase: u32,
    with_failure: u32,
    with_error: u32,
    with_skipped: u32,
    plain: u32,
}

/// Files in which a case is skipped by its `status` alone, which an XML parser cannot see.
const SKIPPED_BY_STATUS: [(&str, u32); 1] =
    [("junit/action-junit-report/issues/testDisabled.xml", 10)];

/// Well-formed files that are refused.
const NOT_JUNIT: [&str; 1] = ["junit/junit-to-ctrf/not-junit.xml"];

#[test]
fn every_real_report_is_counted_as_an_xml_parser_counts_it() {
    let Some(data) = data() else { return };
    let oracle = fs::read(data.join("ORACLE.junit.json")).unwrap();
    let oracle: BTreeMap<String, Oracle> = serde_json::from_slice(&oracle).unwrap();
    let mut wrong = Vec::new();
    for (file, expected) in &oracle {
        let found = ingest(file, &fs::read(data.join(file)).unwrap());
        let of = |outcome| found.outcomes.of(outcome);
        let counted =
            (found.entries, of(Outcome::Failed), of(Outcome::Skipped), of(Outcome::Passed));
        let by_status =
            SKIPPED_BY_STATUS.iter().find(|(name, _)| name == file).map_or(0, |(_, n)| *n);
        let failed = expected.with_failure + expected.with_error;
        let wanted = (
            expected.testcase,
            failed,
            expected.with_skipped + by_status,
            expected.plain - by_status,
        );
        if !expected.well_formed {
            if found.problems.is_empty() {
                wrong.push(format!("{file}: malformed, but no problem"));
            }
        } else if file.starts_with("not-junit/") || NOT_JUNIT.contains(&file.as_str()) {
            if found.format != Format::Unknown || found.problems.len() != 1 {
                wrong.push(format!("{file}: not refused: {:?}", found.problems));
            }
        } else if counted != wanted || !found.problems.is_empty() {
            wrong.push(format!("{file}: {counted:?}, not {wanted:?}; {:?}", found.problems));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), oracle.len(), wrong.join("\n"));
}
