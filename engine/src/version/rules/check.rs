//! What the rules say of a combination.

use std::fmt;

use super::{Needs, Ranges, Rule, Strictness};
use crate::version::{Combination, Range, Version, server};

/// What the rules say of a combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rules that it breaks, the strictest first; those to be ignored are not among them.
    pub violations: Vec<Violation>,
    /// Of the combinations that were tested before the nearest that breaks no rule as strict as those
    /// that this one breaks: fewest components changed, then the smallest step.
    pub nearest: Option<Combination>,
    /// Where there is none, the nearest of the others, which nobody has tested.
    pub possible: Option<Combination>,
    /// Whether none of those that were tested before covers this one; never where nobody knows of any.
    pub is_untested: bool,
}

/// A rule that a combination breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's id.
    pub rule: String,
    /// What becomes of the run.
    pub strictness: Strictness,
    /// What does not go together, why, and who says so.
    pub message: String,
}

impl Verdict {
    /// Whether a run of the combination may not start.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.violations.iter().any(|it| it.strictness == Strictness::Fail)
    }
}

/// One thing a line: the rules, the nearest combination that works, whether this one was ever tested.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.violations {
            writeln!(f, "{}: {} [{}]", it.strictness, it.message, it.rule)?;
        }
        if let Some(nearest) = &self.nearest {
            writeln!(f, "the nearest combination that works: {nearest}")?;
        }
        if let Some(possible) = &self.possible {
            writeln!(f, "the nearest combination that breaks no such rule: {possible}")?;
        }
        if self.is_untested {
            writeln!(f, "warn: untested: the history has no run of this combination")?;
        }
        Ok(())
    }
}

/// What the rules say of a combination; `others` are those that could run as well, `tested` those that ran
/// before, where that is known.
#[must_use]
pub fn check(
    rules: &[Rule],
    combination: &Combination,
    others: &[Combination],
    tested: Option<&[Combination]>,
) -> Verdict {
    let violations = violations(rules, combination);
    let strictest = violations.iter().map(|it| it.strictness).max();
    let near =
        |among| strictest.and_then(|strictest| nearest(rules, strictest, combination, among));
    let nearest = near(tested.unwrap_or_default());
    let possible = if nearest.is_none() { near(others) } else { None };
    let is_untested = tested.is_some_and(|all| !all.iter().any(|it| it.covers(combination)));
    Verdict { violations, nearest, possible, is_untested }
}

fn violations(rules: &[Rule], combination: &Combination) -> Vec<Violation> {
    let counts = rules.iter().filter(|it| it.strictness != Strictness::Ignore);
    let broken = counts.filter_map(|it| Some((it, broken(it, combination)?)));
    let mut found: Vec<_> = broken
        .map(|(it, what)| Violation {
            rule: it.id.clone(),
            strictness: it.strictness,
            message: format!("{what}: {} ({})", it.reason, it.source),
        })
        .collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.strictness));
    found
}

/// What does not go together, where the rule is broken.
fn broken(rule: &Rule, combination: &Combination) -> Option<String> {
    let held = held(&rule.components, combination)?;
    let named = |these: &[(&str, &Version)]| {
        these.iter().map(|(name, it)| format!("{name} {it}")).collect::<Vec<_>>().join(" with ")
    };
    match &rule.needs {
        Needs::Nothing => Some(named(&held)),
        Needs::Versions(ranges) => ranges.iter().find_map(|(name, range)| {
            let version = combination.get(name).filter(|it| !range.holds(it))?;
            Some(format!("{} needs {name} {range}, and this is {version}", named(&held)))
        }),
        Needs::Same(numbers) => {
            let first = held.first().map(|it| numbers_of(it.1, *numbers));
            let all_same = held.iter().all(|it| Some(numbers_of(it.1, *numbers)) == first);
            (!all_same).then(|| format!("{} should be of one version", named(&held)))
        }
        Needs::Protocol(least) => {
            let version = combination.get("livekit")?;
            let spoken = server::protocol(version)?;
            (spoken < *least).then(|| {
                let needs = format!("{} needs signal protocol {least}", named(&held));
                format!("{needs}, and livekit {version} speaks {spoken}")
            })
        }
    }
}

/// The components of the rule in the combination, where all take part in versions that it is about.
fn held<'a>(
    ranges: &'a Ranges,
    combination: &'a Combination,
) -> Option<Vec<(&'a str, &'a Version)>> {
    let of = |(name, range): (&'a String, &Range)| {
        let version = combination.get(name).filter(|it| range.holds(it))?;
        Some((name.as_str(), version))
    };
    ranges.iter().map(of).collect()
}

/// The first numbers of a version; with all three also the pre-release.
fn numbers_of(version: &Version, numbers: usize) -> (Vec<u64>, Option<&semver::Prerelease>) {
    let it = version.meaning();
    let all = [it.major, it.minor, it.patch];
    (all.into_iter().take(numbers).collect(), (numbers > 2).then_some(&it.pre))
}

fn nearest(
    rules: &[Rule],
    strictest: Strictness,
    combination: &Combination,
    among: &[Combination],
) -> Option<Combination> {
    let works = |it: &Combination| violations(rules, it).iter().all(|it| it.strictness < strictest);
    // What took part besides, such as a browser, says nothing of these components.
    let candidates = among.iter().filter_map(|it| it.versions_of(combination)).filter(works);
    candidates.min_by_key(|it| (distance(combination, it), it.clone()))
}

/// How many components differ, and by how much in their first, second and third numbers.
fn distance(from: &Combination, to: &Combination) -> (usize, [u64; 3]) {
    let (mut changed, mut steps) = (0, [0_u64; 3]);
    for ((_, a), (_, b)) in from.iter().zip(to.iter()).filter(|(a, b)| a.1 != b.1) {
        changed += 1;
        let (a, b) = (a.meaning(), b.meaning());
        let differences =
            [a.major.abs_diff(b.major), a.minor.abs_diff(b.minor), a.patch.abs_diff(b.patch)];
        for (step, difference) in steps.iter_mut().zip(differences) {
            *step = step.saturating_add(difference);
        }
    }
    (changed, steps)
}
