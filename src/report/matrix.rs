//! The matrix: versions against versions, or against suites where only one component varies.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Combination, Component, Version};

/// One tab of the matrix: what stands beside it and above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tab {
    /// The component whose versions are the rows, newest first.
    pub rows: Axis,
    /// The component whose versions are the columns; `None` where the suites are.
    pub columns: Option<Axis>,
}

/// A component with its versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Axis {
    /// The component.
    pub component: Component,
    /// Its versions.
    pub versions: Vec<Version>,
}

impl Tab {
    /// The versions of the cell in `row` and `column`; the column is left out against suites.
    #[must_use]
    pub fn versions(&self, row: &Version, column: Option<&Version>) -> Combination {
        let mut versions = BTreeMap::from([(self.rows.component.clone(), row.clone())]);
        if let (Some(axis), Some(version)) = (&self.columns, column) {
            versions.insert(axis.component.clone(), version.clone());
        }
        Combination::all(versions)
    }
}

/// The tabs: each component against the suites, then each pair of components that stood in a run
/// together and has at least two versions on one side; the server first.
pub(super) fn tabs(combinations: &[Combination], components: &[String]) -> Vec<Tab> {
    let mut versions: BTreeMap<&Component, BTreeSet<&Version>> = BTreeMap::new();
    let mut together: BTreeSet<(&Component, &Component)> = BTreeSet::new();
    for combination in combinations {
        for (name, version) in combination.iter() {
            versions.entry(name).or_default().insert(version);
            together.extend(combination.iter().map(|(other, _)| (name, other)));
        }
    }
    let mut names: Vec<&Component> = versions.keys().copied().collect();
    let rank = |name: &str| {
        let names =
            |it: &String| it.strip_suffix('*').map_or(it == name, |it| name.starts_with(it));
        components.iter().position(names)
    };
    names.sort_by_key(|name| (rank(name), *name));
    let axis = |name: &Component| Axis {
        component: name.clone(),
        versions: versions[name].iter().rev().map(|it| (*it).clone()).collect(),
    };
    let mut tabs = Vec::new();
    for (n, rows) in names.iter().enumerate() {
        for columns in &names[n + 1..] {
            let varies = versions[rows].len() > 1 || versions[columns].len() > 1;
            if varies && together.contains(&(*rows, *columns)) {
                tabs.push(Tab { rows: axis(rows), columns: Some(axis(columns)) });
            }
        }
    }
    tabs.extend(names.iter().map(|name| Tab { rows: axis(name), columns: None }));
    tabs
}
