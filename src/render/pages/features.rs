//! `/features/`: what is promised, by area and by tag.

use std::collections::{BTreeMap, BTreeSet};

use lkreport_contract::gherkin::Tag;

use super::{
    context::{Context, state_mark},
    feature::{all_tags, on_version, paragraphs},
    judged::passed_of,
};
use crate::{
    model::{FeatureFile, slug},
    render::{
        address, format,
        mark::Mark,
        view::{Area, Command, Empty, FeatureRow, FeaturesPage, Link, Section, TagRow},
    },
    report::FeatureFact,
};

/// The index of all features.
pub(in crate::render) fn index(context: &Context<'_>) -> (String, FeaturesPage) {
    let path = address::features("");
    let mut shell = context.shell(&path, Section::Features, "Features");
    let files = &context.report.features.files;
    let scenarios: usize = files.iter().map(|it| it.scenarios.len()).sum();
    shell.answer = match files.len() {
        0 => "No feature file was given.".to_owned(),
        n => format!(
            "{} in {}, with what became of each.",
            format::counted(scenarios as u64, "scenario"),
            format::counted(n as u64, "feature"),
        ),
    };
    let mut areas: BTreeMap<&str, Vec<FeatureRow>> = BTreeMap::new();
    let mut tags: BTreeMap<&str, Vec<Link>> = BTreeMap::new();
    for it in files {
        areas.entry(area_of(&it.file.path)).or_default().push(row(context, it));
        for tag in tags_of(&it.file) {
            tags.entry(tag).or_default().push(link(it));
        }
    }
    let area = |(name, features): (&str, _)| Area { name: name.to_owned(), features };
    let tag = |(name, features): (&str, _)| TagRow {
        name: name.to_owned(),
        anchor: anchor_of(name),
        features,
    };
    let view = FeaturesPage {
        areas: areas.into_iter().map(area).collect(),
        tags: tags.into_iter().map(tag).collect(),
        empty: files.is_empty().then(no_features),
        shell,
    };
    (path, view)
}

fn no_features() -> Empty {
    Empty {
        text:
            "Gherkin files become pages here: what each promises, its scenarios with their steps, \
               and what became of them on every version."
                .to_owned(),
        command: Some(Command {
            purpose: "Say where they are".to_owned(),
            line: "lkreport build --features features/".to_owned(),
        }),
    }
}

fn row(context: &Context<'_>, fact: &FeatureFact) -> FeatureRow {
    let newest = fact.versions.first();
    let purpose = paragraphs(&fact.file.feature.title.description);
    FeatureRow {
        mark: newest.map_or(Mark::Untested, |it| state_mark(it.state)),
        link: link(fact),
        purpose: purpose.into_iter().next().unwrap_or_default(),
        scenarios: format::number(fact.scenarios.len() as u64),
        newest: newest.map_or_else(
            || "never run".to_owned(),
            |it| format!("{}{}", passed_of(&it.counts, 0), on_version(context, it)),
        ),
    }
}

/// The page of a feature.
pub(super) fn link(fact: &FeatureFact) -> Link {
    let FeatureFile { path, feature, .. } = &fact.file;
    let name = if feature.title.name.is_empty() { path } else { &feature.title.name };
    Link { text: name.clone(), href: address::feature(path) }
}

/// The folder that a feature file stands in, below `features/`.
pub(in crate::render) fn area_of(path: &str) -> &str {
    let below = path.strip_prefix("features/").unwrap_or(path);
    below.rsplit_once('/').map_or("features", |it| it.0)
}

/// The names of all tags of a feature.
pub(super) fn tags_of(file: &FeatureFile) -> BTreeSet<&str> {
    all_tags(file).into_iter().map(|it| it.name.as_str()).collect()
}

/// Tags, each leading to its place in the index.
pub(super) fn tag_links(tags: &[Tag]) -> Vec<Link> {
    let link =
        |it: &Tag| Link { text: it.name.clone(), href: address::features(&anchor_of(&it.name)) };
    tags.iter().map(link).collect()
}

fn anchor_of(tag: &str) -> String {
    let slug = slug(tag);
    // Tags that differ in more than letters and digits need anchors that do, too.
    let is_plain = tag.strip_prefix('@').is_some_and(|it| it == slug);
    if is_plain { format!("tag-{slug}") } else { format!("tag-{}", address::part(tag)) }
}
