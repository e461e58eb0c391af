//! JSON pulled from a stream piece by piece, so that neither a file, a feature nor a scenario is ever held whole.
//!
//! What can be understood is: bytes that are not UTF-8, bare line breaks in strings, and strings too
//! long to be held are noted as oddities, and reading goes on. Anything else ends the reading.
//!
//! Invariant: it knows nothing of Cucumber, and holds one string of at most [`LONGEST`] bytes.

use std::io::{BufRead, ErrorKind};

use thiserror::Error;

/// The longest string that is held, in bytes; more is cut off.
pub(super) const LONGEST: usize = 16 << 20;
/// How deeply arrays and objects may be nested.
const DEEPEST: u32 = 128;
/// How many oddities are noted before the rest pass in silence.
const MOST_ODDITIES: usize = 20;

/// Why reading cannot go on.
#[derive(Debug, Error)]
pub(super) enum Damage {
    /// The input ends within a value.
    #[error("the JSON ends before it is complete")]
    Cut,
    /// A byte that no JSON has at this place.
    #[error("not JSON: expected {0}")]
    Syntax(&'static str),
    /// More levels than [`DEEPEST`].
    #[error("nested more than {DEEPEST} levels deep")]
    Deep,
    /// The bytes themselves could not be read.
    #[error("unreadable: {0}")]
    Io(#[from] std::io::Error),
}

pub(super) type Result<T> = std::result::Result<T, Damage>;

/// A JSON text of which the values are taken in order.
pub(super) struct Json<'a> {
    input: &'a mut dyn BufRead,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    depth: u32,
    /// The line reached, from 1.
    pub(super) line: u64,
    /// What was put up with, and in which line.
    pub(super) oddities: Vec<(u64, &'static str)>,
    /// How many strings were cut off.
    pub(super) cuts: u32,
}

impl<'a> Json<'a> {
    pub(super) fn new(input: &'a mut dyn BufRead) -> Self {
        Self {
            input,
            buffer: vec![0; 64 << 10].into_boxed_slice(),
            at: 0,
            end: 0,
            depth: 0,
            line: 1,
            oddities: Vec::new(),
            cuts: 0,
        }
    }

    /// Passes each item of an array to `item`, which must take it; a lone value counts as one item,
    /// and `null` as none.
    pub(super) fn each(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        match self.peek()? {
            b'[' => self.open()?,
            b'n' => return self.skip(),
            _ => return item(self),
        }
        if self.peek()? == b']' {
            return self.close();
        }
        loop {
            item(self)?;
            if !self.goes_on(b']', "`,` or `]`")? {
                return self.close();
            }
        }
    }

    /// Passes each field of an object to `field`, which must take its value; says whether it is an object.
    pub(super) fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<bool> {
        if self.peek()? != b'{' {
            self.skip()?;
            return Ok(false);
        }
        self.open()?;
        let mut key = Vec::new();
        let mut goes_on = self.peek()? != b'}';
        while goes_on {
            if self.peek()? != b'"' {
                return Err(Damage::Syntax("a key in quotes"));
            }
            key.clear();
            self.string(&mut key, 1 << 10)?;
            if self.peek()? != b':' {
                return Err(Damage::Syntax("`:`"));
            }
            self.at += 1;
            field(self, std::str::from_utf8(&key).unwrap_or_default())?;
            goes_on = self.goes_on(b'}', "`,` or `}`")?;
        }
        self.close()?;
        Ok(true)
    }

    /// Takes a value as text: strings and numbers as they are, the items of an array as lines, and
    /// nothing of objects and `null`.
    pub(super) fn text(&mut self) -> Result<String> {
        match self.peek()? {
            b'"' => {
                let mut bytes = Vec::new();
                self.string(&mut bytes, LONGEST)?;
                Ok(self.utf8(bytes))
            }
            b'[' => {
                let mut lines = String::new();
                self.each(|json| {
                    let line = json.text()?;
                    if lines.len() + line.len() < LONGEST {
                        lines.push_str(if lines.is_empty() { "" } else { "\n" });
                        lines.push_str(&line);
                    }
                    Ok(())
                })?;
                Ok(lines)
            }
            b'{' => self.skip().map(|()| String::new()),
            _ => self.literal().map(|it| if it == "null" { String::new() } else { it }),
        }
    }

    /// Takes a value that should be a number, also where it stands in quotes.
    pub(super) fn number(&mut self) -> Result<Option<f64>> {
        Ok(self.text()?.trim().parse().ok().filter(|it: &f64| it.is_finite()))
    }

    /// Takes a value and forgets it.
    pub(super) fn skip(&mut self) -> Result<()> {
        match self.peek()? {
            b'"' => self.string(&mut Vec::new(), 0),
            b'[' => self.each(Self::skip),
            b'{' => self.fields(|json, _| json.skip()).map(drop),
            _ => self.literal().map(drop),
        }
    }

    /// The first byte of the next value or mark, without taking it.
    pub(super) fn peek(&mut self) -> Result<u8> {
        self.peek_or_end()?.ok_or(Damage::Cut)
    }

    /// The first byte of what follows, if anything does.
    pub(super) fn peek_or_end(&mut self) -> Result<Option<u8>> {
        while let Some(byte) = self.raw()? {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => return Ok(Some(byte)),
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// Passes over a byte order mark.
    pub(super) fn skip_mark(&mut self) -> Result<()> {
        for byte in [0xef, 0xbb, 0xbf] {
            if self.raw()? == Some(byte) {
                self.at += 1;
            }
        }
        Ok(())
    }

    fn open(&mut self) -> Result<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST { Err(Damage::Deep) } else { Ok(()) }
    }

    fn close(&mut self) -> Result<()> {
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// Takes the comma between two items, or says that `end` stands here.
    fn goes_on(&mut self, end: u8, expected: &'static str) -> Result<bool> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                let goes_on = self.peek()? != end;
                if !goes_on {
                    self.odd("a comma stands after the last item");
                }
                Ok(goes_on)
            }
            byte if byte == end => Ok(false),
            _ => Err(Damage::Syntax(expected)),
        }
    }

    /// Takes a number, `true`, `false` or `null`.
    fn literal(&mut self) -> Result<String> {
        let mut text = String::new();
        while let Some(byte @ (b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'E')) =
            self.raw()?
        {
            self.at += 1;
            if text.len() >= 400 {
                return Err(Damage::Syntax("a value"));
            }
            text.push(char::from(byte));
        }
        let known = matches!(text.as_str(), "true" | "false" | "null");
        let is_number =
            || text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        match known || (is_number() && text.parse::<f64>().is_ok()) {
            true => Ok(text),
            // A number cut by the end of the file is no syntax error of its producer.
            false if self.raw()?.is_none() => Err(Damage::Cut),
            false => Err(Damage::Syntax("a value")),
        }
    }

    /// Takes a string and appends its first `limit` bytes to `out`.
    fn string(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<()> {
        self.at += 1;
        let mut is_cut = false;
        loop {
            self.raw()?.ok_or(Damage::Cut)?;
            let rest = &self.buffer[self.at..self.end];
            let plain = memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
            let room = limit.saturating_sub(out.len());
            out.extend_from_slice(&rest[..plain.min(room)]);
            is_cut |= plain > room;
            self.at += plain;
            match self.raw()?.ok_or(Damage::Cut)? {
                b'"' => break,
                b'\\' => {
                    self.escape(out)?;
                    is_cut |= out.len() > limit;
                    out.truncate(limit);
                }
                b'\n' => {
                    self.odd("a string holds a bare line break");
                    self.line += 1;
                    out.push(b'\n');
                }
                _ => continue,
            }
            self.at += 1;
        }
        self.at += 1;
        if is_cut && limit == LONGEST {
            self.cuts += 1;
            self.odd("a string longer than 16 MiB was cut off");
        }
        out.truncate(limit);
        Ok(())
    }

    /// Takes an escape up to its last byte, and appends what it means.
    fn escape(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.at += 1;
        let byte = match self.raw()?.ok_or(Damage::Cut)? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let letter = self.escaped_letter()?;
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(Damage::Syntax("an escape such as `\\n`")),
        };
        out.push(byte);
        Ok(())
    }

    /// The letter of `\uXXXX`, or of the two of these that make one letter.
    fn escaped_letter(&mut self) -> Result<char> {
        const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(REPLACEMENT));
        }
        // The second half may stand in the next buffer, so only two bytes are looked at together.
        if self.ahead(1)? != Some(b'\\') || self.ahead(2)? != Some(b'u') {
            return Ok(REPLACEMENT);
        }
        self.at += 2;
        let second = self.hex()?;
        let code = 0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00);
        let is_pair = (0xdc00..0xe000).contains(&second);
        Ok(char::from_u32(code).filter(|_| is_pair).unwrap_or(REPLACEMENT))
    }

    /// Takes the four digits after the byte reached, up to the last.
    fn hex(&mut self) -> Result<u32> {
        let mut code = 0;
        for _ in 0..4 {
            self.at += 1;
            let digit = char::from(self.raw()?.ok_or(Damage::Cut)?).to_digit(16);
            code = code * 16 + digit.ok_or(Damage::Syntax("four hexadecimal digits"))?;
        }
        Ok(code)
    }

    /// The byte `n` places after the one reached.
    fn ahead(&mut self, n: usize) -> Result<Option<u8>> {
        if self.at + n >= self.end {
            self.buffer.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
            while n >= self.end {
                match fill(self.input, &mut self.buffer[self.end..])? {
                    0 => return Ok(None),
                    more => self.end += more,
                }
            }
        }
        Ok(Some(self.buffer[self.at + n]))
    }

    /// The byte reached.
    #[inline]
    fn raw(&mut self) -> Result<Option<u8>> {
        if self.at < self.end {
            return Ok(Some(self.buffer[self.at]));
        }
        self.at = 0;
        self.end = fill(self.input, &mut self.buffer)?;
        Ok(self.buffer[..self.end].get(self.at).copied())
    }

    fn utf8(&mut self, bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_else(|broken| {
            self.odd("a string is not UTF-8");
            String::from_utf8_lossy(broken.as_bytes()).into_owned()
        })
    }

    fn odd(&mut self, what: &'static str) {
        let is_news = self.oddities.last() != Some(&(self.line, what));
        if is_news && self.oddities.len() < MOST_ODDITIES {
            self.oddities.push((self.line, what));
        }
    }
}

fn fill(input: &mut dyn BufRead, buffer: &mut [u8]) -> Result<usize> {
    loop {
        match input.read(buffer) {
            Err(interrupted) if interrupted.kind() == ErrorKind::Interrupted => {}
            other => return Ok(other?),
        }
    }
}

#[cfg(test)]
mod tests;
