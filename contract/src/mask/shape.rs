//! Secrets that are known by their shape, whatever stands around them.

use regex::Regex;

use super::{Secret, window};

/// One shape of a secret.
pub(super) struct Shape {
    /// What the mark calls it.
    pub(super) kind: &'static str,
    /// Without one of these no text has this shape.
    pub(super) literals: &'static [&'static str],
    /// Matched where a literal begins; the group is the secret.
    pattern: &'static str,
    /// Whether the literal may stand inside a longer word.
    inside_word: bool,
    /// How far a secret of this shape can reach, in bytes.
    reach: usize,
}

/// The index in [`SHAPES`] of a JSON Web Token.
const JWT: usize = 0;

/// The first part of a JSON Web Token is shorter, in bytes.
const MAX_JWT_HEADER: usize = 1024;

/// Every shape. Case matters in all of them, as it does to those who hand the secrets out.
pub(super) const SHAPES: &[Shape] = &[
    // Two parts are enough where the second is JSON as well: a log line may have been cut.
    Shape {
        kind: "jwt",
        literals: &["eyJ"],
        pattern: r"^(eyJ[A-Za-z0-9_-]{8,}(?:\.|%2[Ee])(?:eyJ[A-Za-z0-9_-]+|[A-Za-z0-9_-]{4,}(?:\.|%2[Ee])[A-Za-z0-9_-]{4,})(?:(?:\.|%2[Ee])[A-Za-z0-9_-]+)*)",
        inside_word: true,
        reach: 64 * 1024,
    },
    Shape {
        kind: "url-password",
        literals: &["://", ":\\/\\/"],
        pattern: r#"^(?:://|:\\/\\/)[^\s/?#@:"'<>`\\,;]*:([^\s/?#"'<>`\\]+)@[A-Za-z0-9_\[.-]"#,
        inside_word: true,
        reach: 2048,
    },
    // The same, percent-encoded: what may not stand bare in the part may not stand encoded here.
    Shape {
        kind: "url-password",
        literals: &["%3A%2F%2F", "%3a%2f%2f"],
        pattern: r"^(?i)%3A%2F%2F(?:[A-Za-z0-9_.~+!*-]|%25)*%3A((?:[^\s%/?#]|%[4-9B-F][0-9A-F]|%2[145-9A-E]|%3[BD])+)%40[A-Za-z0-9_]",
        inside_word: true,
        reach: 2048,
    },
    Shape {
        kind: "s3-key",
        literals: &["AKIA", "ASIA"],
        pattern: r"^((?:AKIA|ASIA)[A-Z0-9]{16})(?-u:\b)",
        inside_word: false,
        reach: 32,
    },
    Shape {
        kind: "github-token",
        literals: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"],
        pattern: r"^((?:gh[pousr]_|github_pat_|glpat-)[A-Za-z0-9_-]{20,})",
        inside_word: false,
        reach: 512,
    },
    Shape {
        kind: "slack-token",
        literals: &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-"],
        pattern: r"^((?:xox[bpars]|xapp)-[A-Za-z0-9-]{10,})",
        inside_word: false,
        reach: 512,
    },
    Shape {
        kind: "slack-token",
        literals: &["hooks.slack.com/services/"],
        pattern: r"^hooks\.slack\.com/services/([A-Za-z0-9/_-]{10,})",
        inside_word: true,
        reach: 512,
    },
    Shape {
        kind: "api-key",
        literals: &["sk-"],
        pattern: r"^(sk-[A-Za-z0-9_-]{32,})",
        inside_word: false,
        reach: 512,
    },
    // Without its end the key reaches as far as there is base64 of any escaping.
    Shape {
        kind: "private-key",
        literals: &["-----BEGIN"],
        pattern: r"^(-----BEGIN(?: |%20|\+)(?:[A-Z0-9]+(?: |%20|\+))*PRIVATE(?: |%20|\+)KEY(?:(?: |%20|\+)BLOCK)?-----(?s:.*?-----END(?: |%20|\+)[A-Z0-9 %+]*-----|[A-Za-z0-9+/=\s\\%&#;:,.-]*))",
        inside_word: true,
        reach: 64 * 1024,
    },
    Shape {
        kind: "bearer",
        literals: &["Bearer", "bearer", "BEARER"],
        pattern: r"^(?i:bearer)(?:\s|%20|\+)+([A-Za-z0-9._~+/%-]{8,}=*)",
        inside_word: false,
        reach: 64 * 1024,
    },
];

/// The shapes with their expressions compiled.
#[derive(Debug, Clone)]
pub(super) struct Shapes(Vec<Regex>);

impl Shapes {
    pub(super) fn new() -> Self {
        let compile =
            |it: &Shape| Regex::new(it.pattern).expect("the table holds valid expressions");
        Self(SHAPES.iter().map(compile).collect())
    }

    /// The secret of shape `n` whose literal begins at `at`.
    pub(super) fn find(&self, n: usize, text: &str, at: usize) -> Option<Secret> {
        let shape = &SHAPES[n];
        let before = text[..at].bytes().next_back();
        // After a percent-encoded byte or an escape such as `\n`, a word begins anew.
        let escaped = || {
            let end = &text.as_bytes()[at.saturating_sub(3)..at];
            end.first() == Some(&b'%') || end.get(1) == Some(&b'\\')
        };
        let in_word = before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') && !escaped();
        if in_word && !shape.inside_word {
            return None;
        }
        // Base64 of other things holds `eyJ` as well, and may be long.
        if n == JWT && !window(text, at, MAX_JWT_HEADER).contains(['.', '%']) {
            return None;
        }
        let found = self.0[n].captures(window(text, at, shape.reach))?.get(1)?;
        let secret = found.as_str();
        if super::mark_len(secret).is_some() || shape.kind == "bearer" && is_word(secret) {
            return None;
        }
        let range = at + found.start()..at + found.end();
        Some(Secret { range, kind: shape.kind, quote: String::new() })
    }

    /// Whether all of `text` is a JSON Web Token.
    pub(super) fn is_jwt(&self, text: &str) -> bool {
        text.starts_with("eyJ") && self.0[JWT].find(text).is_some_and(|it| it.end() == text.len())
    }
}

/// Whether this is a word of prose, as in "bearer authentication".
fn is_word(text: &str) -> bool {
    text.len() < 20 && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-'))
}
