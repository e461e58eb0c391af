//! Known issues: the bundled catalogue, what it recognises in real logs, and files that are wrong.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use flate2::{Compression, write::GzEncoder};
use lkreport::{
    ingest::{entry_at, line_at},
    issues::{Catalogue, Matcher},
};
use proptest::prelude::*;
use serde_json::Value;

use crate::desk::{Desk, root, samples, stderr, stdout};

/// What `explain` finds in a log, by id.
fn found(desk: &Desk, args: &[&str]) -> Vec<(String, Value)> {
    let said = desk.ok(&[&["explain", "--json"], args].concat());
    let findings: Vec<Value> = serde_json::from_str(&said).unwrap();
    findings.into_iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it)).collect()
}

fn ids(found: &[(String, Value)]) -> Vec<&str> {
    found.iter().map(|it| it.0.as_str()).collect()
}

fn bundled() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("known-issues")).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<(String, String)> =
        files.map(|it| (it.display().to_string(), fs::read_to_string(&it).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn every_bundled_issue_is_right_and_named_like_its_file() {
    let files = bundled();
    let (catalogue, faults) = Catalogue::read(files.iter().map(|(name, it)| (&**name, &**it)));
    assert_eq!(faults, []);
    assert_eq!(catalogue.issues().len(), files.len());
    assert!(files.len() >= 40, "{} issues", files.len());
    for (issue, (name, _)) in catalogue.issues().iter().zip(&files) {
        assert_eq!(Path::new(name).file_stem().unwrap(), &*issue.id);
        assert!(!issue.links.is_empty(), "{}: no source", issue.id);
        assert!(issue.links.iter().all(|it| it.starts_with("https://")), "{}", issue.id);
    }
}

#[test]
fn a_real_log_is_explained_with_places_versions_and_what_to_do() {
    let desk = Desk::new();
    desk.sample("logs/livekit-console.log", "livekit.log");
    let found = found(&desk, &["livekit.log"]);
    assert_eq!(ids(&found), ["LK-063", "LK-056"]);
    let place = &found[0].1["places"][0];
    assert_eq!(place["file"], "livekit.log");
    let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
    let text = fs::read_to_string(samples().join("logs/livekit-console.log")).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("not connected (redis required)"));
    let said = desk.ok(&["explain", "livekit.log"]);
    assert!(said.starts_with("Versions: livekit 1.8.4\n"), "{said}");
    assert!(said.contains("Give the server and the service the same Redis."), "{said}");
}

/// What stands in logs that are not part of this repository, by file; the others hold nothing known.
const FOREIGN: &[(&str, &[&str])] = &[
    ("quoted-from-issues/agents-349.mixed.log", &["LK-041"]),
    ("quoted-from-issues/egress-884.cpu-check.jsonl", &["LK-079"]),
    ("quoted-from-issues/ingress-3702.log", &["LK-085"]),
    ("quoted-from-issues/livekit-1901.compose.log", &["LK-017"]),
    ("quoted-from-issues/livekit-3115.panic-compose.log", &["LK-004"]),
    ("quoted-from-issues/livekit-4149.dtls-timeout.log", &["LK-013"]),
    ("quoted-from-issues/sip-400.multiline-fields.log", &["LK-090"]),
    ("real-run/livekit-server-1.8.4/external-ip-unresolvable.log", &["LK-022"]),
    ("real-run/livekit-server-1.8.4/no-keys.log", &["LK-019"]),
    ("real-run/livekit-server-1.8.4/port-in-use.log", &["LK-024"]),
    ("real-run/livekit-server-1.8.4/redis-nxdomain.log", &["LK-017"]),
    ("real-run/livekit-server-1.8.4/redis-outage-json.log", &["LK-027"]),
    ("real-run/livekit-server-1.8.4/redis-refused.log", &["LK-017"]),
    ("real-run/livekit-server-1.8.4/session-console-debug.log", &["LK-063"]),
    ("real-run/livekit-server-1.8.4/session-json-debug.log", &["LK-056", "LK-063"]),
    ("real-run/livekit-server-1.8.4/short-secret.log", &["LK-018"]),
    ("real-run/livekit-server-1.8.4/webhook-bad-key.log", &["LK-020"]),
    ("real-run/livekit-server-1.8.4/webhook-refused.log", &["LK-033", "LK-056", "LK-063"]),
];

#[test]
fn nothing_else_is_found_in_the_logs_of_others() {
    let folder = root().join("../shared/data/logs");
    if !folder.is_dir() {
        println!("SKIPPED: {} is not there, so no foreign log was searched", folder.display());
        return;
    }
    let files = walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter();
    let files: Vec<PathBuf> = (files.map(Result::unwrap))
        .filter(|it| it.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let args: Vec<&str> = files.iter().map(|it| it.to_str().unwrap()).collect();
    let found = found(&Desk::new(), &args);
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        let is_there = |it: &Value| {
            it["places"].as_array().unwrap().iter().any(|it| it["file"] == *file.to_str().unwrap())
        };
        let mut found: Vec<&str> =
            found.iter().filter(|it| is_there(&it.1)).map(|it| it.0.as_str()).collect();
        found.sort_unstable();
        let expected = FOREIGN.iter().find(|it| it.0 == name).map_or(&[][..], |it| it.1);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn packed_logs_and_standard_input_are_searched_too() {
    let desk = Desk::new();
    let line = "livekit-1  | one of key-file or keys must be provided\n";
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut packed, line.as_bytes()).unwrap();
    desk.write("a.log.gz", packed.finish().unwrap());
    assert_eq!(ids(&found(&desk, &["a.log.gz"])), ["LK-019"]);
    let mut command = assert_cmd::Command::from_std(desk.command(&["explain", "-"]));
    let output = command.write_stdin(line).output().unwrap();
    assert!(stdout(&output).contains("standard input:1: livekit-1"), "{}", stdout(&output));
}

/// A text in UTF-16 with its mark, in the order of bytes that is asked for.
pub(crate) fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = std::iter::once(0xfeff).chain(text.encode_utf16());
    marked.flat_map(order).collect()
}

#[test]
fn logs_of_any_encoding_are_searched() {
    let desk = Desk::new();
    desk.write(
        "known-issues/a.yaml",
        issue("  any:\n    - log: ' boom\\r?$'\n")
            + EXAMPLES.replace("boom", "\"a boom\"").as_str(),
    );
    let text = "[ERROR] café boom\r\n[INFO] quiet 🦀\r\n[ERROR] café boom\r\n";
    let latin: Vec<u8> = text.replace('🦀', "?").chars().map(|it| it as u8).collect();
    let torn =
        [&b"\xff\xfe\0\0\n"[..], b"[INFO] \xc3\x28 \0\n", text.as_bytes(), b"\xe2\x82"].concat();
    for (name, bytes, lines) in [
        ("little.log", utf16(text, u16::to_le_bytes), [1, 3]),
        ("big.log", utf16(text, u16::to_be_bytes), [1, 3]),
        ("marked.log", format!("\u{feff}{text}").into_bytes(), [1, 3]),
        ("latin.log", latin, [1, 3]),
        ("torn.log", torn[2..].to_vec(), [3, 5]),
        ("odd.log", [utf16(text, u16::to_le_bytes), vec![b'x']].concat(), [1, 3]),
    ] {
        desk.write(name, bytes);
        let all = found(&desk, &[name]);
        assert_eq!(ids(&all), ["X-1"], "{name}");
        let places = all[0].1["places"].as_array().unwrap();
        let found: Vec<&Value> = places.iter().map(|it| &it["line"]).collect();
        assert_eq!(found, [lines[0], lines[1]], "{name}: {places:?}");
    }
}

#[test]
fn an_entry_on_the_border_of_two_blocks_stays_whole() {
    let desk = Desk::new();
    let text = issue("  any:\n    - log: '(?s)panic: boom.*goroutine 7'\n");
    let examples = "examples:\n  match: [\"panic: boom\\ngoroutine 7\"]\n  no_match: [quiet]\n";
    desk.write("known-issues/a.yaml", text + examples);
    let entry = "panic: boom\n\ngoroutine 7 [running]:\nmain.main()\n";
    // Blocks have 4 MiB: the border falls into each line of the entry, and before and behind it.
    for before in [0, 5, 12, 20, entry.len()] {
        let line = format!("2026-11-17T10:00:00Z\tINFO\tlivekit\tx.go:1\t{}\n", "x".repeat(1_000));
        let mut log = line.repeat((4 << 20) / line.len() - 2);
        let lines = log.lines().count() as u64;
        let left = (4 << 20) - log.len() - before - 1;
        log += &format!("{}\n{entry}{line}", "y".repeat(left));
        desk.write("a.log", &log);
        let found = found(&desk, &["a.log"]);
        assert_eq!(ids(&found), ["X-1"], "{before}");
        assert_eq!(found[0].1["entries"], 1, "{before}");
        assert_eq!(found[0].1["places"][0]["line"], lines + 2, "{before}");
    }
}

#[test]
fn a_fix_in_the_version_that_took_part_is_said() {
    let desk = Desk::new();
    desk.write("a.log", "fatal error: concurrent map writes\n");
    let applies = |version: &str| {
        let found = found(&desk, &["a.log", "--version", &format!("livekit={version}")]);
        let it = &found[0].1;
        (it["applies"].as_str().unwrap().to_owned(), it["fixed"].as_bool().unwrap())
    };
    assert_eq!(applies("1.9.6"), ("yes".to_owned(), false));
    assert_eq!(applies("1.9.5"), ("no".to_owned(), false));
    assert_eq!(applies("1.9.7"), ("no".to_owned(), true));
    assert_eq!(applies("latest"), ("unknown".to_owned(), false));
}

#[test]
fn a_page_says_the_same_and_runs_nothing() {
    let desk = Desk::new();
    let line = "one of key-file or keys must be provided <script>alert(1)</script>\n";
    desk.write("a.log", line);
    assert_eq!(desk.ok(&["explain", "a.log", "--html", "a.html"]), "");
    let page = desk.read("a.html");
    assert!(!page.contains("<script"), "{page}");
    let text = crate::desk::text_of(&page);
    assert!(text.contains("1 line of 1 log looked for"), "{text}");
    assert!(text.contains("LK-019 Server does not start without API keys"), "{text}");
    assert!(text.contains("a.log:1"), "{text}");
}

#[test]
fn secrets_in_a_log_are_not_shown() {
    let desk = Desk::new();
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkifQ.c2lnbmF0dXJlc2lnbmF0dXJl";
    desk.write("a.log", format!("could not establish pc connection with {jwt}\n"));
    let said = desk.ok(&["explain", "a.log"]);
    assert!(said.contains("could not establish pc connection with"), "{said}");
    assert!(!said.contains("eyJ"), "{said}");
}

/// A known issue whose `match` and the lines after it are these.
fn issue(rest: &str) -> String {
    format!("id: X-1\ntitle: x\ncomponent: livekit\nstatus: open\nmatch:\n{rest}")
}

const EXAMPLES: &str = "examples:\n  match: [boom]\n  no_match: [quiet]\n";

#[test]
fn what_is_wrong_in_a_file_has_its_place() {
    let cases = [
        (issue("  any:\n    - log: 'bo(om'\n"), "7:12: this is no pattern: unclosed group"),
        (
            issue("  any:\n    - log: 'x*'\n"),
            "7:12: this pattern matches the empty text, and so every line",
        ),
        (
            issue("  any:\n    - log: '(a{500}){500}boom'\n"),
            "7:12: this pattern costs too much: write fewer or smaller repetitions",
        ),
        (
            issue("  any:\n    - {log: boom, stack: boom}\n"),
            "7:7: here stands one of `any`, `all`, `text`, `message`, `stack`, `log`, `case`, `tag` and `versions`, not several",
        ),
        (issue("  any: []\n"), "6:3: `match` has no pattern: nothing would be looked for"),
    ];
    let desk = Desk::new();
    for (text, expected) in cases {
        desk.write("known-issues/a.yaml", text + EXAMPLES);
        let output = desk.run(&["check"]);
        assert_eq!(output.status.code(), Some(1));
        let said = stdout(&output);
        let places = format!("error: known-issues/a.yaml:{expected}");
        assert!(said.starts_with(&places), "{said}\nis not\n{places}");
        assert!(
            stderr(&output).ends_with("1 known issue checked: 1 error\n"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn examples_that_are_not_recognised_as_they_should_be_are_errors() {
    let desk = Desk::new();
    let text = issue("  any:\n    - log: boom\n");
    for (examples, expected) in [
        ("  match: [boon]\n  no_match: [quiet]\n", "this text should match and does not: boon"),
        ("  match: [boom]\n  no_match: [a boom]\n", "this text should not match and does: a boom"),
        ("  match: [boom]\n  no_match: []\n", "`examples` need at least one text each"),
    ] {
        desk.write("known-issues/a.yaml", format!("{text}examples:\n{examples}"));
        let said = stdout(&desk.run(&["check"]));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn yaml_that_makes_trouble_is_an_error_and_costs_that_file_alone() {
    let desk = Desk::new();
    let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        let m = n - 1;
        format!("{text}a{n}: &a{n} [*a{m}, *a{m}, *a{m}, *a{m}]\n")
    });
    desk.write("known-issues/bomb.yaml", bomb);
    desk.write(
        "known-issues/twice.yaml",
        issue("  any:\n    - log: boom\n") + EXAMPLES + "id: X-2\n",
    );
    desk.write("known-issues/type.yaml", "id: [1]\n");
    desk.write("known-issues/good.yaml", issue("  any:\n    - log: boom\n") + EXAMPLES);
    let output = desk.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).ends_with("4 known issues checked: 3 errors\n"), "{}", stderr(&output));
    desk.write("a.log", "boom\n");
    assert_eq!(ids(&found(&desk, &["a.log"])), ["X-1"]);
}

#[test]
fn the_catalogue_can_be_looked_into() {
    let desk = Desk::new();
    let listed = desk.ok(&["issues", "list", "--component", "redis"]);
    assert!(listed.starts_with("LK-012   open"), "{listed}");
    assert!(
        desk.ok(&["issues", "show", "LK-042"])
            .contains("affected: client-js >=2.18.1, <2.18.4 with livekit <=1.9.9")
    );
    assert!(desk.refused(&["issues", "show", "LK-43"]).contains("did you mean LK-"));
    let tested = desk.ok(&["issues", "test", "ConnectionError: could not establish pc connection"]);
    assert!(tested.starts_with("LK-039"), "{tested}");
    assert_eq!(desk.run(&["issues", "test", "all is well"]).status.code(), Some(1));
}

/// A catalogue of one issue a pattern.
fn catalogue(patterns: &[&str]) -> Catalogue {
    let text = |(n, it): (usize, &&str)| {
        format!(
            "id: X-{n:03}\ntitle: x\ncomponent: livekit\nstatus: open\nmatch:\n  any:\n    - log: '{it}'\n    - log: 'bo{{2}}m'\n{EXAMPLES}"
        )
    };
    let texts: Vec<String> = patterns.iter().enumerate().map(text).collect();
    let (catalogue, faults) = Catalogue::read(texts.iter().map(|it| ("a", it.as_str())));
    assert_eq!(faults, []);
    catalogue
}

const PATTERNS: &[&str] = &[
    "timed out",
    "(?i)Timed OUT",
    r"error \d+",
    r"^timed",
    "(fail|failed|failure) at",
    r"a.*error",
    r"[a-c]{3}",
    r"(timed|error) (out|7)",
    r"d$",
    "timed[^x]*out",
    r"error\s+at",
    "(?s)abc.*abc",
    r"\A\[ERROR\] (timed|abc)",
    r"out\z",
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| catalogue(PATTERNS));

proptest! {
    /// The one pass finds what each pattern finds by itself, entry by entry.
    #[test]
    fn one_pass_finds_what_each_pattern_finds(
        entries in prop::collection::vec(
            prop::collection::vec("(timed|TIMED|error|fail|failure|abc|a|d| |out|Out|at|7|é|\u{0}){0,6}", 1..4),
            0..20,
        )
    ) {
        // A line with a level begins an entry, one that is indented goes on with it.
        let entries: Vec<String> =
            entries.iter().map(|it| format!("[ERROR] {}", it.join("\n\tat "))).collect();
        let block = entries.join("\n");
        let catalogue = &*CATALOGUE;
        let matcher = Matcher::new(catalogue);
        let hits = matcher.find(block.as_bytes(), None, line_at, entry_at);
        let found: BTreeSet<(usize, usize)> = hits.iter().map(|it| (it.start, it.pattern)).collect();
        let mut expected = BTreeSet::new();
        for (number, pattern) in catalogue.all_patterns().enumerate() {
            let mut start = 0;
            for entry in &entries {
                if pattern.regex.is_match(entry.as_bytes()) {
                    expected.insert((start, number));
                }
                start += entry.len() + 1;
            }
        }
        prop_assert_eq!(found, expected);
    }
}
