//! A receiver of webhooks: notes every request with its time, and says which are signed events.
//!
//! LiveKit signs each event with a token that carries the SHA-256 of the body, so that nobody else's
//! words pass for the server's ([how](https://docs.livekit.io/home/server/webhooks/)). A request without
//! such a token is kept, and is no event.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri, header::AUTHORIZATION},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use lkreport_contract::mask::{Masked, Masker};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::AbortHandle, time::Instant};

use crate::token::{self, TokenError};

/// A server that receives webhooks, until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    /// What the scenario calls it.
    pub name: String,
    address: SocketAddr,
    record: Arc<Record>,
    task: AbortHandle,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// When it came.
    pub at: Timestamp,
    /// What it said.
    pub body: String,
    /// The event, or why it is none.
    pub event: Result<Event, Rejected>,
    came: Instant,
}

/// What a server tells of. What it leaves out is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// `room_started`, `participant_joined`, …
    #[serde(rename = "event")]
    pub kind: String,
    /// The room.
    pub room: Room,
    /// The participant.
    pub participant: Participant,
    /// The track.
    pub track: Option<Track>,
    /// The egress.
    pub egress_info: Task,
    /// The ingress.
    pub ingress_info: Task,
}

/// The room of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// What the application keeps there.
    pub metadata: String,
}

/// The participant of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Participant {
    /// Who it is.
    pub identity: String,
    /// What the application keeps there.
    pub metadata: String,
    /// The same by name.
    pub attributes: BTreeMap<String, String>,
}

/// The track of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Track {
    /// `AUDIO`, `VIDEO` or `DATA`; the first is what JSON of protobuf leaves out.
    #[serde(default = "audio", rename = "type")]
    pub kind: String,
    /// `CAMERA`, `MICROPHONE`, …
    #[serde(default)]
    pub source: String,
}

/// The egress or ingress of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Task {
    /// The room that it is for.
    pub room_name: String,
}

/// Why a request is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Nobody signed it.
    #[error("it is not signed")]
    Unsigned,
    /// Its token does not hold.
    #[error("its token does not hold: {0}")]
    Token(#[from] TokenError),
    /// The token was made for another key.
    #[error("it is signed for another key")]
    OtherKey,
    /// The token was made for another body.
    #[error("it is signed for another body")]
    OtherBody,
    /// The body is no event.
    #[error("its body is no event: {0}")]
    NoEvent(String),
}

/// An API key and its secret.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

static MASKER: LazyLock<Masker> = LazyLock::new(Masker::new);

#[derive(Debug)]
struct Record {
    key: Key,
    log: PathBuf,
    all: Mutex<Vec<Received>>,
}

impl Receiver {
    /// Starts one at a free port of this address; what it receives is also written into the log.
    ///
    /// # Errors
    ///
    /// When there is no such address or port.
    pub async fn start(name: &str, at: IpAddr, key: Key, log: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((at, 0)).await?;
        let address = listener.local_addr()?;
        let record = Arc::new(Record { key, log: log.to_owned(), all: Mutex::default() });
        let service = Router::new().fallback(receive).with_state(Arc::clone(&record));
        let task = tokio::spawn(async move { _ = axum::serve(listener, service).await });
        Ok(Self { name: name.to_owned(), address, record, task: task.abort_handle() })
    }

    /// Where servers send their events.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// All that came since it was cleared.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.record.all().clone()
    }

    /// The signed events that came since it was cleared.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.record.all().iter().filter_map(|it| it.event.clone().ok()).collect()
    }

    /// When the last request came.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        self.record.all().last().map(|it| it.came)
    }

    /// Forgets what came.
    pub fn clear(&self) {
        self.record.all().clear();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Record {
    fn all(&self) -> MutexGuard<'_, Vec<Received>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, path: &str, it: &Received) -> io::Result<()> {
        let (level, message) = match &it.event {
            Ok(event) => ("info", format!("received {}", event.kind)),
            Err(reason) => ("warn", format!("received no event: {reason}")),
        };
        let body = serde_json::from_str(&it.body).unwrap_or_else(|_| Value::from(it.body.as_str()));
        let line = json!({
            "time": it.at.to_string(), "level": level, "msg": message, "path": path, "body": body,
        });
        let mut log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        // Events of some versions carry the password of a TURN server.
        writeln!(log, "{}", MASKER.mask(&line.to_string(), &mut Masked::new()))
    }
}

async fn receive(
    State(record): State<Arc<Record>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> &'static str {
    let (at, came) = (Timestamp::now(), Instant::now());
    let token = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let event = read(&body, token, &record.key, at);
    let body = String::from_utf8_lossy(&body).into_owned();
    let received = Received { at, body, event, came };
    // A log that cannot be written is no reason to refuse what scenarios wait for.
    _ = record.write(uri.path(), &received);
    record.all().push(received);
    "ok"
}

/// Reads an event out of a request.
///
/// # Errors
///
/// When the token does not hold now, or is not for this body, or the body is no event.
pub fn read(
    body: &[u8],
    token: Option<&str>,
    key: &Key,
    now: Timestamp,
) -> Result<Event, Rejected> {
    let token = token.map(|it| it.strip_prefix("Bearer ").unwrap_or(it));
    let claims = token::verify(token.ok_or(Rejected::Unsigned)?, &key.secret, now.as_second())?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if claim("iss") != key.id {
        return Err(Rejected::OtherKey);
    }
    if BASE64_STANDARD.decode(claim("sha256")).ok().as_deref() != Some(&*Sha256::digest(body)) {
        return Err(Rejected::OtherBody);
    }
    let event: Event =
        serde_json::from_slice(body).map_err(|it| Rejected::NoEvent(it.to_string()))?;
    if event.kind.is_empty() {
        return Err(Rejected::NoEvent("it does not say of what kind".to_owned()));
    }
    Ok(event)
}

impl Event {
    /// The name of the room that it is about.
    #[must_use]
    pub fn room(&self) -> &str {
        let names = [&self.room.name, &self.egress_info.room_name, &self.ingress_info.room_name];
        names.into_iter().find(|it| !it.is_empty()).map_or("", String::as_str)
    }
}

impl Track {
    /// Whether a word of a step is its type or its source: `video`, `camera`, `screen share`.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.is_type(word) || self.is_source(word)
    }

    /// Whether its type is this one.
    #[must_use]
    pub fn is_type(&self, word: &str) -> bool {
        self.kind == constant(word)
    }

    /// Whether its source is this one.
    #[must_use]
    pub fn is_source(&self, word: &str) -> bool {
        self.source == constant(word)
    }
}

/// A word as protobuf names its constants.
fn constant(word: &str) -> String {
    word.to_ascii_uppercase().replace([' ', '-'], "_")
}

fn audio() -> String {
    "AUDIO".to_owned()
}
