//! What engines that are gone left with Docker, found by labels.
//!
//! A label names the engine by its mark, and the place where that mark means something: one start of one
//! machine, and one view of its processes. An engine elsewhere may live though it is not seen from here.

use std::{collections::HashMap, fs, net::IpAddr};

use bollard::{
    Docker,
    models::ContainerSummary,
    query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder},
};

use super::{DockerError, container::remove};
use crate::runtime::ledger;

/// The label with the mark of the engine.
const ENGINE: &str = "lkreport.engine";

/// The label with where that mark means something.
const HOME: &str = "lkreport.home";

/// The label with what the scenario calls it.
const NAME: &str = "lkreport.name";

/// What was left, and was removed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Left {
    /// Containers, by what their scenarios called them.
    pub containers: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
}

/// What containers and networks of an engine are labelled with.
pub(super) fn labels(mark: &str, name: &str) -> HashMap<String, String> {
    let labels = [(ENGINE, mark), (HOME, &home()), (NAME, name)];
    labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// One start of one machine, and one view of its processes.
fn home() -> String {
    let view = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{}/{}", ledger::boot(), view.display())
}

/// Removes what engines that are gone left behind.
///
/// # Errors
///
/// When the daemon does not answer.
pub async fn clean(docker: &Docker) -> Result<Left, DockerError> {
    let home = home();
    let is_gone = |labels: &HashMap<String, String>| {
        let mark = labels.get(ENGINE).filter(|_| labels.get(HOME) == Some(&home));
        mark.is_some_and(|it| !ledger::owner(it))
    };
    those(docker, ENGINE, is_gone).await
}

/// Removes what one engine has.
pub(super) async fn of(docker: &Docker, mark: &str) -> Result<Left, DockerError> {
    those(docker, &format!("{ENGINE}={mark}"), |_| true).await
}

/// The container of an engine at an address.
pub(super) async fn at(docker: &Docker, mark: &str, host: IpAddr) -> Option<String> {
    let filters = HashMap::from([("label", vec![format!("{ENGINE}={mark}")])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let host = host.to_string();
    let stands = |it: &ContainerSummary| {
        let networks = it.network_settings.as_ref().and_then(|it| it.networks.as_ref());
        let mut addresses =
            networks.into_iter().flatten().filter_map(|it| it.1.ip_address.as_ref());
        addresses.any(|it| *it == host)
    };
    docker.list_containers(Some(options)).await.ok()?.into_iter().find(stands)?.id
}

/// Removes containers, then networks.
async fn those(
    docker: &Docker,
    label: &str,
    is_meant: impl Fn(&HashMap<String, String>) -> bool,
) -> Result<Left, DockerError> {
    let filters = HashMap::from([("label", vec![label])]);
    let mut left = Left::default();
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for it in docker.list_containers(Some(options)).await? {
        let (labels, id) = (it.labels.unwrap_or_default(), it.id.unwrap_or_default());
        if is_meant(&labels) && remove(docker, &id).await {
            left.containers.push(labels.get(NAME).cloned().unwrap_or(id));
        }
    }
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for it in docker.list_networks(Some(options)).await? {
        let (labels, name) = (it.labels.unwrap_or_default(), it.name.unwrap_or_default());
        if is_meant(&labels) && docker.remove_network(&name).await.is_ok() {
            left.networks.push(name);
        }
    }
    Ok(left)
}
