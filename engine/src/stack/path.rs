//! The provider `path`: programs that lie in a directory, one for each version.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::Origin;
use crate::{component::Component, version::Version};

/// Where programs lie unless somebody says otherwise: `~/.cache/lkreport/stack`.
#[must_use]
pub fn default_directory() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    let home = || env::var_os("HOME").map(|it| PathBuf::from(it).join(".cache"));
    cache.or_else(home).unwrap_or_else(env::temp_dir).join("lkreport/stack")
}

/// The versions of a component in a directory, the newest first.
#[must_use]
pub fn versions_below(directory: &Path, component: Component) -> Vec<Version> {
    let below = directory.join(component.program());
    let entries = fs::read_dir(below).into_iter().flatten().flatten();
    let has_program = |it: &fs::DirEntry| it.path().join(component.program()).is_file();
    let names = entries.filter(has_program).filter_map(|it| it.file_name().into_string().ok());
    let mut versions: Vec<Version> = names.filter_map(|it| it.parse().ok()).collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions
}

pub(super) fn find(
    directory: &Path,
    component: Component,
    version: Option<&Version>,
) -> Result<(Option<Version>, Origin), String> {
    let program = component.program();
    let there = versions_below(directory, component);
    let found = there.iter().find(|it| version.is_none_or(|version| *it == version));
    if let Some(version) = found {
        let file = directory.join(program).join(version.to_string()).join(program);
        return Ok((Some(version.clone()), Origin::File(file)));
    }
    if let (None, Some(file)) = (version, installed(program)) {
        return Ok((None, Origin::File(file)));
    }
    let has: Vec<String> = there.iter().map(ToString::to_string).collect();
    let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
    Err(format!("{} has {has}", directory.join(program).display()))
}

/// A program in one of the directories of `PATH`.
#[must_use]
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|it| it.join(program)).find(|it| it.is_file())
}
