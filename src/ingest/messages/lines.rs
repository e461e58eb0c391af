//! Lines of bounded length; a line may hold an attachment of any size.

use std::io::{self, BufRead, ErrorKind};

/// The longest line that is held, in bytes.
const LONGEST: usize = 16 << 20;

/// What comes next.
pub(super) enum Line<'a> {
    /// A line that is not blank.
    Text(&'a [u8]),
    /// A line longer than [`LONGEST`], which was passed over.
    TooLong,
    /// Nothing.
    End,
}

/// The lines of a stream.
pub(super) struct Lines<'a> {
    input: &'a mut dyn BufRead,
    buffer: Vec<u8>,
    /// The number of the line reached, from 1.
    pub(super) number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, buffer: Vec::new(), number: 0 }
    }

    /// Takes the next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        loop {
            let Some(is_whole) = self.fill()? else { return Ok(Line::End) };
            self.number += 1;
            if !is_whole {
                return Ok(Line::TooLong);
            }
            if !self.buffer.trim_ascii().is_empty() {
                // A byte order mark is written by some Windows tools in front of the first line.
                let text = self.buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.buffer);
                return Ok(Line::Text(text));
            }
        }
    }

    /// Fills the buffer with a line, and says whether it holds all of it.
    fn fill(&mut self) -> io::Result<Option<bool>> {
        self.buffer.clear();
        let (mut is_whole, mut is_any) = (true, false);
        loop {
            let bytes = match self.input.fill_buf() {
                Ok([]) => return Ok(is_any.then_some(is_whole)),
                Ok(bytes) => bytes,
                Err(interrupted) if interrupted.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            is_any = true;
            let end = memchr::memchr(b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            is_whole &= self.buffer.len() + part.len() <= LONGEST;
            if is_whole {
                self.buffer.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(end.is_some());
            self.input.consume(taken);
            if end.is_some() {
                return Ok(Some(is_whole));
            }
        }
    }
}
