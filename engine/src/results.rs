//! The results directory: what a run leaves for `lkreport build`, and for any other tool.
//!
//! `run.json` stands from the beginning, without an end; so a run that was killed, or interrupted, says
//! of itself that it was cut short. It is swapped in whole, and nothing that exists is written over.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use lkreport_contract::{
    mask::{Masked, Masker},
    run::RunJson,
};

use crate::{
    evidence::plain,
    failures::Failures,
    feature::Source,
    junit,
    messages::Stream,
    metrics::Meter,
    registry::Registry,
    run::{self, Case, Options, Summary},
};

/// The file that names what did not pass, as Cucumber's own tools call it.
pub const RERUN: &str = "rerun.txt";

/// A results directory whose run has not begun.
#[derive(Debug)]
pub struct Directory {
    /// The directory: `results/<run>`.
    pub path: PathBuf,
    head: RunJson,
    stream: Stream,
    meter: Meter,
}

/// What became of a run that left a results directory.
#[derive(Debug)]
pub struct Results {
    /// The directory: `results/<run>`.
    pub directory: PathBuf,
    /// What became of the run.
    pub summary: Summary,
}

impl Directory {
    /// Makes `under/<id>` with what it says before anything ran.
    ///
    /// The head says what the run is of; its times are set here. Without an id, the time is one.
    /// What is stored is [masked](crate::mask::masker) first.
    ///
    /// # Errors
    ///
    /// When the directory exists, or something in it cannot be written.
    pub fn create(under: &Path, mut head: RunJson, masker: Arc<Masker>) -> io::Result<Self> {
        for word in &mut head.repeat {
            *word = masker.mask(word, &mut Masked::new()).into_owned();
        }
        let now = jiff::Timestamp::now();
        head.started = Some(now);
        head.finished = None;
        let of_time = || now.strftime("%Y%m%dT%H%M%S%3fZ").to_string();
        let id = head.id.get_or_insert_with(of_time).clone();
        let path = under.join(plain(&id));
        fs::create_dir_all(under)?;
        fs::create_dir(&path)?;
        write_head(&path, &head)?;
        let meter = Meter::create(&path.join("metrics.ndjson"), &id)?;
        let stream = Stream::masking(fs::File::create_new(path.join("messages.ndjson"))?, masker);
        Ok(Self { path, head, stream, meter })
    }

    /// Runs the features, has the head completed by what only the run could tell, and leaves `messages.ndjson`, `junit.xml`, `metrics.ndjson`, `rerun.txt` and artifacts;
    /// where something failed, also `failures.txt`.
    ///
    /// # Errors
    ///
    /// When something cannot be written. A stream that broke off is no error here: the summary names it,
    /// and what could be written stands.
    pub async fn run<W: Send + 'static>(
        self,
        registry: Arc<Registry<W>>,
        sources: &[Source],
        mut options: Options,
        complete: impl FnOnce(&mut RunJson),
    ) -> io::Result<Results> {
        let Self { path: directory, mut head, stream, meter } = self;
        options.results = Some(directory.clone());
        options.meter = Some(Arc::new(meter));
        let summary = run::run(registry, sources, options, Arc::new(stream)).await;
        complete(&mut head);
        let written = write_rest(&directory, &mut head, &summary);
        // What stopped the stream stops the rest as well, and the summary names it.
        if summary.stream_error.is_none() {
            written?;
        }
        Ok(Results { directory, summary })
    }
}

/// What is known only at the end.
fn write_rest(directory: &Path, head: &mut RunJson, summary: &Summary) -> io::Result<()> {
    let suite = head.suite.as_deref().unwrap_or("lkreport");
    let mut junit = Vec::new();
    junit::report(suite, summary).serialize(&mut junit).map_err(io::Error::other)?;
    write_whole(&directory.join("junit.xml"), &junit)?;
    let failures = Failures::of(summary);
    if !failures.is_empty() {
        write_whole(&directory.join("failures.txt"), failures.to_string().as_bytes())?;
    }
    write_whole(&directory.join(RERUN), rerun(summary).as_bytes())?;
    if !summary.was_interrupted && summary.stream_error.is_none() {
        head.finished = Some(summary.finished);
        write_head(directory, head)?;
    }
    Ok(())
}

/// Writes a file, or leaves none: half of one would be taken for all of it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes).inspect_err(|_| _ = fs::remove_file(path))
}

/// The places of what did not pass, a line each, as `--features` takes them.
fn rerun(summary: &Summary) -> String {
    let failed = summary.cases.iter().filter(|it| !it.status().is_fine());
    let place = |it: &Case| format!("{}:{}\n", it.scenario.uri, it.scenario.location.line);
    failed.map(place).collect()
}

/// Swaps in `run.json`, so that nobody ever reads half of it.
fn write_head(directory: &Path, head: &RunJson) -> io::Result<()> {
    let (new, place) = (directory.join("run.json.new"), directory.join("run.json"));
    let mut json = serde_json::to_vec_pretty(head).map_err(io::Error::from)?;
    json.push(b'\n');
    write_whole(&new, &json)?;
    fs::rename(new, place)
}
