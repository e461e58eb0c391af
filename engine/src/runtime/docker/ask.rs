//! What an image says of itself.

use std::time::Duration;

use bollard::{
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{CreateContainerOptions, LogsOptionsBuilder, StartContainerOptions},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{Containers, DockerError, clean, container::remove};

/// How long a program may take to print its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the program of an image prints when it is asked for its version; none where it prints none in time.
pub(super) async fn version(of: &Containers, image: &str) -> Option<String> {
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["--version".to_owned()]),
        labels: Some(clean::labels(of.ledger.mark(), "version")),
        host_config: Some(HostConfig {
            network_mode: Some("none".to_owned()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let made = of.docker.create_container(None::<CreateContainerOptions>, body).await.ok()?;
    let printed = timeout(PATIENCE, printed(of, &made.id)).await;
    remove(&of.docker, &made.id).await;
    printed.ok()?.ok()
}

/// What a container prints from its start to its end.
async fn printed(of: &Containers, id: &str) -> Result<String, DockerError> {
    of.docker.start_container(id, None::<StartContainerOptions>).await?;
    let options = LogsOptionsBuilder::new().follow(true).stdout(true).build();
    let mut said = of.docker.logs(id, Some(options));
    let mut text = String::new();
    while let Some(part) = said.next().await {
        text += &String::from_utf8_lossy(part?.as_ref());
    }
    Ok(text)
}
