//! Finds the files of results, opens them, and reads them in parallel.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context;
use indicatif::ProgressBar;
use lkreport_contract::mask::Masker;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::evidence::Spool;
use crate::{
    ingest::{self, Evidence, Format, Ingested, Intake},
    model::Problem,
};

/// A file that may hold results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) path: PathBuf,
    /// Its name as given or found.
    pub(super) name: String,
    /// Whether it was named outright, so that it has to be something.
    pub(super) named: bool,
    /// The folder whose files make one run.
    pub(super) home: PathBuf,
}

impl Found {
    /// Whether it is nothing that we know, which is no problem of a file that nobody named.
    pub(super) fn is_passed_by(&self, ingested: &Ingested) -> bool {
        ingested.format == Format::Unknown && !self.named && !ingested.broken
    }
}

/// Says for each folder of results where the evidence of its run is gathered.
pub(super) type Spools = HashMap<PathBuf, Spool>;

/// Lists the files below `paths` in a stable order; links are not followed.
pub(super) fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        let meta =
            path.metadata().with_context(|| format!("{}: could not be read", path.display()))?;
        if !meta.is_dir() {
            let home = path.parent().map(Path::to_owned).unwrap_or_default();
            found.push(Found {
                name: path.display().to_string(),
                path: path.clone(),
                named: true,
                home,
            });
            continue;
        }
        let files = WalkDir::new(path).sort_by_file_name().into_iter();
        let visible =
            files.filter_entry(|it| it.depth() == 0 || !(is_hidden(it.file_name()) || is_ours(it)));
        let start = found.len();
        for entry in visible.filter_map(Result::ok).filter(|it| it.file_type().is_file()) {
            let name = entry.path().display().to_string();
            found.push(Found { path: entry.into_path(), name, named: false, home: path.clone() });
        }
        give_homes(&mut found[start..]);
    }
    Ok(found)
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a folder is a site or a history that we wrote; read as results, they would come back in.
fn is_ours(entry: &DirEntry) -> bool {
    let has = |name: &str| entry.path().join(name).exists();
    let is_history = || has("runs") && (has("cache/past-v1") || has("evidence"));
    entry.file_type().is_dir() && (has(".lkreport") || is_history())
}

/// A folder with a `run.json` is a run of its own, with all that lies below it.
fn give_homes(files: &mut [Found]) {
    let is_head = |it: &&Found| it.path.file_name().is_some_and(|name| name == "run.json");
    let heads: HashSet<PathBuf> = files
        .iter()
        .filter(is_head)
        .filter_map(|it| it.path.parent().map(Path::to_owned))
        .collect();
    for file in files {
        let nearest = file.path.ancestors().skip(1).find(|it| heads.contains(*it));
        if let Some(nearest) = nearest {
            file.home = nearest.to_owned();
        }
    }
}

/// What the files of one run hold.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    /// The folder whose files these are.
    pub(super) home: &'a Path,
    /// All files below it, whatever they are.
    pub(super) files: Vec<&'a Found>,
    /// Those of them that are logs.
    pub(super) logs: Vec<&'a Found>,
    /// What was read, in the order of the files.
    pub(super) parts: Vec<Ingested>,
}

/// Reads `files`, grouped into runs; files that are nothing we know are only counted.
pub(super) fn read<'a>(
    files: &'a [Found],
    masker: &Masker,
    spools: &Spools,
    bar: &ProgressBar,
) -> (Vec<Batch<'a>>, usize) {
    let read: Vec<Ingested> = files
        .par_iter()
        .map(|file| {
            let ingested = read_one(file, masker, &spools[&file.home]);
            bar.inc(1);
            ingested
        })
        .collect();
    bar.finish_and_clear();
    let mut batches: BTreeMap<&Path, Batch<'_>> = BTreeMap::new();
    let mut passed_by = 0;
    for (file, ingested) in files.iter().zip(read) {
        let home = file.home.as_path();
        let empty = || Batch { home, files: Vec::new(), logs: Vec::new(), parts: Vec::new() };
        let batch = batches.entry(home).or_insert_with(empty);
        batch.files.push(file);
        if ingested.format == Format::Log {
            batch.logs.push(file);
        }
        if file.is_passed_by(&ingested) {
            passed_by += 1;
        } else {
            batch.parts.push(ingested);
        }
    }
    (batches.into_values().collect(), passed_by)
}

/// Reads one file; a file that cannot even be opened is a problem like any other.
pub(super) fn read_one(file: &Found, masker: &Masker, evidence: &dyn Evidence) -> Ingested {
    let opened: io::Result<File> = File::open(&file.path);
    match opened {
        Ok(opened) => {
            let mut intake = Intake::new(masker, evidence);
            let mut input = BufReader::with_capacity(128 * 1024, opened);
            ingest::read(&file.name, &mut input, &mut intake)
        }
        Err(error) => {
            let mut ingested = Ingested::new(&file.name, Format::Unknown);
            let message = format!("could not be opened: {error}");
            ingested.broken = true;
            ingested.problems.push(Problem::of_file(file.name.as_str(), message));
            ingested
        }
    }
}
