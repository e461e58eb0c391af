//! Programs as Docker containers: each attempt has a network of its own, each program an address in it.
//!
//! Addresses are chosen before anything is made, because the configuration of a server names its own;
//! so the ports are the usual ones. The engine reaches them by address, which needs a daemon on the same
//! machine. What is left after the engine was killed is found by its [labels](clean).

mod ask;
mod clean;
mod container;
mod network;
mod subnet;

use std::{
    collections::BTreeMap,
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bollard::{
    models::{
        ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, NetworkingConfig,
    },
    query_parameters::{
        CreateContainerOptions, CreateImageOptionsBuilder, InspectContainerOptions,
        StartContainerOptions, UploadToContainerOptionsBuilder,
    },
};
use futures_util::StreamExt;
use tokio_util::task::TaskTracker;

pub(super) use self::network::{Network, Stay};
pub use self::{
    clean::{Left, clean as clean_containers},
    container::{Container, Gauge},
};
use super::{
    Bench, Launch, Place, Port, Processes, Seat, Service, StartError, ledger::Ledger,
    service::Holder,
};
use crate::{
    component::Component,
    evidence::plain,
    stack::{Origin, Program},
};
pub use bollard::Docker;

/// Where a container sees its files.
const INSIDE: &str = "/lkreport";

/// What Docker says when it does not do something.
pub type DockerError = bollard::errors::Error;

/// The Docker daemon of this machine, or the one that `DOCKER_HOST` names; it has to answer.
///
/// # Errors
///
/// When there is none, or it does not answer.
pub async fn daemon() -> Result<Docker, DockerError> {
    // Daemons of many ages are about; each is spoken to in its own version.
    Docker::connect_with_defaults()?.negotiate_version().await
}

/// Starts programs as containers.
#[derive(Debug, Clone)]
pub struct Containers {
    docker: Docker,
    ledger: Arc<Ledger>,
    /// What starts the tools, which are programs of this machine.
    pub(super) processes: Processes,
    networks: Arc<Mutex<BTreeMap<PathBuf, Weak<Network>>>>,
    /// What is asked of the daemon and has to come to its end, whoever waits for it.
    tasks: TaskTracker,
}

impl Containers {
    /// Containers of a daemon, labelled with the mark of the ledger.
    #[must_use]
    pub fn new(docker: Docker, ledger: Arc<Ledger>) -> Self {
        let (processes, networks) = (Processes::new(Arc::clone(&ledger)), Arc::default());
        Self { docker, ledger, processes, networks, tasks: TaskTracker::new() }
    }

    /// What the program of an image prints when it is asked for its version, in a container of its own.
    pub(super) async fn printed_version(&self, image: &str) -> Option<String> {
        let (own, image) = (self.clone(), image.to_owned());
        // Nobody may wait for it any more; what the daemon makes has to be removed all the same.
        self.tasks.spawn(async move { ask::version(&own, &image).await }).await.ok()?
    }

    /// Removes what is left of this engine, also what is only being made.
    ///
    /// # Errors
    ///
    /// When the daemon does not answer.
    pub async fn sweep(&self) -> Result<Left, DockerError> {
        self.tasks.close();
        self.tasks.wait().await;
        clean::of(&self.docker, self.ledger.mark()).await
    }

    pub(super) fn place(
        &self,
        bench: &Bench,
        component: Component,
        name: &str,
        ports: &[Port],
    ) -> io::Result<Place> {
        let network = self.network(&bench.directory)?;
        let around = (IpAddr::V4(network.address()?), IpAddr::V4(network.gateway()));
        let (inside, seat) = (Some(PathBuf::from(INSIDE)), Seat::Network(network));
        let ports = ports.iter().map(|it| (*it, it.usual)).collect();
        bench.place(component, name, around, inside, ports, seat)
    }

    /// Makes the network of an attempt and keeps it, so that the engine has an address in it.
    pub(super) async fn stay(&self, bench: &Bench) -> io::Result<Stay> {
        let (network, tasks) = (self.network(&bench.directory)?, self.tasks.clone());
        // An attempt may be given up meanwhile; the network that the daemon makes then has to go all the same.
        let begun = self.tasks.spawn(Stay::begin(network, tasks));
        begun.await.map_err(io::Error::other)?
    }

    /// The first process of the container at an address, by its number on this machine.
    pub(super) async fn process_at(&self, host: IpAddr) -> Option<u32> {
        let id = clean::at(&self.docker, self.ledger.mark(), host).await?;
        let options = None::<InspectContainerOptions>;
        let known = self.docker.inspect_container(&id, options).await.ok()?;
        u32::try_from(known.state?.pid?).ok().filter(|it| *it > 0)
    }

    /// The network of an attempt.
    fn network(&self, attempt: &Path) -> io::Result<Arc<Network>> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|_, it| it.strong_count() > 0);
        if let Some(network) = networks.get(attempt).and_then(Weak::upgrade) {
            return Ok(network);
        }
        let network = Arc::new(Network::new(&self.docker, self.ledger.mark())?);
        networks.insert(attempt.to_owned(), Arc::downgrade(&network));
        Ok(network)
    }

    pub(super) async fn start(
        &self,
        place: Place,
        program: &Program,
        launch: Launch,
    ) -> Result<Service, StartError> {
        let name = match &program.origin {
            Origin::Image(it) => it.clone(),
            _ => program.component.program().to_owned(),
        };
        let failed = |source| StartError::NotStarted { program: name.clone(), source };
        let (own, of) = (self.clone(), program.clone());
        // An attempt may be given up meanwhile; what the daemon makes then has to be removed all the same.
        let made = self.tasks.spawn(async move {
            let container = own.run(&place, &of, &launch).await;
            // Where nobody takes the container, its removal has begun before this one is over.
            (place, launch, container, own.tasks.token())
        });
        let (place, launch, container, _) =
            made.await.map_err(io::Error::other).map_err(&failed)?;
        let container = container.map_err(failed)?;
        let (holder, log) = (Holder::Container(container), place.log.clone());
        let program = program.clone();
        Service { place, program, log, launch, holder, watch: None }.ready().await
    }

    async fn run(
        &self,
        place: &Place,
        program: &Program,
        launch: &Launch,
    ) -> io::Result<Container> {
        let (Origin::Image(image), Seat::Network(network)) = (&program.origin, &place.seat) else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "it is no image"));
        };
        // Who looks at a failure finds them beside the service, as those of a process.
        place.write(&launch.files)?;
        network.enter().await?;
        let id = match self.create(place, image, launch, network).await {
            Ok(id) => id,
            Err(error) => {
                network.leave().await;
                return Err(io_error(error));
            }
        };
        // From here on the container is removed also when something fails.
        let mut container = Container::new(self, id, network, &place.log);
        match self.begin(&mut container, launch).await {
            Ok(()) => Ok(container),
            Err(error) => {
                container.kill().await;
                Err(io_error(error))
            }
        }
    }

    async fn create(
        &self,
        place: &Place,
        image: &str,
        launch: &Launch,
        network: &Network,
    ) -> Result<String, DockerError> {
        let body = body(place, image, launch, network, self.ledger.mark());
        Ok(self.docker.create_container(None::<CreateContainerOptions>, body).await?.id)
    }

    async fn begin(&self, container: &mut Container, launch: &Launch) -> Result<(), DockerError> {
        if !launch.files.is_empty() {
            let to = UploadToContainerOptionsBuilder::new().path("/").build();
            let files = bollard::body_full(packed(&launch.files)?.into());
            self.docker.upload_to_container(container.id(), Some(to), files).await?;
        }
        let options = None::<StartContainerOptions>;
        self.docker.start_container(container.id(), options).await?;
        container.follow();
        Ok(())
    }
}

/// Brings an image from its registry.
///
/// # Errors
///
/// When there is none, or the registry cannot be reached.
pub(crate) async fn pull(docker: &Docker, image: &str) -> Result<(), DockerError> {
    let (name, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
    let options = CreateImageOptionsBuilder::new().from_image(name).tag(tag).build();
    let mut pulled = docker.create_image(Some(options), None, None);
    while let Some(step) = pulled.next().await {
        step?;
    }
    Ok(())
}

fn body(
    place: &Place,
    image: &str,
    launch: &Launch,
    network: &Network,
    mark: &str,
) -> ContainerCreateBody {
    let address = EndpointIpamConfig {
        ipv4_address: Some(place.host.to_string()),
        ..EndpointIpamConfig::default()
    };
    let name = plain(&place.name);
    let endpoint = EndpointSettings {
        ipam_config: Some(address),
        aliases: Some(vec![name.clone()]),
        ..EndpointSettings::default()
    };
    let environment = launch.environment.iter().map(|(name, value)| format!("{name}={value}"));
    ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(launch.arguments.clone()),
        env: Some(environment.collect()),
        labels: Some(clean::labels(mark, &place.name)),
        hostname: Some(name),
        host_config: Some(HostConfig {
            network_mode: Some(network.name().to_owned()),
            ..HostConfig::default()
        }),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some([(network.name().to_owned(), endpoint)].into()),
        }),
        ..ContainerCreateBody::default()
    }
}

/// Files as an archive that makes their directory too.
fn packed(files: &[(String, String)]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        let name = format!("{}/{name}", INSIDE.trim_start_matches('/'));
        archive.append_data(&mut header, name, text.as_bytes())?;
    }
    archive.into_inner()
}

/// An error of Docker as one of IO, of the kind by which failures are classed.
fn io_error(error: DockerError) -> io::Error {
    let text = error.to_string();
    let is_taken = ["already in use", "overlaps"].iter().any(|it| text.contains(it));
    let kind = if is_taken { io::ErrorKind::AddrInUse } else { io::ErrorKind::Other };
    io::Error::new(kind, error)
}
