//! How a program that was downloaded or built gets into the cache: whole, or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{component::Component, version::Version};

/// Why a program could not be brought.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The provider has no program of this component.
    #[error("there is no way to have {0}")]
    Unavailable(&'static str),
    /// The server has no such file.
    #[error("{url}: it answers {status}")]
    Answers {
        /// What was asked for.
        url: String,
        /// What it answers.
        status: String,
    },
    /// The download broke off, or never began.
    #[error("{url}: it could not be downloaded")]
    Download {
        /// What was asked for.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The list of checksums has none for the file.
    #[error("{url}: it has no checksum of {file}")]
    NoChecksum {
        /// The list.
        url: String,
        /// The file.
        file: String,
    },
    /// It is not what was published.
    #[error("{url}: its SHA-256 is {is}, and the release says {should}")]
    Checksum {
        /// What was downloaded.
        url: String,
        /// What its checksum is.
        is: String,
        /// What it should be.
        should: String,
    },
    /// The archive does not hold the program.
    #[error("{file}: there is no {program} in it")]
    NotInside {
        /// The archive.
        file: String,
        /// The program.
        program: &'static str,
    },
    /// A program of this machine said no.
    #[error("`{command}` {ended}:\n{said}")]
    Refused {
        /// The command.
        command: String,
        /// How it ended.
        ended: String,
        /// What it said last.
        said: String,
    },
    /// The cache cannot be written, or a program not be started.
    #[error("{place}")]
    Io {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What has to be said of an error of IO.
pub(super) fn at(place: impl std::fmt::Display) -> impl FnOnce(io::Error) -> FetchError {
    let place = place.to_string();
    move |source| FetchError::Io { place, source }
}

/// A directory beside the place where the program goes; it goes when it is dropped.
pub(super) fn stage(into: &Path, component: Component) -> Result<TempDir, FetchError> {
    let beside = into.join(component.program());
    let make = || {
        fs::create_dir_all(&beside)?;
        tempfile::Builder::new().prefix(".fetch-").tempdir_in(&beside)
    };
    make().map_err(at(beside.display()))
}

/// Moves a program from its stage to where `path` finds it.
pub(super) fn keep(
    stage: &Path,
    program: &Path,
    into: &Path,
    component: Component,
    version: &Version,
) -> Result<PathBuf, FetchError> {
    let home = into.join(component.program()).join(version.to_string());
    let file = home.join(component.program());
    let keep = || {
        let whole = stage.join("whole");
        fs::create_dir(&whole)?;
        fs::rename(program, whole.join(component.program()))?;
        match fs::rename(&whole, &home) {
            // Somebody else brought it meanwhile.
            Err(_) if file.is_file() => Ok(()),
            moved => moved,
        }
    };
    keep().map_err(at(home.display()))?;
    Ok(file)
}
