//! Where things stand in the site. These addresses are promises; they never change.

use crate::{
    history::Known,
    model::{CaseId, FamilyId, RunId, Version, slug},
};

/// The page of a case.
pub(super) fn case(case: &Known) -> String {
    case_of(&case.name, case.id)
}

/// The page of the case called `name` with the id `id`.
pub(super) fn case_of(name: &str, id: CaseId) -> String {
    let slug = slug(name);
    let joint = if slug.is_empty() { "" } else { "-" };
    format!("cases/{slug}{joint}{id}/index.html")
}

/// The page of a run.
pub(super) fn run(id: &RunId) -> String {
    format!("runs/{id}/index.html")
}

/// A further page of a run's cases, from 2.
pub(super) fn run_cases(id: &RunId, page: usize) -> String {
    if page == 1 { run(id) } else { format!("runs/{id}/cases/{page}/index.html") }
}

/// The folder with what a run left behind.
pub(super) fn evidence(id: &RunId) -> String {
    format!("runs/{id}/evidence")
}

/// How the connections of a run fared, for programs.
pub(super) fn connections(id: &RunId) -> String {
    format!("api/v1/connections/{id}.json")
}

/// A page of a log, from 1.
pub(super) fn log(id: &RunId, component: &str, page: usize) -> String {
    if page == 1 {
        format!("logs/{id}/{component}/index.html")
    } else {
        format!("logs/{id}/{component}/{page}/index.html")
    }
}

/// A page of the list of runs; pages are counted from the oldest, so that they never change.
pub(super) fn runs(page: Option<usize>) -> String {
    page.map_or_else(
        || "runs/index.html".to_owned(),
        |page| format!("runs/before/{page}/index.html"),
    )
}

/// The page of a known issue.
pub(super) fn issue(id: &str) -> String {
    // An id of dots alone would lead elsewhere.
    let id = if id.starts_with('.') { part(id) } else { id.to_owned() };
    format!("issues/{id}/index.html")
}

/// The page of a failure family.
pub(super) fn family(id: FamilyId) -> String {
    format!("families/{id}/index.html")
}

/// A page of the list of failure families, from 1.
pub(super) fn families(page: usize) -> String {
    if page == 1 {
        "families/index.html".to_owned()
    } else {
        format!("families/page/{page}/index.html")
    }
}

/// The page of a cell.
pub(super) fn cell(id: &str) -> String {
    format!("cells/{id}/index.html")
}

/// A page of the list of a suite's cases, from 1.
pub(super) fn suite_cases(suite: &str, page: usize) -> String {
    format!("cases/in/{}/{page}/index.html", part(suite))
}

/// A tab of the matrix; the first stands at the address of the matrix itself.
pub(super) fn matrix(tab: usize, name: &str) -> String {
    if tab == 0 {
        "matrix/index.html".to_owned()
    } else {
        format!("matrix/{}/index.html", part(name))
    }
}

/// What the filters of a tab of the matrix need.
pub(super) fn slices(name: &str) -> String {
    format!("matrix/slices/{}.js", part(name))
}

/// A narrowed page of the trends.
pub(super) fn trends(kind: &str, name: &str) -> String {
    format!("trends/{kind}/{}/index.html", part(name))
}

/// The list of features, at the anchor of a tag where one is given.
pub(super) fn features(anchor: &str) -> String {
    let joint = if anchor.is_empty() { "" } else { "#" };
    format!("features/index.html{joint}{anchor}")
}

/// The page of a feature file; the folder `features` in front of it is said once.
pub(super) fn feature(path: &str) -> String {
    let below = path.strip_prefix("features/").unwrap_or(path);
    let below = below.strip_suffix(".feature").unwrap_or(below);
    let parts: Vec<String> = below.split('/').filter(|it| !it.is_empty()).map(part).collect();
    format!("features/{}/index.html", parts.join("/"))
}

/// The list of releases.
pub(super) const RELEASES: &str = "releases/index.html";

/// The page of a release.
pub(super) fn release(component: &str, version: &Version) -> String {
    format!("releases/{}/{}/index.html", part(component), part(version.as_str()))
}

/// The notes of the step from one version to another.
pub(super) fn release_step(component: &str, from: &Version, to: &Version) -> String {
    let (to, from) = (part(to.as_str()), part(from.as_str()));
    format!("releases/{}/{to}/from/{from}/index.html", part(component))
}

/// A piece of an address for any name: readable, and different for different names.
pub(super) fn part(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if !name.is_empty() && name.len() <= 60 && name.chars().all(plain) && !name.starts_with('.') {
        return name.to_owned();
    }
    let slug = slug(name);
    let joint = if slug.is_empty() { "" } else { "-" };
    format!("{slug}{joint}{}", CaseId::of([name]))
}

/// The way up to the root from the page at `path`.
pub(super) fn root(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}
