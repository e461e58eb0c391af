//! `lkreport run --resume`: which combinations need not run once more.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lkreport_contract::run::RunJson;
use lkreport_engine::version::Combination;

use super::super::args;

/// Where the finished run of a combination stands that the same command made.
pub(super) fn finished(
    args: &args::Run,
    combination: &Combination,
    repeat: &[String],
) -> Option<PathBuf> {
    let runs = fs::read_dir(args.out.as_deref()?).ok()?.flatten().map(|it| it.path());
    let mut same = runs.filter(|it| head(it).is_some_and(|it| is_of(&it, combination, repeat)));
    same.next()
}

fn head(run: &Path) -> Option<RunJson> {
    serde_json::from_slice(&fs::read(run.join("run.json")).ok()?).ok()
}

fn is_of(head: &RunJson, combination: &Combination, repeat: &[String]) -> bool {
    let versions = head.versions.iter().map(|(name, it)| (name.as_str(), it.clone()));
    let wanted = combination.iter().map(|(name, it)| (name, it.to_string()));
    head.finished.is_some() && head.repeat == repeat && versions.eq(wanted)
}
