//! What happens to a participant, and when.

use std::collections::BTreeMap;

use jiff::Timestamp;
use livekit_protocol::{DisconnectReason, TrackSource};

use super::state::{Link, Permission};

/// Something that happened, as the participant saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When the participant saw it.
    pub at: Timestamp,
    /// What it was.
    pub what: Happening,
}

/// What can happen to a participant.
///
/// `identity` is the participant it happened to, which may be this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The room has this metadata now.
    RoomMetadata(String),
    /// Somebody else came in, or was there before.
    Joined {
        /// The participant.
        identity: String,
    },
    /// Somebody else is gone.
    Left {
        /// The participant.
        identity: String,
    },
    /// A participant has this name now.
    Name {
        /// The participant.
        identity: String,
        /// The name now.
        name: String,
    },
    /// A participant has this metadata now.
    Metadata {
        /// The participant.
        identity: String,
        /// The metadata now.
        metadata: String,
    },
    /// A participant has these attributes now.
    Attributes {
        /// The participant.
        identity: String,
        /// The attributes now.
        attributes: BTreeMap<String, String>,
    },
    /// What this participant may do is now this.
    Permission(Permission),
    /// A track appeared.
    TrackPublished {
        /// The participant.
        identity: String,
        /// The track.
        sid: String,
        /// What the track shows.
        source: TrackSource,
    },
    /// A track is gone.
    TrackUnpublished {
        /// The participant.
        identity: String,
        /// The track.
        sid: String,
        /// What the track shows.
        source: TrackSource,
    },
    /// A track was muted or unmuted.
    TrackMuted {
        /// The participant.
        identity: String,
        /// The track.
        sid: String,
        /// Whether it is muted now.
        muted: bool,
    },
    /// The first frame of a track arrived.
    TrackReceived {
        /// The track.
        sid: String,
    },
    /// The server does not let this participant subscribe to the track, or does so again.
    SubscriptionAllowed {
        /// The track.
        sid: String,
        /// Whether it is allowed now.
        allowed: bool,
    },
    /// The server could not serve a subscription.
    SubscriptionFailed {
        /// The track.
        sid: String,
        /// The server's name for it.
        reason: String,
    },
    /// The server refused a request, with its reason and words.
    RequestRefused {
        /// The server's name for it.
        reason: String,
        /// What the server said of it.
        words: String,
    },
    /// A connection came or went.
    Link {
        /// Which one.
        name: LinkName,
        /// How it is now.
        link: Link,
    },
    /// The two sides do not agree on media.
    NegotiationFailed(String),
    /// A data message could not be sent, for this reason.
    DataNotSent(String),
    /// The signal connection is gone, and the participant tries to come back.
    Reconnecting,
    /// The participant is back, in the same session.
    Reconnected,
    /// The participant answers again after it had vanished.
    Reappeared,
    /// The session is over, or the participant vanished.
    Disconnected(Departure),
}

/// Which of a participant's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkName {
    /// Requests and updates.
    Signal,
    /// Media and data that arrive.
    Subscriber,
    /// Media and data that leave.
    Publisher,
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// The participant left.
    Left,
    /// The participant stopped answering, as if its network were gone.
    Vanished,
    /// The server ended it, for this reason.
    Removed(DisconnectReason),
    /// The connection was lost, and there was no way back.
    Lost(String),
}

/// A data message that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When it arrived.
    pub at: Timestamp,
    /// The identity of who sent it; nobody when the server did.
    pub from: Option<String>,
    /// The topic, if it has one.
    pub topic: Option<String>,
    /// What was sent.
    pub payload: Vec<u8>,
    /// Which way it came.
    pub delivery: Delivery,
}

/// How a data message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// In order, and again until it arrives.
    Reliable,
    /// Once, and perhaps never.
    Lossy,
}
