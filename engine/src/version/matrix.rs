//! A matrix: the combinations that a run is for, and no others.
//!
//! ```yaml
//! combinations:                 # as they stand
//!   - {livekit: 1.8.4, client-js: 2.18.1}
//! components:                   # combined
//!   livekit: [1.10.1, 1.11.0]
//!   egress: [1.12.0, 1.14.0]
//! mode: diagonal                # the first with the first, …; `product` where it is not said
//! exclude: [{livekit: 1.10.1}]  # of those combined
//! include: [{livekit: 1.13.5, egress: 1.14.0}]
//! ```

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Combination, Fault, NameError, Version, VersionError, name::Name};

/// More combinations than anybody runs come from a mistake.
const MOST: usize = 1000;

type Versions = BTreeMap<Name, Version>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    combinations: Vec<Spanned<Versions>>,
    #[serde(default)]
    components: BTreeMap<Name, Spanned<Vec<Version>>>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    include: Vec<Spanned<Versions>>,
    #[serde(default)]
    exclude: Vec<Spanned<Versions>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Product,
    Diagonal,
}

/// Why the inline form of a matrix cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InlineError {
    /// A part is no `component=version,version`.
    #[error("`{0}` is not of the form `component=version,version;component=version`")]
    Form(String),
    /// A name is none of a component.
    #[error(transparent)]
    Component(#[from] NameError),
    /// A version is none.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A component or a version of it stands there twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// There are too many.
    #[error("{0} combinations are more than {MOST}")]
    TooMany(usize),
}

/// The combinations of a matrix, in the order of the file; there is at least one, and none twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix(Vec<Combination>);

impl Matrix {
    /// Reads a matrix from YAML, of which JSON is a part.
    ///
    /// # Errors
    ///
    /// With the place in the file: when it is no matrix, says the same combination twice, excludes
    /// what it has not, or leaves nothing to run.
    pub fn read(file: &str, text: &str) -> Result<Self, Fault> {
        let read = serde_saphyr::from_str::<File>(text);
        let read = read.map_err(|it| Fault::of(file, text, &it))?;
        let fault = |place, message: String| Fault::at(file, text, place, message);
        let mut rows = read.combinations;
        rows.extend(read.include);
        let combined = combined(&read.components, read.mode).map_err(|it| fault(it.0, it.1))?;
        let mut kept = combined;
        for out in read.exclude {
            let (before, place) = (kept.len(), out.referenced);
            let out = combination(out.value);
            kept.retain(|it| !it.covers(&out));
            if kept.len() == before {
                return Err(fault(place, format!("nothing to exclude has {out}")));
            }
        }
        for row in rows {
            let (combination, place) = (combination(row.value), row.referenced);
            if combination.iter().next().is_none() {
                return Err(fault(place, "a combination without components".to_owned()));
            }
            if kept.contains(&combination) {
                return Err(fault(place, format!("{combination} stands there twice")));
            }
            kept.push(combination);
        }
        if kept.is_empty() {
            let nothing = "the matrix has no combination".to_owned();
            return Err(fault(serde_saphyr::Location::UNKNOWN, nothing));
        }
        Ok(Self(kept))
    }

    /// The combinations, at least one.
    #[must_use]
    pub fn combinations(&self) -> &[Combination] {
        &self.0
    }
}

fn combination(versions: Versions) -> Combination {
    versions.into_iter().map(|(name, it)| (String::from(name), it)).collect()
}

/// All combinations of the components, or why there are none, and where that shows.
fn combined(
    components: &BTreeMap<Name, Spanned<Vec<Version>>>,
    mode: Mode,
) -> Result<Vec<Combination>, (serde_saphyr::Location, String)> {
    for (name, versions) in components {
        let twice = twice(&versions.value).map(|it| format!("{name} {it} stands there twice"));
        let none = versions.value.is_empty().then(|| format!("{name} has no version"));
        if let Some(message) = twice.or(none) {
            return Err((versions.referenced, message));
        }
    }
    let lists = || components.iter().map(|(name, it)| (name, it.value.as_slice()));
    if let Mode::Product = mode {
        let place = components.values().next().map(|it| it.referenced);
        let place = place.unwrap_or(serde_saphyr::Location::UNKNOWN);
        let too_many = |it| (place, InlineError::TooMany(it).to_string());
        return product(lists()).map_err(too_many);
    }
    let longest = lists().map(|it| it.1.len()).max().unwrap_or(0);
    let odd = components.iter().find(|it| !matches!(it.1.value.len(), n if n == 1 || n == longest));
    if let Some((name, it)) = odd {
        let found = it.value.len();
        let message = format!("{name} has {found} versions, a diagonal needs 1 or {longest}");
        return Err((it.referenced, message));
    }
    let nth = |n: usize| {
        let of = |it: &[Version]| it[n.min(it.len() - 1)].clone();
        lists().map(|(name, it)| (String::from(name.clone()), of(it))).collect()
    };
    Ok((0..longest).map(nth).collect())
}

/// Each with each, the last component turning fastest; how many there are where they are too many.
fn product<'a>(
    lists: impl Iterator<Item = (&'a Name, &'a [Version])> + Clone,
) -> Result<Vec<Combination>, usize> {
    let lengths = lists.clone().map(|it| it.1.len());
    let number = lengths.fold(1, usize::saturating_mul);
    if number > MOST {
        return Err(number);
    }
    let mut rows: Vec<BTreeMap<String, Version>> = Vec::new();
    for (name, versions) in lists {
        let before = if rows.is_empty() { vec![BTreeMap::new()] } else { rows };
        let longer = before.iter().flat_map(|row| {
            versions.iter().map(|it| {
                let mut row = row.clone();
                row.insert(String::from(name.clone()), it.clone());
                row
            })
        });
        rows = longer.collect();
    }
    Ok(rows.into_iter().map(Combination::new).collect())
}

/// The first version that stands there before.
fn twice(versions: &[Version]) -> Option<&Version> {
    let repeated = versions.iter().enumerate().find(|(n, it)| versions[..*n].contains(it));
    repeated.map(|it| it.1)
}

/// The inline form: `livekit=1.8.4,1.11.0;egress=1.10.0`, each with each.
impl FromStr for Matrix {
    type Err = InlineError;

    fn from_str(text: &str) -> Result<Self, InlineError> {
        let mut components: BTreeMap<Name, Vec<Version>> = BTreeMap::new();
        for part in text.split(';') {
            let named = part.split_once('=').filter(|it| !it.1.trim().is_empty());
            let (name, versions) = named.ok_or_else(|| InlineError::Form(part.to_owned()))?;
            let name = Name::try_from(name.trim().to_owned())?;
            let versions: Vec<Version> =
                versions.split(',').map(str::parse).collect::<Result<_, _>>()?;
            if let Some(it) = twice(&versions) {
                return Err(InlineError::Twice(format!("{name}={it}")));
            }
            if components.contains_key(&name) {
                return Err(InlineError::Twice(name.to_string()));
            }
            components.insert(name, versions);
        }
        let lists = components.iter().map(|(name, it)| (name, it.as_slice()));
        Ok(Self(product(lists).map_err(InlineError::TooMany)?))
    }
}

/// One combination a line.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| writeln!(f, "{it}"))
    }
}
