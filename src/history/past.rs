//! The past as columns: every run and every case ever seen, and what came of each in each.

use std::{collections::HashMap, sync::Arc};

use crate::model::{CaseId, Counts, Measured, Metric, Outcome, RunHead, Shape};

/// All kept runs, without the details of their attempts.
///
/// A result costs 12 bytes here, so that ten thousand runs of two hundred cases stay small; the
/// details of a run are read from its record when its page is made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Every case of every run, sorted by suite, path, rule, name and example.
    pub cases: Vec<Known>,
    /// Every run, sorted by start and id.
    pub runs: Vec<PastRun>,
    /// Every shape of a failure that a run has, sorted.
    pub shapes: Vec<Shape>,
    /// Former ids of cases that were renamed, with their places in `cases`.
    pub formers: HashMap<CaseId, u32>,
}

/// A case as it is known across runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Its id, the same for ever.
    pub id: CaseId,
    /// The suite it belongs to.
    pub suite: Arc<str>,
    /// Where it stands, outermost first.
    pub path: Arc<[Arc<str>]>,
    /// What its feature calls itself, as last seen.
    pub feature: Option<Arc<str>>,
    /// The rule it belongs to.
    pub rule: Option<Arc<str>>,
    /// What it is called.
    pub name: Arc<str>,
    /// The values of its row of examples.
    pub example: Arc<[Arc<str>]>,
    /// Its tags, as last seen.
    pub tags: Arc<[Arc<str>]>,
}

/// A run in the past: all shards of it, once.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// What is known of it besides its cases.
    pub head: RunHead,
    /// The outcomes of its cases.
    pub counts: Counts,
    /// How many of its cases both passed and failed.
    pub flaky: u32,
    /// How many attempts were made in all.
    pub attempts: u32,
    /// How many problems its files had.
    pub problems: u32,
    /// What came of each case, sorted by `case`.
    pub results: Box<[Outline]>,
    /// What its cases failed with, sorted by `case`; of one case, what its last attempts failed with
    /// comes first.
    pub failures: Box<[Failing]>,
    /// What was measured of its cases, sorted by `case`; those of which nothing was are left out.
    pub measured: Box<[Measurement]>,
}

/// A case that failed in a run, if only before it passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failing {
    /// The case, as its index in [`Past::cases`].
    pub case: u32,
    /// The shape of its failure, as its index in [`Past::shapes`].
    pub shape: u32,
}

impl PastRun {
    /// What a case failed with, last attempts first.
    #[must_use]
    pub fn failures_of(&self, case: u32) -> &[Failing] {
        let from = self.failures.partition_point(|it| it.case < case);
        let to = self.failures.partition_point(|it| it.case <= case);
        &self.failures[from..to]
    }

    /// What was measured of a case.
    #[must_use]
    pub fn measured_of(&self, case: u32) -> Option<&Measurement> {
        let place = self.measured.binary_search_by_key(&case, |it| it.case);
        place.ok().map(|it| &self.measured[it])
    }
}

/// What was measured of a case in one run, in 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measurement {
    /// The case, as its index in [`Past::cases`].
    pub case: u32,
    /// Its [metrics](Self::METRICS): milliseconds, bits per second, thousandths of a core, kilobytes;
    /// `u32::MAX` where it was not measured.
    pub(super) values: [u32; 5],
}

impl Measurement {
    /// What can be measured of a case.
    pub const METRICS: [Metric; 5] =
        [Metric::Connect, Metric::BitrateIn, Metric::BitrateOut, Metric::Cpu, Metric::Memory];

    /// How many of what is kept make one of the unit of a metric.
    const SCALES: [f64; 5] = [1e3, 1.0, 1.0, 1e3, 1e-3];

    /// What was measured of the case at that index.
    #[must_use]
    pub fn new(case: u32, measured: &Measured) -> Self {
        let value = |place: usize| {
            let it = measured.get(Self::METRICS[place]).filter(|it| it.is_finite());
            it.map_or(u32::MAX, |it| {
                // What is too large to be kept is the largest that can be.
                ((it * Self::SCALES[place]).round() as u32).min(u32::MAX - 1)
            })
        };
        Self { case, values: std::array::from_fn(value) }
    }

    /// The value of a metric, in its unit.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<f64> {
        let place = Self::METRICS.iter().position(|it| *it == metric)?;
        let value = Some(self.values[place]).filter(|it| *it != u32::MAX)?;
        Some(f64::from(value) / Self::SCALES[place])
    }
}

/// What came of one case in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// The case, as its index in [`Past::cases`].
    pub case: u32,
    /// How long all attempts took, in milliseconds; `u32::MAX` where nobody says.
    pub millis: u32,
    /// How many attempts were made; 255 stands for that many or more.
    pub attempts: u8,
    /// What happened in the end.
    pub outcome: Outcome,
    /// Whether it both passed and failed in this run.
    pub flaky: bool,
}
