//! No secret survives, and nothing else is touched.

use std::{borrow::Cow, path::Path, sync::LazyLock};

use lkreport_contract::mask::{MaskError, Masked, Masker};
use proptest::prelude::*;

const JWT: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsInZpZGVvIjp7fX0.c2lnbmF0dXJlLW9mLXRlc3Q";

static MASKER: LazyLock<Masker> = LazyLock::new(Masker::new);

fn mask(text: &str) -> String {
    MASKER.mask(text, &mut Masked::new()).into_owned()
}

fn check(text: &str, expected: &str) {
    let once = mask(text);
    assert_eq!(once, expected);
    assert_eq!(mask(&once), once, "masking twice is masking once");
}

#[test]
fn tokens_are_masked_wherever_they_stand() {
    check(&format!("token {JWT}."), "token [masked jwt].");
    check(
        &format!("GET wss://host/rtc?access_token={JWT}&auto_subscribe=1"),
        "GET wss://host/rtc?access_token=masked-jwt&auto_subscribe=1",
    );
    check(&format!("Authorization: Bearer {JWT}"), "Authorization: Bearer [masked jwt]");
    check("authorization: Basic dXNlcjpwYXNz", "authorization: Basic [masked authorization]");
    check(
        r#"{"Authorization":["Bearer 0a1b2c3d4e5f"]}"#,
        r#"{"Authorization":["Bearer [masked authorization]"]}"#,
    );
    check(
        "https://s3/b/k?X-Amz-Signature=0a1b2c&X-Amz-Date=1",
        "https://s3/b/k?X-Amz-Signature=masked-signature&X-Amz-Date=1",
    );
    check("ghp_abcdefghij0123456789ABCDEFGHIJ012345", "[masked github-token]");
    check("xoxb-123456789012-abcdefghijkl", "[masked slack-token]");
}

#[test]
fn named_secrets_are_masked_in_every_notation() {
    check("LIVEKIT_API_SECRET=abcdef0123", "LIVEKIT_API_SECRET=[masked secret]");
    check(
        "livekit-cli --api-secret s3cr3t --url x",
        "livekit-cli --api-secret [masked secret] --url x",
    );
    check(r#"["--api-secret","s3cr3t"]"#, r#"["--api-secret","[masked secret]"]"#);
    check("api_secret: 'it is long'", "api_secret: '[masked secret]'");
    check(
        "keys:\n  APIabcdefgh: 0123456789abcdefghij\n",
        "keys:\n  APIabcdefgh: [masked api-secret]\n",
    );
    check(r#"{"apiSecret":"a\"b\\","n":1}"#, r#"{"apiSecret":"[masked secret]","n":1}"#);
    check(r#""{\"secret\":\"a\\\"b\",\"n\":1}""#, r#""{\"secret\":\"[masked secret]\",\"n\":1}""#);
    check(r#"{"password":12345}"#, r#"{"password":"[masked password]"}"#);
    check(
        "{AccessKey:minio Secret:miniopass Region:eu}",
        "{AccessKey:minio Secret:[masked secret] Region:eu}",
    );
    check(
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG",
        "aws_secret_access_key = [masked s3-key]",
    );
    check("key AKIAABCDEFGHIJKLMNOP used", "key [masked s3-key] used");
    check("<password>hunter2</password>", "<password>[masked password]</password>");
    check(
        r#"<property name="api.secret" value="hunter2"/>"#,
        r#"<property name="api.secret" value="[masked secret]"/>"#,
    );
    check("redis://user:hunter2@redis:6379/0", "redis://user:masked-url-password@redis:6379/0");
    check("requirepass hunter2", "requirepass [masked redis-password]");
    check(
        "redis%3A%2F%2Fu%3Ahunter2%40redis%3A6379",
        "redis%3A%2F%2Fu%3Amasked-url-password%40redis%3A6379",
    );
}

#[test]
fn credentials_of_ice_and_turn_are_masked() {
    check(
        r"a=ice-ufrag:mJcvbEvi\r\na=ice-pwd:RicjbGjCmASifkOPFlubkEIy\r\na=mid:0",
        r"a=ice-ufrag:[masked ice-credential]\r\na=ice-pwd:[masked ice-credential]\r\na=mid:0",
    );
    check(
        r#"candidate:1 1 udp 1 ::1 7 typ host ufrag abcd network-id 1","usernameFragment":"abcd""#,
        r#"candidate:1 1 udp 1 ::1 7 typ host ufrag [masked ice-credential] network-id 1","usernameFragment":"[masked ice-credential]""#,
    );
    check(r#""turnPassword": "dEsdNsf", "n""#, r#""turnPassword": "[masked password]", "n""#);
    check(
        r#"{"urls":["turn:h"],"credential":"x y"}"#,
        r#"{"urls":["turn:h"],"credential":"[masked turn-credential]"}"#,
    );
}

#[test]
fn private_keys_are_masked_whole_and_cut() {
    let key =
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC==\n-----END RSA PRIVATE KEY-----\nafter";
    check(key, "[masked private-key]\nafter");
    check(&key[..50], "[masked private-key]");
    check("-----BEGIN CERTIFICATE-----\nMIIE\n", "-----BEGIN CERTIFICATE-----\nMIIE\n");
}

#[test]
fn ordinary_text_is_borrowed() {
    let texts = [
        "secret is too short, should be at least 32 characters for security",
        r#"{"apiKey": "APItest123", "tokenExpiresAt": 1795252043}"#,
        "RM_Czom5FqyU6y2 PA_ktKLNaqbYy5v ND_JLohCJKMdCr2 TR_VCabcdefgh",
        "commit 0ebc719f3d2a4b5c6d7e8f9010213243546576 of 352d46bd-8f93-4ccc-b36b-574db173e72e",
        "invalid token: go-jose/go-jose/jwt: validation failed, token is expired (exp)",
        "could not parse credentials: no such file",
        "bearer authentication failed, password wrong, basic auth required",
        r#"<testcase name="TestTurnAuthFailure/wrong-password" time="0.000000">"#,
        "https://example.org:8080/path?page=2 mail@example.org",
        r#"{"secret":null,"password":"","token":true}"#,
        "PWD=/home/runner pwd=/tmp OLDPWD=/",
        "Asia/Tokyo risk-free sk-learn task-0123456789",
        "if (token == null) throw new Error(`Unexpected token: ${token}`)",
    ];
    for text in texts {
        let masker = Masker::new();
        let mut masked = Masked::new();
        assert!(
            matches!(masker.mask(text, &mut masked), Cow::Borrowed(it) if it == text),
            "{}",
            mask(text)
        );
        assert!(masked.is_empty());
    }
}

#[test]
fn repeated_names_and_shapes_are_harmless() {
    let parts =
        ["token=", "eyJ", "secret: ", "\"password\":", "://", "-----BEGIN ", "Bearer+", "token:\""];
    for part in parts {
        let once = mask(&part.repeat(4_000 / part.len()));
        assert_eq!(mask(&once), once, "{part}");
    }
    let long = format!("token=a1{}&x", "b2".repeat(50_000));
    check(&long, "token=[masked token]&x");
}

#[test]
fn users_add_patterns() {
    let masker = Masker::with(&[("ticket", r"TCK-\d+"), ("pin", r"pin is (\d{4})")]).unwrap();
    let mut masked = Masked::new();
    let text = masker.mask("TCK-17 and TCK-18, the pin is 1234, eyJ", &mut masked);
    assert_eq!(text, "[masked ticket] and [masked ticket], the pin is [masked pin], eyJ");
    assert_eq!(masked, Masked::from([("ticket", 2), ("pin", 1)]));
    assert_eq!(Masker::with(&[("x", "a*")]).unwrap_err(), MaskError::Empty("x".into()));
    assert_eq!(Masker::with(&[("X Y", "a")]).unwrap_err(), MaskError::Name("X Y".into()));
    assert!(matches!(Masker::with(&[("x", "(")]), Err(MaskError::Pattern { .. })));
}

/// What a secret may be and how it is written down; `©` is where the canary stands.
const SNIPPETS: &[&str] = &[
    "api_secret=©",
    "apiSecret: \"©\"",
    "{\"secret\": \"©\"}",
    "LIVEKIT_API_SECRET=©",
    "--api-secret ©",
    "secret_key: ©",
    "\"password\":\"©\"",
    "turnPassword='©'",
    "redis://user:©@host:6379",
    "Authorization: Basic ©",
    "Bearer ©",
    "access_token=©",
    "https://host/rtc/v1?join_request=©&x=1",
    "APIabcdefgh: ©",
    "{\"credential\":\"©\"}",
    "a=ice-pwd:©",
    "xoxb-©",
    "ghp_©",
    "sk-©",
    "eyJhbGciOiJIUzI1NiJ9.eyJC.©",
    "-----BEGIN PRIVATE KEY-----\n©\n-----END PRIVATE KEY-----",
];

fn xml(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;");
    format!("<a b=\"{}\"/>", text.replace('<', "&lt;").replace('\n', "&#10;"))
}

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let byte = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

fn contexts(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).expect("a string");
    let nested = serde_json::to_string(&format!("{{\"msg\":{json}}}")).expect("a string");
    let mut all = vec![
        text.to_owned(),
        format!("2026-11-21 level=info msg {text}\nnext"),
        xml(text),
        xml(&json),
    ];
    all.extend([
        json,
        nested,
        format!("https://host/?q={}&r=1", percent(text)),
        percent(&xml(text)),
    ]);
    all
}

proptest! {
    #[test]
    fn no_canary_survives(canary in "[A-Za-z][0-9][A-Za-z0-9]{34,60}", before in "[a-z .]{0,12}") {
        for snippet in SNIPPETS {
            let text = format!("{before} {}", snippet.replace('©', &canary));
            for context in contexts(&text) {
                let masked = mask(&context);
                prop_assert!(!masked.contains(&canary), "{context}\n{masked}");
                prop_assert!(!masked.contains(&canary[20..]), "{context}\n{masked}");
                prop_assert_eq!(&mask(&masked), &masked);
            }
        }
    }

    #[test]
    fn json_stays_json(value in "\\PC{1,20}", key in "(api_?secret|password|token|accessToken|credential|ice_pwd)") {
        let text = serde_json::json!({ key: value, "n": [1, {"secret": 5}] }).to_string();
        for text in [text.clone(), serde_json::to_string(&text).unwrap()] {
            let masked = mask(&text);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{text}\n{masked}");
        }
    }

    #[test]
    fn text_without_secrets_comes_back(text in "([a-z]{1,9}[ .,:/=\"\n-]){0,40}") {
        prop_assume!(!["secret", "pass", "token", "pwd", "ufrag", "credential", "auth"].iter().any(|it| text.contains(it)));
        prop_assert_eq!(mask(&text), text);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>(), key in prop::sample::select(SNIPPETS), cut in 0usize..60) {
        let mut mixed = format!("{text}{key}{text}");
        while !mixed.is_char_boundary(cut.min(mixed.len())) { mixed.remove(0); }
        let once = mask(&mixed[cut.min(mixed.len())..]);
        prop_assert_eq!(&mask(&once), &once);
    }
}

/// What is masked in real logs and reports, for the eye: run with `--nocapture`.
#[test]
fn ids_survive_in_real_logs() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("LKREPORT_DATA").map_or(data, Into::into);
    if !data.is_dir() {
        println!("SKIPPED: no test data at {}", data.display());
        return;
    }
    for part in
        ["logs", "livekit-integration", "junit", "cucumber-json", "messages", "release-notes"]
    {
        let mut total = Masked::new();
        let files = walkdir::WalkDir::new(data.join(part)).sort_by_file_name();
        for file in files.into_iter().filter_map(Result::ok).filter(|it| it.file_type().is_file()) {
            let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
            let masked = MASKER.mask(&text, &mut total);
            assert_eq!(MASKER.mask(&masked, &mut Masked::new()), masked);
            for id in ["RM_", "PA_", "ND_", "TR_", "EG_"] {
                assert_eq!(
                    masked.matches(id).count(),
                    text.matches(id).count(),
                    "{}",
                    file.path().display()
                );
            }
            for (at, _) in masked.match_indices("masked") {
                let from = masked[..at].char_indices().rev().nth(50).map_or(0, |it| it.0);
                println!("{part} {:?}", masked[from..].chars().take(90).collect::<String>());
            }
        }
        println!("{part}: {total:?}");
    }
}
