//! Networks between everybody and the servers: typed, or of the configuration.

use super::{assert_clean, command, desk, names, server};
use crate::desk::stderr;

const TALK: &str = "Feature: Talk
  Scenario: a message there and back
    Given a LiveKit server is running in a container with service name \"lk\"
    And participant \"Ada\" joins room \"tower\" using service \"lk\"
    And participant \"Ben\" joins room \"tower\" using service \"lk\"
    Then a data message from \"Ada\" to \"Ben\" and back should take between 159 and 900 ms
";

#[test]
fn a_network_of_the_configuration_is_that_of_everybody() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/talk.feature", TALK);
    desk.write("lkreport.toml", "[network.far]\nlatency = \"40ms\"\n[run]\nnetwork = \"far\"\n");
    let output = command(&desk, &server, &[]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_clean(&desk);
    let run = format!("results/{}", names(&desk, "results")[0]);
    assert_eq!(desk.json(&format!("{run}/run.json"))["network"], "far");
    let messages = desk.read(&format!("{run}/messages.ndjson"));
    assert!(messages.contains("latency=40ms; a relay does it; measured: round trip"), "{messages}");
}

#[test]
fn a_network_that_nobody_knows_starts_nothing() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/talk.feature", TALK);
    for (network, part) in [
        ("wify", "no network is called `wify` (did you mean `wifi`?)"),
        ("latency=fast", "`fast` at character 9 is not what `latency` takes"),
    ] {
        let output = command(&desk, &server, &["--network", network]).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("--network") && said.contains(part), "{said}");
    }
    desk.write("lkreport.toml", "[network.far]\nlatency = \"40\"\n");
    let output = command(&desk, &server, &[]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("[network.far]") && said.contains("`40`"), "{said}");
    assert!(!desk.has("results"), "nothing was started");
}
