//! Programs as processes of this machine: each a group of its own, on loopback.
//!
//! What a process starts belongs to its group and ends with it. What is left after the engine itself
//! was killed is found through the [ledger](super::ledger).

use std::{
    fs::OpenOptions,
    io,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{process::Command, time::timeout};

use super::{
    Bench, Launch, Place, Port, Seat, Service, StartError, ledger::Ledger, port, service::Holder,
};
use crate::{
    component::Component,
    stack::{Origin, Program},
};

/// How often a service is asked to end.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);

/// Starts programs as processes.
#[derive(Debug, Clone)]
pub struct Processes {
    ledger: Arc<Ledger>,
}

impl Processes {
    /// What is started is written down in the ledger.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger }
    }

    pub(super) fn place(
        &self,
        bench: &Bench,
        component: Component,
        name: &str,
        ports: &[Port],
    ) -> io::Result<Place> {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut taken = Vec::new();
        for _ in ports {
            taken.push(port::free(host)?);
        }
        let ports = ports.iter().copied().zip(taken.iter().map(port::Taken::number)).collect();
        bench.place(component, name, (host, host), None, ports, Seat::Ports(taken))
    }

    pub(super) async fn start(
        &self,
        place: Place,
        program: &Program,
        launch: Launch,
    ) -> Result<Service, StartError> {
        let Origin::File(file) = &program.origin else {
            let source =
                io::Error::new(io::ErrorKind::Unsupported, "it is no file of this machine");
            return Err(StartError::NotStarted {
                program: program.component.program().to_owned(),
                source,
            });
        };
        let failed =
            |source| StartError::NotStarted { program: file.display().to_string(), source };
        let child = self.spawn(&place, file, &launch).map_err(failed)?;
        let log = place.log.clone();
        let (holder, program) = (Holder::Process(child), program.clone());
        Service { place, program, log, launch, holder, watch: None }.ready().await
    }

    fn spawn(&self, place: &Place, file: &Path, launch: &Launch) -> io::Result<Child> {
        place.write(&launch.files)?;
        let log = OpenOptions::new().create(true).append(true).open(&place.log)?;
        let mut command = Command::new(file);
        command
            .args(&launch.arguments)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .env(super::ledger::MARK, self.ledger.mark())
            .current_dir(&place.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        let process = command.spawn()?;
        let id = process.id().and_then(|it| i32::try_from(it).ok()).and_then(Pid::from_raw);
        let child = Child { process, group: id, ledger: Arc::clone(&self.ledger) };
        if let Some(id) = child.id() {
            self.ledger.started(id, &place.name)?;
        }
        Ok(child)
    }
}

/// The process whose directory this is: the one that was started there, and none of its children.
pub(super) fn at(directory: &Path) -> Option<u32> {
    let leads = |it: &Process| it.stat().is_ok_and(|stat| stat.pgrp == it.pid);
    let stands = |it: &Process| it.cwd().is_ok_and(|cwd| cwd == directory);
    let mut all = procfs::process::all_processes().ok()?.flatten();
    u32::try_from(all.find(|it| stands(it) && leads(it))?.pid).ok()
}

/// A process and its group; when it is dropped, the group is ended by force.
#[derive(Debug)]
pub(super) struct Child {
    process: tokio::process::Child,
    group: Option<Pid>,
    ledger: Arc<Ledger>,
}

impl Child {
    pub(super) fn id(&self) -> Option<u32> {
        self.process.id()
    }

    pub(super) fn ended(&mut self) -> Option<String> {
        self.process.try_wait().ok().flatten().map(|it| it.to_string())
    }

    /// Whether it obeyed within the limit.
    pub(super) async fn stop(&mut self, limit: Duration) -> bool {
        let obeyed = async {
            loop {
                self.signal(Signal::TERM);
                // LiveKit takes no notice of what comes while it still starts, though it is well already.
                if timeout(BETWEEN_SIGNALS, self.process.wait()).await.is_ok() {
                    break;
                }
            }
        };
        let has_obeyed = timeout(limit, obeyed).await.is_ok();
        self.kill().await;
        has_obeyed
    }

    pub(super) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        // Whoever was killed is gone soon; that it is reaped matters, not how it ended.
        _ = self.process.wait().await;
        self.forget();
    }

    /// Nothing ends it when this is dropped.
    pub(super) fn leave(&mut self) {
        self.group = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // A group that is gone already is what is wanted.
            _ = kill_process_group(group, signal);
        }
    }

    fn forget(&mut self) {
        if let Some(group) = self.group.take() {
            self.ledger.ended(group.as_raw_nonzero().get().unsigned_abs());
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.forget();
    }
}
