//! Where the history stands: a directory, or a bucket by URL.
//!
//! Names are relative to it, with `/`. What is written appears whole or not at all, and nothing that
//! stands is ever written over, but for caches.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::{Arc, Once},
};

use jiff::SignedDuration;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutPayload, WriteMultipart, local::LocalFileSystem,
    path::Path as Key,
};
use rayon::prelude::*;
use tempfile::NamedTempFile;
use tokio::runtime::Runtime;

use super::HistoryError;

/// What the names of unfinished files begin with.
const UNFINISHED: &str = ".unfinished-";

/// In seconds.
const HOUR: u64 = 3600;

/// How many bytes of evidence go over the network at a time.
const PIECE: usize = 8 << 20;

/// How many requests a bucket is sent at once.
#[cfg(feature = "s3")]
const AT_ONCE: usize = 64;

/// The objects of a history.
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// What all names begin with, empty or with a `/` at its end.
    prefix: String,
    /// The directory, where it is one.
    dir: Option<PathBuf>,
    runtime: Runtime,
    /// Done once something was written, and what killed writers had left in `cache/` was cleared.
    tidied: Once,
}

/// An object with its size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) bytes: u64,
}

/// What came of writing an object that nothing may stand in the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    /// It stands now.
    New,
    /// Another one stood there, and still does.
    Occupied,
}

impl Objects {
    /// Opens a directory, which is made where it is missing, or a bucket.
    pub(super) fn open(place: &str) -> Result<Self, HistoryError> {
        let unusable = |cause: &dyn std::fmt::Display| HistoryError::Place {
            place: place.to_owned(),
            reason: cause.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| unusable(&cause))?;
        if place.contains("://") {
            let (store, prefix) = bucket(place).map_err(|cause| unusable(&cause))?;
            return Ok(Self { store, prefix, dir: None, runtime, tidied: Once::new() });
        }
        let dir = PathBuf::from(place);
        std::fs::create_dir_all(&dir).map_err(|cause| unusable(&cause))?;
        let store = LocalFileSystem::new_with_prefix(&dir).map_err(|cause| unusable(&cause))?;
        let (store, tidied) = (Arc::new(store), Once::new());
        Ok(Self { store, prefix: String::new(), dir: Some(dir), runtime, tidied })
    }

    /// What people call the object.
    pub(super) fn place(&self, name: &str) -> String {
        match &self.dir {
            Some(dir) => dir.join(name).display().to_string(),
            None => format!("{}{name}", self.prefix),
        }
    }

    /// All objects below `folder`, by name.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<Object>, HistoryError> {
        let mut found = Vec::new();
        let mut folders = vec![self.key(folder)?];
        while let Some(folder) = folders.pop() {
            let listed = self.runtime.block_on(self.store.list_with_delimiter(Some(&folder)));
            let listed = match listed {
                Err(object_store::Error::NotFound { .. }) => continue,
                listed => listed.map_err(|cause| self.failed(folder.as_ref(), cause))?,
            };
            folders.extend(listed.common_prefixes);
            found.extend(listed.objects.into_iter().filter_map(|it| {
                let name = it.location.as_ref().strip_prefix(self.prefix.as_str())?;
                let unfinished = name.rsplit('/').next()?.starts_with(UNFINISHED);
                (!unfinished).then(|| Object { name: name.to_owned(), bytes: it.size })
            }));
        }
        found.sort();
        Ok(found)
    }

    /// The content of an object, `None` where there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        if let Some(dir) = &self.dir {
            return found(std::fs::read(dir.join(name))).map_err(|cause| self.broken(name, cause));
        }
        let key = self.key(name)?;
        let read = async { self.store.get(&key).await?.bytes().await };
        match self.runtime.block_on(read) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(self.failed(name, cause)),
        }
    }

    /// The contents of many objects, in the order of `names`; those of a bucket are fetched at once.
    pub(super) fn read_all(&self, names: &[&str]) -> Vec<Result<Option<Vec<u8>>, HistoryError>> {
        if self.dir.is_some() {
            return names.par_iter().map(|name| self.read(name)).collect();
        }
        let start = |name: &&str| {
            let (store, key) = (Arc::clone(&self.store), self.key(name)?);
            Ok(self.runtime.spawn(async move { store.get(&key).await?.bytes().await }))
        };
        let tasks: Vec<_> = names.iter().map(start).collect();
        let joined =
            tasks.into_iter().zip(names).map(|(task, name)| match self.runtime.block_on(task?) {
                Ok(Ok(bytes)) => Ok(Some(bytes.into())),
                Ok(Err(object_store::Error::NotFound { .. })) => Ok(None),
                Ok(Err(cause)) => Err(self.failed(name, cause)),
                Err(cause) => Err(self.broken(name, io::Error::other(cause))),
            });
        joined.collect()
    }

    /// Writes an object where none stands; of several writers one wins.
    pub(super) fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Created, HistoryError> {
        if self.dir.is_some() {
            return self.publish(self.unfinished_of(name, &bytes)?, name);
        }
        match self.put(name, bytes, PutMode::Create) {
            Ok(()) => Ok(Created::New),
            Err(HistoryError::Storage {
                cause: object_store::Error::AlreadyExists { .. }, ..
            }) => Ok(Created::Occupied),
            Err(cause) => Err(cause),
        }
    }

    /// Writes an object, whatever stands there; for caches only.
    pub(super) fn replace(&self, name: &str, bytes: Vec<u8>) -> Result<(), HistoryError> {
        let Some(dir) = &self.dir else { return self.put(name, bytes, PutMode::Overwrite) };
        let file = self.unfinished_of(name, &bytes)?;
        let path = dir.join(name);
        let moved = made_folder(&path).and_then(|_| file.persist(&path).map_err(|it| it.error));
        moved.map(drop).map_err(|cause| self.broken(name, cause))
    }

    /// An unfinished file that holds `bytes` already.
    ///
    /// `object_store` would begin it beside the others, where a killed writer leaves it to be seen.
    fn unfinished_of(&self, name: &str, bytes: &[u8]) -> Result<NamedTempFile, HistoryError> {
        let mut file = self.unfinished()?;
        file.write_all(bytes).map_err(|cause| self.broken(name, cause))?;
        Ok(file)
    }

    fn put(&self, name: &str, bytes: Vec<u8>, mode: PutMode) -> Result<(), HistoryError> {
        let key = self.key(name)?;
        let put = self.store.put_opts(&key, PutPayload::from(bytes), mode.into());
        self.runtime.block_on(put).map_err(|cause| self.failed(name, cause))?;
        Ok(())
    }

    /// Takes an object away; it is no error where there is none.
    pub(super) fn delete(&self, name: &str) -> Result<(), HistoryError> {
        let key = self.key(name)?;
        match self.runtime.block_on(self.store.delete(&key)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.failed(name, cause)),
        }
    }

    /// An unfinished file, on the same file system as the history where that is a directory.
    pub(super) fn unfinished(&self) -> Result<NamedTempFile, HistoryError> {
        let dir = self.dir.as_ref().map_or_else(std::env::temp_dir, |dir| dir.join("cache"));
        let mut named = tempfile::Builder::new();
        named.prefix(UNFINISHED);
        // Others read the history too: the umask decides, as for any other file.
        #[cfg(unix)]
        named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let made = std::fs::create_dir_all(&dir).and_then(|()| named.tempfile_in(&dir));
        let made = made.map_err(|cause| HistoryError::File { path: dir.clone(), cause })?;
        if self.dir.is_some() {
            self.tidied.call_once(|| clear(&dir, made.path()));
        }
        Ok(made)
    }

    /// Gives a finished file its name, unless one of that name stands there.
    pub(super) fn publish(&self, file: NamedTempFile, name: &str) -> Result<Created, HistoryError> {
        let Some(dir) = &self.dir else { return self.upload(file, name) };
        let path = dir.join(name);
        let made = made_folder(&path).and_then(|it| file.as_file().sync_all().map(|()| it));
        let folder = made.map_err(|cause| self.broken(name, cause))?;
        match file.persist_noclobber(&path) {
            Ok(_) => {
                sync_folder(folder).map_err(|cause| self.broken(name, cause))?;
                Ok(Created::New)
            }
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Created::Occupied)
            }
            Err(failed) => Err(self.broken(name, failed.error)),
        }
    }

    /// An object as something to read from, `None` where there is none.
    pub(super) fn reader(&self, name: &str) -> Result<Option<File>, HistoryError> {
        if let Some(dir) = &self.dir {
            return found(File::open(dir.join(name))).map_err(|cause| self.broken(name, cause));
        }
        self.download(name)
    }

    /// Puts a file into the bucket, piece by piece.
    fn upload(&self, mut file: NamedTempFile, name: &str) -> Result<Created, HistoryError> {
        let key = self.key(name)?;
        file.rewind().map_err(|cause| self.broken(name, cause))?;
        let upload = async {
            match self.store.head(&key).await {
                Ok(_) => return Ok(Created::Occupied),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(cause) => return Err(cause),
            }
            let mut upload = WriteMultipart::new(self.store.put_multipart(&key).await?);
            let mut piece = vec![0; PIECE];
            loop {
                let read = file.read(&mut piece).map_err(|cause| object_store::Error::Generic {
                    store: "unfinished file",
                    source: cause.into(),
                })?;
                if read == 0 {
                    break;
                }
                upload.wait_for_capacity(2).await?;
                upload.write(&piece[..read]);
            }
            upload.finish().await.map(|_| Created::New)
        };
        self.runtime.block_on(upload).map_err(|cause| self.failed(name, cause))
    }

    /// Gets a file out of the bucket, piece by piece.
    fn download(&self, name: &str) -> Result<Option<File>, HistoryError> {
        let key = self.key(name)?;
        let size = match self.runtime.block_on(self.store.head(&key)) {
            Ok(meta) => meta.size,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(cause) => return Err(self.failed(name, cause)),
        };
        let broken = |cause| self.broken(name, cause);
        let mut file = tempfile::tempfile().map_err(broken)?;
        for start in (0..size).step_by(PIECE) {
            let range = start..size.min(start + PIECE as u64);
            let piece = self.runtime.block_on(self.store.get_range(&key, range));
            file.write_all(&piece.map_err(|cause| self.failed(name, cause))?).map_err(broken)?;
        }
        file.rewind().map_err(broken)?;
        Ok(Some(file))
    }

    /// Takes away what killed writers left behind, if it is older than an hour, and counts its bytes.
    pub(super) fn sweep(&self, dry_run: bool) -> Result<u64, HistoryError> {
        if self.dir.is_none() {
            return Ok(0);
        }
        let now = self.unfinished()?;
        let mut swept = 0;
        for (path, meta) in self.leftovers() {
            if is_older(&meta, now.path(), HOUR) {
                swept += meta.len();
                if !dry_run {
                    remove(&path)?;
                }
            }
        }
        Ok(swept)
    }

    /// What writers left behind that were killed, or are at work.
    pub(super) fn leftovers(&self) -> Vec<(PathBuf, Metadata)> {
        let Some(dir) = &self.dir else { return Vec::new() };
        let entries = walkdir::WalkDir::new(dir).into_iter().filter_map(Result::ok);
        let entries = entries.filter(|it| is_leftover(&it.file_name().to_string_lossy()));
        let files = entries.filter_map(|it| Some((it.path().to_owned(), it.metadata().ok()?)));
        files.filter(|(_, meta)| meta.is_file()).collect()
    }

    /// Whether an object is older than a day by the clock of whoever keeps it.
    pub(super) fn is_a_day_old(&self, name: &str) -> Result<bool, HistoryError> {
        let Some(dir) = &self.dir else {
            let age = self.now_of_bucket()? - self.written(name)?;
            return Ok(age > SignedDuration::from_secs(24 * 60 * 60));
        };
        let now = self.unfinished()?;
        Ok(std::fs::metadata(dir.join(name)).is_ok_and(|it| is_older(&it, now.path(), 24 * HOUR)))
    }

    /// When an object was written, by the clock of the bucket.
    fn written(&self, name: &str) -> Result<SignedDuration, HistoryError> {
        let head = self.runtime.block_on(self.store.head(&self.key(name)?));
        let head = head.map_err(|cause| self.failed(name, cause))?;
        Ok(SignedDuration::from_millis(head.last_modified.timestamp_millis()))
    }

    /// The time by the clock of the bucket, which is not ours: when it wrote what was just put there.
    fn now_of_bucket(&self) -> Result<SignedDuration, HistoryError> {
        let name = format!("cache/{UNFINISHED}now");
        self.put(&name, Vec::new(), PutMode::Overwrite)?;
        let now = self.written(&name);
        self.delete(&name)?;
        now
    }

    fn key(&self, name: &str) -> Result<Key, HistoryError> {
        let key = Key::parse(format!("{}{name}", self.prefix));
        key.map_err(|cause| self.failed(name, cause.into()))
    }

    fn failed(&self, name: &str, cause: object_store::Error) -> HistoryError {
        HistoryError::Storage { place: self.place(name), cause }
    }

    fn broken(&self, name: &str, cause: io::Error) -> HistoryError {
        HistoryError::File { path: self.place(name).into(), cause }
    }
}

/// Clears from the folder of unfinished files what is older than an hour; `fresh` was just made.
fn clear(folder: &Path, fresh: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|it| is_leftover(&it.file_name().to_string_lossy())) {
        if entry.metadata().is_ok_and(|it| it.is_file() && is_older(&it, fresh, HOUR)) {
            // What cannot be cleared now is harmless, and `prune` says so.
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Whether a file was last written so many seconds before `fresh` was: the clock of the file system
/// is the one that its own times can be compared with.
fn is_older(meta: &Metadata, fresh: &Path, seconds: u64) -> bool {
    let now = std::fs::metadata(fresh).and_then(|it| it.modified());
    let age = now.and_then(|now| Ok(now.duration_since(meta.modified()?)));
    age.is_ok_and(|it| it.is_ok_and(|it| it.as_secs() >= seconds))
}

/// The folder of a file, which is made where it is missing.
fn made_folder(path: &Path) -> io::Result<&Path> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    Ok(folder)
}

/// Makes a new name in a folder outlast a loss of power, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn remove(path: &Path) -> Result<(), HistoryError> {
    let file = |cause| HistoryError::File { path: path.to_owned(), cause };
    std::fs::remove_file(path).map_err(file)
}

/// Whether a file is one that a killed writer left: ours, or `<name>#<n>`, as older versions did.
fn is_leftover(name: &str) -> bool {
    let staged = name
        .rsplit_once('#')
        .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|it| it.is_ascii_digit()));
    staged || name.starts_with(UNFINISHED)
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// A bucket by its URL, and what the names in it begin with.
///
/// Keys, region and endpoint come from the usual variables (`AWS_ACCESS_KEY_ID`, `AWS_REGION`,
/// `AWS_ENDPOINT_URL`, …).
#[cfg(feature = "s3")]
fn bucket(url: &str) -> Result<(Arc<dyn ObjectStore>, String), String> {
    use object_store::{aws::AmazonS3Builder, limit::LimitStore};

    let place = url.strip_prefix("s3://").ok_or("only s3:// is known")?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    // Fails where the program has made its choice already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let bucket = AmazonS3Builder::from_env().with_bucket_name(bucket).build();
    let bucket = bucket.map_err(|cause| cause.to_string())?;
    let prefix = prefix.trim_matches('/');
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    Ok((Arc::new(LimitStore::new(bucket, AT_ONCE)), prefix))
}

/// Without the feature there are only directories.
#[cfg(not(feature = "s3"))]
fn bucket(_url: &str) -> Result<(Arc<dyn ObjectStore>, String), String> {
    Err("built without the feature `s3`".to_owned())
}

#[cfg(test)]
impl Objects {
    /// A bucket in memory.
    pub(super) fn in_memory() -> Self {
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("no driver is asked for");
        let store = Arc::new(object_store::memory::InMemory::new());
        let prefix = "team/history/".to_owned();
        Self { store, prefix, dir: None, runtime, tidied: Once::new() }
    }
}
