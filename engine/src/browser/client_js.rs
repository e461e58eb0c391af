//! The `livekit-client` that the meeting page uses: any version, fetched once with `npm`.
//!
//! What is kept is the package as the registry has it, with the integrity that the registry names for
//! it; it is compared whenever the package is opened, so nothing that was changed is ever run.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha512};
use tokio::process::Command;

use crate::version::Version;

/// The newest version whose pages reach each other through every server since 1.5.3, in Chromium and Firefox.
const USUAL: &str = "2.16.1";

/// What the package is called.
const NAME: &str = "livekit-client";

/// What a script element can load, within the package.
const SCRIPT: &str = "package/dist/livekit-client.umd.js";

/// Why there is no client of a version.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// `npm` cannot be started.
    #[error("`npm`, which fetches {NAME} {0}, could not be started")]
    NoNpm(Version, #[source] io::Error),
    /// `npm` did not fetch it.
    #[error("`npm` did not fetch {NAME} {0}: {1}")]
    NotFetched(Version, String),
    /// It is not what was published.
    #[error("{0} is not what the registry published: its integrity is {is}, and should be {should}", is = .1, should = .2)]
    Changed(PathBuf, String, String),
    /// The package has no script for pages.
    #[error("{0} holds no {SCRIPT}")]
    NoScript(PathBuf),
    /// It cannot be read or kept.
    #[error("{0} cannot be used")]
    Unusable(PathBuf, #[source] io::Error),
}

/// Where clients are kept unless somebody says otherwise: `~/.cache/lkreport/client-js`.
#[must_use]
pub fn default_directory() -> PathBuf {
    crate::stack::default_directory().with_file_name("client-js")
}

/// The version that is used where nobody asks for one.
#[must_use]
pub fn usual() -> Version {
    #[expect(clippy::expect_used, reason = "it is a constant of this program")]
    USUAL.parse().expect("it is a version")
}

/// The script of a version, fetched where it is not there yet.
///
/// # Errors
///
/// When it can neither be fetched nor read, or is not what was published.
pub async fn script(directory: &Path, version: &Version) -> Result<Vec<u8>, ClientError> {
    let place = directory.join(version.meaning().to_string());
    if !place.join(INTEGRITY).is_file() {
        fetch(directory, &place, version).await?;
    }
    open(&place)
}

const PACKAGE: &str = "livekit-client.tgz";
const INTEGRITY: &str = "integrity";

/// Brings a version into its place: whole, or not at all.
async fn fetch(directory: &Path, place: &Path, version: &Version) -> Result<(), ClientError> {
    let unusable = |error| ClientError::Unusable(directory.to_owned(), error);
    fs::create_dir_all(directory).map_err(unusable)?;
    let folder = tempfile::tempdir_in(directory).map_err(unusable)?;
    let wanted = format!("{NAME}@{}", version.meaning());
    let should = npm(folder.path(), &["view", &wanted, "dist.integrity"], version).await?;
    let packed = npm(folder.path(), &["pack", &wanted], version).await?;
    let file = packed.lines().last().unwrap_or_default();
    fs::rename(folder.path().join(file), folder.path().join(PACKAGE)).map_err(unusable)?;
    fs::write(folder.path().join(INTEGRITY), should).map_err(unusable)?;
    open(folder.path())?;
    match fs::rename(folder.path(), place) {
        // Somebody else fetched it meanwhile.
        Err(_) if place.join(INTEGRITY).is_file() => Ok(()),
        done => done.map_err(unusable),
    }
}

/// What `npm` prints.
async fn npm(folder: &Path, arguments: &[&str], version: &Version) -> Result<String, ClientError> {
    let mut command = Command::new("npm");
    command.args(arguments).args(["--silent", "--ignore-scripts"]).current_dir(folder);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await;
    let output = output.map_err(|error| ClientError::NoNpm(version.clone(), error))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !said.is_empty() {
        return Ok(said);
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let why = if why.is_empty() { output.status.to_string() } else { why };
    Err(ClientError::NotFetched(version.clone(), why))
}

/// The script of a package that is there.
fn open(place: &Path) -> Result<Vec<u8>, ClientError> {
    let file = place.join(PACKAGE);
    let unusable = |error| ClientError::Unusable(file.clone(), error);
    let should = fs::read_to_string(place.join(INTEGRITY)).map_err(unusable)?;
    let package = fs::read(&file).map_err(unusable)?;
    let is = format!("sha512-{}", BASE64_STANDARD.encode(Sha512::digest(&package)));
    if is != should.trim() {
        return Err(ClientError::Changed(file, is, should.trim().to_owned()));
    }
    let mut archive = tar::Archive::new(GzDecoder::new(package.as_slice()));
    for entry in archive.entries().map_err(unusable)? {
        let mut entry = entry.map_err(unusable)?;
        if entry.path().map_err(unusable)? == Path::new(SCRIPT) {
            let mut script = Vec::new();
            entry.read_to_end(&mut script).map_err(unusable)?;
            return Ok(script);
        }
    }
    Err(ClientError::NoScript(file))
}
