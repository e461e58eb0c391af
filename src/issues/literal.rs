//! What every match of a pattern contains, so that one search for plain text stands in for many patterns,
//! and what none contains.

use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind, Look},
};

/// A text shorter than this is found too often to be of use.
const SHORTEST: usize = 4;

/// A pattern that can begin with more texts than this is searched for as it is.
const MOST: usize = 64;

fn parse(pattern: &str) -> Option<Hir> {
    ParserBuilder::new().utf8(false).multi_line(true).build().parse(pattern).ok()
}

/// Whether a pattern matches the empty text.
pub(super) fn matches_nothing(pattern: &str) -> bool {
    parse(pattern).is_some_and(|it| it.properties().minimum_len() == Some(0))
}

/// How a pattern can be looked for.
#[derive(Debug)]
pub(super) struct Shape {
    /// Texts in lower case, one of which stands in every match, whatever its case there; none where no
    /// such text is long enough.
    pub(super) required: Option<Vec<Vec<u8>>>,
    /// Whether every match in a text of several lines is one in a line of it.
    pub(super) stays_in_a_line: bool,
    /// Whether it says that something begins or ends where it stands.
    pub(super) has_anchor: bool,
}

/// Reads how a pattern can be looked for; one that cannot be read is asked of whole entries.
pub(super) fn shape(pattern: &str) -> Shape {
    let Some(hir) = parse(pattern) else {
        return Shape { required: None, stays_in_a_line: false, has_anchor: false };
    };
    let is_of_use = |it: &Vec<Vec<u8>>| shortest(it) >= SHORTEST && it.len() <= MOST;
    Shape {
        required: best(&hir).filter(is_of_use),
        stays_in_a_line: has_no_line_end(&hir),
        has_anchor: hir.properties().look_set().contains_anchor(),
    }
}

fn has_no_line_end(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(it) => !it.0.contains(&b'\n'),
        HirKind::Class(Class::Unicode(it)) => {
            it.iter().all(|it| !(it.start()..=it.end()).contains(&'\n'))
        }
        HirKind::Class(Class::Bytes(it)) => {
            it.iter().all(|it| !(it.start()..=it.end()).contains(&b'\n'))
        }
        HirKind::Look(it) => !matches!(it, Look::Start | Look::End),
        HirKind::Repetition(it) => has_no_line_end(&it.sub),
        HirKind::Capture(it) => has_no_line_end(&it.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(has_no_line_end),
    }
}

fn shortest(texts: &[Vec<u8>]) -> usize {
    texts.iter().map(Vec::len).min().unwrap_or(0)
}

/// The set of texts whose shortest is the longest.
fn best(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Capture(it) => best(&it.sub),
        HirKind::Repetition(it) if it.min > 0 => best(&it.sub),
        HirKind::Alternation(parts) => {
            let sets: Option<Vec<_>> = parts.iter().map(best).collect();
            Some(sets?.concat())
        }
        HirKind::Concat(parts) => of_row(parts),
        _ => exact(hir).filter(|it| !it.is_empty()).map(|it| vec![it]),
    }
}

/// Of things that follow each other: what stands there letter by letter is joined.
fn of_row(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let (mut sets, mut joined) = (Vec::new(), Vec::new());
    for part in parts {
        match exact(part) {
            Some(text) => joined.extend(text),
            None => {
                sets.push(vec![std::mem::take(&mut joined)]);
                sets.extend(best(part));
            }
        }
    }
    sets.push(vec![joined]);
    sets.into_iter().max_by_key(|it| rarity(it)).filter(|it| shortest(it) > 0)
}

/// How rarely one of these texts stands somewhere: each further one is found as often as the first.
fn rarity(texts: &[Vec<u8>]) -> usize {
    (shortest(texts) + 1).saturating_sub(texts.len())
}

/// The one text that this matches, but for its case.
fn exact(hir: &Hir) -> Option<Vec<u8>> {
    match hir.kind() {
        HirKind::Literal(it) => Some(it.0.to_ascii_lowercase()),
        HirKind::Class(class) => {
            class.literal().or_else(|| letter(class)).map(|it| it.to_ascii_lowercase())
        }
        HirKind::Look(_) | HirKind::Empty => Some(Vec::new()),
        HirKind::Capture(it) => exact(&it.sub),
        HirKind::Concat(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(exact).collect();
            Some(parts?.concat())
        }
        HirKind::Repetition(_) | HirKind::Alternation(_) => None,
    }
}

/// The letter that a class takes in both of its cases.
fn letter(class: &Class) -> Option<Vec<u8>> {
    let bounds: Vec<(u32, u32)> = match class {
        Class::Unicode(it) => it.iter().map(|it| (it.start().into(), it.end().into())).collect(),
        Class::Bytes(it) => it.iter().map(|it| (it.start().into(), it.end().into())).collect(),
    };
    let &[(upper, end), (lower, last)] = bounds.as_slice() else { return None };
    let (upper, lower) = (u8::try_from(upper).ok()?, u8::try_from(lower).ok()?);
    let is_pair = u32::from(upper) == end && u32::from(lower) == last;
    (is_pair && upper.to_ascii_lowercase() == lower && upper != lower).then(|| vec![lower])
}
