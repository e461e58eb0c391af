//! A directory for what a command needs until it ends; what a killed command left is removed by the next.
//!
//! Who has such a directory holds a lock in it, and the system takes the lock from whoever is gone.

use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
};

use tempfile::TempDir;

/// What the names of all of them begin with.
const PREFIX: &str = "lkreport-build-";

/// The file that is locked.
const LOCK: &str = "lock";

/// A directory that goes with this.
#[derive(Debug)]
pub(super) struct Scratch {
    // The lock is given back before the directory goes: some systems remove no file that is open.
    _lock: File,
    directory: TempDir,
}

impl Scratch {
    /// A directory of one's own, where the system keeps what is temporary.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(super) fn new() -> io::Result<Self> {
        let below = env::temp_dir();
        sweep(&below);
        loop {
            let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&below)?;
            let path = directory.path().join(LOCK);
            let lock = match File::create_new(&path) {
                // Somebody who sweeps was here before there was a lock.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                lock => lock?,
            };
            lock.lock()?;
            if path.exists() {
                return Ok(Self { _lock: lock, directory });
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes those that nobody holds.
fn sweep(below: &Path) {
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // What cannot be removed, such as somebody else's, hurts nobody.
        match File::open(entry.path().join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => _ = fs::remove_dir_all(entry.path()),
            Ok(_) => {}
            // It was left before there was a lock in it; one that holds anything stays.
            Err(_) => _ = fs::remove_dir(entry.path()),
        }
    }
}
