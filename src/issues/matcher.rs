//! All patterns of a catalogue in one pass over a log.
//!
//! One automaton looks for a text that each match of a pattern must contain; only where it finds one,
//! the pattern itself is asked, of the entry that stands there. A pattern without such a text looks for
//! itself. Time is linear in the size of the log either way.

use std::{borrow::Cow, iter, ops::Range};

use memchr::memchr_iter;

use super::{
    Catalogue, Part, Pattern,
    literal::{Shape, shape},
    texts::Texts,
};

/// A line of evidence is cut here.
const MAX_LINE: usize = 240;

/// A pattern that was found in a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where its entry begins, in bytes of the block.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The number of the pattern in its catalogue.
    pub pattern: usize,
}

/// Finds the patterns of a catalogue.
#[derive(Debug)]
pub struct Matcher<'a> {
    patterns: Vec<&'a Pattern>,
    /// How each pattern can be looked for; one within a line need not be asked of the whole entry.
    shapes: Vec<Shape>,
    literals: Option<Texts>,
    by_literal: Vec<Vec<usize>>,
    without: Vec<usize>,
}

impl<'a> Matcher<'a> {
    /// Prepares the search for all patterns of a catalogue.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue) -> Self {
        let patterns: Vec<&Pattern> = catalogue.all_patterns().collect();
        let (mut texts, mut by_literal) = (Vec::<Vec<u8>>::new(), Vec::<Vec<usize>>::new());
        let mut places = std::collections::HashMap::new();
        let mut without = Vec::new();
        let shapes: Vec<Shape> = patterns.iter().map(|it| shape(it.regex.as_str())).collect();
        for (number, shape) in shapes.iter().enumerate() {
            let Some(required) = &shape.required else {
                without.push(number);
                continue;
            };
            for text in required {
                let place = *places.entry(text.clone()).or_insert_with(|| {
                    texts.push(text.clone());
                    by_literal.push(Vec::new());
                    by_literal.len() - 1
                });
                by_literal[place].push(number);
            }
        }
        let literals = Texts::new(&texts);
        if literals.is_none() {
            without = (0..patterns.len()).collect();
        }
        Self { patterns, shapes, literals, by_literal, without }
    }

    /// Finds the patterns that stand in a block of a log, in the order of the block.
    ///
    /// `line` and `entry` say of a place in the block where its line and its entry begin and end, and what
    /// they say without what the runtime wrote before each line.
    pub fn find<'b>(
        &self,
        block: &'b [u8],
        component: Option<&str>,
        line: impl Fn(&'b [u8], usize) -> (Range<usize>, &'b [u8]),
        entry: impl Fn(&'b [u8], usize) -> (Range<usize>, Cow<'b, [u8]>),
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        // A pattern is asked once of each entry, however often its text stands there.
        let mut asked = vec![0; self.patterns.len()];
        let concerned: Vec<bool> = self.patterns.iter().map(|it| concerns(it, component)).collect();
        // What is found in one entry is found there again and again.
        let mut last: Option<(Range<usize>, Cow<'b, [u8]>)> = None;
        let mut ask = |number: usize, at: usize| {
            if at < asked[number] || !concerned[number] {
                return;
            }
            let regex = &self.patterns[number].regex;
            // Where a line begins is found sooner than where an entry does.
            if self.shapes[number].stays_in_a_line {
                let (place, text) = line(block, at);
                if !regex.is_match(text) {
                    asked[number] = place.end.max(at + 1);
                    return;
                }
            }
            let known = last.take().filter(|it| it.0.contains(&at));
            let (place, text) = known.unwrap_or_else(|| entry(block, at));
            asked[number] = place.end.max(at + 1);
            if self.shapes[number].stays_in_a_line || regex.is_match(&text) {
                hits.push(Hit { start: place.start, end: place.end, pattern: number });
            }
            last = Some((place, text));
        };
        for (text, at) in self.literals.iter().flat_map(|it| it.find(block)) {
            for number in &self.by_literal[text] {
                ask(*number, at);
            }
        }
        for number in &self.without {
            let (regex, shape) = (&self.patterns[*number].regex, &self.shapes[*number]);
            // Of the whole block such a pattern would be asked in vain, or once for several entries.
            if !shape.stays_in_a_line || shape.has_anchor {
                iter::once(0)
                    .chain(memchr_iter(b'\n', block).map(|it| it + 1))
                    .for_each(|it| ask(*number, it));
            } else {
                regex.find_iter(block).for_each(|it| ask(*number, it.start()));
            }
        }
        hits.sort_unstable();
        hits
    }

    /// The patterns that stand in a part of a failure.
    #[must_use]
    pub fn find_in(&self, part: Part, text: &str) -> Vec<usize> {
        self.found_in(text, |it| it.part == Part::Text || it.part == part)
    }

    /// The patterns that stand in an entry of the log of a component.
    #[must_use]
    pub fn find_in_entry(&self, component: Option<&str>, text: &str) -> Vec<usize> {
        self.found_in(text, |it| concerns(it, component))
    }

    /// The patterns of a kind that stand in a text, by their numbers.
    fn found_in(&self, text: &str, looks: impl Fn(&Pattern) -> bool) -> Vec<usize> {
        let texts = self.literals.iter().flat_map(|it| it.find(text.as_bytes()));
        let mut found: Vec<usize> =
            texts.flat_map(|(text, _)| &self.by_literal[text]).copied().collect();
        found.extend(&self.without);
        found.sort_unstable();
        found.dedup();
        found.retain(|it| {
            let pattern = self.patterns[*it];
            looks(pattern) && pattern.regex.is_match(text.as_bytes())
        });
        found
    }

    /// The line of a text in which a pattern begins to stand, shortened.
    #[must_use]
    pub fn line_of(&self, pattern: usize, text: &str) -> String {
        let found = self.patterns[pattern].regex.find(text.as_bytes());
        let at = text.floor_char_boundary(found.map_or(0, |it| it.start()));
        let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
        let line = text[start..].lines().next().unwrap_or_default().trim();
        // Of a long line the place of the match is worth more than its beginning.
        let from = text.floor_char_boundary(at.saturating_sub(MAX_LINE / 4)).max(start);
        let cut =
            if line.len() > MAX_LINE { text[from..].lines().next().unwrap_or(line) } else { line };
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        cut.chars().map(visible).take(MAX_LINE).collect()
    }
}

/// Whether a pattern may stand in the log of this component; an unknown log may be of any.
fn concerns(pattern: &Pattern, component: Option<&str>) -> bool {
    let is_of_log = matches!(pattern.part, Part::Text | Part::Log);
    let fits = match (&pattern.component, component) {
        (Some(wanted), Some(it)) => wanted == it,
        _ => true,
    };
    is_of_log && fits
}
