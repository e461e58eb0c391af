//! What the user of a participant wants of it, and how it is done.

use std::time::Duration;

use jiff::Timestamp;
use livekit_protocol::{
    self as proto, DisconnectReason, leave_request::Action, signal_request::Message as Request,
};
use livekit_signaling::{SignalEvent, SignalEvents};
use str0m::RtcError;
use tokio::{sync::oneshot, time::timeout};

use super::{
    data::Data,
    error::RequestError,
    event::{Departure, Happening},
    media::Publication,
    session::{End, Session},
};

/// How long a server may take to end the connection of who leaves.
const DISMISSAL: Duration = Duration::from_secs(2);

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

/// Waits until the server ends the connection to whom it heard leave.
///
/// A server that finds the connection gone while it still writes to it does not read what came
/// before, so a goodbye from who hangs up at once can be lost.
pub(super) async fn dismissed(signals: &mut SignalEvents) {
    let ended = async { while let Some(SignalEvent::Message(_)) = signals.recv().await {} };
    // A server that is stuck keeps nobody from leaving.
    let _ = timeout(DISMISSAL, ended).await;
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
        dismissed(&mut self.signals).await;
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
