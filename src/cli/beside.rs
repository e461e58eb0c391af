//! What stands beside results: feature files, where each goes as markdown, and release notes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use lkreport_contract::mask::{Masked, Masker};
use schemars::JsonSchema;
use serde::Deserialize;
use walkdir::WalkDir;

use super::{
    args,
    output::{Talk, counted},
};
use crate::{
    history::Past,
    ingest::{Discard, Intake, read_feature, read_releases},
    model::{FeatureFile, Problem, Release},
    render::feature_markdown,
    report::{Report, features, releases},
};

/// `[features]` of the configuration.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FeaturesLayer {
    paths: Option<Vec<PathBuf>>,
    markdown: Option<PathBuf>,
}

/// `[releases]` of the configuration.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReleasesLayer {
    paths: Option<Vec<PathBuf>>,
}

/// Where it stands, complete.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Feature files, or folders of them.
    features: Vec<PathBuf>,
    /// Where features go as markdown.
    markdown: Option<PathBuf>,
    /// Release notes, or folders of them.
    releases: Vec<PathBuf>,
}

impl Beside {
    /// Puts the command line over the file, whose paths are meant from `base`.
    pub(super) fn new(
        typed: &args::Beside,
        (features, releases): (FeaturesLayer, ReleasesLayer),
        base: &Path,
    ) -> Self {
        let from_file = |it: PathBuf| base.join(it);
        let paths = |typed: &[PathBuf], of_file: Option<Vec<PathBuf>>, usual: &str| match of_file {
            _ if !typed.is_empty() => typed.to_owned(),
            Some(paths) => paths.into_iter().map(from_file).collect(),
            None => Some(base.join(usual)).filter(|it| it.is_dir()).into_iter().collect(),
        };
        Self {
            features: paths(&typed.features, features.paths, "features"),
            markdown: typed.features_markdown.clone().or(features.markdown.map(from_file)),
            releases: paths(&typed.releases, releases.paths, "releases"),
        }
    }

    /// Reads what there is, and puts it into the report.
    pub(super) fn read(
        &self,
        (past, report): (&Past, &mut Report),
        (masker, components): (&Masker, &[String]),
        talk: &Talk,
    ) -> anyhow::Result<()> {
        let mut masked = Masked::new();
        let (files, problems) = read_features(&self.features, (masker, &mut masked))?;
        if !files.is_empty() {
            talk.say(&format!("read {}", counted(files.len(), "feature file")));
        }
        report.problems.extend(problems);
        report.features = features((past, report), files, components);
        let (notes, problems) = read_notes(&self.releases, (masker, &mut masked))?;
        if !notes.is_empty() {
            talk.say(&format!("read the notes of {}", counted(notes.len(), "release")));
        }
        report.problems.extend(problems);
        report.releases = releases(notes, &report.cells);
        for (kind, n) in masked {
            *report.masked.entry(kind.to_owned()).or_default() += n;
        }
        Ok(())
    }

    /// All files and folders that it is read from.
    #[cfg(feature = "serve")]
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.features.iter().chain(&self.releases)
    }

    /// Writes the markdown pages that were asked for.
    pub(super) fn write(&self, past: &Past, report: &Report, talk: &Talk) -> anyhow::Result<()> {
        let Some(folder) = &self.markdown else { return Ok(()) };
        let pages = feature_markdown::pages(past, report);
        let n = pages.len();
        for (name, text) in pages {
            let path = folder.join(name);
            let at = || format!("{}: could not be written", path.display());
            path.parent().map_or(Ok(()), fs::create_dir_all).with_context(at)?;
            fs::write(&path, text).with_context(at)?;
        }
        talk.say(&format!("wrote {} below {}", counted(n, "markdown page"), folder.display()));
        Ok(())
    }
}

/// Reads feature files; what is wrong with one costs that one.
fn read_features(
    paths: &[PathBuf],
    (masker, masked): (&Masker, &mut Masked),
) -> anyhow::Result<(Vec<FeatureFile>, Vec<Problem>)> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (name, path) in find(paths, &["feature"])? {
        let bytes =
            fs::read(&path).with_context(|| format!("{}: could not be read", path.display()))?;
        match read_feature(&name, &bytes, (masker, masked)) {
            Ok(file) => files.extend(file),
            Err(found) => problems.extend(found),
        }
    }
    Ok((files, problems))
}

/// Reads release notes; what is wrong with a file costs that one.
fn read_notes(
    paths: &[PathBuf],
    (masker, masked): (&Masker, &mut Masked),
) -> anyhow::Result<(Vec<Release>, Vec<Problem>)> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (name, path) in find(paths, &["md", "markdown", "json"])? {
        let bytes =
            fs::read(&path).with_context(|| format!("{}: could not be read", path.display()))?;
        let mut intake = Intake::new(masker, &Discard);
        let (releases, found) = read_releases(&name, &bytes, &mut intake);
        for (kind, n) in intake.masked() {
            *masked.entry(kind).or_default() += n;
        }
        all.extend(releases);
        problems.extend(found);
    }
    Ok((all, problems))
}

/// The files at `paths` with one of some endings, in the order of their names, each with the path that it is known by:
/// from the folder that was given, so that it is the same wherever that folder stands.
fn find(paths: &[PathBuf], endings: &[&str]) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for path in paths {
        let whole = path
            .canonicalize()
            .with_context(|| format!("{}: could not be read", path.display()))?;
        let above = if whole.is_dir() { whole.parent() } else { from_features(&whole) };
        for entry in WalkDir::new(&whole).sort_by_file_name() {
            let entry = entry.with_context(|| format!("{}: could not be read", path.display()))?;
            let file = entry.into_path();
            let is_meant = |it: &std::ffi::OsStr| endings.iter().any(|ending| it == *ending);
            if file.is_file() && file.extension().is_some_and(is_meant) {
                let name = above.and_then(|it| file.strip_prefix(it).ok()).unwrap_or(&file);
                found.push((name.to_string_lossy().replace('\\', "/"), file));
            }
        }
    }
    Ok(found)
}

/// What stands above the last folder `features` on the way to a file, or else its own folder.
fn from_features(file: &Path) -> Option<&Path> {
    let last = file.ancestors().find(|it| it.file_name().is_some_and(|it| it == "features"));
    last.and_then(Path::parent).or_else(|| file.parent())
}
