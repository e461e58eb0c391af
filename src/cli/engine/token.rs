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
