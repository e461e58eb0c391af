//! A run against the one that it can be compared with.

use std::collections::HashMap;

use crate::{
    history::{Outline, Past, PastRun},
    model::Combination,
};

/// The run that a run is compared with, and the next that is compared with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The newest earlier finished run of the same suite, combination and branch, or, where the
    /// branch has none, that of the default branch; an index into `Past::runs`.
    pub base: Option<usize>,
    /// Whether the base is of the default branch because the run's own branch has none.
    pub on_default_branch: bool,
    /// The next run of the same suite, combination and branch.
    pub next: Option<usize>,
}

/// What became of the cases of a run since its base; indices into `Past::cases`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transitions {
    /// Failing, and not in the base at all.
    pub new: Vec<u32>,
    /// Failing, and not failing in the base.
    pub regressed: Vec<u32>,
    /// Failing, as in the base.
    pub still_failing: Vec<u32>,
    /// Failing in the base, and passing now.
    pub fixed: Vec<u32>,
    /// Passing only after it failed, or failing in one of the two runs only and flaky on the code
    /// of this one.
    pub flaky: Vec<u32>,
    /// In the base, and gone; empty where either run was cut short.
    pub lost: Vec<u32>,
    /// Not in the base, and not failing.
    pub added: Vec<u32>,
}

impl Transitions {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.new, &self.regressed, &self.fixed, &self.flaky, &self.lost, &self.added]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// Finds for each run of `past` the one to compare it with.
pub(super) fn comparisons(
    past: &Past,
    combinations: &[Combination],
    default_branch: &str,
) -> Vec<Comparison> {
    let mut newest: HashMap<(&str, &Combination, &str), usize> = HashMap::new();
    let mut found = vec![Comparison::default(); past.runs.len()];
    for (idx, run) in past.runs.iter().enumerate() {
        let branch = run.head.branch.as_deref().unwrap_or(default_branch);
        let key = |branch| (run.head.suite.as_str(), &combinations[idx], branch);
        let own = newest.get(&key(branch)).copied();
        let fallback = || newest.get(&key(default_branch)).copied();
        found[idx].base = own.or_else(fallback);
        found[idx].on_default_branch = own.is_none() && found[idx].base.is_some();
        if let Some(own) = own {
            found[own].next = Some(idx);
        }
        if !run.head.cut_short {
            newest.insert(key(branch), idx);
        }
    }
    found
}

/// What changed from `base` to `run`, on whose code the cases in `flaky` both passed and failed.
pub(super) fn transitions(base: Option<&PastRun>, run: &PastRun, flaky: &[u32]) -> Transitions {
    let mut it = Transitions::default();
    let before = base.map_or(&[][..], |base| &base.results);
    let whole = base.is_some_and(|base| !base.head.cut_short) && !run.head.cut_short;
    let mut old = before.iter().peekable();
    for now in &run.results {
        while let Some(gone) = old.next_if(|old| old.case < now.case) {
            lose(&mut it, gone, whole);
        }
        let then = old.next_if(|old| old.case == now.case);
        let is_flaky = flaky.binary_search(&now.case).is_ok();
        sort_in(&mut it, then, now, (base.is_some(), is_flaky));
    }
    for gone in old {
        lose(&mut it, gone, whole);
    }
    it
}

fn lose(it: &mut Transitions, gone: &Outline, whole: bool) {
    if whole {
        it.lost.push(gone.case);
    }
}

fn sort_in(
    it: &mut Transitions,
    then: Option<&Outline>,
    now: &Outline,
    (has_base, is_flaky): (bool, bool),
) {
    let failed_then = then.is_some_and(|then| then.outcome.is_failing());
    let list = match (now.outcome.is_failing(), then) {
        (true, None) => &mut it.new,
        (true, Some(_)) if failed_then => &mut it.still_failing,
        (true, Some(_)) if is_flaky => &mut it.flaky,
        (true, Some(_)) => &mut it.regressed,
        (false, _) if now.flaky => &mut it.flaky,
        (false, Some(_)) if failed_then && now.outcome.is_evidence() => match is_flaky {
            true => &mut it.flaky,
            false => &mut it.fixed,
        },
        (false, None) if has_base => &mut it.added,
        (false, _) => return,
    };
    list.push(now.case);
}
