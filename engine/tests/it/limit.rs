//! Limits: a phase that takes too long is a failure that names it.

use std::{
    future::{pending, ready},
    time::Duration,
};

use lkreport_engine::{
    context::Context,
    error::{Class, Phase, StepResult},
    hook::Scope,
    registry::Registry,
    run::Options,
};
use tokio::time::{Instant, sleep_until};

use crate::{attached, of, run, statuses};

async fn hangs(_: &mut (), _: Context) -> StepResult {
    pending().await
}

async fn takes_50_s(_: &mut (), _: Context) -> StepResult {
    sleep_until(Instant::now() + Duration::from_secs(50)).await;
    Ok(())
}

async fn cleans(_: &mut (), hook: Context) -> StepResult {
    hook.log("cleaned");
    Ok(())
}

const FEATURE: &str = "Feature: F\n  @slow\n  Scenario: S\n    Given a server\n    Then nothing\n";

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_reached_names_its_phase_and_cleanup_follows() {
    let mut registry = Registry::new(|| ());
    registry.step_in(Phase::Startup, "a server", hangs).step("nothing", hangs);
    registry.after(Scope::all(), cleans);
    let began = Instant::now();
    let (summary, envelopes) = run(registry, FEATURE, Options::default()).await;
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(statuses(&envelopes), ["FAILED", "SKIPPED", "PASSED"]);
    let warning = "three quarters of the limit of phase startup, 60s, are over";
    assert_eq!(attached(&envelopes), [warning, "cleaned"]);
    let [case] = summary.cases.as_slice() else { panic!("one case") };
    assert_eq!(case.attempts.len(), 1, "a limit is never followed by a further attempt");
    let step = &case.attempts[0].steps[0];
    assert_eq!(step.class, Some(Class::Limit(Phase::Startup)));
    let message = "the limit of phase startup, 60s, was reached";
    assert_eq!(step.message.as_deref(), Some(message));
}

#[tokio::test(start_paused = true)]
async fn a_tag_gives_more_time_and_three_quarters_of_it_are_announced_once() {
    let limited = |options: Options| async {
        let mut registry = Registry::new(|| ());
        registry.step("a server", takes_50_s).step("nothing", takes_50_s);
        run(registry, FEATURE, options).await.1
    };
    let mut options = Options::default();
    options.limits.step = Duration::from_secs(40);
    let tight = limited(options.clone()).await;
    assert_eq!(statuses(&tight), ["FAILED", "SKIPPED"]);
    let tagged = ("@slow".parse().unwrap(), Phase::Step, Duration::from_secs(64));
    options.limits.tagged.push(tagged);
    let wide = limited(options).await;
    assert_eq!(statuses(&wide), ["PASSED", "PASSED"]);
    let warning = "three quarters of the limit of phase step, 64s, are over";
    assert_eq!(attached(&wide), [warning, warning], "once for each step");
}

#[tokio::test(start_paused = true)]
async fn what_looks_on_says_what_it_sees_when_a_limit_is_near_and_when_it_is_reached() {
    let mut registry = Registry::new(|| "the world");
    registry
        .step_in(Phase::Connection, "a server", async |_: &mut &str, _: Context| pending().await);
    registry.step("nothing", async |_: &mut &str, _: Context| Ok(()));
    registry.look(|world: &&str| {
        let seen = format!("{world} as it was");
        Box::new(move || Box::pin(ready(seen.clone())))
    });
    let (_, envelopes) = run(registry, FEATURE, Options::default()).await;
    let attached = of(&envelopes, "attachment").into_iter();
    let named = attached.filter_map(|it| Some((it["fileName"].as_str()?, it["body"].as_str()?)));
    let expected = ["connection-warning.txt", "connection-limit.txt"];
    assert_eq!(named.collect::<Vec<_>>(), expected.map(|it| (it, "the world as it was")));
}

#[tokio::test(start_paused = true)]
async fn no_limit_is_too_long_to_be_one() {
    let mut options = Options::default();
    options.limits.step = Duration::MAX;
    let mut registry = Registry::new(|| ());
    registry.step("a server", takes_50_s).step("nothing", takes_50_s);
    let (_, envelopes) = run(registry, FEATURE, options).await;
    assert_eq!(statuses(&envelopes), ["PASSED", "PASSED"]);
}
