//! The end of an attempt: its order, and what had to be forced; and what the log says of each service.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{assert_clean, broken, command, desk, names, server};
use crate::desk::stderr;

const FEATURE: &str = "Feature: End
  Scenario: in order
    Given a LiveKit server is running in a container with service name \"lk\"
    And a Redis server is running in a container with service name \"redis\"
";

#[test]
fn what_needs_others_ends_first_and_what_does_not_obey_is_named() {
    let Some((stack, version)) = server() else { return };
    let redis = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
    if redis.is_err() {
        std::io::stderr().write_all(b"SKIPPED: no redis-server, which has to end last\n").unwrap();
        return;
    }
    let desk = desk();
    let real = stack.join("livekit-server").join(&version).join("livekit-server");
    // Whoever started the server stays when it has ended.
    let stubborn = format!("trap '' TERM; {} \"$@\"; exec tail -f /dev/null", real.display());
    let server = broken::script_of(&desk, &version, &stubborn);
    desk.write("features/start.feature", FEATURE);
    let output = command(&desk, &server, &["--limit", "stop=0.5"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_clean(&desk);

    let run = format!("results/{}", names(&desk, "results")[0]);
    let log = desk.read(&format!("{run}/logs/lkreport.log"));
    let events: Vec<Value> = log.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let service = |it: &Value| {
        let spans = it["spans"].as_array()?;
        let service = spans.iter().find(|it| it["name"] == "service")?;
        assert!(it["timestamp"].as_str()?.ends_with('Z'), "{it}");
        Some(format!("{} {}", service["instance"].as_str()?, it["message"].as_str()?))
    };
    let told = events.iter().filter_map(service);
    // How often somebody looked before it was well depends on the machine.
    let told: Vec<String> = told.filter(|it| !it.ends_with(" not well yet")).collect();
    // The redis began last, and ends last all the same: a server may need it to the end.
    let expected = [
        "lk starting",
        "lk well",
        "redis starting",
        "redis well",
        "lk ended by force",
        "redis ended",
    ];
    assert_eq!(told, expected);
    let stream = desk.read(&format!("{run}/messages.ndjson"));
    assert!(stream.contains("lk did not end within 500ms and was ended by force"), "{stream}");
}
