//! A program that runs, until it is stopped or dropped.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{Place, process::Child};
use crate::stack::Program;

/// A program that runs; when it is dropped, it is ended by force.
#[derive(Debug)]
pub struct Service {
    /// Where it stands.
    pub place: Place,
    /// What runs there.
    pub program: Program,
    /// What it says.
    pub log: PathBuf,
    pub(super) child: Child,
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
        self.child.id()
    }

    /// How it ended, where it did.
    pub fn ended(&mut self) -> Option<String> {
        self.child.ended()
    }

    /// Asks it to end, and ends it by force when it does not obey within the limit.
    pub async fn stop(&mut self, limit: Duration) -> Ended {
        if let Some(status) = self.ended() {
            return Ended::Already(status);
        }
        let begun = Instant::now();
        if self.child.stop(limit).await {
            Ended::Obeyed(begun.elapsed())
        } else {
            Ended::Forced(limit)
        }
    }

    /// Ends it at once, as `kill -9` does, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await;
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
