//! What the user of a participant wants of it, and how it is done.

use jiff::Timestamp;
use livekit_protocol::{
    self as proto, DisconnectReason, leave_request::Action, signal_request::Message as Request,
};
use str0m::RtcError;
use tokio::sync::oneshot;

use super::{
    data::Data,
    error::RequestError,
    event::{Departure, Happening},
    media::Publication,
    session::{End, Session},
};

/// What the user of a participant wants of it.
pub(super) enum Command {
    Publish(Publication, oneshot::Sender<Result<String, RequestError>>),
    Unpublish(String),
    Mute(String, bool),
    Send(Data),
    /// Anything that only the server has to know.
    Ask(Box<Request>),
    Reconnect,
    Leave(oneshot::Sender<()>),
    Vanish,
    Reappear,
}

/// What is said by who leaves.
pub(super) fn goodbye() -> proto::LeaveRequest {
    proto::LeaveRequest {
        reason: DisconnectReason::ClientInitiated.into(),
        action: Action::Disconnect.into(),
        ..Default::default()
    }
}

impl Session {
    /// Does what the user of the participant wants.
    pub(super) async fn obey(&mut self, command: Command) -> Result<Option<End>, RtcError> {
        if let Some(resuming) = &mut self.resuming {
            match command {
                Command::Vanish | Command::Leave(_) => resuming.abort(),
                command => {
                    resuming.hold(command);
                    return Ok(None);
                }
            }
        }
        match command {
            Command::Publish(publication, published) => {
                self.publications += 1;
                let cid = format!("track-{}", self.publications);
                let request = publication.request(cid.clone());
                self.asked.insert(cid, (publication, published));
                self.signal.send(Request::AddTrack(request)).await;
            }
            Command::Unpublish(sid) => {
                self.unpublish(&sid).await?;
                self.state.send_modify(|it| it.remove_own_track(&sid, Timestamp::now()));
            }
            Command::Mute(sid, muted) => {
                self.mute(&sid, muted);
                self.state.send_modify(|it| it.mute_own_track(&sid, muted, Timestamp::now()));
                self.signal.send(Request::Mute(proto::MuteTrackRequest { sid, muted })).await;
            }
            Command::Send(data) => self.send(data).await?,
            Command::Ask(request) => self.signal.send(*request).await,
            Command::Reconnect => return self.resume().await,
            Command::Vanish => {
                self.depart(Departure::Vanished);
                return Ok(Some(End::Silent));
            }
            // Who is here cannot reappear.
            Command::Reappear => {}
            Command::Leave(left) => {
                self.leave().await;
                let _ = left.send(());
                return Ok(Some(End::Over));
            }
        }
        Ok(None)
    }

    async fn leave(&mut self) {
        self.signal.send(Request::Leave(goodbye())).await;
        self.signal.close().await;
        self.depart(Departure::Left);
    }

    async fn send(&mut self, data: Data) -> Result<(), RtcError> {
        let delivery = data.delivery;
        match self.publisher().await {
            Ok(publisher) => publisher.send(delivery, data.encode()),
            Err(error) => self.tell(Happening::DataNotSent(error.to_string())),
        }
        self.negotiate().await
    }

    pub(super) async fn unpublish(&mut self, sid: &str) -> Result<(), RtcError> {
        if let (Some(cid), Some(publisher)) = (self.published.remove(sid), &mut self.publisher) {
            publisher.unpublish(&cid);
        }
        self.negotiate().await
    }

    pub(super) fn mute(&mut self, sid: &str, muted: bool) {
        if let (Some(cid), Some(publisher)) = (self.published.get(sid), &mut self.publisher) {
            publisher.mute(cid, muted);
        }
    }
}
