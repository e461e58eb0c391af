//! Lines of bounded length.

use std::io::{BufRead, Read, Result};

/// A longer line is cut.
pub(in crate::ingest) const MAX_LINE: usize = 64 * 1024;

/// Reads one line into `line` without its end, cut at [`MAX_LINE`]; false at the end of the input.
pub(in crate::ingest) fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let read = input.take(MAX_LINE as u64).read_until(b'\n', line)?;
    match line.last() {
        Some(b'\n') => _ = line.pop(),
        _ if read == MAX_LINE => _ = input.skip_until(b'\n')?,
        _ => {}
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(read > 0)
}
