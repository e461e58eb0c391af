//! Servers that run already: nothing is started, and nothing is ended.

use std::{
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{net::lookup_host, time::timeout};

use super::{Launch, Place, Port, Seat, Service, StartError, service::Holder};
use crate::stack::{Origin, Program, Running};

/// A server that runs already, under the name that a scenario gives it; it has to be well.
///
/// # Errors
///
/// When it cannot be reached within the limit, or says that it is not well.
pub async fn foreign(
    running: &Running,
    name: &str,
    limit: Duration,
) -> Result<Service, StartError> {
    let failed = |source| StartError::NotStarted { program: running.url.clone(), source };
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    let reached = timeout(limit, reach(running)).await.map_err(late).and_then(|it| it);
    let (host, port) = reached.map_err(failed)?;
    let program = Program {
        component: running.component,
        version: None,
        origin: Origin::Running(running.clone()),
    };
    let place = Place {
        name: name.to_owned(),
        component: running.component,
        host,
        bind: host,
        engine: host,
        inside: PathBuf::new(),
        directory: PathBuf::new(),
        log: PathBuf::new(),
        ports: vec![(Port { name: "http", usual: 7880, is_udp: false }, port)],
        seat: Seat::Foreign,
    };
    let log = Path::new(&running.url).to_owned();
    let launch = Launch::default();
    Ok(Service { place, program, log, launch, holder: Holder::Foreign, watch: None })
}

/// Where a server is, that answers and is well.
async fn reach(running: &Running) -> io::Result<(IpAddr, u16)> {
    let url = reqwest::Url::parse(&running.url).map_err(io::Error::other)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let mut found = lookup_host((host, port)).await?;
    let at = found.next().ok_or(io::ErrorKind::NotFound)?;
    let answer = reqwest::get(url.clone()).await.map_err(io::Error::other)?;
    if !answer.status().is_success() {
        return Err(io::Error::other(format!("it answers {}", answer.status())));
    }
    Ok((at.ip(), at.port()))
}
