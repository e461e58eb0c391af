//! The only writer of the site: a new tree beside the old one, swapped in whole.

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use walkdir::WalkDir;

/// Why a site could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file or folder could not be made, read or moved.
    #[error("{path}: could not be written")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another build is writing the same site.
    #[error("{0}: another build is writing this site")]
    Busy(PathBuf),
    /// The target holds something that is not a site of ours.
    #[error(
        "{0}: the folder is not empty and holds no site of lkreport; choose another, or empty it"
    )]
    Foreign(PathBuf),
}

/// What a build wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that are new or differ from the site before.
    pub written: u64,
    /// Files that are the same as before.
    pub unchanged: u64,
    /// The size of all files in bytes.
    pub bytes: u64,
}

/// A site that is being written.
///
/// Nothing of the old site changes before [`Site::swap`]; a build that is killed leaves the old
/// site, and a hidden folder that the next build clears away.
#[derive(Debug)]
pub(super) struct Site {
    out: PathBuf,
    staging: PathBuf,
    folders: Mutex<HashSet<PathBuf>>,
    written: AtomicU64,
    unchanged: AtomicU64,
    bytes: AtomicU64,
    _lock: Lock,
}

/// Marks a folder as ours, so that no build ever clears away somebody's files.
const MARK: &str = ".lkreport";

impl Site {
    /// Begins a site that will stand at `out`.
    ///
    /// # Errors
    ///
    /// When `out` holds something else, another build is at work, or the disk refuses.
    pub(super) fn begin(out: &Path) -> Result<Self, PublishError> {
        let occupied = fs::read_dir(out).is_ok_and(|mut it| it.next().is_some());
        if occupied && !out.join(MARK).exists() {
            return Err(PublishError::Foreign(out.to_owned()));
        }
        let lock = Lock::take(out)?;
        let staging = sibling(out, "new");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(at(&staging))?;
        }
        fs::create_dir_all(&staging).map_err(at(&staging))?;
        let site = Self {
            out: out.to_owned(),
            staging,
            folders: Mutex::default(),
            written: AtomicU64::new(0),
            unchanged: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            _lock: lock,
        };
        site.write(
            MARK,
            b"This folder was written by lkreport; it is replaced whole by each build.\n",
        )?;
        Ok(site)
    }

    /// Writes the file at `path`, relative to the site; from several threads at once if need be.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), PublishError> {
        let new = self.place(path)?;
        let old = self.out.join(path);
        self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        if is_same(&old, content)
            && (fs::hard_link(&old, &new).is_ok() || fs::copy(&old, &new).is_ok())
        {
            self.unchanged.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.written.fetch_add(1, Ordering::Relaxed);
        fs::write(&new, content).map_err(at(&new))
    }

    /// Takes over the folder at `path` from the old site as it is; `false` where it had none.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub(super) fn keep_folder(&self, path: &str) -> Result<bool, PublishError> {
        let old = self.out.join(path);
        if !old.is_dir() {
            return Ok(false);
        }
        for entry in WalkDir::new(&old).into_iter().filter_map(Result::ok) {
            if entry.file_type().is_file() {
                let inner = entry.path().strip_prefix(&self.out).unwrap_or(entry.path());
                self.link(&inner.to_string_lossy(), entry.path())?;
            }
        }
        Ok(true)
    }

    /// Where a folder of the new site stands, for somebody else to unpack files into; it is not
    /// made before there is a file.
    pub(super) fn folder(&self, path: &str) -> PathBuf {
        self.staging.join(path)
    }

    /// The files below a folder of the new site with their sizes, by their paths from there.
    pub(super) fn files(&self, path: &str) -> Vec<(String, u64)> {
        let folder = self.staging.join(path);
        let files = WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok);
        let name = |it: &walkdir::DirEntry| {
            let inner = it.path().strip_prefix(&folder).ok()?.to_str()?.to_owned();
            Some((inner, it.metadata().ok()?.len()))
        };
        files.filter(|it| it.file_type().is_file()).filter_map(|it| name(&it)).collect()
    }

    /// The text of a file of the new site.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.staging.join(path)).ok()
    }

    /// Puts the new tree in the place of the old one, in one step where the system can.
    ///
    /// # Errors
    ///
    /// When the disk refuses; the old site then still stands.
    pub(super) fn swap(self) -> Result<Published, PublishError> {
        if self.out.exists() {
            exchange(&self.staging, &self.out).map_err(at(&self.out))?;
            fs::remove_dir_all(&self.staging).map_err(at(&self.staging))?;
        } else {
            fs::rename(&self.staging, &self.out).map_err(at(&self.out))?;
        }
        Ok(Published {
            written: self.written.into_inner(),
            unchanged: self.unchanged.into_inner(),
            bytes: self.bytes.into_inner(),
        })
    }

    fn link(&self, path: &str, from: &Path) -> Result<(), PublishError> {
        let new = self.place(path)?;
        if fs::hard_link(from, &new).is_err() {
            fs::copy(from, &new).map_err(at(from))?;
        }
        let size = fs::metadata(&new).map_err(at(&new))?.len();
        self.unchanged.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(size, Ordering::Relaxed);
        Ok(())
    }

    fn place(&self, path: &str) -> Result<PathBuf, PublishError> {
        let new = self.staging.join(path);
        let folder = new.parent().unwrap_or(&self.staging);
        let mut folders = self.folders.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !folders.contains(folder) {
            fs::create_dir_all(folder).map_err(at(folder))?;
            folders.insert(folder.to_owned());
        }
        Ok(new)
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.to_owned();
    move |source| PublishError::Io { path, source }
}

fn is_same(old: &Path, content: &[u8]) -> bool {
    let same_size = fs::metadata(old).is_ok_and(|it| it.len() == content.len() as u64);
    same_size && fs::read(old).is_ok_and(|old| old == content)
}

/// A hidden neighbour of `out`, on the same file system so that a rename is enough.
fn sibling(out: &Path, what: &str) -> PathBuf {
    let name =
        out.file_name().map_or_else(|| "site".into(), |it| it.to_string_lossy().into_owned());
    out.with_file_name(format!(".{name}.{what}"))
}

#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Some file systems (overlays, network shares) cannot exchange.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => exchange_in_steps(new, old),
        other => other.map_err(Into::into),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    exchange_in_steps(new, old)
}

/// Leaves a moment without a site; the old one is then found beside it.
fn exchange_in_steps(new: &Path, old: &Path) -> io::Result<()> {
    let aside = sibling(old, "old");
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    fs::rename(old, &aside)?;
    fs::rename(new, old)?;
    fs::rename(&aside, new)
}

/// Held while a site is written; the system lets go of it when the program dies.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(out: &Path) -> Result<Self, PublishError> {
        let path = sibling(out, "lock");
        if let Some(parent) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let file = File::create(&path).map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(PublishError::Busy(out.to_owned())),
            Err(fs::TryLockError::Error(source)) => Err(PublishError::Io { path, source }),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock that stays behind is harmless: what counts is who holds it.
        _ = fs::remove_file(&self.path);
    }
}
