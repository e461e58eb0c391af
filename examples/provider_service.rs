//! A reference provider abstraction: calls go to LiveKit or to the provider of before, as flags say.
//!
//! A room stays with the provider that made it, so a change of flags is felt by the next room and breaks
//! no call. Run it with `cargo run --example provider_service -- 127.0.0.1:8000`; `docs/services.md`
//! lists its requests, variables and error codes.

#![expect(clippy::print_stderr, reason = "its log is what it prints")]

mod provider;
mod service;

use std::{process::ExitCode, sync::Arc};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
    routing::{post, put},
};
use provider::{Kind, Livekit, Previous, Switchboard};
use serde_json::json;
use service::{Parameters, Refusal, answer, end, optional, required, serve};

/// What the requests share.
struct Service {
    livekit: Livekit,
    previous: Previous,
    switchboard: Switchboard,
}

type Shared = State<Arc<Service>>;

fn main() -> ExitCode {
    end(run())
}

fn run() -> anyhow::Result<()> {
    // The client of the LiveKit API speaks TLS, and takes the cryptography that the program chose.
    _ = rustls::crypto::ring::default_provider().install_default();
    let names = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_SECRET", "FEATURE_LIVEKIT"];
    let [url, key, secret, flag] = required(names)?;
    let service = Service {
        livekit: Livekit::new(url, key, secret),
        previous: Previous,
        switchboard: Switchboard::new(&flag, optional("PROVIDER_TYPE").as_deref())?,
    };
    let routes = Router::new()
        .route("/api/video/initialize", post(initialize))
        .route("/api/video/rooms", post(create_room))
        .route("/api/video/join", post(join_room))
        .route("/api/video/leave", post(leave_room))
        .route("/api/video/flags", put(set_flags));
    serve(routes.with_state(Arc::new(service)))
}

async fn initialize(State(service): Shared) -> Result<Response, Refusal> {
    service.livekit.initialize().await?;
    Ok(answer(StatusCode::OK, &json!({"provider": Kind::Livekit.name()})))
}

async fn create_room(
    State(service): Shared,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let parameters = Parameters::read(query)?;
    let room = parameters.name("room")?;
    let kind = service.switchboard.assign(room)?;
    let made = match kind {
        Kind::Livekit => service.livekit.create_room(room).await,
        Kind::Previous => service.previous.create_room(room),
    };
    if let Err(error) = made {
        // Whoever asks again may have better luck, maybe with the other provider.
        service.switchboard.forget(room);
        return Err(error.into());
    }
    eprintln!("201 room {room:?} on {}", kind.name());
    Ok(answer(StatusCode::CREATED, &json!({"room": room, "provider": kind.name()})))
}

async fn join_room(State(service): Shared, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let parameters = Parameters::read(query)?;
    let (room, user) = (parameters.name("room")?, parameters.name("user")?);
    let kind = service.switchboard.of(room)?;
    let seat = match kind {
        Kind::Livekit => service.livekit.join_room(room, user)?,
        Kind::Previous => service.previous.join_room(room),
    };
    eprintln!("200 {user:?} joins {room:?} on {}", kind.name());
    let body = json!({"provider": kind.name(), "url": seat.url, "token": seat.token});
    Ok(answer(StatusCode::OK, &body))
}

async fn leave_room(
    State(service): Shared,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let parameters = Parameters::read(query)?;
    let (room, user) = (parameters.name("room")?, parameters.name("user")?);
    let kind = service.switchboard.of(room)?;
    match kind {
        Kind::Livekit => service.livekit.leave_room(room, user).await?,
        Kind::Previous => service.previous.leave_room(room, user),
    }
    eprintln!("200 {user:?} left {room:?} on {}", kind.name());
    Ok(answer(StatusCode::OK, &json!({"provider": kind.name()})))
}

async fn set_flags(State(service): Shared, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let parameters = Parameters::read(query)?;
    let (is_on, share) =
        service.switchboard.set(parameters.get("FEATURE_LIVEKIT"), parameters.get("share"))?;
    eprintln!("200 FEATURE_LIVEKIT={is_on} share={share}");
    Ok(answer(StatusCode::OK, &json!({"FEATURE_LIVEKIT": is_on, "share": share})))
}
