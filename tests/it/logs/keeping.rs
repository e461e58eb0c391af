//! Of a log, the lines around failures and its end are kept, whatever wrote it.

use std::{path::Path, sync::LazyLock};

use jiff::{Timestamp, civil::date, tz::TimeZone};
use lkreport::ingest::{
    Clock, Discard, Intake, Kept, Level, LogAsk, LogWindow, component_of, keep_log, read_kept,
};
use lkreport_contract::mask::Masker;
use proptest::prelude::*;

static MASKER: LazyLock<Masker> = LazyLock::new(Masker::new);

fn keep(text: &[u8], clock: Clock, windows: &[LogWindow], tail: bool) -> Kept {
    let ask = LogAsk { clock, windows, tail };
    let (kept, problem) = keep_log("x.log", &mut &*text, &ask, &mut Intake::new(&MASKER, &Discard));
    assert_eq!(problem, None);
    kept
}

fn all(text: &str) -> Kept {
    keep(text.as_bytes(), Clock::utc(2026), &[], true)
}

/// The time and the level that a single line is taken to have.
fn check(line: &str, time: &str, level: Option<Level>) {
    let kept = all(line);
    let shown = kept.lines[0].time.map_or_else(|| "-".to_owned(), |it| it.to_string());
    assert_eq!((shown.as_str(), kept.lines[0].level), (time, level), "{line}");
}

#[test]
fn times_and_levels_of_every_program_are_found() {
    use Level::{Debug, Error, Fatal, Info, Warn};
    check(
        "2026-11-21T09:05:55.798Z\tINFO\tlivekit\tservice/server.go:259\tstarting",
        "2026-11-21T09:05:55.798Z",
        Some(Info),
    );
    check(
        "2026-03-07T19:57:53.050+0800\tWARN\tlivekit\tx\ty",
        "2026-03-07T11:57:53.05Z",
        Some(Warn),
    );
    check(
        r#"{"level":"debug","ts":1795251971.5,"msg":"x"}"#,
        "2026-11-21T09:06:11.5Z",
        Some(Debug),
    );
    check("21349:M 21 Nov 2026 09:06:27.974 # WARNING", "2026-11-21T09:06:27.974Z", Some(Warn));
    check("1:signal-handler (1795252004) Received SIGTERM", "2026-11-21T09:06:44Z", None);
    check(
        r#"{"level":"FATAL","errKind":"ALL","time":"2026-11-21T09:00:00.5Z","message":"x"}"#,
        "2026-11-21T09:00:00.5Z",
        Some(Fatal),
    );
    check(
        r#"{"level":"SEVERE","message":"x","source":"network","timestamp":1795251971500}"#,
        "2026-11-21T09:06:11.5Z",
        Some(Error),
    );
    check(
        "2026-06-05 16:05:05,356 - livekit.agents - ERROR - pipe closed",
        "2026-06-05T16:05:05.356Z",
        Some(Error),
    );
    check("[2026-11-21 09:00:00.25] [error] x", "2026-11-21T09:00:00.25Z", Some(Error));
    check("[1234:56:1121/090000.5:ERROR:gpu.cc(1)] x", "2026-11-21T09:00:00.5Z", Some(Error));
    check("2026/11/21 09:00:00 http: TLS handshake error", "2026-11-21T09:00:00Z", None);
    check("E1121 09:00:00.000001    7 x.go:1] failed", "2026-11-21T09:00:00.000001Z", Some(Error));
    check("time=\"2026-11-21T09:00:00Z\" level=warning msg=x", "2026-11-21T09:00:00Z", Some(Warn));
    check("\u{1b}[31m2026-11-21T09:00:00Z ERROR x\u{1b}[0m", "2026-11-21T09:00:00Z", Some(Error));
    check("unable to connect to redis: error", "-", None);
    check("2026-13-41T99:99:99Z no time", "-", None);
}

#[test]
fn prefixes_of_runtimes_are_taken_off() {
    let zap = "2026-11-21T09:05:55.798Z\tINFO\tlivekit\tx.go:1\tm";
    for prefix in [
        "livekit-1  | ",
        "livekit_livekit_1  | 2026-11-21T09:05:55.900000001Z ",
        "2026-11-21T09:05:55.900000001Z stdout F ",
        "2026-11-21T09:05:55.900000001Z ",
        "Nov 21 10:05:55 host-1 livekit-server[4825]: ",
        "<13>Nov 21 10:05:55 host-1 livekit-server[4825]: ",
        "<34>1 2026-11-21T09:05:56Z host livekit 17 - - ",
        "2026-11-21T09:05:56+0000 host livekit-server[4]: ",
        "[pod/livekit-0/server] ",
    ] {
        let kept = all(&format!("{prefix}{zap}"));
        assert_eq!(&*kept.lines[0].text, zap, "{prefix}");
        assert_eq!(kept.lines[0].time.unwrap().to_string(), "2026-11-21T09:05:55.798Z");
    }
    let kept = all("Nov  7 10:05:55 host livekit[4]: no time of its own");
    assert_eq!(kept.lines[0].time.unwrap().to_string(), "2026-11-07T10:05:55Z");
    assert_eq!(&*all("a table | of words").lines[0].text, "a table | of words");
}

#[test]
fn zone_less_times_are_those_of_the_configured_zone() {
    let zone = TimeZone::fixed(jiff::tz::offset(-5));
    let clock = Clock { zone, year: 2026 };
    let kept = keep(b"2026-11-21 09:00:00 ERROR x", clock, &[], true);
    assert_eq!(kept.lines[0].time.unwrap().to_string(), "2026-11-21T14:00:00Z");
}

/// How many lines each entry has.
fn entries(text: &str) -> Vec<usize> {
    let kept = all(text);
    let mut sizes: Vec<usize> = Vec::new();
    for line in &kept.lines {
        match sizes.last_mut().filter(|_| line.continues) {
            Some(size) => *size += 1,
            None => sizes.push(1),
        }
    }
    assert_eq!(sizes.len() as u64, kept.summary.entries);
    sizes
}

#[test]
fn entries_of_many_lines_stay_together() {
    let line = "2026-11-21T09:00:00Z\tERROR\tlivekit\tx.go:1\tfailed\n";
    let with = |rest: &str| entries(&format!("{line}{rest}{line}"));
    assert_eq!(
        with(
            "github.com/livekit/server.(*Config).Validate\n\tgithub.com/x.go:5\nmain.main\n\tmain.go:1\n"
        ),
        [5, 1]
    );
    assert_eq!(
        with(
            "panic: runtime error\n[signal SIGSEGV]\n\ngoroutine 7 [running]:\nmain.f(...)\n   /go/x.go:1 +0x1\nexit status 2\n"
        ),
        [1, 7, 1]
    );
    assert_eq!(
        with(
            "thread 'main' panicked at src/x.rs:1:2:\nit broke\nnote: run with `RUST_BACKTRACE=1`\n"
        ),
        [1, 3, 1]
    );
    assert_eq!(
        with(
            "java.lang.IllegalStateException: x\n\tat a.B.c(D.java:1)\nCaused by: x\n\t... 3 more\n"
        ),
        [5, 1]
    );
    assert_eq!(
        with(
            "Traceback (most recent call last):\n  File \"x.py\", line 1\n    f()\nValueError: x\nother line\n"
        ),
        [5, 1, 1]
    );
    assert_eq!(
        entries(
            "2026-11-21T09:00:00Z  INFO  sip/x.go:1  invite  {\n  \"callID\": \"x\"\n}\n\nnext\n"
        ),
        [4, 1]
    );
    assert_eq!(with("one\ntwo\n"), [1, 1, 1, 1]);
    let minio = all(
        "API: SYSTEM()\nTime: 07:55:37 UTC 04/06/2026\nError: Bucket not found\n   1: x.go:69\n",
    );
    assert_eq!(
        (minio.summary.entries, minio.lines[3].time.unwrap().to_string()),
        (1, "2026-04-06T07:55:37Z".into())
    );
}

fn at(second: i64) -> Timestamp {
    date(2026, 11, 21).at(9, 0, 0, 0).to_zoned(TimeZone::UTC).expect("in range").timestamp()
        + jiff::SignedDuration::from_secs(second)
}

fn window(started: i64, ended: i64, names: &[&str]) -> LogWindow {
    let boxed = |it: &&str| (*it).into();
    LogWindow {
        started: at(started),
        ended: at(ended),
        ids: Vec::new(),
        names: names.iter().map(boxed).collect(),
    }
}

fn ticking(seconds: i64, per_second: i64) -> String {
    let line = |n: i64| format!("{:.3}\tINFO\tlivekit\tx.go:1\ttick {n}\n", at(n / per_second));
    (0..seconds * per_second).map(line).collect()
}

fn numbers(kept: &Kept) -> Vec<u64> {
    kept.lines.iter().map(|it| it.number).collect()
}

#[test]
fn lines_around_failing_attempts_are_kept() {
    let kept =
        keep(ticking(100, 1).as_bytes(), Clock::utc(2026), &[window(20, 22, &["tick 21"])], false);
    assert_eq!(numbers(&kept), (19..=28).collect::<Vec<_>>());
    assert_eq!(
        kept.lines.iter().filter(|it| it.marked).map(|it| it.number).collect::<Vec<_>>(),
        [22]
    );
    assert_eq!((kept.summary.lines, kept.summary.kept), (100, 10));
    assert_eq!(kept.summary.levels[&Level::Info], 100);
    assert_eq!((kept.summary.first, kept.summary.last), (Some(at(0)), Some(at(99))));
}

#[test]
fn the_last_lines_of_a_window_win() {
    let kept = keep(ticking(20, 500).as_bytes(), Clock::utc(2026), &[window(2, 3, &[])], false);
    assert_eq!(kept.lines.len(), 1000);
    assert_eq!(numbers(&kept).last(), Some(&4500), "what was written in the 8th second");
    let two = [window(2, 3, &[]), window(18, 18, &[])];
    let kept = keep(ticking(60, 500).as_bytes(), Clock::utc(2026), &two, true);
    assert_eq!(kept.lines.len(), 3000);
}

#[test]
fn a_log_without_times_keeps_its_end_and_what_names_a_test() {
    let mut text: String = (0..5000).map(|n| format!("line {n}\n")).collect();
    text.insert_str(0, "room join-room-1a2b-1 made\n");
    let mut failing = window(0, 1, &[]);
    failing.ids.push("join-room-1a2b-1".into());
    let kept = keep(text.as_bytes(), Clock::utc(2026), &[failing], true);
    assert_eq!(kept.lines.len(), 1001);
    assert_eq!((kept.lines[0].number, kept.lines[0].marked, kept.lines[1].number), (1, true, 4002));
}

#[test]
fn a_kept_log_is_a_file_for_people() {
    let kept =
        keep(ticking(100, 1).as_bytes(), Clock::utc(2026), &[window(20, 20, &["tick 20"])], false);
    let text = kept.to_text();
    assert!(text.contains("\n~\t18\n19\tI\t2026-11-21T09:00:18.000Z\t2026-"), "{text}");
    assert!(text.contains("\n21\tI*\t"), "{text}");
    assert!(text.ends_with("\n~\t74\n"), "{text}");
    assert_eq!(read_kept(&text), Some(kept));
    assert_eq!(read_kept("something else"), None);
}

#[test]
fn components_are_guessed() {
    for (file, component) in [
        ("logs/livekit-egress-1.log", "egress"),
        ("logs/livekit.log", "livekit"),
        ("logs/livekit-console.log", "livekit"),
        ("livekit_server.console.txt", "livekit"),
        ("egress-console.log", "egress"),
        ("console.log", "browser"),
        ("logs/console-alice.log", "browser"),
        ("livekit/browser-console.log", "browser"),
        ("livekit-agent-1.log", "agents"),
    ] {
        assert_eq!(component_of(file, ""), Some(component), "{file}");
    }
    assert_eq!(
        component_of("out.txt", "1:C 21 Nov 2026 09:06:27.974 # oO0OoO0OoO0Oo Redis is starting"),
        Some("redis")
    );
    let ours = r#"{"level":"INFO","message":"starting","target":"lkreport","scenario":"livekit"}"#;
    assert_eq!(component_of("logs/lkreport.log", ours), Some("lkreport"));
    assert_eq!(component_of("redis/out.txt", "x\tlivekit\ty"), Some("livekit"));
    assert_eq!(component_of("chromedriver.log", ""), Some("browser"));
    assert_eq!(component_of("gossip.txt", "nothing"), None);
}

#[test]
fn long_lines_are_cut_and_counted_once() {
    let text = format!("2026-11-21T09:00:00Z ERROR {}\nnext\n", "x".repeat(1 << 20));
    let kept = all(&text);
    assert_eq!(kept.summary.lines, 2);
    assert!(kept.lines[0].text.len() <= 64 * 1024);
}

#[test]
fn every_line_of_a_real_server_log_has_its_time() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/logs");
    for (file, entries, levels) in [
        ("livekit-console.log", 84, [53, 26, 5, 0]),
        ("livekit-json.log", 112, [69, 36, 7, 0]),
        ("redis.log", 11, [0, 3, 7, 0]),
        ("livekit-stack.log", 6, [0, 5, 0, 1]),
    ] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let kept = all(&text);
        assert_eq!(kept.summary.lines, text.lines().count() as u64, "{file}");
        assert!(kept.lines.iter().all(|it| it.time.is_some()), "{file}");
        let found = [Level::Debug, Level::Info, Level::Warn, Level::Error]
            .map(|it| kept.summary.levels.get(&it).copied().unwrap_or(0));
        assert_eq!((kept.summary.entries, found), (entries, levels), "{file}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let kept = keep(&bytes, Clock::utc(2026), &[window(0, 1, &["abc"])], true);
        prop_assert_eq!(read_kept(&kept.to_text()), Some(kept));
    }

    #[test]
    fn damaged_heads_never_panic(line in prop::sample::select(vec![
        "2026-11-21T09:05:55.798+01:00\tINFO\tx", "1:M 21 Nov 2026 09:06:27.974 * x", "<34>1 2026-11-21T09:05:56Z h a 1 - - x",
        "Nov 21 10:05:55 h a[1]: x", "[1:2:1121/090000.5:ERROR:x] y", "{\"level\":\"info\",\"ts\":1795251971.5}",
        "livekit-1  | 2026-11-21T09:05:55.9Z stdout F x", "I1121 09:00:00.1 x", "time=\"2026-11-21T09:00:00Z\" level=warn",
        "Time: 07:55:37 UTC 04/06/2020", "[pod/a/b] x",
    ]), at in 0usize..40, with in any::<char>(), cut in 0usize..60) {
        let mut text: Vec<char> = line.chars().collect();
        let place = at.min(text.len() - 1);
        text[place] = with;
        let text: String = text.into_iter().take(cut.max(1)).collect();
        let kept = all(&text);
        prop_assert_eq!(read_kept(&kept.to_text()), Some(kept));
    }
}

#[test]
fn what_is_kept_is_masked_even_across_lines() {
    let line = "2026-11-21T09:00:00Z\tINFO\tlivekit\tx.go:1\t";
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEcanary\n-----END PRIVATE KEY-----";
    let text = format!("{line}{key}\n{line}api_secret=canary7 next\n{line}last\n");
    let kept = all(&text);
    assert!(!kept.to_text().contains("canary"), "{}", kept.to_text());
    assert_eq!(numbers(&kept), [1, 4, 5], "the key was three lines");
    assert_eq!(&*kept.lines[2].text, line.to_owned() + "last");
}
