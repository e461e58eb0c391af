//! The plan: which scenarios run, in what order, and what runs beside what.

use std::sync::Arc;

use lkreport_engine::{
    context::Context,
    error::{StepError, StepResult},
    registry::Registry,
    run::{Options, Order, Shard, Weights},
};
use tokio::sync::Barrier;

use crate::{of, run};

const FEATURE: &str = "Feature: F\n  @a\n  Scenario: one\n    Given x\n  @b\n  Scenario: two\n    Given x\n\
                       \x20 @a @b\n  Scenario: three\n    Given x\n  Scenario: four\n    Given x\n";

async fn passes(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

/// The names of what ran, in the order of the plan.
async fn names(change: impl FnOnce(&mut Options)) -> Vec<String> {
    let mut options = Options::default();
    change(&mut options);
    let mut registry = Registry::new(|| ());
    registry.step("x", passes);
    let (summary, _) = run(registry, FEATURE, options).await;
    summary.cases.iter().map(|it| it.scenario.name.clone()).collect()
}

#[tokio::test]
async fn scenarios_are_chosen_by_tag_name_and_part_and_ordered() {
    let tagged = |it: &mut Options| it.selection.tags = Some("@a and not @b".parse().unwrap());
    assert_eq!(names(tagged).await, ["one"]);
    let named = |it: &mut Options| it.selection.name = Some("^t".parse().unwrap());
    assert_eq!(names(named).await, ["two", "three"]);
    let reversed = |it: &mut Options| it.selection.order = Order::Reversed;
    assert_eq!(names(reversed).await, ["four", "three", "two", "one"]);
    let shuffled = |seed| move |it: &mut Options| it.selection.order = Order::Shuffled { seed };
    assert_eq!(names(shuffled(7)).await, names(shuffled(7)).await);
    let mut orders = Vec::new();
    for seed in 0..8 {
        orders.push(names(shuffled(seed)).await);
    }
    assert!(orders.iter().any(|it| *it != orders[0]), "seeds matter");
}

#[tokio::test]
async fn the_parts_of_a_run_are_together_the_whole_whatever_the_seed() {
    let mut all = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        all.extend(
            names(|it| {
                it.selection.shard = Some(part.parse().unwrap());
                it.selection.order = Order::Shuffled { seed: part.len() as u64 };
            })
            .await,
        );
    }
    all.sort();
    assert_eq!(all, ["four", "one", "three", "two"]);
    for wrong in ["", "3", "0/3", "4/3", "a/b", "1/0"] {
        assert!(wrong.parse::<Shard>().is_err(), "`{wrong}`");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_run_beside_each_other_and_each_attempt_keeps_its_order() {
    let together = Arc::new(Barrier::new(2));
    let mut registry = Registry::new(move || Arc::clone(&together));
    // Nobody passes unless two are here at the same time.
    registry.step("x", |world: &mut Arc<Barrier>, _: Context| {
        let together = Arc::clone(world);
        async move {
            together.wait().await;
            Ok(())
        }
    });
    let options =
        Options { weights: Weights { jobs: 2, tagged: Vec::new() }, ..Options::default() };
    let (summary, envelopes) = run(registry, FEATURE, options).await;
    assert!(summary.is_success());
    for started in of(&envelopes, "testCaseStarted") {
        assert!(["0", "1"].contains(&started["workerId"].as_str().unwrap()));
        let id = &started["id"];
        let own = envelopes
            .iter()
            .filter(|it| it.as_object().unwrap().values().any(|it| it["testCaseStartedId"] == *id));
        let kinds: Vec<&str> =
            own.map(|it| it.as_object().unwrap().keys().next().unwrap().as_str()).collect();
        assert_eq!(kinds, ["testStepStarted", "testStepFinished", "testCaseFinished"]);
    }
}

#[tokio::test]
async fn a_heavy_scenario_runs_alone() {
    let mut registry = Registry::new(|| ());
    registry.step("x", |_: &mut (), _: Context| async {
        tokio::task::yield_now().await;
        Ok(())
    });
    let tagged = vec![("@a".parse().unwrap(), 9)];
    let options = Options { weights: Weights { jobs: 2, tagged }, ..Options::default() };
    let (_, envelopes) = run(registry, FEATURE, options).await;
    // `one` and `three` weigh all that there is, so at no time is another beside them.
    let names = of(&envelopes, "pickle").into_iter();
    let names: Vec<(&str, &str)> =
        names.map(|it| (it["id"].as_str().unwrap(), it["name"].as_str().unwrap())).collect();
    let name_of = |case: &serde_json::Value| {
        let case = of(&envelopes, "testCase").into_iter().find(|it| it["id"] == *case).unwrap();
        names.iter().find(|it| case["pickleId"] == it.0).unwrap().1
    };
    let mut running: Vec<(&str, &str)> = Vec::new();
    for envelope in &envelopes {
        if let Some(it) = envelope.get("testCaseStarted") {
            running.push((it["id"].as_str().unwrap(), name_of(&it["testCaseId"])));
            let heavy = running.iter().any(|it| ["one", "three"].contains(&it.1));
            assert!(!heavy || running.len() == 1, "{running:?}");
        }
        if let Some(it) = envelope.get("testCaseFinished") {
            running.retain(|that| it["testCaseStartedId"] != that.0);
        }
    }
}

#[tokio::test]
async fn fail_fast_starts_nothing_after_a_failure_and_a_broken_file_costs_only_itself() {
    let mut registry = Registry::new(|| ());
    registry.step("x", |_: &mut (), _: Context| async { Err(StepError::assertion("no")) });
    let options = Options { fail_fast: true, ..Options::default() };
    let (summary, _) = run(registry, FEATURE, options).await;
    assert_eq!(summary.cases.len(), 1);
    let broken = "Feature: F\n  Scenario: S\n    Given x\n    nonsense\n";
    let (summary, envelopes) = run(Registry::new(|| ()), broken, Options::default()).await;
    assert_eq!(summary.syntax_errors.len(), 1);
    let source = &of(&envelopes, "parseError")[0]["source"];
    assert_eq!(source["location"]["line"], 4);
    assert!(!summary.is_success());
}
