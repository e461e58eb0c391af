//! What a participant knows of its room at one moment.

use std::collections::BTreeMap;

use jiff::Timestamp;
use livekit_protocol::{self as proto, TrackSource, TrackType};

use super::event::{Departure, Event, Happening, LinkName, Message};

/// What a participant knows, and all that it saw happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The room.
    pub room: Room,
    /// The participant itself.
    pub own: Member,
    /// What the participant may do.
    pub permission: Permission,
    /// The others, by identity.
    pub others: BTreeMap<String, Member>,
    /// What arrived of each track, by the track's sid.
    pub received: BTreeMap<String, Received>,
    /// The data messages that arrived, in their order.
    pub messages: Vec<Message>,
    /// The connections.
    pub links: BTreeMap<LinkName, Link>,
    /// Why the session is over, once it is.
    pub departure: Option<Departure>,
    /// Everything that happened, in its order.
    pub events: Vec<Event>,
    /// The version the server gives of itself.
    pub server_version: String,
}

/// A room, as the participant sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// What people call it.
    pub name: String,
    /// What the server calls it; some servers say it only after the join.
    pub sid: String,
    /// What the application wrote on it.
    pub metadata: String,
}

/// A participant, as the room shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// What the application calls it.
    pub identity: String,
    /// What the server calls it, anew for each session.
    pub sid: String,
    /// What people call it.
    pub name: String,
    /// What the application wrote on it.
    pub metadata: String,
    /// What the application wrote on it, by key.
    pub attributes: BTreeMap<String, String>,
    /// Whether it is fully connected.
    pub active: bool,
    /// Its tracks, by sid.
    pub tracks: BTreeMap<String, Track>,
    pub(super) version: u32,
}

/// A published track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// What the server calls it.
    pub sid: String,
    /// What its publisher calls it.
    pub name: String,
    /// Audio, video or data.
    pub kind: TrackType,
    /// What it shows.
    pub source: TrackSource,
    /// Whether nothing is sent for now.
    pub muted: bool,
    /// Whether it is sent in several sizes.
    pub simulcast: bool,
    /// The sizes, as far as the publisher told them.
    pub layers: Vec<Layer>,
}

/// One size in which a track is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In bits a second.
    pub bitrate: u32,
}

/// What arrived of a track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Whole frames; packets, for audio.
    pub frames: u64,
    /// Their bytes, without what the network adds.
    pub bytes: u64,
}

/// What a participant may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permission {
    /// Receive media.
    pub subscribe: bool,
    /// Send media.
    pub publish: bool,
    /// Send data messages.
    pub publish_data: bool,
    /// Not be seen by the others.
    pub hidden: bool,
}

/// How a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// It works.
    Connected,
    /// It does not work now.
    Disconnected,
}

impl State {
    /// What a session begins with.
    pub(super) fn new(join: &proto::JoinResponse, at: Timestamp) -> Self {
        let mut state = Self {
            server_version: join
                .server_info
                .as_ref()
                .map_or_else(|| join.server_version.clone(), |it| it.version.clone()),
            ..Self::default()
        };
        state.set_link(LinkName::Signal, Link::Connected, at);
        if let Some(room) = &join.room {
            state.room = Room::from(room);
        }
        if let Some(own) = &join.participant {
            state.own = Member::from(own);
            state.permission = own.permission.as_ref().map(Permission::from).unwrap_or_default();
        }
        for other in &join.other_participants {
            state.update_participant(other, at);
        }
        state
    }

    /// Whether the session goes on.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.departure.is_none() && self.link(LinkName::Signal) == Link::Connected
    }

    /// How one of the connections is.
    #[must_use]
    pub fn link(&self, name: LinkName) -> Link {
        self.links.get(&name).copied().unwrap_or(Link::Disconnected)
    }

    /// The participant of this identity, be it another or this one.
    #[must_use]
    pub fn member(&self, identity: &str) -> Option<&Member> {
        if self.own.identity == identity { Some(&self.own) } else { self.others.get(identity) }
    }

    /// The track of another participant with this source.
    #[must_use]
    pub fn track(&self, identity: &str, source: TrackSource) -> Option<&Track> {
        self.member(identity)?.tracks.values().find(|it| it.source == source)
    }

    /// What arrived of the track of another participant with this source.
    #[must_use]
    pub fn received(&self, identity: &str, source: TrackSource) -> Received {
        let track = self.track(identity, source);
        track.and_then(|it| self.received.get(&it.sid)).copied().unwrap_or_default()
    }

    /// Whether something of this kind happened.
    #[must_use]
    pub fn happened(&self, mut is: impl FnMut(&Happening) -> bool) -> bool {
        self.events.iter().any(|it| is(&it.what))
    }

    pub(super) fn tell(&mut self, what: Happening, at: Timestamp) {
        self.events.push(Event { at, what });
    }

    pub(super) fn set_link(&mut self, name: LinkName, link: Link, at: Timestamp) {
        if self.links.insert(name, link) != Some(link) {
            self.tell(Happening::Link { name, link }, at);
        }
    }

    pub(super) fn depart(&mut self, why: Departure, at: Timestamp) {
        for name in [LinkName::Signal, LinkName::Subscriber, LinkName::Publisher] {
            if self.links.contains_key(&name) {
                self.set_link(name, Link::Disconnected, at);
            }
        }
        self.departure = Some(why.clone());
        self.tell(Happening::Disconnected(why), at);
    }

    /// Takes it that what was there before the participant vanished is there still.
    pub(super) fn reappear(&mut self, at: Timestamp) {
        self.departure = None;
        self.tell(Happening::Reappeared, at);
        for name in self.links.keys().copied().collect::<Vec<_>>() {
            self.set_link(name, Link::Connected, at);
        }
    }

    /// Counts a frame of a track.
    pub(super) fn receive(&mut self, sid: &str, bytes: usize, at: Timestamp) {
        if !self.received.contains_key(sid) {
            self.tell(Happening::TrackReceived { sid: sid.to_owned() }, at);
        }
        let received = self.received.entry(sid.to_owned()).or_default();
        received.frames += 1;
        received.bytes += bytes as u64;
    }
}

impl From<&proto::Room> for Room {
    fn from(it: &proto::Room) -> Self {
        Self { name: it.name.clone(), sid: it.sid.clone(), metadata: it.metadata.clone() }
    }
}

impl From<&proto::ParticipantInfo> for Member {
    fn from(it: &proto::ParticipantInfo) -> Self {
        Self {
            identity: it.identity.clone(),
            sid: it.sid.clone(),
            name: it.name.clone(),
            metadata: it.metadata.clone(),
            attributes: it.attributes.clone().into_iter().collect(),
            active: it.state() == proto::participant_info::State::Active,
            tracks: it.tracks.iter().map(|it| (it.sid.clone(), Track::from(it))).collect(),
            version: it.version,
        }
    }
}

impl From<&proto::TrackInfo> for Track {
    #[expect(deprecated, reason = "older servers write no other fields")]
    fn from(it: &proto::TrackInfo) -> Self {
        // Older servers tell the layers of the track, newer ones those of its codecs.
        let layers = match it.codecs.first() {
            Some(codec) if it.layers.is_empty() => &codec.layers,
            _ => &it.layers,
        };
        Self {
            sid: it.sid.clone(),
            name: it.name.clone(),
            kind: it.r#type(),
            source: it.source(),
            muted: it.muted,
            // Some servers say so only once a second size has arrived.
            simulcast: it.simulcast || layers.len() > 1,
            layers: layers
                .iter()
                .map(|it| Layer { width: it.width, height: it.height, bitrate: it.bitrate })
                .collect(),
        }
    }
}

impl From<&proto::ParticipantPermission> for Permission {
    fn from(it: &proto::ParticipantPermission) -> Self {
        Self {
            subscribe: it.can_subscribe,
            publish: it.can_publish,
            publish_data: it.can_publish_data,
            hidden: it.hidden,
        }
    }
}
