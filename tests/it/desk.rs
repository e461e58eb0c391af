//! A folder of its own in which the program is run as a user runs it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use walkdir::WalkDir;

/// What stands for now unless a test says otherwise.
pub(crate) const STAMP: &str = "2026-11-21T10:00:00Z";

/// Variables of the machine that tests run on, which must not tell tests anything.
const FOREIGN: [&str; 6] = [
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "SOURCE_DATE_EPOCH",
    "LKREPORT_CONFIG",
    "NO_COLOR",
];

/// A folder with results, a history and a site.
pub(crate) struct Desk {
    folder: TempDir,
    temporary: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), temporary: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What programs left where the system keeps what is temporary.
    pub(crate) fn temporary(&self) -> usize {
        fs::read_dir(self.temporary.path()).unwrap().count()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Copies a file of `tests/samples`.
    pub(crate) fn sample(&self, sample: &str, name: &str) {
        self.write(name, fs::read(samples().join(sample)).unwrap());
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The program, not yet started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("lkreport").unwrap();
        command.args(args).current_dir(self.folder.path()).env("TMPDIR", self.temporary.path());
        FOREIGN.iter().for_each(|it| _ = command.env_remove(it));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs the program, which has to succeed; what it wrote to stdout.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// Runs the program, which cannot do it; what it wrote to stderr.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{args:?}");
        stderr(&output)
    }

    /// Builds `report` from the results at `results`.
    pub(crate) fn build(&self, results: &str) -> String {
        self.ok(&["build", "--results", results, "--stamp", STAMP])
    }

    /// Writes a run of the suite `smoke` with one case a pair of name and outcome.
    pub(crate) fn add_run(&self, id: &str, started: &str, cases: &[(&str, &str)], more: Value) {
        let mut head = json!({
            "id": id, "suite": "smoke", "started": started, "finished": started,
            "versions": {"livekit": "1.8.4"},
        });
        let more = more.as_object().cloned().unwrap_or_default();
        head.as_object_mut().unwrap().extend(more);
        self.write(&format!("results/{id}/run.json"), head.to_string());
        self.write(&format!("results/{id}/junit.xml"), junit(cases));
    }

    /// The ids of the runs in the history, newest first.
    pub(crate) fn ids(&self) -> Vec<String> {
        let listed = self.ok(&["history", "list", "--json"]);
        let runs = listed.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
        runs.map(|it| it["run"]["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A small file system in memory, which goes away with this.
pub(crate) struct Small(PathBuf);

impl Small {
    /// Mounts one; none where that is not allowed.
    pub(crate) fn mount(at: &Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at);
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|it| it.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(&self.0).stderr(Stdio::null()).status();
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn samples() -> PathBuf {
    root().join("tests/samples")
}

/// JUnit XML with one case a pair of name and outcome.
pub(crate) fn junit(cases: &[(&str, &str)]) -> String {
    let case = |(name, outcome): &(&str, &str)| {
        let inner = match *outcome {
            "passed" => "",
            "skipped" => "<skipped/>",
            "failed" => {
                "<failure message='expected 2, got 1' type='AssertionError'>at Join.java:7</failure>"
            }
            "flaky" => "<flakyFailure message='late' type='Timeout'>at Join.java:8</flakyFailure>",
            other => panic!("{other}: no outcome of JUnit"),
        };
        format!("<testcase classname='lk.Join' name='{name}' time='0.5'>{inner}</testcase>\n")
    };
    format!("<testsuite name='Join'>\n{}</testsuite>\n", cases.iter().map(case).collect::<String>())
}

/// All files below `folder` with their bytes, by their names from there.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = files.filter(|it| it.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    files.map(|it| (name(it.path()), fs::read(it.path()).unwrap())).collect()
}

/// Fails with the names of the files that differ.
pub(crate) fn assert_same_tree(left: &Path, right: &Path) {
    let (left, right) = (tree(left), tree(right));
    let names = left.keys().chain(right.keys());
    let mut differ: Vec<&String> = names.filter(|it| left.get(*it) != right.get(*it)).collect();
    differ.dedup();
    assert!(!left.is_empty() && differ.is_empty(), "{} files; differ: {differ:?}", left.len());
}

/// The text of a page as a reader sees it.
pub(crate) fn text_of(page: &str) -> String {
    let tags = regex::Regex::new(r"(?s)<(?:script|style).*?</(?:script|style)>|<[^>]*>").unwrap();
    let text = tags.replace_all(page, " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails unless all parts stand in a text, in their order.
pub(crate) fn assert_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("`{part}` is not in: {rest}"));
        rest = &rest[at + part.len()..];
    }
}
