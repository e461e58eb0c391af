//! Versions and ranges mean what people mean by them.

use livekit_api::access_token::{AccessToken, VideoGrants};
use livekit_signaling::{SignalClient, SignalOptions};
use lkreport_engine::profile::Places;
use lkreport_engine::version::{Combination, Range, Version, matrix::Matrix, server, tags};
use proptest::prelude::*;

use crate::real_server::{self, MEASURED, Server};

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

pub(crate) fn combination(versions: &[(&str, &str)]) -> Combination {
    versions.iter().map(|(name, it)| ((*name).to_owned(), version(it))).collect()
}

fn range(text: &str) -> Range {
    text.parse().unwrap()
}

#[test]
fn a_version_is_shown_as_asked_for_and_compared_by_meaning() {
    for (asked, shown) in
        [("v1.8.4", "1.8.4"), ("1.9", "1.9"), (" 7 ", "7"), ("V1.9.0-rc1", "1.9.0-rc1")]
    {
        assert_eq!(version(asked).to_string(), shown);
    }
    assert_eq!(version("1.9"), version("v1.9.0"));
    let mut several = ["1.10.1", "1.9.0", "2024.1.02", "1.9.0-rc1", "1.9.11"].map(version);
    several.sort();
    let shown = several.map(|it| it.to_string());
    assert_eq!(shown, ["1.9.0-rc1", "1.9.0", "1.9.11", "1.10.1", "2024.1.02"]);
}

#[test]
fn what_is_no_version_is_named() {
    for text in
        ["", "v", "latest", "1.", ".1", "1..2", "1.2.3.4", "1.9-", "+1", "1.9.0-a_b", "1.-2"]
    {
        let error = text.parse::<Version>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{text}` is no version")), "{error}");
    }
}

#[test]
fn a_range_holds_what_all_its_comparisons_hold() {
    let holds = |range_: &str, it: &str| range(range_).holds(&version(it));
    assert!(holds(">=1.5.0, <1.5.2", "1.5.1"));
    assert!(!holds(">=1.5.0, <1.5.2", "1.5.2"));
    assert!(holds("=1.9.10", "v1.9.10"));
    assert!(holds("*", "0.1"));
    assert!(holds("=2.18.1 || =2.18.6", "2.18.6"));
    assert!(!holds("=2.18.1 || =2.18.6", "2.18.4"));
    assert_eq!(range("=1.2.3||>=2,<3").to_string(), "=1.2.3 || >=2, <3");
}

#[test]
fn a_pre_release_stands_before_its_release() {
    let holds = |range_: &str, it: &str| range(range_).holds(&version(it));
    assert!(holds(">=1.8.0", "1.9.0-rc1"));
    assert!(!holds(">=1.9.0", "1.9.0-rc1"));
    assert!(holds("<1.9.0", "1.9.0-rc1"));
    assert!(!holds("=1.9.0", "1.9.0-rc1"));
    assert!(holds("1.9", "1.9.0-rc1"));
}

#[test]
fn what_is_no_range_is_named() {
    let error = ">=1.5.0 and 2".parse::<Range>().unwrap_err().to_string();
    assert!(error.starts_with("`>=1.5.0 and 2` is no range of versions ("), "{error}");
}

#[test]
fn a_combination_is_named_by_its_sorted_components() {
    let combination = combination(&[("livekit", "v1.8.4"), ("client-js", "2.18.1")]);
    assert_eq!(combination.id(), "client-js-2.18.1_livekit-1.8.4");
    assert_eq!(combination.to_string(), "client-js 2.18.1, livekit 1.8.4");
}

/// Why a scenario with this tag cannot apply.
fn unsupported(tag: &str, versions: &[(&str, &str)]) -> Option<String> {
    tags::unsupported(["@smoke", tag, "@TC-7:x"], &combination(versions)).unwrap()
}

#[test]
fn a_tag_rules_out_the_versions_it_is_not_for() {
    let on = |tag: &str, livekit: &str| unsupported(tag, &[("livekit", livekit)]).is_some();
    let found: Vec<_> = [
        ("@MinServerVersion:v1.9.0", ["1.8.4", "1.9.0-rc1"], ["1.9.0", "1.10.1"]),
        ("@MaxServerVersion:1.9", ["1.10.1", "2.0.0"], ["1.9.11", "1.8.4"]),
        ("@MaxServerVersion:v1.9.11", ["1.9.12", "1.10"], ["1.9.11", "1.9"]),
        ("@MinProtocolVersion:16", ["1.8.4", "1.9.10"], ["1.9.11", "1.13.5"]),
        ("@RequiresFeature:data-tracks", ["1.10.1", "1.5.3"], ["1.11.0", "1.13.5"]),
        ("@SkipOnVersion:v1.9.10", ["1.9.10", "v1.9.10"], ["1.9.11", "1.9.1"]),
        ("@SkipOnVersion:1.9", ["1.9.0", "1.9.11"], ["1.8.4", "1.10.1"]),
        ("@SkipOnVersion:>=1.9.6,<1.9.8", ["1.9.6", "1.9.7"], ["1.9.5", "1.9.8"]),
    ]
    .into_iter()
    .filter(|(tag, out, in_)| !out.iter().all(|it| on(tag, it)) || in_.iter().any(|it| on(tag, it)))
    .collect();
    assert_eq!(found, []);
    let on_js = |it| unsupported("@MinJsClient:2.9.0", &[("client-js", it)]).is_some();
    assert_eq!(["2.8.1", "2.9.0"].map(on_js), [true, false]);
}

#[test]
fn the_reason_names_tag_and_version() {
    let reason = unsupported("@MinServerVersion:v1.9.0", &[("livekit", "v1.8.4")]).unwrap();
    let expected = "it needs livekit 1.9.0 or newer, and this is 1.8.4 (@MinServerVersion:v1.9.0)";
    assert_eq!(reason, expected);
    let reason = unsupported("@MinProtocolVersion:17", &[("livekit", "1.9.11")]).unwrap();
    assert!(reason.starts_with("it needs signal protocol 17, and livekit 1.9.11"), "{reason}");
}

#[test]
fn what_takes_no_part_rules_nothing_out() {
    assert_eq!(unsupported("@MinServerVersion:9.9.9", &[("client-js", "2.9.0")]), None);
    assert_eq!(unsupported("@MinJsClient:9.9.9", &[("livekit", "1.8.4")]), None);
}

#[test]
fn a_malformed_tag_is_named_also_behind_one_that_rules_out() {
    let old = combination(&[("livekit", "1.5.3")]);
    for tag in [
        "@MinServerVersion",
        "@MinServerVersion:",
        "@MinServerVersion:new",
        "@MaxServerVersion:1.9.x.y",
        "@MinJsClient:two",
        "@MinProtocolVersion:v16",
        "@RequiresFeature:flying",
        "@SkipOnVersion:=>1.9",
    ] {
        let error = tags::unsupported(["@MinServerVersion:1.8.0", tag], &old).unwrap_err();
        assert_eq!(error.tag, tag);
        assert!(error.to_string().starts_with(&format!("`{tag}`: ")), "{error}");
    }
}

proptest! {
    #[test]
    fn numbers_are_compared_by_value(a in any::<[u16; 3]>(), b in any::<[u16; 3]>()) {
        let text = |[x, y, z]: [u16; 3]| version(&format!("v{x}.{y}.{z}"));
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }

    #[test]
    fn a_pre_release_is_less_than_its_release(a in any::<[u16; 3]>(), pre in "[a-z][a-z0-9]{0,5}") {
        let [x, y, z] = a;
        let release = version(&format!("{x}.{y}.{z}"));
        let before = version(&format!("{x}.{y}.{z}-{pre}"));
        prop_assert!(before < release);
    }

    #[test]
    fn any_text_is_a_version_that_reads_as_itself_or_an_error(text in "\\PC{0,12}|[v0-9.\\-+rc]{0,12}") {
        if let Ok(read) = text.parse::<Version>() {
            prop_assert_eq!(version(&read.to_string()), read);
        }
    }
}

/// The signal protocol that a server names when somebody joins.
async fn protocol(server: &Server) -> i32 {
    let key = Places::usual();
    let grants = VideoGrants { room_join: true, room: "r".to_owned(), ..VideoGrants::default() };
    let token =
        AccessToken::with_api_key(&key.key, &key.secret).with_identity("a").with_grants(grants);
    let url = format!("ws://127.0.0.1:{}", server.http);
    let token = token.to_jwt().unwrap();
    let joined = SignalClient::connect(&url, &token, SignalOptions::default(), None);
    let (client, join, _events) = joined.await.unwrap();
    client.close().await;
    join.server_info.unwrap().protocol
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_server_speaks_the_protocol_of_the_table() {
    let directory = tempfile::tempdir().unwrap();
    for measured in MEASURED {
        let Some(program) = real_server::program(measured) else { continue };
        let version = version(measured);
        let server = Server::start_profile(&program, directory.path(), "basic", &version, None);
        let spoken = u32::try_from(protocol(&server).await).unwrap();
        assert_eq!(server::protocol(&version), Some(spoken), "{measured}");
        server.end();
    }
}

#[test]
fn a_combination_can_be_asked_for_again() {
    assert_eq!(combination(&[("livekit", "v1.8.4")]).arguments(), ["--livekit", "1.8.4"]);
    let two = combination(&[("livekit", "1.11.0"), ("egress", "1.10.0")]);
    assert_eq!(two.arguments(), ["--matrix", "egress=1.10.0;livekit=1.11.0"]);
    let read: Matrix = two.arguments()[1].parse().unwrap();
    assert_eq!(read.combinations(), [two]);
}
