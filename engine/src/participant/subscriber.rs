//! What arrives at a participant: the tracks of others and data messages.

use std::collections::HashMap;

use jiff::Timestamp;
use livekit_protocol::SessionDescription;
use str0m::{Event, change::SdpOffer, channel::ChannelId};

use super::{
    data,
    event::{Delivery, LinkName},
    peer::PeerConnection,
    state::{Link, State},
};

/// The connection that receives.
pub(super) struct Subscriber {
    pub(super) peer: PeerConnection,
    inbox: Inbox,
    /// The sids of the tracks, by the part of the connection they come through.
    tracks: HashMap<String, String>,
}

/// Data channels that messages arrive on.
#[derive(Default)]
pub(super) struct Inbox {
    channels: HashMap<ChannelId, Delivery>,
}

impl Subscriber {
    pub(super) fn new(peer: PeerConnection) -> Self {
        Self { peer, inbox: Inbox::default(), tracks: HashMap::new() }
    }

    /// Whether messages and media can arrive.
    pub(super) fn is_ready(&self) -> bool {
        self.peer.connected && self.inbox.channels.len() == 2
    }

    /// The answer to an offer of the server's.
    pub(super) fn answer(
        &mut self,
        offer: &SessionDescription,
    ) -> Result<SessionDescription, String> {
        let read = SdpOffer::from_sdp_string(&offer.sdp).map_err(|it| it.to_string())?;
        let answer = self.peer.rtc.sdp_api().accept_offer(read).map_err(|it| it.to_string())?;
        self.tracks = tracks(&offer.sdp);
        let (r#type, sdp) = ("answer".to_owned(), answer.to_sdp_string());
        Ok(SessionDescription { r#type, sdp, id: offer.id, ..Default::default() })
    }

    /// Takes in what arrived.
    pub(super) fn note(&mut self, event: &Event, state: &mut State, at: Timestamp) {
        if let Event::MediaData(media) = event
            && let Some(sid) = self.tracks.get(&*media.mid)
        {
            state.receive(sid, media.data.len(), at);
        }
        self.inbox.note(event, state, at);
    }
}

impl Inbox {
    /// Takes in a message, or a channel for them.
    pub(super) fn note(&mut self, event: &Event, state: &mut State, at: Timestamp) {
        match event {
            Event::ChannelOpen(id, label) => {
                self.channels.extend(data::delivery(label).map(|it| (*id, it)));
            }
            Event::ChannelData(it) => {
                let delivery = self.channels.get(&it.id);
                let message = delivery.and_then(|way| data::decode(&it.data, *way, state, at));
                state.messages.extend(message);
            }
            _ => {}
        }
    }
}

/// Takes in how a connection is; whether that is news.
pub(super) fn tell_link(
    peer: &PeerConnection,
    name: LinkName,
    state: &mut State,
    at: Timestamp,
) -> bool {
    let link = if peer.connected { Link::Connected } else { Link::Disconnected };
    let news = state.link(name) != link;
    if news {
        state.set_link(name, link, at);
    }
    news
}

/// The track sids of an offer by `mid`: the server names its tracks by their sids.
fn tracks(sdp: &str) -> HashMap<String, String> {
    let sections = sdp.split("\nm=").skip(1);
    let tracks = sections.filter_map(|section| {
        let value = |name: &str| section.lines().find_map(|it| it.strip_prefix(name));
        let (mid, msid) = (value("a=mid:")?, value("a=msid:")?);
        Some((mid.trim().to_owned(), msid.split_whitespace().nth(1)?.to_owned()))
    });
    tracks.collect()
}
