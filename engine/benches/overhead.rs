//! What the runner itself costs: scenarios of ten empty steps, two hooks, and 250 steps to choose from.
//!
//! The aim is at most 2 ms a scenario; Criterion tells the time of a hundred.

use std::{fmt::Write, io, sync::Arc};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lkreport_engine::{
    context::Context,
    error::StepResult,
    feature::Source,
    hook::Scope,
    messages::Stream,
    registry::Registry,
    run::{self, Options, Weights},
};

const SCENARIOS: u32 = 100;

async fn nothing(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

fn registry() -> Registry<()> {
    let mut registry = Registry::new(|| ());
    for n in 0..250 {
        let expression = format!("participant {{string}} does thing {n} in room {{string}}");
        registry.step(&expression, nothing);
    }
    registry.before(Scope::all(), nothing).after(Scope::tagged("not @none"), nothing);
    registry
}

fn feature() -> Source {
    let mut text = "Feature: Overhead\n".to_owned();
    for scenario in 0..SCENARIOS {
        let _ = writeln!(text, "  Scenario: number {scenario}");
        for step in 0..10 {
            let thing = (scenario + step * 25) % 250;
            let _ =
                writeln!(text, "    Given participant \"ada\" does thing {thing} in room \"x\"");
        }
    }
    Source { uri: "overhead.feature".to_owned(), text }
}

fn overhead(criterion: &mut Criterion) {
    let (registry, sources) = (Arc::new(registry()), [feature()]);
    let mut group = criterion.benchmark_group("overhead");
    group.throughput(Throughput::Elements(SCENARIOS.into())).sample_size(10);
    for jobs in [1, 2] {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .expect("two threads");
        group.bench_function(format!("jobs/{jobs}"), |bencher| {
            bencher.iter(|| {
                let weights = Weights { jobs, tagged: Vec::new() };
                let options = Options { weights, ..Options::default() };
                let stream = Arc::new(Stream::new(io::sink()));
                let run = run::run(Arc::clone(&registry), &sources, options, stream);
                assert!(runtime.block_on(run).is_success());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, overhead);
criterion_main!(benches);
