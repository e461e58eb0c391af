//! The provider `image`: Docker images by tag.

use bollard::{Docker, query_parameters::ListImagesOptions};

use super::tag;
use crate::{
    component::Component,
    runtime::{DockerError, daemon, pull},
    version::Version,
};

/// Makes sure that the image of a component is there; its tag.
pub(super) async fn bring(
    component: Component,
    version: Option<&Version>,
) -> Result<String, DockerError> {
    let (docker, tag) = (daemon().await?, tag(component, version));
    if inspect(&docker, &tag).await.is_err() {
        pull(&docker, &tag).await?;
    }
    Ok(tag)
}

async fn inspect(docker: &Docker, tag: &str) -> Result<(), DockerError> {
    docker.inspect_image(tag).await.map(|_| ())
}

/// The images of components that are there, with their versions, the newest first.
///
/// # Errors
///
/// When the daemon does not answer.
pub async fn images(docker: &Docker) -> Result<Vec<(Component, Version, String)>, DockerError> {
    let there = docker.list_images(None::<ListImagesOptions>).await?;
    let tags: Vec<String> = there.into_iter().flat_map(|it| it.repo_tags).collect();
    let mut images = Vec::new();
    for component in Component::ALL {
        let (repository, has_v) = component.image();
        let v = if has_v { "v" } else { "" };
        let prefix = format!("{repository}:{v}");
        let found = tags.iter().filter_map(|it| {
            Some((component, it.strip_prefix(&prefix)?.parse().ok()?, it.clone()))
        });
        let mut found: Vec<(Component, Version, String)> = found.collect();
        found.sort_by(|a, b| b.1.cmp(&a.1));
        images.extend(found);
    }
    Ok(images)
}
