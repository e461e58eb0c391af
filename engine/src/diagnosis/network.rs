//! How the parts of an attempt are connected: who reaches whom, which names they are configured with,
//! interfaces and routes.
//!
//! Each process sees the network of its own network namespace. What shares that of the engine reaches
//! what the engine reaches; from any other one it is tried there, with `nsenter`, or it says why not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
    time::Duration,
};

use procfs::{net, process::Process};
use regex::Regex;
use tokio::{
    net::{TcpStream, lookup_host},
    process::Command,
    time::timeout,
};

use super::{Part, configurations};

/// Tries to connect within a second; `bash` does it by itself.
const CONNECT: &str = "exec 3<>/dev/tcp/$0/$1";

/// Where a configuration names a host.
static HOSTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let host = r#"(?m)(?:\b[a-z][a-z0-9+]*://(?:[^\s/@"]*@)?|\b(?:address|host|domain):[ "']*)([A-Za-z0-9.-]+)"#;
    Regex::new(host).ok()
});

/// From where something is reached, or not.
struct Viewpoint<'a> {
    name: &'a str,
    process: Option<u32>,
    /// Its network namespace, or why it is not known.
    namespace: Result<String, String>,
}

/// All of it, for people.
pub(super) async fn seen(parts: &[Part]) -> String {
    let own = namespace("self");
    let mut views = vec![Viewpoint { name: "the engine", process: None, namespace: own.clone() }];
    views.extend(parts.iter().map(|it| Viewpoint {
        name: &it.sight.name,
        process: it.process,
        namespace: match it.process {
            Some(process) => namespace(&process.to_string()),
            None => Err("it does not run here".to_owned()),
        },
    }));
    [reachable(&views, parts).await, names(parts).await, connected(&views)].concat()
}

fn namespace(process: &str) -> Result<String, String> {
    let link = fs::read_link(format!("/proc/{process}/ns/net"));
    link.map(|it| it.display().to_string()).map_err(|error| error.to_string())
}

/// Every part from every other one, and from the engine.
async fn reachable(views: &[Viewpoint<'_>], parts: &[Part]) -> String {
    let mut text =
        "\nreachable (from whom: what, where: answer; the network namespace that was tried)\n"
            .to_owned();
    // What one has tried in a network namespace holds for all in it.
    let mut known: BTreeMap<(&str, SocketAddr), String> = BTreeMap::new();
    for view in views {
        for part in parts.iter().filter(|it| it.sight.name != view.name) {
            for (port, at) in &part.sight.addresses {
                let answer = match &view.namespace {
                    Err(why) => format!("not tried: {why}"),
                    Ok(space) => {
                        if !known.contains_key(&(space.as_str(), *at)) {
                            known.insert((space, *at), reach(view, &views[0], *at).await);
                        }
                        let whose =
                            if view.shares(&views[0]) { ", that of the engine" } else { "" };
                        format!("{}; {space}{whose}", known[&(space.as_str(), *at)])
                    }
                };
                // Writing to a string never fails.
                _ = writeln!(text, "  {}: {} {port}, {at}: {answer}", view.name, part.sight.name);
            }
        }
    }
    text
}

impl Viewpoint<'_> {
    /// Whether both see the same network.
    fn shares(&self, other: &Self) -> bool {
        self.namespace.is_ok() && self.namespace == other.namespace
    }
}

/// Whether an address accepts connections that come from a viewpoint.
async fn reach(view: &Viewpoint<'_>, engine: &Viewpoint<'_>, at: SocketAddr) -> String {
    match view.process {
        Some(process) if !view.shares(engine) => reach_from(process, at).await,
        _ => reach_from_here(at).await,
    }
}

async fn reach_from_here(at: SocketAddr) -> String {
    match timeout(Duration::from_secs(1), TcpStream::connect(at)).await {
        Ok(Ok(_)) => "accepts".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer within a second".to_owned(),
    }
}

/// From inside the network namespace of a process, which takes the rights of root.
async fn reach_from(process: u32, at: SocketAddr) -> String {
    let (process, host, port) = (process.to_string(), at.ip().to_string(), at.port().to_string());
    let mut command = Command::new("nsenter");
    command.args(["-t", &process, "-n", "timeout", "1", "bash", "-c", CONNECT, &host, &port]);
    let output = match command.kill_on_drop(true).output().await {
        Ok(output) => output,
        Err(error) => return format!("not tried: nsenter: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default();
    match output.status.code() {
        Some(0) => "accepts".to_owned(),
        Some(124) => "no answer within a second".to_owned(),
        _ => match said.strip_prefix("bash: connect: ") {
            Some(error) => error.to_owned(),
            None => format!("not tried: {said}"),
        },
    }
}

/// The names that parts are configured with, and those of this machine.
async fn names(parts: &[Part]) -> String {
    let mut names: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in ["localhost".to_owned(), host_name()] {
        names.entry(name).or_default().insert("this machine");
    }
    for part in parts {
        let files = configurations(&part.sight.directory);
        for host in files.iter().flat_map(|it| hosts(&it.1)) {
            names.entry(host.to_owned()).or_default().insert(&part.sight.name);
        }
    }
    let mut text =
        "\nnames (who is configured with them), as this machine resolves them\n".to_owned();
    for (name, whose) in names {
        let found = lookup_host((name.as_str(), 0)).await;
        let found = found.map(|it| it.map(|it| it.ip().to_string()).collect::<Vec<_>>().join(", "));
        let found = found.unwrap_or_else(|error| error.to_string());
        let whose = whose.into_iter().collect::<Vec<_>>().join(", ");
        _ = writeln!(text, "  {name} ({whose}): {found}");
    }
    text
}

/// The hosts that a configuration gives by name.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let found = HOSTS.iter().flat_map(move |it| it.captures_iter(text));
    let hosts = found.filter_map(|it| Some(it.get(1)?.as_str()));
    hosts.filter(|it| it.parse::<IpAddr>().is_err() && it.contains(|c: char| c.is_alphabetic()))
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// Interfaces and routes, once for each network namespace.
fn connected(views: &[Viewpoint<'_>]) -> String {
    let mut text = String::new();
    let mut told = BTreeSet::new();
    for view in views {
        let Ok(space) = &view.namespace else { continue };
        if !told.insert(space) {
            continue;
        }
        let process = view.process.and_then(|it| Process::new(i32::try_from(it).ok()?).ok());
        let (devices, routes) = match &process {
            Some(it) => (it.dev_status(), it.route()),
            None => (net::dev_status(), net::route()),
        };
        _ = writeln!(text, "\ninterfaces of {space} (received, sent; bytes)");
        let devices: BTreeMap<_, _> = devices.unwrap_or_default().into_iter().collect();
        for (name, it) in devices {
            _ = writeln!(text, "  {name}: {}, {}", it.recv_bytes, it.sent_bytes);
        }
        _ = writeln!(text, "\nroutes of {space}");
        for it in routes.unwrap_or_default() {
            _ = writeln!(
                text,
                "  {}/{} via {} on {}",
                it.destination, it.mask, it.gateway, it.iface
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_of_a_configuration_are_those_given_by_name() {
        let text = "redis:\n  address: store.example:6379\nurls:\n  - http://user:word@hooks.example/in\n\
                    bind: 127.0.0.1\nother: http://127.0.0.1:99\nkeys:\n  devkey: some-words\n";
        assert_eq!(hosts(text).collect::<Vec<_>>(), ["store.example", "hooks.example"]);
    }
}
