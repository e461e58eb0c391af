//! Steps that start servers, and the end of what was started.

use serde_json::Value;
use tracing::{error, info, info_span, warn};

use super::{Vocabulary, browser, participant};
use crate::{
    component::Component,
    context::Context,
    diagnosis,
    error::{Class, Phase, StepError, StepResult},
    messages::Status,
    network::By,
    profile,
    runtime::{Ended, Service, foreign},
    server::{self, Wish},
    stack::{Origin, Program, Running},
    version::Version,
    webhook::Receiver,
    world::{Setup, World, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    starts(all);
    interrupts(all);
}

fn starts(all: &mut Vocabulary) {
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

fn interrupts(all: &mut Vocabulary) {
    all.about("server life cycle")
        .step(
            "the program of service {string} should print its version",
            "Asked for its version, the program prints the one that was asked for.",
            async |world: &mut World, step: Context| {
                let program = &world.service(&step.text(0)?)?.program;
                let asked = program.version.as_ref().map(ToString::to_string);
                let prints = world.setup.runtime.reported(program).await;
                expect(prints == asked, || format!("it prints {prints:?}, not {asked:?}"))
            },
        )
        .step_in(
            Phase::Cleanup,
            "service {string} is stopped",
            "Asks a service to end, and waits until it has.",
            async |world: &mut World, step: Context| {
                let (limit, mut service) = (world.setup.waits.stop, taken(world, &step)?);
                let ended = service.stop(limit).await;
                tell(&step, &service, &ended);
                world.stopped.push(service);
                Ok(())
            },
        )
        .step_in(
            Phase::Cleanup,
            "service {string} is killed",
            "Ends a service at once, as a crash does.",
            async |world: &mut World, step: Context| {
                let mut service = taken(world, &step)?;
                service.kill().await;
                world.stopped.push(service);
                Ok(())
            },
        )
        .step_in(
            Phase::Startup,
            "service {string} is started again",
            "Starts a service that was stopped or killed, where it was and as it was.",
            async |world: &mut World, step: Context| {
                let Service { place, program, launch, .. } = stopped(world, &step.text(0)?)?;
                world.start(&step, place, &program, launch).await
            },
        )
        .step_in(
            Phase::Startup,
            "service {string} is started again as version {string}",
            "Starts a LiveKit server that was stopped or killed as another version, with the same redis.",
            async |world: &mut World, step: Context| {
                as_version(world, &step, &step.text(0)?, &step.text(1)?).await
            },
        );
}

/// Takes the service (argument 0) out of those that have to run.
fn taken(world: &mut World, step: &Context) -> Result<Service, StepError> {
    let name = step.text(0)?;
    world.service(&name)?;
    let none = || StepError::assertion(format!("no service is called `{name}`"));
    let found = world.services.iter().rposition(|it| it.place.name == name);
    Ok(world.services.remove(found.ok_or_else(none)?))
}

/// Takes a service out of those that were stopped or killed.
fn stopped(world: &mut World, name: &str) -> Result<Service, StepError> {
    let none = || StepError::assertion(format!("`{name}` was not stopped"));
    let found = world.stopped.iter().position(|it| it.place.name == name);
    Ok(world.stopped.remove(found.ok_or_else(none)?))
}

/// Puts another version in the place of a server, as whoever goes back after an update does.
async fn as_version(world: &mut World, step: &Context, name: &str, version: &str) -> StepResult {
    let wanted = version.parse::<Version>()?;
    let program = world.setup.stack.find(Component::Livekit, Some(&wanted));
    let program = program.map_err(|it| StepError::Skipped(Some(it.to_string())))?;
    let before = stopped(world, name)?;
    let from = before.program.version.as_ref().map(ToString::to_string).unwrap_or_default();
    info!(target: "lkreport", from, to = version, "another version takes over");
    step.log(&format!("{name}: livekit {from} is followed by {wanted}"));
    let profile = world.profiles.get(name).cloned().unwrap_or_else(|| world.profile.clone());
    start(world, step, name, &profile, &program).await
}

async fn livekit(world: &mut World, step: &Context, name: &str, profile: &str) -> StepResult {
    let program = world.setup.program(Component::Livekit)?;
    world.profiles.insert(name.to_owned(), profile.to_owned());
    start(world, step, name, profile, &program).await
}

async fn start(
    world: &mut World,
    step: &Context,
    name: &str,
    profile: &str,
    program: &Program,
) -> StepResult {
    let setup = std::sync::Arc::clone(&world.setup);
    if let Origin::Running(running) = &program.origin {
        let service = external(world, running, name, profile).await?;
        world.keep(step, service);
        return Ok(());
    }
    let bench = world.bench(step);
    let redis = world.services.iter().rev().find(|it| it.place.component == Component::Redis);
    let wish = Wish {
        profile,
        overrides: &world.overrides,
        redis: redis.map(|it| it.place.address("redis")),
        webhook: world.receivers.first().map(Receiver::url),
        limit: setup.waits.ready,
    };
    let started = server::livekit(&setup.runtime, &bench, program, name, wish).await?;
    let (service, warnings) = started;
    warnings.iter().for_each(|it| step.log(it));
    world.keep(step, service);
    Ok(())
}

/// A server that runs already: it has to be well, and cannot be given a configuration.
async fn external(
    world: &World,
    running: &Running,
    name: &str,
    profile: &str,
) -> Result<Service, StepError> {
    let cannot = |what: String| {
        let url = &running.url;
        StepError::Unsupported(format!("the server at {url} runs already: {what}"))
    };
    if world.services.iter().any(|it| it.place.component == Component::Livekit) {
        return Err(cannot("it cannot be a second one".to_owned()));
    }
    if profile != "basic" {
        return Err(cannot(format!("it cannot be given the config profile `{profile}`")));
    }
    if let Some(setting) = world.overrides.keys().next() {
        return Err(cannot(format!("its setting `{setting}` cannot be changed")));
    }
    Ok(foreign(running, name, world.setup.waits.ready).await?)
}

async fn redis(world: &mut World, step: &Context, name: &str) -> StepResult {
    let setup = std::sync::Arc::clone(&world.setup);
    let program = setup.program(Component::Redis)?;
    let (bench, limit) = (world.bench(step), setup.waits.ready);
    let service = server::redis(&setup.runtime, &bench, &program, name, limit).await?;
    world.keep(step, service);
    Ok(())
}

/// Ends what the attempt started: what needs others first, and by force what does not obey.
pub(super) async fn end(world: &mut World, step: Context) -> StepResult {
    browser::end(world, &step).await;
    if step.status == Status::Failed {
        diagnosis::attach(world, &step).await;
        for container in world.services.iter().filter_map(Service::container) {
            container.describe().await;
        }
        step.log(&again(&world.setup, &step));
    }
    participant::end(world, &step).await;
    for measurement in world.measurements.drain(..) {
        measurement.end().await;
    }
    // A server that is told to end waits for those who are in its rooms.
    world.apps.callers.clear();
    let mut services = std::mem::take(&mut world.services);
    let place = |it: &Service| Component::ALL.iter().position(|all| *all == it.place.component);
    // What was started later may need what was started before.
    services.reverse();
    services.sort_by_key(place);
    let (limit, mut died) = (world.setup.waits.stop, Vec::new());
    for mut service in services {
        let ended = service.stop(limit).await;
        tell(&step, &service, &ended);
        // A command does its work and ends; a server does not end by itself.
        let is_server = service.place.component != Component::Lk;
        if let (Ended::Already(status), true) = (ended, is_server) {
            died.push(format!(
                "{} ended by itself with {status}; its log ends with:\n{}",
                service.place.name,
                service.tail(20)
            ));
        }
    }
    if let Err(error) = world.clear() {
        step.log(&format!("the logs could not be kept: {error}"));
    }
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
    let versions = setup.versions.arguments().join(" '");
    let runtime = setup.runtime.name();
    let network = setup.network.everybody.as_ref().map(|it| format!(" --network '{it}'"));
    let by = setup.network.by;
    let by = (by != By::Auto).then(|| format!(" --network-by {}", by.name()));
    let [place, network, by] = [place, network, by].map(Option::unwrap_or_default);
    format!("to repeat: lkreport run {versions}' --runtime {runtime}{network}{by}{place}")
}
