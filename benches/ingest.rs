//! How fast results are read.

use std::{fmt::Write, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lkreport::ingest::{Discard, Intake, read};
use lkreport_contract::mask::Masker;

/// Suites of 200 passed cases, about 180 bytes a case.
fn passed_cases(suites: u32) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in 0..suites {
        let class = format!("io.example.rooms.RoomService{suite}Test");
        let time = "2026-11-21T10:21:22";
        let _ = writeln!(xml, "<testsuite name=\"{class}\" tests=\"200\" timestamp=\"{time}\">");
        for case in 0..200 {
            let _ = writeln!(
                xml,
                "  <testcase name=\"participant {case} joins &amp; publishes a track of kind \
                 {suite}\" classname=\"{class}\" time=\"0.{case:03}\" file=\"src/rooms.ts\"/>"
            );
        }
        xml.push_str("</testsuite>\n");
    }
    xml + "</testsuites>\n"
}

/// One case with much output.
fn long_output(megabytes: usize) -> String {
    let line = "2026-11-21T10:24:06.623Z\tINFO\tlivekit.room\troommanager.go:704\troom closed\n";
    let output = line.repeat(megabytes * 1024 * 1024 / line.len());
    format!(
        "<testsuite><testcase name=\"a\"><system-out><![CDATA[{output}]]></system-out></testcase></testsuite>"
    )
}

fn junit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("junit");
    group.sample_size(20);
    for (name, xml) in [("passed cases", passed_cases(500)), ("long output", long_output(64))] {
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.bench_function(name, |bencher| {
            let masker = Masker::default();
            bencher.iter(|| {
                let mut intake = Intake::new(&masker, &Discard);
                black_box(read("junit.xml", &mut xml.as_bytes(), &mut intake))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, junit);
criterion_main!(benches);
