//! Steps about MinIO: a store that speaks S3, and buckets in it.

use std::sync::Arc;

use super::Vocabulary;
use crate::{
    component::Component,
    context::Context,
    error::{Phase, StepError, StepResult},
    runtime::{Launch, Port, Probe},
    s3::{self, Keys},
    world::World,
};

/// What MinIO takes for its user and the secret where nobody says otherwise.
const USUAL: &str = "minioadmin";

pub(super) fn add(all: &mut Vocabulary) {
    all.about("redis, MinIO")
        .step_in(
            Phase::Startup,
            "a MinIO server is running in a container with service name {string}",
            "Starts a MinIO and waits until it is well.",
            async |world: &mut World, step: Context| {
                let keys = Keys { access: USUAL.to_owned(), secret: USUAL.to_owned() };
                minio(world, &step, &step.text(0)?, keys).await
            },
        )
        .step_in(
            Phase::Startup,
            "a MinIO server is running in a container with service name {string} with access key {string} and secret key {string}",
            "Starts a MinIO that knows this key and its secret, and waits until it is well.",
            async |world: &mut World, step: Context| {
                let keys = Keys { access: step.text(1)?, secret: step.text(2)? };
                minio(world, &step, &step.text(0)?, keys).await
            },
        )
        .step(
            "a bucket {string} is created in MinIO service {string}",
            "Makes a bucket, as its owner.",
            async |world: &mut World, step: Context| {
                let (bucket, name) = (step.text(0)?, step.text(1)?);
                let at = world.service(&name)?.place.address("s3");
                let none = || StepError::assertion(format!("`{name}` is no MinIO"));
                let keys = world.stores.get(&name).ok_or_else(none)?;
                s3::create_bucket(at, &bucket, keys).await?;
                Ok(())
            },
        );
}

async fn minio(world: &mut World, step: &Context, name: &str, keys: Keys) -> StepResult {
    let setup = Arc::clone(&world.setup);
    let program = setup.program(Component::Minio);
    let program = program.map_err(|it| StepError::Skipped(Some(it.to_string())))?;
    let ports = [("s3", 9000), ("console", 9001)];
    let ports = ports.map(|(name, usual)| Port { name, usual, is_udp: false });
    let place = setup.runtime.place(&world.bench(step), Component::Minio, name, &ports)?;
    let at = |port: &str| format!("{}:{}", place.bind, place.port(port));
    let data = place.inside.join("data").display().to_string();
    let (s3, console) = (at("s3"), at("console"));
    let arguments = ["server", &data, "--address", &s3, "--console-address", &console];
    let environment = [("MINIO_ROOT_USER", &keys.access), ("MINIO_ROOT_PASSWORD", &keys.secret)];
    let launch = Launch {
        arguments: arguments.map(str::to_owned).to_vec(),
        environment: environment.map(|(name, it)| (name.to_owned(), it.clone())).to_vec(),
        // It says that it lives before it can keep anything.
        probe: Some(Probe::Http(place.address("s3"), "/minio/health/cluster")),
        limit: setup.waits.ready,
        ..Launch::default()
    };
    world.start(step, place, &program, launch).await?;
    world.stores.insert(name.to_owned(), keys);
    Ok(())
}
