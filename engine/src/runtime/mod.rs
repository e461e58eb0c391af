//! How programs run: where they listen, how they start, how they end.
//!
//! A [`Place`] is chosen before a program starts, because its configuration names its own ports.
//! The engine and all other services reach it at the same address.

mod docker;
mod foreign;
mod health;
pub mod ledger;
mod port;
mod process;
mod service;
mod sight;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::{error, info, info_span};

use self::docker::Network;
pub(crate) use self::{docker::pull, service::tail, sight::Sight};
pub use self::{
    docker::{Container, Containers, Docker, DockerError, Left, clean_containers, daemon},
    foreign::foreign,
    health::{Probe, Unhealthy, check},
    process::Processes,
    service::{Ended, Service},
    sight::Sights,
};
use crate::{component::Component, evidence::plain, stack::Program};

/// What starts and ends programs.
#[derive(Debug)]
pub enum Runtime {
    /// As processes of this machine, on loopback.
    Process(Processes),
    /// As Docker containers, each attempt in a network of its own.
    Docker(Containers),
}

/// Where the services of one attempt keep what is theirs.
#[derive(Debug, Clone, Default)]
pub struct Bench {
    /// Configurations and data; it goes when the attempt ends.
    pub directory: PathBuf,
    /// Logs; they stay.
    pub logs: PathBuf,
    /// What stands where, for who looks at it from beside.
    pub sights: Sights,
}

impl Bench {
    /// The log of a service, by what it is and how the scenario calls it.
    fn log(&self, component: Component, name: &str) -> PathBuf {
        let called = plain(name);
        let is_said = called.starts_with(component.name());
        let log = if is_said { called } else { format!("{component}-{called}") };
        self.logs.join(format!("{log}.log"))
    }
}

/// A port that a program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// What it is for.
    pub name: &'static str,
    /// The number that it usually has.
    pub usual: u16,
    /// Over UDP rather than TCP.
    pub is_udp: bool,
}

/// Where a service stands.
#[derive(Debug)]
pub struct Place {
    /// What the scenario calls it.
    pub name: String,
    /// What it is.
    pub component: Component,
    /// Where everybody reaches it.
    pub host: IpAddr,
    /// Where it listens.
    pub bind: IpAddr,
    /// Where it reaches the engine itself.
    pub engine: IpAddr,
    /// The directory with its files, as the program sees it.
    pub inside: PathBuf,
    directory: PathBuf,
    log: PathBuf,
    ports: Vec<(Port, u16)>,
    seat: Seat,
}

/// What keeps others from a place.
#[derive(Debug)]
enum Seat {
    /// Ports of this machine, which are given back when this is dropped.
    Ports(#[expect(dead_code, reason = "it is held, not looked at")] Vec<port::Taken>),
    /// An address in the network of the attempt.
    Network(Arc<Network>),
    /// It is somebody else's.
    Foreign,
}

/// How a program is started.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// What stands after the name of the program.
    pub arguments: Vec<String>,
    /// What it finds in its environment besides the usual.
    pub environment: Vec<(String, String)>,
    /// Files in its directory, by name.
    pub files: Vec<(String, String)>,
    /// How it says that it is ready; without one it is at once.
    pub probe: Option<Probe>,
    /// How long that may take.
    pub limit: Duration,
}

/// Why a program does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It cannot be started at all.
    #[error("{program} could not be started")]
    NotStarted {
        /// The file or image.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody else has its port.
    #[error("{name} ended because a port is taken; its log ends with:\n{tail}")]
    PortTaken {
        /// What the scenario calls it.
        name: String,
        /// The end of its log.
        tail: String,
        /// Of the kind `AddrInUse`.
        #[source]
        source: io::Error,
    },
    /// It ended instead of getting ready.
    #[error("{name} ended with {status} before it was ready; its log ends with:\n{tail}")]
    Ended {
        /// What the scenario calls it.
        name: String,
        /// How it ended.
        status: String,
        /// The end of its log.
        tail: String,
    },
    /// It did not get ready in time.
    #[error("{name} was not ready after {limit:?} ({last}); its log ends with:\n{tail}")]
    NotReady {
        /// What the scenario calls it.
        name: String,
        /// How long it was waited for.
        limit: Duration,
        /// What its last health check said.
        last: String,
        /// The end of its log.
        tail: String,
    },
}

impl Place {
    /// The port of this name; 0 where it has none.
    #[must_use]
    pub fn port(&self, name: &str) -> u16 {
        self.ports.iter().find(|it| it.0.name == name).map_or(0, |it| it.1)
    }

    /// Where its files lie on this machine.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its ports over TCP, by name.
    pub fn addresses(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let tcp = self.ports.iter().filter(|it| !it.0.is_udp);
        tcp.map(|(port, number)| (port.name, SocketAddr::new(self.host, *number)))
    }

    /// Where everybody reaches this port.
    #[must_use]
    pub fn address(&self, name: &str) -> SocketAddr {
        SocketAddr::new(self.host, self.port(name))
    }
}

impl Runtime {
    /// What `run.json` calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Process(_) => "process",
            Self::Docker(_) => "docker",
        }
    }

    /// Chooses where a service will stand.
    ///
    /// # Errors
    ///
    /// When no port is free, or its directory cannot be made.
    pub fn place(
        &self,
        bench: &Bench,
        component: Component,
        name: &str,
        ports: &[Port],
    ) -> io::Result<Place> {
        let place = match self {
            Self::Process(it) => it.place(bench, component, name, ports),
            Self::Docker(it) => it.place(bench, component, name, ports),
        }?;
        bench.sights.note(&place);
        Ok(place)
    }

    /// The process that runs at a place, by its number on this machine; of a container, its first.
    pub(crate) async fn process_at(&self, sight: &Sight) -> Option<u32> {
        match self {
            Self::Process(_) => process::at(&sight.directory),
            Self::Docker(it) => it.process_at(sight.host).await,
        }
    }

    /// Starts a program and waits until it is ready.
    ///
    /// # Errors
    ///
    /// When it does not start, ends, or is not ready in time; nothing of it is left then.
    pub async fn start(
        &self,
        place: Place,
        program: &Program,
        launch: Launch,
    ) -> Result<Service, StartError> {
        let (component, instance) = (place.component, place.name.clone());
        let span = info_span!(target: "lkreport", "service", %component, instance);
        let version = program.version.as_ref().map(ToString::to_string);
        span.in_scope(|| info!(target: "lkreport", version, "starting"));
        let begun = Instant::now();
        let started = match self {
            Self::Process(it) => it.start(place, program, launch).await,
            Self::Docker(it) => it.start(place, program, launch).await,
        };
        let milliseconds = begun.elapsed().as_millis();
        span.in_scope(|| match &started {
            Ok(_) => info!(target: "lkreport", milliseconds, "well"),
            Err(error) => error!(target: "lkreport", milliseconds, %error, "not well"),
        });
        started
    }
}
