//! A program that runs, until it is stopped or dropped.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tracing::info;

use super::{
    Launch, Place, Probe, StartError, check, docker::Container, health::Watch, process::Child,
};
use crate::{
    stack::{Origin, Program},
    world::{KEY, SECRET},
};

/// How often a service is asked whether it is ready.
const BETWEEN_CHECKS: Duration = Duration::from_millis(5);

/// How many lines of a log an error shows.
const TAIL: usize = 20;

/// A program that runs; when it is dropped, it is ended by force.
#[derive(Debug)]
pub struct Service {
    /// Where it stands.
    pub place: Place,
    /// What runs there.
    pub program: Program,
    /// What it says.
    pub log: PathBuf,
    /// How it was started, for who starts it again.
    pub launch: Launch,
    pub(super) holder: Holder,
    /// What notes whether it stays well, until somebody wants it to end.
    pub(super) watch: Option<Watch>,
}

/// What the program runs in.
#[derive(Debug)]
pub(super) enum Holder {
    Process(Child),
    Container(Container),
    /// It is not ours to end.
    Foreign,
}

/// How a service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It had ended before anybody asked, with this status.
    Already(String),
    /// It obeyed, after this time.
    Obeyed(Duration),
    /// It did not obey within the limit and was ended by force.
    Forced(Duration),
}

impl Service {
    /// Its process; none where there is none of ours.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        match &self.holder {
            Holder::Process(it) => it.id(),
            Holder::Container(_) | Holder::Foreign => None,
        }
    }

    /// Its container; none where it has none.
    #[must_use]
    pub fn container(&self) -> Option<&Container> {
        match &self.holder {
            Holder::Container(it) => Some(it),
            Holder::Process(_) | Holder::Foreign => None,
        }
    }

    /// Where its API is, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.program.origin {
            Origin::Running(it) => it.url.clone(),
            _ => format!("http://{}", self.place.address("http")),
        }
    }

    /// The API key that it knows, and the secret of that.
    #[must_use]
    pub fn credentials(&self) -> (&str, &str) {
        match &self.program.origin {
            Origin::Running(it) => (&it.key, &it.secret),
            _ => (KEY, SECRET),
        }
    }

    /// How it ended, where it did.
    pub fn ended(&mut self) -> Option<String> {
        match &mut self.holder {
            Holder::Process(it) => it.ended(),
            Holder::Container(it) => it.ended(),
            Holder::Foreign => None,
        }
    }

    /// Asks it to end, and ends it by force when it does not obey within the limit.
    pub async fn stop(&mut self, limit: Duration) -> Ended {
        self.watch = None;
        if let Some(status) = self.ended() {
            self.kill().await;
            return Ended::Already(status);
        }
        let begun = Instant::now();
        let has_obeyed = match &mut self.holder {
            Holder::Process(it) => it.stop(limit).await,
            Holder::Container(it) => it.stop(limit).await,
            Holder::Foreign => true,
        };
        if has_obeyed { Ended::Obeyed(begun.elapsed()) } else { Ended::Forced(limit) }
    }

    /// Ends it at once, as `kill -9` does, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.watch = None;
        match &mut self.holder {
            Holder::Process(it) => it.kill().await,
            Holder::Container(it) => it.kill().await,
            Holder::Foreign => {}
        }
    }

    /// Lets a process run on when this engine ends; its ledger has to [last](super::ledger::Ledger::last).
    pub fn leave(mut self) {
        if let Holder::Process(it) = &mut self.holder {
            it.leave();
        }
    }

    /// The service, once it is well; where it does not get so, nothing of it is left.
    pub(super) async fn ready(mut self) -> Result<Self, StartError> {
        let Some(probe) = self.launch.probe.clone() else { return Ok(self) };
        match self.wait(&probe, self.launch.limit).await {
            Ok(()) => {
                self.watch = Some(Watch::begin(probe));
                Ok(self)
            }
            Err(error) => {
                if let Some(container) = self.container() {
                    container.describe().await;
                }
                self.kill().await;
                Err(error)
            }
        }
    }

    async fn wait(&mut self, probe: &Probe, limit: Duration) -> Result<(), StartError> {
        let (end, mut last) = (Instant::now() + limit, String::new());
        loop {
            let Err(reason) = check(probe).await else {
                // Somebody else may answer at a port that the program did not get.
                return self.ended().map_or(Ok(()), |status| Err(self.early(status)));
            };
            if let Some(status) = self.ended() {
                return Err(self.early(status));
            }
            if last != reason.to_string() {
                last = reason.to_string();
                info!(target: "lkreport", reason = last, "not well yet");
            }
            if Instant::now() >= end {
                let (name, tail) = (self.place.name.clone(), self.tail(TAIL));
                return Err(StartError::NotReady { name, limit, last, tail });
            }
            sleep(BETWEEN_CHECKS).await;
        }
    }

    /// It ended before it was ready.
    fn early(&self, status: String) -> StartError {
        let (name, tail) = (self.place.name.clone(), self.tail(TAIL));
        if tail.contains("address already in use") || tail.contains("Address already in use") {
            let source = io::Error::from(io::ErrorKind::AddrInUse);
            return StartError::PortTaken { name, tail, source };
        }
        StartError::Ended { name, status, tail }
    }

    /// The end of what it said.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        tail(&self.log, lines)
    }
}

/// The last lines of a file, of its last megabyte at most.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    const MOST: u64 = 1 << 20;
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(MOST)))?;
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            // Programs colour what they say, and a terminal would obey whatever else stands there.
            let text = text.replace(|c: char| c.is_control() && !"\n\t".contains(c), "\u{fffd}");
            let all: Vec<&str> = text.lines().collect();
            all[all.len().saturating_sub(lines)..].join("\n")
        }
        Err(error) => format!("({}: {error})", path.display()),
    }
}
