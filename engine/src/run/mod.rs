//! A run: features in, a stream of messages and a summary out.
//!
//! # Order
//!
//! The envelopes of one attempt stand in the order in which things happened. Those of attempts that run
//! beside each other may alternate; each says which worker it belongs to. All scenarios of the plan are
//! announced before the first one starts.
//!
//! # Interruption
//!
//! When [`Options::cancelled`] is cancelled, what runs is cut, what waits never starts, and what cleans
//! up runs within its limit. The stream ends as any other does.

mod around;
mod attempt;
mod limit;
mod matching;
mod panic;
mod plan;
mod retry;
mod schedule;
mod summary;
mod tell;

use std::{path::PathBuf, sync::Arc};

use lkreport_contract::gherkin::SyntaxError;
use tokio::sync::mpsc::UnboundedSender;
pub use tokio_util::sync::CancellationToken;

pub use self::{
    limit::Limits,
    plan::{Order, Selection, Shard, ShardError},
    retry::Retries,
    schedule::Weights,
    summary::{Attempt, Case, Step, Summary},
};
use self::{matching::Planned, panic::Watch};
use crate::{
    feature::{self, Source},
    messages::{
        Envelope, Exception, HookKind, Id, Location, Meta, ParseError, Pickle, SourceReference,
        SourceText, Stream, TestRunFinished, TestRunStarted,
    },
    metrics::Meter,
    registry::Registry,
};

/// How a run goes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which scenarios, in what order.
    pub selection: Selection,
    /// How many at the same time, and how heavy each is.
    pub weights: Weights,
    /// Which attempts are followed by a further one.
    pub retries: Retries,
    /// How long each phase may take.
    pub limits: Limits,
    /// Whether no further scenario starts after one that failed for good.
    pub fail_fast: bool,
    /// Cancelled to interrupt the run.
    pub cancelled: CancellationToken,
    /// Why no scenario can run, where something outside of all steps is missing; the stream says it.
    pub blocked: Option<String>,
    /// The results directory, where files that steps attach go; without it they go into the stream.
    pub results: Option<PathBuf>,
    /// Where what is measured goes.
    pub meter: Option<Arc<Meter>>,
    /// Who is told how far the run is.
    pub progress: Option<UnboundedSender<Progress>>,
}

/// How far a run is, for somebody who watches it.
#[derive(Debug, Clone)]
pub enum Progress {
    /// So many scenarios will run.
    Planned(usize),
    /// An attempt at a scenario begins.
    Began(Arc<Pickle>),
    /// It ended; a further one follows where it says so.
    Ended(Arc<Pickle>, Box<Attempt>),
}

/// What all of a run shares.
struct Run<W> {
    id: Id,
    registry: Arc<Registry<W>>,
    options: Options,
    stream: Arc<Stream>,
}

/// Runs the features and says what happens on the stream.
///
/// Scenarios run on the tokio runtime of the caller; on one of several threads, beside each other.
pub async fn run<W: Send + 'static>(
    registry: Arc<Registry<W>>,
    sources: &[Source],
    options: Options,
    stream: Arc<Stream>,
) -> Summary {
    let watch = Watch::begin();
    stream.ids_from(registry.next);
    stream.say(&Envelope::Meta(Meta::of_this_engine()));
    let mut summary = Summary::beginning_at(stream.now());
    let scenarios = read(sources, &stream, &mut summary);
    registry.messages.iter().for_each(|it| stream.say(it));
    let (id, timestamp) = (stream.id(), stream.timestamp());
    stream.say(&Envelope::TestRunStarted(TestRunStarted { id, timestamp }));
    summary.blocked = match registry.faults.as_slice() {
        [] => options.blocked.clone(),
        faults => Some(faults.join("\n")),
    };
    let run = Arc::new(Run { id, registry, options, stream });
    if summary.blocked.is_none() {
        summary.hook_failures = run.hooks(HookKind::BeforeTestRun).await;
        if summary.hook_failures.is_empty() {
            let scenarios = run.options.selection.select(scenarios);
            run.tell(Progress::Planned(scenarios.len()));
            let planned = scenarios.into_iter().map(|it| run.plan(it)).collect();
            summary.cases = run.schedule(planned).await;
        }
        summary.hook_failures.extend(run.hooks(HookKind::AfterTestRun).await);
    }
    run.finish(&mut summary);
    drop(watch);
    summary
}

/// Says what the features hold; a file that cannot be read costs its own scenarios.
fn read(sources: &[Source], stream: &Stream, summary: &mut Summary) -> Vec<Pickle> {
    let mut scenarios = Vec::new();
    for source in sources {
        stream.say(&Envelope::Source(SourceText {
            uri: source.uri.clone(),
            data: source.text.clone(),
            media_type: "text/x.cucumber.gherkin+plain",
        }));
        match feature::compile(source, &|| stream.id()) {
            Ok(feature) => {
                stream.say(&Envelope::GherkinDocument(feature.document));
                for pickle in feature.pickles {
                    stream.say(&Envelope::Pickle(pickle.clone()));
                    scenarios.push(pickle);
                }
            }
            Err(errors) => {
                for error in errors {
                    stream.say(&Envelope::ParseError(parse_error(source, &error)));
                    summary.syntax_errors.push((source.uri.clone(), error));
                }
            }
        }
    }
    scenarios
}

fn parse_error(source: &Source, error: &SyntaxError) -> ParseError {
    let location = Location { line: error.place.line, column: Some(error.place.column) };
    let source = SourceReference { uri: source.uri.clone(), location };
    ParseError { source, message: error.to_string() }
}

impl<W: Send + 'static> Run<W> {
    fn tell(&self, progress: Progress) {
        if let Some(watcher) = &self.options.progress {
            // Whoever ceased to watch need not know.
            _ = watcher.send(progress);
        }
    }

    /// Says that the run ended, and how.
    fn finish(&self, summary: &mut Summary) {
        summary.was_interrupted = self.options.cancelled.is_cancelled();
        summary.finished = self.stream.now();
        let message = summary.blocked.as_deref().map(|it| self.stream.masked(it));
        let exception = message.as_ref().map(|message| Exception {
            kind: "blocked".to_owned(),
            message: message.clone(),
            stack_trace: message.clone(),
        });
        self.stream.say(&Envelope::TestRunFinished(TestRunFinished {
            test_run_started_id: self.id,
            success: summary.is_success(),
            message,
            exception,
            timestamp: summary.finished.into(),
        }));
        summary.stream_error = self.stream.broken();
    }
}
