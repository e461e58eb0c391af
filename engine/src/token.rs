//! Access tokens: what they grant, signed and read.
//!
//! Claims stay JSON, because a suite must be able to make every token: those with grants that a library
//! does not know yet, expired ones, and those that a server has to refuse. What a token may say stands in
//! [LiveKit's documentation](https://docs.livekit.io/home/get-started/authentication/); its form is
//! [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519) with HMAC-SHA-256.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// The grants for video, and of what kind each is.
pub const GRANTS: [(&str, Kind); 17] = [
    ("roomCreate", Kind::Flag),
    ("roomList", Kind::Flag),
    ("roomRecord", Kind::Flag),
    ("roomAdmin", Kind::Flag),
    ("roomJoin", Kind::Flag),
    ("room", Kind::Text),
    ("destinationRoom", Kind::Text),
    ("canPublish", Kind::Flag),
    ("canSubscribe", Kind::Flag),
    ("canPublishData", Kind::Flag),
    ("canPublishSources", Kind::List),
    ("canUpdateOwnMetadata", Kind::Flag),
    ("ingressAdmin", Kind::Flag),
    ("hidden", Kind::Flag),
    ("recorder", Kind::Flag),
    ("agent", Kind::Flag),
    ("canSubscribeMetrics", Kind::Flag),
];

/// Of what kind the value of a grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A name.
    Text,
    /// Several names.
    List,
}

/// Why grants, attributes or a token cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nobody knows the grant.
    #[error("no grant is called `{name}`; known: {}", GRANTS.map(|it| it.0).join(", "))]
    UnknownGrant {
        /// Its name.
        name: String,
    },
    /// A value that the grant cannot have.
    #[error("the grant `{name}` is true or false, not `{value}`")]
    NoFlag {
        /// The grant.
        name: String,
        /// Its value.
        value: String,
    },
    /// A part without its separator.
    #[error("`{part}` has no `{separator}` between name and value")]
    NoValue {
        /// The part.
        part: String,
        /// What is missing.
        separator: char,
    },
    /// It is no token.
    #[error("it is not a token of three parts with JSON in them")]
    Malformed,
    /// The secret is another one, or somebody changed the token.
    #[error("its signature does not fit")]
    WrongSignature,
    /// It is too late for it.
    #[error("it expired {seconds} s ago")]
    Expired {
        /// How long ago.
        seconds: i64,
    },
    /// It is too early for it.
    #[error("it holds only in {seconds} s")]
    NotYet {
        /// How long it takes.
        seconds: i64,
    },
}

/// Reads grants such as `canPublish:true,canPublishSources:camera\,microphone`.
///
/// # Errors
///
/// When a grant is unknown or its value is of the wrong kind.
pub fn grants(text: &str) -> Result<Map<String, Value>, TokenError> {
    let grant = |(name, value)| Ok((name, value));
    let read = pairs(text, ':')?.into_iter().map(grant);
    read.map(|it| it.and_then(|(name, text)| Ok((name.clone(), value(&name, &text)?)))).collect()
}

/// The value of a grant as the token carries it.
///
/// # Errors
///
/// When the grant is unknown or the value of the wrong kind.
pub fn value(name: &str, text: &str) -> Result<Value, TokenError> {
    let kind = GRANTS.iter().find(|it| it.0 == name).map(|it| it.1);
    match kind.ok_or_else(|| TokenError::UnknownGrant { name: name.to_owned() })? {
        Kind::Flag => match text {
            "true" => Ok(json!(true)),
            "false" => Ok(json!(false)),
            _ => Err(TokenError::NoFlag { name: name.to_owned(), value: text.to_owned() }),
        },
        Kind::Text => Ok(json!(text)),
        Kind::List => {
            let items = text.split(',').map(str::trim).filter(|it| !it.is_empty());
            Ok(items.collect())
        }
    }
}

/// Reads attributes such as `role=host,team=a\,b`.
///
/// # Errors
///
/// When a part has no `=`.
pub fn attributes(text: &str) -> Result<Map<String, Value>, TokenError> {
    Ok(pairs(text, '=')?.into_iter().map(|(name, value)| (name, json!(value))).collect())
}

/// Names and values, separated by commas; a backslash makes what follows a part of its value.
fn pairs(text: &str, separator: char) -> Result<Vec<(String, String)>, TokenError> {
    let (mut pairs, mut name, mut part) = (Vec::new(), None, String::new());
    let mut chars = text.chars();
    let mut end = |name: &mut Option<String>, part: &mut String| {
        let (name, part) = (name.take(), std::mem::take(part));
        match name {
            Some(name) => pairs.push((name, part)),
            None if part.trim().is_empty() => {}
            None => return Err(TokenError::NoValue { part, separator }),
        }
        Ok(())
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => part.push(chars.next().unwrap_or('\\')),
            ',' => end(&mut name, &mut part)?,
            c if c == separator && name.is_none() => {
                name = Some(std::mem::take(&mut part).trim().to_owned());
            }
            c => part.push(c),
        }
    }
    end(&mut name, &mut part)?;
    Ok(pairs)
}

/// Signs claims with the secret of their key.
#[must_use]
pub fn sign(claims: &Claims, secret: &str) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let part = |it: &str| BASE64_URL_SAFE_NO_PAD.encode(it);
    let signed =
        format!("{}.{}", part(&header.to_string()), part(&Value::from(claims.clone()).to_string()));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(mac(&signed, secret).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// Reads the claims of a token, whoever signed it.
///
/// # Errors
///
/// When it is no token.
pub fn read(token: &str) -> Result<Claims, TokenError> {
    let claims = token.split('.').nth(1).ok_or(TokenError::Malformed)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&claims).map_err(|_| TokenError::Malformed)
}

/// Reads the claims of a token that holds now, in seconds since 1970.
///
/// # Errors
///
/// When it was signed with another secret, expired, or does not hold yet.
pub fn verify(token: &str, secret: &str, now: i64) -> Result<Claims, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Malformed)?;
    mac(signed, secret).verify_slice(&signature).map_err(|_| TokenError::WrongSignature)?;
    let claims = read(token)?;
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    if let Some(seconds) = time("exp").map(|it| now - it).filter(|it| *it >= 0) {
        return Err(TokenError::Expired { seconds });
    }
    if let Some(seconds) = time("nbf").map(|it| it - now).filter(|it| *it > 0) {
        return Err(TokenError::NotYet { seconds });
    }
    Ok(claims)
}

fn mac(signed: &str, secret: &str) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so there is no case in which it does not begin.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(signed.as_bytes());
    mac
}
