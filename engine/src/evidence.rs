//! What a step, a hook or an attempt leaves behind: attachments, logs, files beside the stream.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lkreport_contract::outcome::{ExtraOutcome, OUTCOME_MEDIA_TYPE, OutcomeAttachment};
use tokio::time::Instant;

use crate::{
    mask,
    messages::{Attachment, Encoding, Envelope, ExternalAttachment, Owner, Status, Stream},
    metrics::Meter,
};

/// The media type of what steps log, as Cucumber has it.
pub const LOG_MEDIA_TYPE: &str = "text/x.cucumber.log+plain";

/// Where evidence goes, and to whom it belongs.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) stream: Arc<Stream>,
    pub(crate) owner: Owner,
    /// Where files go; none where there is only a stream.
    pub(crate) files: Option<Arc<Files>>,
    /// What standard formats have no word for, as it was said last in the attempt.
    pub(crate) extra: Arc<Mutex<Option<OutcomeAttachment>>>,
    /// When the attempt began.
    pub(crate) began: Instant,
}

/// Where the files of an attempt go.
#[derive(Debug)]
pub(crate) struct Files {
    /// The results directory.
    pub(crate) results: PathBuf,
    /// What the names of all its files begin with: case, attempt from 1, start.
    pub(crate) prefix: String,
    /// Where what is measured goes.
    pub(crate) meter: Option<Arc<Meter>>,
}

/// Where the logs of an attempt are kept.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    stream: Arc<Stream>,
    to: PathBuf,
}

impl Evidence {
    /// Where the logs of this attempt are kept; none where there is only a stream.
    pub(crate) fn shelf(&self) -> Option<Shelf> {
        let files = self.files.as_ref()?;
        let to = files.results.join("logs").join(&files.prefix);
        Some(Shelf { stream: Arc::clone(&self.stream), to })
    }

    pub(crate) fn text(&self, media_type: &str, name: Option<&str>, text: &str) {
        let body = self.stream.masked(text);
        self.say(media_type, name, Encoding::Identity, body);
    }

    pub(crate) fn bytes(&self, media_type: &str, name: Option<&str>, bytes: &[u8]) {
        self.say(media_type, name, Encoding::Base64, BASE64_STANDARD.encode(bytes));
    }

    pub(crate) fn log(&self, text: &str) {
        self.text(LOG_MEDIA_TYPE, None, text);
    }

    /// Notes that the attempt is unsupported or degraded; what is said at its end prevails over its status.
    pub(crate) fn outcome(&self, outcome: ExtraOutcome, reason: &str) {
        let since = u64::try_from(self.began.elapsed().as_millis()).ok();
        let reason = self.stream.masked(reason);
        let noted = OutcomeAttachment { outcome, reason, since_ms: since };
        *self.extra.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
    }

    /// Says what was noted, unless the attempt failed: nothing may hide that.
    pub(crate) fn say_outcome(&self, status: Status) -> Option<OutcomeAttachment> {
        let noted = self.extra.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        if !status.is_fine() {
            self.log(&format!("it was {:?} too: {}", noted.outcome, noted.reason).to_lowercase());
            return None;
        }
        // A plain struct of words and numbers is always JSON.
        let body = serde_json::to_string(&noted).unwrap_or_default();
        self.say(OUTCOME_MEDIA_TYPE, None, Encoding::Identity, body);
        Some(noted)
    }

    /// Copies a file into the results directory, or into the stream where there is only that.
    pub(crate) fn file(&self, media_type: &str, what: &str, path: &Path) -> io::Result<()> {
        let Some(files) = &self.files else {
            self.bytes(media_type, Some(what), &fs::read(path)?);
            return Ok(());
        };
        let url = files.keep(what, path)?;
        self.stream.say(&Envelope::ExternalAttachment(ExternalAttachment {
            owner: self.owner,
            url,
            media_type: media_type.to_owned(),
            timestamp: self.stream.timestamp(),
        }));
        Ok(())
    }

    fn say(&self, media_type: &str, name: Option<&str>, encoding: Encoding, body: String) {
        self.stream.say(&Envelope::Attachment(Attachment {
            owner: self.owner,
            body,
            content_encoding: encoding,
            media_type: media_type.to_owned(),
            file_name: name.map(str::to_owned),
            timestamp: self.stream.timestamp(),
        }));
    }
}

impl Shelf {
    /// Keeps the files of a folder without their secrets.
    pub(crate) fn keep(&self, from: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        fs::create_dir_all(&self.to)?;
        for entry in entries {
            let entry = entry?;
            let mut to = fs::File::create(self.to.join(entry.file_name()))?;
            mask::copy(self.stream.masker(), &mut fs::File::open(entry.path())?, &mut to)?;
        }
        Ok(())
    }
}

impl Files {
    /// Copies a file under a name that no other has; returns its path from the results directory.
    fn keep(&self, what: &str, path: &Path) -> io::Result<String> {
        fs::create_dir_all(self.results.join("artifacts"))?;
        let what = plain(what);
        let (stem, end) = what.rsplit_once('.').map_or((what.as_str(), ""), |it| it);
        let dot = if end.is_empty() { "" } else { "." };
        for n in 1_u32.. {
            let n = if n == 1 { String::new() } else { format!("-{n}") };
            let url = format!("artifacts/{}-{stem}{n}{dot}{end}", self.prefix);
            match fs::File::create_new(self.results.join(&url)) {
                Ok(mut to) => {
                    io::copy(&mut fs::File::open(path)?, &mut to)?;
                    return Ok(url);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// A text as a part of a file name on any system.
pub(crate) fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let text: String = text.chars().map(plain).take(80).collect();
    text.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-")
}
