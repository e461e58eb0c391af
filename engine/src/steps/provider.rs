//! Steps about applications that carry calls over several providers, and change them while they run.

use livekit_protocol::participant_info;
use reqwest::Method;
use serde_json::Value;

use super::{Vocabulary, room::participant, service::shown};
use crate::{
    app::{self, Variables, example},
    context::Context,
    error::{Phase, StepError, StepResult},
    participant::{Happening, Participant},
    world::{World, eventually, expect},
};

/// More rooms than this are no test of a share.
const MOST: usize = 1000;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("provider life cycle");
    starts(all);
    requests(all);
    answers(all);
    flags(all);
    calls(all);
}

fn starts(all: &mut Vocabulary) {
    all.step_in(
        Phase::Startup,
        "a provider service is running with service name {string} for service {string}",
        "Starts the reference provider service for a LiveKit server, with LiveKit switched on.",
        async |world: &mut World, step: Context| {
            let url = world.signal_url(&step.text(1)?)?;
            let variables = environment(world.credentials(), url);
            world.start_app(&step, &step.text(0)?, &example("provider_service")?, variables).await
        },
    )
    .step_in(
        Phase::Startup,
        "a provider service is running with service name {string} for a LiveKit server that is down",
        "Starts the reference provider service for an address where nobody listens.",
        async |world: &mut World, step: Context| {
            // Port 1 is nobody's, and a service cannot be asked to listen there by chance.
            let variables = environment(world.credentials(), "ws://127.0.0.1:1".to_owned());
            world.start_app(&step, &step.text(0)?, &example("provider_service")?, variables).await
        },
    )
    .step_in(
        Phase::Startup,
        "a provider service without {string} refuses to start and names what is missing",
        "Starts the reference provider service without these variables, separated by commas; it has to end and name each.",
        async |world: &mut World, step: Context| {
            let variables = environment(world.credentials(), "ws://127.0.0.1:7880".to_owned());
            let program = example("provider_service")?;
            world.refuses_without(&step, &program, variables, &step.text(0)?).await
        },
    );
}

fn requests(all: &mut Vocabulary) {
    all.step(
        "the provider service {string} is initialized",
        "The service finds out whether LiveKit is there and takes its key; the answer is looked at by the next steps.",
        async |world: &mut World, step: Context| {
            world.ask(Method::POST, &step.text(0)?, "/api/video/initialize", "").await?;
            Ok(())
        },
    )
    .step(
        "room {string} is asked of {string}",
        "Asks the service to make a room.",
        async |world: &mut World, step: Context| {
            make(world, &step.text(1)?, &step.text(0)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "{string} calls in room {string} through {string}",
        "Asks the service for a seat; where it is on LiveKit, a participant takes it and stays in the call.",
        async |world: &mut World, step: Context| {
            let (user, room) = (step.text(0)?, step.text(1)?);
            let query = app::query(&[("room", &room), ("user", &user)]);
            let answer = world.ask(Method::POST, &step.text(2)?, "/api/video/join", &query).await?;
            let has_seat = answer.status == 200 && answer.body["token"].is_string();
            if !has_seat {
                return Ok(());
            }
            let (url, token) = (answer.text("/url")?.to_owned(), answer.text("/token")?.to_owned());
            world.call(&user, &url, &token).await
        },
    )
    .step(
        "{string} is taken out of room {string} through {string}",
        "Asks the service to end somebody's part in a call.",
        async |world: &mut World, step: Context| {
            let query = app::query(&[("room", &step.text(1)?), ("user", &step.text(0)?)]);
            world.ask(Method::POST, &step.text(2)?, "/api/video/leave", &query).await?;
            Ok(())
        },
    );
}

fn answers(all: &mut Vocabulary) {
    all.step(
        "the request should succeed on provider {string}",
        "The newest answer is a success and names this provider.",
        async |world: &mut World, step: Context| {
            let (answer, provider) = (world.answer()?, step.text(0)?);
            let is_well =
                (200..300).contains(&answer.status) && answer.body["provider"] == provider;
            expect(is_well, || {
                format!("the answer is {}, not a success on {provider}", shown(answer))
            })
        },
    )
    .step(
        "the request should fail with status {int} and code {string}",
        "The newest answer has this status and this error code.",
        async |world: &mut World, step: Context| {
            let (status, code): (u16, _) = (step.argument(0)?, step.text(1)?);
            let answer = world.answer()?;
            let found = answer.body.pointer("/error/code").and_then(Value::as_str);
            expect(answer.status == status && found == Some(code.as_str()), || {
                format!("the answer is {}, not {status} {code}", shown(answer))
            })
        },
    );
}

fn flags(all: &mut Vocabulary) {
    for (word, value) in [("on", "true"), ("off", "false")] {
        all.step(
            &format!("LiveKit is switched {word} in {{string}}"),
            "Sets the flag FEATURE_LIVEKIT of the service while it runs.",
            super::doing(move |world, step| {
                Box::pin(
                    async move { set(world, &step.text(0)?, ("FEATURE_LIVEKIT", value)).await },
                )
            }),
        );
    }
    all.step(
        "the share of LiveKit in {string} is set to {int} percent",
        "So many of a hundred new rooms go to LiveKit.",
        async |world: &mut World, step: Context| {
            set(world, &step.text(0)?, ("share", &step.text(1)?)).await
        },
    )
    .step(
        "{int} of {int} new rooms of {string} should be on provider {string}",
        "Asks the service for that many rooms and counts which are on this provider.",
        async |world: &mut World, step: Context| {
            let (wanted, rooms): (usize, usize) = (step.argument(0)?, step.argument(1)?);
            let (name, provider) = (step.text(2)?, step.text(3)?);
            expect(rooms <= MOST, || format!("at most {MOST} rooms"))?;
            let mut found = 0;
            for room in 1..=rooms {
                make(world, &name, &format!("share-{room}")).await?;
                let answer = world.answer()?;
                expect(answer.status == 201, || format!("the answer is {}", shown(answer)))?;
                found += usize::from(answer.body["provider"] == provider);
            }
            step.log(&format!("{found} of {rooms} rooms are on {provider}"));
            expect(found == wanted, || {
                format!("{found} of {rooms} are on {provider}, not {wanted}")
            })
        },
    );
}

fn calls(all: &mut Vocabulary) {
    all.step(
        "{string} should still be in the call in room {string} on service {string}",
        "The participant never lost its connection, and the server knows it as active.",
        async |world: &mut World, step: Context| {
            let (identity, room) = (step.text(0)?, step.text(1)?);
            let client = world.rooms_of(&step.text(2)?)?;
            eventually(world.setup.waits.expected, || async {
                let found = participant(&client, &room, &identity).await?;
                let is_active = found.state() == participant_info::State::Active;
                expect(is_active, || format!("`{identity}` is {:?}", found.state()))
            })
            .await?;
            let state = caller(world, &identity)?.state();
            let has_broken = state.happened(|it| *it == Happening::Reconnecting);
            expect(state.is_connected() && !has_broken, || {
                format!("the call of `{identity}` broke: {:?}", state.departure)
            })
        },
    )
    .step(
        "{string} should be out of the call",
        "The participant is told that its session is over.",
        async |world: &mut World, step: Context| {
            let identity = step.text(0)?;
            let limit = world.setup.waits.expected;
            let caller = caller(world, &identity)?;
            caller.wait(limit, |it| !it.is_connected()).await?;
            Ok(())
        },
    );
}

fn caller<'a>(world: &'a World, identity: &str) -> Result<&'a Participant, StepError> {
    let none = || StepError::assertion(format!("`{identity}` was never in a call"));
    world.apps.callers.get(identity).ok_or_else(none)
}

async fn make(world: &mut World, name: &str, room: &str) -> StepResult {
    let query = app::query(&[("room", room)]);
    world.ask(Method::POST, name, "/api/video/rooms", &query).await?;
    Ok(())
}

async fn set(world: &mut World, name: &str, flag: (&str, &str)) -> StepResult {
    let answer = world.ask(Method::PUT, name, "/api/video/flags", &app::query(&[flag])).await?;
    expect(answer.status == 200, || format!("the answer is {}", shown(answer)))
}

fn environment((key, secret): (&str, &str), url: String) -> Variables {
    let all = [
        ("LIVEKIT_URL", url),
        ("LIVEKIT_API_KEY", key.to_owned()),
        ("LIVEKIT_SECRET", secret.to_owned()),
        ("FEATURE_LIVEKIT", "true".to_owned()),
        ("PROVIDER_TYPE", String::new()),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).to_vec()
}
