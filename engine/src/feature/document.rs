//! The document of the contract, with an id for each part that pickles refer to.

use lkreport_contract::gherkin as read;

use crate::messages::{
    Background, Cell, Child, Comment, DataTable, DocString, Examples, Feature, GherkinDocument, Id,
    Location, Row, Rule, Scenario, Step, StepKind, Tag, Title,
};

/// Gives out ids while it goes through the document.
struct Ids<'a>(&'a dyn Fn() -> Id);

pub(super) fn with_ids(
    uri: &str,
    document: read::Document,
    id: &dyn Fn() -> Id,
) -> GherkinDocument {
    let ids = Ids(id);
    let language = document.language;
    let comments = document.comments.into_iter();
    let comments = comments.map(|it| Comment { location: location(it.place), text: it.text });
    GherkinDocument {
        uri: uri.to_owned(),
        feature: document.feature.map(|it| ids.feature(it, language)),
        comments: comments.collect(),
    }
}

impl Ids<'_> {
    fn feature(&self, feature: read::Feature, language: String) -> Feature {
        let mut children = self.children(feature.background, feature.scenarios);
        children.extend(feature.rules.into_iter().map(|it| Child::Rule(self.rule(it))));
        Feature { title: title(feature.title), tags: self.tags(feature.tags), language, children }
    }

    fn rule(&self, rule: read::Rule) -> Rule {
        let children = self.children(rule.background, rule.scenarios);
        Rule { tags: self.tags(rule.tags), id: (self.0)(), title: title(rule.title), children }
    }

    fn children(
        &self,
        background: Option<read::Background>,
        scenarios: Vec<read::Scenario>,
    ) -> Vec<Child> {
        let background = background.map(|it| Child::Background(self.background(it)));
        let scenarios = scenarios.into_iter().map(|it| Child::Scenario(self.scenario(it)));
        background.into_iter().chain(scenarios).collect()
    }

    fn background(&self, background: read::Background) -> Background {
        let steps = self.steps(background.steps);
        Background { id: (self.0)(), title: title(background.title), steps }
    }

    fn scenario(&self, scenario: read::Scenario) -> Scenario {
        let steps = self.steps(scenario.steps);
        let examples = scenario.examples.into_iter().map(|it| self.examples(it)).collect();
        let tags = self.tags(scenario.tags);
        Scenario { id: (self.0)(), title: title(scenario.title), tags, steps, examples }
    }

    fn examples(&self, examples: read::Examples) -> Examples {
        let rows = examples.table.map(|it| it.rows).unwrap_or_default();
        let mut rows = rows.into_iter().map(|it| self.row(it));
        let (table_header, table_body) = (rows.next(), rows.collect());
        let tags = self.tags(examples.tags);
        Examples { id: (self.0)(), title: title(examples.title), tags, table_header, table_body }
    }

    fn tags(&self, tags: Vec<read::Tag>) -> Vec<Tag> {
        let tag =
            |it: read::Tag| Tag { id: (self.0)(), location: location(it.place), name: it.name };
        tags.into_iter().map(tag).collect()
    }

    fn steps(&self, steps: Vec<read::Step>) -> Vec<Step> {
        steps.into_iter().map(|it| self.step(it)).collect()
    }

    fn step(&self, step: read::Step) -> Step {
        let (mut doc_string, mut data_table) = (None, None);
        match step.argument {
            Some(read::Argument::DocString(it)) => doc_string = Some(text(it)),
            Some(read::Argument::DataTable(it)) => data_table = self.table(it),
            None => {}
        }
        Step {
            id: (self.0)(),
            location: location(step.place),
            keyword: step.keyword,
            keyword_type: kind(step.kind),
            text: step.text,
            doc_string,
            data_table,
        }
    }

    fn table(&self, table: read::DataTable) -> Option<DataTable> {
        let rows: Vec<Row> = table.rows.into_iter().map(|it| self.row(it)).collect();
        let location = rows.first()?.location;
        Some(DataTable { location, rows })
    }

    fn row(&self, row: read::Row) -> Row {
        let cell = |it: read::Cell| Cell { location: location(it.place), value: it.value };
        let cells = row.cells.into_iter().map(cell).collect();
        Row { id: (self.0)(), location: location(row.place), cells }
    }
}

fn text(it: read::DocString) -> DocString {
    DocString {
        location: location(it.place),
        media_type: it.media_type,
        content: it.content,
        delimiter: it.delimiter,
    }
}

fn title(it: read::Title) -> Title {
    Title {
        location: location(it.place),
        keyword: it.keyword,
        name: it.name,
        description: it.description,
    }
}

fn location(place: read::Place) -> Location {
    Location { line: place.line, column: Some(place.column) }
}

fn kind(kind: read::StepKind) -> StepKind {
    match kind {
        read::StepKind::Context => StepKind::Context,
        read::StepKind::Action => StepKind::Action,
        read::StepKind::Outcome => StepKind::Outcome,
        read::StepKind::Conjunction => StepKind::Conjunction,
        read::StepKind::Unknown => StepKind::Unknown,
    }
}
