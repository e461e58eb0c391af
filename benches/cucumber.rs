//! How fast Cucumber JSON and Cucumber messages are read, and in how much memory.
//!
//! `cargo bench --bench cucumber` measures the speed; with `LKREPORT_GIGABYTE=json` or `=messages` in the
//! environment it reads 1 GB of embeddings instead, made as it is read, and prints the peak of memory.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::{
    env, fs,
    hint::black_box,
    io::{BufReader, Read},
    time::Instant,
};

use criterion::{Criterion, Throughput, criterion_group};
use lkreport::ingest::{Evidence, Ingested, Intake, read};
use lkreport_contract::mask::Masker;

/// Takes files as a disk would, and forgets them.
struct Swallow;

impl Evidence for Swallow {
    fn keep(&self, _name: &str, _media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        black_box(bytes);
        Some("kept".into())
    }
}

fn ingest(input: &mut dyn std::io::BufRead) -> Ingested {
    let masker = Masker::default();
    read("bench", input, &mut Intake::new(&masker, &Swallow))
}

/// 20,000 scenarios of 5 steps in 200 features, every tenth failing.
fn json() -> String {
    let feature = |f: usize| {
        let scenario = |n: usize| {
            let step = |s: usize| {
                let status = if n.is_multiple_of(10) && s == 4 { "failed" } else { "passed" };
                let error = if status == "failed" {
                    r#","error_message":"java.lang.AssertionError: no track\n\tat a.B.c(B.java:1)""#
                } else {
                    ""
                };
                format!(
                    r#"{{"result":{{"duration":{},"status":"{status}"{error}}},"line":{s},"name":"participant {n} publishes track {s}","match":{{"arguments":[{{"val":"{n}","offset":12}}],"location":"a.Steps.publish(int)"}},"keyword":"When "}}"#,
                    1_000_000 + s
                )
            };
            let steps = (0..5).map(step).collect::<Vec<_>>().join(",");
            format!(
                r#"{{"start_timestamp":"2026-01-01T00:00:00.000Z","line":{n},"name":"Scenario {n}","description":"","id":"feature-{f};scenario-{n}","type":"scenario","keyword":"Scenario","tags":[{{"name":"@smoke"}}],"steps":[{steps}]}}"#
            )
        };
        let scenarios = (0..100).map(scenario).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"line":1,"elements":[{scenarios}],"name":"Feature {f}","uri":"features/{f}.feature"}}"#
        )
    };
    format!("[{}]", (0..200).map(feature).collect::<Vec<_>>().join(","))
}

/// 10,000 scenarios of 5 steps.
fn messages() -> String {
    let mut out = String::from("{\"meta\":{\"protocolVersion\":\"30.0.0\"}}\n");
    for n in 0..10_000 {
        let steps = |make: &dyn Fn(usize) -> String| (0..5).map(make).collect::<Vec<_>>().join(",");
        let pickle =
            steps(&|s| format!(r#"{{"id":"q{n}-{s}","text":"track {s}","astNodeIds":["a{s}"]}}"#));
        let tests = steps(&|s| {
            format!(
                r#"{{"id":"t{n}-{s}","pickleStepId":"q{n}-{s}","stepDefinitionIds":["d"],"stepMatchArgumentsLists":[]}}"#
            )
        });
        out += &format!(
            "{{\"pickle\":{{\"id\":\"p{n}\",\"uri\":\"features/{}.feature\",\"name\":\"Scenario {n}\",\"astNodeIds\":[\"s{n}\"],\"tags\":[],\"steps\":[{pickle}]}}}}\n{{\"testCase\":{{\"id\":\"c{n}\",\"pickleId\":\"p{n}\",\"testSteps\":[{tests}]}}}}\n",
            n % 200
        );
    }
    out += "{\"testRunStarted\":{\"timestamp\":{\"seconds\":1,\"nanos\":0}}}\n";
    for n in 0..10_000 {
        let time = "\"timestamp\":{\"seconds\":1700000000,\"nanos\":1000000}";
        out += &format!(
            "{{\"testCaseStarted\":{{\"id\":\"r{n}\",\"testCaseId\":\"c{n}\",\"attempt\":0,{time}}}}}\n"
        );
        for s in 0..5 {
            let ids = format!("\"testCaseStartedId\":\"r{n}\",\"testStepId\":\"t{n}-{s}\"");
            out += &format!(
                "{{\"testStepStarted\":{{{ids},{time}}}}}\n{{\"testStepFinished\":{{{ids},\"testStepResult\":{{\"status\":\"PASSED\",\"duration\":{{\"seconds\":0,\"nanos\":1000000}}}},{time}}}}}\n"
            );
        }
        out += &format!(
            "{{\"testCaseFinished\":{{\"testCaseStartedId\":\"r{n}\",\"willBeRetried\":false,{time}}}}}\n"
        );
    }
    out + "{\"testRunFinished\":{\"success\":true}}\n"
}

fn speed(c: &mut Criterion) {
    let mut group = c.benchmark_group("cucumber");
    group.sample_size(10);
    for (name, text) in [("json", json()), ("messages", messages())] {
        let ingested = ingest(&mut text.as_bytes());
        assert_eq!(ingested.problems, []);
        println!("{name}: {} bytes, {} entries", text.len(), ingested.entries);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| ingest(&mut text.as_bytes())));
    }
    group.finish();
}

/// A text that comes again and again, between a beginning and an end.
fn repeated(head: &str, body: &str, times: usize, tail: &str) -> impl Read + use<> {
    let body = body.to_owned();
    let bodies = Repeat { body: body.into_bytes(), at: 0, left: times };
    let (head, tail) = (head.to_owned().into_bytes(), tail.to_owned().into_bytes());
    std::io::Cursor::new(head).chain(bodies).chain(std::io::Cursor::new(tail))
}

struct Repeat {
    body: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let n = buffer.len().min(self.body.len() - self.at);
        buffer[..n].copy_from_slice(&self.body[self.at..self.at + n]);
        self.at += n;
        if self.at == self.body.len() {
            (self.at, self.left) = (0, self.left - 1);
        }
        Ok(n)
    }
}

/// Reads 1 GB in embeddings of 4 MB, all of one scenario.
fn gigabyte(format: &str) {
    let data = "iVBORw0K".repeat(512 << 10);
    let times = (1 << 30) / data.len();
    let input: Box<dyn Read> = match format {
        "json" => Box::new(repeated(
            r#"[{"uri":"a.feature","elements":[{"type":"scenario","name":"big","steps":[{"name":"x","result":{"status":"passed"},"embeddings":["#,
            &format!(r#"{{"mime_type":"image/png","data":"{data}"}},"#),
            times,
            r#"{"mime_type":"image/png","data":""}]}]}]}]"#,
        )),
        _ => Box::new(repeated(
            "{\"meta\":{}}\n{\"pickle\":{\"id\":\"p\",\"name\":\"big\"}}\n{\"testCase\":{\"id\":\"c\",\"pickleId\":\"p\"}}\n{\"testCaseStarted\":{\"id\":\"r\",\"testCaseId\":\"c\"}}\n",
            &format!(
                "{{\"attachment\":{{\"testCaseStartedId\":\"r\",\"body\":\"{data}\",\"contentEncoding\":\"BASE64\",\"mediaType\":\"image/png\"}}}}\n"
            ),
            times,
            "{\"testCaseFinished\":{\"testCaseStartedId\":\"r\"}}\n{\"testRunFinished\":{}}\n",
        )),
    };
    let started = Instant::now();
    let ingested = ingest(&mut BufReader::with_capacity(64 << 10, input));
    let took = started.elapsed();
    let kept = ingested.cases[0].attempts[0].detail.as_ref().map_or(0, |it| it.artifacts.len());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|it| it.starts_with("VmHWM")).unwrap();
    println!("{format}: {kept} attachments in {took:?}; {peak}; {:?}", ingested.problems);
}

criterion_group!(benches, speed);

fn main() {
    match env::var("LKREPORT_GIGABYTE") {
        Ok(format) => gigabyte(&format),
        Err(_) => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
