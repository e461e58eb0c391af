//! Bytes of any encoding as a stream of UTF-8 that counts lines and keeps tokens from growing.
//!
//! It knows nothing of XML.

use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use memchr::{memchr_iter, memmem};

/// How many bytes one token may take before it is read piece by piece.
pub(super) const LONGEST_TOKEN: usize = 256 * 1024;

/// The size of a decoded chunk in bytes; chunks end between characters.
const CHUNK: usize = 64 * 1024;

/// Decodes as it is read; characters that cannot be decoded become U+FFFD.
pub(super) struct Source<'a> {
    input: Box<dyn BufRead + 'a>,
    decoder: Decoder,
    chunk: Box<[u8]>,
    at: usize,
    end: usize,
    finished: bool,
    token: usize,
    /// Whether the token that was being read is longer than [`LONGEST_TOKEN`].
    pub(super) token_is_long: bool,
    /// The line that is read at present, from 1.
    pub(super) line: u64,
    /// The line of the first bytes that are no text in the encoding, until it is taken.
    pub(super) undecodable: Option<u64>,
}

impl<'a> Source<'a> {
    /// Reads `input` as text in `encoding`.
    pub(super) fn new(input: Box<dyn BufRead + 'a>, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            chunk: vec![0; CHUNK].into_boxed_slice(),
            at: 0,
            end: 0,
            finished: false,
            token: 0,
            token_is_long: false,
            line: 1,
            undecodable: None,
        }
    }

    /// Says that the next byte begins a token, or a further piece of a long one.
    pub(super) const fn begin_token(&mut self) {
        self.token = 0;
        self.token_is_long = false;
    }

    fn decode(&mut self) -> io::Result<()> {
        while self.at == self.end && !self.finished {
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            let (state, read, written, damaged) =
                self.decoder.decode_to_utf8(bytes, &mut self.chunk, last);
            self.input.consume(read);
            (self.at, self.end) = (0, written);
            self.finished = last && state == CoderResult::InputEmpty;
            if damaged && self.undecodable.is_none() {
                let text = &self.chunk[..written];
                let before = &text[..memmem::find(text, "\u{FFFD}".as_bytes()).unwrap_or(written)];
                self.undecodable = Some(self.line + memchr_iter(b'\n', before).count() as u64);
            }
        }
        Ok(())
    }
}

impl Default for Source<'_> {
    fn default() -> Self {
        let empty = Self::new(Box::new(io::empty()), UTF_8);
        Self { finished: true, ..empty }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token >= LONGEST_TOKEN {
            self.token_is_long = true;
            return Err(io::Error::other("long token"));
        }
        self.decode()?;
        Ok(&self.chunk[self.at..self.end])
    }

    fn consume(&mut self, amount: usize) {
        let consumed = &self.chunk[self.at..self.at + amount];
        self.line += memchr_iter(b'\n', consumed).count() as u64;
        self.token += amount;
        self.at += amount;
    }
}
