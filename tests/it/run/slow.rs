//! Servers that are really slow: what is looked at when a limit is near, and when it is reached.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use super::{assert_clean, attached, broken, command, desk, killed, names, server};
use crate::desk::stderr;

const HANGS: &str = "echo 'waiting for the moon'; exec tail -f /dev/null";

#[test]
fn a_limit_that_is_near_and_one_that_is_reached_are_looked_at() {
    let desk = desk();
    let server = broken::script(&desk, HANGS);
    let output = command(&desk, &server, &["--limit", "startup=0.8"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_clean(&desk);
    for name in ["startup-warning.txt", "startup-limit.txt"] {
        let seen = attached(&desk, name);
        assert!(seen.contains("\n  lk: livekit, process "), "{seen}");
        assert!(seen.contains("\n  the engine: lk http, 127.0.0.1:"), "{seen}");
        assert!(seen.contains("Connection refused"), "{seen}");
        assert!(seen.contains("\nend of the log of lk\nwaiting for the moon\n"), "{seen}");
    }
    // What never was well is part of the diagnosis, too.
    assert!(attached(&desk, "lk.log").contains("waiting for the moon"));
    assert!(attached(&desk, "diagnosis.txt").contains("\n  lk: livekit, no process runs there"));
}

#[test]
fn a_limit_that_was_only_near_is_looked_at_though_all_passes() {
    let Some((stack, version)) = server() else { return };
    let desk = desk();
    let real = stack.join("livekit-server").join(&version).join("livekit-server");
    let results = desk.path("results");
    let late = format!(
        "until grep -qs startup-warning.txt {}/*/messages.ndjson; do :; done; exec {} \"$@\"",
        results.display(),
        real.display()
    );
    let server = broken::script_of(&desk, &version, &late);
    let output = command(&desk, &server, &["--limit", "startup=8"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(attached(&desk, "startup-warning.txt").contains("\n  lk: livekit, process "));
    assert_clean(&desk);
}

#[test]
fn a_server_that_was_stopped_is_seen_so_and_ended_by_force() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write(
        "features/never.feature",
        "Feature: Never\n  Scenario: comes about
    Given a LiveKit server is running in a container with service name \"lk\"
    Then room \"never\" should exist in service \"lk\"\n",
    );
    let limits = ["startup=3", "step=3", "expected=60", "stop=0.3"];
    let mut engine = command(&desk, &server, &limits.map(|it| ["--limit", it]).concat());
    let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    killed::wait(&mut engine, |_| !killed::processes(&desk, "livekit-server").is_empty());
    for process in killed::processes(&desk, "livekit-server") {
        killed::signal(process, Signal::STOP);
    }
    let output = engine.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_clean(&desk);
    // It may have been stopped before it was well, or after.
    let phase = if said.contains("phase startup") { "startup" } else { "step" };
    let seen = attached(&desk, &format!("{phase}-limit.txt"));
    assert!(seen.contains(" is stopped: "), "{seen}");
    if phase == "step" {
        let run = &names(&desk, "results")[0];
        let forced = "lk did not end within 300ms and was ended by force";
        assert!(desk.read(&format!("results/{run}/messages.ndjson")).contains(forced));
        let log = desk.read(&format!("results/{run}/logs/lkreport.log"));
        let forced = log.lines().find(|it| it.contains("ended by force")).unwrap();
        assert!(forced.contains(r#""instance":"lk""#), "{forced}");
    }
}

#[test]
fn who_is_elsewhere_in_the_network_is_asked_from_there() {
    let is_there = |it: &str| Command::new(it).arg("--version").output().is_ok();
    let own = Command::new("unshare").args(["-n", "true"]).stderr(Stdio::null()).status();
    if !own.is_ok_and(|it| it.success()) || !is_there("nsenter") || !is_there("redis-server") {
        let why =
            "SKIPPED: no network namespace can be made, or nsenter or redis-server is missing\n";
        std::io::stderr().write_all(why.as_bytes()).unwrap();
        return;
    }
    let desk = desk();
    let server = broken::script(&desk, "exec unshare -n tail -f /dev/null");
    let feature = format!(
        "Feature: Start\n  Scenario: starts\n    {}    {}",
        "Given a Redis server is running in a container with service name \"redis\"\n",
        "And a LiveKit server is running in a container with service name \"lk\"\n"
    );
    desk.write("features/start.feature", feature);
    let output = command(&desk, &server, &["--limit", "startup=2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let seen = attached(&desk, "startup-limit.txt");
    let line = |begin: &str| seen.lines().find(|it| it.starts_with(begin)).unwrap().to_owned();
    assert!(line("  the engine: redis redis, ").contains("accepts"), "{seen}");
    assert!(line("  redis: lk http, ").ends_with("that of the engine"), "{seen}");
    let elsewhere = line("  lk: redis redis, ");
    assert!(elsewhere.contains("unreachable") && !elsewhere.contains("engine"), "{seen}");
    assert_eq!(seen.matches("\ninterfaces of net:[").count(), 2, "{seen}");
    assert_clean(&desk);
}
