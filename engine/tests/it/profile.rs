//! Config profiles, also on the real servers: none brings a warning, and the table of settings holds.

use std::fs;

use lkreport_engine::{
    profile::{self, Overrides, Places, ProfileError, settings},
    version::Version,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::real_server::{self, MEASURED, Server};

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn overrides(value: Value) -> Overrides {
    value.as_object().unwrap().clone()
}

/// What stands in the configuration, and the warnings.
fn render(name: &str, on: &str, given: Value) -> (Value, Vec<String>) {
    let rendered =
        profile::render(name, &version(on), &Places::usual(), &overrides(given)).unwrap();
    (serde_saphyr::from_str(&rendered.yaml).unwrap(), rendered.warnings)
}

#[test]
fn each_profile_has_what_its_name_means() {
    let has = |name: &str| {
        let (settings, warnings) = render(name, "1.5.3", json!({}));
        assert_eq!(warnings, [""; 0]);
        assert_eq!(settings["keys"], json!({"devkey": "a-secret-of-at-least-32-characters"}));
        assert_eq!(settings["logging"], json!({"json": true, "level": "info"}));
        assert_eq!(settings["rtc"]["enable_loopback_candidate"], true);
        assert_eq!(settings["rtc"]["ips"]["includes"], json!(["127.0.0.1/32"]));
        ["redis", "webhook", "ingress"].map(|it| settings.get(it).is_some())
    };
    let all: Vec<_> = profile::names().map(|it| (it, has(it))).collect();
    let expected = [
        ("basic", [false, false, false]),
        ("basic_hook", [false, true, false]),
        ("webhook", [false, true, false]),
        ("with_egress", [true, false, false]),
        ("with_egress_hook", [true, true, false]),
        ("with_ingress", [true, false, true]),
        ("with_ingress_egress", [true, true, true]),
    ];
    assert_eq!(all, expected);
    let (settings, _) = render("with_ingress_egress", "1.13.5", json!({}));
    let webhook = json!({"api_key": "devkey", "urls": ["http://127.0.0.1:8000/webhook"]});
    assert_eq!(settings["webhook"], webhook);
    assert_eq!(settings["redis"], json!({"address": "127.0.0.1:6379"}));
}

#[test]
fn a_wrong_name_is_answered_with_the_known_ones() {
    let error = profile::needs("with_sip").unwrap_err();
    let message = "no config profile is named `with_sip`; known are basic, basic_hook, webhook, \
                   with_egress, with_egress_hook, with_ingress, with_ingress_egress";
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_profile_says_what_it_lacks() {
    let places = Places { redis: None, ..Places::usual() };
    let error = profile::render("with_egress", &version("1.8.4"), &places, &Overrides::new());
    let message = "config profile `with_egress` needs redis, and none is there";
    assert_eq!(error.unwrap_err().to_string(), message);
}

#[test]
fn overrides_are_dotted_or_nested_and_null_takes_out() {
    let given = json!({
        "room.empty_timeout": 1,
        "room": {"max_participants": 2, "playout_delay.enabled": true},
        "rtc": {"udp_port": {"start": 50000, "end": 50010}, "tcp_port": null},
        "logging": {"component_levels": {"livekit.psrpc": "debug"}},
        "new_in_the_next_version": {"a.b": [1]},
        "redis.address": null,
    });
    let (settings, warnings) = render("basic", "1.8.4", given);
    assert_eq!(warnings, [""; 0]);
    let room = json!({
        "auto_create": true, "empty_timeout": 1, "max_participants": 2,
        "playout_delay": {"enabled": true},
    });
    assert_eq!(settings["room"], room);
    assert_eq!(settings["rtc"]["udp_port"], json!({"start": 50000, "end": 50010}));
    assert_eq!(settings["rtc"].get("tcp_port"), None);
    assert_eq!(settings["logging"]["level"], "info");
    assert_eq!(settings["logging"]["component_levels"], json!({"livekit.psrpc": "debug"}));
    assert_eq!(settings["new_in_the_next_version"], json!({"a.b": [1]}));
    assert_eq!(settings.get("redis"), None);
}

#[test]
fn a_key_without_a_name_is_an_error() {
    let given = overrides(json!({"room": {"..x": 1}}));
    let error = profile::render("basic", &version("1.8.4"), &Places::usual(), &given).unwrap_err();
    assert_eq!(error, ProfileError::BadKey("room...x".to_owned()));
}

#[test]
fn what_a_version_does_not_take_is_left_out_with_a_warning() {
    let given = json!({
        "room": {"departure_timeout": 1, "create_room_enabled": true},
        "environment": "dev",
        "prometheus_port": 6789,
        "rtc.node_ip": {"ipv4": "127.0.0.1"},
    });
    let (settings, warnings) = render("basic", "v1.5.3", given.clone());
    let expected = [
        "`room.create_room_enabled` is left out: livekit 1.5.3 does not know it, the first that does is 1.8.4",
        "`room.departure_timeout` is left out: livekit 1.5.3 does not know it, the first that does is 1.7.2",
        "`rtc.node_ip.ipv4` is left out: livekit 1.5.3 does not know it, the first that does is 1.10.1",
    ];
    assert_eq!(warnings, expected);
    assert_eq!(settings["room"], json!({"auto_create": true}));
    assert_eq!(settings["rtc"]["node_ip"], "127.0.0.1");
    let (settings, warnings) = render("basic", "1.13.5", given);
    let expected = [
        "`environment` is left out: livekit 1.13.5 no longer knows it, the last that did is 1.5.3",
        "`prometheus_port` is left out: it is deprecated since 1.7.2, set prometheus.port",
        "`room.create_room_enabled` is left out: livekit 1.13.5 no longer knows it, the last that did is 1.11.0",
    ];
    assert_eq!(warnings, expected);
    assert_eq!(settings["room"], json!({"auto_create": true, "departure_timeout": 1}));
    assert_eq!(settings["rtc"]["node_ip"], json!({"ipv4": "127.0.0.1"}));
}

#[test]
fn a_diff_names_what_two_versions_take_differently() {
    let diff = |before: &str, after: &str, given: Value| {
        let places = Places::usual();
        let (before, after) = (version(before), version(after));
        let found = profile::diff("basic", &before, &after, &places, &overrides(given)).unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(diff("1.8.4", "1.8.4", json!({})), [""; 0]);
    let expected = [
        "agents.target_load: unknown → default",
        "enable_data_tracks: default false → default true",
    ];
    assert_eq!(diff("1.10.1", "1.11.0", json!({})), expected);
    let given = json!({"room": {"create_room_enabled": true}});
    let found = diff("1.11.0", "1.13.5", given);
    assert!(found.contains(&"room.create_room_enabled: true → unknown".to_owned()), "{found:?}");
    let metadata = "limit.max_metadata_size: default 64000 → default 524288";
    assert!(found.contains(&metadata.to_owned()), "{found:?}");
}

proptest! {
    #[test]
    fn any_text_survives_the_way_into_the_configuration(
        secret in "\\PC{0,40}|[0-9a-fx.:# '\"~\\-]{0,12}|yes|null|0o17|1e3",
    ) {
        let places = Places { secret, ..Places::usual() };
        let rendered = profile::render("basic", &version("1.8.4"), &places, &Overrides::new()).unwrap();
        let read: Value = serde_saphyr::from_str(&rendered.yaml).unwrap();
        prop_assert_eq!(&read["keys"]["devkey"], &Value::String(places.secret));
    }
}

fn warns(line: &str) -> bool {
    match serde_json::from_str::<Value>(line) {
        Ok(line) => !matches!(line["level"].as_str(), Some("info" | "debug")),
        // A line that is no JSON is a complaint from before logging was set up.
        Err(_) => true,
    }
}

#[test]
fn no_profile_brings_a_warning_on_any_version() {
    let directory = tempfile::tempdir().unwrap();
    let redis = real_server::redis(directory.path());
    for measured in MEASURED {
        let Some(program) = real_server::program(measured) else { continue };
        for name in profile::names() {
            if profile::needs(name).unwrap().redis && redis.is_none() {
                continue;
            }
            let redis = redis.as_ref().map(|it| format!("127.0.0.1:{}", it.1));
            let version = version(measured);
            let server = Server::start_profile(&program, directory.path(), name, &version, redis);
            let printed = server.end();
            let has_started = printed.iter().any(|it| it.contains("starting LiveKit server"));
            assert!(has_started, "{measured} {name}: {printed:?}");
            let warnings: Vec<_> = printed.iter().filter(|it| warns(it)).collect();
            assert_eq!(warnings, [""; 0], "{measured} {name}");
        }
    }
}

/// Every setting of the table on a line of its own, with the path of each line.
fn all_settings() -> (String, Vec<String>) {
    let (mut yaml, mut paths) = (String::new(), Vec::new());
    let mut keys: Vec<Vec<&str>> = settings::keys().map(|it| it.split('.').collect()).collect();
    keys.sort_unstable();
    for (n, key) in keys.iter().enumerate() {
        let above = n.checked_sub(1).map_or(&[][..], |it| &keys[it]);
        let shared = key.iter().zip(above).take_while(|(a, b)| a == b).count();
        for depth in shared..key.len() {
            let is_last = depth + 1 == key.len();
            let has_below =
                keys.get(n + 1).is_some_and(|it| it.len() > key.len() && it.starts_with(key));
            let value = if is_last && !has_below { " null" } else { "" };
            yaml += &format!("{}{}:{value}\n", "  ".repeat(depth), key[depth]);
            paths.push(key[..=depth].join("."));
        }
    }
    (yaml, paths)
}

/// What a version refuses: a setting itself with all below it, or only that anything stands below it.
fn refused(line: &str, paths: &[String]) -> Option<(String, bool)> {
    let (number, why) = line.trim().strip_prefix("line ")?.split_once(": ")?;
    let path = paths.get(number.parse::<usize>().ok()? - 1)?;
    if why.starts_with("cannot unmarshal !!map") {
        return Some((path.rsplit_once('.')?.0.to_owned(), false));
    }
    why.contains("not found in type").then(|| (path.clone(), true))
}

#[test]
fn the_table_holds_what_each_version_says_of_each_setting() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("livekit.yaml");
    let (mut yaml, paths) = all_settings();
    // The one that nobody knows keeps every version from starting.
    yaml += "nobody_knows_this: null\n";
    fs::write(&config, yaml).unwrap();
    for measured in MEASURED {
        let Some(program) = real_server::program(measured) else { continue };
        let printed = Server::start(&program, &config, 0).end();
        assert!(
            printed.iter().any(|it| it.contains("field nobody_knows_this not found")),
            "{printed:?}"
        );
        let refused: Vec<_> = printed.iter().filter_map(|it| refused(it, &paths)).collect();
        for key in settings::keys() {
            let below = |it: &str| key.strip_prefix(it).is_some_and(|it| it.starts_with('.'));
            let is_refused = refused.iter().any(|(it, itself)| below(it) || *itself && key == it);
            let standing = settings::standing(key, &version(measured));
            let is_known =
                matches!(standing, settings::Standing::Known | settings::Standing::Deprecated(..));
            assert_ne!(is_known, is_refused, "{key} on {measured}: {standing:?}");
        }
    }
}
