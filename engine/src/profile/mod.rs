//! Config profiles: the configuration of a LiveKit server under a name, as each version takes it.
//!
//! LiveKit refuses to start with a setting that it does not know. So what a version does not know, or
//! should not be given any more, is left out with a warning.

mod difference;
pub mod settings;
mod table;
mod tree;

use std::net::IpAddr;

pub use difference::{Difference, State, diff};
use serde_json::{Map, Value, json};
use settings::Standing;

use crate::version::Version;

/// Settings that a user gives: nested, or with dotted names, or both; `null` takes a setting out.
pub type Overrides = Map<String, Value>;

/// Where a server listens, and what it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The address that it listens on.
    pub bind: IpAddr,
    /// The address at which participants reach it.
    pub node: IpAddr,
    /// The port of the API and of signalling.
    pub http: u16,
    /// The port of media over TCP.
    pub tcp: u16,
    /// The port of media over UDP.
    pub udp: u16,
    /// The API key.
    pub key: String,
    /// The secret of the key, of at least 32 characters; every version logs an error about a shorter one.
    pub secret: String,
    /// `host:port` of redis.
    pub redis: Option<String>,
    /// The URL that receives webhooks.
    pub webhook: Option<String>,
    /// The URL under which ingresses take RTMP.
    pub ingress_rtmp: Option<String>,
    /// The URL under which ingresses take WHIP.
    pub ingress_whip: Option<String>,
}

impl Places {
    /// The ports that LiveKit and its friends usually have, all on loopback: to show a configuration
    /// without a server.
    #[must_use]
    pub fn usual() -> Self {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        Self {
            bind: loopback,
            node: loopback,
            http: 7880,
            tcp: 7881,
            udp: 7882,
            key: "devkey".to_owned(),
            secret: "a-secret-of-at-least-32-characters".to_owned(),
            redis: Some("127.0.0.1:6379".to_owned()),
            webhook: Some("http://127.0.0.1:8000/webhook".to_owned()),
            ingress_rtmp: Some("rtmp://127.0.0.1:1935/live".to_owned()),
            ingress_whip: Some("http://127.0.0.1:8080/whip".to_owned()),
        }
    }
}

/// The configuration of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What stands in the configuration file.
    pub yaml: String,
    /// The settings that were left out, and why.
    pub warnings: Vec<String>,
}

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile has this name.
    #[error("no config profile is named `{0}`; known are {known}", known = names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
    /// The profile needs something that does not run.
    #[error("config profile `{profile}` needs {what}, and none is there")]
    Missing {
        /// The profile.
        profile: &'static str,
        /// What it needs.
        what: &'static str,
    },
    /// An override names nothing.
    #[error("`{0}` is no name of a setting")]
    BadKey(String),
    /// The settings cannot be written as YAML.
    #[error("the configuration cannot be written: {0}")]
    Unwritable(String),
}

struct Profile {
    name: &'static str,
    redis: bool,
    webhook: bool,
    ingress: bool,
}

/// The meaning of each name is an interface: suites name them.
const PROFILES: [Profile; 7] = [
    Profile { name: "basic", redis: false, webhook: false, ingress: false },
    Profile { name: "basic_hook", redis: false, webhook: true, ingress: false },
    Profile { name: "webhook", redis: false, webhook: true, ingress: false },
    Profile { name: "with_egress", redis: true, webhook: false, ingress: false },
    Profile { name: "with_egress_hook", redis: true, webhook: true, ingress: false },
    Profile { name: "with_ingress", redis: true, webhook: false, ingress: true },
    Profile { name: "with_ingress_egress", redis: true, webhook: true, ingress: true },
];

/// What a profile needs to run beside the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// [`Places::redis`].
    pub redis: bool,
    /// [`Places::webhook`].
    pub webhook: bool,
    /// [`Places::ingress_rtmp`] and [`Places::ingress_whip`].
    pub ingress: bool,
}

/// The names of all profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|it| it.name)
}

/// What the profile of this name needs.
///
/// # Errors
///
/// When no profile has this name.
pub fn needs(name: &str) -> Result<Needs, ProfileError> {
    let it = named(name)?;
    Ok(Needs { redis: it.redis, webhook: it.webhook, ingress: it.ingress })
}

/// The configuration of a profile for a version of `livekit-server`.
///
/// # Errors
///
/// When no profile has this name, the profile needs a place that is not given, or an override names
/// nothing.
pub fn render(
    name: &str,
    version: &Version,
    places: &Places,
    overrides: &Overrides,
) -> Result<Rendered, ProfileError> {
    let profile = named(name)?;
    let mut settings = tree::leaves(&profile.settings(places)?)?;
    settings.extend(tree::leaves(overrides)?);
    // Of one path, what a user says stays behind what the profile says, and so prevails.
    settings.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut root, mut warnings) = (Map::new(), Vec::new());
    for (path, value) in settings {
        match left_out(&path, version) {
            Some(_) if value.is_null() => {}
            Some(why) => warnings.push(format!("`{path}` is left out: {why}")),
            None => tree::set(&mut root, &path, value),
        }
    }
    let yaml = serde_saphyr::to_string(&root);
    let yaml = yaml.map_err(|it| ProfileError::Unwritable(it.to_string()))?;
    Ok(Rendered { yaml, warnings })
}

fn named(name: &str) -> Result<&'static Profile, ProfileError> {
    let profile = PROFILES.iter().find(|it| it.name == name);
    profile.ok_or_else(|| ProfileError::Unknown(name.to_owned()))
}

/// Why a version is not given a setting.
fn left_out(path: &str, version: &Version) -> Option<String> {
    match settings::standing(path, version) {
        Standing::Known | Standing::Unlisted => None,
        Standing::NotYet(since) => {
            Some(format!("livekit {version} does not know it, the first that does is {since}"))
        }
        Standing::NoLonger(until) => {
            Some(format!("livekit {version} no longer knows it, the last that did is {until}"))
        }
        Standing::Deprecated(since, None) => Some(format!("it is deprecated since {since}")),
        Standing::Deprecated(since, Some(instead)) => {
            Some(format!("it is deprecated since {since}, set {instead}"))
        }
    }
}

impl Profile {
    /// All settings of the profile, whatever the version.
    fn settings(&self, places: &Places) -> Result<Map<String, Value>, ProfileError> {
        let mut all = base(places);
        if self.redis {
            let redis = self.given(places.redis.as_ref(), "redis")?;
            all.insert("redis.address".to_owned(), json!(redis));
        }
        if self.webhook {
            let url = self.given(places.webhook.as_ref(), "a receiver of webhooks")?;
            all.insert("webhook.api_key".to_owned(), json!(places.key));
            all.insert("webhook.urls".to_owned(), json!([url]));
        }
        if self.ingress {
            let rtmp = self.given(places.ingress_rtmp.as_ref(), "a URL of ingresses over RTMP")?;
            let whip = self.given(places.ingress_whip.as_ref(), "a URL of ingresses over WHIP")?;
            all.insert("ingress.rtmp_base_url".to_owned(), json!(rtmp));
            all.insert("ingress.whip_base_url".to_owned(), json!(whip));
        }
        Ok(all)
    }

    fn given<'a>(
        &self,
        place: Option<&'a String>,
        what: &'static str,
    ) -> Result<&'a str, ProfileError> {
        let missing = ProfileError::Missing { profile: self.name, what };
        place.map(String::as_str).ok_or(missing)
    }
}

/// One server, rooms created on join, JSON logs at info.
fn base(places: &Places) -> Map<String, Value> {
    let mut keys = Map::new();
    keys.insert(places.key.clone(), json!(places.secret));
    let mut settings = vec![
        ("port", json!(places.http)),
        ("bind_addresses", json!([places.bind])),
        ("keys", Value::Object(keys)),
        ("logging.json", json!(true)),
        ("logging.level", json!("info")),
        ("rtc.tcp_port", json!(places.tcp)),
        ("rtc.udp_port", json!(places.udp)),
        ("rtc.node_ip", json!(places.node)),
        ("rtc.use_external_ip", json!(false)),
        // Without it a server offers nothing that a participant on loopback could reach.
        ("rtc.enable_loopback_candidate", json!(places.node.is_loopback())),
        ("room.auto_create", json!(true)),
    ];
    if places.node.is_loopback() {
        // Other networks of the machine may go while participants use them.
        settings.push(("rtc.ips.includes", json!([format!("{}/32", places.node)])));
    }
    settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
