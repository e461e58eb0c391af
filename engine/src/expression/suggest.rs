//! What to say of a step that nobody defined: expressions that would match it, and the nearest known.

use std::ops::Range;

use regex::Regex;

use super::{ParameterType, ParameterTypes};

/// More suggestions help nobody.
const MOST: usize = 16;

/// How like a step must be to one that is known, to be named beside it.
const ALIKE: f64 = 0.6;

/// Expressions that would match `text`, the likeliest first.
pub(crate) fn suggestions(text: &str, types: &ParameterTypes) -> Vec<String> {
    let types: Vec<(&ParameterType, Regex)> = types
        .suggested()
        .filter_map(|it| Some((it, Regex::new(&it.alternatives()).ok()?)))
        .collect();
    let (mut suggestions, mut at) = (vec![String::new()], 0);
    while let Some((span, names)) = next_parameter(text, at, &types) {
        let before = escaped(&text[at..span.start]);
        let with = |it: &String| {
            let it = format!("{it}{before}");
            names.iter().map(move |name| format!("{it}{{{name}}}")).collect::<Vec<_>>()
        };
        suggestions = suggestions.iter().flat_map(with).take(MOST).collect();
        at = span.end;
    }
    let rest = escaped(&text[at..]);
    suggestions.into_iter().map(|it| it + rest.as_str()).collect()
}

/// Where the next parameter stands, and the types that it could have: the first, then the longest.
fn next_parameter<'a>(
    text: &str,
    from: usize,
    types: &[(&'a ParameterType, Regex)],
) -> Option<(Range<usize>, Vec<&'a str>)> {
    let stands_alone = |span: &Range<usize>| {
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, after) = (text[..span.start].chars(), text[span.end..].chars());
        !span.is_empty() && !inside(before.last()) && !inside({ after }.next())
    };
    let spans: Vec<(Range<usize>, &str)> = types
        .iter()
        .filter_map(|(kind, regex)| {
            let mut found = regex.find_iter(&text[from..]);
            let spans = found.by_ref().map(|it| it.start() + from..it.end() + from);
            Some(({ spans }.find(stands_alone)?, kind.name.as_str()))
        })
        .collect();
    let best = spans.iter().map(|it| &it.0).min_by_key(|it| (it.start, usize::MAX - it.end))?;
    let names = spans.iter().filter(|it| it.0 == *best).map(|it| it.1);
    Some((best.clone(), names.collect()))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '(' | '{' | '/' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Up to three of the known expressions that a step may have meant, the nearest first.
///
/// What is compared is the first of its [`suggestions`], in which the values are parameters already.
pub(crate) fn nearest<'a>(suggestion: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let near = known.map(|it| (strsim::normalized_damerau_levenshtein(suggestion, it), it));
    let mut near: Vec<(f64, &str)> = near.filter(|it| it.0 >= ALIKE).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup();
    near.into_iter().take(3).map(|it| it.1).collect()
}
