//! `/releases/`: whose notes are at hand?

use std::collections::BTreeMap;

use super::{
    context::{Context, state_mark},
    release::release_link,
};
use crate::{
    model::{Component, ItemKind, Release, Version},
    render::{
        address, format,
        mark::Mark,
        view::{Command, Empty, ReleaseRow, ReleasesOf, ReleasesPage, Section},
    },
};

/// How many releases of a component are listed.
const LISTED: usize = 120;

/// The list of all releases.
pub(in crate::render) fn index(context: &Context<'_>) -> (String, ReleasesPage) {
    let at = address::RELEASES.to_owned();
    let mut shell = context.shell(&at, Section::Releases, "Releases");
    let by = &context.report.releases.by;
    let n: usize = by.values().map(BTreeMap::len).sum();
    shell.answer = match n {
        0 => "No release notes were given.".to_owned(),
        n => format!(
            "The notes of {} of {}, with what may break and what tests may notice.",
            format::counted(n as u64, "release"),
            format::counted(by.len() as u64, "component"),
        ),
    };
    let newest = newest(context);
    let of = |(component, all): (&Component, &BTreeMap<Version, Release>)| ReleasesOf {
        component: component.clone(),
        releases: all.values().rev().take(LISTED).map(|it| row(it, &newest)).collect(),
    };
    let view = ReleasesPage {
        components: by.iter().map(of).collect(),
        empty: by.is_empty().then(no_notes),
        shell,
    };
    (at, view)
}

/// What each version came to, the worst of its combinations.
fn newest(context: &Context<'_>) -> BTreeMap<(String, Version), Mark> {
    let mut marks: BTreeMap<(String, Version), Mark> = BTreeMap::new();
    let cells = context.report.combinations.iter().filter_map(|it| context.report.cells.get(it));
    for cell in cells {
        for (component, version) in cell.versions.iter() {
            let mark = state_mark(cell.state);
            let kept = marks.entry((component.clone(), version.clone())).or_insert(mark);
            *kept = mark.max(*kept);
        }
    }
    marks
}

fn row(it: &Release, newest: &BTreeMap<(String, Version), Mark>) -> ReleaseRow {
    let kinds = ItemKind::ALL.map(|kind| {
        let n = it.items.iter().filter(|it| it.kind == kind).count() as u64;
        (n > 0).then(|| format!("{} {}", format::number(n), kind.word().to_lowercase()))
    });
    let breaking = it.items.iter().filter(|it| it.breaking.is_some()).count() as u64;
    let mut items = kinds.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if breaking > 0 {
        items += &format!("; {} may break what worked", format::number(breaking));
    }
    let tested = newest.get(&(it.component.clone(), it.version.clone()));
    ReleaseRow {
        link: release_link(it),
        date: it.date.as_deref().unwrap_or_default().to_owned(),
        items,
        mark: tested.copied().unwrap_or(Mark::Untested),
    }
}

fn no_notes() -> Empty {
    Empty {
        text: "Changelogs and GitHub's release notes become pages here: what may break, what tests may \
               notice, and the notes of exactly the step that broke something. Put a changelog into \
               releases/livekit/, for example."
            .to_owned(),
        command: Some(Command {
            purpose: "Say where they are".to_owned(),
            line: "lkreport build --releases releases/".to_owned(),
        }),
    }
}
