//! What components use while they run: a line a second for each, in `metrics.ndjson`.
//!
//! A process has no network counters of its own on Linux (`/proc/<pid>/net` is that of its whole
//! network namespace), so only processor time and memory are measured for processes.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use lkreport_contract::metrics::{Head, SCHEMA, Sample};
use procfs::process::Process;
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};

/// How often is measured.
const EVERY: Duration = Duration::from_secs(1);

/// Where samples go.
#[derive(Debug)]
pub struct Meter {
    file: Mutex<fs::File>,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The component.
    pub component: String,
    /// What its scenario calls it.
    pub instance: String,
    /// The attempt that it runs for.
    pub case: String,
    /// Its process.
    pub process: u32,
}

/// A measurement that goes on until this is dropped; a last sample is taken then.
#[derive(Debug)]
pub struct Measurement {
    task: JoinHandle<()>,
    state: Arc<Mutex<State>>,
    meter: Arc<Meter>,
}

#[derive(Debug)]
struct State {
    subject: Subject,
    /// Processor time so far, in seconds, and when that was.
    before: Option<(f64, Instant)>,
}

impl Meter {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When it exists or cannot be written.
    pub fn create(path: &Path, run: &str) -> io::Result<Self> {
        let meter = Self { file: Mutex::new(fs::File::create_new(path)?) };
        meter.line(&Head { schema: SCHEMA.to_owned(), run: Some(run.to_owned()) })?;
        Ok(meter)
    }

    /// Writes a sample.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, sample: &Sample) -> io::Result<()> {
        self.line(sample)
    }

    fn line(&self, line: &impl serde::Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes)
    }
}

/// Measures a process from now on.
#[must_use]
pub fn measure(meter: Arc<Meter>, subject: Subject) -> Measurement {
    let state = Arc::new(Mutex::new(State { subject, before: None }));
    let (watched, to) = (Arc::clone(&state), Arc::clone(&meter));
    let task = tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if !sample(&watched, &to) {
                break;
            }
        }
    });
    Measurement { task, state, meter }
}

impl Drop for Measurement {
    fn drop(&mut self) {
        self.task.abort();
        sample(&self.state, &self.meter);
    }
}

/// Takes one sample; whether there is still something to measure.
fn sample(state: &Mutex<State>, meter: &Meter) -> bool {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((seconds, memory)) = used(state.subject.process) else { return false };
    let now = Instant::now();
    let cpu = state.before.map(|(before, at)| {
        let passed = now.duration_since(at).as_secs_f64();
        if passed > 0.0 { (seconds - before) / passed } else { 0.0 }
    });
    state.before = Some((seconds, now));
    let Subject { component, instance, case, .. } = state.subject.clone();
    let sample = Sample {
        t: Timestamp::now(),
        component,
        instance: Some(instance),
        case: Some(case),
        participant: None,
        cpu,
        mem: Some(memory),
        rx: None,
        tx: None,
        webrtc: None,
    };
    // A disk that is full stops the stream of messages, which says so; samples are not worth more.
    meter.write(&sample).is_ok()
}

/// Processor time in seconds and resident memory in bytes of a process.
fn used(process: u32) -> Option<(f64, u64)> {
    let stat = Process::new(i32::try_from(process).ok()?).ok()?.stat().ok()?;
    let ticks = stat.utime + stat.stime;
    #[expect(clippy::cast_precision_loss, reason = "no process runs for so many ticks")]
    let seconds = ticks as f64 / procfs::ticks_per_second() as f64;
    Some((seconds, stat.rss * procfs::page_size()))
}
