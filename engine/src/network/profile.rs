//! What a network does to whatever passes through it, as data and as text.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use super::unit;

/// A network, as one person has it. What does not say otherwise holds in each direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// How long everything is under way, from one end to the other.
    pub latency: Duration,
    /// By how much that is longer or shorter, at most.
    pub jitter: Duration,
    /// The share of packets that never arrive.
    pub loss: Share,
    /// The share of packets that are held back until others have overtaken them.
    pub reorder: Share,
    /// What passes to the person in a second.
    pub down: Option<Rate>,
    /// What passes from the person in a second.
    pub up: Option<Rate>,
    /// When nothing passes; the time begins with the first packet after the network was set.
    pub offline: Vec<Period>,
    /// What chance follows from: the same seed, the same fates.
    pub seed: u64,
}

/// A share, in parts of a million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

/// How much passes, in bits a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub u64);

/// A time in which nothing passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// When it begins.
    pub after: Duration,
    /// How long it is.
    pub length: Duration,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No network has this name.
    #[error(
        "no network is called `{name}`{}; there are {}, and a network can be said outright: `latency=100ms,loss=2%`",
        meant(.nearest.as_ref()), .known.join(", ")
    )]
    Unknown {
        /// The name.
        name: String,
        /// A name that may have been meant.
        nearest: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// A part is no setting with a value.
    #[error("`{part}` at character {at}: expected a setting with its value, as in `latency=100ms`")]
    NoSetting {
        /// The part.
        part: String,
        /// Where it stands, from 1.
        at: usize,
    },
    /// A network has no such setting.
    #[error(
        "`{key}` at character {at}: a network has no such setting{}; there are {}",
        meant(.nearest.as_ref()), KEYS.join(", ")
    )]
    UnknownKey {
        /// The name.
        key: String,
        /// Where it stands, from 1.
        at: usize,
        /// A name that may have been meant.
        nearest: Option<String>,
    },
    /// A setting stands there more than once.
    #[error("`{key}` at character {at} was given before: leave one out")]
    Twice {
        /// Its name.
        key: String,
        /// Where the second one stands, from 1.
        at: usize,
    },
    /// A value is not what its setting takes.
    #[error("`{value}` at character {at} is not what `{key}` takes: expected {expected}")]
    BadValue {
        /// The setting.
        key: &'static str,
        /// The value.
        value: String,
        /// Where it stands, from 1.
        at: usize,
        /// What could stand there.
        expected: &'static str,
    },
}

/// What can be said of a network.
const KEYS: [&str; 9] =
    ["latency", "jitter", "loss", "reorder", "rate", "down", "up", "offline", "seed"];

/// The networks that everybody knows; where the figures are from stands in `docs/networks.md`.
const BUILT_IN: [(&str, &str); 6] = [
    ("none", ""),
    ("3g", "latency=150ms,jitter=30ms,down=1.6mbit,up=768kbit"),
    ("4g", "latency=85ms,jitter=15ms,rate=9mbit"),
    ("wifi", "latency=1ms,jitter=1ms,down=40mbit,up=33mbit"),
    ("lossy", "latency=50ms,jitter=10ms,loss=5%"),
    ("offline-3s", "offline=3s"),
];

/// The networks that have names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known(BTreeMap<String, Profile>);

impl Default for Known {
    fn default() -> Self {
        let read = |(name, text): (&str, &str)| Some((name.to_owned(), text.parse().ok()?));
        Self(BUILT_IN.into_iter().filter_map(read).collect())
    }
}

impl Known {
    /// Adds a network of this name, which goes before one that is built in.
    pub fn add(&mut self, name: &str, profile: Profile) {
        self.0.insert(name.to_owned(), profile);
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Profile)> {
        self.0.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// The network that a text names, or says outright.
    ///
    /// # Errors
    ///
    /// When there is none of this name, or the text says none.
    pub fn find(&self, text: &str) -> Result<Profile, ProfileError> {
        if let Some(found) = self.0.get(text) {
            return Ok(found.clone());
        }
        // What is said outright; a network that does nothing is no text.
        if text.is_empty() || text.contains(['=', ',']) {
            return text.parse();
        }
        let known: Vec<String> = self.0.keys().cloned().collect();
        let nearest = nearest(text, known.iter().map(String::as_str));
        Err(ProfileError::Unknown { name: text.to_owned(), nearest, known })
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let mut profile = Self::default();
        let (mut given, mut at) = (Vec::new(), 1);
        for part in text.split(',').filter(|_| !text.trim().is_empty()) {
            let here = at + part.chars().take_while(|it| it.is_whitespace()).count();
            at += part.chars().count() + 1;
            let part = part.trim();
            let none = || ProfileError::NoSetting { part: part.to_owned(), at: here };
            let (key, value) = part.split_once('=').ok_or_else(none)?;
            let (key, value) = (key.trim_end(), value.trim());
            if key != "offline" && given.contains(&key) {
                return Err(ProfileError::Twice { key: key.to_owned(), at: here });
            }
            given.push(key);
            let value_at = here + part.chars().count() - value.chars().count();
            profile.set(key, value).map_err(|wrong| wrong.at(key, value, here, value_at))?;
        }
        Ok(profile)
    }
}

/// What is wrong with a setting.
enum Wrong {
    Key,
    Value(&'static str, &'static str),
}

impl Wrong {
    fn at(self, key: &str, value: &str, key_at: usize, value_at: usize) -> ProfileError {
        match self {
            Self::Key => {
                let nearest = nearest(key, KEYS.into_iter());
                ProfileError::UnknownKey { key: key.to_owned(), at: key_at, nearest }
            }
            Self::Value(key, expected) => {
                let value = value.to_owned();
                ProfileError::BadValue { key, value, at: value_at, expected }
            }
        }
    }
}

const A_TIME: &str = "a time such as `100ms` or `1.5s`, of an hour at most";
const A_SHARE: &str = "a share from `0%` to `100%`, such as `2%` or `0.5%`";
const A_RATE: &str = "a rate such as `500kbit` or `1.6mbit`, from `1kbit` to `10gbit`";
const A_PERIOD: &str = "a time, and when it begins unless at once: `3s` or `3s@10s`";
const A_SEED: &str = "a whole number such as `7`";

impl Profile {
    fn set(&mut self, key: &str, value: &str) -> Result<(), Wrong> {
        let time = |key| unit::time(value).ok_or(Wrong::Value(key, A_TIME));
        let share = |key| unit::share(value).map(Share).ok_or(Wrong::Value(key, A_SHARE));
        let rate = |key| unit::rate(value).map(Rate).map(Some).ok_or(Wrong::Value(key, A_RATE));
        match key {
            "latency" => self.latency = time("latency")?,
            "jitter" => self.jitter = time("jitter")?,
            "loss" => self.loss = share("loss")?,
            "reorder" => self.reorder = share("reorder")?,
            "down" => self.down = rate("down")?,
            "up" => self.up = rate("up")?,
            "rate" => (self.down, self.up) = (rate("rate")?, rate("rate")?),
            "offline" => {
                self.offline.push(period(value).ok_or(Wrong::Value("offline", A_PERIOD))?);
                self.offline.sort_unstable();
            }
            "seed" => self.seed = value.parse().map_err(|_| Wrong::Value("seed", A_SEED))?,
            _ => return Err(Wrong::Key),
        }
        Ok(())
    }
}

impl fmt::Display for Profile {
    /// As it can be read again; a network that does nothing is no text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let times = [("latency", self.latency), ("jitter", self.jitter)];
        let times = times.into_iter().filter(|it| !it.1.is_zero());
        parts.extend(times.map(|(key, it)| format!("{key}={}", unit::show_time(it))));
        let shares = [("loss", self.loss), ("reorder", self.reorder)];
        let shares = shares.into_iter().filter(|it| it.1.0 > 0);
        parts.extend(shares.map(|(key, it)| format!("{key}={}", unit::show_share(it.0))));
        for (key, it) in [("down", self.down), ("up", self.up)] {
            parts.extend(it.map(|it| format!("{key}={}", unit::show_rate(it.0))));
        }
        parts.extend(self.offline.iter().map(|it| format!("offline={it}")));
        if self.seed != 0 {
            parts.push(format!("seed={}", self.seed));
        }
        f.write_str(&parts.join(","))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&unit::show_time(self.length))?;
        if self.after.is_zero() {
            return Ok(());
        }
        write!(f, "@{}", unit::show_time(self.after))
    }
}

fn period(text: &str) -> Option<Period> {
    let (length, after) = text.split_once('@').unwrap_or((text, "0s"));
    Some(Period { after: unit::time(after)?, length: unit::time(length)? })
}

fn nearest<'a>(text: &str, all: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = all.map(|it| (strsim::jaro_winkler(text, it), it)).filter(|it| it.0 > 0.75);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|it| it.1.to_owned())
}

fn meant(nearest: Option<&String>) -> String {
    nearest.map(|it| format!(" (did you mean `{it}`?)")).unwrap_or_default()
}
