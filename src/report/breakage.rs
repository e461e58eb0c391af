//! Where a case broke along one component while nothing else differed: last good, first bad, and
//! the life of that.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    history::{Outline, Past, PastRun},
    model::{CaseId, Component, Outcome, RunHead, Version},
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
    /// One for each component that has more than one version.
    along: Vec<Along>,
}

/// The runs along one component.
#[derive(Debug, Clone)]
struct Along {
    component: Component,
    /// Runs that are alike but for the component, and its version, in the order of both.
    places: Vec<(u32, Version)>,
    /// The place of each run; none where it does not name the component.
    of_run: Vec<Option<u32>>,
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
        Self { along: varying.into_iter().map(|it| Along::new(past, it)).collect() }
    }
}

impl Along {
    fn new<'a>(past: &'a Past, component: &Component) -> Self {
        let mut groups: HashMap<_, u32> = HashMap::new();
        let place = |run: &'a PastRun| {
            let RunHead { versions, runtime, browser, network, environment, .. } = &run.head;
            let version = versions.get(component)?;
            let others: Vec<_> = versions.iter().filter(|it| it.0 != component).collect();
            let next = u32::try_from(groups.len()).expect("fewer groups than fit the memory");
            let alike = (others, runtime, browser, network, environment);
            Some((*groups.entry(alike).or_insert(next), version))
        };
        let named: Vec<Option<(u32, &Version)>> = past.runs.iter().map(place).collect();
        let once: HashSet<(u32, &Version)> = named.iter().copied().flatten().collect();
        let mut places: Vec<(u32, &Version)> = once.into_iter().collect();
        places.sort_unstable();
        let number: HashMap<(u32, &Version), u32> = places.iter().copied().zip(0..).collect();
        Self {
            component: component.clone(),
            of_run: named.into_iter().map(|it| Some(number[&it?])).collect(),
            places: places.into_iter().map(|(group, it)| (group, it.clone())).collect(),
        }
    }
}

/// What the runs of one version come to.
#[derive(Debug, Clone, Copy)]
struct Judged<'a> {
    version: &'a Version,
    /// The newest run, and whether the case failed there.
    newest: (usize, bool),
    /// The first run of those that failed last, where any did: what failed, was mended and failed again
    /// broke anew.
    failed: Option<usize>,
    /// The first run since which it passes.
    passes: Option<usize>,
}

impl<'a> Judged<'a> {
    const fn new(version: &'a Version, run: usize, is_bad: bool) -> Self {
        let (failed, passes) = if is_bad { (Some(run), None) } else { (None, Some(run)) };
        Self { version, newest: (run, is_bad), failed, passes }
    }

    /// With a further run, newer than all.
    const fn then(self, run: usize, is_bad: bool) -> Self {
        let it = Self::new(self.version, run, is_bad);
        match (self.newest.1, is_bad) {
            (false, true) => it,
            (true, _) => Self { failed: self.failed, ..it },
            (false, false) => Self { newest: it.newest, ..self },
        }
    }
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
    for along in &alikes.along {
        let mut places: BTreeMap<u32, Judged<'_>> = BTreeMap::new();
        for (run, is_bad) in &telling {
            let Some(place) = along.of_run[*run] else { continue };
            let version = &along.places[place as usize].1;
            let first = || Judged::new(version, *run, *is_bad);
            places.entry(place).and_modify(|it| *it = it.then(*run, *is_bad)).or_insert_with(first);
        }
        // A version is what its newest run says; one on which the case is flaky says nothing.
        let judged: Vec<(u32, Judged<'_>)> = places
            .into_iter()
            .filter(|it| !is_flaky(it.1.newest.0))
            .map(|(place, it)| (along.places[place as usize].0, it))
            .collect();
        for alike in judged.chunk_by(|a, b| a.0 == b.0) {
            let judged: Vec<Judged<'_>> = alike.iter().map(|it| it.1).collect();
            found.extend(stretches(past, id, &along.component, &judged));
        }
    }
    found.sort_by_key(|it| (it.ended.is_some(), std::cmp::Reverse(it.since)));
    found
}

/// Each stretch of bad versions that comes after a good one.
fn stretches(
    past: &Past,
    id: CaseId,
    component: &Component,
    judged: &[Judged<'_>],
) -> Vec<Breakage> {
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
