//! What becomes of a history whose writers are killed, whose disk is full, or whose files are damaged.

use std::process::{Command, Stdio};

use lkreport::history::{Store, decode, encode};
use proptest::prelude::*;
use serde_json::Value;

use super::{case, files, passed, run, store};
use crate::desk::Desk;

/// A desk whose results make more records and evidence than a writer gets to before it is killed.
fn long_work() -> Desk {
    let desk = Desk::new();
    let names: Vec<String> = (0..200).map(|n| format!("case {n}")).collect();
    let outcome = |n: usize| if n == 0 { "failed" } else { "passed" };
    let cases: Vec<(&str, &str)> =
        names.iter().enumerate().map(|(n, it)| (it.as_str(), outcome(n))).collect();
    for n in 0..30 {
        let id = format!("run-{n}");
        desk.add_run(&id, "2026-11-02T10:00:00Z", &cases, Value::Null);
        let log = "2026-11-02T10:00:00Z\tERROR\tlivekit\tservice/rtc.go:1\tno track\n";
        desk.write(&format!("results/{id}/livekit.log"), log.repeat(900));
    }
    desk
}

#[test]
fn a_killed_writer_leaves_no_half_record() {
    let desk = long_work();
    let dir = desk.path("history");
    let mut caught = 0;
    for round in 1..=8 {
        let mut writer = desk.command(&["history", "add", "--results", "results"]);
        let mut child = writer.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Unfinished files count too, so each round the writer dies with another one just begun.
        while files(&dir).len() < round && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let left = files(&dir);
        assert!(left.iter().all(|it| !it.contains('#')), "{left:?}");
        caught += left.iter().filter(|it| it.contains("/.un")).count();
        let store = store(&dir);
        let verified = store.verify().unwrap();
        assert_eq!(verified.problems, []);
        assert!(verified.unclaimed <= 1, "at most the evidence of the run that was being added");
        let (past, problems) = store.past().unwrap();
        assert_eq!(problems, []);
        assert_eq!(past.runs.len(), verified.runs);
        std::fs::remove_dir_all(&dir).unwrap();
    }
    println!("{caught} files were unfinished when their writer was killed");
}

/// A tiny file system of its own, where the system lets us have one.
struct TinyDisk(tempfile::TempDir);

impl TinyDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=128k", "tmpfs"])
            .arg(dir.path())
            .output();
        mount.is_ok_and(|it| it.status.success()).then_some(Self(dir))
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).status().ok();
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_the_history_whole() {
    let Some(disk) = TinyDisk::mount() else {
        eprintln!("SKIPPED: no tiny file system can be mounted here, so no disk can be filled");
        return;
    };
    let store = store(disk.0.path());
    let failed = (0..1_000).find_map(|n| {
        let mut run = run(&format!("run-{n}"), "2026-11-02T10:00:00Z");
        let name = |it: u32| blake3::hash(&(n * 1_000 + it).to_le_bytes()).to_hex().to_string();
        run.cases.extend((0..50).map(|it| case(&name(it), vec![passed(1)])));
        store.add(&run, None).err().map(|error| (n, error.to_string()))
    });
    let (added, error) = failed.expect("the disk fills up");
    assert!(error.contains(&format!("run-{added}.ndjson.zst")), "{error}");
    assert!(error.contains("No space left"), "{error}");
    let verified = store.verify().unwrap();
    assert_eq!((verified.records, verified.problems), (added as usize, vec![]));
    let (past, problems) = store.past().unwrap();
    assert_eq!((past.runs.len(), problems), (added as usize, vec![]), "though no cache fits");
    let evidence = tempfile::tempdir().unwrap();
    std::fs::write(evidence.path().join("a"), format!("{past:?}")).unwrap();
    let error = store.add(&run("more", "2026-11-02T10:00:00Z"), Some(evidence.path()));
    assert!(error.unwrap_err().to_string().contains("No space left"));
    assert_eq!(store.verify().unwrap().problems, []);
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    for place in [file.to_str().unwrap(), "gopher://history/x"] {
        let error = Store::open(place).err().unwrap().to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn every_cut_of_a_record_shows() {
    let whole = encode(&run("gh-1", "2026-11-02T10:00:00Z"), &[]).unwrap();
    assert!(decode(&whole).is_ok());
    for length in 0..whole.len() {
        assert!(decode(&whole[..length]).is_err(), "cut to {length} bytes");
    }
    let body = zstd::decode_all(whole.as_slice()).unwrap();
    for length in 0..body.len() - 1 {
        let packed = zstd::encode_all(&body[..length], 1).unwrap();
        assert!(decode(&packed).is_err(), "lines cut to {length} bytes");
    }
}

#[test]
fn records_of_newer_versions_are_read_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let body = concat!(
        r#"{"lkreport":{"record":7,"more":1},"id":"gh-1","suite":"smoke","started":"2020-01-01T00:00:00Z","moon":"full"}"#,
        "\n",
        r#"{"path":["a"],"name":"b","outcome":"sublime","mood":{"x":[1]},"ms":12}"#,
        "\n",
        r#"{"weather":{"rain":true}}"#,
        "\n",
        r#"{"end":{"cases":1,"weather":1}}"#,
        "\n",
    );
    let month = dir.path().join("runs/2020/01");
    std::fs::create_dir_all(&month).unwrap();
    let packed = zstd::encode_all(body.as_bytes(), 3).unwrap();
    std::fs::write(month.join("gh-1.ndjson.zst"), &packed).unwrap();
    let record = decode(&packed).unwrap();
    assert_eq!((record.version, record.extras.len()), (7, 1));
    assert_eq!(record.run.cases[0].outcome().word(), "unknown");

    let store = store(dir.path());
    for n in 1..=9 {
        store.add(&run(&format!("new-{n}"), &format!("2026-01-0{n}T00:00:00Z")), None).unwrap();
    }
    let policy = lkreport::history::Policy { budget: Some(1), ..Default::default() };
    let pruning = store.prune(&policy, false).unwrap();
    assert_eq!(pruning.newer.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["gh-1"]);
    assert_eq!(store.past().unwrap().0.runs.len(), 2, "the newer record and the newest run");
}

#[test]
fn records_that_others_wrote_in_their_own_way_say_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let month = dir.path().join("runs/2026/01");
    std::fs::create_dir_all(&month).unwrap();
    for (n, line) in [
        r#"{"path":["a"],"name":"b","outcome":"failed","ms":5}"#,
        r#"{"path": ["a"], "name": "b", "outcome": "failed", "ms": 5}"#,
        r#"{"name":"b","ms":5,"outcome":"failed","path":["a"]}"#,
        r#"{"path":["a"],"ms":5,"outcome" : "failed","name":"b"}"#,
        r#"{"path":["a"],"name":"b","moon":["ms","outcome"],"ms":5.0,"outcome":"failed"}"#,
    ]
    .iter()
    .enumerate()
    {
        let head = format!(
            r#"{{"lkreport":{{"record":1}},"id":"gh-{n}","suite":"s","started":"2026-01-01T00:00:00Z"}}"#
        );
        let plain = r#"{"path":["c,\"ms\":1"],"name":"ms"}"#;
        let body = format!("{head}\n{plain}\n{line}\n{{\"end\":{{\"cases\":2}}}}\n");
        let packed = zstd::encode_all(body.as_bytes(), 1).unwrap();
        std::fs::write(month.join(format!("gh-{n}.ndjson.zst")), packed).unwrap();
    }
    let (past, problems) = store(dir.path()).past().unwrap();
    assert_eq!((past.runs.len(), past.cases.len(), problems), (5, 2, vec![]));
    for run in &past.runs {
        assert_eq!(run.results, past.runs[0].results);
        assert_eq!((run.results[0].outcome.word(), run.results[0].millis), ("failed", 5));
        assert_eq!(run.results[1].outcome.word(), "passed");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(&bytes);
        let packed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
        prop_assert!(decode(&packed).is_err());
    }

    #[test]
    fn damaged_lines_are_read_without_panic(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let whole = encode(&run("gh-1", "2026-11-02T10:00:00Z"), &[]).unwrap();
        let mut body = zstd::decode_all(whole.as_slice()).unwrap();
        for (at, byte) in cuts {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let _ = decode(&zstd::encode_all(body.as_slice(), 1).unwrap());
    }

    #[test]
    fn a_damaged_cache_is_rebuilt(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        store.add(&run("gh-1", "2026-11-02T10:00:00Z"), None).unwrap();
        let past = store.past().unwrap();
        let cache = dir.path().join("cache/past-v1/2026-11.zst");
        let mut bytes = std::fs::read(&cache).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(bytes.len() - usize::from(byte % 3));
        std::fs::write(&cache, bytes).unwrap();
        prop_assert_eq!(store.past().unwrap(), past);
    }
}
