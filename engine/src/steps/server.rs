//! Steps that start servers, and the end of what was started.

use serde_json::Value;
use tracing::{error, info, info_span, warn};

use super::Vocabulary;
use crate::{
    component::Component,
    context::Context,
    diagnosis,
    error::{Class, Phase, StepError, StepResult},
    messages::Status,
    profile::{self, Places},
    runtime::{Ended, Launch, Port, Probe, Service},
    world::{KEY, SECRET, Setup, World},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("server life cycle")
        .step(
            "the LiveKit config is set to {string}",
            "Servers that are started after it get this config profile.",
            async |world: &mut World, step: Context| {
                world.profile = step.text(0)?;
                profile::needs(&world.profile)?;
                Ok(())
            },
        )
        .step(
            "the LiveKit config has {string} set to {string}",
            "Servers that are started after it have this setting, such as `room.max_participants`; the value is YAML.",
            async |world: &mut World, step: Context| {
                let (name, text) = (step.text(0)?, step.text(1)?);
                let value = serde_saphyr::from_str(&text).unwrap_or(Value::String(text));
                world.overrides.insert(name, value);
                Ok(())
            },
        )
        .step_in(
            Phase::Startup,
            "a LiveKit server is running in a container with service name {string}",
            "Starts a LiveKit server and waits until it is well.",
            async |world: &mut World, step: Context| {
                let profile = world.profile.clone();
                livekit(world, &step, &step.text(0)?, &profile).await
            },
        )
        .step_in(
            Phase::Startup,
            "a LiveKit server is running in a container with service name {string} using config profile {string}",
            "Starts a LiveKit server of this config profile and waits until it is well.",
            async |world: &mut World, step: Context| {
                livekit(world, &step, &step.text(0)?, &step.text(1)?).await
            },
        )
        .about("redis, MinIO")
        .step_in(
            Phase::Startup,
            "a Redis server is running in a container with service name {string}",
            "Starts a redis and waits until it answers.",
            async |world: &mut World, step: Context| redis(world, &step, &step.text(0)?).await,
        );
}

async fn livekit(world: &mut World, step: &Context, name: &str, profile: &str) -> StepResult {
    let setup = std::sync::Arc::clone(&world.setup);
    let program = setup.program(Component::Livekit)?;
    let ports = [
        tcp("http", 7880),
        tcp("rtc-tcp", 7881),
        Port { name: "rtc-udp", usual: 7882, is_udp: true },
    ];
    let place = setup.runtime.place(&world.bench(step), Component::Livekit, name, &ports)?;
    let redis = world.services.iter().rev().find(|it| it.place.component == Component::Redis);
    let places = Places {
        bind: place.bind,
        node: place.host,
        http: place.port("http"),
        tcp: place.port("rtc-tcp"),
        udp: place.port("rtc-udp"),
        key: KEY.to_owned(),
        secret: SECRET.to_owned(),
        redis: redis.map(|it| it.place.address("redis").to_string()),
        webhook: None,
        ..Places::usual()
    };
    let unknown = || StepError::assertion("the version of the server is not known");
    let version = program.version.as_ref().ok_or_else(unknown)?;
    let rendered = profile::render(profile, version, &places, &world.overrides)?;
    rendered.warnings.iter().for_each(|it| step.log(it));
    let config = place.inside.join("livekit.yaml").display().to_string();
    let launch = Launch {
        arguments: vec!["--config".to_owned(), config],
        files: vec![("livekit.yaml".to_owned(), rendered.yaml)],
        probe: Some(Probe::Http(place.address("http"), "/")),
        limit: setup.waits.ready,
        ..Launch::default()
    };
    world.start(step, place, &program, launch).await
}

async fn redis(world: &mut World, step: &Context, name: &str) -> StepResult {
    let setup = std::sync::Arc::clone(&world.setup);
    let program = setup.program(Component::Redis)?;
    let place =
        setup.runtime.place(&world.bench(step), Component::Redis, name, &[tcp("redis", 6379)])?;
    let (bind, port) = (place.bind.to_string(), place.port("redis").to_string());
    let arguments = ["--bind", &bind, "--port", &port, "--save", "", "--appendonly", "no"];
    let launch = Launch {
        arguments: arguments.map(str::to_owned).to_vec(),
        probe: Some(Probe::Redis(place.address("redis"))),
        limit: setup.waits.ready,
        ..Launch::default()
    };
    world.start(step, place, &program, launch).await
}

fn tcp(name: &'static str, usual: u16) -> Port {
    Port { name, usual, is_udp: false }
}

/// Ends what the attempt started: what needs others first, and by force what does not obey.
pub(super) async fn end(world: &mut World, step: Context) -> StepResult {
    if step.status == Status::Failed {
        diagnosis::attach(world, &step).await;
        step.log(&again(&world.setup, &step));
    }
    world.measurements.clear();
    let mut services = std::mem::take(&mut world.services);
    let place = |it: &Service| Component::ALL.iter().position(|all| *all == it.place.component);
    // What was started later may need what was started before.
    services.reverse();
    services.sort_by_key(place);
    let (limit, mut died) = (world.setup.waits.stop, Vec::new());
    for mut service in services {
        let ended = service.stop(limit).await;
        tell(&step, &service, &ended);
        if let Ended::Already(status) = ended {
            died.push(format!(
                "{} ended by itself with {status}; its log ends with:\n{}",
                service.place.name,
                service.tail(20)
            ));
        }
    }
    world.clear();
    if died.is_empty() { Ok(()) } else { Err(StepError::failed(Class::Ended, died.join("\n"))) }
}

/// Says how a service ended, above all where it did not as it should.
fn tell(step: &Context, service: &Service, ended: &Ended) {
    let (component, name) = (service.place.component, &service.place.name);
    let _in = info_span!(target: "lkreport", "service", %component, instance = name).entered();
    match ended {
        Ended::Obeyed(after) => info!(target: "lkreport", ?after, "ended"),
        Ended::Already(status) => {
            error!(target: "lkreport", status, "had ended before its end");
        }
        Ended::Forced(limit) => {
            warn!(target: "lkreport", ?limit, "ended by force");
            step.log(&format!("{name} did not end within {limit:?} and was ended by force"));
        }
    }
}

/// The command that repeats this attempt.
fn again(setup: &Setup, step: &Context) -> String {
    let scenario = step.scenario.as_ref();
    let place = scenario.map(|it| format!(" --features '{}:{}'", it.uri, it.location.line));
    let versions = setup.versions.iter().map(|(name, version)| format!(" --{name} {version}"));
    let versions: String = versions.collect();
    let runtime = setup.runtime.name();
    format!("to repeat: lkreport run{versions} --runtime {runtime}{}", place.unwrap_or_default())
}
