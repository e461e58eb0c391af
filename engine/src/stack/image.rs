//! The provider `image`: Docker images by tag.

use bollard::{Docker, query_parameters::ListImagesOptions};

use super::{Origin, tag};
use crate::{
    component::Component,
    runtime::{DockerError, daemon, pull},
    version::Version,
};

/// An image of a component that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What it is of.
    pub component: Component,
    /// Its version; none where the tag is `latest`.
    pub version: Option<Version>,
    /// Its repository and tag.
    pub tag: String,
}

/// The image of a version, or the newest one, among those that are there.
pub(super) fn find(
    there: &[Image],
    component: Component,
    version: Option<&Version>,
) -> Result<(Option<Version>, Origin), String> {
    let is_wanted = |it: &&Image| version.is_none() || it.version.as_ref() == version;
    let found = there.iter().filter(|it| it.component == component).find(is_wanted);
    let found = found.map(|it| (it.version.clone(), Origin::Image(it.tag.clone())));
    found.ok_or_else(|| format!("there is no image {}", tag(component, version)))
}

/// Makes sure that the image of a component is there; its tag.
pub(super) async fn bring(
    component: Component,
    version: Option<&Version>,
) -> Result<String, DockerError> {
    let (docker, tag) = (daemon().await?, tag(component, version));
    if docker.inspect_image(&tag).await.is_err() {
        pull(&docker, &tag).await?;
    }
    Ok(tag)
}

/// The images of components that are there, of each the newest first, and `latest` last.
///
/// # Errors
///
/// When the daemon does not answer.
pub async fn images(docker: &Docker) -> Result<Vec<Image>, DockerError> {
    let there = docker.list_images(None::<ListImagesOptions>).await?;
    let tags: Vec<String> = there.into_iter().flat_map(|it| it.repo_tags).collect();
    let mut images = Vec::new();
    for component in Component::ALL.into_iter().filter(|it| !it.is_tool()) {
        let (repository, has_v) = component.image();
        let v = if has_v { "v" } else { "" };
        let of = |tag: &String| {
            let name = tag.strip_prefix(repository)?.strip_prefix(':')?;
            let version = name.strip_prefix(v).and_then(|it| it.parse().ok());
            let is_known = version.is_some() || name == "latest";
            is_known.then(|| Image { component, version, tag: tag.clone() })
        };
        let mut found: Vec<Image> = tags.iter().filter_map(of).collect();
        // Nothing stands before every version.
        found.sort_by(|a, b| b.version.cmp(&a.version));
        images.extend(found);
    }
    Ok(images)
}
