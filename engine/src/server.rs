//! How servers are started: their ports, their configuration, and when they are well.

use std::{io, net::SocketAddr, time::Duration};

use crate::{
    component::Component,
    profile::{self, Overrides, Places, ProfileError},
    runtime::{Bench, Launch, Port, Probe, Runtime, Service, StartError},
    stack::Program,
    world::{KEY, SECRET},
};

/// What a LiveKit server is to be.
#[derive(Debug)]
pub struct Wish<'a> {
    /// Its config profile.
    pub profile: &'a str,
    /// What it is given besides its profile.
    pub overrides: &'a Overrides,
    /// The redis that it shares with others.
    pub redis: Option<SocketAddr>,
    /// The URL that receives its webhooks.
    pub webhook: Option<String>,
    /// How long it may take until it is well.
    pub limit: Duration,
}

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Its configuration depends on its version.
    #[error("the version of the server is not known")]
    NoVersion,
    /// There is no place for it.
    #[error("there is no place for it")]
    NoPlace(#[source] io::Error),
    /// There is no configuration for it.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// It does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Starts a LiveKit server; with what was left out of its configuration.
///
/// # Errors
///
/// When it cannot be configured, or does not get well in time.
pub async fn livekit(
    runtime: &Runtime,
    bench: &Bench,
    program: &Program,
    name: &str,
    wish: Wish<'_>,
) -> Result<(Service, Vec<String>), ServerError> {
    let version = program.version.as_ref().ok_or(ServerError::NoVersion)?;
    let ports = [
        tcp("http", 7880),
        tcp("rtc-tcp", 7881),
        Port { name: "rtc-udp", usual: 7882, is_udp: true },
    ];
    let place = runtime.place(bench, Component::Livekit, name, &ports);
    let place = place.map_err(ServerError::NoPlace)?;
    let places = Places {
        bind: place.bind,
        node: place.host,
        http: place.port("http"),
        tcp: place.port("rtc-tcp"),
        udp: place.port("rtc-udp"),
        key: KEY.to_owned(),
        secret: SECRET.to_owned(),
        redis: wish.redis.map(|it| it.to_string()),
        webhook: wish.webhook,
        ..Places::usual()
    };
    let rendered = profile::render(wish.profile, version, &places, wish.overrides)?;
    let config = place.inside.join("livekit.yaml").display().to_string();
    let launch = Launch {
        arguments: vec!["--config".to_owned(), config],
        files: vec![("livekit.yaml".to_owned(), rendered.yaml)],
        probe: Some(Probe::Http(place.address("http"), "/")),
        limit: wish.limit,
        ..Launch::default()
    };
    Ok((runtime.start(place, program, launch).await?, rendered.warnings))
}

/// Starts a redis that keeps nothing.
///
/// # Errors
///
/// When it does not answer in time.
pub async fn redis(
    runtime: &Runtime,
    bench: &Bench,
    program: &Program,
    name: &str,
    limit: Duration,
) -> Result<Service, ServerError> {
    let place = runtime.place(bench, Component::Redis, name, &[tcp("redis", 6379)]);
    let place = place.map_err(ServerError::NoPlace)?;
    let (bind, port) = (place.bind.to_string(), place.port("redis").to_string());
    let arguments = ["--bind", &bind, "--port", &port, "--save", "", "--appendonly", "no"];
    // Whoever reaches it at that address may use it, also from another container.
    let open = ["--protected-mode", "no"];
    let launch = Launch {
        arguments: arguments.into_iter().chain(open).map(str::to_owned).collect(),
        probe: Some(Probe::Redis(place.address("redis"))),
        limit,
        ..Launch::default()
    };
    Ok(runtime.start(place, program, launch).await?)
}

fn tcp(name: &'static str, usual: u16) -> Port {
    Port { name, usual, is_udp: false }
}
