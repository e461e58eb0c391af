//! Steps that make access tokens and look into them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Vocabulary, doing};
use crate::{
    context::Context,
    error::{StepError, StepResult},
    token::{self, Claims},
    world::{Token, World, expect},
};

/// A parameter of a step that makes a token, after identity and room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Grants,
    Attributes,
    Metadata,
    MetadataSize,
    Seconds,
    Minutes,
}

/// How the steps that make tokens go on after identity and room: what they grant, what follows.
const ENDS: &[(&str, &[&str], &[Part], &str)] = &[
    ("", &[], &[], "that lets it join"),
    (" with publish permissions", &["canPublish"], &[], "that lets it publish"),
    (" with subscribe permissions", &["canSubscribe"], &[], "that lets it subscribe"),
    (
        " with publish and subscribe permissions",
        &["canPublish", "canSubscribe"],
        &[],
        "that lets it publish and subscribe",
    ),
    (" that expires in {int} seconds", &[], &[Part::Seconds], "of this life"),
    (" with grants {string}", &[], &[Part::Grants], "with these grants"),
    (
        " with grants {string} and attributes {string}",
        &[],
        &[Part::Grants, Part::Attributes],
        "with these grants and attributes",
    ),
    (
        " with grants {string} that expires in {int} seconds",
        &[],
        &[Part::Grants, Part::Seconds],
        "with these grants, of this life",
    ),
    (
        " with grants {string} and attributes {string} that expires in {int} seconds",
        &[],
        &[Part::Grants, Part::Attributes, Part::Seconds],
        "with these grants and attributes, of this life",
    ),
    (
        " with grants {string} that expires in {int} minutes",
        &[],
        &[Part::Grants, Part::Minutes],
        "with these grants, of this life",
    ),
    (
        " with grants {string} and attributes {string} that expires in {int} minutes",
        &[],
        &[Part::Grants, Part::Attributes, Part::Minutes],
        "with these grants and attributes, of this life",
    ),
    (
        " with grants {string} and metadata {string}",
        &[],
        &[Part::Grants, Part::Metadata],
        "with these grants and this metadata",
    ),
    (
        " with grants {string} and metadata of size {int} bytes",
        &[],
        &[Part::Grants, Part::MetadataSize],
        "with these grants and metadata of this size",
    ),
];

/// How long a token lives unless the step says: an hour.
const LIFE: Duration = Duration::from_secs(60 * 60);

pub(super) fn add(all: &mut Vocabulary) {
    all.about("access tokens");
    for (end, grants, parts, what) in ENDS {
        for begin in ["the system creates an access token", "an access token is created"] {
            let expression = format!("{begin} with identity {{string}} and room {{string}}{end}");
            let meaning = format!("Signs a token for this identity and room {what}.");
            all.step(
                &expression,
                &meaning,
                doing(move |world, step| {
                    Box::pin(async move { create(world, &step, grants, parts) })
                }),
            );
        }
    }
    all.step(
        "waiting for {int} seconds",
        "Lets this time pass, as where a token shall expire.",
        async |_: &mut World, step: Context| {
            tokio::time::sleep(Duration::from_secs(step.argument(0)?)).await;
            Ok(())
        },
    );
    look(all);
    tables(all);
}

fn look(all: &mut Vocabulary) {
    all.step(
        "the access token for {string} in room {string} should be valid",
        "The token has the signature of its key, and holds now.",
        async |world: &mut World, step: Context| {
            let jwt = &world.token(&step.text(0)?, &step.text(1)?)?.jwt;
            token::verify(jwt, world.credentials().1, Timestamp::now().as_second())
                .map_err(|it| StepError::assertion(format!("the token is not valid: {it}")))?;
            Ok(())
        },
    )
    .step(
        "the access token for {string} should contain room {string}",
        "The identity has a token for this room, which names it.",
        async |world: &mut World, step: Context| {
            let room = step.text(1)?;
            let token = world.token(&step.text(0)?, &room)?;
            is(&format!("room of {}", token.jwt), token.grant("room"), Some(&json!(room)))
        },
    )
    .step(
        "the access token for {string} in room {string} should have grant {string} set to {string}",
        "The token grants exactly this.",
        async |world: &mut World, step: Context| has_grant(world, &step, &step.text(2)?, &step.text(3)?),
    )
    .step(
        "the access token for {string} in room {string} should not have grant {string}",
        "The token does not grant this.",
        async |world: &mut World, step: Context| has_no_grant(world, &step, &step.text(2)?),
    )
    .step(
        "the access token for {string} in room {string} should have attribute {string} set to {string}",
        "The token has this attribute.",
        async |world: &mut World, step: Context| {
            has_attribute(world, &step, &step.text(2)?, &step.text(3)?)
        },
    )
    .step(
        "the access token for {string} in room {string} should not have attribute {string}",
        "The token has no such attribute.",
        async |world: &mut World, step: Context| has_no_attribute(world, &step, &step.text(2)?),
    )
    .step(
        "the access token for {string} in room {string} should have metadata {string}",
        "The token has this metadata.",
        async |world: &mut World, step: Context| {
            let metadata = world.token(&step.text(0)?, &step.text(1)?)?.claims.get("metadata");
            is("metadata", metadata, Some(&json!(step.text(2)?)))
        },
    )
    .step(
        "the access token for {string} in room {string} should have metadata of length {int}",
        "The token has metadata of this length in bytes.",
        async |world: &mut World, step: Context| {
            let token = world.token(&step.text(0)?, &step.text(1)?)?;
            let length = token.claims.get("metadata").and_then(Value::as_str).map_or(0, str::len);
            let wanted: usize = step.argument(2)?;
            expect(length == wanted, || format!("the metadata has {length} bytes, not {wanted}"))
        },
    );
}

fn tables(all: &mut Vocabulary) {
    all.step(
        "the access token for {string} in room {string} should have the following grants:",
        "The token grants what the table says: name, value.",
        async |world: &mut World, step: Context| {
            let pairs = pairs(&step)?;
            pairs.iter().try_for_each(|(name, value)| has_grant(world, &step, name, value))
        },
    )
    .step(
        "the access token for {string} in room {string} should not have the following grants:",
        "The token grants nothing of what the table names.",
        async |world: &mut World, step: Context| {
            names(&step)?.iter().try_for_each(|name| has_no_grant(world, &step, name))
        },
    )
    .step(
        "the access token for {string} in room {string} should have the following attributes:",
        "The token has the attributes of the table: name, value.",
        async |world: &mut World, step: Context| {
            let pairs = pairs(&step)?;
            pairs.iter().try_for_each(|(name, value)| has_attribute(world, &step, name, value))
        },
    )
    .step(
        "the access token for {string} in room {string} should not have the following attributes:",
        "The token has none of the attributes that the table names.",
        async |world: &mut World, step: Context| {
            names(&step)?.iter().try_for_each(|name| has_no_attribute(world, &step, name))
        },
    );
}

fn create(world: &mut World, step: &Context, granted: &[&str], parts: &[Part]) -> StepResult {
    let (identity, room) = (step.text(0)?, step.text(1)?);
    let mut grants =
        Map::from_iter([("roomJoin".to_owned(), json!(true)), ("room".to_owned(), json!(room))]);
    grants.extend(granted.iter().map(|it| ((*it).to_owned(), json!(true))));
    let (mut life, mut claims) = (LIFE, Claims::new());
    for (n, part) in parts.iter().enumerate() {
        let n = n + 2;
        match part {
            Part::Grants => grants.extend(token::grants(&step.text(n)?)?),
            Part::Attributes => {
                claims.insert("attributes".to_owned(), token::attributes(&step.text(n)?)?.into());
            }
            Part::Metadata => _ = claims.insert("metadata".to_owned(), json!(step.text(n)?)),
            Part::MetadataSize => {
                let metadata = "m".repeat(step.argument(n)?);
                claims.insert("metadata".to_owned(), json!(metadata));
            }
            Part::Seconds => life = Duration::from_secs(step.argument(n)?),
            Part::Minutes => life = Duration::from_secs(step.argument::<u64>(n)? * 60),
        }
    }
    claims.insert("video".to_owned(), grants.into());
    world.sign(&identity, &room, claims, life);
    Ok(())
}

impl World {
    /// Signs a token that holds from now on, and keeps it.
    pub fn sign(&mut self, identity: &str, room: &str, mut claims: Claims, life: Duration) {
        let (key, secret) = self.credentials();
        let now = Timestamp::now().as_second();
        let end = now.saturating_add_unsigned(life.as_secs());
        let times = [("nbf", now), ("iat", now), ("exp", end)];
        claims.extend(times.map(|(name, time)| (name.to_owned(), json!(time))));
        claims.extend(
            [("iss", key), ("sub", identity)].map(|(name, text)| (name.to_owned(), json!(text))),
        );
        let jwt = token::sign(&claims, secret);
        self.tokens.insert((identity.to_owned(), room.to_owned()), Token { jwt, claims });
    }
}

impl Token {
    fn grant(&self, name: &str) -> Option<&Value> {
        self.claims.get("video")?.get(name)
    }

    fn attribute(&self, name: &str) -> Option<&Value> {
        self.claims.get("attributes")?.get(name)
    }
}

fn has_grant(world: &World, step: &Context, name: &str, value: &str) -> StepResult {
    let token = world.token(&step.text(0)?, &step.text(1)?)?;
    // The text of the step escapes commas as the one that made the token does.
    let wanted = token::value(name, &value.replace("\\,", ","))?;
    is(&format!("the grant `{name}`"), token.grant(name), Some(&wanted))
}

fn has_no_grant(world: &World, step: &Context, name: &str) -> StepResult {
    let token = world.token(&step.text(0)?, &step.text(1)?)?;
    let grants = |it: &&Value| **it != json!(false) && **it != json!("") && **it != json!([]);
    is(&format!("the grant `{name}`"), token.grant(name).filter(grants), None)
}

fn has_attribute(world: &World, step: &Context, name: &str, value: &str) -> StepResult {
    let token = world.token(&step.text(0)?, &step.text(1)?)?;
    is(&format!("the attribute `{name}`"), token.attribute(name), Some(&json!(value)))
}

fn has_no_attribute(world: &World, step: &Context, name: &str) -> StepResult {
    let token = world.token(&step.text(0)?, &step.text(1)?)?;
    is(&format!("the attribute `{name}`"), token.attribute(name), None)
}

fn is(what: &str, found: Option<&Value>, wanted: Option<&Value>) -> StepResult {
    let show = |it: Option<&Value>| it.map_or_else(|| "nothing".to_owned(), Value::to_string);
    expect(found == wanted, || format!("{what} is {}, not {}", show(found), show(wanted)))
}

/// The rows of the table as pairs; a header, where there is one, is none of them.
fn pairs(step: &Context) -> Result<Vec<(String, String)>, StepError> {
    let rows = step.table()?;
    let pair = |row: &Vec<&str>| match row.as_slice() {
        [name, value] => Ok(((*name).to_owned(), (*value).to_owned())),
        _ => Err(StepError::assertion("each row of the table needs a name and a value")),
    };
    rows.iter().skip(usize::from(has_header(&rows))).map(pair).collect()
}

/// The first column of the table, without a header.
fn names(step: &Context) -> Result<Vec<String>, StepError> {
    let rows = step.table()?;
    let first = |row: &Vec<&str>| row.first().map(|it| (*it).to_owned());
    Ok(rows.iter().skip(usize::from(has_header(&rows))).filter_map(first).collect())
}

/// Whether the first row names the columns.
fn has_header(rows: &[Vec<&str>]) -> bool {
    let first = rows.first().and_then(|it| it.first());
    first.is_some_and(|it| {
        ["name", "grant", "attribute", "key"].contains(&it.to_ascii_lowercase().as_str())
    })
}
