//! `lkreport check`: is the configuration right, and are the feature files, known issues and rules?

mod configuration;
mod features;
mod known_issues;
#[cfg(feature = "engine")]
mod rules;

use std::{fs, io, ops::Range, path::Path};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anyhow::Context;
use lkreport_contract::mask::Masker;
use walkdir::WalkDir;

use super::{
    args::{self, Global},
    catalogue,
    output::{Answer, Talk, counted, print},
};

/// A longer line is cut to this many characters around the error.
const EXCERPT: usize = 160;

/// Where a project keeps its rules; the engine reads them, so without it nothing there is checked.
const RULES: &str = "rules";

/// What is wrong with a file.
#[derive(Debug)]
struct Finding {
    /// What was found there, as a bare fragment.
    message: String,
    /// Where, in bytes.
    span: Range<usize>,
}

/// What kind of file is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Configuration,
    Feature,
    Issue,
    #[cfg(feature = "engine")]
    Rules,
}

/// How much was checked and found.
#[derive(Debug, Default)]
struct Sum {
    configurations: usize,
    features: usize,
    issues: usize,
    rules: usize,
    errors: usize,
    /// The files of rules without an error, because no two rules have one id.
    #[cfg(feature = "engine")]
    read: Vec<(String, String)>,
}

pub(super) fn run(args: &args::Check, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let mut sum = Sum::default();
    let named = global.config.as_deref();
    let own = Path::new("lkreport.toml");
    if let Some(path) = named.or(own.exists().then_some(own)) {
        check(path, Kind::Configuration, &mut sum)?;
    }
    let usual = ["features", catalogue::FOLDER, RULES].map(Path::new);
    for folder in usual.into_iter().filter(|it| args.paths.is_empty() && it.exists()) {
        check_all(folder, &mut sum)?;
    }
    for path in &args.paths {
        let is_named_twice = named.unwrap_or(own) == path && sum.configurations > 0;
        if !is_named_twice {
            check_all(path, &mut sum)?;
        }
    }
    talk.say(&sum.to_string());
    Ok(if sum.errors == 0 { Answer::Yes } else { Answer::No })
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { configurations, features, issues, rules, errors, .. } = *self;
        if configurations + features + issues + rules == 0 {
            return f.write_str(
                "nothing to check: no lkreport.toml, no *.feature file, and nothing in known-issues/",
            );
        }
        let parts = [
            (configurations, "configuration"),
            (features, "feature file"),
            (issues, "known issue"),
            (rules, "rule file"),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|it| it.0 > 0).map(|(n, noun)| counted(n, noun)).collect();
        let found = match errors {
            0 => "no errors".to_owned(),
            n => counted(n, "error"),
        };
        write!(f, "{} checked: {found}", listed(&parts))
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a file of YAML in this place holds, by its folder: YAML is written for much else.
fn yaml_at(path: &Path) -> Option<Kind> {
    let lies_in = |folder: &str| path.parent().is_some_and(|it| it.ends_with(folder));
    match path.extension().and_then(|it| it.to_str()) {
        Some("yaml" | "yml") if lies_in(catalogue::FOLDER) => Some(Kind::Issue),
        #[cfg(feature = "engine")]
        Some("yaml" | "yml") if lies_in(RULES) => Some(Kind::Rules),
        _ => None,
    }
}

/// Checks a file, or the feature files, known issues and rules below a folder in the order of their names.
fn check_all(path: &Path, sum: &mut Sum) -> anyhow::Result<()> {
    let is = |path: &Path, wanted: &str| path.extension().is_some_and(|it| it == wanted);
    if !path.is_dir() {
        let kind = match path.extension().and_then(|it| it.to_str()) {
            Some("toml") => Kind::Configuration,
            Some("yaml" | "yml") => yaml_at(path).unwrap_or(Kind::Issue),
            _ => Kind::Feature,
        };
        return check(path, kind, sum);
    }
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{}: could not be read", path.display()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let feature = is(entry.path(), "feature").then_some(Kind::Feature);
        if let Some(kind) = feature.or_else(|| yaml_at(entry.path())) {
            check(entry.path(), kind, sum)?;
        }
    }
    Ok(())
}

fn check(path: &Path, kind: Kind, sum: &mut Sum) -> anyhow::Result<()> {
    let bytes = fs::read(path).with_context(|| format!("{}: could not be read", path.display()))?;
    let readable = str::from_utf8(&bytes);
    let text = String::from_utf8_lossy(&bytes);
    let findings = match (readable, kind) {
        (Err(error), _) => {
            let at = error.valid_up_to();
            vec![Finding { message: "this is not UTF-8".to_owned(), span: at..at + 1 }]
        }
        (Ok(text), Kind::Configuration) => configuration::check(text),
        (Ok(text), Kind::Feature) => features::check(text),
        (Ok(text), Kind::Issue) => known_issues::check(text),
        #[cfg(feature = "engine")]
        (Ok(text), Kind::Rules) => {
            let name = path.display().to_string();
            let findings = rules::check(&sum.read, &name, text);
            if findings.is_empty() {
                sum.read.push((name, text.to_owned()));
            }
            findings
        }
    };
    match kind {
        Kind::Configuration => sum.configurations += 1,
        Kind::Feature => sum.features += 1,
        Kind::Issue => sum.issues += 1,
        #[cfg(feature = "engine")]
        Kind::Rules => sum.rules += 1,
    }
    sum.errors += findings.len();
    findings.iter().try_for_each(|it| show(it, &text, path))?;
    Ok(())
}

/// Prints a finding with its place and an excerpt.
fn show(finding: &Finding, text: &str, path: &Path) -> io::Result<()> {
    // A secret in a configuration must not end up in the log of a job.
    let (masker, mut masked) = (Masker::default(), Default::default());
    let message = masker.mask(&finding.message, &mut masked);
    let at = text.floor_char_boundary(finding.span.start.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let end = text[at..].find('\n').map_or(text.len(), |it| at + it);
    let line = text[..start].matches('\n').count() + 1;
    let column = text[start..at].chars().count() + 1;
    let from = text.floor_char_boundary(start.max(at.saturating_sub(EXCERPT / 2)));
    let to = text.ceil_char_boundary(end.min(at + EXCERPT));
    let excerpt = text[from..to].trim_end_matches('\r');
    let stop = text.ceil_char_boundary(finding.span.end.clamp(at, to)) - from;
    let span =
        (at - from).min(excerpt.len())..stop.clamp((at - from).min(excerpt.len()), excerpt.len());
    let place = format!("{}:{line}:{column}", path.display());
    let mask = masker.mask(excerpt, &mut masked);
    // Under a masked line there is nothing left to point at.
    let snippet = Snippet::source(mask.as_ref()).line_start(line);
    let snippet = if mask == excerpt {
        snippet.annotation(AnnotationKind::Primary.span(span))
    } else {
        snippet.annotation(AnnotationKind::Visible.span(0..mask.len()))
    };
    let title = format!("{place}: {message}");
    let report = [Level::ERROR.primary_title(title).element(snippet)];
    print(&(Renderer::plain().render(&report) + "\n\n"))
}
