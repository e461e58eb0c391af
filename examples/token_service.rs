//! A reference token service: what a meeting page asks before it joins a LiveKit room.
//!
//! `GET /api/video/token?room=…&user=…` answers `{"token": …, "url": …}`. It reads `VIDEO_PROVIDER`,
//! `LIVEKIT_URL`, `LIVEKIT_API_KEY`, `LIVEKIT_API_SECRET` and `LIVEKIT_TOKEN_TTL_HOURS`, and does not
//! start without those it needs. Run it with `cargo run --example token_service -- 127.0.0.1:8000`.

#![expect(clippy::print_stderr, reason = "its log is what it prints")]

mod service;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use axum::{
    Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use livekit_api::access_token::{AccessToken, AccessTokenError, VideoGrants};
use serde_json::json;
use service::{Parameters, Refusal, answer, end, optional, required, serve};

/// How long tokens live unless `LIVEKIT_TOKEN_TTL_HOURS` says otherwise.
const USUAL_HOURS: u64 = 6;

/// What signs tokens; it is never printed, because it holds the secret.
struct TokenService {
    url: String,
    key: String,
    secret: String,
    life: Duration,
}

fn main() -> ExitCode {
    end(run())
}

fn run() -> anyhow::Result<()> {
    let service = Arc::new(TokenService::from_environment()?);
    serve(Router::new().route("/api/video/token", get(token)).with_state(service))
}

async fn token(
    State(service): State<Arc<TokenService>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let parameters = Parameters::read(query)?;
    let (room, user) = (parameters.name("room")?, parameters.name("user")?);
    let token = service.sign(room, user).map_err(|error| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", error.to_string())
    })?;
    eprintln!("200 a token for {user:?} in {room:?}");
    Ok(answer(StatusCode::OK, &json!({"token": token, "url": service.url})))
}

impl TokenService {
    fn from_environment() -> anyhow::Result<Self> {
        let names = ["VIDEO_PROVIDER", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"];
        let [provider, url, key, secret] = required(names)?;
        ensure!(provider == "livekit", "VIDEO_PROVIDER is `{provider}`; this service is `livekit`");
        let is_url = ["ws://", "wss://"].iter().any(|it| url.starts_with(it));
        ensure!(is_url, "LIVEKIT_URL is `{url}`; clients connect to ws:// or wss://");
        Ok(Self { url, key, secret, life: life(optional("LIVEKIT_TOKEN_TTL_HOURS"))? })
    }

    fn sign(&self, room: &str, user: &str) -> Result<String, AccessTokenError> {
        let grants =
            VideoGrants { room_join: true, room: room.to_owned(), ..VideoGrants::default() };
        let token = AccessToken::with_api_key(&self.key, &self.secret);
        token.with_identity(user).with_grants(grants).with_ttl(self.life).to_jwt()
    }
}

/// How long tokens live.
fn life(hours: Option<String>) -> anyhow::Result<Duration> {
    let Some(text) = hours else { return Ok(Duration::from_secs(USUAL_HOURS * 3600)) };
    let hours: u64 =
        text.parse().with_context(|| format!("LIVEKIT_TOKEN_TTL_HOURS is `{text}`"))?;
    ensure!((1..=8760).contains(&hours), "LIVEKIT_TOKEN_TTL_HOURS is {hours}, not 1 to 8760");
    Ok(Duration::from_secs(hours * 3600))
}
