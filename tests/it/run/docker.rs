//! `lkreport run --runtime docker` with a real daemon; where there is none, that is said aloud.

use std::{
    env,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{assert_clean, desk, names};
use crate::desk::{Desk, stderr};

/// A server that shares a redis, tells a receiver of its rooms, and lets somebody in.
const FEATURE: &str = "Feature: Docker
  Scenario Outline: <n>
    Given a mock HTTP server is running in a container with service name \"hooks\"
    And a Redis server is running in a container with service name \"redis\"
    And a LiveKit server is running in a container with service name \"lk\" using config profile \"with_egress_hook\"
    And an access token is created with identity \"Ada\" and room \"tower\" with grants \"canPublish:true,canSubscribe:true\"
    When room \"tower\" is created using service \"lk\"
    And \"Ada\" enters room \"tower\" on service \"lk\"
    Then \"hooks\" should have received a \"room_started\" event for room \"tower\"
    And \"hooks\" should have received a \"participant_joined\" event for participant \"Ada\" in room \"tower\"
    Examples:
      | n |
      | 1 |
      | 2 |
";

/// What the daemon answers to a GET, asked without the library that the engine uses.
fn ask(path: &str) -> io::Result<String> {
    let host = env::var("DOCKER_HOST").unwrap_or_default();
    let socket = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock");
    let mut stream = UnixStream::connect(socket)?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// Whether a daemon has what these tests start.
fn is_there() -> bool {
    let images = ask("/images/json").unwrap_or_default();
    let has_all = ["livekit/livekit-server:v", "\"redis:"].iter().all(|it| images.contains(it));
    if !has_all {
        println!(
            "SKIPPED: no Docker daemon answers, or it has no images of livekit-server and redis"
        );
    }
    has_all
}

fn command(desk: &Desk, args: &[&str]) -> Command {
    let mut command = desk.command(args);
    command.env("XDG_CACHE_HOME", desk.path("cache")).env("TMPDIR", desk.path("tmp"));
    command
}

/// How long nothing of a killed engine may appear until nothing will.
const QUIET: Duration = Duration::from_secs(3);

/// How long that may take.
const LONGEST: Duration = Duration::from_secs(60);

const RUN: [&str; 5] = ["run", "--runtime", "docker", "--jobs", "1"];

/// What the daemon has of an engine, by the number of its process.
fn left(engine: u32) -> Vec<&'static str> {
    let label = format!("\"lkreport.engine\":\"{engine}-");
    let places = [("containers", "/containers/json?all=true"), ("networks", "/networks")];
    let has = |path: &str| ask(path).unwrap().contains(&label);
    places.into_iter().filter(|it| has(it.1)).map(|it| it.0).collect()
}

#[test]
fn scenarios_run_in_containers_and_are_told_of_and_measured() {
    if !is_there() {
        return;
    }
    let desk = desk();
    desk.write("features/docker.feature", FEATURE);
    let engine = command(&desk, &RUN).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let number = engine.id();
    let output = engine.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(left(number), [""; 0]);
    assert_clean(&desk);

    let run = format!("results/{}", names(&desk, "results")[0]);
    let json = desk.json(&format!("{run}/run.json"));
    assert_eq!(json["runtime"], "docker");
    assert_eq!(
        json["reported"], json["versions"],
        "the image prints the version that it is tagged with"
    );
    let metrics = desk.read(&format!("{run}/metrics.ndjson"));
    let samples = metrics.lines().skip(1).map(|it| serde_json::from_str::<Value>(it).unwrap());
    let mut of_server: Vec<Value> = samples.filter(|it| it["instance"] == "lk").collect();
    let last = of_server.pop().unwrap();
    assert!(["mem", "rx", "tx"].iter().all(|it| last[it].as_u64() > Some(1000)), "{last}");
    assert!(last["cpu"].as_f64().is_some_and(|it| it > 0.0), "{last}");
}

#[test]
fn a_failed_attempt_leaves_what_docker_knows_of_its_containers() {
    if !is_there() {
        return;
    }
    let desk = desk();
    let wrong = "    And \"hooks\" should have received a \"track_published\" event for participant \"Ada\" in room \"tower\"\n";
    desk.write(
        "features/docker.feature",
        FEATURE.replace("    Examples:\n", &format!("{wrong}    Examples:\n")),
    );
    let args = [&RUN[..], &["--name", "1", "--limit", "expected=2"]].concat();
    let output = command(&desk, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let run = format!("results/{}", names(&desk, "results")[0]);
    let attempt = format!("{run}/logs/{}", attempts(&desk, &run)[0]);
    for service in ["livekit-lk", "redis"] {
        let known = desk.json(&format!("{attempt}/{service}.inspect.json"));
        assert_eq!(known["State"]["Status"], "running", "{known}");
        assert_eq!(known["Config"]["Env"], Value::Null, "it may hold secrets");
    }
}

/// The folders with the logs of attempts.
fn attempts(desk: &Desk, run: &str) -> Vec<String> {
    let mut all = names(desk, &format!("{run}/logs"));
    all.retain(|it| it != "lkreport.log");
    all
}

#[test]
fn an_engine_that_was_killed_leaves_no_containers_and_no_networks_for_long() {
    if !is_there() {
        return;
    }
    for milliseconds in [100, 300, 600, 1000, 1500, 2100] {
        let desk = desk();
        desk.write("features/docker.feature", FEATURE);
        let mut engine = command(&desk, &RUN);
        let mut engine = engine.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let began = Instant::now();
        // It is killed where it is by then; that it has ended already is a place, too.
        while began.elapsed() < Duration::from_millis(milliseconds) {
            thread::yield_now();
        }
        engine.kill().unwrap();
        engine.wait().unwrap();
        // The daemon may still be making what the engine asked for last, and shows it only when it is made.
        let (killed, mut seen) = (Instant::now(), Instant::now());
        while seen.elapsed() < QUIET {
            let cleaned = command(&desk, &["stack", "clean"]).output().unwrap();
            assert_eq!(cleaned.status.code(), Some(0), "{}", stderr(&cleaned));
            let left = left(engine.id());
            if !left.is_empty() {
                seen = Instant::now();
            }
            assert!(killed.elapsed() < LONGEST, "{left:?} of what was killed at {milliseconds} ms");
        }
        assert_clean(&desk);
    }
}
