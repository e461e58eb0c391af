//! Shapes of failures that differ in one word, which is a name.
//!
//! Two shapes are one where all but one of their words are alike, and either one case showed both,
//! or at least three words stand in that place. The result depends on no order, and the time is that
//! of reading each word once.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::model::Shape;

/// A message of fewer words is another failure with another word.
const LEAST: usize = 5;

/// How many words of a message may be the one.
const WORDS: usize = 64;

/// How many words in one place are names whatever the cases.
const NAMES: usize = 3;

/// For each of `shapes`, given with the cases that showed it, the least of those that are one with it.
pub(super) fn clusters(shapes: &[Shape], cases: &[BTreeSet<u32>]) -> Vec<usize> {
    let mut alike: HashMap<u64, Vec<usize>> = HashMap::new();
    for (n, shape) in shapes.iter().enumerate() {
        keys(shape).for_each(|it| alike.entry(it).or_default().push(n));
    }
    let mut roots: Vec<usize> = (0..shapes.len()).collect();
    for group in alike.into_values().filter(|it| it.len() > 1) {
        if group.len() >= NAMES {
            group.iter().for_each(|it| unite(&mut roots, group[0], *it));
            continue;
        }
        if !cases[group[0]].is_disjoint(&cases[group[1]]) {
            unite(&mut roots, group[0], group[1]);
        }
    }
    (0..shapes.len()).map(|it| root(&mut roots, it)).collect()
}

/// For each plain word of the message a number that those share who differ in it alone.
fn keys(shape: &Shape) -> impl Iterator<Item = u64> {
    let words: Vec<&str> = shape.message.split(' ').collect();
    let n = words.len();
    let hash = |it: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        it(&mut hasher);
        hasher.finish()
    };
    let mut after = vec![hash(&|it| (&shape.type_name, &shape.place).hash(it)); n + 1];
    for at in (0..n).rev() {
        after[at] = hash(&|it| (words[at], after[at + 1]).hash(it));
    }
    let mut before = vec![0; n + 1];
    for at in 0..n {
        before[at + 1] = hash(&|it| (words[at], before[at]).hash(it));
    }
    let is_asked = move |at: &usize| n >= LEAST && !words[*at].contains('<');
    let key = move |at: usize| hash(&|it| (n, at, before[at], after[at + 1]).hash(it));
    (0..n.min(WORDS)).filter(is_asked).map(key)
}

fn root(roots: &mut [usize], mut at: usize) -> usize {
    while roots[at] != at {
        roots[at] = roots[roots[at]];
        at = roots[at];
    }
    at
}

/// The least stays the root, so that the result does not depend on the order.
fn unite(roots: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(roots, one), root(roots, other));
    roots[one.max(other)] = one.min(other);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(told: &[(&str, u32)]) -> Vec<usize> {
        let shape = |message: &str| Shape {
            type_name: Box::default(),
            message: message.into(),
            place: Box::default(),
        };
        let shapes: Vec<Shape> = told.iter().map(|it| shape(it.0)).collect();
        let cases: Vec<BTreeSet<u32>> = told.iter().map(|it| [it.1].into()).collect();
        clusters(&shapes, &cases)
    }

    #[test]
    fn one_word_is_a_name_in_one_case_or_where_there_are_three() {
        let (alice, bob) = ("alice never heard the others", "bob never heard the others");
        assert_eq!(roots(&[(alice, 1), (bob, 1)]), [0, 0], "of one case");
        assert_eq!(roots(&[(alice, 1), (bob, 2)]), [0, 1], "of two cases");
        let carol = "carol never heard the others";
        assert_eq!(roots(&[(alice, 1), (bob, 2), (carol, 3)]), [0, 0, 0], "three names");
        assert_eq!(roots(&[("no such room", 1), ("no such track", 1)]), [0, 1], "too short");
        let other = "alice never saw those others";
        assert_eq!(roots(&[(alice, 1), (other, 1)]), [0, 1], "two words");
        let marked = ["a <id> b c d", "a <name> b c d"];
        assert_eq!(roots(&[(marked[0], 1), (marked[1], 1)]), [0, 1], "marks differ");
    }
}
