//! Where a case broke along one component while nothing else differed: last good, first bad, and
//! the life of that.

use std::collections::{BTreeMap, HashMap};

use crate::{
    history::{Outline, Past, PastRun},
    model::{CaseId, Component, Outcome, Version},
};

/// A case that is good on one version of a component and bad on the next that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakage {
    /// The same as long as the run that first showed it is kept, also when versions between are
    /// tested later.
    pub id: CaseId,
    /// The component.
    pub component: Component,
    /// The newest version before it that is good, and the newest run there; indices into
    /// `Past::runs`.
    pub last_good: (Version, usize),
    /// The oldest version after that which is bad, and the oldest run there that failed.
    pub first_bad: (Version, usize),
    /// The first of the failing runs by time.
    pub since: usize,
    /// The version after it that is good again, and the oldest run there that passed.
    pub ended: Option<(Version, usize)>,
    /// Whether the commit of the two runs on both sides differs too.
    pub other_commit: bool,
}

/// Which runs differ in one component only.
#[derive(Debug, Clone, Default)]
pub struct Alikes {
    /// For each component that has more than one version: for each run the group of runs that are
    /// like it but for the component; `u32::MAX` where the run does not name it.
    of: Vec<(Component, Vec<u32>)>,
}

impl Alikes {
    /// Groups the runs of a past.
    #[must_use]
    pub fn new(past: &Past) -> Self {
        let mut versions: BTreeMap<&Component, &Version> = BTreeMap::new();
        let mut varying: Vec<&Component> = Vec::new();
        for (component, version) in past.runs.iter().flat_map(|it| &it.head.versions) {
            if *versions.entry(component).or_insert(version) != version
                && !varying.contains(&component)
            {
                varying.push(component);
            }
        }
        varying.sort_unstable();
        Self { of: varying.into_iter().map(|it| (it.clone(), groups(past, it))).collect() }
    }
}

fn groups(past: &Past, component: &Component) -> Vec<u32> {
    let mut known: HashMap<_, u32> = HashMap::new();
    let mut group = |run: &PastRun| {
        let head = &run.head;
        if !head.versions.contains_key(component) {
            return u32::MAX;
        }
        let others: Vec<_> =
            head.versions.iter().filter(|it| it.0 != component).map(owned).collect();
        let how = (head.runtime.clone(), head.browser.clone(), head.network.clone());
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX - 1);
        *known.entry((others, how, head.environment.clone())).or_insert(next)
    };
    past.runs.iter().map(&mut group).collect()
}

fn owned((name, version): (&Component, &Version)) -> (Component, Version) {
    (name.clone(), version.clone())
}

/// The runs of each version, oldest first, and whether the case failed there.
type Versions<'a> = BTreeMap<&'a Version, Vec<(usize, bool)>>;

/// What the runs of one version come to.
struct Judged<'a> {
    version: &'a Version,
    /// The newest run, and whether the case failed there.
    newest: (usize, bool),
    /// The first run of those that failed, where any did.
    failed: Option<usize>,
    /// The first run since which it passes.
    passes: Option<usize>,
}

/// Where a case broke; `story` is what came of it in each run, oldest first, and `is_flaky` says of a
/// run whether the case is flaky on its code, which then says nothing.
#[must_use]
pub fn breakages(
    past: &Past,
    alikes: &Alikes,
    (id, story): (CaseId, &[(u32, Outline)]),
    is_flaky: &dyn Fn(usize) -> bool,
) -> Vec<Breakage> {
    let telling =
        |it: &&(u32, Outline)| it.1.outcome.is_evidence() && it.1.outcome != Outcome::Degraded;
    let telling: Vec<(usize, bool)> = story
        .iter()
        .filter(telling)
        .map(|(run, it)| (*run as usize, it.outcome.is_failing()))
        .collect();
    if !telling.iter().any(|it| it.1) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (component, groups) in &alikes.of {
        let mut by_group: BTreeMap<u32, Versions<'_>> = BTreeMap::new();
        for (run, bad) in &telling {
            let Some(version) = past.runs[*run].head.versions.get(component) else { continue };
            let versions = by_group.entry(groups[*run]).or_default();
            versions.entry(version).or_default().push((*run, *bad));
        }
        for versions in by_group.into_values().filter(|it| it.len() > 1) {
            let judged: Vec<Judged<'_>> = versions
                .iter()
                .filter_map(|(version, runs)| judge(version, runs, is_flaky))
                .collect();
            found.extend(along(past, id, component, &judged));
        }
    }
    found.sort_by_key(|it| (it.ended.is_some(), std::cmp::Reverse(it.since)));
    found
}

/// A version is what its newest run says; one on which the case is flaky says nothing.
fn judge<'a>(
    version: &'a Version,
    runs: &[(usize, bool)],
    is_flaky: &dyn Fn(usize) -> bool,
) -> Option<Judged<'a>> {
    let newest = *runs.last()?;
    let passes = runs.iter().rev().take_while(|it| !it.1).last().map(|it| it.0);
    // What failed, was mended and failed again broke anew.
    let failing = runs.iter().rev().skip_while(|it| !it.1).take_while(|it| it.1);
    let failed = failing.last().map(|it| it.0);
    (!is_flaky(newest.0)).then_some(Judged { version, newest, failed, passes })
}

/// Each stretch of bad versions that comes after a good one.
fn along(past: &Past, id: CaseId, component: &Component, judged: &[Judged<'_>]) -> Vec<Breakage> {
    let mut found = Vec::new();
    for (at, pair) in judged.windows(2).enumerate() {
        let [good, bad] = pair else { continue };
        let Some(first) = bad.failed.filter(|_| !good.newest.1) else { continue };
        let after = &judged[at + 1..];
        let stretch = after.iter().take_while(|it| it.newest.1).filter_map(|it| it.failed);
        let since = stretch.chain([first]).min().unwrap_or(first);
        let head = |run: usize| &past.runs[run].head;
        let start = head(since).id.as_str();
        found.push(Breakage {
            id: CaseId::of(["breakage", &id.to_string(), component, start]),
            component: component.clone(),
            last_good: (good.version.clone(), good.newest.0),
            first_bad: (bad.version.clone(), first),
            since,
            ended: after.iter().find_map(|it| Some((it.version.clone(), it.passes?))),
            other_commit: head(good.newest.0).commit != head(first).commit,
        });
    }
    found
}
