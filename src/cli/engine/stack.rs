//! `lkreport stack`: the programs that `run` starts, and what earlier runs left.

use std::path::Path;

use anyhow::Context;
use lkreport_engine::{
    component::Component,
    profile::{self, Overrides, Places},
    runtime::{Docker, Left, clean_containers, daemon, ledger},
    stack::{Kind, Origin, images, installed, versions_below},
    version::Version,
};
use serde::Serialize;
use tokio::runtime::Runtime;

use super::{
    super::{
        args::{self, Global, StackCommand},
        output::{Answer, Hint, Talk, counted, print},
    },
    doctor, playing,
    programs::{Programs, unless_interrupted},
};

pub(in super::super) fn stack(
    args: &args::Stack,
    global: &Global,
    talk: &Talk,
) -> anyhow::Result<Answer> {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let programs = || Programs::new(&args.programs, global);
    match &args.command {
        StackCommand::List { json } => list(&tokio, &programs()?, *json),
        StackCommand::Fetch { component, version } => {
            fetch(&tokio, &programs()?, *component, version)
        }
        StackCommand::Doctor => tokio.block_on(doctor::doctor(&programs()?)),
        StackCommand::Up { livekit, profile } => {
            let programs = programs()?.that_suit("process")?;
            tokio.block_on(playing::up(&programs, livekit.as_ref(), profile))
        }
        StackCommand::Down => playing::down(),
        StackCommand::Clean => tokio.block_on(clean_all(talk)),
        StackCommand::Config { words, diff } => config(words, diff, talk),
    }
}

/// A program that is there.
#[derive(Debug, Serialize)]
struct Found {
    component: &'static str,
    version: Option<String>,
    provider: &'static str,
    place: String,
}

fn list(tokio: &Runtime, programs: &Programs, json: bool) -> anyhow::Result<Answer> {
    let found = found(tokio, programs);
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&found)?))?;
        return Ok(Answer::Yes);
    }
    let lines = found.iter().map(|it| {
        let version = it.version.as_deref().unwrap_or("?");
        format!("{:<9} {version:<12} {:<8} {}\n", it.component, it.provider, it.place)
    });
    print(&lines.collect::<String>())?;
    Ok(Answer::Yes)
}

/// What the providers have without fetching.
fn found(tokio: &Runtime, programs: &Programs) -> Vec<Found> {
    let mut all = Vec::new();
    for component in Component::ALL {
        let (name, program) = (component.name(), component.program());
        for version in versions_below(&programs.directory, component) {
            let place = programs.directory.join(program).join(version.to_string()).join(program);
            let (version, place) = (Some(version.to_string()), place.display().to_string());
            all.push(Found { component: name, version, provider: "path", place });
        }
        if let Some(file) = installed(program) {
            let place = file.display().to_string();
            let origin = Origin::File(file);
            let it = lkreport_engine::stack::Program { component, version: None, origin };
            let version = tokio.block_on(it.reported());
            all.push(Found { component: name, version, provider: "path", place });
        }
    }
    if programs.order.contains(&Kind::Image) {
        // Without a daemon there are no images.
        let there = tokio.block_on(async { images(&daemon().await?).await });
        for it in there.unwrap_or_default() {
            let (component, version) = (it.component.name(), it.version.map(|it| it.to_string()));
            all.push(Found { component, version, provider: "image", place: it.tag });
        }
    }
    all
}

fn fetch(
    tokio: &Runtime,
    programs: &Programs,
    component: Component,
    version: &Version,
) -> anyhow::Result<Answer> {
    let hint =
        || Hint("`--providers` changes who is asked; `docs/stack.md` says what each has".into());
    let fetch = programs.stack.fetch(component, Some(version));
    let Some(found) = tokio.block_on(unless_interrupted(fetch)) else {
        return Ok(Answer::Interrupted);
    };
    let found = found.map_err(anyhow::Error::from).with_context(hint)?;
    print(&match found.origin {
        Origin::File(file) => format!("{}\n", file.display()),
        Origin::Image(tag) => format!("{tag}\n"),
        Origin::Running(it) => format!("{}\n", it.url),
    })?;
    Ok(Answer::Yes)
}

async fn clean_all(talk: &Talk) -> anyhow::Result<Answer> {
    let docker = daemon().await.ok();
    let mut lines = clean(&ledger::default_directory(), docker.as_ref()).await?;
    lines.extend(clean(&playing::directory(), None).await?);
    if docker.is_none() {
        talk.detail("no Docker daemon answers, so nothing of it was looked for");
    }
    if lines.is_empty() {
        talk.say("nothing was left");
    }
    print(&lines.iter().map(|it| format!("{it}\n")).collect::<String>())?;
    Ok(Answer::Yes)
}

/// Ends and removes what engines that are gone left; what it was.
pub(super) async fn clean(below: &Path, docker: Option<&Docker>) -> anyhow::Result<Vec<String>> {
    let below_it = || format!("{}: what was left cannot be looked for", below.display());
    let left = ledger::clean(below).with_context(below_it)?;
    let mut lines = Vec::new();
    for (name, pid) in left.processes {
        lines.push(format!("ended process {pid} ({name}), which an earlier run left"));
    }
    for directory in left.directories {
        lines.push(format!("removed {}", directory.display()));
    }
    let Some(docker) = docker else { return Ok(lines) };
    lines.extend(removed(&clean_containers(docker).await.context("Docker")?, "an earlier run"));
    Ok(lines)
}

/// What was removed of what somebody left with Docker.
pub(super) fn removed(left: &Left, by: &str) -> Vec<String> {
    let of = |name: &String| format!("removed container {name}, which {by} left");
    let mut lines: Vec<String> = left.containers.iter().map(of).collect();
    if !left.networks.is_empty() {
        let networks = counted(left.networks.len(), "network");
        lines.push(format!("removed {networks}, which {by} left"));
    }
    lines
}

fn config(words: &[String], diff: &[Version], talk: &Talk) -> anyhow::Result<Answer> {
    let (places, overrides) = (Places::usual(), Overrides::new());
    let hint = || Hint("`lkreport stack config --help` shows both forms".to_owned());
    match (diff, words) {
        ([before, after], [] | [_]) => {
            let profile = words.first().map_or("basic", String::as_str);
            let differences = profile::diff(profile, before, after, &places, &overrides)?;
            if differences.is_empty() {
                talk.say(&format!("`{profile}` is the same for {before} and {after}"));
            }
            print(&differences.iter().map(|it| format!("{it}\n")).collect::<String>())?;
        }
        ([], [profile, version]) => {
            let version = version.parse().with_context(|| format!("`{version}`"))?;
            let rendered = profile::render(profile, &version, &places, &overrides)?;
            rendered.warnings.iter().for_each(|it| talk.say(it));
            print(&rendered.yaml)?;
        }
        _ => {
            let error = anyhow::anyhow!("expected PROFILE VERSION, or `--diff V1 V2 [PROFILE]`");
            return Err(error.context(hint()));
        }
    }
    Ok(Answer::Yes)
}
