//! The Cucumber compatibility kit is the judge: each sample gives the stream that its authors expect.
//!
//! A sample that cannot apply stands in a table of the engine's README, with the reason; one that
//! stands there and passes fails this test, so that the table stays true.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod attachments;
mod compare;
mod definitions;

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use lkreport_engine::{
    error::Class,
    feature::Source,
    messages::Stream,
    run::{self, Options, Order},
};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Keeps in memory what a stream writes.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn samples() -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(HERE).join("tests/compatibility-kit")).unwrap();
    let paths = entries.map(|it| it.unwrap().path());
    let mut samples: Vec<PathBuf> = paths.filter(|it| it.is_dir()).collect();
    samples.sort();
    samples
}

/// The features of a sample; those of `<name>-reversed` are those of `<name>`, under other names.
fn sources(sample: &Path) -> Vec<Source> {
    let name = sample.file_name().unwrap().to_str().unwrap();
    let folder = name.strip_suffix("-reversed").unwrap_or(name);
    let files = fs::read_dir(sample.with_file_name(folder)).unwrap();
    let files = files.map(|it| it.unwrap().path());
    let is_feature = |it: &PathBuf| {
        let name = it.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".feature") || name.ends_with(".feature.md")
    };
    let mut files: Vec<PathBuf> = files.filter(is_feature).collect();
    files.sort();
    let source = |path: &PathBuf| Source {
        uri: {
            let file = path.file_name().unwrap().to_str().unwrap();
            format!("samples/{name}/{}", file.replacen(folder, name, 1))
        },
        text: fs::read_to_string(path).unwrap(),
    };
    files.iter().map(source).collect()
}

/// What the arguments of a sample mean in our words.
fn options(sample: &Path, name: &str) -> Options {
    let arguments = fs::read_to_string(sample.join(format!("{name}.arguments.txt")));
    let mut options = Options::default();
    // The kit retries any failure; ours are of a class that may pass.
    options.retries.classes.insert(Class::Other);
    options.retries.most = if name == "retry" { 2 } else { 0 };
    match arguments.unwrap_or_default().trim() {
        "" => {}
        "--order reverse" => options.selection.order = Order::Reversed,
        "--retry 2" => options.retries.most = 2,
        "--error" => options.blocked = Some("Whoops!".to_owned()),
        other => panic!("{name}: nobody knows the arguments `{other}`"),
    }
    options
}

/// The first difference between the stream of a sample and the one that is expected.
async fn difference(sample: &Path) -> Option<String> {
    let name = sample.file_name().unwrap().to_str().unwrap();
    let registry = Arc::new(definitions::of(name));
    let memory = Memory::default();
    let stream = Arc::new(Stream::new(memory.clone()));
    let summary = run::run(registry, &sources(sample), options(sample, name), stream).await;
    let expected = fs::read_to_string(sample.join(format!("{name}.ndjson"))).unwrap();
    let written = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
    let success = format!("\"success\":{}", summary.is_success());
    assert!(written.lines().last().unwrap().contains(&success), "{name}: what the run returns");
    compare::first_difference(&expected, &written)
}

/// The samples that cannot apply: the first cells of the table under `## Samples that cannot apply`.
fn listed() -> BTreeSet<String> {
    let readme = fs::read_to_string(Path::new(HERE).join("README.md")).unwrap();
    let table = readme.split_once("## Samples that cannot apply").unwrap().1;
    let table = table.split_once("\n## ").map_or(table, |it| it.0);
    let names = table.lines().filter_map(|it| it.strip_prefix("| `")?.split_once('`'));
    names.map(|it| it.0.to_owned()).collect()
}

#[tokio::test]
async fn every_sample_passes_or_is_listed_with_a_reason() {
    let (listed, mut findings) = (listed(), Vec::new());
    let samples = samples();
    assert_eq!(samples.len(), 46, "samples of the kit");
    for sample in samples {
        let name = sample.file_name().unwrap().to_str().unwrap().to_owned();
        match (difference(&sample).await, listed.contains(&name)) {
            (Some(difference), false) => findings.push(format!("{name}: {difference}")),
            (None, true) => {
                findings.push(format!("{name}: passes, and is listed as one that cannot"))
            }
            _ => {}
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n\n"));
}
