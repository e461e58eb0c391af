//! What the meeting page says of itself, as data.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// What there is on a page at one moment, and what happened since it was looked at before.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Look {
    /// `new`, `connecting`, `connected`, `reconnecting`, `disconnected` or `refused`.
    pub status: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// Grows with all that changes.
    pub change: u64,
    /// When it was looked at, in milliseconds of the page's own clock.
    pub at: f64,
    /// The name of the room.
    pub room: String,
    /// Who the person is.
    pub identity: String,
    /// The metadata of the room.
    pub metadata: String,
    /// What the application keeps at the person.
    pub own_metadata: String,
    /// Whether the token lets the person send data messages.
    pub may_send: bool,
    /// What the person publishes.
    pub tracks: Vec<Published>,
    /// Who else is in the room.
    pub others: Vec<Member>,
    /// Whether the connection was made with dynacast.
    pub dynacast: bool,
    /// What the page shows.
    pub shown: Option<Shown>,
    /// What happened.
    pub events: Vec<Event>,
}

/// A track that is published.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Track {
    /// `camera`, `microphone`, `screen_share`, `screen_share_audio`.
    pub source: String,
    /// `audio` or `video`.
    pub kind: String,
    /// Its id on the server.
    pub sid: Option<String>,
    /// Whether it is muted.
    pub muted: bool,
    /// The layers that the server knows of, the smallest first.
    pub layers: Vec<Layer>,
}

/// A layer of a video, as its publisher announced it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Layer {
    /// The width of a frame.
    pub width: u32,
    /// The height of a frame.
    pub height: u32,
    /// How much it needs at most, in bits per second.
    pub bitrate: f64,
}

/// A track of the person, with what the statistics say of what was sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The track.
    #[serde(flatten)]
    pub track: Track,
    /// Layer by layer, the smallest first.
    pub sent: Vec<Sent>,
}

/// What was sent of a layer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// Bytes that were sent.
    pub bytes: u64,
    /// Frames that were sent.
    pub frames: u64,
    /// The width of a frame.
    pub width: u32,
    /// The height of a frame.
    pub height: u32,
}

impl Published {
    /// All that was sent, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.sent.iter().map(|it| it.bytes).sum()
    }
}

/// Somebody else in the room.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Who it is.
    pub identity: String,
    /// What the application keeps there.
    pub metadata: String,
    /// What it publishes.
    pub tracks: Vec<Received>,
}

/// A track of somebody else, with what the receiver's statistics say of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Received {
    /// The track.
    #[serde(flatten)]
    pub track: Track,
    /// Whether it is subscribed to.
    pub subscribed: bool,
    /// `active` or `paused`, as the server says.
    pub stream: Option<String>,
    /// Frames that were decoded.
    pub frames: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// Packets that came.
    pub packets: u64,
    /// What was heard so far; it stands still in silence.
    pub energy: f64,
    /// The width of a frame.
    pub width: u32,
    /// The height of a frame.
    pub height: u32,
}

/// What the page shows to a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Whether the form to join is there.
    pub form: bool,
    /// The name of the room in its heading.
    pub room: Option<String>,
    /// What it says of the connection.
    pub said: String,
    /// Whether the control of the camera is on.
    pub camera: bool,
    /// Whether that of the microphone is.
    pub microphone: bool,
    /// Whether that of the screen is.
    pub screen: bool,
}

/// Something that happened on the page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// What: `connection`, `published`, `subscribed`, `data`, `peer`, ….
    #[serde(rename = "type")]
    pub kind: String,
    /// All else that is known of it.
    #[serde(flatten)]
    pub detail: serde_json::Map<String, Value>,
}

impl Event {
    /// Whether a connection that closed did so on purpose.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.detail.get("code").and_then(Value::as_u64) == Some(1000)
    }

    /// A detail that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.detail.get(name)?.as_str()
    }
}

impl Look {
    /// Whether the person is in the room.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status == "connected"
    }

    /// What the person publishes of a source.
    #[must_use]
    pub fn own(&self, source: &str) -> Option<&Published> {
        self.tracks.iter().find(|it| it.track.source == source)
    }

    /// What somebody else publishes of a source.
    #[must_use]
    pub fn received(&self, identity: &str, source: &str) -> Option<&Received> {
        let member = self.others.iter().find(|it| it.identity == identity)?;
        member.tracks.iter().find(|it| it.track.source == source)
    }
}

/// A line of a timeline: when, what, and what else is known of it.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let at = jiff::Timestamp::from_millisecond(self.at as i64).unwrap_or_default();
        let detail = Value::Object(self.detail.clone());
        write!(f, "{at} {} {detail}", self.kind)
    }
}
