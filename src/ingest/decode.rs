//! Compressed bytes → plain bytes, and bytes of any encoding → text; it opens nothing.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use memchr::memmem;

/// The largest window that a zstd frame may ask for: 2^26 = 64 MB, because it is held in memory.
const ZSTD_WINDOW_LOG: u32 = 26;

/// Takes off gzip ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)) or zstd
/// ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)), told by their magic numbers; other bytes pass.
///
/// # Errors
///
/// Where the first bytes cannot be read.
pub(super) fn plain<'a>(input: &'a mut dyn BufRead) -> io::Result<Box<dyn BufRead + 'a>> {
    let (head, input) = peek(input, 4)?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(MultiGzDecoder::new(input))),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let mut frames = zstd::stream::read::Decoder::with_buffer(input)?;
            frames.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(BufReader::new(frames))
        }
        _ => Box::new(input),
    })
}

/// The same for a log, as the bytes of UTF-8: what begins with the mark of UTF-16 is decoded, as Windows
/// writes it, and a mark of UTF-8 is left out; other bytes pass as they are.
///
/// # Errors
///
/// Where the first bytes cannot be read.
pub fn plain_log<'a>(input: &'a mut dyn BufRead) -> io::Result<Box<dyn BufRead + 'a>> {
    let (head, mut input) = peek(plain(input)?, 3)?;
    match Encoding::for_bom(&head) {
        Some((encoding, mark)) if encoding == UTF_8 => input.consume(mark),
        Some((encoding, _)) => {
            let decoder = encoding.new_decoder_with_bom_removal();
            let decoded = Decoded { input, decoder, text: Vec::new(), at: 0, is_done: false };
            return Ok(Box::new(BufReader::new(decoded)));
        }
        None => {}
    }
    Ok(Box::new(input))
}

/// How many bytes of text are decoded at a time.
const CHUNK: usize = 64 * 1024;

/// Decodes as it is read; what cannot be decoded becomes U+FFFD.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    text: Vec<u8>,
    /// How much of the text was read already.
    at: usize,
    is_done: bool,
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.is_done {
            let bytes = self.input.fill_buf()?;
            let is_last = bytes.is_empty();
            self.text.resize(CHUNK, 0);
            let (state, read, written, _) =
                self.decoder.decode_to_utf8(bytes, &mut self.text, is_last);
            self.input.consume(read);
            self.text.truncate(written);
            (self.at, self.is_done) = (0, is_last && state == CoderResult::InputEmpty);
        }
        let read = (&self.text[self.at..]).read(into)?;
        self.at += read;
        Ok(read)
    }
}

/// Reads up to `limit` bytes ahead; the reader that comes back starts with them again.
///
/// Damage behind the first byte is left for whoever reads on.
///
/// # Errors
///
/// Where not even one byte can be read.
pub(super) fn peek<R: BufRead>(mut input: R, limit: usize) -> io::Result<(Vec<u8>, impl BufRead)> {
    let mut head = Vec::with_capacity(limit);
    while head.len() < limit {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if head.is_empty() => return Err(error),
            Err(_) => break,
        };
        if chunk.is_empty() {
            break;
        }
        let taken = chunk.len().min(limit - head.len());
        head.extend_from_slice(&chunk[..taken]);
        input.consume(taken);
    }
    Ok((head.clone(), io::Cursor::new(head).chain(input)))
}

/// The encoding of a text, and what its XML declaration says wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoded {
    /// What the text is read as.
    pub(super) encoding: &'static Encoding,
    /// Another encoding that the declaration names.
    pub(super) but_declared: Option<&'static Encoding>,
}

/// Tells the encoding from a byte order mark, from the pattern of a first `<` or `[` or `{`, or from
/// the XML declaration ([XML, appendix F](https://www.w3.org/TR/xml/#sec-guessing)); else UTF-8.
pub(super) fn encoding(head: &[u8]) -> Encoded {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        let (text, _) = encoding.decode_without_bom_handling(&head[mark..]);
        // UTF-16 and a mark name each other loosely: "UTF-16" stands for both byte orders.
        let wrong = declared(text.as_bytes()).filter(|it| kind(it) != kind(encoding));
        return Encoded { encoding, but_declared: wrong };
    }
    let encoding = match head {
        [0, b'<' | b'[' | b'{', ..] => UTF_16BE,
        [b'<' | b'[' | b'{', 0, ..] => UTF_16LE,
        // A declaration that can be read byte by byte cannot be right about UTF-16.
        _ => declared(head).filter(|it| kind(it) != kind(UTF_16LE)).unwrap_or(UTF_8),
    };
    Encoded { encoding, but_declared: None }
}

/// Both byte orders of UTF-16 are one kind.
fn kind(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_16BE { UTF_16LE.name() } else { encoding.name() }
}

/// The encoding that the XML declaration at the start of `head` names.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.trim_ascii_start();
    let end = memmem::find(head, b"?>")?;
    let declaration = head.strip_prefix(b"<?xml")?.get(..end.saturating_sub(5))?;
    let after = &declaration[memmem::find(declaration, b"encoding")? + 8..];
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let close = value.iter().position(|byte| byte == quote)?;
    Encoding::for_label(&value[..close])
}

/// The first bytes of a file as text, whatever their encoding.
pub(super) fn head_text(head: &[u8]) -> String {
    encoding(head).encoding.decode(head).0.into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read_all(bytes: &[u8]) -> Vec<u8> {
        let mut input = bytes;
        let mut read = Vec::new();
        plain(&mut input).unwrap().read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn compression_is_taken_off() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"<a/>").unwrap();
        let member = gzip.finish().unwrap();
        assert_eq!(read_all(&member), b"<a/>");
        assert_eq!(read_all(&member.repeat(2)), b"<a/><a/>", "gzip files can be joined");
        assert_eq!(read_all(&zstd::encode_all(&b"<a/>"[..], 1).unwrap()), b"<a/>");
        assert_eq!(read_all(b"plain"), b"plain");
        assert_eq!(read_all(b""), b"");
    }

    #[test]
    fn encodings_are_told_from_marks_and_declarations() {
        let of = |head: &[u8]| encoding(head).encoding.name();
        assert_eq!(of(b"<?xml version='1.0' encoding='ISO-8859-1'?>"), "windows-1252");
        assert_eq!(of(b"<?xml version='1.0' encoding = \"Shift_JIS\" ?>"), "Shift_JIS");
        assert_eq!(of(b"<?xml version='1.0' encoding='UTF-16'?>"), "UTF-8");
        assert_eq!(of(b"<?xml version='1.0' encoding='klingon'?>"), "UTF-8");
        assert_eq!(of(b"<\0a\0"), "UTF-16LE");
        assert_eq!(of(b"\0<\0a"), "UTF-16BE");
        assert_eq!(of(b"\xef\xbb\xbf<a/>"), "UTF-8");
        assert_eq!(of(b""), "UTF-8");
    }

    #[test]
    fn a_mark_prevails_over_a_wrong_declaration() {
        let text = "<?xml version='1.0' encoding='UTF-8'?>";
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let told = encoding(&utf16);
        assert_eq!(told, Encoded { encoding: UTF_16LE, but_declared: Some(UTF_8) });
        assert_eq!(head_text(&utf16), text);
    }
}
