//! Where any of many texts stands, whatever its case.

use std::array;

use aho_corasick::{
    Anchored,
    automaton::{Automaton, StateID},
    dfa::DFA,
};

/// So many parts of a block are walked side by side: each step of a walk waits for the one before it, and
/// four waits cost hardly more than one.
const LANES: usize = 4;

/// An automaton over many texts.
#[derive(Debug)]
pub(super) struct Texts {
    automaton: DFA,
    start: StateID,
}

/// One or more texts that end at a place of a block.
#[derive(Debug, Clone, Copy)]
struct Found {
    state: StateID,
    end: usize,
}

impl Texts {
    /// Prepares the search; none where there is nothing to look for, or more than an automaton holds.
    pub(super) fn new(texts: &[Vec<u8>]) -> Option<Self> {
        let automaton =
            DFA::builder().ascii_case_insensitive(true).prefilter(false).build(texts).ok()?;
        let start = automaton.start_state(Anchored::No).ok()?;
        (!texts.is_empty()).then_some(Self { automaton, start })
    }

    /// The numbers of all texts that stand in a block, each with the place where it begins there, in the
    /// order in which they end. Texts may lie over each other.
    pub(super) fn find(&self, block: &[u8]) -> impl Iterator<Item = (usize, usize)> {
        self.ends(block).into_iter().flat_map(move |found| {
            (0..self.automaton.match_len(found.state)).map(move |nth| {
                let text = self.automaton.match_pattern(found.state, nth);
                (text.as_usize(), found.end - self.automaton.pattern_len(text))
            })
        })
    }

    /// All places where a text ends, in order.
    #[expect(clippy::needless_range_loop, reason = "one place in several slices")]
    fn ends(&self, block: &[u8]) -> Vec<Found> {
        let length = block.len() / LANES;
        let (parts, rest) = block.split_at(length * LANES);
        let lanes: [&[u8]; LANES] = array::from_fn(|lane| &parts[lane * length..][..length]);
        // What ends in a part may begin before it.
        let mut states: [StateID; LANES] = array::from_fn(|lane| {
            let begin = lane * length;
            let before = begin.saturating_sub(self.automaton.max_pattern_len());
            block[before..begin].iter().fold(self.start, |state, byte| self.step(state, *byte))
        });
        let mut found: [Vec<Found>; LANES] = Default::default();
        for at in 0..length {
            states = array::from_fn(|lane| self.step(states[lane], lanes[lane][at]));
            for lane in 0..LANES {
                let state = states[lane];
                if self.automaton.is_special(state) {
                    found[lane].push(Found { state, end: lane * length + at + 1 });
                }
            }
        }
        let mut found = found.concat();
        let mut state = states[LANES - 1];
        for (end, byte) in (parts.len() + 1..).zip(rest) {
            state = self.step(state, *byte);
            if self.automaton.is_special(state) {
                found.push(Found { state, end });
            }
        }
        found
    }

    fn step(&self, state: StateID, byte: u8) -> StateID {
        self.automaton.next_state(Anchored::No, state, byte)
    }
}
