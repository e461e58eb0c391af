//! The architecture and the habits of the sources, tested: rooms, headers, sizes, papers.
//!
//! It reads text and knows no Rust beyond `use` paths; what a lint can see is left to the lints.

use std::{fs, path::Path, process::Command};

use regex::Regex;
use walkdir::WalkDir;

/// What each room of `src/` may use of the others; `cli` may use all, nobody may use `cli`.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ingest", &["model"]),
    ("issues", &["model"]),
    ("history", &["model"]),
    ("report", &["model", "ingest", "issues", "history"]),
    ("render", &["model", "ingest", "issues", "history", "report"]),
    ("mcp", &["model", "ingest", "issues", "history", "report"]),
    ("cli", &["model", "ingest", "issues", "history", "report", "render", "mcp"]),
];

/// What the members beside `src/` may use of each other.
const MEMBERS: &[(&str, &[&str])] = &[("contract", &[]), ("engine", &["lkreport_contract"])];

/// Where our sources stand.
const SOURCES: &[&str] = &["src", "contract", "engine", "tests", "examples", "benches"];

/// A file longer than this is more than one idea.
const LONGEST_FILE: usize = 450;

/// The commands that the README promises.
const COMMANDS: &[&str] = &[
    "cargo run --locked -- build --config site/demo/lkreport.toml",
    "cargo test --workspace --locked",
];

/// Foreign files, which say what they said.
const FOREIGN: &[&str] =
    &["Cargo.lock", "tests/samples/", "engine/tests/compatibility-kit/", "site/demo/"];

/// A source file: its path from the root of the repository, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text without comments and without what is there for tests only.
    fn code(&self) -> String {
        let ours = ["src/", "contract/src/", "engine/src/"];
        let is_test =
            !ours.iter().any(|it| self.path.starts_with(it)) || self.path.ends_with("/tests.rs");
        let text = if is_test { "" } else { self.text.as_str() };
        let tests = r"(?ms)^#\[cfg\(test\)\]\n(?:#\[[^\n]*\]\n)*(?:[^\n]*;\n|.*?^\})";
        let text = Regex::new(tests).unwrap().replace_all(text, "");
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The room of `src/` or the member that the file belongs to.
    fn place(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        path.split_once('/').map_or("", |(place, _)| place)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let files = SOURCES.iter().map(|it| root().join(it)).filter(|it| it.exists());
    let entries = files.flat_map(|it| WalkDir::new(it).sort_by_file_name());
    let paths = entries.map(|it| it.unwrap().into_path());
    paths
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .filter(|it| !it.components().any(|it| it.as_os_str() == "node_modules"))
        .map(|path| Source {
            text: fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"),
        })
        .collect()
}

/// The first parts of the paths that begin at the root of the crate.
fn rooms_used(code: &str) -> Vec<String> {
    let root = r"\b(?:crate|super::super|lkreport)::";
    let single = Regex::new(&format!(r"{root}([a-z_]+)")).unwrap();
    let group = Regex::new(&format!(r"{root}\{{")).unwrap();
    let mut rooms: Vec<String> =
        single.captures_iter(code).map(|found| found[1].to_owned()).collect();
    for found in group.find_iter(code) {
        rooms.extend(heads_of_group(&code[found.end()..]));
    }
    rooms
}

/// `model::{Run, Case}, report::Cell}…` → `model`, `report`.
fn heads_of_group(text: &str) -> Vec<String> {
    let mut heads = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(String::new()),
            c if depth == 0 => heads.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let first = |head: &String| head.trim().split("::").next().unwrap_or_default().to_owned();
    heads.iter().map(first).filter(|it| !it.is_empty()).collect()
}

/// Fails with all findings at once, one a line.
fn assert_none(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}:\n  {}", findings.join("\n  "));
}

#[test]
fn rooms_use_only_what_they_may() {
    let is_room = |name: &str| EDGES.iter().any(|(room, _)| *room == name);
    let mut findings = Vec::new();
    for source in sources().iter().filter(|it| it.path.starts_with("src/")) {
        let Some((room, may)) = EDGES.iter().find(|(room, _)| *room == source.place()) else {
            let named = source.place();
            if !named.is_empty() {
                findings.push(format!("{}: `{named}` is no room of the design", source.path));
            }
            continue;
        };
        for used in rooms_used(&source.code()) {
            if is_room(&used) && used != *room && !may.contains(&used.as_str()) {
                findings.push(format!("{}: `{room}` may not use `{used}`", source.path));
            }
        }
    }
    assert_none("edges that ARCHITECTURE.md does not permit", &findings);
}

#[test]
fn members_use_only_what_they_may() {
    let crates = Regex::new(r"\b(lkreport(?:_[a-z]+)?)::").unwrap();
    let mut findings = Vec::new();
    for source in sources() {
        let member = MEMBERS.iter().find(|(member, _)| *member == source.place());
        let Some((member, may)) = member else { continue };
        for used in crates.captures_iter(&source.code()) {
            if !may.contains(&&used[1]) && used[1] != format!("lkreport_{member}") {
                findings.push(format!("{}: `{member}` may not use `{}`", source.path, &used[1]));
            }
        }
    }
    assert_none("edges between members", &findings);
}

#[test]
fn every_file_says_its_job_and_is_one_idea() {
    let mut findings = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            findings.push(format!("{}: does not begin with `//!`", source.path));
        }
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            findings.push(format!("{}: {lines} lines", source.path));
        }
    }
    assert_none("files without a header, or too long", &findings);
}

#[test]
fn nothing_is_unfinished_hidden_or_waited_for() {
    // Written in two halves, so that this file does not find itself.
    let anywhere = Regex::new(&format!(r"\b(?:todo|unimplemented|dbg)!\(|#\[{}\b", "ignore"));
    let (anywhere, unwrap) = (anywhere.unwrap(), Regex::new(r"\.unwrap\(\)").unwrap());
    // The engine looks again and again whether a program is ready; nothing else may wait for time.
    let asleep = Regex::new(r"\bsleep\(").unwrap();
    let mut findings = Vec::new();
    for source in sources() {
        let name = &source.path;
        let may_wait = name.starts_with("engine/src/");
        let is_wrong = |it: &str| anywhere.is_match(it) || !may_wait && asleep.is_match(it);
        let own = |line: &&str| !name.ends_with("tidy.rs") && is_wrong(line);
        findings.extend(source.text.lines().filter(own).map(|line| format!("{name}: {line}")));
        let code = source.code();
        let unwraps = code.lines().filter(|line| unwrap.is_match(line));
        findings.extend(unwraps.map(|line| format!("{name}: {line}")));
    }
    assert_none("unfinished, ignored, asleep, or unwrapped outside tests", &findings);
}

#[test]
fn the_readme_keeps_its_two_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let missing = COMMANDS.iter().filter(|it| !readme.lines().any(|line| line.trim() == **it));
    let findings: Vec<String> = missing.map(|it| (*it).to_owned()).collect();
    assert_none("commands that README.md does not name on a line of their own", &findings);
}

#[test]
fn no_machine_and_no_registry_is_named() {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listed = listed.ok().filter(|it| it.status.success()).map(|it| it.stdout);
    let Some(listed) = listed.filter(|it| !it.is_empty()) else {
        eprintln!("SKIPPED: not a git checkout, so nobody knows which files are tracked");
        return;
    };
    let machine = Regex::new(r"(?:^|[^\w.])/(?:root|work)/").unwrap();
    let registry = Regex::new(
        r"\bnpmjs[.]|[/ .]crates[.]io|\bpypi[.]org|\bproxy[.]golang|\brepo1[.]maven|\bdeb[.]debian",
    );
    let registry = registry.unwrap();
    let mut findings = Vec::new();
    for path in String::from_utf8_lossy(&listed).split_terminator('\0') {
        if FOREIGN.iter().any(|it| path.starts_with(it)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for (line, n) in text.lines().zip(1..) {
            if machine.is_match(line) || registry.is_match(line) {
                findings.push(format!("{path}:{n}: {}", line.trim()));
            }
        }
    }
    assert_none("paths of a machine, or host names of a registry", &findings);
}

#[test]
fn the_reader_of_use_lines_sees_every_form() {
    let code = "use crate::{\n    model::{Run, Case},\n    report::Cell,\n};\nuse crate::history::Past;\n\
                fn f() { super::super::cli::g() }";
    let mut rooms = rooms_used(code);
    rooms.sort();
    assert_eq!(rooms, ["cli", "history", "model", "report"]);
}
