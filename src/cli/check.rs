//! `lkreport check`: is the configuration right, and are the feature files?

mod configuration;
mod features;

use std::{fs, io, ops::Range, path::Path};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anyhow::Context;
use lkreport_contract::mask::Masker;
use walkdir::WalkDir;

use super::{
    args::{self, Global},
    output::{Answer, Talk, counted, print},
};

/// A longer line is cut to this many characters around the error.
const EXCERPT: usize = 160;

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
}

/// How much was checked and found.
#[derive(Debug, Default)]
struct Sum {
    configurations: usize,
    features: usize,
    errors: usize,
}

pub(super) fn run(args: &args::Check, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let mut sum = Sum::default();
    let named = global.config.as_deref();
    let usual = Path::new("lkreport.toml");
    if let Some(path) = named.or(usual.exists().then_some(usual)) {
        check(path, Kind::Configuration, &mut sum)?;
    }
    let features = Path::new("features");
    if args.paths.is_empty() && features.exists() {
        check_all(features, &mut sum)?;
    }
    for path in &args.paths {
        let is_named_twice = named.unwrap_or(usual) == path && sum.configurations > 0;
        if !is_named_twice {
            check_all(path, &mut sum)?;
        }
    }
    talk.say(&sum.to_string());
    Ok(if sum.errors == 0 { Answer::Yes } else { Answer::No })
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { configurations, features, errors } = *self;
        if configurations + features == 0 {
            return f.write_str("nothing to check: no lkreport.toml, and no *.feature file");
        }
        let mut parts = Vec::new();
        if configurations > 0 {
            parts.push(counted(configurations, "configuration"));
        }
        if features > 0 {
            parts.push(counted(features, "feature file"));
        }
        let found = match errors {
            0 => "no errors".to_owned(),
            n => counted(n, "error"),
        };
        write!(f, "{} checked: {found}", parts.join(" and "))
    }
}

/// Checks a file, or the feature files below a folder in the order of their names.
fn check_all(path: &Path, sum: &mut Sum) -> anyhow::Result<()> {
    let is = |path: &Path, wanted: &str| path.extension().is_some_and(|it| it == wanted);
    if !path.is_dir() {
        let kind = if is(path, "toml") { Kind::Configuration } else { Kind::Feature };
        return check(path, kind, sum);
    }
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{}: could not be read", path.display()))?;
        if entry.file_type().is_file() && is(entry.path(), "feature") {
            check(entry.path(), Kind::Feature, sum)?;
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
    };
    match kind {
        Kind::Configuration => sum.configurations += 1,
        Kind::Feature => sum.features += 1,
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
