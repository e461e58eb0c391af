//! Any run comes back from its record as it went in.

use std::time::Duration;

use jiff::Timestamp;
use lkreport::{
    history::{decode, encode},
    model::{
        Artifact, ArtifactKind, Attempt, Case, Detail, Failure, FailureKind, Measured, Outcome,
        Problem, Run, RunHead, RunId, Step, Version,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![Just(String::new()), Just("join".to_owned()), any::<String>()].prop_map(Into::into)
}

/// Durations that a record keeps exactly.
fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0_u64..10_000).prop_map(Duration::from_micros),
        (10_u64..100_000_000).prop_map(Duration::from_millis),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(Outcome::ALL.as_slice())
}

fn failure() -> impl Strategy<Value = Failure> {
    let kind = select(&[FailureKind::Failure, FailureKind::Error][..]);
    (kind, option::of(text()), text(), text())
        .prop_map(|(kind, type_name, message, text)| Failure { kind, type_name, message, text })
}

fn step() -> impl Strategy<Value = Step> {
    (text(), outcome(), option::of(duration()), any::<bool>())
        .prop_map(|(text, outcome, duration, hook)| Step { text, outcome, duration, hook })
}

fn artifact() -> impl Strategy<Value = Artifact> {
    (text(), text(), text(), any::<u64>()).prop_map(|(name, media_type, place, bytes)| Artifact {
        kind: ArtifactKind::Image,
        name,
        media_type,
        place,
        bytes,
    })
}

fn detail() -> impl Strategy<Value = Detail> {
    let lists = (vec(failure(), 0..3), vec(step(), 0..3), vec(artifact(), 0..3));
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    (lists, texts).prop_map(|((failures, steps, artifacts), (reason, output, worker))| Detail {
        failures,
        reason,
        steps,
        artifacts,
        output,
        worker,
    })
}

prop_compose! {
    fn attempt()(
        outcome in outcome(),
        millis in option::of(-10_000_i64..100_000_000),
        duration in option::of(duration()),
        detail in option::of(detail()),
    ) -> Attempt {
        let started = millis.map(|it| Timestamp::from_millisecond(1_790_000_000_000 + it).unwrap());
        let detail = detail.filter(|it| *it != Detail::default()).map(Box::new);
        Attempt { outcome, started, duration, detail }
    }
}

/// What a record keeps exactly; nothing measured is not told apart from no measurement.
fn measured() -> impl Strategy<Value = Measured> {
    let number = || option::of((0_u32..u32::MAX).prop_map(f64::from));
    (0.0..64.0_f64, number(), number(), number(), number()).prop_map(
        |(cpu, connect_ms, bitrate_in, bitrate_out, mem)| Measured {
            connect_ms,
            bitrate_in,
            bitrate_out,
            cpu: Some(cpu),
            mem,
        },
    )
}

prop_compose! {
    fn case()(
        path in vec(text(), 0..4),
        names in (text(), option::of(text()), option::of(text())),
        example in vec(text(), 0..3),
        tags in vec(text(), 0..3),
        attempts in vec(attempt(), 1..4),
        measured in option::of(measured()),
    ) -> Case {
        let shared = |it: Vec<Box<str>>| it.into_iter().map(Into::into).collect::<Vec<_>>().into();
        let (name, feature, rule) = names;
        Case {
            path: shared(path),
            feature: feature.map(Into::into),
            rule: rule.map(Into::into),
            name,
            example: example.into(),
            tags: shared(tags),
            attempts,
            measured: measured.map(Box::new),
        }
    }
}

prop_compose! {
    fn head()(
        id in any::<String>(),
        suite in any::<String>(),
        finished in option::of(0_i64..10_000_000_000_000),
        cut_short in any::<bool>(),
        version in any::<String>(),
        shard in option::of(any::<String>()),
        seed in option::of(any::<u64>()),
    ) -> RunHead {
        let line = r#"{"id":"x","suite":"","started":"2026-09-21T14:13:20Z"}"#;
        let mut head: RunHead = serde_json::from_str(line).unwrap();
        head.id = RunId::new(&id);
        head.suite = suite;
        head.finished = finished.map(|it| Timestamp::from_millisecond(it).unwrap());
        head.cut_short = cut_short;
        head.versions = [("livekit".to_owned(), Version::new(&version))].into();
        head.shard = shard;
        head.seed = seed;
        head
    }
}

proptest! {
    #[test]
    fn any_run_survives_its_record(
        head in head(),
        cases in vec(case(), 0..6),
        problems in vec(any::<String>(), 0..3),
    ) {
        let problems = problems.into_iter().map(|it| Problem::at("a.xml", 3, it)).collect();
        let run = Run { head, cases, problems, metrics: lkreport::model::Metrics::default() };
        let extras = [serde_json::json!({"later": {"cpu": [1, 2.5]}})];
        let record = decode(&encode(&run, &extras).unwrap()).unwrap();
        prop_assert_eq!(&record.run, &run);
        prop_assert_eq!(record.extras, extras);
    }

    #[test]
    fn what_a_record_rounds_it_rounds_once(nanos in any::<u64>(), start in any::<u32>()) {
        let attempt = Attempt {
            started: Some(Timestamp::from_nanosecond(i128::from(start) * 7_654_321).unwrap()),
            duration: Some(Duration::from_nanos(nanos)),
            ..Attempt::new(Outcome::Passed)
        };
        let run = super::run("gh-1", "2026-11-02T10:00:00.000123Z");
        let run = Run { cases: vec![super::case("a", vec![attempt])], ..run };
        let once = encode(&run, &[]).unwrap();
        let again = decode(&once).unwrap().run;
        prop_assert!(encode(&again, &[]).unwrap() == once);
        let off = again.cases[0].attempts[0].duration.unwrap().abs_diff(Duration::from_nanos(nanos));
        prop_assert!(off <= Duration::from_micros(500));
    }
}
