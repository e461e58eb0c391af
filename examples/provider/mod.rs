//! The providers of calls, which of them a room is on, and what their errors are called.

mod switchboard;

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use livekit_api::{
    access_token::{AccessToken, AccessTokenError, VideoGrants},
    services::{
        ServerError, ServerErrorCode, ServiceError,
        room::{CreateRoomOptions, RoomClient},
    },
};

pub(crate) use self::switchboard::Switchboard;
use crate::service::Refusal;

/// Who carries a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Livekit,
    Previous,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Livekit => "livekit",
            Self::Previous => "previous",
        }
    }
}

/// What a page needs to join.
pub(crate) struct Seat {
    pub(crate) url: String,
    /// None where the provider knows people by other means.
    pub(crate) token: Option<String>,
}

/// What went wrong, in the words that all providers share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    NotInitialized,
    Unavailable(String),
    CredentialsRejected(String),
    ParticipantNotFound,
    Internal(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let (status, code, why) = match fault {
            Fault::NotInitialized => {
                let why = "POST /api/video/initialize comes first".to_owned();
                (StatusCode::CONFLICT, "PROVIDER_NOT_INITIALIZED", why)
            }
            Fault::Unavailable(why) => {
                (StatusCode::SERVICE_UNAVAILABLE, "PROVIDER_UNAVAILABLE", why)
            }
            Fault::CredentialsRejected(why) => {
                (StatusCode::BAD_GATEWAY, "CREDENTIALS_REJECTED", why)
            }
            Fault::ParticipantNotFound => {
                let why = "nobody like that is in the room".to_owned();
                (StatusCode::NOT_FOUND, "PARTICIPANT_NOT_FOUND", why)
            }
            Fault::Internal(why) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", why),
        };
        Self::new(status, code, why)
    }
}

impl From<AccessTokenError> for Fault {
    fn from(error: AccessTokenError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        match error {
            // A key or secret that is not the server's is refused in plain words before the API is reached.
            ServiceError::Twirp(ServerError::Request(it)) if it.is_decode() => {
                Self::CredentialsRejected("LiveKit refused the key or its secret".to_owned())
            }
            ServiceError::Twirp(ServerError::Request(_)) => Self::Unavailable(text),
            ServiceError::Twirp(ServerError::Twirp(it)) => match it.code.as_str() {
                ServerErrorCode::UNAUTHENTICATED | ServerErrorCode::PERMISSION_DENIED => {
                    Self::CredentialsRejected(text)
                }
                ServerErrorCode::UNAVAILABLE | ServerErrorCode::DEADLINE_EXCEEDED => {
                    Self::Unavailable(text)
                }
                ServerErrorCode::NOT_FOUND => Self::ParticipantNotFound,
                _ => Self::Internal(text),
            },
            _ => Self::Internal(text),
        }
    }
}

/// Calls on a LiveKit server.
pub(crate) struct Livekit {
    url: String,
    key: String,
    secret: String,
    rooms: RoomClient,
    is_ready: AtomicBool,
}

impl Livekit {
    pub(crate) fn new(url: String, key: String, secret: String) -> Self {
        let rooms = RoomClient::with_api_key(&url, &key, &secret);
        Self { url, key, secret, rooms, is_ready: AtomicBool::new(false) }
    }

    /// Finds out whether the server is there and takes the key.
    pub(crate) async fn initialize(&self) -> Result<(), Fault> {
        self.rooms.list_rooms(Vec::new()).await?;
        self.is_ready.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) async fn create_room(&self, room: &str) -> Result<(), Fault> {
        self.ready()?;
        self.rooms.create_room(room, CreateRoomOptions::default()).await?;
        Ok(())
    }

    pub(crate) fn join_room(&self, room: &str, user: &str) -> Result<Seat, Fault> {
        self.ready()?;
        let grants =
            VideoGrants { room_join: true, room: room.to_owned(), ..VideoGrants::default() };
        let token = AccessToken::with_api_key(&self.key, &self.secret);
        let token = token.with_identity(user).with_grants(grants).to_jwt()?;
        Ok(Seat { url: self.url.clone(), token: Some(token) })
    }

    pub(crate) async fn leave_room(&self, room: &str, user: &str) -> Result<(), Fault> {
        self.ready()?;
        Ok(self.rooms.remove_participant(room, user).await?)
    }

    fn ready(&self) -> Result<(), Fault> {
        self.is_ready.load(Ordering::Relaxed).then_some(()).ok_or(Fault::NotInitialized)
    }
}

/// The provider of before, which knows rooms by their addresses alone.
pub(crate) struct Previous;

impl Previous {
    pub(crate) fn create_room(&self, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    pub(crate) fn join_room(&self, room: &str) -> Seat {
        let room: String = form_urlencoded::byte_serialize(room.as_bytes()).collect();
        Seat { url: format!("https://previous.example/{room}"), token: None }
    }

    pub(crate) fn leave_room(&self, _: &str, _: &str) {}
}
