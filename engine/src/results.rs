//! The results directory: what a run leaves for `lkreport build`, and for any other tool.
//!
//! `run.json` stands from the beginning, without an end; so a run that was killed, or interrupted, says
//! of itself that it was cut short. It is swapped in whole, and nothing that exists is written over.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use lkreport_contract::run::RunJson;

use crate::{
    evidence::plain,
    feature::Source,
    junit,
    messages::Stream,
    registry::Registry,
    run::{self, Options, Summary},
};

/// What becomes of a run that leaves a results directory.
#[derive(Debug)]
pub struct Results {
    /// The directory: `results/<run>`.
    pub directory: PathBuf,
    /// What became of the run.
    pub summary: Summary,
}

/// Runs the features and leaves `under/<id>` with `run.json`, `messages.ndjson`, `junit.xml` and artifacts.
///
/// The head says what the run is of; its times are set here. Without an id, the time is one.
///
/// # Errors
///
/// When the directory exists, or something in it cannot be written. A stream that broke off is no
/// error here: the summary names it, and what could be written stands.
pub async fn run_into<W: Send + 'static>(
    under: &Path,
    mut head: RunJson,
    registry: Arc<Registry<W>>,
    sources: &[Source],
    mut options: Options,
) -> io::Result<Results> {
    let now = jiff::Timestamp::now();
    head.started = Some(now);
    head.finished = None;
    let id = head.id.get_or_insert_with(|| now.strftime("%Y%m%dT%H%M%S%3fZ").to_string());
    let directory = under.join(plain(id));
    fs::create_dir_all(under)?;
    fs::create_dir(&directory)?;
    write_head(&directory, &head)?;
    let stream = Stream::new(fs::File::create_new(directory.join("messages.ndjson"))?);
    options.results = Some(directory.clone());
    let summary = run::run(registry, sources, options, Arc::new(stream)).await;
    let suite = head.suite.as_deref().unwrap_or("lkreport");
    let mut junit = BufWriter::new(fs::File::create_new(directory.join("junit.xml"))?);
    junit::report(suite, &summary).serialize(&mut junit).map_err(io::Error::other)?;
    junit.flush()?;
    if !summary.was_interrupted && summary.stream_error.is_none() {
        head.finished = Some(summary.finished);
        write_head(&directory, &head)?;
    }
    Ok(Results { directory, summary })
}

/// Swaps in `run.json`, so that nobody ever reads half of it.
fn write_head(directory: &Path, head: &RunJson) -> io::Result<()> {
    let (new, place) = (directory.join("run.json.new"), directory.join("run.json"));
    let mut json = serde_json::to_vec_pretty(head).map_err(io::Error::from)?;
    json.push(b'\n');
    fs::write(&new, json)?;
    fs::rename(new, place)
}
