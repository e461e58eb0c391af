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
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::{Instrument, error, info, info_span};

use self::docker::{Network, Stay};
pub(crate) use self::{docker::pull, service::tail, sight::Sight};
pub use self::{
    docker::{
        Container, Containers, Docker, DockerError, Gauge as ContainerGauge, Left,
        clean_containers, daemon,
    },
    foreign::foreign,
    health::{Probe, Unhealthy, check},
    process::Processes,
    service::{Ended, Service},
    sight::Sights,
};
use crate::{
    component::Component,
    evidence::plain,
    stack::{Origin, Program, version_in},
};

/// What starts and ends programs.
#[derive(Debug)]
pub enum Runtime {
    /// As processes of this machine, on loopback.
    Process(Processes),
    /// Servers as Docker containers, each attempt in a network of its own; tools as processes.
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

    /// A place with its directories; `inside` is where its program sees its files, if not where they are.
    fn place(
        &self,
        component: Component,
        name: &str,
        (host, engine): (IpAddr, IpAddr),
        inside: Option<PathBuf>,
        ports: Vec<(Port, u16)>,
        seat: Seat,
    ) -> io::Result<Place> {
        let directory = self.directory.join(plain(name));
        fs::create_dir_all(&directory)?;
        fs::create_dir_all(&self.logs)?;
        Ok(Place {
            name: name.to_owned(),
            component,
            host,
            bind: host,
            engine,
            inside: inside.unwrap_or_else(|| directory.clone()),
            directory,
            log: self.log(component, name),
            ports,
            seat,
        })
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

/// Where the services of an attempt reach the engine; the address is there until this is dropped.
#[derive(Debug)]
pub struct Reach {
    /// The address.
    pub ip: IpAddr,
    #[expect(dead_code, reason = "it is held, not looked at")]
    stay: Option<Stay>,
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

    /// Writes files into its directory.
    fn write(&self, files: &[(String, String)]) -> io::Result<()> {
        files.iter().try_for_each(|(name, text)| fs::write(self.directory.join(name), text))
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
    /// What runtimes are called.
    pub const NAMES: [&str; 2] = ["process", "docker"];

    /// What `run.json` calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Process(_) => "process",
            Self::Docker(_) => "docker",
        }
    }

    /// Chooses where a service will stand: a tool on this machine, whatever the runtime.
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
            Self::Docker(it) if !component.is_tool() => it.place(bench, component, name, ports),
            Self::Docker(it) => it.processes.place(bench, component, name, ports),
            Self::Process(it) => it.place(bench, component, name, ports),
        }?;
        bench.sights.note(&place);
        Ok(place)
    }

    /// The process that runs at a place, by its number on this machine; of a container, its first.
    pub(crate) async fn process_at(&self, sight: &Sight) -> Option<u32> {
        match self {
            Self::Docker(it) if !sight.component.is_tool() => it.process_at(sight.host).await,
            Self::Docker(_) | Self::Process(_) => process::at(&sight.directory),
        }
    }

    /// Finds an address of the engine that the services of an attempt reach, and that others do not need to.
    ///
    /// # Errors
    ///
    /// When the network of the attempt cannot be made.
    pub async fn reach(&self, bench: &Bench) -> io::Result<Reach> {
        match self {
            Self::Process(_) => Ok(Reach { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), stay: None }),
            Self::Docker(it) => {
                let stay = it.stay(bench).await?;
                Ok(Reach { ip: IpAddr::V4(stay.address()), stay: Some(stay) })
            }
        }
    }

    /// What a program prints of its own version, as a version; none where it prints none in time.
    pub async fn reported(&self, program: &Program) -> Option<String> {
        match (self, &program.origin) {
            (Self::Docker(it), Origin::Image(image)) => {
                version_in(&it.printed_version(image).await?)
            }
            _ => program.reported().await,
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
        let started = async {
            match (self, &place.seat) {
                (Self::Docker(it), Seat::Network(_)) => it.start(place, program, launch).await,
                (Self::Docker(it), _) => it.processes.start(place, program, launch).await,
                (Self::Process(it), _) => it.start(place, program, launch).await,
            }
        };
        let started = started.instrument(span.clone()).await;
        let milliseconds = begun.elapsed().as_millis();
        span.in_scope(|| match &started {
            Ok(_) => info!(target: "lkreport", milliseconds, "well"),
            Err(error) => error!(target: "lkreport", milliseconds, %error, "not well"),
        });
        started
    }
}
