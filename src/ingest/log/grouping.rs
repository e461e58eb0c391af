//! Which lines go on with the entry before them: stack traces, panics, pretty-printed JSON.

use memchr::memmem;

use super::head::Head;

/// What the entry that is being read lets follow.
#[derive(Debug, Default)]
pub(super) enum Open {
    /// Nothing but what is plainly a continuation.
    #[default]
    Nothing,
    /// Everything up to the next line with a head: a panic, a block of MinIO.
    Everything,
    /// Everything up to the line that ends a traceback of Python.
    Traceback,
    /// Everything up to the end of a key or certificate.
    Pem,
}

impl Open {
    /// Whether `line`, without prefixes and of head `head`, belongs to the entry before it.
    pub(super) fn takes(&mut self, line: &[u8], head: &Head) -> bool {
        let inside = matches!(self, Self::Everything | Self::Pem) && head.time.is_none();
        if head.begins && !inside {
            *self = Self::after(line);
            return false;
        }
        let taken = match self {
            Self::Everything | Self::Traceback | Self::Pem => true,
            Self::Nothing => is_continuation(line),
        };
        match self {
            Self::Pem if line.trim_ascii().starts_with(b"-----END") => *self = Self::Nothing,
            Self::Traceback if ends_traceback(line) => *self = Self::Nothing,
            Self::Nothing => *self = Self::after(line),
            _ => {}
        }
        taken
    }

    /// What `line` lets follow.
    fn after(line: &[u8]) -> Self {
        let has = |part: &[u8]| memmem::find(line, part).is_some();
        if has(b"-----BEGIN ") && !has(b"-----END ") {
            Self::Pem
        } else if line.starts_with(b"panic: ")
            || line.starts_with(b"fatal error: ")
            || line.starts_with(b"API: ")
            || has(b"panicked at")
        {
            Self::Everything
        } else if line.ends_with(b"Traceback (most recent call last):") {
            Self::Traceback
        } else {
            Self::Nothing
        }
    }
}

/// Whether a line without a head is the sequel of something.
pub(super) fn is_continuation(line: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"Caused by: ",
        b"Suppressed: ",
        b"... ",
        b"goroutine ",
        b"created by ",
        b"[signal ",
        b"exit status ",
        b"stack backtrace:",
        b"note: run with",
        b"Traceback (most recent call last):",
        b"During handling of",
        b"The above exception",
        b"DeploymentID: ",
        b"RequestID: ",
    ];
    let Some(first) = line.first() else { return true };
    first.is_ascii_whitespace()
        || matches!(line, b"}" | b"]" | b"})" | b"}," | b"])" | b"};")
        || STARTS.iter().any(|it| line.starts_with(it))
        || is_frame(line)
        || is_exception(line)
}

/// `github.com/livekit/livekit-server/pkg/config.(*Config).ValidateKeys`, as zap prints stacks.
fn is_frame(line: &[u8]) -> bool {
    let name = line.iter().position(|b| *b == b'(' && line.ends_with(b")")).unwrap_or(line.len());
    let plain =
        |b: &u8| b.is_ascii_alphanumeric() || b"_./()*-@[],{}~%$".contains(b) || !b.is_ascii();
    name > 0
        && line[..name].contains(&b'.')
        && line[..name].iter().all(plain)
        && !line.ends_with(b".")
        && (line.contains(&b'/')
            || line.contains(&b'(')
            || line.starts_with(b"main.")
            || line.starts_with(b"runtime."))
}

/// `java.lang.IllegalStateException: …`, `ValueError: …`.
fn is_exception(line: &[u8]) -> bool {
    let name = line
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$'))
        .count();
    let ends =
        [&b"Exception"[..], b"Error", b"Throwable"].iter().any(|it| line[..name].ends_with(it));
    ends && matches!(line.get(name), None | Some(b':'))
}

/// The line after the frames that names the exception.
fn ends_traceback(line: &[u8]) -> bool {
    line.first().is_some_and(|b| b.is_ascii_alphabetic()) && !line.starts_with(b"Traceback")
}
