//! The matrix: versions against versions, or against suites where only one component varies.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use crate::{
    history::Past,
    model::{Combination, Component, Version},
};

/// One tab of the matrix: what stands beside it and above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tab {
    /// The component whose versions are the rows, newest first.
    pub rows: Axis,
    /// The component whose versions are the columns; `None` where the suites are.
    pub columns: Option<Axis>,
    /// The suites that ever named a version of the rows' component, by name.
    pub suites: Vec<String>,
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

/// The tabs: each pair of components that stood in a run together and has at least two versions on
/// one side, the server first; then each component against the suites.
pub(super) fn tabs(past: &Past, combinations: &[Combination], components: &[String]) -> Vec<Tab> {
    let mut versions: BTreeMap<&Component, BTreeSet<&Version>> = BTreeMap::new();
    let mut suites: BTreeMap<&Component, BTreeSet<&str>> = BTreeMap::new();
    let mut together: BTreeSet<(&Component, &Component)> = BTreeSet::new();
    let ran: HashSet<(&str, &Combination)> =
        past.runs.iter().map(|it| it.head.suite.as_str()).zip(combinations).collect();
    for (suite, combination) in ran {
        for (name, version) in combination.iter() {
            versions.entry(name).or_default().insert(version);
            suites.entry(name).or_default().insert(suite);
            together.extend(combination.iter().map(|(other, _)| (name, other)));
        }
    }
    let mut names: Vec<&Component> = versions.keys().copied().collect();
    let rank = |name: &str| {
        let is_named =
            |it: &String| it.strip_suffix('*').map_or(it == name, |it| name.starts_with(it));
        components.iter().position(is_named)
    };
    names.sort_by_key(|name| (rank(name), *name));
    let axis = |name: &Component| Axis {
        component: name.clone(),
        versions: versions[name].iter().rev().map(|it| (*it).clone()).collect(),
    };
    let tab = |rows: &Component, columns: Option<&Component>| Tab {
        rows: axis(rows),
        columns: columns.map(axis),
        suites: suites[rows].iter().map(ToString::to_string).collect(),
    };
    let mut tabs = Vec::new();
    for (n, rows) in names.iter().enumerate() {
        for columns in &names[n + 1..] {
            let varies = versions[rows].len() > 1 || versions[columns].len() > 1;
            if varies && together.contains(&(*rows, *columns)) {
                tabs.push(tab(rows, Some(columns)));
            }
        }
    }
    tabs.extend(names.iter().map(|name| tab(name, None)));
    tabs
}
