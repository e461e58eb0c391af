//! What a run stores holds no secret, whatever programs say.

use super::{all_text, assert_clean, broken, command, desk, names, server};
use crate::desk::stderr;

/// The secret that the engine gives to its servers.
const SECRET: &str = "a-secret-for-servers-on-loopback-only";

/// A server that says all it knows, and a token, before it gives up.
const TALKS: &str = "cat \"$2\"; echo 'joined with eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ'; echo bye; exit 3";

#[test]
fn a_program_that_tells_its_secrets_is_kept_without_them() {
    let desk = desk();
    let server = broken::script(&desk, TALKS);
    let output = command(&desk, &server, &[]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for text in [&said, &all_text(&desk)] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("eyJpc3Mi") && !text.contains("c2lnbmF0dXJl"), "{text}");
    }
    let run = format!("results/{}", names(&desk, "results")[0]);
    let logs = names(&desk, &format!("{run}/logs"));
    let attempt = logs.iter().find(|it| it.starts_with("starts-1-")).unwrap();
    let log = desk.read(&format!("{run}/logs/{attempt}/livekit-lk.log"));
    assert!(log.contains("joined with [masked jwt]\nbye\n"), "{log}");
    assert!(desk.read(&format!("{run}/logs/lkreport.log")).contains("[masked jwt]"));
    assert_clean(&desk);
}

#[test]
fn a_cleanup_that_is_cut_short_keeps_the_logs_too() {
    let desk = desk();
    let server = broken::script(&desk, "trap '' TERM; echo 'here to stay'; exec tail -f /dev/null");
    let args = ["--limit", "startup=2", "--limit", "cleanup=0", "--limit", "stop=60"];
    let output = command(&desk, &server, &args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let run = format!("results/{}", names(&desk, "results")[0]);
    let logs = names(&desk, &format!("{run}/logs"));
    let attempt = logs.iter().find(|it| it.starts_with("starts-1-")).unwrap();
    let log = desk.read(&format!("{run}/logs/{attempt}/livekit-lk.log"));
    assert_eq!(log, "here to stay\n");
    assert_clean(&desk);
}

const JOINS: &str = "Feature: Joins
  Scenario: and fails
    Given a LiveKit server is running in a container with service name \"lk\"
    And an access token is created with identity \"ada\" and room \"tower\" with publish permissions
    Then room \"never\" should exist in service \"lk\"
";

#[test]
fn a_failure_against_a_real_server_tells_no_secret() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/joins.feature", JOINS);
    let output = command(&desk, &server, &["--limit", "expected=0.3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = all_text(&desk);
    assert!(text.contains("the server has no room `never`"), "{text}");
    assert!(!text.contains(SECRET) && !text.contains(".eyJ"), "{text}");
}
