//! Damaged and hostile Cucumber files: what is whole is kept, and nothing does harm.

use super::*;

#[test]
fn a_bad_line_costs_that_line() {
    let good = stream(&[json!({"status": "PASSED"})]) + END;
    let deep = "[".repeat(100_000);
    let long = format!("{{\"attachment\":{{\"body\":\"{}\"}}}}", "x".repeat(17 << 20));
    let text = good.replacen("\n{\"pickle", &format!("\n{{oops\n{deep}\n{long}\n{{\"pickle"), 1);
    let ingested = ingest_bytes("m.ndjson", text.as_bytes(), &Kept::default());
    let lines: Vec<u64> = ingested.problems.iter().map(|it| it.line).collect();
    assert_eq!(lines, [4, 5, 6], "{:?}", ingested.problems);
    assert_eq!(ingested.outcomes.of(Outcome::Passed), 1);
}

#[test]
fn hostile_reports_do_no_harm() {
    let scenario = |name: &str, data: &str| {
        json!({"type": "scenario", "name": name, "line": 3, "steps": [{"keyword": "Given ",
            "name": "x", "result": {"status": "passed", "duration": 1e300},
            "embeddings": [{"data": data, "mime_type": "text/html", "name": "../../<x>.html"}]}]})
    };
    let script = scenario("<script>alert(1)</script>{{ 7 }}", "<script>alert(1)</script>");
    let kept = Kept::default();
    let report = json!([{"uri": "../../../../etc/passwd", "elements": [script, 7, null]}, "x"]);
    let ingested = ingest_bytes("x.json", report.to_string().as_bytes(), &kept);
    assert_eq!(&*ingested.cases[0].path[0], "etc/passwd");
    assert_eq!(kept.0.into_inner().unwrap()[0].0, "x-.html.txt");
    assert_eq!(ingested.problems.len(), 3, "{:?}", ingested.problems);

    let huge = json!([{"uri": "a", "elements": [scenario("big", &"x".repeat(17 << 20))]}]);
    let ingested = ingest_bytes("x.json", huge.to_string().as_bytes(), &Kept::default());
    assert_eq!(ingested.outcomes.of(Outcome::Passed), 1);
    assert_eq!(ingested.problems[0].message, "a string longer than 16 MiB was cut off");

    let deep =
        format!("[{{\"keyword\": \"Feature\", \"elements\": [], \"x\": {}", "[".repeat(100_000));
    let ingested = ingest_bytes("x.json", deep.as_bytes(), &Kept::default());
    assert_eq!(ingested.problems[0].message, "nested more than 128 levels deep");
}

/// Every fifth place from `first` on, with the last before `end`.
fn cuts(first: usize, end: usize) -> impl Iterator<Item = usize> {
    (first..end).step_by(5).chain([end - 1])
}

#[test]
fn reports_cut_anywhere_keep_what_came_before() {
    for name in ["jvm-livekit", "js3", "godog-outline", "behave", "ruby"] {
        let report = fs::read(sample(&format!("cucumber-json/{name}.json"))).unwrap();
        let whole = ingest_bytes("x.json", &report, &Kept::default());
        let mut most = 0;
        for end in cuts(1, report.trim_ascii_end().len()) {
            let part = ingest_bytes("x.json", &report[..end], &Kept::default());
            assert_eq!(part.problems.len(), 1, "{name} cut at {end}: {:?}", part.problems);
            if part.format == lkreport::ingest::Format::Unknown {
                // So little is left that it could be anyone's.
                assert!(most == 0 && end < 600, "{name} cut at {end}");
                continue;
            }
            assert!(part.said.cut_short);
            let finished = part.outcomes.total() - part.outcomes.of(Outcome::Unknown);
            assert!(finished >= most && part.entries <= whole.entries, "{name} cut at {end}");
            most = finished;
        }
        assert_eq!(most, whole.entries, "{name}");
    }
}

#[test]
fn streams_cut_anywhere_keep_what_came_before() {
    let text = fs::read(sample("messages/retry.ndjson")).unwrap();
    let mut most = 0;
    let begun = text.iter().position(|it| *it == b'\n').unwrap();
    for end in cuts(begun, text.trim_ascii_end().len()) {
        let part = ingest_bytes("m.ndjson", &text[..end], &Kept::default());
        assert!(part.said.cut_short && part.problems.len() <= 1, "cut at {end}");
        let attempts = part.cases.iter().map(|it| it.attempts.len()).sum();
        assert!(attempts >= most, "cut at {end}");
        most = attempts;
    }
    assert_eq!(most, 9);
}

/// Every kept sample.
fn samples() -> Vec<Vec<u8>> {
    let folders = ["cucumber-json", "messages"].map(|it| fs::read_dir(sample(it)).unwrap());
    let mut paths: Vec<PathBuf> =
        folders.into_iter().flatten().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|it| fs::read(it).unwrap()).collect()
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for start in ["", "[", "[{\"elements\":[", "{", "{\"pickle\":"] {
            let text = [start.as_bytes(), &bytes].concat();
            let _ = ingest_bytes("x", &text, &Kept::default());
        }
    }

    #[test]
    fn changed_samples_do_no_harm(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..8), 1..6),
    ) {
        let samples = samples();
        let mut text = which.get(&samples).clone();
        for (place, change) in changes {
            let at = place.index(text.len());
            let end = (at + 40).min(text.len());
            match change {
                0 => text[at] ^= 1,
                1 => drop(text.drain(at..end)),
                2 => drop(text.splice(at..at, *b"[[{")),
                3 => drop(text.splice(at..at, *b"}]")),
                4 => drop(text.splice(at..at, *b"\"")),
                5 => drop(text.splice(at..end, *b"null")),
                6 => drop(text.splice(at..at, *b"-1e999")),
                _ => { let copy = text[at..end].to_vec(); drop(text.splice(end..end, copy)) }
            }
        }
        let ingested = ingest_bytes("x", &text, &Kept::default());
        prop_assert_eq!(ingested.outcomes.total(), ingested.entries);
    }
}
