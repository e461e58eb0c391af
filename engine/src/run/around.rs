//! What happens around a run: its hooks, each of them, also after one that failed.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Run,
    limit::{Limit, interrupted},
    tell::Told,
};
use crate::{
    context::Context,
    error::Phase,
    evidence::{Evidence, Files},
    hook::RunHook,
    messages::{Envelope, HookKind, Owner, TestRunHookFinished, TestRunHookStarted},
};

impl<W: Send + 'static> Run<W> {
    /// Runs all hooks of this kind, also after one that failed; returns what went wrong.
    pub(super) async fn hooks(&self, kind: HookKind) -> Vec<String> {
        let mut failures = Vec::new();
        let is_cleanup = kind == HookKind::AfterTestRun;
        let phase = if is_cleanup { Phase::Cleanup } else { Phase::Startup };
        let limit = (phase, self.options.limits.of(phase, None));
        for index in self.registry.run_hooks_of(kind) {
            let told = self.hook(&self.registry.run_hooks[index], limit).await;
            if !told.status.is_fine() {
                failures.push(told.message.unwrap_or_else(|| "it is pending".to_owned()));
            }
        }
        failures
    }

    async fn hook(&self, hook: &RunHook, limit: (Phase, Duration)) -> Told {
        let (id, hook_id, test_run_started_id) = (self.stream.id(), hook.id, self.id);
        let timestamp = self.stream.timestamp();
        let started = TestRunHookStarted { id, test_run_started_id, hook_id, timestamp };
        self.stream.say(&Envelope::TestRunHookStarted(started));
        let owner = Owner::RunHook { test_run_hook_started_id: id };
        let (begun, evidence) = (Instant::now(), self.evidence(owner, hook.kind));
        // Nothing interrupts cleanup.
        let never = CancellationToken::new();
        let is_cleanup = limit.0 == Phase::Cleanup;
        let cancelled = if is_cleanup { &never } else { &self.options.cancelled };
        let context = Context::around_run(evidence.clone(), cancelled.clone());
        let result = if cancelled.is_cancelled() {
            interrupted()
        } else {
            let (phase, limit) = limit;
            let limit = Limit { phase, limit, evidence: &evidence, cancelled, look: None };
            limit.hold(|| hook.body.call(context)).await
        };
        let told = Told::new(result, &hook.source, &evidence);
        self.stream.say(&Envelope::TestRunHookFinished(TestRunHookFinished {
            test_run_hook_started_id: id,
            result: told.result(begun.elapsed()),
            timestamp: self.stream.timestamp(),
        }));
        told
    }

    /// The evidence of a hook around the run.
    fn evidence(&self, owner: Owner, kind: HookKind) -> Evidence {
        let what = if kind == HookKind::BeforeTestRun { "before-all" } else { "after-all" };
        let prefix = || format!("{what}-1-{}", self.stream.now().strftime("%Y%m%dT%H%M%SZ"));
        let results = self.options.results.clone();
        Evidence {
            stream: Arc::clone(&self.stream),
            owner,
            files: results.map(|results| {
                Arc::new(Files { results, prefix: prefix(), meter: self.options.meter.clone() })
            }),
            extra: Arc::default(),
            began: Instant::now(),
        }
    }
}
