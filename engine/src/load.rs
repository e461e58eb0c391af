//! Load tests of `lk`: how they are configured, and what they say at their end.

use std::{fmt, str::FromStr};

/// A load test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// How many participants publish video.
    pub video: usize,
    /// How many publish audio; those who publish video do it first.
    pub audio: usize,
    /// How many watch.
    pub subscribers: usize,
    /// The size of the video: `low`, `medium`, `high`.
    pub resolution: Option<String>,
    /// Whether the video has several layers.
    pub simulcast: bool,
    /// Whether some are made to speak now and then.
    pub simulates_speakers: bool,
    /// How many participants begin in a second.
    pub per_second: Option<String>,
    /// How long it runs, in seconds.
    pub duration: u64,
}

/// Why a configuration cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A part without a value.
    #[error("`{0}` has no value: expected parts such as `videoPublishers=2`")]
    NoValue(String),
    /// A key that nobody knows.
    #[error("a load test has no setting `{0}`; known: {known}", known = KEYS.join(", "))]
    UnknownKey(String),
    /// A value of the wrong kind.
    #[error("`{value}` is no value of `{key}`")]
    BadValue {
        /// The setting.
        key: String,
        /// Its value.
        value: String,
    },
}

const KEYS: [&str; 8] = [
    "videoPublishers",
    "audioPublishers",
    "subscribers",
    "videoResolution",
    "simulcast",
    "simulateSpeakers",
    "numPerSecond",
    "duration",
];

impl Default for Load {
    fn default() -> Self {
        Self {
            video: 0,
            audio: 0,
            subscribers: 0,
            resolution: None,
            simulcast: true,
            simulates_speakers: false,
            per_second: None,
            duration: 30,
        }
    }
}

impl FromStr for Load {
    type Err = LoadError;

    fn from_str(text: &str) -> Result<Self, LoadError> {
        let mut load = Self::default();
        let parts = text.split([',', ';', '\n']).map(str::trim).filter(|it| !it.is_empty());
        for part in parts {
            let pair = part.split_once(['=', ':']);
            let (key, value) = pair.ok_or_else(|| LoadError::NoValue(part.to_owned()))?;
            load.set(key.trim(), value.trim())?;
        }
        Ok(load)
    }
}

impl Load {
    fn set(&mut self, key: &str, value: &str) -> Result<(), LoadError> {
        match key {
            "videoPublishers" => self.video = read(key, value)?,
            "audioPublishers" => self.audio = read(key, value)?,
            "subscribers" => self.subscribers = read(key, value)?,
            "videoResolution" if ["low", "medium", "high"].contains(&value) => {
                self.resolution = Some(value.to_owned());
            }
            "videoResolution" => return Err(bad(key, value)),
            "simulcast" => self.simulcast = read(key, value)?,
            "simulateSpeakers" => self.simulates_speakers = read(key, value)?,
            "numPerSecond" => {
                let number: f64 = read(key, value)?;
                self.per_second = Some(number.to_string());
            }
            "duration" => self.duration = read(key, value.trim_end_matches('s'))?,
            _ => return Err(LoadError::UnknownKey(key.to_owned())),
        }
        Ok(())
    }

    /// How many publish.
    #[must_use]
    pub fn publishers(&self) -> usize {
        self.video.max(self.audio)
    }

    /// How many take part.
    #[must_use]
    pub fn participants(&self) -> usize {
        self.publishers() + self.subscribers
    }

    /// What `lk load-test` is told.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--video-publishers={}", self.video),
            format!("--audio-publishers={}", self.audio),
            format!("--subscribers={}", self.subscribers),
            format!("--duration={}s", self.duration),
        ];
        arguments.extend(self.resolution.iter().map(|it| format!("--video-resolution={it}")));
        arguments.extend(self.per_second.iter().map(|it| format!("--num-per-second={it}")));
        if !self.simulcast {
            arguments.push("--no-simulcast".to_owned());
        }
        if self.simulates_speakers {
            arguments.push("--simulate-speakers".to_owned());
        }
        arguments
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (people, Self { video, audio, .. }) = (self.participants(), self);
        write!(f, "{people} with {video} and {audio}")
    }
}

fn read<T: FromStr>(key: &str, value: &str) -> Result<T, LoadError> {
    value.parse().map_err(|_| bad(key, value))
}

fn bad(key: &str, value: &str) -> LoadError {
    LoadError::BadValue { key: key.to_owned(), value: value.to_owned() }
}

/// What the subscribers of a load test got; nothing where it had none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Tracks that they got.
    pub got: u64,
    /// Tracks that they should have got.
    pub wanted: u64,
    /// Subscribers that failed.
    pub errors: u64,
}

impl Summary {
    /// Reads the line `Total` of the table at the end.
    #[must_use]
    pub fn read(log: &str) -> Self {
        let row = |line: &str| -> Option<Self> {
            let cells: Vec<&str> = line.split('│').map(str::trim).collect();
            let (got, wanted) = cells.get(2)?.split_once('/')?;
            let errors = cells.iter().rev().find(|it| !it.is_empty())?.parse().unwrap_or(0);
            Some(Self { got: got.parse().ok()?, wanted: wanted.parse().ok()?, errors })
        };
        let totals = log.lines().filter(|it| it.contains("│ Total"));
        totals.filter_map(row).next_back().unwrap_or_default()
    }

    /// Whether all subscribers got all tracks.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.got == self.wanted && self.errors == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { got, wanted, errors } = self;
        write!(f, "subscribers got {got} of {wanted} tracks, {errors} failed")
    }
}
