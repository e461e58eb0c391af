//! Same inputs, same stamp: the same bytes, whatever the machine does.

use std::{fs, os::unix::fs::MetadataExt};

use serde_json::Value;
use walkdir::WalkDir;

use crate::desk::{Desk, STAMP, assert_same_tree, samples, stderr};

const FILES: &[(&str, &str)] = &[
    ("junit/livekit/TEST-integration.xml", "b.xml"),
    ("junit/surefire/test-surefire-retry.xml", "a.xml"),
    ("junit/pytest/python-xunit-pytest.xml", "sub/c.xml"),
    ("cucumber-json/jvm-livekit.json", "d.json"),
    ("messages/retry.ndjson", "e.ndjson"),
    ("logs/livekit-console.log", "logs/livekit.log"),
];

fn filled(files: impl Iterator<Item = &'static (&'static str, &'static str)>) -> Desk {
    let desk = Desk::new();
    files.for_each(|(sample, name)| desk.sample(sample, &format!("results/{name}")));
    desk
}

#[test]
fn neither_threads_nor_the_order_of_files_show() {
    let build = |desk: &Desk, threads: &str| {
        let args = ["build", "--results", "results", "--stamp", STAMP, "--matrix", "report.md"];
        let output = desk.command(&args).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    };
    let first = filled(FILES.iter());
    build(&first, "1");
    for (desk, threads) in [(filled(FILES.iter()), "4"), (filled(FILES.iter().rev()), "2")] {
        build(&desk, threads);
        for folder in ["report", "history"] {
            assert_same_tree(&first.path(folder), &desk.path(folder));
        }
        assert_eq!(first.read("report.md"), desk.read("report.md"));
    }
}

#[test]
fn building_again_writes_nothing() {
    let desk = filled(FILES.iter());
    desk.build("results");
    let inodes = |folder: &str| -> Vec<(String, u64, i64)> {
        let files = WalkDir::new(desk.path(folder)).sort_by_file_name();
        let files = files.into_iter().map(Result::unwrap).filter(|it| it.file_type().is_file());
        files
            .map(|it| {
                let meta = fs::metadata(it.path()).unwrap();
                (it.path().display().to_string(), meta.ino(), meta.mtime_nsec())
            })
            .collect()
    };
    let before = (inodes("report"), inodes("history/runs"), inodes("history/evidence"));
    let output = desk.run(&["build", "--results", "results", "--stamp", STAMP]);
    assert!(stderr(&output).contains("wrote 0 files, "), "{}", stderr(&output));
    let after = (inodes("report"), inodes("history/runs"), inodes("history/evidence"));
    assert_eq!(before, after);
    assert_eq!(desk.ids().len(), 1);
}

#[test]
fn a_new_run_rewrites_only_what_it_changes() {
    let desk = Desk::new();
    let cases = [("a", "passed"), ("b", "failed")];
    for n in 1..=5 {
        desk.add_run(&format!("r{n}"), &format!("2026-11-1{n}T10:00:00Z"), &cases, Value::Null);
    }
    desk.build("results");
    let page = |id: &str| desk.path(&format!("report/runs/{id}/index.html"));
    let inode = |id: &str| fs::metadata(page(id)).unwrap().ino();
    let before = (inode("r1"), inode("r2"));
    desk.add_run("r6", "2026-11-20T10:00:00Z", &cases, Value::Null);
    desk.build("results");
    assert_eq!(before, (inode("r1"), inode("r2")), "pages of old runs are taken over");
    assert!(page("r6").is_file());
}

#[test]
fn the_history_alone_makes_the_same_site() {
    let desk = Desk::new();
    let results = samples().join("junit/livekit");
    desk.build(results.to_str().unwrap());
    desk.ok(&["build", "--stamp", STAMP, "--out", "again"]);
    assert_same_tree(&desk.path("report"), &desk.path("again"));
}
