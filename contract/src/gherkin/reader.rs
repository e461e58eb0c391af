//! Lines become a document: the order in which the parts of a feature file may stand.

use super::{
    Argument, Background, Comment, DataTable, DocString, Document, Examples, Feature, Place, Row,
    Rule, Scenario, Step, SyntaxError, Tag, Title,
    language::{Keywords, keywords},
    line::{Kind, Line, count},
};

/// After so many errors, the rest is likely to follow from them.
const MOST_ERRORS: usize = 20;

/// What may open the next part of a feature, a rule or a scenario.
const PARTS: &[Kind] = &[Kind::Tags, Kind::Background, Kind::Scenario, Kind::Examples, Kind::Rule];

pub(super) fn read(text: &str) -> Result<Document, Vec<SyntaxError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: text.lines().collect(),
        at: 0,
        keywords: keywords("en").expect("the table holds English"),
        comments: Vec::new(),
        errors: Vec::new(),
    };
    let language = reader.language();
    let feature = reader.file();
    let Reader { comments, mut errors, .. } = reader;
    errors.sort_by_key(|it| it.place);
    errors.truncate(MOST_ERRORS);
    if errors.is_empty() { Ok(Document { language, feature, comments }) } else { Err(errors) }
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    /// The line that is read next.
    at: usize,
    keywords: &'static Keywords,
    comments: Vec<Comment>,
    errors: Vec<SyntaxError>,
}

impl<'a> Reader<'a> {
    fn look(&self, at: usize) -> Line<'a> {
        let number = count(at) + 1;
        let text = self.lines.get(at);
        text.map_or(Line::end(number), |text| Line::new(text, number, self.keywords))
    }

    /// The next line that is neither blank nor a comment; it stays the next one.
    fn peek(&mut self) -> Line<'a> {
        loop {
            let line = self.look(self.at);
            match line.kind {
                Kind::Comment => self.comment(),
                Kind::Blank => {}
                _ => return line,
            }
            self.at += 1;
        }
    }

    /// What stands behind the tags that come next.
    fn behind_tags(&self) -> Kind {
        let skipped = [Kind::Tags, Kind::Comment, Kind::Blank];
        let mut kinds = (self.at..).map(|at| self.look(at).kind);
        kinds.find(|it| !skipped.contains(it)).unwrap_or(Kind::End)
    }

    fn comment(&mut self) {
        let place = Place { line: count(self.at) + 1, column: 1 };
        self.comments.push(Comment { place, text: self.lines[self.at].to_owned() });
    }

    fn wrong(&mut self, place: Place, message: String) {
        self.errors.push(SyntaxError { place, message });
    }

    /// Says that something else was expected, and leaves the line behind.
    fn unexpected(&mut self, expected: &str) {
        let line = self.peek();
        if line.kind == Kind::End {
            self.wrong(line.place, format!("the file ends where {expected} was expected"));
            return;
        }
        let text = self.lines[self.at].trim();
        let start: String = text.chars().take(60).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        self.wrong(line.place, format!("expected {expected}, found `{start}{more}`"));
        self.at += 1;
        // The end of a file that is wrong throughout would be no news.
        if self.errors.len() >= MOST_ERRORS {
            self.at = self.lines.len();
        }
    }

    /// As [`Self::unexpected`], for a line whose whole part has no place.
    fn unexpected_part(&mut self, expected: &str) {
        self.unexpected(expected);
        while !PARTS.contains(&self.peek().kind) && self.at < self.lines.len() {
            self.at += 1;
        }
    }

    /// `# language: de`, which may stand only before everything but comments.
    fn language(&mut self) -> String {
        let english = || "en".to_owned();
        loop {
            let line = self.look(self.at);
            match line.kind {
                Kind::Blank => {}
                Kind::Comment => match language_of(line.rest) {
                    Some(name) => {
                        self.at += 1;
                        match keywords(name) {
                            Some(found) => self.keywords = found,
                            None => {
                                self.wrong(line.place, format!("no language is named `{name}`"));
                            }
                        }
                        return name.to_owned();
                    }
                    None => self.comment(),
                },
                _ => return english(),
            }
            self.at += 1;
        }
    }

    fn file(&mut self) -> Option<Feature> {
        // Without its keywords nothing in the file can be judged.
        if !self.errors.is_empty() {
            return None;
        }
        let mut tags = Vec::new();
        loop {
            match self.peek().kind {
                Kind::Feature => break,
                Kind::Tags => tags.append(&mut self.tags()),
                Kind::End if tags.is_empty() => return None,
                Kind::End => {
                    self.unexpected("a feature after the tags");
                    return None;
                }
                _ => self.unexpected("a feature"),
            }
        }
        let title = self.title(&[Kind::Tags, Kind::Background, Kind::Scenario, Kind::Rule]);
        let (background, scenarios) = (self.background(), self.scenarios());
        let mut rules = Vec::new();
        loop {
            let tags = self.tags();
            match self.peek().kind {
                Kind::Rule => rules.push(self.rule(tags)),
                Kind::End if tags.is_empty() => break,
                _ => {
                    self.unexpected("a scenario or a rule after the tags");
                    break;
                }
            }
        }
        Some(Feature { title, tags, background, scenarios, rules })
    }

    fn rule(&mut self, tags: Vec<Tag>) -> Rule {
        let title = self.title(&[Kind::Tags, Kind::Background, Kind::Scenario, Kind::Rule]);
        Rule { title, tags, background: self.background(), scenarios: self.scenarios() }
    }

    fn background(&mut self) -> Option<Background> {
        if self.peek().kind != Kind::Background {
            return None;
        }
        let title = self.title(&[Kind::Tags, Kind::Scenario, Kind::Rule]);
        Some(Background { title, steps: self.steps() })
    }

    fn scenarios(&mut self) -> Vec<Scenario> {
        let mut scenarios = Vec::new();
        loop {
            match self.behind_tags() {
                Kind::Scenario => scenarios.push(self.scenario()),
                Kind::Rule | Kind::End => return scenarios,
                kind => {
                    _ = self.tags();
                    self.unexpected_part(match kind {
                        Kind::Background => "the background once, before the first scenario",
                        Kind::Examples => "a scenario before its examples",
                        _ => "a scenario or a rule",
                    });
                }
            }
        }
    }

    fn scenario(&mut self) -> Scenario {
        let tags = self.tags();
        let title = self.title(&[Kind::Tags, Kind::Scenario, Kind::Examples, Kind::Rule]);
        let steps = self.steps();
        let mut examples = Vec::new();
        while self.behind_tags() == Kind::Examples {
            examples.push(self.examples());
        }
        Scenario { title, tags, steps, examples }
    }

    fn examples(&mut self) -> Examples {
        let tags = self.tags();
        let stops = [Kind::Row, Kind::Tags, Kind::Scenario, Kind::Examples, Kind::Rule];
        let title = self.title(&stops);
        let table = self.table();
        while !PARTS.contains(&self.peek().kind) && self.at < self.lines.len() {
            self.unexpected("a row, further examples, a scenario or a rule");
        }
        Examples { title, tags, table }
    }

    fn tags(&mut self) -> Vec<Tag> {
        let mut tags = Vec::new();
        loop {
            let line = self.peek();
            if line.kind != Kind::Tags {
                return tags;
            }
            match line.tags() {
                Ok(mut found) => tags.append(&mut found),
                Err(place) => self.wrong(place, "a tag may not hold a blank".to_owned()),
            }
            self.at += 1;
        }
    }

    /// The line that opens a part, and its description, which ends before any of `stops`.
    fn title(&mut self, stops: &[Kind]) -> Title {
        let line = self.peek();
        self.at += 1;
        // Steps stand in what has no background of its own.
        let steps = !stops.contains(&Kind::Background) && !stops.contains(&Kind::Row);
        let is_stop = |kind| {
            stops.contains(&kind) || kind == Kind::End || steps && matches!(kind, Kind::Step(_))
        };
        let mut description = Vec::new();
        if !is_stop(self.peek().kind) {
            loop {
                match self.look(self.at).kind {
                    kind if is_stop(kind) => break,
                    Kind::Comment => self.comment(),
                    _ => description.push(self.lines[self.at]),
                }
                self.at += 1;
            }
        }
        while description.last().is_some_and(|it| it.trim().is_empty()) {
            description.pop();
        }
        Title {
            place: line.place,
            keyword: line.keyword.to_owned(),
            name: line.rest.to_owned(),
            description: description.join("\n"),
        }
    }

    fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            let line = self.peek();
            match line.kind {
                Kind::Step(kind) => {
                    self.at += 1;
                    steps.push(Step {
                        place: line.place,
                        keyword: line.keyword.to_owned(),
                        kind,
                        text: line.rest.to_owned(),
                        argument: self.argument(),
                    });
                }
                Kind::Row | Kind::DocString => {
                    self.unexpected("one table or one doc string after a step");
                }
                Kind::Other | Kind::Feature => {
                    self.unexpected("a step, a table, a doc string or the next scenario");
                }
                _ => return steps,
            }
        }
    }

    fn argument(&mut self) -> Option<Argument> {
        match self.peek().kind {
            Kind::Row => self.table().map(Argument::DataTable),
            Kind::DocString => Some(Argument::DocString(self.doc_string())),
            _ => None,
        }
    }

    fn table(&mut self) -> Option<DataTable> {
        let mut rows: Vec<Row> = Vec::new();
        let mut uneven = false;
        loop {
            let line = self.peek();
            if line.kind != Kind::Row {
                return (!rows.is_empty()).then_some(DataTable { rows });
            }
            let row = line.row();
            let (cells, first) =
                (row.cells.len(), rows.first().map_or(row.cells.len(), |it| it.cells.len()));
            // The rows after it are judged by the first one too, but one error a table is enough.
            if cells != first && !uneven {
                uneven = true;
                self.wrong(
                    line.place,
                    format!("the row has {cells} cells, and the first one of its table {first}"),
                );
            }
            rows.push(row);
            self.at += 1;
        }
    }

    fn doc_string(&mut self) -> DocString {
        let line = self.peek();
        let opened = self.lines[self.at];
        let indent = opened.chars().take_while(|it| it.is_whitespace()).count();
        let escaped = if line.keyword == "```" { r"\`\`\`" } else { r#"\"\"\""# };
        let mut content: Vec<String> = Vec::new();
        loop {
            self.at += 1;
            let Some(text) = self.lines.get(self.at) else {
                let message = format!(
                    "the file ends inside the doc string that line {} opens",
                    line.place.line
                );
                self.wrong(self.look(self.at).place, message);
                break;
            };
            if text.trim_start().starts_with(line.keyword) {
                self.at += 1;
                break;
            }
            content.push(unindented(text, indent).replace(escaped, line.keyword));
        }
        DocString {
            place: line.place,
            delimiter: line.keyword.to_owned(),
            media_type: (!line.rest.is_empty()).then(|| line.rest.to_owned()),
            content: content.join("\n"),
        }
    }
}

/// A line without up to `indent` blanks at its start.
fn unindented(text: &str, indent: usize) -> &str {
    let blanks = text.char_indices().take(indent).take_while(|(_, it)| it.is_whitespace());
    let end = blanks.last().map_or(0, |(at, it)| at + it.len_utf8());
    &text[end..]
}

/// `de` of `# language: de`.
fn language_of(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix('#')?.trim_start().strip_prefix("language")?;
    let name = rest.trim_start().strip_prefix(':')?.trim();
    let plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}
