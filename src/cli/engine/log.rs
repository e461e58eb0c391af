//! The log of the engine itself: `key=value` on the terminal, JSON in the results directory.

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, fmt::MakeWriter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// The file that the log of the present run goes to.
static FILE: Mutex<Option<Arc<File>>> = Mutex::new(None);

/// Writes to the file of the present run; between runs, nowhere.
struct Present;

impl<'a> MakeWriter<'a> for Present {
    type Writer = Box<dyn io::Write + 'a>;

    fn make_writer(&'a self) -> Self::Writer {
        match FILE.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(file) => Box::new(Arc::clone(file)),
            None => Box::new(io::sink()),
        }
    }
}

/// Begins to listen; what the terminal shows beside the scenarios is chosen by `LKREPORT_LOG`, also for
/// one component: `lkreport=warn,lkreport[service{component=livekit}]=debug`.
pub(super) fn begin(verbose: u8) {
    let usual = if verbose > 1 { "lkreport=debug" } else { "off" };
    let shown = EnvFilter::try_from_env("LKREPORT_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let terminal = fmt::layer().with_writer(io::stderr).with_target(true).with_filter(shown);
    let file =
        fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(Present);
    let file = file.with_filter(EnvFilter::new("lkreport=debug"));
    // Whoever embeds us may listen already.
    _ = tracing_subscriber::registry().with(terminal).with(file).try_init();
}

/// The log of a run, until this is dropped.
pub(super) struct Log;

/// Sends the log to `logs/lkreport.log` of a results directory.
pub(super) fn to(results: &Path) -> io::Result<Log> {
    let below = results.join("logs");
    fs::create_dir_all(&below)?;
    let file = File::create_new(below.join("lkreport.log"))?;
    *FILE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(file));
    Ok(Log)
}

impl Drop for Log {
    fn drop(&mut self) {
        *FILE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
