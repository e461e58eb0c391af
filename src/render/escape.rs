//! Foreign text into HTML, SVG, JSON inside scripts, and cells of markdown tables.
//!
//! The only place that knows which letters are dangerous where.

use serde::{Serialize, Serializer};

/// Markup that this room wrote itself, every foreign piece in it escaped.
///
/// Only charts and rows can make one, so that `| safe` in a template has a type behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Vouches for markup; whoever calls this has escaped what is foreign.
    pub(in crate::render) const fn vouched(markup: String) -> Self {
        Self(markup)
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Html {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Appends `text` to `out`, safe as HTML or XML text and as a quoted attribute value.
///
/// Letters that [XML 1.0](https://www.w3.org/TR/xml/#charsets) forbids become `U+FFFD`.
pub fn escape_into(out: &mut String, text: &str) {
    let mut rest = text;
    // Every byte that may need care begins a letter, so the text can be split before it.
    while let Some(at) = rest.bytes().position(|byte| CARE[usize::from(byte)]) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut letters = tail.chars();
        match letters.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') => out.push_str("&quot;"),
            Some('\'') => out.push_str("&#39;"),
            Some(letter @ '\u{80}'..='\u{fffd}') => out.push(letter),
            _ => out.push('\u{fffd}'),
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
}

/// `text`, safe as HTML or XML text and as a quoted attribute value.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    escape_into(&mut out, text);
    out
}

/// The bytes that begin a letter that may need care; `0xef` begins `U+FFFE` and `U+FFFF`.
const CARE: [bool; 256] = {
    let mut care = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        care[byte] = !matches!(byte, 0x09 | 0x0a | 0x0d);
        byte += 1;
    }
    care[b'&' as usize] = true;
    care[b'<' as usize] = true;
    care[b'>' as usize] = true;
    care[b'"' as usize] = true;
    care[b'\'' as usize] = true;
    care[0x7f] = true;
    care[0xef] = true;
    care
};

/// A value as JSON that can stand inside a `<script>` or a script file.
///
/// `<`, `>`, `&` and the line ends that [JavaScript](https://tc39.es/ecma262/#sec-line-terminators)
/// knows and JSON does not are written as `\u….`; JSON has these letters in strings only.
///
/// # Errors
/// Fails where the value cannot be written as JSON at all, such as a map with keys that are no text.
pub fn script_json<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// `text` as a cell of a [GitHub markdown table](https://github.github.com/gfm/#tables-extension-):
/// one line, and nothing in it is markup, a mention or a link.
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_foreign_opens_a_tag_or_leaves_a_script() {
        assert_eq!(escape("<a b='c'>&\"\0"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\u{fffd}");
        assert_eq!(escape("a\u{ff01}\u{ffff}é\t"), "a\u{ff01}\u{fffd}é\t");
        let json = script_json("</script><!--\u{2028}").expect("text is JSON");
        assert_eq!(json, r#""\u003c/script\u003e\u003c!--\u2028""#);
        assert_eq!(markdown_cell("a|b\n[x](http:y)"), r"a\|b \[x\]\(http&#58;y\)");
    }

    proptest! {
        #[test]
        fn escaped_text_has_no_markup(text: String) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let back: Result<String, _> = serde_json::from_str(&script_json(&text).expect("JSON"));
            prop_assert_eq!(back.expect("still JSON"), text);
        }
    }
}
