//! The known issues that are bundled, and those of the project.

use std::{fs, io, path::Path};

use anyhow::Context;
use include_dir::{Dir, include_dir};
use rayon::prelude::*;
use walkdir::WalkDir;

use super::{args::Global, output::Talk};
use crate::issues::{Catalogue, Issue, read};

/// What is known of LiveKit, a file an issue.
static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/known-issues");

/// Where a project keeps its own.
pub(super) const FOLDER: &str = "known-issues";

/// All known issues that could be read.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The issues.
    pub(super) catalogue: Catalogue,
    /// A text that changes with any file.
    pub(super) digest: String,
    /// What is wrong with the files that were left out, with their places.
    pub(super) broken: Vec<String>,
}

/// Reads all known issues; a file that is wrong is left out, and said.
///
/// # Errors
///
/// When the folder of the project cannot be read.
pub(super) fn load(_: &Global, talk: &Talk) -> anyhow::Result<Loaded> {
    let bundled: Vec<&str> = BUNDLED.files().filter_map(|it| it.contents_utf8()).collect();
    let mut hasher = blake3::Hasher::new();
    bundled.iter().for_each(|it| _ = hasher.update(it.as_bytes()).update(&[0]));
    let mut issues: Vec<Issue> = bundled.into_par_iter().filter_map(|it| read(it).ok()).collect();
    let mut broken = Vec::new();
    let own = files(Path::new(FOLDER)).with_context(|| format!("{FOLDER}: could not be read"))?;
    own.iter().for_each(|(_, it)| _ = hasher.update(it.as_bytes()).update(&[0]));
    let read_own: Vec<_> = own.par_iter().map(|(name, text)| (name, read(text))).collect();
    for (name, result) in read_own {
        match result {
            Ok(issue) => issues.push(issue),
            Err(fault) => {
                let place = format!("{name}:{}:{}", fault.line, fault.column);
                talk.say(&format!("{place}: left out: {fault} (`lkreport check` shows the place)"));
                broken.push(format!("{place}: {fault}"));
            }
        }
    }
    let digest = hasher.finalize().to_hex()[..16].to_owned();
    Ok(Loaded { catalogue: Catalogue::new(issues), digest, broken })
}

/// The files of YAML below a folder, by name, with their text; none where there is no such folder.
pub(super) fn files(folder: &Path) -> io::Result<Vec<(String, String)>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let is_yaml = |path: &Path| path.extension().is_some_and(|it| it == "yaml" || it == "yml");
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() && is_yaml(entry.path()) {
            let text = fs::read(entry.path())?;
            found.push((
                entry.path().display().to_string(),
                String::from_utf8_lossy(&text).into_owned(),
            ));
        }
    }
    Ok(found)
}
