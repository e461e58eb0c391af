//! A text of any length as an excerpt of bounded length: its head, its end, and what tells between.

use super::telling::{TELLING, score};

/// The bytes that the mark of what was left out may take.
const MARK: usize = 64;

/// Takes in a text piece by piece and never holds much more than the limit.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    limit: usize,
    head: String,
    telling: String,
    tail: String,
    left_out: usize,
}

impl Excerpt {
    /// An excerpt of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Takes in the next piece.
    pub(super) fn push(&mut self, piece: &str) {
        let room = self.head_room().saturating_sub(self.head.len());
        let is_head = self.tail.is_empty() && self.left_out == 0;
        let cut = if is_head { floor(piece, room) } else { 0 };
        self.head.push_str(&piece[..cut]);
        self.tail.push_str(&piece[cut..]);
        if self.tail.len() > 2 * self.limit {
            self.forget(self.limit);
        }
    }

    /// The excerpt; the same text where it fits.
    pub(super) fn finish(mut self) -> String {
        if self.left_out == 0 && self.head.len() + self.tail.len() <= self.limit {
            self.head.push_str(&self.tail);
            return self.head;
        }
        if self.limit < 4 * MARK {
            return self.short();
        }
        let end = before_white_space(&self.head);
        self.left_out += self.head.len() - end;
        self.head.truncate(end);
        // The telling lines and the tail share what the head leaves.
        let room = (self.limit - self.head.len()).saturating_sub(2 * MARK);
        self.forget(room / 2);
        self.telling.truncate(floor(&self.telling, room / 2));
        let mut text = self.head;
        text.push_str(&mark(self.left_out));
        if !self.telling.is_empty() {
            text.push_str(self.telling.trim_end_matches('\n'));
            text.push_str("\n…\n");
        }
        text.push_str(&self.tail);
        text
    }

    const fn head_room(&self) -> usize {
        self.limit / 4
    }

    /// Leaves out the front of the tail so that `keep` bytes stay, but for lines that tell.
    fn forget(&mut self, keep: usize) {
        let surplus = self.tail.len().saturating_sub(keep);
        let cut = after_white_space(&self.tail, surplus, keep / 4);
        let (front, _) = self.tail.split_at(cut);
        for line in front.lines().filter(|line| score(line) >= TELLING) {
            if self.telling.len() > self.limit / 4 {
                break;
            }
            self.telling.push_str(&line[..floor(line, 500)]);
            self.telling.push('\n');
        }
        self.left_out += cut;
        self.tail.drain(..cut);
    }

    /// A few words with an ellipsis, where there is no room for more.
    fn short(mut self) -> String {
        self.head.push_str(&self.tail);
        let end = floor(&self.head, self.limit.saturating_sub('…'.len_utf8()));
        self.head.truncate(end);
        self.head.push('…');
        self.head
    }
}

/// The end of a text: at least nearly `keep` bytes of it, at most twice as many.
#[derive(Debug, Default)]
pub(super) struct Tail {
    text: String,
}

impl Tail {
    /// Takes in the next piece and forgets what stands more than 2 × `keep` bytes before its end.
    pub(super) fn push(&mut self, piece: &str, keep: usize) {
        let useful = after_white_space(piece, piece.len().saturating_sub(2 * keep), keep);
        if useful > 0 {
            self.text.clear();
        }
        self.text.push_str(&piece[useful..]);
        if self.text.len() > 2 * keep {
            let cut = after_white_space(&self.text, self.text.len() - 3 * keep / 2, keep / 2);
            self.text.drain(..cut);
        }
    }

    /// What is held.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }
}

/// `… 27,312 bytes left out …` in a line of its own.
fn mark(bytes: usize) -> String {
    format!("\n… {} bytes left out …\n", grouped(bytes))
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The greatest boundary of characters that is not behind `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

/// The first place from `at` on that stands behind white space, so that no secret loses the part
/// by which it is known; where there is none `near` by, the next boundary of characters.
fn after_white_space(text: &str, at: usize, near: usize) -> usize {
    if at == 0 {
        return 0;
    }
    let at = text.ceil_char_boundary(at);
    let near = &text[at..floor(text, at + near.min(4096))];
    if let Some(line) = near.find('\n') {
        return at + line + 1;
    }
    near.find(char::is_whitespace).map_or(at, |space| {
        let width = near[space..].chars().next().map_or(1, char::len_utf8);
        at + space + width
    })
}

/// The place of the last line's end, or else of the last white space, in the second half of `text`.
fn before_white_space(text: &str) -> usize {
    let near = text.ceil_char_boundary(text.len().saturating_sub(4096).max(text.len() / 2));
    let end = text[near..].rfind('\n').or_else(|| text[near..].rfind(char::is_whitespace));
    end.map_or(text.len(), |end| near + end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excerpt(text: &str, limit: usize) -> String {
        let mut excerpt = Excerpt::new(limit);
        excerpt.push(text);
        excerpt.finish()
    }

    #[test]
    fn what_tells_is_kept() {
        let noise = "2026-11-21T10:24:06.623Z INFO nothing of note\n".repeat(700);
        let text =
            format!("=== RUN TestA\n{noise}    a.go:160: expected a\n{noise}--- FAIL: TestA\n");
        let short = excerpt(&text, 4000);
        assert!(short.len() <= 4000);
        assert!(short.starts_with("=== RUN TestA\n") && short.ends_with("--- FAIL: TestA\n"));
        assert!(short.contains(" bytes left out …\n    a.go:160: expected a\n…\n"), "{short}");
    }

    #[test]
    fn short_texts_stay_as_they_are() {
        assert_eq!(excerpt("abc", 3), "abc");
        assert_eq!(excerpt("abcdefg", 6), "abc…");
        assert_eq!(excerpt("", 4000), "");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            ["7", "512", "27,312", "1,000,000"].map(str::to_owned),
            [7, 512, 27_312, 1_000_000].map(grouped)
        );
    }

    proptest! {
        #[test]
        fn excerpts_keep_their_limit(pieces in prop::collection::vec("(\\PC{0,40}[ \n]?){0,20}", 0..20), limit in 0_usize..2000) {
            let mut excerpt = Excerpt::new(limit);
            let mut tail = Tail::default();
            for piece in &pieces {
                excerpt.push(piece);
                tail.push(piece, 100);
            }
            let whole = pieces.concat();
            prop_assert!(whole.ends_with(tail.as_str()));
            prop_assert!(tail.as_str().len() <= 200 && (tail.as_str().len() > 90 || tail.as_str() == whole));
            let short = excerpt.finish();
            prop_assert!(short.len() <= limit.max('…'.len_utf8()));
            prop_assert!(whole.len() > limit || short == whole);
        }
    }
}
