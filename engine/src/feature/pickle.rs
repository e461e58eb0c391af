//! Scenarios as they will run: backgrounds in front, tags inherited, a pickle for each example row.

use crate::messages::{
    Child, Examples, Feature, GherkinDocument, Id, Origin, Pickle, PickleArgument, PickleCell,
    PickleDocString, PickleRow, PickleStep, PickleTable, PickleTag, Row, Scenario, Step, StepKind,
    Tag,
};

pub(super) fn pickles(document: &GherkinDocument, id: &dyn Fn() -> Id) -> Vec<Pickle> {
    let Some(feature) = &document.feature else { return Vec::new() };
    let mut compiler = Compiler { uri: &document.uri, feature, id, pickles: Vec::new() };
    let around = Around { rule: None, tags: feature.tags.iter().collect(), background: Vec::new() };
    compiler.children(&feature.children, around);
    compiler.pickles
}

struct Compiler<'a> {
    uri: &'a str,
    feature: &'a Feature,
    id: &'a dyn Fn() -> Id,
    pickles: Vec<Pickle>,
}

/// What a scenario inherits.
#[derive(Clone)]
struct Around<'a> {
    rule: Option<&'a str>,
    tags: Vec<&'a Tag>,
    background: Vec<&'a Step>,
}

/// One row of examples, under the names of its table.
#[derive(Clone, Copy)]
struct Example<'a> {
    header: &'a Row,
    row: &'a Row,
}

impl<'a> Compiler<'a> {
    fn children(&mut self, children: &'a [Child], mut around: Around<'a>) {
        for child in children {
            match child {
                Child::Background(it) => around.background.extend(&it.steps),
                Child::Scenario(it) => self.scenario(it, &around),
                Child::Rule(it) => {
                    let mut inside = around.clone();
                    inside.rule = Some(&it.title.name);
                    inside.tags.extend(&it.tags);
                    self.children(&it.children, inside);
                }
            }
        }
    }

    fn scenario(&mut self, scenario: &'a Scenario, around: &Around<'a>) {
        if scenario.examples.is_empty() {
            self.pickle(scenario, around, &[], None);
        }
        for Examples { tags, table_header, table_body, .. } in &scenario.examples {
            let Some(header) = table_header else { continue };
            for row in table_body {
                self.pickle(scenario, around, tags, Some(Example { header, row }));
            }
        }
    }

    fn pickle(
        &mut self,
        scenario: &'a Scenario,
        around: &Around<'a>,
        tags: &'a [Tag],
        example: Option<Example<'a>>,
    ) {
        let tags = around.tags.iter().copied().chain(&scenario.tags).chain(tags);
        let tag = |it: &Tag| PickleTag { name: it.name.clone(), ast_node_id: it.id };
        let row = example.map(|it| it.row);
        self.pickles.push(Pickle {
            steps: self.steps(scenario, around, example),
            id: (self.id)(),
            uri: self.uri.to_owned(),
            location: row.map_or(scenario.title.location, |it| it.location),
            ast_node_ids: [scenario.id].into_iter().chain(row.map(|it| it.id)).collect(),
            tags: tags.map(tag).collect(),
            name: filled(&scenario.title.name, example),
            language: self.feature.language.clone(),
            origin: Origin {
                feature: self.feature.title.name.clone(),
                rule: around.rule.map(str::to_owned),
                example: example.map(values).unwrap_or_default(),
                line: scenario.title.location.line,
            },
        });
    }

    /// The steps of the backgrounds are those of every scenario that has any of its own.
    fn steps(
        &self,
        scenario: &Scenario,
        around: &Around<'_>,
        example: Option<Example<'_>>,
    ) -> Vec<PickleStep> {
        if scenario.steps.is_empty() {
            return Vec::new();
        }
        let background = around.background.iter().map(|it| (*it, None));
        let own = scenario.steps.iter().map(|it| (it, example));
        let mut kind = StepKind::Unknown;
        let steps = background.chain(own).map(|(step, example)| {
            if step.keyword_type != StepKind::Conjunction {
                kind = step.keyword_type;
            }
            let row = example.map(|it| it.row.id);
            PickleStep {
                id: (self.id)(),
                text: filled(&step.text, example),
                kind,
                ast_node_ids: [step.id].into_iter().chain(row).collect(),
                argument: argument(step, example),
                location: step.location,
            }
        });
        steps.collect()
    }
}

fn argument(step: &Step, example: Option<Example<'_>>) -> Option<PickleArgument> {
    if let Some(text) = &step.doc_string {
        return Some(PickleArgument::DocString(PickleDocString {
            media_type: text.media_type.as_deref().map(|it| filled(it, example)),
            content: filled(&text.content, example),
        }));
    }
    let table = step.data_table.as_ref()?;
    let row = |row: &Row| PickleRow {
        cells: row
            .cells
            .iter()
            .map(|it| PickleCell { value: filled(&it.value, example) })
            .collect(),
    };
    Some(PickleArgument::DataTable(PickleTable { rows: table.rows.iter().map(row).collect() }))
}

/// The text with the values of the example in place of `<name>`.
///
/// It is read once, so that a value that looks like a placeholder stays what it is.
fn filled(text: &str, example: Option<Example<'_>>) -> String {
    let Some(Example { header, row }) = example else { return text.to_owned() };
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('<') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = |name: &str| rest[1..].strip_prefix(name).is_some_and(|it| it.starts_with('>'));
        let cells = header.cells.iter().zip(&row.cells);
        let found = cells.into_iter().find(|(name, _)| named(&name.value));
        let (value, taken) =
            found.map_or(("<", 1), |(name, it)| (it.value.as_str(), name.value.len() + 2));
        filled.push_str(value);
        rest = &rest[taken..];
    }
    filled + rest
}

fn values(Example { header, row }: Example<'_>) -> Vec<(String, String)> {
    let names = header.cells.iter().map(|it| it.value.clone());
    names.zip(row.cells.iter().map(|it| it.value.clone())).collect()
}
