//! Where programs come from: providers, asked in their order for a component of a version.

mod path;

use std::{fmt, path::PathBuf, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

pub use self::path::{default_directory, versions_below};
use crate::{component::Component, version::Version};

/// One place where programs come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// A directory `<program>/<version>/<program>`; without a version, also the directories of `PATH`.
    Path(PathBuf),
    /// A server that runs already, by its URL.
    External(Component, String),
}

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
    /// It runs already, at this URL.
    Running(String),
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

impl Stack {
    /// Finds a program; without a version, the newest that the first provider has.
    ///
    /// # Errors
    ///
    /// When no provider has it; the error says where it was looked for and how to get it.
    pub fn find(
        &self,
        component: Component,
        version: Option<&Version>,
    ) -> Result<Program, Missing> {
        let mut tried = Vec::new();
        for provider in &self.providers {
            let found = match provider {
                Provider::Path(directory) => path::find(directory, component, version),
                Provider::External(of, url) if *of == component => {
                    Ok((version.cloned(), Origin::Running(url.clone())))
                }
                Provider::External(..) => continue,
            };
            match found {
                Ok((version, origin)) => return Ok(Program { component, version, origin }),
                Err(reason) => tried.push(reason),
            }
        }
        Err(Missing { component, version: version.cloned(), tried })
    }
}

impl Program {
    /// What the program prints of its own version, as a version; none where it prints none in time.
    pub async fn reported(&self) -> Option<String> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let Origin::File(file) = &self.origin else { return None };
        let mut command = Command::new(file);
        command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let words = text.split([' ', '=', '\n']).map(|it| it.trim_start_matches('v'));
        let mut versions = words.filter(|it| it.contains('.') && it.parse::<Version>().is_ok());
        versions.next().map(str::to_owned)
    }
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
