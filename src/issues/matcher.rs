//! All patterns of a catalogue in one pass over a log.
//!
//! One automaton looks for a text that each match of a pattern must contain; only where it finds one,
//! the pattern itself is asked, of the entry that stands there. A pattern without such a text looks for
//! itself. Time is linear in the size of the log either way.

use std::{borrow::Cow, ops::Range};

use aho_corasick::AhoCorasick;

use super::{Catalogue, Part, Pattern, literal};

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
    literals: Option<AhoCorasick>,
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
        for (number, pattern) in patterns.iter().enumerate() {
            let Some(required) = literal::required(pattern.regex.as_str()) else {
                without.push(number);
                continue;
            };
            for text in required {
                let place = *places.entry(text.clone()).or_insert_with(|| {
                    texts.push(text);
                    by_literal.push(Vec::new());
                    by_literal.len() - 1
                });
                by_literal[place].push(number);
            }
        }
        let literals = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts).ok();
        if literals.is_none() {
            without = (0..patterns.len()).collect();
        }
        Self { patterns, literals, by_literal, without }
    }

    /// Finds the patterns that stand in a block of a log, in the order of the block.
    ///
    /// `entry` says of a place in the block where its entry begins and ends, and what it says without
    /// what the runtime wrote before each line.
    pub fn find<'b>(
        &self,
        block: &'b [u8],
        component: Option<&str>,
        entry: impl Fn(&'b [u8], usize) -> (Range<usize>, Cow<'b, [u8]>),
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        // A pattern is asked once of each entry, however often its text stands there.
        let mut asked = vec![0; self.patterns.len()];
        let mut ask = |number: usize, at: usize| {
            if at < asked[number] || !concerns(self.patterns[number], component) {
                return;
            }
            let (place, text) = entry(block, at);
            asked[number] = place.end.max(at + 1);
            if self.patterns[number].regex.is_match(&text) {
                hits.push(Hit { start: place.start, end: place.end, pattern: number });
            }
        };
        for found in self.literals.iter().flat_map(|it| it.find_overlapping_iter(block)) {
            for number in &self.by_literal[found.pattern().as_usize()] {
                ask(*number, found.start());
            }
        }
        for number in &self.without {
            for found in self.patterns[*number].regex.find_iter(block) {
                ask(*number, found.start());
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
        let mut found: Vec<usize> = match &self.literals {
            None => Vec::new(),
            Some(literals) => literals
                .find_overlapping_iter(text)
                .flat_map(|it| &self.by_literal[it.pattern().as_usize()])
                .copied()
                .collect(),
        };
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
