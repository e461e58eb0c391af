//! `lkreport stack up` and `down`: a server that stays when the command has ended.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use lkreport_engine::{
    component::Component,
    profile::{self, Overrides},
    runtime::{
        Bench, Processes, Runtime,
        ledger::{self, Ledger},
    },
    server::{self, Wish},
    version::Version,
    world::{KEY, SECRET},
};

use super::{
    super::output::{Answer, Hint, print},
    programs::{Programs, unless_interrupted},
};

/// How long a server may take until it is well.
const LIMIT: Duration = Duration::from_secs(20);

/// Where that is written down which stays: apart from what runs leave, so that no run ends it.
pub(super) fn directory() -> PathBuf {
    ledger::default_directory().with_file_name("playing")
}

pub(super) async fn up(
    programs: &Programs,
    livekit: Option<&Version>,
    profile: &str,
) -> anyhow::Result<Answer> {
    let needs = profile::needs(profile)?;
    let unable = "a receiver of webhooks runs only within a scenario";
    anyhow::ensure!(!needs.webhook, "profile `{profile}`: {unable}");
    let versions = programs.versions(livekit.map_or(&[], std::slice::from_ref));
    let Some(versions) = unless_interrupted(versions).await else {
        return Ok(Answer::Interrupted);
    };
    let versions = versions?;
    let version = versions.first().context("no version")?;
    let ledger = Arc::new(Ledger::open(&directory())?);
    let runtime = Runtime::Process(Processes::new(Arc::clone(&ledger)));
    let home = ledger.directory()?;
    let bench = Bench { directory: home.clone(), logs: home.join("logs"), ..Bench::default() };
    let redis = if needs.redis {
        let program = programs.stack.find(Component::Redis, None);
        let hint = || Hint("`apt-get install redis-server`, or its like".to_owned());
        let program = program.map_err(anyhow::Error::from).with_context(hint)?;
        Some(server::redis(&runtime, &bench, &program, "redis", LIMIT).await?)
    } else {
        None
    };
    let program = programs.stack.find(Component::Livekit, Some(version))?;
    let wish = Wish {
        profile,
        overrides: &Overrides::new(),
        redis: redis.as_ref().map(|it| it.place.address("redis")),
        webhook: None,
        limit: LIMIT,
    };
    let (livekit, _) = server::livekit(&runtime, &bench, &program, "livekit", wish).await?;
    print(&format!(
        "LIVEKIT_URL=ws://{}\nLIVEKIT_API_KEY={KEY}\nLIVEKIT_API_SECRET={SECRET}\n\
         # livekit {version}, log in {}; `lkreport stack down` ends it\n",
        livekit.place.address("http"),
        livekit.log.display(),
    ))?;
    ledger.last();
    livekit.leave();
    if let Some(redis) = redis {
        redis.leave();
    }
    Ok(Answer::Yes)
}

pub(super) fn down() -> anyhow::Result<Answer> {
    let ended = ledger::clean(&directory())?;
    let mut text = String::new();
    for (name, pid) in &ended.processes {
        text += &format!("ended {name} ({pid})\n");
    }
    if ended.processes.is_empty() {
        text += "nothing was up\n";
    }
    print(&text)?;
    Ok(Answer::Yes)
}
