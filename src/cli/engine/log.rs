//! The log of the engine itself: `key=value` on the terminal, JSON in the results directory.

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use lkreport_contract::mask::{Masked, Masker};
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, fmt::MakeWriter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// The file that the log of the present run goes to.
static FILE: Mutex<Option<(Arc<File>, Arc<Masker>)>> = Mutex::new(None);

/// Writes to the file of the present run; between runs, nowhere.
struct Present;

impl<'a> MakeWriter<'a> for Present {
    type Writer = Box<dyn io::Write + 'a>;

    fn make_writer(&'a self) -> Self::Writer {
        match FILE.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some((file, masker)) => Box::new(Masking(Arc::clone(file), Arc::clone(masker))),
            None => Box::new(io::sink()),
        }
    }
}

/// A file whose secrets are masked; each event comes as one text.
struct Masking(Arc<File>, Arc<Masker>);

impl io::Write for Masking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let masked = self.1.mask(&text, &mut Masked::new());
        (&*self.0).write_all(masked.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
pub(super) fn to(results: &Path, masker: Arc<Masker>) -> io::Result<Log> {
    let below = results.join("logs");
    fs::create_dir_all(&below)?;
    let file = File::create_new(below.join("lkreport.log"))?;
    *FILE.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::new(file), masker));
    Ok(Log)
}

impl Drop for Log {
    fn drop(&mut self) {
        *FILE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
