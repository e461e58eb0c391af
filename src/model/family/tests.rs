//! What is taken out of failures, and what is left.

use proptest::prelude::*;

use super::*;
use crate::model::FailureKind;

fn failure(message: &str, text: &str) -> Failure {
    let type_name = Some("AssertionError".into());
    Failure { kind: FailureKind::Failure, type_name, message: message.into(), text: text.into() }
}

fn message(text: &str) -> String {
    shaped(&failure(text, ""), &[]).shape.message.into()
}

#[test]
fn what_varies_is_marked() {
    let told = [
        (
            "participant PA_7x3kQ2mZ9abc left room RM_aBcD12345678",
            "participant PA_<id> left room RM_<id>",
        ),
        (
            "no ICE_CONNECTION after 15 s, or after 1m30.5s",
            "no ICE_CONNECTION after <duration>, or after <duration>",
        ),
        ("dial tcp 127.0.0.1:7880: refused", "dial tcp <address>: refused"),
        (
            "dial [::1]:7880, localhost:80 or sfu.example.com:443",
            "dial [<address>]:<number>, <address> or <address>",
        ),
        ("at 2026-11-21T10:00:00.123Z it was late", "at <time> it was late"),
        ("2026/11/21 10:00:00 it was late", "<time> it was late"),
        ("expected 3, got -2", "expected <number>, got <number>"),
        ("got [1, 2, 3] of room-1, room-2 and room-31", "got [<number>] of room-<number>"),
        (
            "\"alice\" can't hear 'bob' since 'they left'",
            "\"<name>\" can't hear '<name>' since 'they left'",
        ),
        ("{\"room\":\"x\",\"n\":1}", "{\"room\":\"<name>\",\"n\":<number>}"),
        ("no 9f86d081884c7d65 of 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "no <hash> of <uuid>"),
        (
            "POST http://127.0.0.1:7880/twirp/livekit.RoomService/CreateRoom?x=1 said 503",
            "POST http://<address>/twirp/livekit.RoomService/CreateRoom said <number>",
        ),
        (
            "token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXYifQ.abcdef or [masked jwt]",
            "token <token> or <secret>",
        ),
        ("offer v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\ns=- failed", "offer <sdp>"),
        ("offer v=0\no=- 1 2 IN IP4 0.0.0.0\nt=0 0\nand more", "offer <sdp> and more"),
        ("bad candidate:1 1 udp 2122 10.0.0.1 5000 typ host\nand more", "bad <candidate> and more"),
        ("/home/x/join_test.go:12, join_test.go:99", "join_test.go:<line>"),
        ("no file /tmp/tmpAb12/out.mp4 in /var/lib/x", "no file <path>out.mp4 in <path>"),
        ("\u{1b}[31mred\u{1b}[0m  and\n\tmore", "red and more"),
        ("AssertionError: video/VP8 of 12%", "video/VP<number> of <number>%"),
    ];
    let wrong: Vec<_> = told
        .iter()
        .map(|(text, expected)| (message(text), *expected))
        .filter(|it| it.0 != it.1)
        .collect();
    assert_eq!(wrong, []);
}

#[test]
fn what_stood_there_is_kept_in_order() {
    let it = shaped(&failure("expected 3, got [1, 2] from alice", ""), &["alice"]);
    assert_eq!(&*it.shape.message, "expected <number>, got [<number>] from <name>");
    assert_eq!(it.values, ["3", "1, 2", "alice"].map(Box::from));
}

#[test]
fn a_formula_is_told_by_its_place_and_prose_by_itself() {
    let java =
        |class: &str| format!("java.lang.AssertionError\n\tat lk.{class}.join({class}.java:12)");
    let id = |message: &str, text: &str| shaped(&failure(message, text), &[]).shape.id();
    assert_ne!(
        id("expected 1 but was 2", &java("Join")),
        id("expected 1 but was 2", &java("Leave"))
    );
    assert_eq!(
        id("expected 1 but was 2", &java("Join")),
        id("expected 5 but was 7", &java("Join"))
    );
    let prose = "no video track arrived within 5s";
    assert_eq!(id(prose, &java("Join")), id(prose, &java("Leave")));
}

#[test]
fn ids_stay_the_same() {
    let shape = shaped(&failure("no video track arrived within 5s", ""), &[]).shape;
    assert_eq!(shape.id().to_string(), "5g1whftzkazf6");
    assert_eq!(shape.id().to_string().parse(), Ok(shape.id()));
}

proptest! {
    #[test]
    fn any_text_has_one_shape(text in "(?s).{0,200}", word in "[\"'<>\\[\\]/:\\\\v=0-9a-fA-F_. \n-]{0,60}") {
        for text in [&text, &word] {
            let it = shaped(&failure(text, text), &["alice"]);
            prop_assert_eq!(shaped(&failure(text, text), &["alice"]), it);
        }
    }

    #[test]
    fn numbers_never_part_a_family(a in 0_u32.., b in 0_u32..) {
        let of = |n: u32| message(&format!("track {n} of room_{n} stopped after {n}ms on port {n}, v{n}.{n}"));
        prop_assert_eq!(of(a), of(b));
    }
}
