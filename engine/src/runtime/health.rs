//! Whether a service is well: asked before a scenario uses it, and by `lkreport health`.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::AbortHandle,
    time::{sleep, timeout},
};
use tracing::{Instrument, info, warn};

/// How to ask a service whether it is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It answers this path over HTTP with a success.
    Http(SocketAddr, &'static str),
    /// It answers the PING of redis.
    Redis(SocketAddr),
    /// It accepts connections.
    Tcp(SocketAddr),
}

/// Why a service is not well.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// It cannot be reached.
    #[error("{0}")]
    Unreachable(#[from] io::Error),
    /// It says so itself.
    #[error("it answers {0}")]
    Answers(String),
}

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a service is asked again once it was well.
const BETWEEN: Duration = Duration::from_secs(1);

/// Notes when a service that was well no longer is, and when it is again, until this is dropped.
#[derive(Debug)]
pub(super) struct Watch(AbortHandle);

impl Watch {
    /// Begins with a service that is well; what is noted belongs to the current span.
    pub(super) fn begin(probe: Probe) -> Self {
        let watch = async move {
            let mut was_well = true;
            loop {
                sleep(BETWEEN).await;
                let now = check(&probe).await;
                match &now {
                    Err(reason) if was_well => {
                        let reason = reason.to_string();
                        warn!(target: "lkreport", reason, "no longer well");
                    }
                    Ok(()) if !was_well => info!(target: "lkreport", "well again"),
                    _ => {}
                }
                was_well = now.is_ok();
            }
        };
        Self(tokio::spawn(watch.in_current_span()).abort_handle())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks once.
///
/// # Errors
///
/// When it cannot be reached, or says that it is not well.
pub async fn check(probe: &Probe) -> Result<(), Unhealthy> {
    let asked = async {
        match probe {
            Probe::Http(at, path) => http(*at, path).await,
            Probe::Redis(at) => redis(*at).await,
            Probe::Tcp(at) => {
                TcpStream::connect(at).await?;
                Ok(())
            }
        }
    };
    timeout(PATIENCE, asked).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// One request by hand: a whole client is more than a status line needs.
async fn http(at: SocketAddr, path: &str) -> Result<(), Unhealthy> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    let line = answer(at, request.as_bytes()).await?;
    let status = line.split(' ').nth(1).unwrap_or_default();
    if status.starts_with('2') { Ok(()) } else { Err(Unhealthy::Answers(line)) }
}

async fn redis(at: SocketAddr) -> Result<(), Unhealthy> {
    let line = answer(at, b"PING\r\n").await?;
    // One that wants a password is up all the same.
    let is_well = line == "+PONG" || line.starts_with("-NOAUTH");
    if is_well { Ok(()) } else { Err(Unhealthy::Answers(line)) }
}

/// The first line of what it answers.
async fn answer(at: SocketAddr, request: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(request).await?;
    let (mut line, mut buffer) = (Vec::new(), [0; 512]);
    while !line.contains(&b'\n') && line.len() < 4096 {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        line.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&line);
    Ok(text.lines().next().unwrap_or("nothing").trim_end().to_owned())
}
