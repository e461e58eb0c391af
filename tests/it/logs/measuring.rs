//! `metrics.ndjson` becomes summaries and short timelines.

use std::sync::LazyLock;

use lkreport::{
    ingest::{Discard, Intake, read_metrics},
    model::{Aspect, Measured, Metrics, Problem},
};
use lkreport_contract::mask::Masker;
use proptest::prelude::*;

static MASKER: LazyLock<Masker> = LazyLock::new(Masker::new);

fn read(text: &[u8]) -> (Metrics, Vec<Problem>) {
    read_metrics("metrics.ndjson", &mut &*text, &mut Intake::new(&MASKER, &Discard))
}

fn hour() -> String {
    let mut text = r#"{"schema":"lkreport.metrics/1","run":"r1","new":true}"#.to_owned();
    for second in 0..3600 {
        let time = format!("2026-11-21T09:{:02}:{:02}Z", second / 60, second % 60);
        let cpu = if second == 1800 { 3.5 } else { 0.5 };
        let line = format!(
            r#"{{"t":"{time}","component":"livekit","cpu":{cpu},"mem":{},"rx":{},"tx":0,"later":[1]}}"#,
            1 << 20,
            second * 1000,
        );
        text.push('\n');
        text.push_str(&line);
    }
    text
}

#[test]
fn an_hour_becomes_a_short_timeline() {
    let (metrics, problems) = read(hour().as_bytes());
    assert_eq!(problems, []);
    let cpu = metrics.components["livekit"].cpu.as_ref().unwrap();
    assert_eq!((cpu.samples, cpu.peak), (3600, 3.5));
    assert!((cpu.mean - (0.5 + 3.0 / 3600.0)).abs() < 1e-9);
    assert!(cpu.points.len() <= 120 && cpu.points.len() > 50, "{}", cpu.points.len());
    assert_eq!(cpu.points.iter().filter(|it| it.max > 3.0).count(), 1);
    let rx = metrics.components["livekit"].rx.as_ref().unwrap();
    assert_eq!((rx.samples, rx.peak, rx.mean), (3599, 1000.0, 1000.0));
    let back: Metrics = serde_json::from_str(&serde_json::to_string(&metrics).unwrap()).unwrap();
    assert_eq!(back, metrics);
}

#[test]
fn bad_lines_cost_only_themselves() {
    let text = b"{\"t\":\"2026-11-21T09:00:00Z\",\"component\":\"sip\",\"instance\":\"sip-1\",\"cpu\":1}\nnot json\n\n{\"t\":1}\n{\"t\":\"2026-11-21T09:00:01Z\",\"component\":\"sip\",\"instance\":\"sip-1\",\"cpu\":2";
    let (metrics, problems) = read(text);
    assert_eq!(metrics.components["sip/sip-1"].cpu.as_ref().unwrap().samples, 1);
    assert_eq!(problems.iter().map(|it| it.line).collect::<Vec<_>>(), [2, 4, 5]);
    assert!(problems.iter().all(|it| it.file == "metrics.ndjson"));
}

#[test]
fn an_attempt_becomes_a_number_for_each_metric() {
    let mut text = String::new();
    for second in 0..9 {
        let t = format!("2026-11-21T09:00:0{second}Z");
        let state = if second < 2 { "connecting" } else { "connected" };
        let rate = if second < 4 { 0 } else { 1_000_000 + second };
        text += &format!(
            r#"{{"t":"{t}","component":"livekit","case":"joins-1","cpu":0.2,"mem":5000}}
{{"t":"{t}","component":"redis","case":"joins-1","cpu":0.{second},"mem":1000}}
{{"t":"{t}","component":"client-js","participant":"ada","case":"joins-1","webrtc":{{"state":"{state}","bitrate_in":{rate}}}}}
{{"t":"{t}","component":"client-js","participant":"bob","webrtc":{{"state":"connected"}}}}
"#
        );
    }
    let (metrics, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    let measured = Measured {
        connect_ms: Some(2_000.0),
        bitrate_in: Some(1_000_006.0),
        bitrate_out: None,
        cpu: Some(0.6),
        mem: Some(6_000.0),
    };
    assert_eq!(metrics.attempts, [("joins-1".to_owned(), measured)].into());
}

#[test]
fn another_schema_is_refused_whole() {
    let text = b"{\"schema\":\"lkreport.metrics/2\"}\n{\"t\":\"2026-11-21T09:00:00Z\",\"component\":\"sip\",\"cpu\":1}";
    let (metrics, problems) = read(text);
    assert_eq!((metrics, problems.len()), (Metrics::default(), 1));
}

#[test]
fn connections_are_kept_by_participant() {
    let text = b"{\"t\":\"2026-11-21T09:00:00Z\",\"component\":\"client-js\",\"participant\":\"alice\",\"webrtc\":{\"rtt_ms\":12.5,\"state\":\"connected\"}}";
    let (metrics, _) = read(text);
    assert_eq!(metrics.connections["client-js/alice"].rtt_ms.as_ref().unwrap().peak, 12.5);
    assert!(metrics.components.is_empty());
}

/// A connection that comes about, freezes, is lost and comes back, a sample a second.
fn eventful() -> String {
    let sample = |second: u32, webrtc: String| {
        format!(
            "{{\"t\":\"2026-11-21T09:00:{second:02}Z\",\"component\":\"client-js\",\"participant\":\"alice\",\"case\":\"joins-1\",\"webrtc\":{{{webrtc}}}}}\n"
        )
    };
    let mut text = sample(0, "\"state\":\"new\",\"ice\":\"new\"".to_owned());
    for second in 1..=10_u32 {
        let state = if (5..=6).contains(&second) { "disconnected" } else { "connected" };
        let (width, height) = if second < 4 { (320, 180) } else { (1280, 720) };
        let lost = if second < 8 { 0 } else { 50 };
        let frozen = if second < 9 { 0 } else { 1 };
        text += &sample(
            second,
            format!(
                "\"rtt_ms\":{},\"jitter_ms\":2,\"packets_lost\":{lost},\"packets_received\":{},\"bitrate_in\":1e6,\"fps\":30,\
             \"state\":\"{state}\",\"ice\":\"{state} {state}\",\"signaling\":\"stable\",\"candidates\":\"host udp – host udp\",\
             \"width\":{width},\"height\":{height},\"freezes\":{frozen},\"frozen_s\":{frozen}.0,\"codecs\":\"audio/opus video/VP8\"{}",
                10 * second,
                95 * second,
                if second == 3 { ",\"limited\":\"bandwidth\"" } else { "" },
            ),
        );
    }
    text
}

#[test]
fn a_connection_is_summed_up() {
    let (metrics, problems) = read(eventful().as_bytes());
    assert_eq!(problems, []);
    let it = &metrics.connections["client-js/alice/joins-1"];
    let fared = it.fared.as_ref().unwrap();
    assert_eq!((fared.samples, fared.connected_ms), (11, Some(1000)));
    assert_eq!((fared.drops, fared.reconnects), (1, 1));
    let rtt = fared.rtt_ms.unwrap();
    assert_eq!((rtt.median, rtt.worst), (55.0, 100.0));
    let lost = fared.lost.unwrap();
    assert!((lost - 5.0).abs() < 1e-9, "50 of 1,000: {lost}");
    // Of the 145 packets of that second.
    assert!((fared.loss.unwrap().worst - 50.0 / 145.0 * 100.0).abs() < 1e-9);
    assert_eq!((fared.freezes, fared.frozen_s), (Some(1), Some(1.0)));
    assert_eq!((fared.smallest, fared.largest), (Some([320, 180]), Some([1280, 720])));
    assert_eq!(fared.codecs.join(" "), "audio/opus video/VP8");
    assert_eq!(fared.limited.join(" "), "bandwidth");
    let (audio, video) = (fared.audio.unwrap(), fared.video.unwrap());
    assert!(audio.mos < 4.0 && audio.samples == 10, "{audio:?}");
    assert!(video.mos > 1.0 && (video.frozen - 1.0 / 9.0).abs() < 1e-9, "{video:?}");
}

#[test]
fn what_changes_of_a_connection_is_noted_once() {
    let (metrics, _) = read(eventful().as_bytes());
    let noted = &metrics.connections["client-js/alice/joins-1"].noted;
    let of = |what| {
        let all = noted.iter().filter(|it| it.what == what);
        all.map(|it| format!("{} {}", it.at.as_second() % 60, it.to)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        of(Aspect::Ice),
        "0 new, 1 connected connected, 5 disconnected disconnected, 7 connected connected"
    );
    assert_eq!(of(Aspect::Signaling), "1 stable");
    assert_eq!(of(Aspect::Resolution), "1 320×180, 4 1280×720");
    assert_eq!(of(Aspect::Limited), "3 bandwidth, 4 ");
    assert_eq!(of(Aspect::Frozen), "9 1, 1.0 s");
}

#[test]
fn older_measurements_have_no_score_and_say_nothing_of_loss() {
    let sample = |second: u32| {
        format!(
            "{{\"t\":\"2026-11-21T09:00:{second:02}Z\",\"component\":\"client-js\",\"participant\":\"alice\",\"webrtc\":{{\"rtt_ms\":5,\"packets_lost\":{second},\"bitrate_in\":1e6,\"fps\":30}}}}\n"
        )
    };
    let (metrics, _) = read((0..9).map(sample).collect::<String>().as_bytes());
    let it = &metrics.connections["client-js/alice"];
    let fared = it.fared.as_ref().unwrap();
    assert_eq!((fared.audio, fared.video, fared.lost, fared.freezes), (None, None, None, None));
    assert!(it.loss.is_none() && it.packets_lost.is_some());
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn damaged_metrics_never_panic(at in 0usize..5000, with in any::<u8>(), cut in 1usize..5000) {
        let mut text = hour().into_bytes();
        text.truncate(6000);
        text[at] = with;
        let (metrics, problems) = read(&text[..cut.max(at)]);
        prop_assert!(!metrics.components.is_empty() || !problems.is_empty() || cut.max(at) < 400);
    }
}
