//! `lkreport token`: access tokens, from the key and the secret in the environment.

use std::env;

use anyhow::Context;
use lkreport_engine::token::{self, Claims};
use serde_json::{Map, Value, json};

use super::super::{
    args::{self, Grants, TokenCommand},
    output::{Answer, Hint, print},
};

pub(in super::super) fn token(args: &args::Token) -> anyhow::Result<Answer> {
    let TokenCommand::Create(grants) = &args.command;
    let [key, secret] = credentials()?;
    let now = jiff::Timestamp::now().as_second();
    let claims = claims(grants, &key, now)?;
    print(&format!("{}\n", token::sign(&claims, &secret)))?;
    Ok(Answer::Yes)
}

/// A token that lets somebody join a room for a day.
pub(super) fn to_join(identity: &str, room: &str) -> anyhow::Result<String> {
    let [key, secret] = credentials()?;
    let (room, identity) = (Some(room.to_owned()), identity.to_owned());
    let grants = Grants { room, identity, valid_for: 24 * 60 * 60, grant: Vec::new() };
    Ok(token::sign(&claims(&grants, &key, jiff::Timestamp::now().as_second())?, &secret))
}

/// The key and its secret.
fn credentials() -> anyhow::Result<[String; 2]> {
    let names = ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"];
    let values = names.map(|it| env::var(it).unwrap_or_default());
    let both = names.iter().zip(&values).filter(|(_, value)| value.is_empty());
    let missing: Vec<&str> = both.map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(values);
    }
    let hint = Hint("the server knows them from `keys` of its configuration".to_owned());
    Err(anyhow::anyhow!("not set: {}", missing.join(", ")).context(hint))
}

fn claims(grants: &Grants, key: &str, now: i64) -> anyhow::Result<Claims> {
    let mut video = Map::new();
    if let Some(room) = &grants.room {
        video.extend([("roomJoin".to_owned(), json!(true)), ("room".to_owned(), json!(room))]);
    }
    for text in &grants.grant {
        let more = token::grants(text).with_context(|| format!("--grant {text}"))?;
        video.extend(more);
    }
    let end = now.saturating_add_unsigned(grants.valid_for);
    let claims = [
        ("iss", json!(key)),
        ("sub", json!(grants.identity)),
        ("nbf", json!(now)),
        ("iat", json!(now)),
        ("exp", json!(end)),
        ("video", Value::Object(video)),
    ];
    Ok(claims.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}
