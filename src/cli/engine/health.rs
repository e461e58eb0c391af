//! `lkreport health`: whether LiveKit and its friends are well, as a table.

use std::{net::SocketAddr, time::Duration};

use lkreport_engine::runtime::{Probe, check};
use serde::Serialize;
use tokio::{net::lookup_host, time::Instant};

use super::super::{
    args::{self, Global},
    config,
    output::{Answer, Hint, print},
};

/// How a component is.
#[derive(Debug, Serialize)]
struct State {
    component: &'static str,
    address: String,
    state: &'static str,
    reason: Option<String>,
    ms: u64,
}

pub(in super::super) fn health(args: &args::Health, global: &Global) -> anyhow::Result<Answer> {
    let asked = asked(args, global)?;
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let states = tokio.block_on(async {
        let asking: Vec<_> = asked.into_iter().map(|it| tokio::spawn(ask(it.0, it.1))).collect();
        let mut states = Vec::new();
        for it in asking {
            states.push(it.await?);
        }
        anyhow::Ok(states)
    })?;
    let is_well = states.iter().all(|it| it.reason.is_none());
    print(&if args.json {
        format!("{}\n", serde_json::to_string_pretty(&states)?)
    } else {
        table(&states)
    })?;
    Ok(if is_well { Answer::Yes } else { Answer::No })
}

/// What is asked: the command line, and what only the configuration names.
fn asked(args: &args::Health, global: &Global) -> anyhow::Result<Vec<(&'static str, String)>> {
    let (layer, _) = config::layer(global)?;
    let typed = [
        ("livekit", &args.livekit),
        ("redis", &args.redis),
        ("postgres", &args.postgres),
        ("minio", &args.minio),
        ("egress", &args.egress),
        ("ingress", &args.ingress),
    ];
    if let Some(unknown) = layer.health.keys().find(|it| typed.iter().all(|known| known.0 != *it)) {
        let known = typed.map(|it| it.0).join(", ");
        anyhow::bail!("lkreport.toml, [health]: nothing is called `{unknown}`; known: {known}");
    }
    let of = |(name, typed): (&'static str, &Option<String>)| {
        let address = typed.as_ref().or_else(|| layer.health.get(name))?;
        Some((name, address.clone()))
    };
    let asked: Vec<(&str, String)> = typed.into_iter().filter_map(of).collect();
    let hint = || Hint("`lkreport health --livekit --redis` asks both at their usual ports".into());
    if asked.is_empty() {
        return Err(anyhow::anyhow!("nothing is named that could be asked").context(hint()));
    }
    Ok(asked)
}

async fn ask(component: &'static str, address: String) -> State {
    let began = Instant::now();
    let reason = well(component, &address).await.err();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let state = if reason.is_none() { "up" } else { "down" };
    State { component, address, state, reason, ms }
}

async fn well(component: &str, address: &str) -> Result<(), String> {
    let found = tokio::time::timeout(Duration::from_secs(2), lookup_host(address)).await;
    let found = found.map_err(|_| "its name is not found in time".to_owned())?;
    let at: Vec<SocketAddr> = found.map_err(|error| error.to_string())?.collect();
    let mut last = "its name has no address".to_owned();
    for at in at {
        let probe = match component {
            "redis" => Probe::Redis(at),
            "postgres" => Probe::Tcp(at),
            "minio" => Probe::Http(at, "/minio/health/live"),
            _ => Probe::Http(at, "/"),
        };
        match check(&probe).await {
            Ok(()) => return Ok(()),
            Err(reason) => last = reason.to_string(),
        }
    }
    Err(last)
}

fn table(states: &[State]) -> String {
    let width = states.iter().map(|it| it.address.chars().count()).max().unwrap_or(0).max(7);
    let mut text =
        format!("{:<10} {:<width$} {:<5} {:>6}\n", "component", "address", "state", "ms");
    for it in states {
        let State { component, address, state, ms, .. } = it;
        text += &format!("{component:<10} {address:<width$} {state:<5} {ms:>6}");
        if let Some(reason) = &it.reason {
            // What a stranger at that port answers must not steer the terminal.
            text += &format!("  {}", reason.replace(char::is_control, " "));
        }
        text.push('\n');
    }
    text
}
