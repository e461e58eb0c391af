//! The feature files of a run.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use lkreport_engine::feature::Source;
use walkdir::WalkDir;

use super::super::output::Hint;

/// Feature files, and the lines that were asked for in some of them.
#[derive(Debug, Default)]
pub(super) struct Features {
    pub(super) sources: Vec<Source>,
    pub(super) lines: BTreeMap<String, Vec<u32>>,
}

/// Reads files, and folders of them.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Features> {
    let mut features = Features::default();
    for path in paths {
        let (path, line) = with_line(path);
        let files = find(&path)?;
        for file in files {
            let uri = file.to_string_lossy().replace('\\', "/");
            if let Some(line) = line {
                features.lines.entry(uri.clone()).or_default().push(line);
            }
            if features.sources.iter().all(|it| it.uri != uri) {
                let bytes = fs::read(&file).with_context(|| format!("{uri}: could not be read"))?;
                features
                    .sources
                    .push(Source { uri, text: String::from_utf8_lossy(&bytes).into_owned() });
            }
        }
    }
    Ok(features)
}

/// Takes the line off `file:line`, where there is no file of that whole name.
fn with_line(path: &Path) -> (PathBuf, Option<u32>) {
    let text = path.to_string_lossy();
    let split = text.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    match split {
        Some((file, line)) if !path.exists() => (PathBuf::from(file), Some(line)),
        _ => (path.to_owned(), None),
    }
}

/// The file itself, or all feature files of a folder in a fixed order.
fn find(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.exists() {
        let hint = Hint("`--features` names feature files or folders of them".to_owned());
        return Err(
            anyhow::anyhow!("{}: there is no such file or folder", path.display()).context(hint)
        );
    }
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|it| it == "feature")
        {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        bail!("{}: no feature file is below it", path.display());
    }
    Ok(files)
}
