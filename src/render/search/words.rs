//! What a text is looked up by: its words, and its beginning.

/// How much of a title is looked up from its beginning, in characters.
const TITLE: usize = 24;
/// How long a word may be, in characters.
const WORD: usize = 32;

/// Tells the words of a text, in lower case; of joined words such as `TestTurnRelay` the parts, too.
pub(super) fn words(text: &str, mut tell: impl FnMut(&str)) {
    let mut buffer = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()) {
        tell(lower(word, &mut buffer));
        let mut start = 0;
        let mut before = ' ';
        for (at, c) in word.char_indices() {
            if c.is_uppercase() && before.is_lowercase() {
                tell(lower(&word[start..at], &mut buffer));
                start = at;
            }
            before = c;
        }
        if start > 0 {
            tell(lower(&word[start..], &mut buffer));
        }
    }
}

fn lower<'a>(word: &str, buffer: &'a mut String) -> &'a str {
    buffer.clear();
    // Nearly all words are plain, and letter by letter takes longer.
    if word.is_ascii() {
        buffer.push_str(&word[..word.len().min(WORD)]);
        buffer.make_ascii_lowercase();
    } else {
        buffer.extend(word.chars().flat_map(char::to_lowercase).take(WORD));
    }
    buffer
}

/// What a title is looked up by from its beginning.
pub(super) fn beginning(title: &str) -> String {
    let (mut all, mut buffer) = ("^".to_owned(), String::new());
    let mut left = TITLE;
    for word in title.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()) {
        if all.len() > 1 {
            all.push('_');
            left -= 1;
        }
        for c in lower(word, &mut buffer).chars().take(left) {
            all.push(c);
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    all.truncate(all.trim_end_matches('_').len());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_names_of_every_style() {
        let words = |text: &str| {
            let mut all = Vec::new();
            super::words(text, |it| all.push(it.to_owned()));
            all
        };
        assert_eq!(
            words("TestTurnRelay/not-allowed"),
            ["testturnrelay", "test", "turn", "relay", "not", "allowed"]
        );
        assert_eq!(words("Ärger mit räumen"), ["ärger", "mit", "räumen"]);
        assert_eq!(beginning("Ada joins: the room, late at night"), "^ada_joins_the_room_late");
        assert_eq!(beginning("Ada joins: the room, late, a"), "^ada_joins_the_room_late");
        assert_eq!(beginning("Ärger"), "^ärger");
        assert_eq!(beginning("…"), "^");
    }
}
