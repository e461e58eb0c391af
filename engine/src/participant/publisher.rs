//! What leaves a participant: its tracks and data messages, over a connection of their own.

use std::{collections::BTreeMap, io, net::IpAddr};

use livekit_protocol::SessionDescription;
use str0m::{
    Event, RtcError,
    change::{SdpAnswer, SdpPendingOffer},
    channel::{ChannelConfig, ChannelId, Reliability},
    media::{Direction, KeyframeRequest},
};

use super::{
    event::Delivery,
    media::{Publication, Sender},
    peer::{BUFFER, PeerConnection, Wake},
};

/// The labels of the data channels, as the server knows them.
pub(super) const RELIABLE: &str = "_reliable";
/// See [`RELIABLE`].
pub(super) const LOSSY: &str = "_lossy";

/// The connection that sends.
pub(super) struct Publisher {
    pub(super) peer: PeerConnection,
    /// By the id that this side gave each track.
    senders: BTreeMap<String, Sender>,
    wanted: Vec<Change>,
    offered: Option<(SdpPendingOffer, SessionDescription)>,
    offers: u32,
    channels: Option<Channels>,
    /// Data messages that wait for their channel.
    waiting: Vec<(Delivery, Vec<u8>)>,
}

/// What the next offer has to say.
enum Change {
    Publish(String, Publication),
    Unpublish(String),
    RestartIce,
}

struct Channels {
    reliable: (ChannelId, bool),
    lossy: (ChannelId, bool),
}

impl Publisher {
    /// A connection that sends nothing yet.
    pub(super) async fn new(ip: IpAddr) -> io::Result<Self> {
        Ok(Self {
            peer: PeerConnection::sending(ip).await?,
            senders: BTreeMap::new(),
            wanted: Vec::new(),
            offered: None,
            offers: 0,
            channels: None,
            waiting: Vec::new(),
        })
    }

    /// Sends this from the next offer on.
    pub(super) fn publish(&mut self, cid: String, publication: Publication) {
        self.wanted.push(Change::Publish(cid, publication));
    }

    /// Does not send this from the next offer on.
    pub(super) fn unpublish(&mut self, cid: &str) {
        self.wanted.push(Change::Unpublish(cid.to_owned()));
    }

    /// Looks for the way to the server anew with the next offer.
    pub(super) fn restart_ice(&mut self) {
        self.wanted.push(Change::RestartIce);
    }

    /// The offer that is not answered yet, to be sent again.
    pub(super) fn offered(&self) -> Option<SessionDescription> {
        self.offered.as_ref().map(|(_, offer)| offer.clone())
    }

    /// Sends nothing of this track for now, or again.
    pub(super) fn mute(&mut self, cid: &str, muted: bool) {
        if let Some(sender) = self.senders.get_mut(cid) {
            sender.muted = muted;
            sender.restart(None);
        }
    }

    /// The next offer, if there is something to say and the last one is answered.
    pub(super) fn offer(&mut self) -> Option<SessionDescription> {
        if self.offered.is_some() {
            return None;
        }
        let mut changes = self.peer.rtc.sdp_api();
        self.channels.get_or_insert_with(|| {
            let mut add = |label: &str, ordered, reliability| {
                let label = label.to_owned();
                let config = ChannelConfig { label, ordered, reliability, ..Default::default() };
                (changes.add_channel_with_config(config), false)
            };
            Channels {
                reliable: add(RELIABLE, true, Reliability::Reliable),
                lossy: add(LOSSY, false, Reliability::MaxRetransmits { retransmits: 0 }),
            }
        });
        for change in self.wanted.drain(..) {
            match change {
                Change::Publish(cid, publication) => {
                    let mid = changes.add_media(
                        publication.kind(),
                        Direction::SendOnly,
                        Some("stream".to_owned()),
                        Some(cid.clone()),
                        publication.simulcast(),
                    );
                    self.senders.insert(cid, Sender::new(&publication, mid));
                }
                Change::Unpublish(cid) => {
                    if let Some(sender) = self.senders.remove(&cid) {
                        changes.set_direction(sender.mid(), Direction::Inactive);
                    }
                }
                Change::RestartIce => {
                    changes.ice_restart(true);
                }
            }
        }
        let (offer, pending) = changes.apply()?;
        self.offers += 1;
        let (r#type, sdp) = ("offer".to_owned(), offer.to_sdp_string());
        let offer = SessionDescription { r#type, sdp, id: self.offers, ..Default::default() };
        self.offered = Some((pending, offer.clone()));
        Some(offer)
    }

    /// Takes the server's answer; a second one to the same offer is passed over.
    pub(super) fn answer(&mut self, answer: &SessionDescription) -> Result<(), String> {
        // Older servers do not say which offer they answer.
        if answer.id != 0 && answer.id != self.offers {
            return Ok(());
        }
        let Some((offered, _)) = self.offered.take() else { return Ok(()) };
        let answer = SdpAnswer::from_sdp_string(&answer.sdp).map_err(|it| it.to_string())?;
        self.peer.rtc.sdp_api().accept_answer(offered, answer).map_err(|it| it.to_string())
    }

    /// Whether the clock of media has to tick.
    pub(super) fn is_sending(&self) -> bool {
        self.peer.connected && !self.senders.is_empty()
    }

    /// Sends the frames that are due; a track that cannot be sent is given up.
    pub(super) fn tick(&mut self) -> Result<(), RtcError> {
        let mut failed = Ok(());
        self.senders.retain(|_, sender| match sender.tick(&mut self.peer) {
            Ok(()) => true,
            Err(error) => {
                failed = Err(error);
                false
            }
        });
        failed
    }

    /// Keeps a data message until there is a channel with room for it.
    pub(super) fn send(&mut self, delivery: Delivery, packet: Vec<u8>) {
        self.waiting.push((delivery, packet));
    }

    /// Sends the data messages that the channels have room for now, in their order, and says
    /// which ones can never be sent.
    pub(super) fn send_waiting(&mut self) -> Vec<String> {
        let Some(channels) = &self.channels else { return Vec::new() };
        let (mut failed, mut full) = (Vec::new(), [false; 2]);
        for (delivery, packet) in std::mem::take(&mut self.waiting) {
            let (id, open) = match delivery {
                Delivery::Reliable => channels.reliable,
                Delivery::Lossy => channels.lossy,
            };
            if packet.len() > BUFFER {
                failed.push(format!("{} bytes are too many for a message", packet.len()));
                continue;
            }
            let full = &mut full[usize::from(delivery == Delivery::Lossy)];
            let channel = self.peer.rtc.channel(id).filter(|_| open && !*full);
            match channel.map(|mut it| it.write(true, &packet)) {
                Some(Ok(true)) => {}
                Some(Err(error)) => failed.push(error.to_string()),
                Some(Ok(false)) | None => {
                    *full = true;
                    self.waiting.push((delivery, packet));
                }
            }
        }
        failed
    }

    /// Waits until there is something to do.
    pub(super) async fn wake(&mut self) -> Wake {
        self.peer.wake().await
    }

    /// Takes what this side of the connection has to know.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::ChannelOpen(id, _) => {
                if let Some(channels) = &mut self.channels {
                    for channel in [&mut channels.reliable, &mut channels.lossy] {
                        channel.1 |= channel.0 == *id;
                    }
                }
            }
            Event::KeyframeRequest(KeyframeRequest { mid, rid, .. }) => {
                let asked = self.senders.values_mut().find(|it| it.mid() == *mid);
                if let Some(sender) = asked {
                    sender.restart(*rid);
                }
            }
            _ => {}
        }
    }
}
