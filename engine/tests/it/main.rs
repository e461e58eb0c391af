//! The engine, proved through its border: features in, a stream and a summary out.
//!
//! Time stands still here: tokio's clock moves only when everybody waits.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod browser;
mod docker;
mod evidence;
mod expression;
mod interrupt;
mod limit;
mod matrix;
mod network;
mod panic;
mod participant;
mod pickle;
mod plan;
mod profile;
mod publisher;
mod real_server;
mod results;
mod retry;
mod rules;
mod s3;
mod server;
mod stack;
mod tag;
mod taking_part;
mod version;
mod vocabulary;
mod webhook;

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use lkreport_engine::{
    browser::Pool,
    feature::Source,
    messages::Stream,
    network::Given,
    registry::Registry,
    run::{self, Options, Summary},
    runtime::{Processes, Runtime, ledger::Ledger},
    stack::{Provider, Stack, default_directory},
    version::Combination,
    world::{Setup, Waits},
};
use serde_json::Value;

/// Keeps in memory what a stream writes.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    /// What was written so far.
    fn envelopes(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap();
        let lines = std::str::from_utf8(&bytes).unwrap().lines();
        lines.map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn source(text: &str) -> Source {
    Source { uri: "features/a.feature".to_owned(), text: text.to_owned() }
}

/// What attempts share: the programs of this machine as processes, in a folder of the test.
fn setup(folder: &Path, clients: &Path) -> Setup {
    let (ledger, directory) = (folder.join("running"), folder.join("attempts"));
    let ledger = Arc::new(Ledger::open(&ledger).unwrap());
    Setup {
        stack: Stack { providers: vec![Provider::Path(default_directory())] },
        browsers: Arc::new(Pool::new(Arc::clone(&ledger), &directory, clients, false)),
        runtime: Runtime::Process(Processes::new(ledger)),
        versions: Combination::default(),
        directory,
        waits: Waits::default(),
        token_service: None,
        network: Given::default(),
    }
}

/// Runs one feature.
async fn run<W: Send + 'static>(
    registry: Registry<W>,
    feature: &str,
    options: Options,
) -> (Summary, Vec<Value>) {
    let memory = Memory::default();
    let stream = Arc::new(Stream::new(memory.clone()));
    let summary = run::run(Arc::new(registry), &[source(feature)], options, stream).await;
    (summary, memory.envelopes())
}

/// The bodies of the envelopes of one kind.
fn of<'a>(envelopes: &'a [Value], kind: &str) -> Vec<&'a Value> {
    envelopes.iter().filter_map(|it| it.get(kind)).collect()
}

/// What became of the steps, in the order of the stream.
fn statuses(envelopes: &[Value]) -> Vec<&str> {
    let finished = of(envelopes, "testStepFinished").into_iter();
    finished.map(|it| it["testStepResult"]["status"].as_str().unwrap()).collect()
}

/// The bodies of all attachments.
fn attached(envelopes: &[Value]) -> Vec<&str> {
    of(envelopes, "attachment").iter().map(|it| it["body"].as_str().unwrap()).collect()
}
