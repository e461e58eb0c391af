//! The entry of a log that stands at a place: a line with all that goes on with it.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memrchr};

use super::{Clock, grouping::is_continuation, head::head, lines::MAX_LINE, prefix::strip};

/// An entry has at most this many lines on either side of the place that is asked for.
const MAX_LINES: usize = 200;

/// Whether a line begins an entry does not depend on the year.
const CLOCK: Clock = Clock::utc(2000);

/// The line at a place of a block, and what it says without what the runtime wrote before it.
#[must_use]
pub fn line_at(block: &[u8], at: usize) -> (Range<usize>, &[u8]) {
    let place = line_around(block, at);
    (place.clone(), strip(&block[place], &CLOCK).text)
}

/// The entry at a place of a block, and what it says without what the runtime wrote before each line.
#[must_use]
pub fn entry_at(block: &[u8], at: usize) -> (Range<usize>, Cow<'_, [u8]>) {
    let mut line = line_around(block, at);
    let mut end = line.end;
    for _ in 0..MAX_LINES {
        if line.start == 0 || !goes_on(&block[line.clone()]) {
            break;
        }
        line = line_around(block, line.start - 1);
    }
    for _ in 0..MAX_LINES {
        let Some(next) = (end < block.len()).then(|| line_around(block, end + 1)) else { break };
        if next.start >= block.len() || !goes_on(&block[next.clone()]) {
            break;
        }
        end = next.end;
    }
    let place = line.start..end;
    (place.clone(), bare(&block[place]))
}

/// The line around a place, without its end.
fn line_around(block: &[u8], at: usize) -> Range<usize> {
    let at = at.min(block.len());
    let start = memrchr(b'\n', &block[..at]).map_or(0, |it| it + 1);
    let end = memchr(b'\n', &block[at..]).map_or(block.len(), |it| at + it);
    start..end
}

/// Whether a line goes on with the one before it.
fn goes_on(line: &[u8]) -> bool {
    let text = strip(&line[..line.len().min(MAX_LINE)], &CLOCK).text;
    !head(text, &CLOCK).begins && is_continuation(text)
}

/// The lines without their prefixes.
fn bare(text: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = text.split(|b| *b == b'\n');
    if let (Some(only), None) = (lines.next(), lines.next()) {
        return Cow::Borrowed(strip(only, &CLOCK).text);
    }
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').map(|it| strip(it, &CLOCK).text).collect();
    Cow::Owned(lines.join(&b'\n'))
}
