//! Feature files as markdown pages, for a folder that is committed to a repository.

use std::fmt::Write;

use lkreport_contract::gherkin::{Argument, Background, DataTable, Scenario, Step, Tag};

use super::{escape::markdown_cell, format};
use crate::{
    history::Past,
    issues::Issue,
    model::FeatureFile,
    report::{FeatureFact, OnVersion, Report, ScenarioFact},
};

/// The pages by their names below the folder: one a feature, and `README.md`, which lists them.
#[must_use]
pub fn pages(past: &Past, report: &Report) -> Vec<(String, String)> {
    let page = Pages { past, report };
    let files = &report.features.files;
    let mut all: Vec<(String, String)> = files.iter().map(|it| page.feature(it)).collect();
    all.push(("README.md".to_owned(), page.index()));
    all
}

struct Pages<'a> {
    past: &'a Past,
    report: &'a Report,
}

/// Where the page of a feature stands below the folder.
fn name_of(path: &str) -> String {
    let below = path.strip_prefix("features/").unwrap_or(path);
    let parts = below.split('/').filter(|it| !matches!(*it, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/") + ".md"
}

impl Pages<'_> {
    fn index(&self) -> String {
        let mut text = "# Features\n\n| Feature | Scenarios | Now |\n|---|---:|---|\n".to_owned();
        for it in &self.report.features.files {
            let newest =
                it.versions.first().map_or_else(|| "never run".to_owned(), |it| self.now(it));
            _ = writeln!(
                text,
                "| [{}]({}) | {} | {newest} |",
                title(&it.file),
                address(&name_of(&it.file.path)),
                it.scenarios.len(),
            );
        }
        text
    }

    fn feature(&self, fact: &FeatureFact) -> (String, String) {
        let FeatureFile { path, feature, .. } = &fact.file;
        let mut text = format!(
            "# {}\n\n`{}`{}\n\n",
            title(&fact.file),
            path.replace('`', "'"),
            tags(&feature.tags)
        );
        purpose(&mut text, &feature.title.description);
        self.versions(&mut text, &fact.versions);
        self.issues(&mut text, fact);
        background(&mut text, feature.background.as_ref());
        let mut rule_before = None;
        for ((rule, scenario), result) in fact.file.scenarios().zip(&fact.scenarios) {
            if rule != rule_before
                && let Some(it) = rule.map(|it| &feature.rules[it])
            {
                _ = writeln!(
                    text,
                    "## {}{}\n",
                    titled(&it.title.keyword, &it.title.name),
                    tags(&it.tags)
                );
                purpose(&mut text, &it.title.description);
                background(&mut text, it.background.as_ref());
            }
            rule_before = rule;
            self.scenario(&mut text, scenario, result);
        }
        (name_of(path), text.trim_end().to_owned() + "\n")
    }

    fn scenario(&self, text: &mut String, it: &Scenario, fact: &ScenarioFact) {
        _ = writeln!(text, "### {}{}\n", titled(&it.title.keyword, &it.title.name), tags(&it.tags));
        purpose(text, &it.title.description);
        steps(text, &it.steps);
        for it in &it.examples {
            _ = writeln!(
                text,
                "**{}**{}\n",
                titled(&it.title.keyword, &it.title.name),
                tags(&it.tags)
            );
            purpose(text, &it.title.description);
            it.table.iter().for_each(|it| table(text, it, ""));
        }
        let now = fact.versions.first().map_or_else(|| "never run".to_owned(), |it| self.now(it));
        _ = writeln!(text, "Now: {now}\n");
    }

    fn versions(&self, text: &mut String, versions: &[OnVersion]) {
        if versions.is_empty() {
            *text += "No run has tried any of it yet.\n\n";
            return;
        }
        let component = self.report.features.component.as_deref().unwrap_or("Version");
        _ = writeln!(text, "| {} | Outcome | Last pass |\n|---|---|---|", markdown_cell(component));
        for it in versions {
            let version = it.version.as_ref().map_or("not named", |it| it.as_str());
            let pass = it.last_pass.map_or_else(|| "never".to_owned(), |it| self.date(it));
            _ = writeln!(text, "| {} | {} | {pass} |", markdown_cell(version), it.state.word());
        }
        text.push('\n');
    }

    /// The known issues that explain failures of its scenarios.
    fn issues(&self, text: &mut String, fact: &FeatureFact) {
        let cases = fact.scenarios.iter().flat_map(|it| it.cases.clone()).collect();
        let all: Vec<&Issue> = self.report.knowledge.of_cases(&cases).collect();
        if !all.is_empty() {
            *text += "Known issues:\n\n";
            all.iter().for_each(|it| {
                _ = writeln!(text, "- {} {}", markdown_cell(&it.id), markdown_cell(&it.title));
            });
            text.push('\n');
        }
    }

    /// What came out last, where and when.
    fn now(&self, it: &OnVersion) -> String {
        let component = self.report.features.component.as_deref().unwrap_or_default();
        let on = it.version.as_ref().map(|it| format!(" on {component} {it}")).unwrap_or_default();
        markdown_cell(&format!("{}{on}, {}", it.state.word(), self.date(it.last_run)))
    }

    fn date(&self, run: usize) -> String {
        format::date(self.past.runs[run].head.started)
    }
}

fn title(file: &FeatureFile) -> String {
    let name = file.feature.title.name.as_str();
    markdown_cell(if name.is_empty() { &file.path } else { name })
}

fn titled(keyword: &str, name: &str) -> String {
    let joint = if name.is_empty() { "" } else { ": " };
    format!("{}{joint}{}", markdown_cell(keyword), markdown_cell(name))
}

fn tags(tags: &[Tag]) -> String {
    tags.iter().map(|it| format!(" `{}`", it.name.replace('`', "'"))).collect()
}

/// A relative address: what could end the link or is no part of a path is written by its bytes.
fn address(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    name.bytes()
        .map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") })
        .collect()
}

fn purpose(text: &mut String, description: &str) {
    for line in description.lines() {
        _ = writeln!(text, "{}", markdown_cell(line.trim()));
    }
    if !description.is_empty() {
        text.push('\n');
    }
}

fn background(text: &mut String, it: Option<&Background>) {
    if let Some(it) = it {
        _ = writeln!(text, "### {}\n", titled(&it.title.keyword, &it.title.name));
        purpose(text, &it.title.description);
        steps(text, &it.steps);
    }
}

fn steps(text: &mut String, steps: &[Step]) {
    for it in steps {
        _ = writeln!(
            text,
            "- **{}** {}",
            markdown_cell(it.keyword.trim()),
            markdown_cell(&it.text)
        );
        match &it.argument {
            Some(Argument::DocString(it)) => {
                let ticks = it.content.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(ticks.max(2) + 1);
                _ = writeln!(text, "\n  {fence}");
                it.content.lines().for_each(|line| _ = writeln!(text, "  {line}"));
                _ = writeln!(text, "  {fence}\n");
            }
            Some(Argument::DataTable(it)) => {
                text.push('\n');
                table(text, it, "  ");
            }
            None => {}
        }
    }
    text.push('\n');
}

fn table(text: &mut String, table: &DataTable, indent: &str) {
    for (n, row) in table.rows.iter().enumerate() {
        let cells: Vec<String> = row.cells.iter().map(|it| markdown_cell(&it.value)).collect();
        _ = writeln!(text, "{indent}| {} |", cells.join(" | "));
        if n == 0 {
            _ = writeln!(text, "{indent}|{}", "---|".repeat(cells.len()));
        }
    }
    text.push('\n');
}
