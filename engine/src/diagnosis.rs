//! What is looked at when an attempt failed, while everything still runs: logs, configurations,
//! versions, reachability, interfaces, routes, names, and what the services use.

use std::{fmt::Write, fs, net::SocketAddr, path::Path, time::Duration};

use procfs::process::Process;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::{
    context::Context,
    runtime::{Service, tail},
    world::World,
};

/// How many lines of each log stand in the report itself; the whole file lies beside it.
const LINES: usize = 1000;

/// Attaches what helps to understand a failure.
pub(crate) async fn attach(world: &mut World, step: &Context) {
    for service in &world.services {
        let name = &service.place.name;
        step.attach_named("text/plain", &format!("{name}.log"), &tail(&service.log, LINES));
        for (file, text) in configurations(service) {
            step.attach_named("text/plain", &format!("{name}-{file}"), &text);
        }
    }
    let mut text = String::new();
    // Writing to a string never fails.
    _ = write!(text, "{}", services(&mut world.services));
    text += &network(&world.services).await;
    step.attach_named("text/plain", "diagnosis.txt", &text);
}

fn configurations(service: &Service) -> Vec<(String, String)> {
    let entries = fs::read_dir(service.place.directory()).into_iter().flatten().flatten();
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

/// What runs, of which version, and what it uses.
fn services(all: &mut [Service]) -> String {
    let mut text = String::from("services\n");
    for service in all {
        let version =
            service.program.version.as_ref().map_or_else(String::new, |it| format!(" {it}"));
        let state = match (service.ended(), service.process()) {
            (Some(status), _) => format!("ended with {status}"),
            (None, Some(process)) => used(process).unwrap_or_else(|| "runs".to_owned()),
            (None, None) => "runs elsewhere".to_owned(),
        };
        _ = writeln!(
            text,
            "  {}: {}{version}, {state}",
            service.place.name, service.place.component
        );
    }
    text
}

fn used(process: u32) -> Option<String> {
    let it = Process::new(i32::try_from(process).ok()?).ok()?;
    let stat = it.stat().ok()?;
    let (memory, threads) = ((stat.rss * procfs::page_size()) >> 20, stat.num_threads);
    let files = it.fd_count().unwrap_or_default();
    let ticks = procfs::ticks_per_second();
    let seconds = (stat.utime + stat.stime) / ticks.max(1);
    Some(format!(
        "process {process}: {memory} MiB, {seconds} s of processor, {threads} threads, {files} files"
    ))
}

/// Who can be reached, and how this machine is connected.
async fn network(services: &[Service]) -> String {
    let mut text =
        String::from("\nreachable from here and, over the same loopback, from each service\n");
    for service in services {
        for (name, address) in service.place.addresses() {
            _ = writeln!(
                text,
                "  {} {name} at {address}: {}",
                service.place.name,
                reach(address).await
            );
        }
    }
    text += "\nnames\n";
    for name in ["localhost", &host_name()] {
        let found = lookup_host((name, 0)).await;
        let found = found.map(|it| it.map(|it| it.ip().to_string()).collect::<Vec<_>>().join(", "));
        _ = writeln!(text, "  {name}: {}", found.unwrap_or_else(|error| error.to_string()));
    }
    text += "\ninterfaces (received, sent; bytes)\n";
    for (name, it) in procfs::net::dev_status().unwrap_or_default() {
        _ = writeln!(text, "  {name}: {}, {}", it.recv_bytes, it.sent_bytes);
    }
    text += "\nroutes\n";
    for it in procfs::net::route().unwrap_or_default() {
        _ = writeln!(text, "  {}/{} via {} on {}", it.destination, it.mask, it.gateway, it.iface);
    }
    text
}

async fn reach(address: SocketAddr) -> String {
    match timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
        Ok(Ok(_)) => "accepts".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer within a second".to_owned(),
    }
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}
