//! The provider `release`: the archives that the project publishes with a release, checked by their sums.

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use flate2::read::GzDecoder;
use reqwest::{Client, Response};
use sha2::{Digest, Sha256};
use tar::Archive;

use super::bring::{FetchError, at, keep, stage};
use crate::{component::Component, version::Version};

/// Where the project publishes its releases.
pub const GITHUB: &str = "https://github.com";

/// The file with the sums of all archives of a release.
const CHECKSUMS: &str = "checksums.txt";

/// How long nothing may come of a download.
const PATIENCE: Duration = Duration::from_secs(30);

/// The downloads of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// What stands before the name of the repository, such as [`GITHUB`].
    pub base: String,
    /// Where programs are kept.
    pub into: PathBuf,
}

/// The repository of a component and the name of its archive; none where it publishes no programs.
///
/// The names are those that goreleaser makes by default; `docs/stack.md` says which of them are certain.
#[must_use]
pub fn archive(
    component: Component,
    version: &Version,
    os: &str,
    arch: &str,
) -> Option<(&'static str, String)> {
    let (repository, project) = match component {
        Component::Livekit => ("livekit/livekit", "livekit"),
        Component::Lk => ("livekit/livekit-cli", "lk"),
        _ => return None,
    };
    let arch = match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armv7",
        _ => return None,
    };
    Some((repository, format!("{project}_{version}_{os}_{arch}.tar.gz")))
}

impl Release {
    /// Downloads a program, checks it, and keeps it.
    pub(super) async fn bring(
        &self,
        component: Component,
        version: &Version,
    ) -> Result<PathBuf, FetchError> {
        let unavailable = || FetchError::Unavailable(component.program());
        let found = archive(component, version, env::consts::OS, env::consts::ARCH);
        let (repository, name) = found.ok_or_else(unavailable)?;
        let folder = format!("{}/{repository}/releases/download/v{version}", self.base);
        let (sums, url) = (format!("{folder}/{CHECKSUMS}"), format!("{folder}/{name}"));
        let client = Client::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).build();
        let broken = |source| FetchError::Download { url: sums.clone(), source };
        let client = client.map_err(broken)?;
        let text = get(&client, &sums).await?.text().await.map_err(broken)?;
        let none = || FetchError::NoChecksum { url: sums.clone(), file: name.clone() };
        let should = sum_of(&text, &name).ok_or_else(none)?;
        let stage = stage(&self.into, component)?;
        let file = stage.path().join("archive");
        let is = download(&client, &url, &file).await?;
        if is != should {
            return Err(FetchError::Checksum { url, is, should });
        }
        let (into, version) = (self.into.clone(), version.clone());
        let unpacked = tokio::task::spawn_blocking(move || {
            let program = unpack(&file, stage.path(), component, name)?;
            keep(stage.path(), &program, &into, component, &version)
        });
        unpacked.await.map_err(io::Error::other).map_err(at(&self.into.display()))?
    }
}

async fn get(client: &Client, url: &str) -> Result<Response, FetchError> {
    let answer = client.get(url).send().await;
    let answer = answer.map_err(|source| FetchError::Download { url: url.to_owned(), source })?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(FetchError::Answers { url: url.to_owned(), status: answer.status().to_string() })
}

/// The sum of a file, in a list as `sha256sum` makes it.
fn sum_of(list: &str, file: &str) -> Option<String> {
    let lines = list.lines().filter_map(|it| it.split_once(char::is_whitespace));
    let mut sums = lines.filter(|it| it.1.trim_start().trim_start_matches('*') == file);
    sums.next().map(|it| it.0.to_ascii_lowercase())
}

/// Writes a download into a file; its SHA-256.
async fn download(client: &Client, url: &str, file: &Path) -> Result<String, FetchError> {
    let broken = |source| FetchError::Download { url: url.to_owned(), source };
    let mut answer = get(client, url).await?;
    let mut out = fs::File::create_new(file).map_err(at(file.display()))?;
    let mut hash = Sha256::new();
    while let Some(bytes) = answer.chunk().await.map_err(broken)? {
        hash.update(&bytes);
        out.write_all(&bytes).map_err(at(file.display()))?;
    }
    Ok(hash.finalize().iter().map(|it| format!("{it:02x}")).collect())
}

/// Takes only the program out of an archive.
fn unpack(
    file: &Path,
    into: &Path,
    component: Component,
    name: String,
) -> Result<PathBuf, FetchError> {
    let program = component.program();
    let to = into.join(program);
    let take = || {
        let mut archive = Archive::new(GzDecoder::new(fs::File::open(file)?));
        for entry in archive.entries()? {
            let mut entry = entry?;
            let is_it = entry.path()?.file_name().is_some_and(|it| it == program);
            if is_it && entry.header().entry_type().is_file() {
                let mut options = fs::OpenOptions::new();
                let mut out = options.write(true).create_new(true).mode(0o755).open(&to)?;
                io::copy(&mut entry, &mut out)?;
                return Ok(true);
            }
        }
        Ok(false)
    };
    if take().map_err(at(&name))? {
        Ok(to)
    } else {
        Err(FetchError::NotInside { file: name, program })
    }
}
