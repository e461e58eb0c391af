//! What runs beside what: scenarios begin in the order of the plan, as soon as there is room for them.

use std::{
    collections::BTreeSet,
    panic,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{sync::Semaphore, task::JoinSet};
use tracing::{Instrument, info_span};

use super::{Case, Planned, Progress, Run};
use crate::{messages::Pickle, tag::TagExpression};

/// How many scenarios run at the same time, and how heavy each is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// How much weight runs at the same time; one scenario weighs 1.
    pub jobs: u32,
    /// What some scenarios weigh; the first that holds prevails. None weighs more than all jobs.
    pub tagged: Vec<(TagExpression, u32)>,
}

impl Default for Weights {
    fn default() -> Self {
        Self { jobs: 1, tagged: Vec::new() }
    }
}

impl Weights {
    fn of(&self, scenario: &Pickle) -> u32 {
        let tagged = self.tagged.iter().find(|it| it.0.holds(scenario.tags()));
        tagged.map_or(1, |it| it.1).clamp(1, self.jobs.max(1))
    }
}

/// The numbers of the workers that are busy; a heavy scenario takes the place of several.
#[derive(Default)]
struct Workers(Mutex<BTreeSet<u32>>);

impl Workers {
    /// The lowest number that is free.
    fn take(&self) -> u32 {
        let mut busy = self.busy();
        let free = (0..).find(|it| !busy.contains(it)).unwrap_or_default();
        busy.insert(free);
        free
    }

    fn give(&self, worker: u32) {
        self.busy().remove(&worker);
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Send + 'static> Run<W> {
    /// Runs what is planned; returns what began, in the order of the plan.
    pub(super) async fn schedule(self: &Arc<Self>, planned: Vec<Planned>) -> Vec<Case> {
        let jobs = self.options.weights.jobs.max(1);
        let room = Arc::new(Semaphore::new((jobs as usize).min(Semaphore::MAX_PERMITS)));
        let workers = Arc::new(Workers::default());
        let has_failed = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for (n, planned) in planned.into_iter().enumerate() {
            let weight = self.options.weights.of(&planned.scenario);
            let cancelled = &self.options.cancelled;
            let room = tokio::select! {
                biased;
                () = cancelled.cancelled() => break,
                room = Arc::clone(&room).acquire_many_owned(weight) => room,
            };
            let is_over = self.options.fail_fast && has_failed.load(Ordering::Acquire);
            if is_over || cancelled.is_cancelled() || self.stream.is_broken() {
                break;
            }
            let (run, workers) = (Arc::clone(self), Arc::clone(&workers));
            let has_failed = Arc::clone(&has_failed);
            tasks.spawn(async move {
                let worker = workers.take();
                let case = run.case(&planned, (jobs > 1).then_some(worker)).await;
                if !case.status().is_fine() {
                    has_failed.store(true, Ordering::Release);
                }
                workers.give(worker);
                drop(room);
                (n, case)
            });
        }
        let mut cases = Vec::new();
        while let Some(done) = tasks.join_next().await {
            match done {
                Ok(case) => cases.push(case),
                // Steps are caught; this is a fault of the engine, and nobody may miss it.
                Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            }
        }
        cases.sort_unstable_by_key(|it| it.0);
        cases.into_iter().map(|it| it.1).collect()
    }

    /// Runs one scenario until an attempt is the last.
    async fn case(&self, planned: &Planned, worker: Option<u32>) -> Case {
        let mut attempts = Vec::new();
        for number in 0.. {
            self.tell(Progress::Began(Arc::clone(&planned.scenario)));
            let scenario = planned.scenario.name.as_str();
            let id = format!("{}-{}", planned.id, number + 1);
            let span =
                info_span!(target: "lkreport", "attempt", scenario, attempt = number + 1, id);
            let attempt = self.attempt(planned, number, worker).instrument(span).await;
            self.tell(Progress::Ended(Arc::clone(&planned.scenario), Box::new(attempt.clone())));
            let is_last = attempt.retry.is_none();
            attempts.push(attempt);
            if is_last {
                break;
            }
        }
        Case { scenario: Arc::clone(&planned.scenario), attempts }
    }
}
