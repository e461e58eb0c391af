//! `/features/<path>/`: what does the product promise, and is it kept?

use std::collections::BTreeSet;

use lkreport_contract::gherkin::{Argument, Background, Examples, Step, Tag, Title};

use super::{
    context::{Context, state_mark},
    features::{area_of, link, tag_links, tags_of},
    judged::passed_of,
};
use crate::{
    history::Outline,
    issues::Issue,
    model::{FeatureFile, Outcome, Run, rows, with_values},
    render::{
        address,
        mark::Mark,
        view::{
            BackgroundView, ExampleRow, ExamplesView, FeaturePage, FeatureStep, Link, Related,
            RuleView, ScenarioView, Section, VersionRow,
        },
    },
    report::{FeatureFact, OnVersion, ScenarioFact},
};

/// How many features of one kind a list of related ones names.
const RELATED: usize = 12;

/// Steps without a definition, each with the case that has it.
pub(in crate::render) type Undefined = BTreeSet<(u32, String)>;

/// The steps of a run for which there was no definition; `results` are those of its cases.
pub(in crate::render) fn undefined(run: &Run, results: &[Option<Outline>]) -> Undefined {
    let places =
        results.iter().zip(&run.cases).filter_map(|(it, case)| Some((it.as_ref()?.case, case)));
    let open = places.filter(|(_, case)| case.outcome() == Outcome::Undefined);
    let steps = open.flat_map(|(place, case)| {
        let details = case.attempts.iter().filter_map(|it| it.detail.as_ref());
        let steps = details.flat_map(|it| &it.steps);
        steps
            .filter(|it| it.outcome == Outcome::Undefined)
            .map(move |it| (place, it.text.to_string()))
    });
    steps.collect()
}

/// The page of each feature.
pub(in crate::render) fn features(
    context: &Context<'_>,
    undefined: &Undefined,
) -> Vec<(String, FeaturePage)> {
    let files = &context.report.features.files;
    files.iter().map(|it| feature(context, it, undefined)).collect()
}

fn feature(
    context: &Context<'_>,
    fact: &FeatureFact,
    undefined: &Undefined,
) -> (String, FeaturePage) {
    let FeatureFile { path, feature, language } = &fact.file;
    let at = address::feature(path);
    let title = if feature.title.name.is_empty() { path } else { &feature.title.name };
    let mut shell = context.shell(&at, Section::Features, title.as_str());
    shell.crumbs = vec![Link { text: "Features".to_owned(), href: address::features("") }];
    shell.mark = fact.versions.first().map(|it| state_mark(it.state));
    shell.answer = answer(context, fact);
    let cases: BTreeSet<u32> = fact.scenarios.iter().flat_map(|it| it.cases.clone()).collect();
    let mine: Undefined = undefined.iter().filter(|it| cases.contains(&it.0)).cloned().collect();
    let page = Page { context, fact, undefined: &mine };
    let first = RuleView {
        title: String::new(),
        tags: Vec::new(),
        purpose: Vec::new(),
        background: None,
        scenarios: page.scenarios(None),
    };
    let rules = feature.rules.iter().enumerate().map(|(n, rule)| RuleView {
        title: titled(&rule.title),
        tags: tag_links(&rule.tags),
        purpose: paragraphs(&rule.title.description),
        background: rule.background.as_ref().map(|it| page.background(it)),
        scenarios: page.scenarios(Some(n)),
    });
    let has_some = |it: &RuleView| !it.title.is_empty() || !it.scenarios.is_empty();
    let view = FeaturePage {
        path: path.clone(),
        language: if language == "en" { String::new() } else { language.clone() },
        tags: tag_links(&feature.tags),
        purpose: paragraphs(&feature.title.description),
        versions: version_rows(context, &fact.versions),
        component: context.report.features.component.clone().unwrap_or_default(),
        background: feature.background.as_ref().map(|it| page.background(it)),
        parts: std::iter::once(first).chain(rules).filter(has_some).collect(),
        undefined: mine
            .iter()
            .map(|it| &it.1)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect(),
        issues: issues(context, &cases),
        related: related(context, fact),
        shell,
    };
    (at, view)
}

/// The known issues that explain failures of these cases.
fn issues(context: &Context<'_>, cases: &BTreeSet<u32>) -> Vec<Link> {
    let link =
        |it: &Issue| Link { text: format!("{} {}", it.id, it.title), href: address::issue(&it.id) };
    context.report.knowledge.of_cases(cases).map(link).collect()
}

fn answer(context: &Context<'_>, fact: &FeatureFact) -> String {
    let Some(newest) = fact.versions.first() else {
        return "No run has tried any of it yet.".to_owned();
    };
    let on = on_version(context, newest);
    let open = fact.scenarios.iter().filter(|it| it.cases.is_empty()).count();
    let untried = match open {
        0 => String::new(),
        1 => " One scenario was never run.".to_owned(),
        n => format!(" {n} scenarios were never run."),
    };
    format!("{}{on}.{untried}", passed_of(&newest.counts, 0))
}

/// `on livekit 1.13.5`, where the version is named.
pub(super) fn on_version(context: &Context<'_>, it: &OnVersion) -> String {
    let component = context.report.features.component.as_deref().unwrap_or_default();
    it.version.as_ref().map(|it| format!(" on {component} {it}")).unwrap_or_default()
}

fn version_rows(context: &Context<'_>, versions: &[OnVersion]) -> Vec<VersionRow> {
    let row = |it: &OnVersion| VersionRow {
        version: it.version.as_ref().map_or_else(|| "not named".to_owned(), ToString::to_string),
        mark: state_mark(it.state),
        passed: passed_of(&it.counts, 0),
        run: context.run_link(it.last_run),
        last_pass: it.last_pass.map(|it| context.run_link(it)),
    };
    versions.iter().map(row).collect()
}

/// Keyword and name of what a line opens.
fn titled(title: &Title) -> String {
    let joint = if title.name.is_empty() { "" } else { ": " };
    format!("{}{joint}{}", title.keyword, title.name)
}

/// A description as paragraphs, which blank lines divide.
pub(super) fn paragraphs(description: &str) -> Vec<String> {
    let lines: Vec<&str> = description.lines().map(str::trim).collect();
    let parts = lines.split(|it| it.is_empty()).filter(|it| !it.is_empty());
    parts.map(|it| it.join("\n")).collect()
}

fn related(context: &Context<'_>, fact: &FeatureFact) -> Vec<Related> {
    let others =
        || context.report.features.files.iter().filter(|it| it.file.path != fact.file.path);
    let area = area_of(&fact.file.path);
    let beside = others().filter(|it| area_of(&it.file.path) == area);
    let list = |what: String, of: &mut dyn Iterator<Item = &FeatureFact>| Related {
        what,
        features: of.take(RELATED).map(link).collect(),
    };
    let mut all = vec![list(format!("In {area}"), &mut beside.into_iter())];
    for tag in tags_of(&fact.file) {
        let sharing: Vec<_> = others().filter(|it| tags_of(&it.file).contains(tag)).collect();
        // What nearly all have in common says nothing of this one; the index lists it.
        if sharing.len() <= RELATED {
            all.push(list(format!("With {tag}"), &mut sharing.into_iter()));
        }
    }
    all.retain(|it| !it.features.is_empty());
    all
}

struct Page<'a> {
    context: &'a Context<'a>,
    fact: &'a FeatureFact,
    undefined: &'a Undefined,
}

impl Page<'_> {
    fn scenarios(&self, rule: Option<usize>) -> Vec<ScenarioView> {
        let all = self.fact.file.scenarios().zip(&self.fact.scenarios).enumerate();
        let mine = all.filter(|(_, ((of, _), _))| *of == rule);
        mine.map(|(n, ((_, it), fact))| self.scenario(n, it, fact)).collect()
    }

    fn scenario(
        &self,
        n: usize,
        it: &lkreport_contract::gherkin::Scenario,
        fact: &ScenarioFact,
    ) -> ScenarioView {
        let values: Vec<Vec<(&str, &str)>> = rows(&it.examples).collect();
        let mut results = fact.rows.iter();
        let tables = it.examples.iter().map(|it| self.examples(it, &mut results)).collect();
        let newest = fact.versions.first();
        ScenarioView {
            mark: newest.map_or(Mark::Untested, |it| state_mark(it.state)),
            keyword: it.title.keyword.clone(),
            name: it.title.name.clone(),
            anchor: anchor(n),
            line: it.title.place.line,
            case: match fact.cases[..] {
                [case] => Some(self.context.case_link(case)),
                _ => None,
            },
            tags: tag_links(&it.tags),
            purpose: paragraphs(&it.title.description),
            steps: it.steps.iter().map(|it| self.step(it, &values)).collect(),
            examples: tables,
            versions: version_rows(self.context, &fact.versions),
        }
    }

    fn background(&self, it: &Background) -> BackgroundView {
        BackgroundView {
            title: titled(&it.title),
            purpose: paragraphs(&it.title.description),
            steps: it.steps.iter().map(|it| self.step(it, &[])).collect(),
        }
    }

    fn step(&self, it: &Step, rows: &[Vec<(&str, &str)>]) -> FeatureStep {
        let line = format!("{} {}", it.keyword.trim(), it.text.trim());
        let is_open = |text: &str| self.undefined.iter().any(|it| it.1 == text.trim());
        let (mut media, mut doc, mut table) = (String::new(), None, Vec::new());
        match &it.argument {
            Some(Argument::DocString(it)) => {
                media = it.media_type.clone().unwrap_or_default();
                doc = Some(it.content.clone());
            }
            Some(Argument::DataTable(it)) => table = it.rows.iter().map(cells).collect(),
            None => {}
        }
        FeatureStep {
            keyword: it.keyword.trim().to_owned(),
            text: it.text.clone(),
            undefined: is_open(&line) || rows.iter().any(|row| is_open(&with_values(&line, row))),
            media,
            doc,
            table,
        }
    }

    fn examples<'b>(
        &self,
        it: &Examples,
        results: &mut impl Iterator<Item = &'b Option<u32>>,
    ) -> ExamplesView {
        let all = it.table.as_ref().map_or(&[][..], |it| &it.rows);
        let row = |row: &lkreport_contract::gherkin::Row| {
            let case = results.next().copied().flatten();
            ExampleRow {
                cells: cells(row),
                mark: case.map_or(Mark::Untested, |it| self.context.case_mark(it)),
                case: case.map(|it| self.context.case_link(it)),
            }
        };
        ExamplesView {
            title: titled(&it.title),
            tags: tag_links(&it.tags),
            purpose: paragraphs(&it.title.description),
            head: all.first().map(cells).unwrap_or_default(),
            rows: all.iter().skip(1).map(row).collect(),
        }
    }
}

fn cells(row: &lkreport_contract::gherkin::Row) -> Vec<String> {
    row.cells.iter().map(|it| it.value.clone()).collect()
}

/// The anchor of a scenario, by its place in the file.
pub(super) fn anchor(n: usize) -> String {
    format!("s{}", n + 1)
}

/// The page that documents a case, with the anchor of its scenario.
pub(super) fn documented(context: &Context<'_>, case: u32) -> Option<Link> {
    let (file, scenario) = context.report.features.places.get(&case)?;
    let it = link(&context.report.features.files[*file]);
    Some(Link { href: format!("{}#{}", it.href, anchor(*scenario)), ..it })
}

/// The tags of a feature and of everything in it.
pub(super) fn all_tags(file: &FeatureFile) -> Vec<&Tag> {
    let rules = file.feature.rules.iter().flat_map(|it| &it.tags);
    let scenarios = file
        .scenarios()
        .flat_map(|(_, it)| it.tags.iter().chain(it.examples.iter().flat_map(|it| &it.tags)));
    file.feature.tags.iter().chain(rules).chain(scenarios).collect()
}
