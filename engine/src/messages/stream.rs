//! The stream: each envelope is a line, written and flushed as it happens.
//!
//! A run that is killed leaves a readable file, because nothing waits in a buffer. What cannot be
//! written (a full disk) stops the stream for good; [`Stream::broken`] says so, once.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use lkreport_contract::mask::{Masked, Masker};
use tokio::time::Instant;

use super::{Envelope, Id, Timestamp};

/// Where envelopes go, the ids in them, and their clock.
pub struct Stream {
    out: Mutex<Out>,
    next: AtomicU64,
    masker: Arc<Masker>,
    /// The clock of the machine is read once; what follows is measured, so that time never runs backwards.
    began: (jiff::Timestamp, Instant),
}

struct Out {
    to: Box<dyn Write + Send>,
    line: Vec<u8>,
    error: Option<io::Error>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("began", &self.began.0).finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream that begins now.
    #[must_use]
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self::masking(to, Arc::default())
    }

    /// A stream that begins now and masks what this masks.
    #[must_use]
    pub fn masking(to: impl Write + Send + 'static, masker: Arc<Masker>) -> Self {
        Self {
            out: Mutex::new(Out { to: Box::new(to), line: Vec::new(), error: None }),
            next: AtomicU64::new(0),
            masker,
            began: (jiff::Timestamp::now(), Instant::now()),
        }
    }

    /// Writes one envelope.
    pub(crate) fn say(&self, envelope: &Envelope) {
        let mut out = self.out();
        if out.error.is_some() {
            return;
        }
        let Out { to, line, .. } = &mut *out;
        line.clear();
        let written = serde_json::to_writer(&mut *line, envelope).map_err(io::Error::from);
        line.push(b'\n');
        out.error = written.and_then(|()| to.write_all(line)).and_then(|()| to.flush()).err();
    }

    /// An id that nothing else in the stream has.
    pub(crate) fn id(&self) -> Id {
        Id::new(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Leaves out the ids below, which are given already.
    pub(crate) fn ids_from(&self, next: u64) {
        self.next.fetch_max(next, Ordering::Relaxed);
    }

    /// What time it is.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        let (start, since) = self.began;
        start.checked_add(since.elapsed()).unwrap_or(start)
    }

    /// What time it is, as envelopes say it.
    pub(crate) fn timestamp(&self) -> Timestamp {
        self.now().into()
    }

    /// Text without secrets.
    pub(crate) fn masked(&self, text: &str) -> String {
        self.masker.mask(text, &mut Masked::new()).into_owned()
    }

    /// What masks it.
    pub(crate) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Whether something could not be written.
    pub(crate) fn is_broken(&self) -> bool {
        self.out().error.is_some()
    }

    /// What could not be written; asked once, at the end.
    pub(crate) fn broken(&self) -> Option<io::Error> {
        self.out().error.take()
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
