//! What has to differ for a change to count, by metric and by scenario.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::level::Sensitivity;
use crate::{history::Known, model::Metric};

/// How improbable by chance a change has to be unless somebody says otherwise.
const P: f64 = 0.01;

/// The least change that matters unless somebody says otherwise.
const CHANGE: f64 = 0.2;

/// What somebody said of how to judge; what is left open is the usual.
#[derive(Debug, Clone, Default)]
pub struct Tuning {
    /// How improbable by chance a change has to be.
    pub p: Option<f64>,
    /// The least change that matters, by metric; 0.2 is 20 %.
    pub change: BTreeMap<Metric, f64>,
    /// What is not judged at all.
    pub off: BTreeSet<Metric>,
    /// The run or the version that the newest is judged against.
    pub baseline: Option<String>,
}

/// How all scenarios are judged, and what differs for some.
#[derive(Debug, Clone, Default)]
pub struct ShiftRules {
    /// How all are judged.
    pub usual: Tuning,
    /// What differs for some; the first that matches prevails.
    pub scenarios: Vec<(Vec<Glob>, Tuning)>,
}

impl ShiftRules {
    /// How a case is judged.
    pub(super) fn of(&self, known: &Known) -> Judge<'_> {
        let matches = |globs: &[Glob]| globs.iter().any(|it| it.matches(known));
        let own = self.scenarios.iter().find(|(globs, _)| matches(globs)).map(|it| &it.1);
        Judge { own, usual: &self.usual }
    }

    /// Every baseline that is named.
    pub fn baselines(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.usual).chain(self.scenarios.iter().map(|it| &it.1));
        all.filter_map(|it| it.baseline.as_deref())
    }
}

/// How one case is judged.
pub(super) struct Judge<'a> {
    own: Option<&'a Tuning>,
    usual: &'a Tuning,
}

impl<'a> Judge<'a> {
    fn said(&self) -> impl Iterator<Item = &'a Tuning> {
        self.own.into_iter().chain([self.usual])
    }

    /// What has to differ for a metric; `None` where it is not judged.
    pub(super) fn sensitivity(&self, metric: Metric) -> Option<Sensitivity> {
        if self.said().any(|it| it.off.contains(&metric)) {
            return None;
        }
        Some(Sensitivity {
            p: self.said().find_map(|it| it.p).unwrap_or(P),
            change: self.said().find_map(|it| it.change.get(&metric).copied()).unwrap_or(CHANGE),
        })
    }

    /// What the newest is judged against.
    pub(super) fn baseline(&self) -> Option<&'a str> {
        self.said().find_map(|it| it.baseline.as_deref())
    }
}

/// A pattern for the names of scenarios, or with an `@` for their tags: `*` is any text, `?` any sign.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Regex,
    is_tag: bool,
}

impl Glob {
    /// Takes a pattern; none where it is empty or longer than anybody means.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let pattern = regex::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
        let regex = Regex::new(&format!("(?s)^{pattern}$")).ok()?;
        (!text.is_empty()).then(|| Self { regex, is_tag: text.starts_with('@') })
    }

    fn matches(&self, known: &Known) -> bool {
        if self.is_tag {
            return known.tags.iter().any(|it| self.regex.is_match(it));
        }
        self.regex.is_match(&known.name)
    }
}
