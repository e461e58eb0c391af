//! How programs run: where they listen, how they start, how they end.
//!
//! A [`Place`] is chosen before a program starts, because its configuration names its own ports.
//! The engine and all other services reach it at the same address.

mod health;
pub mod ledger;
mod port;
mod process;
mod service;

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

pub(crate) use self::service::tail;
pub use self::{
    health::{Probe, Unhealthy, check},
    process::Processes,
    service::{Ended, Service},
};
use crate::{component::Component, stack::Program};

/// What starts and ends programs.
#[derive(Debug)]
pub enum Runtime {
    /// As processes of this machine, on loopback.
    Process(Processes),
}

/// Where the services of one attempt keep what is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bench {
    /// Configurations and data; it goes when the attempt ends.
    pub directory: PathBuf,
    /// Logs; they stay.
    pub logs: PathBuf,
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
    /// The directory with its files, as the program sees it.
    pub inside: PathBuf,
    directory: PathBuf,
    log: PathBuf,
    ports: BTreeMap<&'static str, port::Taken>,
}

/// How a program is started.
#[derive(Debug, Default)]
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
        self.ports.get(name).map_or(0, port::Taken::number)
    }

    /// Where its files lie on this machine.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its ports over TCP, by name.
    pub fn addresses(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let tcp = self.ports.iter().filter(|it| !it.1.is_udp());
        tcp.map(|(name, it)| (*name, SocketAddr::new(self.host, it.number())))
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
        match self {
            Self::Process(it) => it.place(bench, component, name, ports),
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
        match self {
            Self::Process(it) => it.start(place, program, launch).await,
        }
    }
}
