//! Where programs come from: providers, asked in their order for a component of a version.
//!
//! [`Stack::find`] looks at what is there and is cheap; [`Stack::fetch`] also downloads and builds, into
//! the directory that the provider `path` looks into, so that it happens once.

mod bring;
mod go;
mod image;
mod path;
mod release;

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
    str::FromStr,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

pub use self::{
    bring::FetchError,
    go::Go,
    image::{Image, images},
    path::{default_directory, installed, versions_below},
    release::{GITHUB, Release, archive},
};
use crate::{
    component::Component,
    runtime::{Docker, DockerError},
    version::Version,
};

/// One place where programs come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// A directory `<program>/<version>/<program>`; without a version, also the directories of `PATH`.
    Path(PathBuf),
    /// Docker images by tag: those that were there [when it was looked](Stack::look).
    Image(Vec<Image>),
    /// The downloads of the releases of the project.
    Release(Release),
    /// Built by the `go` program.
    Go(Go),
    /// Another one, for [tools](Component::is_tool) only.
    Tools(Box<Self>),
    /// A server that runs already.
    External(Running),
}

/// A server that runs already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What it is.
    pub component: Component,
    /// Its `http://` or `https://` URL, without a slash at its end.
    pub url: String,
    /// The API key.
    pub key: String,
    /// The secret of the key.
    pub secret: String,
}

/// What a user calls a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Provider::Path`].
    Path,
    /// [`Provider::Image`].
    Image,
    /// [`Provider::Release`].
    Release,
    /// [`Provider::Go`].
    Go,
}

/// A name that no provider has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no provider is called `{0}`; known: path, image, release, go")]
pub struct UnknownProvider(pub String);

/// A program that can be started, or a server that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// What it is.
    pub component: Component,
    /// Its version; none where nobody knows before it says so.
    pub version: Option<Version>,
    /// Where it is.
    pub origin: Origin,
}

/// Where a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file that can be executed.
    File(PathBuf),
    /// A Docker image, with its tag.
    Image(String),
    /// It runs already.
    Running(Running),
}

/// Where programs come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    /// The first that has a program provides it.
    pub providers: Vec<Provider>,
}

/// No provider has the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Missing {
    /// What was asked for.
    pub component: Component,
    /// Of which version.
    pub version: Option<Version>,
    /// What each provider said.
    pub tried: Vec<String>,
}

impl Kind {
    /// The order in which providers are asked unless somebody says otherwise.
    pub const ORDER: [Self; 4] = [Self::Path, Self::Image, Self::Release, Self::Go];

    /// What a user calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Image => "image",
            Self::Release => "release",
            Self::Go => "go",
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        let found = Self::ORDER.into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

impl Provider {
    /// What is there already; none where this provider has nothing to do with it.
    fn find(
        &self,
        component: Component,
        version: Option<&Version>,
    ) -> Option<Result<(Option<Version>, Origin), String>> {
        match self {
            Self::Path(directory) => Some(path::find(directory, component, version)),
            Self::Image(_) if component.is_tool() => None,
            Self::Image(there) => Some(image::find(there, component, version)),
            // What was fetched lies where `path` looks.
            Self::Release(Release { into, .. }) | Self::Go(Go { into, .. }) => {
                path::find(into, component, version).ok().map(Ok)
            }
            Self::External(it) if it.component == component => {
                Some(Ok((version.cloned(), Origin::Running(it.clone()))))
            }
            Self::Tools(it) if component.is_tool() => it.find(component, version),
            Self::External(_) | Self::Tools(_) => None,
        }
    }

    /// Downloads or builds it; none where this provider does neither.
    async fn bring(
        &self,
        component: Component,
        version: &Version,
    ) -> Option<Result<PathBuf, String>> {
        let provider = match self {
            Self::Tools(it) if component.is_tool() => &**it,
            other => other,
        };
        let (name, brought) = match provider {
            Self::Release(it) => ("release", it.bring(component, version).await),
            Self::Go(it) => ("go", it.bring(component, version).await),
            _ => return None,
        };
        Some(brought.map_err(|error| format!("{name}: {}", told(&error))))
    }
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |it| it.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// The image of a component, with its tag.
#[must_use]
pub fn tag(component: Component, version: Option<&Version>) -> String {
    let (repository, has_v) = component.image();
    let v = if has_v { "v" } else { "" };
    version.map_or_else(|| format!("{repository}:latest"), |it| format!("{repository}:{v}{it}"))
}

impl Stack {
    /// Providers in this order; what is fetched goes into the directory, releases come from `releases`.
    #[must_use]
    pub fn of(order: &[Kind], directory: &Path, releases: &str) -> Self {
        let into = directory.to_owned();
        let provider = |kind: &Kind| match kind {
            Kind::Path => Provider::Path(into.clone()),
            Kind::Image => Provider::Image(Vec::new()),
            Kind::Release => {
                Provider::Release(Release { base: releases.to_owned(), into: into.clone() })
            }
            Kind::Go => Provider::Go(Go::into(into.clone())),
        };
        Self { providers: order.iter().map(provider).collect() }
    }

    /// The same for servers in containers: they are images, and only tools are programs of this machine.
    #[must_use]
    pub fn of_containers(self) -> Self {
        let suited = |it: Provider| match it {
            Provider::Image(_) | Provider::External(_) | Provider::Tools(_) => it,
            other => Provider::Tools(Box::new(other)),
        };
        Self { providers: self.providers.into_iter().map(suited).collect() }
    }

    /// Looks which images are there.
    ///
    /// # Errors
    ///
    /// When the daemon does not answer.
    pub async fn look(&mut self, docker: &Docker) -> Result<(), DockerError> {
        for provider in &mut self.providers {
            if let Provider::Image(there) = provider {
                *there = images(docker).await?;
            }
        }
        Ok(())
    }

    /// Finds a program that is there; without a version, the newest that the first provider has.
    ///
    /// # Errors
    ///
    /// When no provider has it; the error says where it was looked for.
    pub fn find(
        &self,
        component: Component,
        version: Option<&Version>,
    ) -> Result<Program, Missing> {
        let mut tried = Vec::new();
        for found in self.providers.iter().filter_map(|it| it.find(component, version)) {
            match found {
                Ok((version, origin)) => return Ok(Program { component, version, origin }),
                Err(reason) => tried.push(reason),
            }
        }
        Err(Missing { component, version: version.cloned(), tried })
    }

    /// Finds a program, and downloads or builds it where that is the first way to have it.
    ///
    /// # Errors
    ///
    /// When no provider has it or can bring it; nothing half-written is left then.
    pub async fn fetch(
        &self,
        component: Component,
        version: Option<&Version>,
    ) -> Result<Program, Missing> {
        let mut tried = Vec::new();
        for provider in &self.providers {
            if matches!(provider, Provider::Image(_)) && !component.is_tool() {
                match image::bring(component, version).await {
                    Ok(tag) => {
                        let (version, origin) = (version.cloned(), Origin::Image(tag));
                        return Ok(Program { component, version, origin });
                    }
                    Err(error) => tried.push(format!("image: {}", told(&error))),
                }
                continue;
            }
            match provider.find(component, version) {
                Some(Ok((version, origin))) => return Ok(Program { component, version, origin }),
                Some(Err(reason)) => tried.push(reason),
                None => {}
            }
            let Some(asked) = version else { continue };
            match provider.bring(component, asked).await {
                Some(Ok(file)) => {
                    let (version, origin) = (version.cloned(), Origin::File(file));
                    return Ok(Program { component, version, origin });
                }
                Some(Err(reason)) => tried.push(reason),
                None => {}
            }
        }
        Err(Missing { component, version: version.cloned(), tried })
    }

    /// The server of a component that runs already, where there is one.
    #[must_use]
    pub fn running(&self, component: Component) -> Option<&Running> {
        self.providers.iter().find_map(|it| match it {
            Provider::External(it) if it.component == component => Some(it),
            _ => None,
        })
    }
}

impl Program {
    /// What a program of this machine prints of its own version, as a version; none where it prints none in
    /// time. [`Runtime::reported`](crate::runtime::Runtime::reported) asks images, too.
    pub async fn reported(&self) -> Option<String> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let Origin::File(file) = &self.origin else { return None };
        let mut command = Command::new(file);
        command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
        version_in(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The version in what a program prints about itself.
pub(crate) fn version_in(text: &str) -> Option<String> {
    let words = text.split([' ', '=', '\n']).map(|it| it.trim_start_matches('v'));
    let mut versions = words.filter(|it| it.contains('.') && it.parse::<Version>().is_ok());
    versions.next().map(str::to_owned)
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, version, tried } = self;
        let version =
            version.as_ref().map_or_else(|| "of any version".to_owned(), ToString::to_string);
        write!(f, "{} {version} is missing: ", component.program())?;
        if tried.is_empty() {
            f.write_str("no provider has it")
        } else {
            f.write_str(&tried.join("; "))
        }
    }
}
