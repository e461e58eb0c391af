//! Steps about tokens that a server has to refuse, and about what the API lets a token do.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    context::Context,
    error::StepResult,
    steps::{Vocabulary, doing},
    token::{self, Claims},
    world::{Token, World, eventually, expect},
};

/// How a token is made that something is wrong with, from its claims and the secret of its key.
type Forge = fn(Claims, &str) -> (Claims, String);

/// What can be wrong with a token, as steps say it.
const FORGED: [(&str, Forge, &str); 4] = [
    (
        "signed with another secret",
        |it, _| with(it, &[], "a-secret-that-no-server-on-loopback-has"),
        "with a secret that is not its key's",
    ),
    (
        "signed by an unknown key",
        |it, secret| with(it, &[("iss", json!("nobody"))], secret),
        "of a key that no server has",
    ),
    ("that was changed after it was signed", changed, "whose signature is that of other claims"),
    ("without a signature", unsigned, "which says that it needs no signature"),
];

pub(super) fn add(all: &mut Vocabulary) {
    all.about("access tokens");
    for (what, forge, meaning) in FORGED {
        all.step(
            &format!(
                "an access token is created with identity {{string}} and room {{string}} {what}"
            ),
            &format!("Makes a token {meaning}."),
            doing(move |world, step| {
                Box::pin(async move {
                    let (identity, room) = (step.text(0)?, step.text(1)?);
                    let (key, secret) = world.credentials();
                    let claims = claims(key, (&identity, &room), -1, 3600);
                    let (claims, jwt) = forge(claims, secret);
                    world.tokens.insert((identity, room), Token { jwt, claims });
                    Ok(())
                })
            }),
        );
    }
    times(all);
    all.step(
        "the token of {string} for room {string} makes the API call {string} answer {int} in service {string}",
        "Makes a call of the room service, such as DeleteRoom, with this token until the HTTP status is this.",
        async |world: &mut World, step: Context| call(world, &step).await,
    );
}

fn times(all: &mut Vocabulary) {
    all.step(
        "an access token is created with identity {string} and room {string} that expired {int} seconds ago",
        "Signs a token whose time is over.",
        async |world: &mut World, step: Context| {
            let seconds: i64 = step.argument(2)?;
            keep(world, &step, -seconds - 3600, -seconds)
        },
    )
    .step(
        "an access token is created with identity {string} and room {string} that holds only in {int} seconds",
        "Signs a token whose time is still to come.",
        async |world: &mut World, step: Context| {
            let seconds: i64 = step.argument(2)?;
            keep(world, &step, seconds, seconds + 3600)
        },
    );
}

fn keep(world: &mut World, step: &Context, begins: i64, ends: i64) -> StepResult {
    let (identity, room) = (step.text(0)?, step.text(1)?);
    let (key, secret) = world.credentials();
    let claims = claims(key, (&identity, &room), begins, ends);
    let jwt = token::sign(&claims, secret);
    world.tokens.insert((identity, room), Token { jwt, claims });
    Ok(())
}

/// What a token says that lets somebody join, from and until so many seconds from now.
fn claims(key: &str, (identity, room): (&str, &str), begins: i64, ends: i64) -> Claims {
    let now = Timestamp::now().as_second();
    let video = json!({"roomJoin": true, "room": room});
    let (begins, ends) = (now.saturating_add(begins), now.saturating_add(ends));
    let claims = [
        ("iss", json!(key)),
        ("sub", json!(identity)),
        ("iat", json!(begins)),
        ("nbf", json!(begins)),
        ("exp", json!(ends)),
        ("video", video),
    ];
    claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn with(mut claims: Claims, other: &[(&str, Value)], secret: &str) -> (Claims, String) {
    claims.extend(other.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let jwt = token::sign(&claims, secret);
    (claims, jwt)
}

fn changed(claims: Claims, secret: &str) -> (Claims, String) {
    let signed = token::sign(&claims, secret);
    let signature = signed.rsplit('.').next().unwrap_or_default().to_owned();
    let (claims, other) = with(claims, &[("sub", json!("somebody else"))], secret);
    let said = other.rsplit_once('.').map(|it| it.0).unwrap_or_default();
    (claims, format!("{said}.{signature}"))
}

fn unsigned(claims: Claims, _: &str) -> (Claims, String) {
    let part = |it: Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
    let header = part(json!({"alg": "none", "typ": "JWT"}));
    let jwt = format!("{header}.{}.", part(claims.clone().into()));
    (claims, jwt)
}

async fn call(world: &World, step: &Context) -> StepResult {
    let (identity, room, method) = (step.text(0)?, step.text(1)?, step.text(2)?);
    let wanted: u16 = step.argument(3)?;
    let jwt = &world.token(&identity, &room)?.jwt;
    let at = world.service(&step.text(4)?)?.url();
    // Each call takes of this what it knows.
    let body = json!({"name": room, "room": room, "identity": identity});
    let client = Client::builder().timeout(world.setup.waits.expected).build()?;
    let url = format!("{at}/twirp/livekit.RoomService/{method}");
    eventually(world.setup.waits.expected, || async {
        let answer = client.post(&url).bearer_auth(jwt).json(&body).send().await?;
        let (status, text) = (answer.status().as_u16(), answer.text().await?);
        expect(status == wanted, || format!("{method} answers {status}, not {wanted}: {text}"))
    })
    .await
}
