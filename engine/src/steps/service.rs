//! Steps about token services: what answers a meeting page with a token, ours for reference or a user's.

use std::{env, time::Duration};

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde_json::Value;

use super::{Vocabulary, room::participant};
use crate::{
    app::{self, Answer, Variables, example},
    context::Context,
    error::{Phase, StepError, StepResult},
    token,
    world::{KEY, SECRET, World, eventually, expect},
};

/// The variable with the address of a user's own token service, which is then tested instead of ours.
const OWN: &str = "LKREPORT_TOKEN_SERVICE";

/// Where tokens are fetched.
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
        "Starts the reference token service for a LiveKit server; where LKREPORT_TOKEN_SERVICE names the address of another one, takes that.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            if let Ok(own) = env::var(OWN) {
                step.log(&format!("the token service is that at {own}"));
                return known(world, name, &own);
            }
            let variables = variables(world, &step.text(1)?)?;
            world.start_app(&step, &name, &example("token_service")?, variables).await
        },
    )
    .step(
        "the token service {string} is at {string}",
        "Takes a token service that runs already, by its address.",
        async |world: &mut World, step: Context| known(world, step.text(0)?, &step.text(1)?),
    )
    .step_in(
        Phase::Startup,
        "a token service without {string} refuses to start and names what is missing",
        "Starts the reference token service without these variables, separated by commas; it has to end and name each.",
        async |world: &mut World, step: Context| {
            let variables = environment("ws://127.0.0.1:7880".to_owned());
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
            let answer = world.ask(Method::GET, &step.text(0)?, PATH, &query).await?;
            expect(is_token(answer), || format!("the answer is {}", shown(answer)))
        },
    )
    .step(
        "the token service {string} is asked with the query {string}",
        "Asks the token service with exactly this behind the `?` of the address.",
        async |world: &mut World, step: Context| {
            world.ask(Method::GET, &step.text(0)?, PATH, &step.text(1)?).await?;
            Ok(())
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
            let Some(log) = world.app_log(&name)? else {
                step.log("the log of a service that somebody else started is not looked at");
                return no_secret("an answer", &world.apps.said);
            };
            expect(!log.is_empty(), || format!("{name} logged nothing at all"))?;
            // All tokens begin with the same header.
            expect(!log.contains("eyJ"), || "a token is in the log".to_owned())?;
            no_secret("an answer", &world.apps.said)?;
            no_secret("the log", &log)
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
            let base = world.app_url(&step.text(1)?, PATH)?;
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

/// The variables of the reference service for a server of the scenario.
fn variables(world: &World, service: &str) -> Result<Variables, StepError> {
    Ok(environment(format!("ws://{}", world.service(service)?.place.address("http"))))
}

fn environment(url: String) -> Variables {
    let all = [
        ("VIDEO_PROVIDER", "livekit".to_owned()),
        ("LIVEKIT_URL", url),
        ("LIVEKIT_API_KEY", KEY.to_owned()),
        ("LIVEKIT_API_SECRET", SECRET.to_owned()),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn known(world: &mut World, name: String, address: &str) -> StepResult {
    world.apps.addresses.insert(name, Url::parse(address)?);
    Ok(())
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

fn no_secret(place: &str, text: &str) -> StepResult {
    expect(!text.contains(SECRET), || format!("the secret is in {place}"))
}
