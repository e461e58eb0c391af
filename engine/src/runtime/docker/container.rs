//! One container, until it is stopped or dropped.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bollard::{
    Docker,
    errors::Error,
    query_parameters::{
        InspectContainerOptions, KillContainerOptionsBuilder, LogsOptionsBuilder,
        RemoveContainerOptionsBuilder, StatsOptionsBuilder, WaitContainerOptions,
    },
};
use futures_util::{Stream, StreamExt};
use lkreport_contract::mask::{Masked, Masker};
use serde_json::Value;
use tokio::{runtime::Handle, sync::watch, task::JoinHandle, time::timeout};
use tokio_util::task::TaskTracker;

use super::{Containers, network::Network};

/// How often a program is asked to end.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);

/// How long the rest of a log may take once its container has ended.
const REST: Duration = Duration::from_secs(2);

/// A container; when it is dropped, it is removed by force.
#[derive(Debug)]
pub struct Container {
    docker: Docker,
    id: String,
    log: PathBuf,
    network: Option<Arc<Network>>,
    status: watch::Receiver<Option<String>>,
    told: watch::Sender<Option<String>>,
    tasks: Vec<JoinHandle<()>>,
    removals: TaskTracker,
}

impl Container {
    pub(super) fn new(of: &Containers, id: String, network: &Arc<Network>, log: &Path) -> Self {
        let (told, status) = watch::channel(None);
        let (docker, network) = (of.docker.clone(), Some(Arc::clone(network)));
        let (log, tasks, removals) = (log.to_owned(), Vec::new(), of.tasks.clone());
        Self { docker, id, log, network, status, told, tasks, removals }
    }

    /// What Docker calls it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What Docker knows of it: `docker inspect`, without its environment, which may hold secrets.
    ///
    /// # Errors
    ///
    /// When it is gone, or the daemon does not answer.
    pub async fn inspect(&self) -> Result<Value, Error> {
        let options = None::<InspectContainerOptions>;
        let mut known = self.docker.inspect_container(&self.id, options).await?;
        if let Some(config) = &mut known.config {
            config.env = None;
        }
        Ok(serde_json::to_value(known)?)
    }

    /// Writes what Docker knows of it into a file beside its log, with secrets masked.
    pub async fn describe(&self) {
        // Where Docker says nothing more, or the disk is full, the log tells what there is.
        if let Ok(known) = self.inspect().await {
            let text = format!("{known:#}\n");
            let masked = Masker::new().mask(&text, &mut Masked::new()).into_owned();
            _ = fs::write(self.log.with_extension("inspect.json"), masked);
        }
    }

    /// Who says what it uses of the machine.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        Gauge { docker: self.docker.clone(), id: self.id.clone() }
    }

    /// Keeps what it says, and notices its end.
    pub(super) fn follow(&mut self) {
        let options = LogsOptionsBuilder::new().follow(true).stdout(true).stderr(true).build();
        let said = Box::pin(self.docker.logs(&self.id, Some(options)));
        let log = self.log.clone();
        self.tasks.push(tokio::spawn(keep(log, said)));
        let (docker, id, told) = (self.docker.clone(), self.id.clone(), self.told.clone());
        self.tasks.push(tokio::spawn(async move {
            let mut ended = Box::pin(docker.wait_container(&id, None::<WaitContainerOptions>));
            let status = match ended.next().await {
                Some(Ok(it)) => format!("exit status: {}", it.status_code),
                Some(Err(Error::DockerContainerWaitError { code, .. })) => {
                    format!("exit status: {code}")
                }
                Some(Err(error)) => error.to_string(),
                None => "an unknown status".to_owned(),
            };
            told.send_replace(Some(status));
        }));
    }

    pub(in super::super) fn ended(&mut self) -> Option<String> {
        self.status.borrow().clone()
    }

    /// Whether it obeyed within the limit.
    pub(in super::super) async fn stop(&mut self, limit: Duration) -> bool {
        let mut status = self.status.clone();
        let obeyed = async {
            loop {
                self.signal("SIGTERM").await;
                // LiveKit takes no notice of what comes while it still starts, though it is well already.
                let ended = status.wait_for(Option::is_some);
                if timeout(BETWEEN_SIGNALS, ended).await.is_ok() {
                    break;
                }
            }
        };
        let has_obeyed = timeout(limit, obeyed).await.is_ok();
        self.kill().await;
        has_obeyed
    }

    async fn signal(&self, signal: &str) {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        // One that is gone already is what is wanted.
        _ = self.docker.kill_container(&self.id, Some(options)).await;
    }

    /// Ends it by force and removes it, and its network when it was the last there.
    pub(in super::super) async fn kill(&mut self) {
        let Some(network) = self.network.take() else { return };
        self.signal("SIGKILL").await;
        for task in self.tasks.drain(..) {
            let abort = task.abort_handle();
            if timeout(REST, task).await.is_err() {
                abort.abort();
            }
        }
        remove(&self.docker, &self.id).await;
        network.leave().await;
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        let (Some(network), Ok(runtime)) = (self.network.take(), Handle::try_current()) else {
            return;
        };
        let (docker, id) = (self.docker.clone(), std::mem::take(&mut self.id));
        // Where this comes too late, the label tells the next who looks.
        let removal = async move {
            remove(&docker, &id).await;
            network.leave().await;
        };
        self.removals.spawn_on(removal, &runtime);
    }
}

/// Who says what a container uses, also when somebody else holds the container.
#[derive(Debug, Clone)]
pub struct Gauge {
    docker: Docker,
    id: String,
}

impl Gauge {
    /// What the container uses of the machine: `docker stats`, once.
    ///
    /// # Errors
    ///
    /// When it is gone, or the daemon does not answer.
    pub async fn stats(&self) -> Result<Value, Error> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let mut stats = Box::pin(self.docker.stats(&self.id, Some(options)));
        let stats = stats.next().await.transpose()?;
        Ok(serde_json::to_value(stats)?)
    }
}

/// Removes a container with its anonymous volumes.
pub(super) async fn remove(docker: &Docker, id: &str) -> bool {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    docker.remove_container(id, Some(options)).await.is_ok()
}

/// Writes what a container says into its log.
async fn keep(
    log: PathBuf,
    mut said: impl Stream<Item = Result<bollard::container::LogOutput, Error>> + Unpin,
) {
    let Ok(mut file) = OpenOptions::new().create(true).append(true).open(log) else { return };
    while let Some(Ok(part)) = said.next().await {
        // A full disk shows in everything else, too.
        _ = file.write_all(part.as_ref());
    }
}
