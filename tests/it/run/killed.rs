//! The engine, or a server, is killed while it works: what is left is readable, and nothing runs on.
//!
//! Each is struck at five points; with `LKREPORT_ALL_STRIKES`, as every night, at ten.

use std::{
    collections::BTreeSet,
    env, fs,
    path::PathBuf,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{assert_clean, command, desk, left, names, server};
use crate::desk::{Desk, stderr};

/// Several servers, one after the other, so that there is something to strike at any time.
fn feature(desk: &Desk) {
    let scenario = "  Scenario Outline: <n>
    Given a Redis server is running in a container with service name \"redis\"
    And a LiveKit server is running in a container with service name \"lk\" using config profile \"with_egress\"
    When room \"tower\" is created using service \"lk\"
    Then room \"tower\" should exist in service \"lk\"
    And the system deletes room \"tower\" using service \"lk\"
    Examples:
      | n |
      | 1 |
      | 2 |
      | 3 |
";
    desk.write("features/many.feature", format!("Feature: Many\n{scenario}"));
}

/// When to strike: every other time, unless all are asked for.
fn strikes(all: [u64; 10]) -> impl Iterator<Item = Duration> {
    let every = if env::var_os("LKREPORT_ALL_STRIKES").is_some() { 1 } else { 2 };
    all.into_iter().step_by(every).map(Duration::from_millis)
}

/// The sockets of all that an engine of this desk started.
fn sockets(desk: &Desk) -> BTreeSet<String> {
    let processes = left(desk);
    let processes = processes.iter().filter_map(|it| it.split(' ').next());
    let files =
        processes.flat_map(|it| fs::read_dir(format!("/proc/{it}/fd")).into_iter().flatten());
    let links = files.filter_map(|it| fs::read_link(it.ok()?.path()).ok());
    let number = |it: &str| Some(it.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    links.filter_map(|it| number(it.to_str()?)).collect()
}

/// No port is held by one of these sockets any more.
fn assert_free(sockets: &BTreeSet<String>) {
    for kind in ["tcp", "tcp6", "udp", "udp6"] {
        let table = fs::read_to_string(format!("/proc/net/{kind}")).unwrap_or_default();
        let mut held = table.lines().filter_map(|it| it.split_whitespace().nth(9));
        assert_eq!(held.find(|it| sockets.contains(*it)), None, "a port over {kind} is still held");
    }
}

/// Waits for a condition without wasting the processor that the others need.
pub(super) fn wait(child: &mut Child, condition: impl Fn(Duration) -> bool) {
    let began = Instant::now();
    while !condition(began.elapsed()) && child.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < Duration::from_secs(120), "the run hangs");
        thread::yield_now();
    }
}

/// The numbers of the processes of a program that an engine of this desk started.
pub(super) fn processes(desk: &Desk, program: &str) -> Vec<i32> {
    let all = left(desk);
    let of_program = all.iter().filter(|it| it.contains(program) && !it.contains("lkreport run"));
    of_program.filter_map(|it| it.split(' ').next()?.parse().ok()).collect()
}

pub(super) fn signal(process: i32, signal: Signal) {
    let process = rustix::process::Pid::from_raw(process).unwrap();
    // It may have ended by itself just now.
    _ = rustix::process::kill_process(process, signal);
}

#[test]
fn an_engine_that_was_killed_leaves_nothing_for_long() {
    let Some(server) = server() else { return };
    for strike in strikes([1, 20, 60, 100, 150, 200, 300, 400, 600, 900]) {
        let desk = desk();
        feature(&desk);
        let mut engine = command(&desk, &server, &["--jobs", "1"]);
        let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait(&mut engine, |since| since > strike);
        let held = sockets(&desk);
        engine.kill().unwrap();
        engine.wait().unwrap();

        for run in names(&desk, "results") {
            let readable = desk.read(&format!("results/{run}/messages.ndjson"));
            let whole = readable.lines().filter(|it| serde_json::from_str::<Value>(it).is_ok());
            assert!(readable.lines().count() - whole.count() <= 1, "only the last line is broken");
        }
        // The next start ends what is left, whatever it is to do itself.
        desk.write("features/many.feature", "Feature: Nothing\n");
        fs::rename(desk.path("results"), desk.path("old")).ok();
        let next = command(&desk, &server, &[]).output().unwrap();
        assert_eq!(next.status.code(), Some(0), "{}", stderr(&next));
        assert_clean(&desk);
        assert_free(&held);
        let build = desk.command(&["build", "--results", "old"]).output().unwrap();
        if desk.has("old") {
            assert_eq!(build.status.code(), Some(0), "{}", stderr(&build));
        }
    }
}

#[test]
fn a_server_that_was_killed_is_a_failure_that_says_so() {
    let Some(server) = server() else { return };
    let (mut struck, mut strikes_made) = (0, 0);
    for strike in strikes([0, 5, 10, 20, 30, 50, 80, 110, 140, 170]) {
        strikes_made += 1;
        let desk = desk();
        feature(&desk);
        let args = ["--jobs", "1", "--name", "1", "--limit", "expected=2"];
        let mut engine = command(&desk, &server, &args);
        let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        wait(&mut engine, |_| !processes(&desk, "livekit-server").is_empty());
        let seen = Instant::now();
        wait(&mut engine, |_| seen.elapsed() >= strike);
        let held = sockets(&desk);
        processes(&desk, "livekit-server").into_iter().for_each(|it| signal(it, Signal::KILL));
        let output = engine.wait_with_output().unwrap();
        let said = stderr(&output);
        if output.status.code() == Some(1) {
            struck += 1;
            assert!(said.contains("signal: 9 (SIGKILL)"), "{said}");
            assert!(
                said.contains("program ended") || said.contains("before it was ready"),
                "{said}"
            );
        } else {
            assert_eq!(output.status.code(), Some(0), "it came too late for this one: {said}");
        }
        assert_clean(&desk);
        assert_free(&held);
    }
    assert!(
        struck * 10 >= strikes_made * 3,
        "only {struck} of {strikes_made} strikes met a server"
    );
}

#[test]
fn the_log_says_when_a_server_stopped_being_well() {
    let Some(server) = server() else { return };
    let desk = desk();
    let waiting = "Feature: Waiting
  Scenario: for what never comes
    Given a mock HTTP server is running in a container with service name \"hooks\"
    And a LiveKit server is running in a container with service name \"lk\"
    Then \"hooks\" should have received a \"room_started\" event for room \"tower\"
";
    desk.write("features/waiting.feature", waiting);
    let mut engine = command(&desk, &server, &["--limit", "expected=6"]);
    let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = |desk: &Desk| {
        let run = names(desk, "results").into_iter().next()?;
        let text = fs::read_to_string(desk.path(&format!("results/{run}/logs/lkreport.log")));
        Some(text.ok()?.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let said =
        |what: &str| log(&desk).unwrap_or_default().iter().filter(|it| it.contains(what)).count();
    let well = "\"message\":\"well\"";
    wait(&mut engine, |_| said(well) > 0);
    processes(&desk, "livekit-server").into_iter().for_each(|it| signal(it, Signal::KILL));
    assert_eq!(engine.wait().unwrap().code(), Some(1));
    assert_eq!(said("\"message\":\"no longer well\""), 1, "{:?}", log(&desk));
    assert_clean(&desk);
}

#[test]
fn an_interrupted_run_cleans_up_and_can_be_read() {
    let Some(server) = server() else { return };
    interrupted_by(Signal::INT, &server);
}

#[test]
fn a_run_that_is_told_to_end_cleans_up_too() {
    let Some(server) = server() else { return };
    interrupted_by(Signal::TERM, &server);
}

fn interrupted_by(signal: Signal, server: &(PathBuf, String)) {
    let desk = desk();
    feature(&desk);
    let mut engine = command(&desk, server, &["--jobs", "1"]);
    let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait(&mut engine, |_| !processes(&desk, "livekit-server").is_empty());
    self::signal(i32::try_from(engine.id()).unwrap(), signal);
    let output = engine.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_clean(&desk);
    let run = format!("results/{}", names(&desk, "results")[0]);
    assert!(desk.json(&format!("{run}/run.json"))["finished"].is_null());
    assert!(desk.has(&format!("{run}/junit.xml")));
    let build = desk.command(&["build", "--results", "results"]).output().unwrap();
    assert_eq!(build.status.code(), Some(0), "{}", stderr(&build));
}
