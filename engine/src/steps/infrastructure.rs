//! Steps about a LiveKit server as infrastructure: its mode, keys, ports and defaults, and the tools that
//! work with it.

use std::{collections::BTreeMap, fs, path::PathBuf, process, sync::Arc, time::Duration};

use jiff::Timestamp;
use livekit_api::services::room::RoomClient;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Vocabulary, room::participant};
use crate::{
    app,
    component::Component,
    context::Context,
    error::{Phase, StepError, StepResult},
    participant::JoinError,
    runtime::{Launch, Port, Probe, Service, StartError, check},
    stack::{Origin, Program, default_directory},
    token,
    world::{Token, World, eventually, expect},
};

/// The key and secret of every server in dev mode.
const PLACEHOLDER: (&str, &str) = ("devkey", "secret");

/// The package that signs tokens in Python.
const PACKAGE: &str = "livekit-api==1.2.2";

/// Signs a token as its documentation does.
const SCRIPT: &str = r#"
import os, sys
from livekit import api
identity, room = sys.argv[1:]
token = api.AccessToken(os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"])
grants = api.VideoGrants(room_join=True, room=room)
print("Access token:", token.with_identity(identity).with_grants(grants).to_jwt())
"#;

/// The part of the configuration of a server that is looked at.
#[derive(Deserialize)]
struct Configuration {
    keys: BTreeMap<String, String>,
}

pub(super) fn add(all: &mut Vocabulary) {
    all.about("server infrastructure");
    server(all);
    defaults(all);
    tools(all);
}

fn server(all: &mut Vocabulary) {
    all.step(
        "service {string} should not be in dev mode",
        "The server does not say that it is, and refuses the secret that everybody knows.",
        async |world: &mut World, step: Context| {
            let service = ours(world, &step.text(0)?)?;
            let log = fs::read_to_string(&service.log)?;
            for said in ["development mode", "placeholder keys"] {
                expect(!log.contains(said), || format!("the log of the server has `{said}`"))?;
            }
            refuses(world, &step.text(0)?, PLACEHOLDER).await
        },
    )
    .step(
        "service {string} should take the key of its configuration file and no other",
        "The server takes each key that stands in its file, and refuses it with another secret, and another key.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            let file = ours(world, &name)?.place.directory().join("livekit.yaml");
            let configuration: Configuration = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
            expect(!configuration.keys.is_empty(), || "the file has no key".to_owned())?;
            for (key, secret) in &configuration.keys {
                client(world, &name, (key, secret))?.list_rooms(Vec::new()).await?;
                refuses(world, &name, (key, "another-secret-than-that-of-the-file")).await?;
                refuses(world, &name, ("another-key", secret)).await?;
            }
            Ok(())
        },
    )
    .step(
        "every port of service {string} should answer",
        "Each port over TCP takes connections, and the API answers over HTTP.",
        async |world: &mut World, step: Context| {
            let place = &ours(world, &step.text(0)?)?.place;
            check(&Probe::Http(place.address("http"), "/")).await?;
            for (name, at) in place.addresses() {
                check(&Probe::Tcp(at)).await.map_err(|error| {
                    StepError::assertion(format!("port {name} at {at}: {error}"))
                })?;
                step.log(&format!("{name} answers at {at}"));
            }
            Ok(())
        },
    )
    .step_in(
        Phase::Startup,
        "a LiveKit server without keys refuses to start and says that they are missing",
        "Starts a server whose configuration has no keys; it has to end and name them.",
        async |world: &mut World, step: Context| keyless(world, &step).await,
    );
}

fn defaults(all: &mut Vocabulary) {
    all.step(
        "room {string} should be gone from service {string} within {int} seconds",
        "The server closes the room by itself.",
        async |world: &mut World, step: Context| {
            let (room, client) = (step.text(0)?, world.rooms_of(&step.text(1)?)?);
            let limit = Duration::from_secs(step.argument(2)?);
            eventually(limit, || async {
                let is_gone = client.list_rooms(vec![room.clone()]).await?.is_empty();
                expect(is_gone, || format!("room `{room}` is there still"))
            })
            .await
        },
    )
    .step_in(
        Phase::Connection,
        "{string} enters room {string} on service {string}",
        "A participant joins with the token that it has for the room; the server then knows it.",
        async |world: &mut World, step: Context| {
            let (identity, room) = (step.text(0)?, step.text(1)?);
            let (url, jwt) = entrance(world, &step)?;
            world.call(&identity, &url, &jwt).await?;
            let client = world.rooms_of(&step.text(2)?)?;
            eventually(world.setup.waits.expected, || participant(&client, &room, &identity))
                .await?;
            Ok(())
        },
    )
    .step_in(
        Phase::Connection,
        "{string} should not be let into room {string} on service {string}",
        "The server refuses a participant with the token that it has for the room.",
        async |world: &mut World, step: Context| {
            let (url, jwt) = entrance(world, &step)?;
            let options = crate::participant::Options {
                limit: world.setup.waits.expected,
                resume: false,
                ..Default::default()
            };
            match crate::participant::Participant::join(&url, &jwt, options).await {
                Err(refused @ (JoinError::Refused { .. } | JoinError::Removed(_))) => {
                    step.log(&refused.to_string());
                    Ok(())
                }
                Err(other) => Err(other.into()),
                Ok(_) => Err(StepError::assertion("it was let in")),
            }
        },
    );
}

fn tools(all: &mut Vocabulary) {
    all.step(
        "{string} gets a token for room {string} from the CLI that is valid for {int} hours",
        "Signs a token with `lk token create --valid-for`, and looks whether it lives that long.",
        async |world: &mut World, step: Context| {
            let (identity, room, hours) = (step.text(0)?, step.text(1)?, step.argument::<i64>(2)?);
            let life = format!("{hours}h");
            let arguments = ["token", "create", "--join", "--room", &room, "--identity", &identity, "--valid-for", &life];
            let program = world.setup.program(Component::Lk)?;
            let printed = printed(world, &step, &program, &arguments, &credentials(world)).await?;
            let claims = keep(world, &identity, &room, &printed)?;
            let time = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
            let found = time("exp") - time("nbf");
            expect(Some(found) == hours.checked_mul(3600), || format!("it lives for {found} s"))
        },
    )
    .step_in(
        Phase::Startup,
        "{string} gets a token for room {string} from livekit-api for Python",
        "Signs a token with the Python package; it is fetched once and kept in the cache. Without Python or the package the scenario is skipped.",
        async |world: &mut World, step: Context| {
            let (identity, room) = (step.text(0)?, step.text(1)?);
            let packages = packages(world, &step).await?.display().to_string();
            let mut environment = credentials(world);
            environment.push(("PYTHONPATH".to_owned(), packages));
            let arguments = ["-c", SCRIPT, &identity, &room];
            let printed = printed(world, &step, &python(), &arguments, &environment).await?;
            keep(world, &identity, &room, &printed)?;
            Ok(())
        },
    )
    .step(
        "the CLI should list room {string} on service {string}",
        "The command `lk room list` shows the room.",
        async |world: &mut World, step: Context| {
            let room = step.text(0)?;
            let mut environment = credentials(world);
            let url = world.service(&step.text(1)?)?.url();
            environment.push(("LIVEKIT_URL".to_owned(), url));
            let program = world.setup.program(Component::Lk)?;
            let printed = printed(world, &step, &program, &["room", "list"], &environment).await?;
            // It draws a table whose cells are words between lines.
            let is_there = printed.split(['|', '│', '\n']).any(|it| it.trim() == room);
            expect(is_there, || format!("`lk room list` shows no `{room}`:\n{printed}"))
        },
    );
}

/// A service that the engine started, and whose files and ports it knows.
fn ours<'a>(world: &'a World, name: &str) -> Result<&'a Service, StepError> {
    let service = world.service(name)?;
    match &service.program.origin {
        Origin::Running(it) => Err(StepError::Unsupported(format!(
            "the server at {} runs already: nobody knows its configuration, its log and its ports",
            it.url
        ))),
        _ => Ok(service),
    }
}

fn client(world: &World, service: &str, key: (&str, &str)) -> Result<RoomClient, StepError> {
    let url = world.service(service)?.url();
    Ok(RoomClient::with_api_key(&url, key.0, key.1).with_failover(false))
}

/// Whether the server takes no request that is signed with this.
async fn refuses(world: &World, service: &str, (key, secret): (&str, &str)) -> StepResult {
    let url = world.service(service)?.url();
    let end = Timestamp::now().as_second() + 60;
    let claims = [("iss", json!(key)), ("exp", json!(end)), ("video", json!({"roomList": true}))];
    let claims = claims.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    // The library hides the status, because this refusal is not in the form of the API.
    let request = app::client(world.setup.waits.expected)?
        .post(format!("{url}/twirp/livekit.RoomService/ListRooms"))
        .bearer_auth(token::sign(&claims, secret))
        .json(&json!({}));
    let status = request.send().await?.status().as_u16();
    expect(status == 401, || {
        format!("the server answers {status} to the key `{key}` with a secret that is not its own")
    })
}

/// Where the server is, and the token with which somebody comes.
fn entrance(world: &World, step: &Context) -> Result<(String, String), StepError> {
    let token = world.token(&step.text(0)?, &step.text(1)?)?;
    Ok((world.signal_url(&step.text(2)?)?, token.jwt.clone()))
}

async fn keyless(world: &mut World, step: &Context) -> StepResult {
    let setup = Arc::clone(&world.setup);
    if let Some(it) = setup.stack.running(Component::Livekit) {
        let why = format!("the server at {} runs already, and none is started", it.url);
        return Err(StepError::Unsupported(why));
    }
    let program = setup.program(Component::Livekit)?;
    let port = Port { name: "http", usual: 7880, is_udp: false };
    let bench = world.bench(step);
    let place = setup.runtime.place(&bench, Component::Livekit, "keyless", &[port])?;
    let (config, address) = (place.inside.join("livekit.yaml"), place.address("http"));
    let yaml = format!("port: {}\nbind_addresses: [\"{}\"]\n", address.port(), place.bind);
    let launch = Launch {
        arguments: vec!["--config".to_owned(), config.display().to_string()],
        // Keys may also come from the environment that the engine has.
        environment: vec![("LIVEKIT_KEYS".to_owned(), String::new())],
        files: vec![("livekit.yaml".to_owned(), yaml)],
        probe: Some(Probe::Http(address, "/")),
        limit: setup.waits.ready,
    };
    match setup.runtime.start(place, &program, launch).await {
        Err(StartError::Ended { tail, .. }) => {
            expect(tail.contains("keys"), || format!("it does not name the keys; it says:\n{tail}"))
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err(StepError::assertion("it started all the same")),
    }
}

/// Key and secret for tools, by environment: everybody can read the arguments of a process.
fn credentials(world: &World) -> Vec<(String, String)> {
    let (key, secret) = world.credentials();
    let all = [("LIVEKIT_API_KEY", key), ("LIVEKIT_API_SECRET", secret)];
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// Keeps the token that a tool printed; its claims.
fn keep(
    world: &mut World,
    identity: &str,
    room: &str,
    printed: &str,
) -> Result<token::Claims, StepError> {
    let mut lines = printed.lines().filter_map(|it| it.trim().strip_prefix("Access token:"));
    let none = || StepError::assertion("the tool printed no token");
    let jwt = lines.next().ok_or_else(none)?.trim().to_owned();
    let claims = token::read(&jwt)?;
    let token = Token { jwt, claims: claims.clone() };
    world.tokens.insert((identity.to_owned(), room.to_owned()), token);
    Ok(claims)
}

fn python() -> Program {
    let origin = Origin::File(PathBuf::from("python3"));
    Program { component: Component::App, version: None, origin }
}

/// Where the Python package is.
async fn packages(world: &mut World, step: &Context) -> Result<PathBuf, StepError> {
    let skipped = |why: String| StepError::Skipped(Some(format!("{PACKAGE} is not there: {why}")));
    let directory = default_directory().with_file_name("python").join(PACKAGE);
    if directory.is_dir() {
        return Ok(directory);
    }
    // It appears whole or not at all, whoever else fetches it.
    let new = directory.with_extension(format!("new-{}", process::id()));
    let target = new.display().to_string();
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        &target,
        PACKAGE,
    ];
    let fetched = printed(world, step, &python(), &pip, &[]).await;
    let why = match fetched {
        Ok(_) => fs::rename(&new, &directory).err().map(|it| it.to_string()),
        Err(StepError::Failed(it)) => Some(it.message),
        Err(other) => return Err(other),
    };
    // What is left of it is of no use to anybody.
    _ = fs::remove_dir_all(&new);
    match why {
        Some(why) if !directory.is_dir() => Err(skipped(why)),
        _ => Ok(directory),
    }
}

/// Runs a tool to its end; what it printed, which may be a token and is no evidence.
async fn printed(
    world: &mut World,
    step: &Context,
    program: &Program,
    arguments: &[&str],
    environment: &[(String, String)],
) -> Result<String, StepError> {
    const LINES: usize = 5;
    const LONGEST: Duration = Duration::from_secs(600);
    let setup = Arc::clone(&world.setup);
    let mut bench = world.bench(step);
    bench.logs = bench.directory.join("printed");
    let place = setup.runtime.place(&bench, program.component, "tool", &[])?;
    let launch = Launch {
        arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
        environment: environment.to_vec(),
        ..Launch::default()
    };
    let mut tool = setup.runtime.start(place, program, launch).await?;
    // The limit of the step's phase comes first.
    let status = eventually(LONGEST, || {
        let ended = tool.ended();
        async move { ended.ok_or_else(|| StepError::assertion("it did not end")) }
    })
    .await?;
    let (tail, printed) = (tool.tail(LINES), fs::read_to_string(&tool.log)?);
    // The next tool of the scenario begins anew.
    fs::remove_file(&tool.log)?;
    expect(status == "exit status: 0", || format!("it ended with {status}:\n{tail}"))?;
    Ok(printed)
}
