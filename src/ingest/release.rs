//! Release notes: changelog files, notes of one version, and what GitHub says of releases.

mod changelog;
mod rules;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Intake;
use crate::model::{Problem, Release, Version};

/// Longer files are cut: the newest releases stand first.
const LONGEST_FILE: usize = 8_000_000;
/// Longer notes of one release are cut.
const LONGEST_NOTES: usize = 60_000;

/// Where components are developed, so that releases have addresses and repositories have names.
const REPOSITORIES: &[(&str, &str)] = &[
    ("livekit", "livekit/livekit"),
    ("egress", "livekit/egress"),
    ("ingress", "livekit/ingress"),
    ("sip", "livekit/sip"),
    ("client-js", "livekit/client-sdk-js"),
    ("components-react", "livekit/components-js"),
    ("agents", "livekit/agents"),
];

/// Reads a file of release notes that stands at `path`: JSON of GitHub, notes named
/// `<component>-<version>.md`, or a changelog in a folder named by its component.
#[must_use]
pub fn read_releases(
    path: &str,
    bytes: &[u8],
    intake: &mut Intake<'_>,
) -> (Vec<Release>, Vec<Problem>) {
    let mut problems = Vec::new();
    if bytes.len() > LONGEST_FILE {
        problems.push(Problem::of_file(path, "longer than 8 MB: only its beginning is read"));
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_FILE)]);
    let releases = if path.ends_with(".json") {
        of_json(path, &text, intake, &mut problems)
    } else if let Some((component, version)) = named(path) {
        let items = changelog::notes(&text);
        vec![release((&component, &version), None, (&text, items), intake)]
    } else {
        of_changelog(path, &text, intake)
    };
    if releases.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file(path, "no release notes are recognised in it"));
    }
    (releases, problems)
}

fn of_changelog(path: &str, text: &str, intake: &mut Intake<'_>) -> Vec<Release> {
    let component = component_of_path(path);
    let sections = changelog::sections(text).into_iter();
    sections
        .map(|it| {
            let date = it.date.as_deref();
            release((&component, &it.version), date, (&it.notes, it.items), intake)
        })
        .collect()
}

fn release(
    (component, version): (&str, &str),
    date: Option<&str>,
    (notes, items): (&str, Vec<crate::model::Item>),
    intake: &mut Intake<'_>,
) -> Release {
    let version = Version::new(version);
    let url = repository_of(component)
        .map(|it| format!("https://github.com/{it}/releases/tag/v{version}").into());
    let mut masked = |mut it: crate::model::Item| {
        it.text = intake.text(&it.text, 4_000);
        it
    };
    let items = items.into_iter().map(&mut masked).collect();
    Release {
        component: component.to_owned(),
        version,
        date: date.map(|it| intake.line(it)),
        url,
        items,
        notes: intake.text(notes, LONGEST_NOTES),
    }
}

/// One release, a list of them, or what GitHub tells webhooks.
fn of_json(
    path: &str,
    text: &str,
    intake: &mut Intake<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Release> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let line = error.line() as u64;
            problems.push(Problem::at(path, line, format!("this is not JSON: {error}")));
            return Vec::new();
        }
    };
    let list = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    list.into_iter().filter_map(|it| of_github(path, it, intake)).collect()
}

fn of_github(path: &str, mut value: Value, intake: &mut Intake<'_>) -> Option<Release> {
    if value["release"].is_object() {
        value = value["release"].take();
    }
    let text = |name: &str| value[name].as_str().filter(|it| !it.trim().is_empty());
    let (tag, body) = (text("tag_name")?, text("body").unwrap_or_default());
    if value["draft"].as_bool() == Some(true) {
        return None;
    }
    let url = text("html_url").filter(|it| it.starts_with("https://"));
    let repository = url.and_then(|it| {
        let parts: Vec<&str> = it.split('/').skip(3).take(2).collect();
        (parts.len() == 2).then(|| parts.join("/"))
    });
    let component = repository.map_or_else(|| component_of_path(path), |it| component_named(&it));
    let version = tag.rsplit_once('@').map_or(tag, |it| it.1);
    let date = text("published_at").or(text("created_at")).and_then(|it| it.get(..10));
    let mut made = release((&component, version), date, (body, changelog::notes(body)), intake);
    made.url = url.map(|it| intake.line(it)).or(made.url);
    Some(made)
}

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:(.+?)[-@_])?v?(\d+\.\d+(?:\.\d+)*(?:-[0-9A-Za-z.]+?)?)(?:\.body)?\.(?:md|markdown|txt)$").ok()
});

/// `livekit-1.5.2.body.md`, or `1.5.2.md` in a folder named by its component.
fn named(path: &str) -> Option<(String, String)> {
    let file = path.rsplit('/').next()?;
    let found = NAMED.as_ref()?.captures(file)?;
    let component =
        found.get(1).map_or_else(|| component_of_path(path), |it| component_named(it.as_str()));
    Some((component, found[2].to_owned()))
}

/// The component that a changelog tells of: the folder that it stands in, or its own name.
fn component_of_path(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |it| it.0);
    let is_plain = ["changelog", "changes", "history", "releases", "news", "release-notes"]
        .contains(&stem.to_ascii_lowercase().as_str());
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let is_release = stem.contains(|c: char| c.is_ascii_digit());
    let name = if (is_plain || is_release) && !folder.is_empty() { folder } else { stem };
    component_named(&name.replacen('+', "/", 1))
}

/// The component that a repository or a package is called here.
#[must_use]
pub fn component_named(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if let Some((component, _)) = REPOSITORIES.iter().find(|it| it.1 == name) {
        return (*component).to_owned();
    }
    let last = name.rsplit('/').next().unwrap_or(&name);
    match last {
        "livekit-server" => "livekit",
        "livekit-client" | "client-sdk-js" => "client-js",
        "livekit-egress" => "egress",
        "livekit-ingress" => "ingress",
        "livekit-sip" => "sip",
        "livekit-agents" => "agents",
        other => other,
    }
    .to_owned()
}

/// Where a component is developed.
#[must_use]
pub fn repository_of(component: &str) -> Option<&'static str> {
    REPOSITORIES.iter().find(|it| it.0 == component).map(|it| it.1)
}
