//! The provider `go`: a program built by the `go` program, from the tree of its module.
//!
//! `go install` refuses modules with `replace` lines, so it is built in the module's own tree.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{process::Command, time::timeout};

use super::bring::{FetchError, at, keep, stage};
use crate::{component::Component, version::Version};

/// How long a build may take; a small machine needs minutes.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// How much of what `go` says an error shows.
const TAIL: usize = 15;

/// Builds by `go`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Go {
    /// The `go` program.
    pub program: PathBuf,
    /// Where programs are kept.
    pub into: PathBuf,
    /// How long one build may take.
    pub limit: Duration,
}

/// The module of a component, and where its program stands in it.
fn module(component: Component) -> Option<(&'static str, &'static str)> {
    match component {
        Component::Livekit => Some(("github.com/livekit/livekit-server", "./cmd/server")),
        _ => None,
    }
}

impl Go {
    /// The `go` of `PATH`, building into this directory.
    #[must_use]
    pub fn into(into: PathBuf) -> Self {
        Self { program: PathBuf::from("go"), into, limit: LIMIT }
    }

    /// Builds a program and keeps it.
    pub(super) async fn bring(
        &self,
        component: Component,
        version: &Version,
    ) -> Result<PathBuf, FetchError> {
        let (module, path) =
            module(component).ok_or(FetchError::Unavailable(component.program()))?;
        let stage = stage(&self.into, component)?;
        let module = format!("{module}@v{version}");
        let said = self.run(stage.path(), &["mod", "download", "-json", &module]).await?;
        let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
        let refused = || FetchError::Refused {
            command: format!("go mod download {module}"),
            ended: "named no directory".to_owned(),
            said: said.to_string(),
        };
        let tree = said["Dir"].as_str().ok_or_else(refused)?;
        let built = stage.path().join(component.program());
        let out = built.display().to_string();
        self.run(Path::new(tree), &["build", "-trimpath", "-o", &out, path]).await?;
        keep(stage.path(), &built, &self.into, component, version)
    }

    /// Runs `go`, and all that it starts ends with it.
    async fn run(&self, inside: &Path, arguments: &[&str]) -> Result<String, FetchError> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(inside)
            // Static, so that it runs wherever the cache is taken.
            .envs([("CGO_ENABLED", "0"), ("GOWORK", "off")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn().map_err(at(self.program.display()))?;
        let _group =
            Group(child.id().and_then(|it| i32::try_from(it).ok()).and_then(Pid::from_raw));
        let refused = |ended: String, said: &str| {
            let lines: Vec<&str> = said.lines().collect();
            let said = lines[lines.len().saturating_sub(TAIL)..].join("\n");
            FetchError::Refused { command: format!("go {}", arguments.join(" ")), ended, said }
        };
        let Ok(done) = timeout(self.limit, child.wait_with_output()).await else {
            return Err(refused(format!("was not done after {:?}", self.limit), ""));
        };
        let done = done.map_err(at(self.program.display()))?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if done.status.success() {
            return Ok(said);
        }
        // What is asked for as JSON has its error in there.
        let error = serde_json::from_str::<serde_json::Value>(&said).ok();
        let error = error.and_then(|it| Some(it["Error"].as_str()?.to_owned()));
        let error = error.unwrap_or_else(|| String::from_utf8_lossy(&done.stderr).into_owned());
        Err(refused(format!("ended with {}", done.status), error.trim_end()))
    }
}

/// A group of processes that ends when it is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // One that is gone already is what is wanted.
            _ = kill_process_group(group, Signal::KILL);
        }
    }
}
