//! Programs as containers, with a real daemon; where there is none, that is said aloud.

use std::{collections::HashMap, fs, path::Path, sync::Arc, time::Duration};

use bollard::{
    models::{ContainerCreateBody, NetworkCreateRequest},
    query_parameters::{
        CreateContainerOptions, InspectNetworkOptions, ListContainersOptionsBuilder,
        ListNetworksOptionsBuilder,
    },
};
use futures_util::FutureExt;
use lkreport_engine::{
    component::Component,
    profile::Overrides,
    runtime::{
        Bench, Containers, Docker, Ended, Probe, Runtime, Service, StartError, check,
        clean_containers, daemon, ledger::Ledger,
    },
    server::{self, ServerError, Wish},
    stack::{Image, Origin, Program, images},
};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

const LIMIT: Duration = Duration::from_secs(30);

/// A daemon, a program of livekit-server, and where what they leave stands.
struct Yard {
    docker: Docker,
    program: Program,
    ledger: Arc<Ledger>,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl Yard {
    async fn open() -> Option<Self> {
        let server = async {
            let docker = daemon().await.ok()?;
            let images = images(&docker).await.ok()?;
            let is_server = |it: &Image| it.component == Component::Livekit && it.version.is_some();
            let server = images.into_iter().find(is_server)?;
            Some((docker, server))
        };
        let Some((docker, Image { component, version, tag })) = server.await else {
            let skipped = "SKIPPED: no Docker daemon answers, or it has no image of livekit-server";
            #[expect(clippy::print_stdout, reason = "whoever runs the tests has to know")]
            {
                println!("{skipped}");
            }
            return None;
        };
        let program = Program { component, version, origin: Origin::Image(tag) };
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        let runtime = Runtime::Docker(Containers::new(docker.clone(), Arc::clone(&ledger)));
        Some(Self { docker, program, ledger, runtime, folder })
    }

    async fn start(&self, attempt: &str, overrides: &Overrides) -> Result<Service, ServerError> {
        let bench = self.folder.path().join(attempt);
        let bench =
            Bench { directory: bench.clone(), logs: bench.join("logs"), ..Bench::default() };
        let (profile, limit) = ("basic", LIMIT);
        let wish = Wish { profile, overrides, redis: None, webhook: None, limit };
        let started = server::livekit(&self.runtime, &bench, &self.program, "lk1", wish).await;
        started.map(|it| it.0)
    }

    /// How many containers there are of an engine.
    async fn containers(&self, mark: &str) -> usize {
        let filters = HashMap::from([("label", vec![format!("lkreport.engine={mark}")])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        self.docker.list_containers(Some(options)).await.unwrap().len()
    }

    /// How many networks there are of this engine.
    async fn networks(&self) -> usize {
        let label = format!("lkreport.engine={}", self.ledger.mark());
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
        self.docker.list_networks(Some(options)).await.unwrap().len()
    }
}

fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap()
}

#[tokio::test]
async fn a_server_runs_in_a_network_of_its_attempt_and_leaves_nothing() {
    let Some(yard) = Yard::open().await else { return };
    let mut one = yard.start("1", &Overrides::new()).await.unwrap();
    let mut two = yard.start("2", &Overrides::new()).await.unwrap();
    let (at, other) = (one.place.address("http"), two.place.address("http"));
    assert_eq!((at.port(), other.port()), (7880, 7880), "ports are the usual ones");
    assert_ne!(at.ip(), other.ip());
    check(&Probe::Http(at, "/")).await.unwrap();

    let container = one.container().unwrap();
    let known = container.inspect().await.unwrap();
    assert_eq!(known["Config"]["Labels"]["lkreport.engine"], yard.ledger.mark());
    assert_eq!(known["State"]["Status"], "running");
    let networks = known["NetworkSettings"]["Networks"].as_object().unwrap();
    let (network, within) = networks.iter().next().unwrap();
    assert_eq!(within["IPAddress"], at.ip().to_string());
    assert_eq!(within["Gateway"], one.place.engine.to_string());
    assert!(container.gauge().stats().await.unwrap()["cpu_stats"].is_object());

    assert!(matches!(one.stop(LIMIT).await, Ended::Obeyed(_)));
    assert!(read(&one.log).contains("starting LiveKit server"), "{}", read(&one.log));
    assert!(check(&Probe::Http(at, "/")).await.is_err());
    let gone = yard.docker.inspect_network(network, None::<InspectNetworkOptions>).await;
    assert!(gone.is_err(), "{network} is there still");

    check(&Probe::Http(other, "/")).await.unwrap();
    two.kill().await;
    assert_eq!(yard.containers(yard.ledger.mark()).await, 0);
}

#[tokio::test]
async fn the_engine_has_an_address_in_the_network_of_an_attempt_as_long_as_it_needs_one() {
    let Some(yard) = Yard::open().await else { return };
    let directory = yard.folder.path().join("1");
    let bench = Bench { logs: directory.join("logs"), directory, ..Bench::default() };
    let reach = yard.runtime.reach(&bench).await.unwrap();
    let here = TcpListener::bind((reach.ip, 0)).await.unwrap();
    let mut one = yard.start("1", &Overrides::new()).await.unwrap();
    assert_eq!(one.place.engine, reach.ip, "services are told the same address");
    // Nobody is left in the network but the engine.
    one.kill().await;
    TcpStream::connect(here.local_addr().unwrap()).await.unwrap();
    let mut two = yard.start("1", &Overrides::new()).await.unwrap();
    assert_eq!(two.place.engine, reach.ip);
    two.kill().await;
    assert_eq!(yard.networks().await, 1);
    drop(reach);
    let Runtime::Docker(containers) = &yard.runtime else { panic!() };
    containers.sweep().await.unwrap();
    assert_eq!(yard.networks().await, 0);
}

#[tokio::test]
async fn an_image_says_of_which_version_it_is() {
    let Some(yard) = Yard::open().await else { return };
    let asked = yard.program.version.as_ref().map(ToString::to_string);
    assert_eq!(yard.runtime.reported(&yard.program).await, asked);
    let nothing = Origin::Image("lkreport.invalid/nothing:v0".to_owned());
    let nothing = Program { origin: nothing, ..yard.program.clone() };
    assert_eq!(yard.runtime.reported(&nothing).await, None);
    assert_eq!(yard.containers(yard.ledger.mark()).await, 0);
}

#[tokio::test]
async fn a_server_that_ends_early_says_why_and_leaves_nothing() {
    let Some(mut yard) = Yard::open().await else { return };
    let overrides = Overrides::from_iter([("no_such_setting".to_owned(), json!(1))]);
    let error = yard.start("1", &overrides).await.unwrap_err();
    let ServerError::Start(StartError::Ended { status, tail, .. }) = &error else {
        panic!("{error:?}")
    };
    assert!(tail.contains("no_such_setting"), "{tail}");
    // It ends as if all were well.
    assert_eq!(status, "exit status: 0");
    let described = read(&yard.folder.path().join("1/logs/livekit-lk1.inspect.json"));
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    assert_eq!(described["State"]["Status"], "exited");
    assert_eq!(described["Config"]["Env"], serde_json::Value::Null);

    yard.program.origin = Origin::Image("lkreport.invalid/nothing:v0".to_owned());
    let error = yard.start("2", &Overrides::new()).await.unwrap_err();
    assert!(error.to_string().contains("lkreport.invalid/nothing:v0"), "{error}");
    assert_eq!(yard.containers(yard.ledger.mark()).await, 0);
}

#[tokio::test]
async fn what_a_dead_engine_left_is_removed_and_what_a_living_one_has_is_not() {
    let Some(yard) = Yard::open().await else { return };
    let service = yard.start("1", &Overrides::new()).await.unwrap();
    let known = service.container().unwrap().inspect().await.unwrap();
    // Process 1 of the machine began at another time, so the engine of this mark is gone.
    let labels = known["Config"]["Labels"].as_object().unwrap().iter();
    let dead = |(name, value): (&String, &serde_json::Value)| {
        let is_mark = name == "lkreport.engine";
        (
            name.clone(),
            if is_mark { "1-1-1".to_owned() } else { value.as_str().unwrap().to_owned() },
        )
    };
    let labels: HashMap<String, String> = labels.map(dead).collect();
    let name = format!("lkreport-test-{}", yard.ledger.mark());
    let network = NetworkCreateRequest {
        name: name.clone(),
        driver: Some("bridge".to_owned()),
        labels: Some(labels.clone()),
        ..NetworkCreateRequest::default()
    };
    yard.docker.create_network(network).await.unwrap();
    let Origin::Image(image) = &yard.program.origin else { panic!() };
    let body = ContainerCreateBody {
        image: Some(image.clone()),
        labels: Some(labels),
        ..ContainerCreateBody::default()
    };
    yard.docker.create_container(None::<CreateContainerOptions>, body).await.unwrap();

    let left = clean_containers(&yard.docker).await.unwrap();
    // Another engine may have left something, too.
    assert!(left.containers.contains(&"lk1".to_owned()), "{left:?}");
    assert!(left.networks.contains(&name), "{left:?}");
    assert_eq!((yard.containers("1-1-1").await, yard.containers(yard.ledger.mark()).await), (0, 1));

    // Nobody ends it, as when the run was torn away: the end of the run does.
    std::mem::forget(service);
    let Runtime::Docker(containers) = &yard.runtime else { panic!() };
    let swept = containers.sweep().await.unwrap();
    assert_eq!((swept.containers.len(), swept.networks.len()), (1, 1));
    assert_eq!(yard.containers(yard.ledger.mark()).await, 0);
}

#[tokio::test]
async fn what_is_only_being_made_when_an_attempt_is_given_up_is_removed_too() {
    let Some(yard) = Yard::open().await else { return };
    let overrides = Overrides::new();
    let begun = yard.start("1", &overrides).now_or_never();
    assert!(begun.is_none(), "the daemon has only been asked");
    let Runtime::Docker(containers) = &yard.runtime else { panic!() };
    containers.sweep().await.unwrap();
    assert_eq!(yard.containers(yard.ledger.mark()).await, 0);
    assert_eq!(yard.networks().await, 0);
}
