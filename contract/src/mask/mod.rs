//! The rules by which secrets are masked, the same for what the engine writes and what the pipeline reads.
//!
//! One automaton looks for the few literals without which no rule can hold; a rule is tried only
//! where one of its literals stands. Text without secrets is borrowed, never copied.
//!
//! A mark is `[masked <kind>]`, or `masked-<kind>` inside a URL, where brackets and spaces would
//! break it. Masking twice is masking once.
//!
//! Deliberately absent: secrets without a telling shape or name (a bare password in prose).

mod field;
mod shape;
mod user;

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use aho_corasick::{AhoCorasick, MatchKind};

pub use user::MaskError;

/// How many secrets of each kind were masked.
pub type Masked = BTreeMap<&'static str, u64>;

/// Finds secrets in text and puts a mark in their place.
#[derive(Debug, Clone)]
pub struct Masker {
    literals: AhoCorasick,
    /// What to try where the literal of the same index stands.
    rules: Vec<Rule>,
    shapes: shape::Shapes,
    fields: field::Fields,
    patterns: Vec<user::Pattern>,
}

/// What to try where a literal stands.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Shape(usize),
    Field(usize),
}

/// A secret in a text.
struct Secret {
    range: Range<usize>,
    kind: &'static str,
    /// What stands around the mark so that a bare JSON value becomes a string.
    quote: String,
}

impl Default for Masker {
    fn default() -> Self {
        Self::new()
    }
}

impl Masker {
    /// The built-in rules: tokens, API secrets, S3 keys, URL, TURN and ICE credentials, private keys.
    #[must_use]
    pub fn new() -> Self {
        let shapes = shape::SHAPES.iter().map(|it| it.literals).enumerate();
        let shapes = shapes.flat_map(|(n, it)| it.iter().map(move |l| (*l, Rule::Shape(n))));
        let fields = field::FIELDS.iter().map(|it| it.keys).enumerate();
        let fields = fields.flat_map(|(n, it)| it.iter().map(move |l| (*l, Rule::Field(n))));
        // Up to 64 literals are looked for with vector instructions, five times as fast as more.
        let (literals, rules): (Vec<&str>, Vec<Rule>) = shapes.chain(fields).unzip();
        let literals = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(literals);
        Self {
            literals: literals.expect("a few dozen short literals fit any automaton"),
            rules,
            shapes: shape::Shapes::new(),
            fields: field::Fields::new(),
            patterns: Vec::new(),
        }
    }

    /// The built-in rules and those of a user, each a name and a
    /// [regular expression](https://docs.rs/regex/latest/regex/#syntax).
    ///
    /// Where an expression has a group, only its first group is masked.
    ///
    /// # Errors
    /// Refuses a name that is no plain word, and an expression that is broken, too big, or matches
    /// the empty text.
    pub fn with<N: AsRef<str>, P: AsRef<str>>(patterns: &[(N, P)]) -> Result<Self, MaskError> {
        let patterns =
            patterns.iter().map(|(name, it)| user::Pattern::new(name.as_ref(), it.as_ref()));
        Ok(Self { patterns: patterns.collect::<Result<_, _>>()?, ..Self::new() })
    }

    /// Replaces each secret in `text` by `[masked <kind>]` and counts it; borrows where there is none.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str, masked: &mut Masked) -> Cow<'a, str> {
        let mut text = replace(Cow::Borrowed(text), &self.secrets(text), masked);
        for pattern in &self.patterns {
            let secrets = pattern.secrets(&text);
            text = replace(text, &secrets, masked);
        }
        text
    }

    /// The secrets that the built-in rules find, from left to right, none overlapping.
    fn secrets(&self, text: &str) -> Vec<Secret> {
        let mut secrets: Vec<Secret> = Vec::new();
        let mut done = 0;
        for hit in self.literals.find_iter(text) {
            if hit.start() < done || in_mark(text, hit.start()) {
                continue;
            }
            let found = match self.rules[hit.pattern().as_usize()] {
                Rule::Shape(n) => self.shapes.find(n, text, hit.start()),
                Rule::Field(n) => self.fields.find(n, text, hit.range()),
            };
            if let Some(secret) = found.filter(|it| it.range.start >= done) {
                done = secret.range.end;
                secrets.push(secret);
            }
        }
        for secret in &mut secrets {
            if self.shapes.is_jwt(&text[secret.range.clone()]) {
                secret.kind = "jwt";
            }
        }
        secrets
    }
}

/// What people call `n` secrets of a kind, such as `JWTs`.
#[must_use]
pub fn words(kind: &str, n: u64) -> String {
    let one = match kind {
        "api-key" => "API key",
        "api-secret" => "API secret",
        "authorization" => "authorization header",
        "bearer" => "bearer token",
        "github-token" => "GitHub or GitLab token",
        "ice-credential" => "ICE credential",
        "join-request" => "join request",
        "jwt" => "JWT",
        "password" | "secret" | "signature" | "token" => kind,
        "private-key" => "private key",
        "redis-password" => "Redis password",
        "s3-key" => "S3 key",
        "slack-token" => "Slack token",
        "turn-credential" => "TURN credential",
        "url-password" => "password in a URL",
        // What a user named has no plural that we could know.
        _ if n == 1 => return format!("match of {kind}"),
        _ => return format!("matches of {kind}"),
    };
    match one {
        _ if n == 1 => one.to_owned(),
        "password in a URL" => "passwords in URLs".to_owned(),
        _ => format!("{one}s"),
    }
}

/// Puts marks in the place of `secrets`.
fn replace<'a>(text: Cow<'a, str>, secrets: &[Secret], masked: &mut Masked) -> Cow<'a, str> {
    if secrets.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for Secret { range, kind, quote } in secrets {
        out.push_str(&text[done..range.start]);
        let mark = if in_url(&text, range.start) {
            format!("masked-{kind}")
        } else {
            format!("{quote}[masked {kind}]{quote}")
        };
        out.push_str(&mark);
        *masked.entry(*kind).or_default() += 1;
        done = range.end;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Whether `at` lies inside a URL, or inside what was percent-encoded for one.
fn in_url(text: &str, at: usize) -> bool {
    let near = &text.as_bytes()[at.saturating_sub(4096)..at];
    let outside =
        |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`');
    let start = near.iter().rposition(outside).map_or(0, |it| it + 1);
    let word = &near[start..];
    let has = |part: &[u8]| word.windows(part.len()).any(|it| it.eq_ignore_ascii_case(part));
    has(b"://")
        || has(b":\\/\\/")
        || has(b"?")
        || has(b"%3A")
        || has(b"%3D")
        || has(b"%22")
        || has(b"&") && has(b"=")
}

/// The length of the mark at the start of `text`, if one stands there.
fn mark_len(text: &str) -> Option<usize> {
    let word =
        |it: &str| it.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
    if let Some(rest) = text.strip_prefix("[masked ") {
        let len = word(rest);
        return (len > 0 && rest[len..].starts_with(']')).then_some("[masked ]".len() + len);
    }
    let rest = text.strip_prefix("masked-")?;
    let known = |kind: &&str| rest.starts_with(kind) && word(rest) == kind.len();
    let shapes = shape::SHAPES.iter().map(|it| it.kind);
    let mut kinds = shapes.chain(field::FIELDS.iter().map(|it| it.kind)).chain(["jwt", "s3-key"]);
    kinds.find(known).map(|kind| "masked-".len() + kind.len())
}

/// Whether `at` lies in a mark, whose own words are no names of secrets.
fn in_mark(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let ours = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b' ');
    let near = &bytes[at.saturating_sub(50)..at];
    let start = at - near.iter().rev().take_while(|b| ours(**b)).count();
    let found = text[start..at].rfind("masked").map(|it| start + it);
    let start = found.map(|it| if it > 0 && bytes[it - 1] == b'[' { it - 1 } else { it });
    start.is_some_and(|it| mark_len(&text[it..]).is_some_and(|len| at < it + len))
}

/// The part of `text` from `at`, at most about `len` bytes, cut between characters.
fn window(text: &str, at: usize, len: usize) -> &str {
    let mut end = text.len().min(at.saturating_add(len));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[at..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_for_people() {
        let shapes = shape::SHAPES.iter().map(|it| it.kind);
        for kind in shapes.chain(field::FIELDS.iter().map(|it| it.kind)).chain(["jwt", "s3-key"]) {
            let (one, more) = (words(kind, 1), words(kind, 16));
            assert!(!one.contains('-') && !one.starts_with("match"), "{kind}: {one}");
            assert_ne!(one, more);
        }
        assert_eq!(words("ice-credential", 16), "ICE credentials");
        assert_eq!(words("deploy-key", 2), "matches of deploy-key");
    }
}
