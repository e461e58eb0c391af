//! Releases, and the steps between versions that were tested.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::Cell;
use crate::{
    issues::Issue,
    model::{Combination, Component, Release, Version},
};

/// What makers say of their versions.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    /// By component and version.
    pub by: BTreeMap<Component, BTreeMap<Version, Release>>,
    /// The steps from one tested version to the next newer one where nothing else differs, of
    /// components that have notes between them.
    pub steps: BTreeSet<(Component, Version, Version)>,
}

impl Releases {
    /// Whether nobody gave any notes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// The notes of a version.
    #[must_use]
    pub fn get(&self, component: &str, version: &Version) -> Option<&Release> {
        self.by.get(component)?.get(version)
    }

    /// What came after `from`, to `to`, the newest first; pre-releases only where `to` is one.
    #[must_use]
    pub fn between(&self, component: &str, from: &Version, to: &Version) -> Vec<&Release> {
        let Some(all) = self.by.get(component).filter(|_| from < to) else { return Vec::new() };
        let range = all.range::<Version, _>((Bound::Excluded(from), Bound::Included(to)));
        let meant = |it: &&Release| !it.version.is_prerelease() || to.is_prerelease();
        range.rev().map(|it| it.1).filter(meant).collect()
    }

    /// The release before a version, among those with notes.
    #[must_use]
    pub fn before(&self, component: &str, version: &Version) -> Option<&Release> {
        let all = self.by.get(component)?.range::<Version, _>(..version).rev();
        all.map(|it| it.1).find(|it| !it.version.is_prerelease() || version.is_prerelease())
    }
}

/// The known issues that concern `to` and not `from`, and those that concern `from` and not `to`; only
/// of issues whose sources say both.
#[must_use]
pub fn moved<'a>(
    issues: &'a [Issue],
    component: &str,
    (from, to): (&Version, &Version),
) -> (Vec<&'a Issue>, Vec<&'a Issue>) {
    let said = |it: &Issue| Some((concerns(it, component, from)?, concerns(it, component, to)?));
    let which = |wanted: (bool, bool)| {
        issues.iter().filter(|it| said(it) == Some(wanted)).collect::<Vec<_>>()
    };
    (which((false, true)), which((true, false)))
}

/// Whether an issue concerns a version of a component, as far as its sources say.
fn concerns(issue: &Issue, component: &str, version: &Version) -> Option<bool> {
    let version: lkreport_contract::version::Version = version.as_str().parse().ok()?;
    let ranges = || issue.affected.iter().filter_map(|it| it.get(component));
    let is_fixed = issue.fixed_in.get(component).map(|it| version >= *it);
    if ranges().next().is_none() {
        // Where it begins is not said, so only its end is known.
        return is_fixed.map(|it| !it);
    }
    Some(ranges().any(|it| it.holds(&version)) && is_fixed != Some(true))
}

/// Puts releases in order; of two of one version the one that says more stays.
#[must_use]
pub fn releases(all: Vec<Release>, cells: &BTreeMap<String, Cell>) -> Releases {
    let mut releases = Releases::default();
    for it in all {
        let of = releases.by.entry(it.component.clone()).or_default();
        match of.get_mut(&it.version) {
            None => _ = of.insert(it.version.clone(), it),
            Some(kept) => {
                let date = kept.date.take().or_else(|| it.date.clone());
                if (it.items.len(), it.notes.len()) > (kept.items.len(), kept.notes.len()) {
                    *kept = it;
                }
                kept.date = date;
            }
        }
    }
    let is_told = |(component, from, to): &(Component, Version, Version)| {
        !releases.between(component, from, to).is_empty()
    };
    releases.steps = steps(cells).into_iter().filter(is_told).collect();
    releases
}

/// The steps of one component between cells that are equal otherwise.
fn steps(cells: &BTreeMap<String, Cell>) -> BTreeSet<(Component, Version, Version)> {
    let mut groups: BTreeMap<(Component, Combination), BTreeSet<Version>> = BTreeMap::new();
    for cell in cells.values() {
        for (component, version) in cell.versions.iter() {
            let others = cell.versions.iter().filter(|it| it.0 != component);
            let others = others.map(|(name, it)| (name.clone(), it.clone())).collect();
            let group = (component.clone(), Combination::all(others));
            groups.entry(group).or_default().insert(version.clone());
        }
    }
    let of_group = |((component, _), versions): ((Component, Combination), BTreeSet<Version>)| {
        let versions: Vec<Version> = versions.into_iter().collect();
        let pairs = versions.windows(2).map(|it| (component.clone(), it[0].clone(), it[1].clone()));
        pairs.collect::<Vec<_>>()
    };
    groups.into_iter().flat_map(of_group).collect()
}
