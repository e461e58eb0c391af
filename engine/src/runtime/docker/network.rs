//! The network of one attempt: made when the first container enters it, removed when the last has left.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use bollard::{
    Docker,
    models::{Ipam, IpamConfig, NetworkCreateRequest},
};
use tokio::{runtime::Handle, sync::Mutex};
use tokio_util::task::TaskTracker;

use super::{clean, io_error, subnet, subnet::Subnet};

/// The network of one attempt.
#[derive(Debug)]
pub(in super::super) struct Network {
    docker: Docker,
    mark: String,
    name: String,
    subnet: Subnet,
    given: AtomicU8,
    inhabitants: Mutex<usize>,
}

/// The first is that of the host.
const FIRST: u8 = 2;

impl Network {
    /// A network that is not made yet.
    pub(super) fn new(docker: &Docker, mark: &str) -> io::Result<Self> {
        let subnet = subnet::free()?;
        let name = format!("lkreport-{mark}-{}", subnet.address(0));
        let (docker, mark) = (docker.clone(), mark.to_owned());
        let (given, inhabitants) = (AtomicU8::new(FIRST), Mutex::new(0));
        Ok(Self { docker, mark, name, subnet, given, inhabitants })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where containers reach the host.
    pub(super) fn gateway(&self) -> Ipv4Addr {
        self.subnet.address(1)
    }

    /// An address that nobody had yet.
    pub(super) fn address(&self) -> io::Result<Ipv4Addr> {
        let next = |it: u8| it.checked_add(1);
        let given = self.given.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let all =
            |_| io::Error::other(format!("all addresses of {} are given", self.subnet.cidr()));
        given.map(|it| self.subnet.address(it)).map_err(all)
    }

    /// A container is about to be made in it.
    pub(super) async fn enter(&self) -> io::Result<()> {
        let mut inhabitants = self.inhabitants.lock().await;
        if *inhabitants == 0 {
            let config = IpamConfig {
                subnet: Some(self.subnet.cidr()),
                gateway: Some(self.gateway().to_string()),
                ..IpamConfig::default()
            };
            let request = NetworkCreateRequest {
                name: self.name.clone(),
                driver: Some("bridge".to_owned()),
                ipam: Some(Ipam { config: Some(vec![config]), ..Ipam::default() }),
                labels: Some(clean::labels(&self.mark, "network")),
                ..NetworkCreateRequest::default()
            };
            self.docker.create_network(request).await.map_err(io_error)?;
        }
        *inhabitants += 1;
        Ok(())
    }

    /// A container of it is gone.
    pub(super) async fn leave(&self) {
        let mut inhabitants = self.inhabitants.lock().await;
        *inhabitants = inhabitants.saturating_sub(1);
        if *inhabitants == 0 {
            // What stays is found by its label at the end of the run.
            _ = self.docker.remove_network(&self.name).await;
        }
    }
}

/// The engine's own stay in the network of an attempt, which is there until this is dropped.
#[derive(Debug)]
pub(in super::super) struct Stay {
    network: Arc<Network>,
    departures: TaskTracker,
}

impl Stay {
    /// Enters the network.
    pub(super) async fn begin(network: Arc<Network>, departures: TaskTracker) -> io::Result<Self> {
        network.enter().await?;
        Ok(Self { network, departures })
    }

    /// Where everybody in the network reaches the engine.
    pub(in super::super) fn address(&self) -> Ipv4Addr {
        self.network.gateway()
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        let network = Arc::clone(&self.network);
        self.departures.spawn_on(async move { network.leave().await }, &runtime);
    }
}
