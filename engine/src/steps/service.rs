//! Steps about token services: what answers a meeting page with a token, ours for reference or a user's.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde_json::Value;

use super::{Vocabulary, room::participant};
use crate::{
    app::{self, Answer, Variables, example},
    component::Component,
    context::Context,
    error::{Phase, StepError, StepResult},
    token,
    world::{World, eventually, expect},
};

/// Where tokens are fetched, unless the address of a service says otherwise.
const PATH: &str = "/api/video/token";

/// More than this at a time, or altogether, is no test but an attack.
const MOST: (usize, usize) = (10_000, 256);

pub(super) fn add(all: &mut Vocabulary) {
    all.about("token service");
    starts(all);
    fetches(all);
    tokens(all);
    loads(all);
}

fn starts(all: &mut Vocabulary) {
    all.step(
        "the next application has {string} set to {string}",
        "The application that is started next finds this in its environment.",
        async |world: &mut World, step: Context| {
            world.apps.environment.insert(step.text(0)?, step.text(1)?);
            Ok(())
        },
    )
    .step_in(
        Phase::Startup,
        "a token service is running with service name {string} for service {string}",
        "Starts the reference token service for a LiveKit server; where the run was told of a token service that runs already, takes that.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            if let Some(own) = world.setup.token_service.clone() {
                as_it_is(world, &own)?;
                step.log(&format!("the token service is that at {own}"));
                world.apps.addresses.insert(name, own);
                return Ok(());
            }
            reference(world, &step).await
        },
    )
    .step_in(
        Phase::Startup,
        "the reference token service is running with service name {string} for service {string}",
        "Starts the reference token service for a LiveKit server.",
        async |world: &mut World, step: Context| reference(world, &step).await,
    )
    .step(
        "the token service {string} is at {string}",
        "Takes a token service that runs already, by its address.",
        async |world: &mut World, step: Context| {
            world.apps.addresses.insert(step.text(0)?, Url::parse(&step.text(1)?)?);
            Ok(())
        },
    )
    .step_in(
        Phase::Startup,
        "a token service without {string} refuses to start and names what is missing",
        "Starts the reference token service without these variables, separated by commas; it has to end and name each.",
        async |world: &mut World, step: Context| {
            only_reference(world)?;
            let variables = environment(world.credentials(), "ws://127.0.0.1:7880".to_owned());
            let program = example("token_service")?;
            world.refuses_without(&step, &program, variables, &step.text(0)?).await
        },
    );
}

fn fetches(all: &mut Vocabulary) {
    all.step(
        "a token is fetched from {string} for room {string} and user {string}",
        "Asks the token service for a token, which it has to give.",
        async |world: &mut World, step: Context| {
            let query = app::query(&[("room", &step.text(1)?), ("user", &step.text(2)?)]);
            let answer = ask(world, &step.text(0)?, &query).await?;
            expect(is_token(answer), || format!("the answer is {}", shown(answer)))
        },
    )
    .step(
        "the token service {string} is asked with the query {string}",
        "Asks the token service with exactly this behind the `?` of the address.",
        async |world: &mut World, step: Context| {
            ask(world, &step.text(0)?, &step.text(1)?).await?;
            Ok(())
        },
    )
    .step(
        "the request should be refused and {string} be named",
        "The newest answer has a status of 400 to 499, no token, and this in its text.",
        async |world: &mut World, step: Context| {
            let (answer, named) = (world.answer()?, step.text(0)?);
            let is_refused = (400..500).contains(&answer.status);
            let has_token = answer.body.get("token").is_some();
            expect(is_refused && !has_token && answer.body.to_string().contains(&named), || {
                format!("the answer is {}, and no refusal that names {named:?}", shown(answer))
            })
        },
    )
    .step(
        "the request should be refused with status {int} and an error that says {string}",
        "The newest answer has this status, and an error in JSON with this in its text.",
        async |world: &mut World, step: Context| {
            let (status, says): (u16, _) = (step.argument(0)?, step.text(1)?);
            let answer = world.answer()?;
            let error = answer.body.get("error").map(Value::to_string).unwrap_or_default();
            expect(answer.status == status && error.contains(&says), || {
                format!(
                    "the answer is {}, not {status} with an error that says {says:?}",
                    shown(answer)
                )
            })
        },
    );
}

fn tokens(all: &mut Vocabulary) {
    all.step(
        "the fetched token should live for {int} hour(s)",
        "The token expires that many hours from now, give or take half a minute.",
        async |world: &mut World, step: Context| {
            let hours: i64 = step.argument(0)?;
            let claims = token::read(world.answer()?.text("/token")?)?;
            let end = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
            let left = end - Timestamp::now().as_second();
            let is_near = hours.checked_mul(3600).is_some_and(|it| left.abs_diff(it) <= 30);
            expect(is_near, || format!("the token lives for {left} s more, not {hours} hours"))
        },
    )
    .step_in(
        Phase::Connection,
        "the fetched token should let {string} join room {string} on service {string}",
        "A participant joins with the token at the address that came with it; the server then knows it.",
        async |world: &mut World, step: Context| {
            let (identity, room) = (step.text(0)?, step.text(1)?);
            let answer = world.answer()?;
            is_of_server(world, answer, &step.text(2)?)?;
            let (url, jwt) = (answer.text("/url")?.to_owned(), answer.text("/token")?.to_owned());
            world.call(&identity, &url, &jwt).await?;
            let client = world.rooms_of(&step.text(2)?)?;
            eventually(world.setup.waits.expected, || participant(&client, &room, &identity)).await?;
            Ok(())
        },
    )
    .step(
        "{string} should have given away neither secret nor token",
        "The secret is in nothing that the service answered or logged, and no token is in its log.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            if let Some(own) = of_other_server(world) {
                let why = format!("nobody knows the secret of {own}; {NAME_IT}");
                return Err(StepError::Unsupported(why));
            }
            let (_, secret) = world.credentials();
            let Some(log) = world.app_log(&name)? else {
                step.log("the log of a service that somebody else started is not looked at");
                return no_secret(secret, "an answer", &world.apps.said);
            };
            expect(!log.is_empty(), || format!("{name} logged nothing at all"))?;
            // All tokens begin with the same header.
            expect(!log.contains("eyJ"), || "a token is in the log".to_owned())?;
            no_secret(secret, "an answer", &world.apps.said)?;
            no_secret(secret, "the log", &log)
        },
    );
}

fn loads(all: &mut Vocabulary) {
    all.step(
        "{int} tokens are fetched from {string}, {int} at a time",
        "Makes so many requests with so many open at the same time, and keeps how long each took.",
        async |world: &mut World, step: Context| {
            let load: (usize, usize) = (step.argument(0)?, step.argument(2)?);
            let holds = (1..=MOST.0).contains(&load.0) && (1..=MOST.1).contains(&load.1);
            expect(holds, || format!("1 to {} requests, at most {} at a time", MOST.0, MOST.1))?;
            let name = step.text(1)?;
            let base = world.app_url(&name, &path(world, &name))?;
            let url = move |number: usize| {
                let mut url = base.clone();
                let user = format!("user-{number}");
                url.query_pairs_mut().extend_pairs([("room", "load"), ("user", &user)]);
                url
            };
            let client = world.app_client()?;
            let load = app::load(&client, load, url, is_token).await;
            step.attach_named("application/json", "load.json", &load.figures().to_string());
            world.apps.load = Some(load);
            Ok(())
        },
    )
    .step(
        "{int} percent of the tokens should have come within {int} ms",
        "That share of the answers took no longer.",
        async |world: &mut World, step: Context| {
            let (percent, limit): (usize, u64) = (step.argument(0)?, step.argument(1)?);
            expect((1..=100).contains(&percent), || format!("{percent} is no percentage"))?;
            let load = loaded(world)?;
            let took = load.percentile(percent);
            let is_well = took.is_some_and(|it| it <= Duration::from_millis(limit));
            expect(is_well, || format!("{percent} percent took {took:?}: {}", load.figures()))
        },
    )
    .step(
        "fewer than {int} percent of the requests should have failed",
        "The share of requests without a token is below this.",
        async |world: &mut World, step: Context| {
            let (percent, load): (usize, _) = (step.argument(0)?, loaded(world)?);
            let is_well = load.failed * 100 < load.requests().saturating_mul(percent);
            expect(is_well, || format!("{} of {} failed", load.failed, load.requests()))
        },
    );
}

/// Starts the reference (named by argument 0) for a server (argument 1).
async fn reference(world: &mut World, step: &Context) -> StepResult {
    only_reference(world)?;
    let variables = variables(world, &step.text(1)?)?;
    world.start_app(step, &step.text(0)?, &example("token_service")?, variables).await
}

/// Who names a service of their own learns nothing from a test of the reference.
fn only_reference(world: &World) -> StepResult {
    let Some(own) = &world.setup.token_service else { return Ok(()) };
    let why = format!("it is about the reference service, and {own} is tested instead");
    Err(StepError::Unsupported(why))
}

/// The variables of the reference service for a server of the scenario.
fn variables(world: &World, service: &str) -> Result<Variables, StepError> {
    Ok(environment(world.credentials(), world.signal_url(service)?))
}

fn environment((key, secret): (&str, &str), url: String) -> Variables {
    let all = [
        ("VIDEO_PROVIDER", "livekit".to_owned()),
        ("LIVEKIT_URL", url),
        ("LIVEKIT_API_KEY", key.to_owned()),
        ("LIVEKIT_API_SECRET", secret.to_owned()),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// A service that runs already is taken as it is: it gets no variables any more.
fn as_it_is(world: &World, own: &Url) -> StepResult {
    let names: Vec<&str> = world.apps.environment.keys().map(String::as_str).collect();
    if names.is_empty() {
        return Ok(());
    }
    let why = format!("{own} runs already: it cannot be given {}", names.join(", "));
    Err(StepError::Unsupported(why))
}

/// Asks a token service for a token.
async fn ask<'a>(world: &'a mut World, name: &str, query: &str) -> Result<&'a Answer, StepError> {
    let path = path(world, name);
    world.ask(Method::GET, name, &path, query).await
}

/// Where a service gives its tokens: an address with a path of its own says so.
fn path(world: &World, name: &str) -> String {
    let own = world.apps.addresses.get(name).map(Url::path);
    own.filter(|it| *it != "/").unwrap_or(PATH).to_owned()
}

/// How the server of somebody's own token service takes part.
const NAME_IT: &str = "`--url` names the server that it signs for";

/// A token service that runs already, beside servers that the engine starts and it knows nothing of.
fn of_other_server(world: &World) -> Option<&Url> {
    let is_ours = world.setup.stack.running(Component::Livekit).is_none();
    world.setup.token_service.as_ref().filter(|_| is_ours)
}

/// A token of a service that somebody else started is for the server that this service knows.
fn is_of_server(world: &World, answer: &Answer, service: &str) -> StepResult {
    let Some(own) = of_other_server(world) else { return Ok(()) };
    let (signs_for, ours) = (answer.text("/url")?, world.signal_url(service)?);
    if Url::parse(signs_for)? == Url::parse(&ours)? {
        return Ok(());
    }
    let why = format!(
        "{own} signs for {signs_for}, and the server of this scenario is another; {NAME_IT}"
    );
    Err(StepError::Unsupported(why))
}

fn is_token(answer: &Answer) -> bool {
    let has = |name: &str| {
        answer.body.get(name).is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty()))
    };
    answer.status == 200 && has("token") && has("url")
}

/// An answer for a message.
pub(super) fn shown(answer: &Answer) -> String {
    let body: String = answer.body.to_string().chars().take(200).collect();
    format!("{} {body}", answer.status)
}

fn loaded(world: &World) -> Result<&app::Load, StepError> {
    world.apps.load.as_ref().ok_or_else(|| StepError::assertion("no load was made yet"))
}

fn no_secret(secret: &str, place: &str, text: &str) -> StepResult {
    expect(!text.contains(secret), || format!("the secret is in {place}"))
}
