//! Secrets that are known by the name that stands before them: `api_secret: …`, `"password":"…"`.

use std::ops::Range;

use regex::Regex;

use super::{Secret, mark_len, window};

/// One name of a secret.
pub(super) struct Field {
    /// What the mark calls it.
    pub(super) kind: &'static str,
    /// How the name ends, in each spelling; what stands before it does not matter.
    pub(super) keys: &'static [&'static str],
    /// What a bare value must look like to be taken for a secret.
    bare: Bare,
}

/// How much a value without quotes must look like a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bare {
    /// Anything that is set is one.
    Any,
    /// The name is used in prose as well: long, and not made of words alone.
    Random,
    /// A name of ICE, which may be followed by a blank alone, as in a candidate line.
    Ice,
    /// A line of a configuration of Redis or a key of LiveKit's `keys:`.
    Line,
}

/// Every name.
pub(super) const FIELDS: &[Field] = &[
    Field { kind: "secret", keys: &["secret", "Secret", "SECRET"], bare: Bare::Any },
    Field { kind: "password", keys: &["password", "Password", "PASSWORD"], bare: Bare::Any },
    Field { kind: "password", keys: &["passwd", "PASSWD"], bare: Bare::Any },
    Field { kind: "password", keys: &["passphrase", "PASSPHRASE"], bare: Bare::Any },
    Field { kind: "redis-password", keys: &["requirepass"], bare: Bare::Line },
    Field { kind: "redis-password", keys: &["masterauth"], bare: Bare::Line },
    Field { kind: "token", keys: &["token", "Token", "TOKEN"], bare: Bare::Random },
    Field { kind: "join-request", keys: &["join_request", "joinRequest"], bare: Bare::Random },
    Field { kind: "signature", keys: &["X-Amz-Signature"], bare: Bare::Any },
    Field {
        kind: "turn-credential",
        keys: &["credential", "Credential", "CREDENTIAL"],
        bare: Bare::Any,
    },
    Field {
        kind: "authorization",
        keys: &["authorization", "Authorization", "AUTHORIZATION"],
        bare: Bare::Random,
    },
    Field { kind: "ice-credential", keys: &["pwd", "Pwd"], bare: Bare::Ice },
    Field { kind: "ice-credential", keys: &["ufrag", "Ufrag"], bare: Bare::Ice },
    Field { kind: "ice-credential", keys: &["usernameFragment"], bare: Bare::Any },
    Field { kind: "api-secret", keys: &["API"], bare: Bare::Line },
];

/// A value is judged by this much of it, in bytes.
const MAX_VALUE: usize = 512;

/// The ways to say that a value follows, compiled.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    joints: Regex,
    api_key: Regex,
}

/// Where a value stands and what it stands in.
struct Value<'a> {
    range: Range<usize>,
    /// The quotation mark around the name, in whatever escaping.
    name_quote: &'a str,
    /// The quotation mark before the value.
    quote: &'a str,
    /// Whether a blank alone, or a colon and a blank, stands between: it may be prose.
    prose: bool,
}

/// A quotation mark, plain or escaped for JSON, XML or a URL, any number of times.
const QUOTE: &str = r#"(?:(?:\\|%(?:25)*5[Cc])*(?:["'`]|&(?:amp;)*(?:quot|apos|\#34|\#39|\#x22|\#x27);|%(?:25)*26(?:amp%3B)*(?:quot|apos|%(?:25)*23(?:34|39))%(?:25)*3B|%(?:25)*2[27])|\\+u002[27])"#;

impl Fields {
    pub(super) fn new() -> Self {
        let joints = format!(
            r"(?x)^(?P<key>(?i:[_.-]?(?:access)?[_.-]?key)?)
              (?P<nq>{QUOTE}?)(?:
                (?P<eq>(?:[\ \t]|%(?:25)*20)*(?::=|=>|[:=]|%(?:25)*3[ADad]|&\#(?:58|61|x3[ad]);|\\+u003[ad])(?:[\ \t]|%(?:25)*20|\\+u0020)*)
                (?:Some\(|\[)?(?P<q>{QUOTE}?)(?P<scheme>(?i:basic|bearer|digest|token|negotiate)(?:[\ \t]|%(?:25)*20|\+)+)?
              | (?P<attr>[\ \t]+value=)(?P<aq>{QUOTE})
              | (?P<element>(?:>|&gt;))
              | (?P<flag>(?:[\ \t]|%(?:25)*20|\+)+|,[\ \t]*)(?P<fq>{QUOTE}?)
              )"
        );
        Self {
            joints: Regex::new(&joints).expect("a valid expression"),
            api_key: Regex::new(r"^API[A-Za-z0-9]{6,28}").expect("a valid expression"),
        }
    }

    /// The secret of field `n` whose name ends with what stands at `name`.
    pub(super) fn find(&self, n: usize, text: &str, name: Range<usize>) -> Option<Secret> {
        let field = &FIELDS[n];
        let mut end = name.end;
        if field.kind == "api-secret" {
            end = name.start + self.api_key.find(window(text, name.start, 40))?.end();
        }
        let joint = self.joints.captures(window(text, end, 200))?;
        // What follows each name is looked at for a bounded stretch, so that time stays linear.
        let near = window(text, 0, end + MAX_VALUE);
        let mut value = value(near, name.start, end, &joint, field.bare)?;
        let secret = &text[value.range.clone()];
        let bracket = value.range.start - 1;
        if text.is_char_boundary(bracket) && mark_len(&text[bracket..]).is_some() {
            return None;
        }
        let is_s3 = field.kind == "secret" && !joint["key"].is_empty();
        if field.kind != "secret" && !joint["key"].is_empty() || is_ordinary(secret) {
            return None;
        }
        let scheme = joint.name("scheme").is_some();
        if value.quote.is_empty() && !scheme && !looks_secret(text, &value, field) {
            return None;
        }
        let long_enough = match field.kind {
            "api-secret" => secret.len() >= 16 && !secret.contains(char::is_whitespace),
            "token" | "join-request" | "authorization" => secret.len() >= 8,
            _ => true,
        };
        let kind = if is_s3 { "s3-key" } else { field.kind };
        // A bare value after a quoted name is a number of JSON, and a mark must be a string there.
        let quote = if value.quote.is_empty() { value.name_quote } else { "" };
        if !long_enough {
            return None;
        }
        let quote = quote.to_owned();
        if value.range.end == near.len() {
            value.range.end = end_of(text, value.range.start, value.quote, joint[0].contains('%'));
        }
        Some(Secret { range: value.range, kind, quote })
    }
}

/// Where the value stands that `joint` leads to.
fn value<'a>(
    text: &'a str,
    start: usize,
    end: usize,
    joint: &regex::Captures<'a>,
    bare: Bare,
) -> Option<Value<'a>> {
    let at = end + joint.get(0)?.end();
    let name_quote = joint.name("nq").map_or("", |it| it.as_str());
    let group = |name| joint.name(name).map_or("", |it| it.as_str());
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let before = &text.as_bytes()[start.saturating_sub(40)..start];
    let from = before.iter().rposition(|b| !word(b));
    if joint.name("element").is_some() {
        // `<` or `&lt;` opens an element.
        if !from.is_some_and(|it| matches!(before[it], b'<' | b';')) {
            return None;
        }
        let stop = end_of(text, at, ">", false);
        return Some(Value { range: at..stop, name_quote, quote: ">", prose: false });
    }
    let flag = joint.name("flag").is_some();
    if flag {
        // A blank alone leads to a value after a flag, in a candidate and in a line of Redis.
        let named = from.map_or(before, |it| &before[it + 1..]);
        let candidate = || {
            let near = String::from_utf8_lossy(&text.as_bytes()[start.saturating_sub(120)..start]);
            near.contains(" typ ")
        };
        let key_of_api = text[start..end].starts_with("API");
        let leads = named.windows(2).any(|it| it == b"--")
            || bare == Bare::Line && !key_of_api
            || bare == Bare::Ice && candidate();
        if !leads || !name_quote.is_empty() && !group("flag").starts_with(',') {
            return None;
        }
    }
    let quote = ["q", "aq", "fq"].into_iter().map(group).find(|it| !it.is_empty()).unwrap_or("");
    let stop = end_of(text, at, quote, joint[0].contains('%'));
    let eq = group("eq");
    let scheme = !group("scheme").is_empty();
    let prose = !scheme && !eq.is_empty() && name_quote.is_empty() && eq.ends_with([' ', '\t']);
    Some(Value { range: at..stop, name_quote, quote, prose })
}

/// Where the value ends that stands in `quote`, or bare.
fn end_of(text: &str, at: usize, quote: &str, percent: bool) -> usize {
    match quote {
        "" => bare_end(text, at, percent),
        ">" => text[at..].find(['<', '&', '\n']).map_or(text.len(), |it| at + it),
        _ => quoted_end(text, at, quote),
    }
}

/// Where the value ends that began with the quotation mark `quote`; at the latest, with its line.
///
/// With `n` backslashes before its quotation marks, a string is nested so deep that each mark inside
/// it carries `n + 1` more, and each backslash at its end doubles all of them.
fn quoted_end(text: &str, at: usize, quote: &str) -> usize {
    let line = text[at..].find('\n').map_or(text.len(), |it| at + it);
    let mark = quote.trim_start_matches('\\').trim_start_matches("%5C").trim_start_matches("%255C");
    let slash = if quote.starts_with('%') { &quote[..quote.len() - mark.len()] } else { "\\" };
    let slash = slash.get(..if slash.starts_with("%255C") { 5 } else { 3 }).unwrap_or("\\");
    let slashes_before = |end: usize| {
        let content = &text[at..end];
        (content.len() - content.trim_end_matches(slash).len()) / slash.len()
    };
    let level = (quote.len() - mark.len()) / slash.len();
    for (found, _) in text[at..line].match_indices(mark) {
        let slashes = slashes_before(at + found);
        let inside = slashes.min(level);
        if slashes < level || (slashes - level).is_multiple_of(2 * (level + 1)) {
            return at + found - inside * slash.len();
        }
    }
    line
}

/// Where a value ends that stands without quotation marks.
fn bare_end(text: &str, at: usize, percent: bool) -> usize {
    let bytes = text.as_bytes();
    let ends = |n: usize| {
        let next = &bytes[n + 1..bytes.len().min(n + 3)];
        match bytes[n] {
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'&' | b',' | b';' | b'\\' => true,
            b'}' | b')' | b']' => true,
            b'%' if percent => [
                b"22", b"26", b"20", b"2C", b"2c", b"0A", b"0a", b"0D", b"0d", b"7D", b"7d", b"5C",
                b"5c",
            ]
            .iter()
            .any(|it| *it == next),
            b => b.is_ascii_whitespace(),
        }
    };
    (at..bytes.len()).find(|n| ends(*n)).unwrap_or(bytes.len())
}

/// Whether a value says that there is none, or is masked already.
fn is_ordinary(value: &str) -> bool {
    const NONE: &[&str] = &[
        "",
        "null",
        "nil",
        "none",
        "undefined",
        "true",
        "false",
        "string",
        "str",
        "redacted",
        "required",
        "optional",
        "bearer",
        "basic",
        "empty",
        "missing",
        "invalid",
        "expired",
    ];
    let bare = value.trim().to_ascii_lowercase();
    let placeholder = bare.starts_with(['$', '{', '(', '=', '<'])
        || bare.starts_with("%s")
        || bare.starts_with("%v");
    NONE.contains(&bare.as_str())
        || value.bytes().all(|b| matches!(b, b'*' | b'.' | b'x' | b'X' | b'-' | b'/'))
        || mark_len(value.trim()).is_some_and(|len| len == value.trim().len())
        || placeholder && value.len() < 40
        || bare.starts_with("[masked")
        || ["[redacted", "(redacted"].iter().any(|it| bare.starts_with(it))
}

/// Whether a bare value is a secret rather than a word of a sentence or of a program.
fn looks_secret(text: &str, value: &Value<'_>, field: &Field) -> bool {
    let secret = &text[value.range.clone()];
    let has_digit = secret.bytes().any(|b| b.is_ascii_digit());
    let only_digits = secret.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_code = secret.contains('(') || secret.contains("::");
    let rest = text[value.range.end..].trim_start_matches([' ', '\t']);
    let last =
        rest.is_empty() || rest.starts_with(['\n', '\r', ',', ';', '}', ']', '#', '\\', '"', '\'']);
    match field.bare {
        // A shell's working directory is called `pwd` too.
        Bare::Ice => !secret.starts_with('/'),
        Bare::Line => true,
        Bare::Any => !is_code && (!value.prose || last || has_digit && secret.len() >= 16),
        Bare::Random => {
            !is_code && has_digit && !only_digits && (!value.prose || secret.len() >= 16)
        }
    }
}
