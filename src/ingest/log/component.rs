//! Which component a log is of, guessed from its name and its first lines, and of which version.

use std::collections::BTreeMap;

use regex::Regex;

use crate::model::{Component, Version};

/// What file names and lines tell of each component; the first that fits wins.
const TELLS: &[(&str, &[&str], &[&str])] = &[
    // What our engine logs of a run; folders of that name are many people's, so its lines alone tell.
    ("lkreport", &[], &["\"target\":\"lkreport\""]),
    ("egress", &["egress"], &["\tegress\t", "\"logger\":\"egress", "egressID"]),
    ("ingress", &["ingress"], &["\tingress\t", "\"logger\":\"ingress", "ingressID"]),
    ("sip", &["sip"], &["\tsip\t", "\"logger\":\"sip", "sip/inbound.go", "sip/outbound.go"]),
    (
        "redis",
        &["redis", "valkey"],
        &["Redis is starting", "Valkey is starting", "Ready to accept connections"],
    ),
    ("minio", &["minio"], &["MinIO Object Storage", "github.com/minio/", "\"deploymentid\""]),
    (
        "browser",
        &["browser", "chrome", "chromium", "firefox", "webdriver", "geckodriver"],
        &["\"source\":\"console-api\"", "console-api ", "chromedriver"],
    ),
    ("agents", &["agent"], &["livekit.agents"]),
    (
        "livekit",
        &["livekit", "lk-server"],
        &["starting LiveKit server", "\tlivekit\t", "\"logger\":\"livekit", "livekit-server"],
    ),
    // Servers have consoles too, so this speaks for a browser only where nothing else is named.
    ("browser", &["console"], &[]),
];

/// The component whose log is called `file` and begins with `lines`.
///
/// The name decides where it speaks; folders speak less than the file itself.
#[must_use]
pub fn component_of(file: &str, lines: &str) -> Option<&'static str> {
    let path = file.to_ascii_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let named = |part: &str| {
        let words = |it: &&str| {
            part.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.starts_with(*it))
        };
        TELLS.iter().find(|(_, names, _)| names.iter().any(words))
    };
    let said = || TELLS.iter().find(|(_, _, tells)| tells.iter().any(|it| lines.contains(it)));
    named(name).or_else(said).or_else(|| named(folders)).map(|it| it.0)
}

/// What programs say of their versions when they start, by component.
const REPORTS: &[(&str, &str)] = &[
    ("livekit", r#"starting LiveKit server\b[^\n]*"version": ?"([^"\s]+)""#),
    ("redis", r"Redis version=([0-9.]+)"),
];

/// The versions that programs report at the start of a log.
#[must_use]
pub fn reported_in(lines: &str) -> BTreeMap<Component, Version> {
    let reported = |(name, pattern): &(&str, &str)| {
        let found = Regex::new(pattern).ok()?.captures(lines)?;
        Some(((*name).to_owned(), Version::new(&found[1])))
    };
    REPORTS.iter().filter_map(reported).collect()
}
