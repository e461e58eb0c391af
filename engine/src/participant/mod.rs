//! A participant without a browser: it joins a real server, sends and receives media and data,
//! and says what it saw.
//!
//! ```no_run
//! # async fn example(url: &str, token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use lkreport_engine::participant::{Options, Participant, Publication, TrackSource};
//!
//! let ann = Participant::join(url, token, Options::default()).await?;
//! let sid = ann.publish(Publication::camera()).await?;
//! let sees_bob = ann.wait(Duration::from_secs(10), |state| {
//!     state.received("bob", TrackSource::Camera).frames > 0
//! });
//! sees_bob.await?;
//! ann.mute(&sid, true)?;
//! ann.leave().await;
//! # Ok(())
//! # }
//! ```
//!
//! Servers tell of those who publish nothing only every three seconds, so somebody may be in
//! the room for a while before the others know.
//!
//! For a `wss://` address the program installs rustls' provider once, before the first join:
//! `rustls::crypto::ring::default_provider().install_default()`.

mod command;
mod data;
mod error;
mod event;
mod join;
mod media;
mod peer;
mod publisher;
mod resume;
mod session;
mod state;
mod subscriber;
mod update;

use std::{collections::BTreeMap, time::Duration};

use livekit_protocol::{
    self as proto, SubscriptionPermission, TrackPermission, UpdateParticipantMetadata,
    UpdateSubscription, UpdateTrackSettings, signal_request::Message as Request,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

pub use data::Data;
pub use error::{JoinError, RequestError, WaitError};
pub use event::{Delivery, Departure, Event, Happening, LinkName, Message};
pub use join::Options;
pub use livekit_protocol::{DisconnectReason, TrackSource, TrackType, VideoQuality};
pub use media::Publication;
pub use state::{Layer, Link, Member, Permission, Received, Room, State, Track};

use command::Command;

/// A participant of a room.
///
/// It lives on a thread of its own, and nothing of it outlives it. To drop it is to end it
/// as a crash would: the connections close, and nobody says goodbye.
#[derive(Debug)]
pub struct Participant {
    commands: mpsc::UnboundedSender<Command>,
    state: watch::Receiver<State>,
    limit: Duration,
}

impl Participant {
    /// Joins the room that the token names, and returns once media and data can pass.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses, or no media connection comes about.
    pub async fn join(url: &str, token: &str, options: Options) -> Result<Self, JoinError> {
        join::join(url, token, options).await
    }

    /// Joins the room that the token names, and leaves it before any media connects.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn give_up(url: &str, token: &str, options: &Options) -> Result<(), JoinError> {
        join::give_up(url, token, options).await
    }

    /// What the participant knows now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// All that happened until now, in its order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.state.borrow().events.clone()
    }

    /// Waits until this is so.
    ///
    /// # Errors
    /// It is not so within the limit, or the session ended before.
    pub async fn wait(
        &self,
        limit: Duration,
        is_so: impl FnMut(&State) -> bool,
    ) -> Result<(), WaitError> {
        let mut state = self.state.clone();
        match timeout(limit, state.wait_for(is_so)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(WaitError::Gone(self.state.borrow().departure.clone())),
            Err(_) => Err(WaitError::Limit(limit)),
        }
    }

    /// Publishes a track, and returns its sid; the others see it once its media arrives.
    ///
    /// # Errors
    /// The server does not allow it; older servers do so without a word.
    pub async fn publish(&self, publication: Publication) -> Result<String, RequestError> {
        let (published, answer) = oneshot::channel();
        self.order(Command::Publish(publication, published))?;
        match timeout(self.limit, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(RequestError::Gone),
            Err(_) => Err(RequestError::NoAnswer(self.limit)),
        }
    }

    /// Takes a track back.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn unpublish(&self, sid: &str) -> Result<(), RequestError> {
        self.order(Command::Unpublish(sid.to_owned()))
    }

    /// Sends nothing of a track for now, or again.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn mute(&self, sid: &str, muted: bool) -> Result<(), RequestError> {
        self.order(Command::Mute(sid.to_owned(), muted))
    }

    /// Sends a data message; it is kept until there is a way.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn send(&self, data: Data) -> Result<(), RequestError> {
        self.order(Command::Send(data))
    }

    /// Asks for a track, or gives it up.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn subscribe(&self, sid: &str, subscribe: bool) -> Result<(), RequestError> {
        let track_sids = vec![sid.to_owned()];
        let update = UpdateSubscription { track_sids, subscribe, participant_tracks: Vec::new() };
        self.ask(Request::Subscription(update))
    }

    /// Asks for a track that is sent in several sizes in this one.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn prefer(&self, sid: &str, quality: VideoQuality) -> Result<(), RequestError> {
        self.ask(Request::TrackSetting(UpdateTrackSettings {
            track_sids: vec![sid.to_owned()],
            quality: quality.into(),
            ..Default::default()
        }))
    }

    /// Lets these identities receive what this participant publishes, and nobody else.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn allow_only(&self, identities: &[&str]) -> Result<(), RequestError> {
        let allow = |identity: &&str| TrackPermission {
            participant_identity: (*identity).to_owned(),
            all_tracks: true,
            ..Default::default()
        };
        let track_permissions = identities.iter().map(allow).collect();
        let permission = SubscriptionPermission { all_participants: false, track_permissions };
        self.ask(Request::SubscriptionPermission(permission))
    }

    /// Changes its own name, metadata and attributes, if its token allows it.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn describe(
        &self,
        name: &str,
        metadata: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<(), RequestError> {
        self.ask(Request::UpdateMetadata(UpdateParticipantMetadata {
            name: name.to_owned(),
            metadata: metadata.to_owned(),
            attributes: attributes.into_iter().collect(),
            request_id: 0,
        }))
    }

    /// Lets its signal connection break, and comes back into the same session.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn reconnect(&self) -> Result<(), RequestError> {
        self.order(Command::Reconnect)
    }

    /// Says goodbye and is gone.
    pub async fn leave(self) {
        let (left, gone) = oneshot::channel();
        if self.commands.send(Command::Leave(left)).is_ok() {
            // A session that ends otherwise in this moment is gone as well.
            let _ = gone.await;
        }
    }

    /// Stops answering, as if the network were gone; the connections stay open until the
    /// participant is dropped.
    pub fn vanish(&self) {
        // A participant that is gone has vanished.
        let _ = self.commands.send(Command::Vanish);
    }

    /// Answers again after it had vanished, as if the network were back.
    ///
    /// # Errors
    /// The participant is in no room any more.
    pub fn reappear(&self) -> Result<(), RequestError> {
        self.order(Command::Reappear)
    }

    fn ask(&self, request: proto::signal_request::Message) -> Result<(), RequestError> {
        self.order(Command::Ask(Box::new(request)))
    }

    fn order(&self, command: Command) -> Result<(), RequestError> {
        self.commands.send(command).map_err(|_| RequestError::Gone)
    }
}
