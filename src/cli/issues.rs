//! `lkreport issues`: what is known, and whether it would be recognised.

mod new;

use std::{
    fmt::Write as _,
    io::{self, Read as _},
};

use anyhow::Context;
use serde::Serialize;

use super::{
    args::{self, Global, IssuesCommand},
    catalogue,
    output::{Answer, Hint, Talk, counted, print},
};
use crate::{
    issues::{Catalogue, Issue, Matcher, Part, Severity, Status},
    model::Component,
};

/// What is said of an issue in a list; the field names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    components: &'a [Component],
    status: Status,
    severity: Severity,
    links: &'a [String],
}

pub(super) fn run(args: &args::Issues, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let catalogue = catalogue::load(global, talk)?.catalogue;
    match &args.command {
        IssuesCommand::List { component, json } => {
            list(&catalogue, component.as_deref(), *json, talk)
        }
        IssuesCommand::Show { id } => show(&catalogue, id),
        IssuesCommand::Test { text } => test(&catalogue, text),
        IssuesCommand::New(args) => new::run(args, &catalogue, global, talk),
    }
}

fn list(
    catalogue: &Catalogue,
    component: Option<&str>,
    json: bool,
    talk: &Talk,
) -> anyhow::Result<Answer> {
    let concerns =
        |it: &&Issue| component.is_none_or(|wanted| it.components.iter().any(|it| it == wanted));
    let issues: Vec<&Issue> = catalogue.issues().iter().filter(concerns).collect();
    if json {
        let lines: Vec<Line<'_>> = issues.iter().map(|it| line(it)).collect();
        print(&(serde_json::to_string_pretty(&lines)? + "\n"))?;
        return Ok(Answer::Yes);
    }
    let mut text = String::new();
    for it in &issues {
        let status = it.status.word();
        _ = writeln!(
            text,
            "{:<8} {status:<9} {:<18} {}",
            it.id,
            it.components.join(", "),
            it.title
        );
    }
    print(&text)?;
    talk.say(&counted(issues.len(), "known issue"));
    Ok(Answer::Yes)
}

fn line(it: &Issue) -> Line<'_> {
    Line {
        id: &it.id,
        title: &it.title,
        components: &it.components,
        status: it.status,
        severity: it.severity,
        links: &it.links,
    }
}

fn show(catalogue: &Catalogue, id: &str) -> anyhow::Result<Answer> {
    let Some(it) = catalogue.get(id) else {
        let near = catalogue.issues().iter().max_by(|a, b| {
            strsim::jaro_winkler(id, &a.id).total_cmp(&strsim::jaro_winkler(id, &b.id))
        });
        let near = near.map_or_else(String::new, |it| format!("did you mean {}? ", it.id));
        let hint = Hint(format!("{near}`lkreport issues list` names all"));
        return Err(anyhow::anyhow!("no known issue is called {id}").context(hint));
    };
    let mut text = format!("{}  {}\n", it.id, it.title);
    _ = writeln!(text, "{} · {}", it.components.join(", "), it.status.word());
    for ranges in &it.affected {
        let ranges: Vec<_> = ranges.iter().map(|(name, it)| format!("{name} {it}")).collect();
        _ = writeln!(text, "affected: {}", ranges.join(" with "));
    }
    for (name, versions) in &it.seen {
        _ = writeln!(text, "reported on: {name} {}", versions.join(", "));
    }
    for (name, version) in &it.fixed_in {
        _ = writeln!(text, "fixed in: {name} {version}");
    }
    for (pattern, _) in it.condition.patterns() {
        _ = writeln!(text, "looked for: {}", pattern.regex.as_str());
    }
    for said in [&it.workaround, &it.note].into_iter().flatten() {
        _ = writeln!(text, "\n{said}");
    }
    text.push('\n');
    for link in &it.links {
        _ = writeln!(text, "{link}");
    }
    print(&text)?;
    Ok(Answer::Yes)
}

/// Says which issues recognise a text; the answer is no where none does.
fn test(catalogue: &Catalogue, text: &str) -> anyhow::Result<Answer> {
    let mut input = String::new();
    if text == "-" {
        io::stdin().read_to_string(&mut input).context("standard input could not be read")?;
    } else {
        text.clone_into(&mut input);
    }
    let matcher = Matcher::new(catalogue);
    let found: Vec<usize> = [Part::Message, Part::Stack, Part::Log]
        .into_iter()
        .flat_map(|part| matcher.find_in(part, &input))
        .collect();
    let none = Default::default();
    let holds = |it: &&Issue| it.condition.holds(&|number| found.contains(&number), None, &none);
    let mut said = String::new();
    for it in catalogue.issues().iter().filter(holds) {
        _ = writeln!(said, "{:<8} {}", it.id, it.title);
    }
    print(if said.is_empty() { "no known issue recognises this\n" } else { &said })?;
    Ok(if said.is_empty() { Answer::No } else { Answer::Yes })
}
