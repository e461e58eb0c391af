//! What is wrong with a feature file.

use lkreport_contract::gherkin;

use super::Finding;

/// All errors of a feature file.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let errors = gherkin::parse(text).err().unwrap_or_default();
    let finding = |it: gherkin::SyntaxError| {
        let start = offset(text, it.place.line.into(), it.place.column.into());
        let line = text[start..].lines().next().unwrap_or_default();
        Finding { message: it.message, span: start..start + line.trim_end().len() }
    };
    errors.into_iter().map(finding).collect()
}

/// Where a place stands, in bytes; the end of the text for what is missing there.
pub(super) fn offset(text: &str, line: u64, column: u64) -> usize {
    // The reader takes no notice of a byte order mark.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut start = mark;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let within = text[start..].char_indices().nth(column);
    within.map_or(text.len(), |(at, _)| start + at)
}
