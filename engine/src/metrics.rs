//! What components use while they run: a line a second for each, in `metrics.ndjson`.
//!
//! A process has no network counters of its own on Linux (`/proc/<pid>/net` is that of its whole
//! network namespace), so only processor time and memory are measured for processes. A container has a
//! namespace of its own, so `docker stats` knows its traffic.

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
use serde_json::Value;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use crate::runtime::ContainerGauge;

/// How often is measured.
const EVERY: Duration = Duration::from_secs(1);

/// How long the last sample may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where samples go.
#[derive(Debug)]
pub struct Meter {
    file: Mutex<fs::File>,
}

/// What is measured.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The component.
    pub component: String,
    /// What its scenario calls it.
    pub instance: String,
    /// The attempt that it runs for.
    pub case: String,
    /// Who says what it uses.
    pub gauge: Gauge,
}

/// Who says what a service uses.
#[derive(Debug, Clone)]
pub enum Gauge {
    /// The kernel, of one process.
    Process(u32),
    /// The Docker daemon, of a container with all that runs in it.
    Container(ContainerGauge),
}

/// What a service uses, and has used since it started.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Used {
    /// Processor time, in seconds.
    seconds: f64,
    /// Resident memory, in bytes.
    memory: u64,
    /// Received and sent, in bytes; none where nobody counts it.
    network: Option<(u64, u64)>,
}

/// A measurement that goes on until it is [ended](Self::end) or dropped.
#[derive(Debug)]
pub struct Measurement {
    task: JoinHandle<()>,
    end: Option<oneshot::Sender<()>>,
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

/// Measures a service from now on.
#[must_use]
pub fn measure(meter: Arc<Meter>, subject: Subject) -> Measurement {
    let (end, ended) = oneshot::channel();
    let task = tokio::spawn(watch(meter, subject, ended));
    Measurement { task, end: Some(end) }
}

impl Measurement {
    /// Takes a last sample.
    pub async fn end(mut self) {
        self.end = None;
        // A daemon that no longer answers holds nobody up for long.
        _ = timeout(PATIENCE, &mut self.task).await;
    }
}

impl Drop for Measurement {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes samples until there is nothing to measure any more, and one when the measurement ends.
async fn watch(meter: Arc<Meter>, subject: Subject, mut ended: oneshot::Receiver<()>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut before, mut is_over) = (None, false);
    while !is_over {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut ended => is_over = true,
        }
        let Some(used) = subject.gauge.used().await else { return };
        let now = Instant::now();
        let sample = subject.sample(used, before.map(|(before, at)| (before, now - at)));
        before = Some((used, now));
        // A disk that is full stops the stream of messages, which says so; samples are not worth more.
        if meter.write(&sample).is_err() {
            return;
        }
    }
}

impl Subject {
    fn sample(&self, used: Used, before: Option<(Used, Duration)>) -> Sample {
        let share = |(before, passed): (Used, Duration)| {
            let passed = passed.as_secs_f64();
            if passed > 0.0 { (used.seconds - before.seconds) / passed } else { 0.0 }
        };
        Sample {
            t: Timestamp::now(),
            component: self.component.clone(),
            instance: Some(self.instance.clone()),
            case: Some(self.case.clone()),
            participant: None,
            cpu: before.map(share),
            mem: Some(used.memory),
            rx: used.network.map(|it| it.0),
            tx: used.network.map(|it| it.1),
            webrtc: None,
        }
    }
}

impl Gauge {
    /// None where there is nothing to measure any more.
    async fn used(&self) -> Option<Used> {
        match self {
            Self::Process(id) => of_process(*id),
            Self::Container(it) => of_container(&it.stats().await.ok()?),
        }
    }
}

fn of_process(id: u32) -> Option<Used> {
    let stat = Process::new(i32::try_from(id).ok()?).ok()?.stat().ok()?;
    let ticks = stat.utime + stat.stime;
    #[expect(clippy::cast_precision_loss, reason = "no process runs for so many ticks")]
    let seconds = ticks as f64 / procfs::ticks_per_second() as f64;
    Some(Used { seconds, memory: stat.rss * procfs::page_size(), network: None })
}

/// Reads what `docker stats` says; a container that has ended uses nothing, and has no processor time.
fn of_container(stats: &Value) -> Option<Used> {
    let number = |pointer: &str| stats.pointer(pointer).and_then(Value::as_u64);
    let nanoseconds = number("/cpu_stats/cpu_usage/total_usage").filter(|it| *it > 0)?;
    // Pages of files that nobody has open can be had back, and are no memory of the program.
    let inactive = ["/memory_stats/stats/inactive_file", "/memory_stats/stats/total_inactive_file"];
    let inactive = inactive.into_iter().find_map(number).unwrap_or(0);
    let memory = number("/memory_stats/usage").unwrap_or(0).saturating_sub(inactive);
    let networks = stats.pointer("/networks").and_then(Value::as_object);
    let sum = |name: &str| {
        let each = networks.into_iter().flat_map(|it| it.values());
        each.filter_map(|it| it.get(name).and_then(Value::as_u64)).sum()
    };
    let network = networks.map(|_| (sum("rx_bytes"), sum("tx_bytes")));
    Some(Used { seconds: Duration::from_nanos(nanoseconds).as_secs_f64(), memory, network })
}
