//! Where the programs of a command come from: what was typed, over what the configuration says.

use std::{env, path::PathBuf};

use anyhow::Context;
use lkreport_engine::{
    component::Component,
    runtime::{Docker, daemon},
    stack::{self, GITHUB, Kind, Provider, Running, Stack},
    version::{Combination, Version},
};
use tokio::signal::unix::{SignalKind, signal};

use super::super::{
    args::{self, Global},
    config,
    output::{Hint, Talk},
};

/// Where programs come from, and where they lie.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) stack: Stack,
    pub(super) order: Vec<Kind>,
    pub(super) directory: PathBuf,
    pub(super) releases: String,
    /// Whether servers are containers.
    has_containers: bool,
}

impl Programs {
    /// All providers that were asked for.
    pub(super) fn new(typed: &args::Where, global: &Global) -> anyhow::Result<Self> {
        // Two libraries bring a cryptography each; whoever comes first decides for all.
        _ = rustls::crypto::ring::default_provider().install_default();
        let (layer, base) = config::layer(global)?;
        let filed = layer.stack.providers.unwrap_or_default();
        let filed = filed.iter().map(|it| it.parse()).collect::<Result<Vec<Kind>, _>>();
        let filed = filed.context("lkreport.toml, [stack] providers")?;
        let orders = [typed.providers.clone(), filed, Kind::ORDER.to_vec()];
        let order = orders.into_iter().find(|it| !it.is_empty()).unwrap_or_default();
        let filed = layer.stack.directory.map(|it| base.join(it));
        let directory = typed.directory.clone().or(filed).unwrap_or_else(stack::default_directory);
        let releases = layer.stack.releases.unwrap_or_else(|| GITHUB.to_owned());
        let releases = releases.trim_end_matches('/').to_owned();
        let stack = Stack::of(&order, &directory, &releases);
        Ok(Self { stack, order, directory, releases, has_containers: false })
    }

    /// Those that suit a runtime: servers are images for Docker, and nothing else is.
    pub(super) fn that_suit(mut self, runtime: &str) -> anyhow::Result<Self> {
        let has_containers = runtime == "docker";
        let hint =
            || Hint("`docker` takes `image`; `process` takes `path`, `release`, `go`".into());
        if !self.order.iter().any(|it| (*it == Kind::Image) == has_containers) {
            let error = anyhow::anyhow!("no provider is left for the runtime `{runtime}`");
            return Err(error.context(hint()));
        }
        if has_containers {
            self.stack = self.stack.of_containers();
        } else {
            self.order.retain(|it| *it != Kind::Image);
            self.stack = Stack::of(&self.order, &self.directory, &self.releases);
        }
        self.has_containers = has_containers;
        Ok(self)
    }

    /// Those of a run, which may be told of a server that runs already.
    pub(super) fn of_run(args: &args::Run, global: &Global) -> anyhow::Result<Self> {
        let mut programs = Self::new(&args.programs, global)?.that_suit(&args.runtime)?;
        let Some(url) = &args.url else { return Ok(programs) };
        let one = "--url: the server is of one version: name it with `--livekit`";
        anyhow::ensure!(args.livekit.len() == 1, one);
        let name = &args.api_secret_env;
        let unset = || format!("--api-secret-env: the environment variable {name} is not set");
        let secret = env::var(name).ok().filter(|it| !it.is_empty()).with_context(unset)?;
        let running = Running {
            component: Component::Livekit,
            url: http(url)
                .with_context(|| format!("--url {url}: expected `ws://…` or `wss://…`"))?,
            key: args.api_key.clone().unwrap_or_default(),
            secret,
        };
        programs.stack.providers.insert(0, Provider::External(running));
        Ok(programs)
    }

    /// Gets every program of the combinations before anything starts, and looks which images are there.
    pub(super) async fn fetch(
        &mut self,
        combinations: &[Combination],
        talk: &Talk,
    ) -> anyhow::Result<()> {
        let hint = "`lkreport stack doctor` says what is there and how to get what is missing";
        for (name, version) in combinations.iter().flat_map(Combination::iter) {
            // Libraries such as `client-js` are no programs of a stack.
            let Ok(component) = name.parse::<Component>() else { continue };
            let found = self.stack.fetch(component, Some(version)).await;
            found.map_err(anyhow::Error::from).with_context(|| Hint(hint.to_owned()))?;
        }
        if self.has_containers {
            let docker = docker().await?;
            self.stack.look(&docker).await?;
            self.companions(talk).await;
            self.stack.look(&docker).await?;
        }
        Ok(())
    }

    /// Pulls what servers are run with, where no image of it is there; without it some scenarios cannot pass.
    async fn companions(&self, talk: &Talk) {
        for component in [Component::Redis, Component::Minio] {
            if self.stack.find(component, None).is_err()
                && let Err(missing) = self.stack.fetch(component, None).await
            {
                talk.say(&missing.to_string());
            }
        }
    }

    /// The versions of livekit-server that were asked for, or the newest that is there; they are there now.
    pub(super) async fn versions(&self, asked: &[Version]) -> anyhow::Result<Vec<Version>> {
        let mut versions = asked.to_vec();
        if versions.is_empty() {
            versions.extend(self.newest().await?);
        }
        let hint = "`lkreport stack doctor` says what is there and how to get what is missing";
        let hint = || Hint(hint.to_owned());
        if versions.is_empty() {
            let place = self.directory.display();
            return Err(anyhow::anyhow!("{place}: no livekit-server is there").context(hint()));
        }
        for version in &versions {
            let found = self.stack.fetch(Component::Livekit, Some(version)).await;
            found.map_err(anyhow::Error::from).with_context(hint)?;
        }
        Ok(versions)
    }

    async fn newest(&self) -> anyhow::Result<Option<Version>> {
        if self.has_containers {
            let images = stack::images(&docker().await?).await?;
            let mut servers = images.into_iter().filter(|it| it.component == Component::Livekit);
            return Ok(servers.find_map(|it| it.version));
        }
        Ok(stack::versions_below(&self.directory, Component::Livekit).into_iter().next())
    }
}

/// The Docker daemon, which has to be there.
pub(super) async fn docker() -> anyhow::Result<Docker> {
    let hint = || Hint("start Docker, or name its socket in DOCKER_HOST".to_owned());
    let asked = daemon().await.context("the Docker daemon does not answer");
    asked.with_context(hint)
}

/// The API of a server is where its signalling is.
fn http(url: &str) -> Option<String> {
    let forms = [("ws://", "http://"), ("wss://", "https://"), ("http://", "http://")];
    let https = [("https://", "https://")];
    let mut forms = forms.into_iter().chain(https);
    let found = forms.find_map(|(form, http)| Some((http, url.strip_prefix(form)?)));
    found.map(|(http, rest)| format!("{http}{}", rest.trim_end_matches('/')))
}

/// Waits until somebody asks this program to end.
pub(super) async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => _ = signals.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Waits for what downloads or builds; none where somebody interrupts it, which ends what it started.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = interrupted() => None,
    }
}
