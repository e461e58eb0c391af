//! People in real browsers, and the page that they are on.

use std::{fs, path::Path, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use lkreport_engine::{
    browser::{
        Kind, Measured, Pool,
        client_js::{self, ClientError},
        feasible,
    },
    component::Component,
    meeting::Meeting,
    network::{Line, Profile, judge},
    run::Options,
    runtime::ledger::{Ledger, MARK},
    stack::{default_directory, versions_below},
    steps::vocabulary,
    version::Version,
    world::{Setup, Waits},
};
use procfs::process::all_processes;
use serde_json::Value;
use sha2::{Digest, Sha512};

use crate::{of, real_server::skipped, run, setup, statuses};

const SCRIPT: &str = "window.LivekitClient = {};";

/// Keeps a package that holds a script, as `npm` would have brought it.
fn keep(clients: &Path, version: &str, script: &str) {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(script.len() as u64);
    header.set_mode(0o644);
    let path = "package/dist/livekit-client.umd.js";
    archive.append_data(&mut header, path, script.as_bytes()).unwrap();
    let package = archive.into_inner().unwrap().finish().unwrap();
    let place = clients.join(version);
    fs::create_dir_all(&place).unwrap();
    let integrity = format!("sha512-{}", BASE64_STANDARD.encode(Sha512::digest(&package)));
    fs::write(place.join("livekit-client.tgz"), package).unwrap();
    fs::write(place.join("integrity"), integrity + "\n").unwrap();
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_page_uses_the_client_that_was_asked_for_and_no_other() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "2.0.1", SCRIPT);
    keep(folder.path(), "2.0.2", "window.LivekitClient = null;");
    let meeting = Meeting::start(0, folder.path()).await.unwrap();
    let url = meeting.url(&version("v2.0.1")).await.unwrap();
    let get = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap();
    let page = get("").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    assert!(page.text().await.unwrap().contains("<script src=\"livekit-client.js\""));
    assert_eq!(get("livekit-client.js").await.text().await.unwrap(), SCRIPT);
    for part in ["meeting.js", "monitor.js", "page.js", "meeting.css"] {
        assert!(get(part).await.status().is_success(), "{part}");
    }
    for missing in ["other.js", "../2.0.2/", "../2.0.2/livekit-client.js", "../../etc/passwd"] {
        assert_eq!(get(missing).await.status(), 404, "{missing}");
    }
}

#[tokio::test]
async fn a_package_that_was_changed_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "2.0.1", SCRIPT);
    let package = folder.path().join("2.0.1/livekit-client.tgz");
    let mut bytes = fs::read(&package).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&package, bytes).unwrap();
    let opened = client_js::script(folder.path(), &version("2.0.1")).await;
    assert!(matches!(&opened, Err(ClientError::Changed(..))), "{opened:?}");
    let error = opened.unwrap_err().to_string();
    assert!(
        error.contains("is not what the registry published: its integrity is sha512-"),
        "{error}"
    );
}

#[test]
fn browsers_are_known_by_the_names_that_features_use() {
    for (name, kind) in [
        ("Chrome", Kind::Chrome),
        ("Chromium", Kind::Chrome),
        ("Firefox", Kind::Firefox),
        ("edge", Kind::Edge),
    ] {
        assert_eq!(name.parse(), Ok(kind));
    }
    let error = "Netscape".parse::<Kind>().unwrap_err().to_string();
    assert_eq!(
        error,
        "no browser is called `Netscape`; there are Chrome, Chromium, Firefox and Edge"
    );
}

/// The processes that carry the mark of a ledger.
fn marked(mark: &str) -> Vec<i32> {
    let carries = |it: &procfs::process::Process| {
        let environment = it.environ().unwrap_or_default();
        environment.get(std::ffi::OsStr::new(MARK)).is_some_and(|it| it.to_str() == Some(mark))
    };
    let all = all_processes().unwrap().flatten();
    all.filter(carries).map(|it| it.pid).collect()
}

/// Chromium; nothing where it is missing.
fn chrome() -> Option<()> {
    match Kind::Chrome.find() {
        Ok(_) => Some(()),
        Err(missing) => {
            skipped(&missing.to_string());
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_dropped_leaves_no_browser() {
    if chrome().is_none() {
        return;
    }
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "2.0.1", SCRIPT);
    let ledger = Arc::new(Ledger::open(&folder.path().join("running")).unwrap());
    let pool = Pool::new(Arc::clone(&ledger), &folder.path().join("work"), folder.path(), false);
    let client = version("2.0.1");
    let measured = Measured { participant: "Ada".to_owned(), case: None, meter: None };
    let person = pool.person(Kind::Chrome, &client, measured).await.unwrap();
    assert!(person.screenshot().await.unwrap().starts_with(b"\x89PNG"));
    let running = marked(ledger.mark());
    assert!(running.len() > 2, "{running:?}");
    drop(person);
    drop(pool);
    // Signals take a moment; a browser that is left would never end.
    let gone = async {
        while !marked(ledger.mark()).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_makes_networks_for_a_window() {
    if chrome().is_none() {
        return;
    }
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "2.0.1", SCRIPT);
    let ledger = Arc::new(Ledger::open(&folder.path().join("running")).unwrap());
    let pool = Pool::new(ledger, &folder.path().join("work"), folder.path(), false);
    let measured = Measured { participant: "Ada".to_owned(), case: None, meter: None };
    let mut person = pool.person(Kind::Chrome, &version("2.0.1"), measured).await.unwrap();

    let asked: Profile = "latency=100ms,jitter=9ms,loss=20%,down=2mbit,seed=3".parse().unwrap();
    let (made, left_out) = feasible(&asked);
    assert_eq!(left_out, ["jitter", "seed"]);
    let found = person.measure(&made).await.unwrap();
    judge(&made, &found).unwrap();
    let half = Profile { latency: Duration::from_millis(20), ..made };
    let wrong = judge(&half, &found).unwrap_err();
    assert_eq!(wrong.what, "the fastest round trip");

    // The window itself: what passes does so twice each way, as both ends are in it.
    let line = Arc::new(Line::new("latency=50ms".parse().unwrap(), "Ada"));
    person.emulate(Arc::clone(&line)).await.unwrap();
    person.tell("probe.open", [(); 0]).await.unwrap();
    let ping = async || person.ask::<Vec<f64>>("probe.ping", (1, 1, 1000)).await.unwrap();
    let changes = async {
        assert!(ping().await.iter().all(|it| *it >= 200.0));
        line.set("loss=100%".parse().unwrap()).await.unwrap();
        while !ping().await.is_empty() {}
        line.set("offline=1000s@1000s".parse().unwrap()).await.unwrap();
        while !ping().await.first().is_some_and(|it| *it < 200.0) {}
        line.set_online(false);
        while !ping().await.is_empty() {}
        line.set_online(true);
        while ping().await.is_empty() {}
        line.set("offline=1000s".parse().unwrap()).await.unwrap();
        while !ping().await.is_empty() {}
    };
    tokio::time::timeout(Duration::from_secs(60), changes).await.unwrap();
    drop(person);
    pool.close(Duration::from_secs(5)).await;
}

/// Runs scenarios in browsers on the newest server there is; nothing where something is missing.
async fn in_browsers(scenarios: &str) -> Option<(Vec<Value>, tempfile::TempDir)> {
    chrome()?;
    let (directory, clients) = (default_directory(), client_js::default_directory());
    if versions_below(&directory, Component::Livekit).is_empty() {
        skipped(&format!("no livekit-server in {}", directory.display()));
        return None;
    }
    if !clients.join(client_js::usual().to_string()).is_dir() {
        skipped(&format!("no livekit-client {} in {}", client_js::usual(), clients.display()));
        return None;
    }
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let waits = Waits { expected: Duration::from_secs(10), ..Waits::default() };
    let setup = Setup { waits, ..setup(folder.path(), &clients) };
    let browsers = Arc::clone(&setup.browsers);
    let registry = vocabulary(Arc::new(setup)).registry;
    let feature = format!("Feature: F\n{scenarios}");
    let (summary, envelopes) = run(registry, &feature, Options::default()).await;
    assert!(summary.syntax_errors.is_empty(), "{:?}", summary.syntax_errors);
    browsers.close(Duration::from_secs(5)).await;
    Some((envelopes, folder))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_saw_is_kept_of_a_failure() {
    let Some((envelopes, _folder)) = in_browsers(
        r#"  Scenario: alone
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "Chrome" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"
    And "Ada" should have video unmuted locally
    And "Ada" should be receiving video from "Ben"
"#,
    )
    .await
    else {
        return;
    };
    let failed = of(&envelopes, "testStepFinished").into_iter().map(|it| &it["testStepResult"]);
    let failed: Vec<_> = failed.filter(|it| it["status"] == "FAILED").collect();
    assert_eq!(failed.len(), 1, "{:?}", statuses(&envelopes));
    let message = failed[0]["message"].as_str().unwrap();
    assert!(message.contains("`Ada`, who is connected, sees `Ben` not at all"), "{message}");
    let attachments = of(&envelopes, "attachment");
    let named = |end: &str| {
        let found = attachments
            .iter()
            .find(|it| it["fileName"].as_str().is_some_and(|it| it.ends_with(end)));
        found.unwrap_or_else(|| panic!("nothing is kept as {end}"))["body"].as_str().unwrap()
    };
    assert!(BASE64_STANDARD.decode(named(".png")).unwrap().starts_with(b"\x89PNG"));
    assert!(named("-events.txt").contains("\"status\":\"connected\""));
    assert!(named("-statistics.ndjson").contains("\"state\":\"connected\""));
    let console = named("-console.txt");
    assert!(console.contains("connected to Livekit Server"), "{console}");
    assert!(!envelopes.iter().any(|it| it.to_string().contains("eyJ")), "a token is not masked");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_things_stood_when_something_broke_is_kept_of_a_success_too() {
    let Some((envelopes, _folder)) = in_browsers(
        r#"  Scenario: back again
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "Chrome" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"
    And "Ada" should have video unmuted locally
    And "Ada" should have audio unmuted locally
    When the signal connection of participant "Ada" breaks
    Then "Ada" should be connected again
    When "Ada" leaves the meeting
    Then "Ada" should be disconnected from the room
"#,
    )
    .await
    else {
        return;
    };
    assert!(statuses(&envelopes).iter().all(|it| *it == "PASSED"), "{:?}", statuses(&envelopes));
    let attachments = of(&envelopes, "attachment");
    let bodies = |end: &str| {
        let is = |it: &&&Value| it["fileName"].as_str().is_some_and(|it| it.ends_with(end));
        let found = attachments.iter().filter(is).map(|it| it["body"].as_str().unwrap());
        found.collect::<Vec<_>>()
    };
    let [picture] = bodies("-break-1.png")[..] else { panic!("{attachments:?}") };
    assert!(BASE64_STANDARD.decode(picture).unwrap().starts_with(b"\x89PNG"));
    let [look] = bodies("-break-1.txt")[..] else { panic!("{attachments:?}") };
    assert!(look.starts_with("the signal connection closed with 4000"), "{look}");
    assert_eq!(bodies("-break-2.txt"), [""; 0], "leaving is no break");
    assert_eq!(bodies("-console.txt").len(), 1);
}
