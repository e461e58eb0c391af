//! What is looked at when an attempt failed, while everything still runs, and when a limit is near or
//! reached: logs, configurations, versions, what the services use, and how they reach each other.

mod network;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path, sync::Arc};

use procfs::process::Process;

use crate::{
    context::Context,
    registry::Look,
    runtime::{Runtime, Service, Sight, Sights, tail},
    world::World,
};

/// How many lines of each log stand in the report itself; the whole file lies beside it.
const LINES: usize = 1000;

/// How many of them stand in what is seen while a step goes on.
const LAST: usize = 50;

/// A place, and what was found there.
struct Part {
    sight: Sight,
    /// What runs there.
    process: Option<u32>,
    /// What its scenario knows of it, where it got so far.
    known: Option<Known>,
}

/// What a scenario knows of a service that was well once.
struct Known {
    version: Option<String>,
    ended: Option<String>,
}

/// Attaches what helps to understand a failure.
pub(crate) async fn attach(world: &mut World, step: &Context) {
    let known = |it: &mut Service| {
        let version = it.program.version.as_ref().map(ToString::to_string);
        (it.place.name.clone(), Known { version, ended: it.ended() })
    };
    let known = world.services.iter_mut().map(known).collect();
    let parts = parts(&world.setup.runtime, &world.sights, known).await;
    for Part { sight, .. } in &parts {
        if sight.log.is_file() {
            let name = format!("{}.log", sight.name);
            step.attach_named("text/plain", &name, &tail(&sight.log, LINES));
        }
        for (file, text) in configurations(&sight.directory) {
            step.attach_named("text/plain", &format!("{}-{file}", sight.name), &text);
        }
    }
    step.attach_named("text/plain", "diagnosis.txt", &seen(&parts).await);
}

/// Looks at what stands in the world, while a step has it: also at what is not well yet.
pub(crate) fn look(world: &World) -> Look {
    let (setup, sights) = (Arc::clone(&world.setup), world.sights.clone());
    Box::new(move || {
        let (setup, sights) = (Arc::clone(&setup), sights.clone());
        Box::pin(async move {
            let parts = parts(&setup.runtime, &sights, BTreeMap::new()).await;
            let mut text = seen(&parts).await;
            for Part { sight, .. } in parts.iter().filter(|it| it.sight.log.is_file()) {
                text +=
                    &format!("\nend of the log of {}\n{}\n", sight.name, tail(&sight.log, LAST));
            }
            text
        })
    })
}

async fn parts(
    runtime: &Runtime,
    sights: &Sights,
    mut known: BTreeMap<String, Known>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for sight in sights.all() {
        let process = runtime.process_at(&sight).await;
        let known = known.remove(&sight.name);
        parts.push(Part { sight, process, known });
    }
    parts
}

fn configurations(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_text =
        |it: &Path| it.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "conf");
    let files = entries.map(|it| it.path()).filter(|it| is_text(it));
    let read = files.filter_map(|it| {
        Some((it.file_name()?.to_str()?.to_owned(), fs::read_to_string(&it).ok()?))
    });
    let mut all: Vec<_> = read.collect();
    all.sort();
    all
}

/// What stands there, and how it is connected.
async fn seen(parts: &[Part]) -> String {
    let mut text = String::from("services\n");
    for part in parts {
        let Sight { name, component, .. } = &part.sight;
        let version = part.known.as_ref().and_then(|it| it.version.as_ref());
        let version = version.map_or_else(String::new, |it| format!(" {it}"));
        // Writing to a string never fails.
        _ = writeln!(text, "  {name}: {component}{version}, {}", part.state());
    }
    text + network::seen(parts).await.as_str()
}

impl Part {
    fn state(&self) -> String {
        let ended = self.known.as_ref().and_then(|it| it.ended.as_ref());
        if let Some(status) = ended {
            return format!("ended with {status}");
        }
        let is_ours = !self.sight.directory.as_os_str().is_empty();
        match self.process {
            Some(process) => used(process).unwrap_or_else(|| "runs".to_owned()),
            None if is_ours => "no process runs there".to_owned(),
            None => "runs elsewhere".to_owned(),
        }
    }
}

fn used(process: u32) -> Option<String> {
    let it = Process::new(i32::try_from(process).ok()?).ok()?;
    let stat = it.stat().ok()?;
    let state = match stat.state {
        'T' | 't' => " is stopped",
        'D' => " waits for a device",
        'Z' | 'X' => " has ended",
        _ => "",
    };
    let (memory, threads) = ((stat.rss * procfs::page_size()) >> 20, stat.num_threads);
    let files = it.fd_count().unwrap_or_default();
    let ticks = procfs::ticks_per_second();
    let seconds = (stat.utime + stat.stime) / ticks.max(1);
    Some(format!(
        "process {process}{state}: {memory} MiB, {seconds} s of processor, {threads} threads, {files} files"
    ))
}
