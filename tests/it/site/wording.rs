//! What is one is said in the singular, on every page and on the terminal.

use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::desk::{Desk, STAMP, stderr, text_of, tree};

const DAY_1: &str = "2026-11-19T10:00:00Z";
const DAY_2: &str = "2026-11-20T10:00:00Z";

fn assert_singular(place: &str, text: &str) {
    let nouns = "scenario|run|case|suite|day|line|file|place|attempt|problem|record|pack|failure";
    let plural = format!(r"\b1 (?:other )?(?:{nouns}|entrie|feature file|configuration|error)s\b");
    let verb = format!(r"\ball 1\b|\b1 (?:{nouns}) (?:are|have|were|fail)\b|\b1 of 1 \w+ are\b");
    if let Some(found) = Regex::new(&format!("(?i){plural}|{verb}")).unwrap().find(text) {
        panic!("{place}: {}: {text}", found.as_str());
    }
}

fn check_pages(desk: &Desk) {
    for (name, bytes) in tree(&desk.path("report")) {
        if Path::new(&name).extension().is_some_and(|it| it == "html") {
            // The words of the footer go with no number that stands before it.
            let page = String::from_utf8_lossy(&bytes);
            let page = page.split("<footer>").next().unwrap();
            assert_singular(&name, &text_of(page));
        }
    }
}

#[test]
fn one_of_everything() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, &[("a", "passed")], Value::Null);
    let built = ["build", "--results", "results", "--stamp", STAMP];
    assert_singular("build", &stderr(&desk.run(&built)));
    check_pages(&desk);
    let overview = text_of(&desk.read("report/index.html"));
    assert!(overview.contains("livekit 1.8.4 passes its only scenario."), "{overview}");
    assert_singular("verify", &stderr(&desk.run(&["history", "verify"])));
    assert_singular("inspect", &desk.ok(&["inspect", "results"]));
}

#[test]
fn one_more_of_everything() {
    let desk = Desk::new();
    desk.add_run("r1", DAY_1, &[("a", "passed"), ("b", "failed"), ("c", "passed")], Value::Null);
    desk.add_run("r2", DAY_2, &[("a", "failed"), ("b", "passed"), ("d", "flaky")], Value::Null);
    desk.write("results/r2/livekit.log", "2026-11-20T10:00:00Z\tERROR\tlivekit\tx.go:1\tno\n");
    desk.write("results/r2/cut.xml", "<testsuite><testcase name='e'");
    desk.write("lkreport.toml", "run_pages = 1\n");
    desk.build("results");
    check_pages(&desk);
    let gone = text_of(&desk.read("report/runs/r2/index.html"));
    assert!(gone.contains("cut short"), "{gone}");
}
