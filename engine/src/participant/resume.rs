//! How a participant whose signal connection broke comes back into the same session.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use livekit_protocol::{
    ReconnectReason, ReconnectResponse, SyncState, TrackInfo, TrackPublishedResponse,
    UpdateSubscription, signal_request::Message as Request,
};
use livekit_signaling::{SignalClient, SignalError, SignalEvent};
use str0m::RtcError;
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    command::Command,
    event::{Departure, Happening, LinkName},
    session::{End, Session},
    state::Link,
};

/// How far the attempts are apart at least.
const PAUSE: Duration = Duration::from_millis(300);

/// The way back, while it is being tried, and what has to wait for it.
pub(super) struct Resuming {
    attempt: JoinHandle<Result<ReconnectResponse, SignalError>>,
    held: Vec<Command>,
}

/// What came of the way back.
pub(super) type Resumed = Result<ReconnectResponse, SignalError>;

impl Resuming {
    /// Keeps a command for later.
    pub(super) fn hold(&mut self, command: Command) {
        self.held.push(command);
    }

    /// Gives up.
    pub(super) fn abort(&self) {
        self.attempt.abort();
    }
}

/// Waits for the way back, if there is one being tried.
pub(super) async fn resumed(resuming: Option<&mut Resuming>) -> Resumed {
    match resuming {
        Some(it) => (&mut it.attempt).await.unwrap_or(Err(SignalError::Closed)),
        None => std::future::pending().await,
    }
}

impl Session {
    /// Begins to come back, while media goes on.
    pub(super) async fn resume(&mut self) -> Result<Option<End>, RtcError> {
        // What the old connection still has to say must not be taken for the new one's.
        self.signal.close().await;
        while let Ok(event) = self.signals.try_recv() {
            if let SignalEvent::Message(message) = event
                && let Some(end) = self.hear(*message).await?
            {
                return Ok(Some(end));
            }
        }
        self.state.send_modify(|it| {
            let now = Timestamp::now();
            it.set_link(LinkName::Signal, Link::Disconnected, now);
            it.tell(Happening::Reconnecting, now);
        });
        let until = Instant::now() + self.options.limit;
        let attempt = tokio::spawn(restart(Arc::clone(&self.signal), until));
        // The way back may break as well, behind commands that wait for it.
        let held = self.resuming.take().map(|it| it.held).unwrap_or_default();
        self.resuming = Some(Resuming { attempt, held });
        Ok(None)
    }

    /// Takes up again what was interrupted, or gives up.
    pub(super) async fn take_resumed(&mut self, resumed: Resumed) -> Result<Option<End>, RtcError> {
        let held = self.resuming.take().map(|it| it.held).unwrap_or_default();
        match resumed {
            Ok(_) => {}
            Err(SignalError::LeaveRequest { reason, .. }) => {
                return Ok(Some(self.depart(Departure::Removed(reason))));
            }
            Err(error) => return Ok(Some(self.depart(Departure::Lost(error.to_string())))),
        }
        self.signal.send(Request::SyncState(self.known())).await;
        if let Some(publisher) = &mut self.publisher {
            publisher.restart_ice();
            // Its answer may have been on its way when the connection broke.
            if let Some(offer) = publisher.offered() {
                self.signal.send(Request::Offer(offer)).await;
            }
        }
        self.negotiate().await?;
        self.signal.set_reconnected().await;
        self.state.send_modify(|it| {
            let now = Timestamp::now();
            it.set_link(LinkName::Signal, Link::Connected, now);
            it.tell(Happening::Reconnected, now);
        });
        for command in held {
            if let Some(end) = self.obey(command).await? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// What the server has to compare with what it knows.
    fn known(&self) -> SyncState {
        let tracks = self.published.iter().map(|(sid, cid)| TrackPublishedResponse {
            cid: cid.clone(),
            track: Some(TrackInfo { sid: sid.clone(), ..Default::default() }),
        });
        SyncState {
            publish_tracks: tracks.collect(),
            subscription: Some(UpdateSubscription { subscribe: true, ..Default::default() }),
            ..Default::default()
        }
    }
}

/// Tries until it works, the server does not want it, or it is too late.
async fn restart(signal: Arc<SignalClient>, until: Instant) -> Resumed {
    let mut attempts = interval(PAUSE);
    attempts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        attempts.tick().await;
        let error = match signal.restart(ReconnectReason::RrSignalDisconnected).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        let is_final = match &error {
            SignalError::LeaveRequest { .. } => true,
            SignalError::Handshake { status } => status.is_client_error(),
            _ => false,
        };
        if is_final || Instant::now() + PAUSE > until {
            return Err(error);
        }
    }
}
