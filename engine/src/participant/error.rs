//! Why a participant could not do what it was told.

use std::{io, time::Duration};

use livekit_signaling::SignalError;
use thiserror::Error;

use super::event::Departure;

/// Why a participant did not get into a room.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The server does not want it.
    #[error("the server refused to let the participant in: {status} {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the server said of it.
        words: String,
    },
    /// The server cannot be reached.
    #[error("cannot reach {url}")]
    Unreachable {
        /// The address that was tried.
        url: String,
        /// Why not.
        source: io::Error,
    },
    /// The address or the token cannot be used at all.
    #[error("cannot join: {0}")]
    Invalid(String),
    /// The server let it in, and no media connection came about.
    #[error("let in, but not connected for media")]
    NoMedia(#[source] io::Error),
    /// The server let it in, and ended it again.
    #[error("let in, and out again: {0:?}")]
    Removed(Departure),
    /// This machine does not let it begin.
    #[error("cannot begin")]
    Machine(#[source] io::Error),
}

impl JoinError {
    pub(super) fn no_media(limit: Duration) -> Self {
        let words = format!("no connection within {} s", limit.as_secs_f64());
        Self::NoMedia(io::Error::new(io::ErrorKind::TimedOut, words))
    }

    pub(super) fn of(error: SignalError, url: &str) -> Self {
        let unreachable = |source| Self::Unreachable { url: url.to_owned(), source };
        match error {
            SignalError::Client(status, words) | SignalError::Server(status, words) => {
                Self::Refused { status: status.as_u16(), words: words.trim().to_owned() }
            }
            SignalError::Handshake { status } => {
                let words = status.canonical_reason().unwrap_or_default().to_owned();
                Self::Refused { status: status.as_u16(), words }
            }
            SignalError::UrlParse(_) | SignalError::TokenFormat => Self::Invalid(error.to_string()),
            SignalError::Timeout(words) => {
                unreachable(io::Error::new(io::ErrorKind::TimedOut, words))
            }
            SignalError::Closed => {
                let words = "the server hung up before it answered";
                unreachable(io::Error::new(io::ErrorKind::ConnectionReset, words))
            }
            other => unreachable(io_error(&other.to_string())),
        }
    }
}

/// The IO error that a text tells of: the signal connection hands on no more than its text.
fn io_error(text: &str) -> io::Error {
    let code = text.rsplit_once("(os error ").and_then(|(_, it)| it.split_once(')'));
    match code.and_then(|(code, _)| code.parse().ok()) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::other(text.to_owned()),
    }
}

/// Why a request of a participant came to nothing.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The server does not allow it.
    #[error("the server refused: {reason} {words}")]
    Refused {
        /// The server's name for it.
        reason: String,
        /// What the server said of it.
        words: String,
    },
    /// The server did not answer, which is how older ones refuse.
    #[error("the server did not answer within {} s", .0.as_secs_f64())]
    NoAnswer(Duration),
    /// The participant is in no room any more.
    #[error("the participant is not in the room any more")]
    Gone,
    /// This machine has no socket for it.
    #[error("cannot open a socket")]
    NoSocket(#[source] io::Error),
}

/// Why a wait came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaitError {
    /// It did not come about in time.
    #[error("it did not come about within {} s", .0.as_secs_f64())]
    Limit(Duration),
    /// The participant is in no room any more, so it will not come about.
    #[error("the participant is not in the room any more: {0:?}")]
    Gone(Option<Departure>),
}
