//! Data messages as they travel.

use jiff::Timestamp;
use livekit_protocol::{DataPacket, UserPacket, data_packet::Value};
use prost::Message as _;

use super::{
    event::{Delivery, Message},
    publisher::{LOSSY, RELIABLE},
    state::State,
};

/// A data message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// What is sent.
    pub payload: Vec<u8>,
    /// Its topic, if it has one.
    pub topic: Option<String>,
    /// The identities of those who get it; everybody, when empty.
    pub to: Vec<String>,
    /// How it travels.
    pub delivery: Delivery,
}

impl Data {
    /// A message to everybody, in order.
    #[must_use]
    pub fn reliable(payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        Self { payload, topic: None, to: Vec::new(), delivery: Delivery::Reliable }
    }

    /// A message to everybody, sent once.
    #[must_use]
    pub fn lossy(payload: impl Into<Vec<u8>>) -> Self {
        Self { delivery: Delivery::Lossy, ..Self::reliable(payload) }
    }

    /// The same with a topic.
    #[must_use]
    pub fn about(self, topic: impl Into<String>) -> Self {
        Self { topic: Some(topic.into()), ..self }
    }

    /// The same to this participant, and those named before.
    #[must_use]
    pub fn to(mut self, identity: impl Into<String>) -> Self {
        self.to.push(identity.into());
        self
    }

    // Older servers read the destinations of the user packet, which are deprecated.
    #[expect(deprecated, reason = "older servers read no other field")]
    pub(super) fn encode(self) -> Vec<u8> {
        let kind = match self.delivery {
            Delivery::Reliable => livekit_protocol::data_packet::Kind::Reliable,
            Delivery::Lossy => livekit_protocol::data_packet::Kind::Lossy,
        };
        let user = UserPacket {
            payload: self.payload,
            topic: self.topic,
            destination_identities: self.to.clone(),
            ..Default::default()
        };
        let packet = DataPacket {
            kind: kind.into(),
            destination_identities: self.to,
            value: Some(Value::User(user)),
            ..Default::default()
        };
        packet.encode_to_vec()
    }
}

/// The message in a packet; other packets, and what is none, are not for here.
#[expect(deprecated, reason = "older servers write no other field")]
pub(super) fn decode(
    packet: &[u8],
    delivery: Delivery,
    state: &State,
    at: Timestamp,
) -> Option<Message> {
    let packet = DataPacket::decode(packet).ok()?;
    let Some(Value::User(user)) = packet.value else { return None };
    let by_sid = |sid: &str| {
        let known = state.others.values().find(|it| !sid.is_empty() && it.sid == sid);
        known.map_or_else(String::new, |it| it.identity.clone())
    };
    let names = [packet.participant_identity, user.participant_identity];
    let from = names.into_iter().find(|it| !it.is_empty());
    let from = from.unwrap_or_else(|| by_sid(&user.participant_sid));
    let from = (!from.is_empty()).then_some(from);
    Some(Message { at, from, topic: user.topic, payload: user.payload, delivery })
}

/// How the messages of a channel of this label travel.
pub(super) fn delivery(label: &str) -> Option<Delivery> {
    match label {
        RELIABLE => Some(Delivery::Reliable),
        LOSSY => Some(Delivery::Lossy),
        _ => None,
    }
}
