//! The suites about networks, on an old and on the newest server.

use std::{fs, path::Path, sync::Arc};

use lkreport_engine::{
    component::Component,
    feature::Source,
    messages::Stream,
    network::{By, Given},
    run::{self, Options, Weights},
    stack::{default_directory, versions_below},
    steps::vocabulary,
    version::{Combination, Version},
    world::Setup,
};
use serde_json::Value;

use crate::{Memory, attached, of, real_server::skipped, setup};

/// Servers whose participants differ most.
const VERSIONS: [&str; 2] = ["1.8.4", "1.13.5"];

/// Runs features on a version; nothing where it is not there.
async fn run(version: &str, sources: &[Source], network: Given) -> Option<Vec<Value>> {
    let (directory, version) = (default_directory(), version.parse::<Version>().unwrap());
    if !versions_below(&directory, Component::Livekit).contains(&version) {
        skipped(&format!("no livekit-server {version} in {}", directory.display()));
        return None;
    }
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let versions = Combination::from_iter([("livekit".to_owned(), version)]);
    let setup = Setup { versions, network, ..setup(folder.path(), folder.path()) };
    let memory = Memory::default();
    let stream = Arc::new(Stream::new(memory.clone()));
    let registry = Arc::new(vocabulary(Arc::new(setup)).registry);
    let weights = Weights { jobs: 2, ..Weights::default() };
    let summary =
        run::run(registry, sources, Options { weights, ..Options::default() }, stream).await;
    assert!(summary.syntax_errors.is_empty(), "{:?}", summary.syntax_errors);
    Some(memory.envelopes())
}

/// What failed, by its message.
fn failures(envelopes: &[Value]) -> Vec<&str> {
    let results = of(envelopes, "testStepFinished").into_iter().map(|it| &it["testStepResult"]);
    let bad = results.filter(|it| !["PASSED", "SKIPPED"].contains(&it["status"].as_str().unwrap()));
    bad.map(|it| it["message"].as_str().unwrap_or("no message")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bundled_features_pass_on_an_old_and_on_the_newest_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/network");
    let source = |it: fs::DirEntry| Source {
        uri: it.path().display().to_string(),
        text: fs::read_to_string(it.path()).unwrap(),
    };
    let sources: Vec<Source> = fs::read_dir(folder).unwrap().flatten().map(source).collect();
    // The old one behind the relay alone, the new one behind what this machine can besides.
    let by = |by| Given { by, ..Given::default() };
    let [old, new] = VERSIONS;
    let old = run(old, &sources, by(By::Relay));
    let (old, new) = tokio::join!(old, run(new, &sources, by(By::Auto)));
    for (version, envelopes) in VERSIONS.into_iter().zip([old, new]) {
        let Some(envelopes) = envelopes else { continue };
        assert_eq!(failures(&envelopes), [""; 0], "on {version}");
        let times = attached(&envelopes).into_iter().filter(|it| it.contains("connected_ms"));
        assert_eq!(times.count(), 2 * 7, "each is logged and kept");
    }
}

#[tokio::test]
async fn what_is_not_so_of_a_network_fails_and_says_what_is() {
    let text = r#"Feature: F
  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And the network of "Ada" is "latency=20ms"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
  Scenario: a
    Then "Ada" should have connected within 10 ms
  Scenario: b
    Then a data message from "Ada" to "Ben" and back should take between 0 and 5 ms
  Scenario: c
    Then the network of "Ada" should have lost between 1 and 2 percent of the packets
  Scenario: d
    Then the network of "Ben" becomes "3g"
  Scenario: e
    Then the network of "Ben" is "3g"
  Scenario: f
    Then the network of "Ada" becomes "lossi"
  Scenario: g
    Then "Ben" should lose between 0 and 10 percent of 20 numbered messages of "Ada"
"#;
    let sources = [Source { uri: "f.feature".to_owned(), text: text.to_owned() }];
    let Some(envelopes) = run("1.13.5", &sources, Given::default()).await else { return };
    let said = failures(&envelopes);
    for part in [
        "`Ada` was connected after",
        "the round trip takes",
        "0.0 % of the packets of `Ada` were lost",
        "`Ben` has no network that can change",
        "`Ben` joined before their network was set",
        "no network is called `lossi` (did you mean",
        "20 of 20 messages of `Ada` did not reach `Ben`",
    ] {
        assert!(said.iter().any(|it| it.contains(part)), "{part}: {said:?}");
    }
    assert_eq!(said.len(), 7);
}

#[tokio::test]
async fn a_network_of_everybody_is_that_of_whoever_joins() {
    let text = r#"Feature: F
  Scenario: a
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    Then a data message from "Ada" to "Ben" and back should take between 159 and 400 ms
"#;
    let sources = [Source { uri: "f.feature".to_owned(), text: text.to_owned() }];
    let everybody = Some("latency=40ms".parse().unwrap());
    let network = Given { everybody, ..Given::default() };
    let Some(envelopes) = run("1.13.5", &sources, network).await else { return };
    assert_eq!(failures(&envelopes), [""; 0]);
}
