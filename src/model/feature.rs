//! A feature file, as it is documented.

use lkreport_contract::gherkin::{Document, Examples, Feature, Scenario};

/// A feature file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureFile {
    /// Its path, the same on every machine, such as `features/rooms/join.feature`.
    pub path: String,
    /// What it says.
    pub feature: Feature,
    /// The language of its keywords, such as `en`.
    pub language: String,
}

impl FeatureFile {
    /// The file at `path`; none where nothing but comments stands in it.
    #[must_use]
    pub fn new(path: String, document: Document) -> Option<Self> {
        Some(Self { path, feature: document.feature?, language: document.language })
    }

    /// Its scenarios in the order of the file, each with the place of its rule among the rules.
    pub fn scenarios(&self) -> impl Iterator<Item = (Option<usize>, &Scenario)> {
        let rules = self.feature.rules.iter().enumerate();
        let ruled = rules.flat_map(|(n, rule)| rule.scenarios.iter().map(move |it| (Some(n), it)));
        self.feature.scenarios.iter().map(|it| (None, it)).chain(ruled)
    }

    /// Whether its path and that of a result are those of one file, seen from different folders.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        let ends = |whole: &str, end: &str| {
            whole.strip_suffix(end).is_some_and(|it| it.is_empty() || it.ends_with('/'))
        };
        ends(path, &self.path) || ends(&self.path, path)
    }
}

/// The values of each row of examples with the names of the columns, in the order of the file.
pub fn rows(examples: &[Examples]) -> impl Iterator<Item = Vec<(&str, &str)>> {
    let tables = examples.iter().filter_map(|it| it.table.as_ref());
    tables.flat_map(|table| {
        let mut rows = table.rows.iter();
        let head = rows.next();
        rows.map(move |row| {
            let names = head.into_iter().flat_map(|it| &it.cells).map(|it| it.value.as_str());
            names.zip(row.cells.iter().map(|it| it.value.as_str())).collect()
        })
    })
}

/// `text` with the values of a row of examples in the place of `<name>`.
#[must_use]
pub fn with_values(text: &str, row: &[(&str, &str)]) -> String {
    row.iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}
