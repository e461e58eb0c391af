//! How a participant gets into a room, on a thread of its own.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    thread,
    time::Duration,
};

use livekit_protocol::signal_request::Message as Request;
use livekit_signaling::{SignalClient, SignalOptions};
use reqwest::Url;
use tokio::{
    net::{UdpSocket, lookup_host},
    runtime,
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{
    Participant,
    command::{Command, dismissed, goodbye},
    error::JoinError,
    peer::PeerConnection,
    publisher::Publisher,
    session::{End, Joining, Peers, Session, Signal},
    state::State,
};

/// The newest protocol whose messages all the servers of interest understand: from 16 on,
/// reliable data is numbered, and from 18 on, its channels are agreed on beforehand.
const PROTOCOL: u32 = 15;

/// How a participant joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether it receives every track without asking for it.
    pub auto_subscribe: bool,
    /// How long the join may take, and the server's answer to a request.
    pub limit: Duration,
    /// Whether it comes back by itself when its signal connection breaks.
    pub resume: bool,
    /// The address of this machine that media goes through; by itself, the one that leads to
    /// the server.
    pub ip: Option<IpAddr>,
}

impl Default for Options {
    fn default() -> Self {
        Self { auto_subscribe: true, limit: Duration::from_secs(10), resume: true, ip: None }
    }
}

type Joined = oneshot::Sender<Result<watch::Receiver<State>, JoinError>>;

/// Joins; see [`Participant::join`].
pub(super) async fn join(
    url: &str,
    token: &str,
    options: Options,
) -> Result<Participant, JoinError> {
    let (joined, answer) = oneshot::channel();
    let (commands, received) = mpsc::unbounded_channel();
    let (url, token, limit) = (url.to_owned(), token.to_owned(), options.limit);
    thread::Builder::new()
        .name("participant".to_owned())
        .spawn(move || live(&url, &token, &options, received, joined))
        .map_err(JoinError::Machine)?;
    let ended = || JoinError::Machine(io::Error::other("its thread ended"));
    let state = answer.await.map_err(|_| ended())??;
    Ok(Participant { commands, state, limit })
}

/// Lives on a runtime of its own, so that nothing of a participant outlives it, whoever
/// started it, and so that it can fall silent without hanging up.
fn live(
    url: &str,
    token: &str,
    options: &Options,
    commands: mpsc::UnboundedReceiver<Command>,
    joined: Joined,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(it) => it,
        Err(error) => {
            let _ = joined.send(Err(JoinError::Machine(error)));
            return;
        }
    };
    let session = runtime.block_on(begin(url, token, options, commands, joined));
    if let Some(mut session) = session {
        while matches!(runtime.block_on(session.run()), End::Silent) && session.stay_silent() {}
    }
    // A name that is still being looked up would hold the thread.
    runtime.shutdown_background();
}

async fn begin(
    url: &str,
    token: &str,
    options: &Options,
    commands: mpsc::UnboundedReceiver<Command>,
    mut joined: Joined,
) -> Option<Session> {
    let until = Instant::now() + options.limit;
    let connected = tokio::select! {
        it = connect(url, token, options) => it,
        // Nobody waits for it any more.
        () = joined.closed() => return None,
    };
    match connected {
        Ok((signal, peers)) => {
            let joining = Joining { joined, until };
            Some(Session::new(signal, commands, joining, peers, options.clone()))
        }
        Err(error) => {
            let _ = joined.send(Err(error));
            None
        }
    }
}

async fn connect(url: &str, token: &str, options: &Options) -> Result<(Signal, Peers), JoinError> {
    let signal = enter(url, token, options).await?;
    let subscriber_first = signal.1.subscriber_primary;
    let peers = open_peers(url, options.ip, subscriber_first).await;
    Ok((signal, peers.map_err(JoinError::Machine)?))
}

/// Is let in by the server; nothing can pass yet.
async fn enter(url: &str, token: &str, options: &Options) -> Result<Signal, JoinError> {
    let mut signal = SignalOptions::default();
    signal.auto_subscribe = options.auto_subscribe;
    signal.connect_timeout = options.limit;
    signal.region_failover = false;
    signal.protocol_version = PROTOCOL;
    // What these stand for is not built here.
    signal.client_capabilities = Vec::new();
    signal.client_protocol = livekit_signaling::CLIENT_PROTOCOL_DEFAULT;
    let signal = SignalClient::connect(url, token, signal, None).await;
    signal.map_err(|it| JoinError::of(it, url))
}

/// Joins and leaves again before any media connects; see [`Participant::give_up`].
pub(super) async fn give_up(url: &str, token: &str, options: &Options) -> Result<(), JoinError> {
    let (signal, _, mut signals) = enter(url, token, options).await?;
    signal.send(Request::Leave(goodbye())).await;
    dismissed(&mut signals).await;
    signal.close().await;
    Ok(())
}

async fn open_peers(url: &str, ip: Option<IpAddr>, subscriber_first: bool) -> io::Result<Peers> {
    let ip = match ip {
        Some(ip) => ip,
        None => way_to(url).await?,
    };
    let subscriber = PeerConnection::receiving(ip).await?;
    let publisher = if subscriber_first { None } else { Some(Publisher::new(ip).await?) };
    Ok(Peers { ip, subscriber, publisher })
}

/// The address of this machine that leads to the server.
async fn way_to(url: &str) -> io::Result<IpAddr> {
    let url = Url::parse(url).map_err(io::Error::other)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let mut servers = lookup_host((host, port)).await?;
    let server = servers.next().ok_or_else(|| io::Error::other("the server has no address"))?;
    let any = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // This sends nothing; it asks the machine which way it would.
    socket.connect(server).await?;
    Ok(socket.local_addr()?.ip())
}
