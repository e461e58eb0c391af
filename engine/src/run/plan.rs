//! The plan: which scenarios run, and in what order.

use std::{collections::BTreeMap, str::FromStr};

use regex::Regex;

use crate::{messages::Pickle, tag::TagExpression};

/// Which scenarios run, and in what order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only those for which it holds.
    pub tags: Option<TagExpression>,
    /// Only those whose name it matches.
    pub name: Option<Regex>,
    /// In these files only the scenarios at these lines, or those whose examples stand there.
    pub lines: BTreeMap<String, Vec<u32>>,
    /// Only a part of them.
    pub shard: Option<Shard>,
    /// What runs first.
    pub order: Order,
}

/// What runs first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As the files were given, each from top to bottom.
    #[default]
    Given,
    /// The other way round.
    Reversed,
    /// As chance has it, the same for the same seed.
    Shuffled {
        /// What chance begins with.
        seed: u64,
    },
}

/// One of several parts, which together are all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    part: usize,
    of: usize,
}

/// Why a part cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a part such as `2/3`, counted from 1")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (part, of) = text.split_once('/').ok_or(ShardError)?;
        let number = |it: &str| it.trim().parse::<usize>().map_err(|_| ShardError);
        let (part, of) = (number(part)?, number(of)?);
        if part == 0 || part > of { Err(ShardError) } else { Ok(Self { part, of }) }
    }
}

impl Selection {
    /// The scenarios that run, in their order.
    #[must_use]
    pub fn select(&self, scenarios: Vec<Pickle>) -> Vec<Pickle> {
        let wanted = |it: &Pickle| {
            self.tags.as_ref().is_none_or(|tags| tags.holds(it.tags()))
                && self.name.as_ref().is_none_or(|name| name.is_match(&it.name))
                && self
                    .lines
                    .get(&it.uri)
                    .is_none_or(|lines| lines.iter().any(|line| it.stands_at(*line)))
        };
        // Parts are taken before the order is, so that they fit together whatever the seed.
        let in_part = |n: usize| self.shard.is_none_or(|it| n % it.of == it.part - 1);
        let chosen = scenarios.into_iter().filter(wanted).enumerate();
        let mut chosen: Vec<Pickle> = chosen.filter(|(n, _)| in_part(*n)).map(|it| it.1).collect();
        match self.order {
            Order::Given => {}
            Order::Reversed => chosen.reverse(),
            Order::Shuffled { seed } => fastrand::Rng::with_seed(seed).shuffle(&mut chosen),
        }
        chosen
    }
}
