//! `lkreport run` against real LiveKit servers: what it leaves, and what it makes of what breaks.
//!
//! Where no livekit-server is at hand, these tests say so and prove nothing.

mod broken;
mod docker;
mod end;
mod full;
mod killed;
mod network;
mod plan;
mod secrets;
mod services;
mod slow;

use std::{env, fs, path::PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use crate::desk::{Desk, stderr};

/// Where programs are, and one version of the server that is there.
fn server() -> Option<(PathBuf, String)> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let stack = env::var_os("LKREPORT_STACK").map(PathBuf::from);
    let stack = stack.or_else(|| Some(cache?.join("lkreport/stack")))?;
    let entries = fs::read_dir(stack.join("livekit-server")).into_iter().flatten().flatten();
    let versions = entries.filter(|it| it.path().join("livekit-server").is_file());
    let newest = versions.filter_map(|it| it.file_name().into_string().ok());
    let numbers =
        |it: &String| it.split('.').map(|it| it.parse().unwrap_or(0)).collect::<Vec<u32>>();
    let newest = newest.max_by_key(numbers);
    if newest.is_none() {
        println!("SKIPPED: no livekit-server below {}", stack.display());
    }
    newest.map(|it| (stack, it))
}

/// A desk with its own cache and temporary files, so that nobody else's are seen.
fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("tmp")).unwrap();
    desk
}

/// `lkreport run` on a version, as a command that has not started.
fn command(
    desk: &Desk,
    (stack, version): &(PathBuf, String),
    args: &[&str],
) -> std::process::Command {
    let mut command = desk.command(&["run", "--livekit", version]);
    command.args(args).env("LKREPORT_STACK", stack);
    command.env("XDG_CACHE_HOME", desk.path("cache")).env("TMPDIR", desk.path("tmp"));
    command
}

/// The processes that carry the mark of an engine of this desk, or any of its paths.
fn left(desk: &Desk) -> Vec<String> {
    let here = desk.path("").canonicalize().unwrap().to_string_lossy().into_owned();
    let mut left = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let read = |name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
        let (command, environment) = (read("cmdline"), read("environ"));
        let (command, environment) =
            (String::from_utf8_lossy(&command), String::from_utf8_lossy(&environment));
        let is_of_engine = environment.contains("LKREPORT_ENGINE=");
        if command.contains(&here) || is_of_engine && environment.contains(&here) {
            left.push(format!(
                "{} {}",
                entry.file_name().to_string_lossy(),
                command.replace('\0', " ")
            ));
        }
    }
    left
}

/// What lies in a folder, by name.
fn names(desk: &Desk, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(desk.path(folder)).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Nothing of a run is left but its results.
fn assert_clean(desk: &Desk) {
    assert_eq!(left(desk), Vec::<String>::new());
    assert_eq!(names(desk, "tmp"), Vec::<String>::new());
    assert_eq!(names(desk, "cache/lkreport/running"), Vec::<String>::new());
}

/// The envelopes of the only run.
fn messages(desk: &Desk) -> Vec<Value> {
    let runs = names(desk, "results");
    let text = desk.read(&format!("results/{}/messages.ndjson", runs[0]));
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// What is attached under a name in the only run.
fn attached(desk: &Desk, name: &str) -> String {
    let all = messages(desk);
    let found = all.iter().find(|it| it["attachment"]["fileName"] == name);
    let found = found.unwrap_or_else(|| panic!("nothing is attached as {name}"));
    found["attachment"]["body"].as_str().unwrap().to_owned()
}

/// All text that the results hold.
fn all_text(desk: &Desk) -> String {
    let files = WalkDir::new(desk.path("results")).into_iter().flatten();
    let read = files.filter_map(|it| fs::read(it.path()).ok());
    read.map(|it| String::from_utf8_lossy(&it).into_owned()).collect()
}

const ROOMS: &str = "Feature: Rooms
  Scenario: is there
    Given a LiveKit server is running in a container with service name \"lk\"
    When room \"tower\" is created using service \"lk\"
    Then room \"tower\" should exist in service \"lk\"
  Scenario: is not there
    Given a LiveKit server is running in a container with service name \"lk\"
    Then room \"tower\" should exist in service \"lk\"
";

#[test]
fn a_run_leaves_what_the_report_needs() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    let output = command(&desk, &server, &["--limit", "expected=0.3"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the server has no room `tower`"), "{said}");
    assert!(said.contains("assertion: 1 (likely:"), "{said}");
    assert_clean(&desk);

    let runs = names(&desk, "results");
    let run = format!("results/{}", runs[0]);
    let head = desk.json(&format!("{run}/run.json"));
    assert_eq!(head["versions"]["livekit"], server.1.as_str());
    assert_eq!(head["reported"]["livekit"], server.1.as_str());
    assert_eq!(head["runtime"], "process");
    assert!(head["finished"].is_string());
    assert!(desk.read(&format!("{run}/failures.txt")).contains("1 of 2 scenarios failed"));
    assert_eq!(names(&desk, &format!("{run}/logs")).len(), 3, "two servers and the engine");
    assert!(desk.read(&format!("{run}/metrics.ndjson")).lines().count() > 2);

    let attached: Vec<String> = messages(&desk)
        .iter()
        .filter_map(|it| Some(it["attachment"]["fileName"].as_str()?.to_owned()))
        .collect();
    assert_eq!(attached, ["lk.log", "lk-livekit.yaml", "diagnosis.txt"]);
    assert!(
        !all_text(&desk).contains("a-secret-for-servers"),
        "the secret of the server is masked"
    );
    assert!(all_text(&desk).contains("rooms.feature:6"), "the command that repeats the attempt");

    let output = desk.command(&["build", "--results", "results"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(desk.read("report/index.html").contains(&server.1));
}

#[test]
fn one_scenario_can_be_run_by_its_line() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    let output =
        command(&desk, &server, &["--features", "features/rooms.feature:2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 scenario in"), "{}", stderr(&output));
}

#[test]
fn a_broken_feature_file_costs_only_itself() {
    let Some(server) = server() else { return };
    let desk = desk();
    let broken = "Feature: Broken
  Scenario: a
    Given b
    Sometimes it rains
";
    desk.write("features/broken.feature", broken);
    desk.write("features/rooms.feature", ROOMS);
    let args = ["--name", "^is there$"];
    let output = command(&desk, &server, &args).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("features/broken.feature:4:5: expected a step"), "{said}");
    assert!(said.contains("1 scenario in"), "{said}");
}

#[test]
fn a_version_that_is_not_there_is_named_with_those_that_are() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    desk.write("features/rooms.feature", ROOMS);
    let output = command(&desk, &(stack, "9.9.9".to_owned()), &[]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("livekit-server 9.9.9 is missing"), "{said}");
    assert!(said.contains(&version), "{said}");
    assert!(said.contains("hint:"), "{said}");
    assert_clean(&desk);
}

#[test]
fn a_scenario_for_other_versions_is_unsupported_and_no_failure() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write(
        "features/later.feature",
        "Feature: Later\n  @MinServerVersion:v99.1.0\n  Scenario: is not there yet\n    Given nothing that anybody knows\n",
    );
    let output = command(&desk, &server, &[]).output().unwrap();
    let said = stderr(&output);
    assert!(said.contains("unsupported is not there yet"), "{said}");
    assert!(said.contains("it needs livekit 99.1.0 or newer"), "{said}");
}
