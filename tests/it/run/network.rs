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
    assert!(messages.contains("latency=40ms; a relay does it"), "{messages}");
    assert!(messages.contains("; measured: round trip"), "{messages}");
}

#[test]
fn who_makes_a_network_is_said_and_can_be_chosen() {
    let Some(server) = server() else { return };
    let desk = desk();
    desk.write("features/talk.feature", TALK);
    let profile = ["--network", "latency=40ms,up=8mbit"];
    desk.write("lkreport.toml", "[run]\nnetwork_by = \"tc\"\n");
    let run = |more: &[&str]| command(&desk, &server, &[&profile, more].concat()).output().unwrap();
    let messages = || {
        let run = format!("results/{}", names(&desk, "results").last().unwrap());
        desk.read(&format!("{run}/messages.ndjson"))
    };
    let output = run(&["--network-by", "relay"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = messages();
    assert!(said.contains("up=8mbit; a relay does it; measured: "), "{said}");
    let output = run(&[]);
    let why = stderr(&output);
    if why.contains("--network-by tc: this machine makes no networks for us") {
        assert_eq!(output.status.code(), Some(2), "{why}");
        println!("SKIPPED: {why}");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{why}");
    let said = messages();
    assert!(said.contains("by `tc` (tbf)") || said.contains("by `tc` (netem, tbf)"), "{said}");
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
