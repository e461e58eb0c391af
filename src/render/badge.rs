//! Badges: a small flat SVG, and the JSON that shields.io draws one from.
//!
//! What a badge says is decided elsewhere; here it is drawn.

use serde::Serialize;

use super::escape::escape;

/// How a badge looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Passing,
    /// Something failed, and known issues explain all of it.
    Known,
    /// Something failed.
    Failing,
    /// The last test is long ago.
    Aged,
    /// There is nothing to say.
    NoData,
}

impl Tone {
    /// White text on it has a contrast of at least 4.5:1.
    const fn colour(self) -> &'static str {
        match self {
            Self::Passing => "#1a7f37",
            Self::Known => "#6639ba",
            Self::Failing => "#cf222e",
            Self::Aged | Self::NoData => "#6b6b6b",
        }
    }
}

/// A badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// What it is about: `livekit 1.13.5`.
    pub label: String,
    /// What it says: `191 passed, 3 failed`.
    pub message: String,
    /// How it looks.
    pub tone: Tone,
}

/// A badge for [shields.io](https://shields.io/badges/endpoint-badge).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    is_error: bool,
    cache_seconds: u32,
}

/// How long others may keep a badge, in seconds; shields.io takes no less.
const CACHE_SECONDS: u32 = 300;

impl Badge {
    /// The badge as SVG, 20 pixels high.
    #[must_use]
    pub fn svg(&self) -> String {
        let (label, message) = (escape(&self.label), escape(&self.message));
        let (left, right) = (width(&self.label) + 10, width(&self.message) + 10);
        let (all, colour) = (left + right, self.tone.colour());
        let (left_middle, right_middle) = (f64::from(left) / 2.0, f64::from(right) / 2.0);
        let right_middle = f64::from(left) + right_middle;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" \
             aria-label=\"{label}: {message}\"><title>{label}: {message}</title>\
             <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\
             <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#444\"/>\
             <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/></g>\
             <g fill=\"#fff\" text-anchor=\"middle\" font-size=\"11\" \
             font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\">\
             <text x=\"{left_middle}\" y=\"14\" textLength=\"{}\">{label}</text>\
             <text x=\"{right_middle}\" y=\"14\" textLength=\"{}\">{message}</text></g></svg>\n",
            left - 10,
            right - 10,
        )
    }

    /// The badge as JSON for shields.io.
    #[must_use]
    pub fn json(&self) -> String {
        let endpoint = Endpoint {
            schema_version: 1,
            label: &self.label,
            message: &self.message,
            color: self.tone.colour(),
            is_error: self.tone == Tone::Failing,
            cache_seconds: CACHE_SECONDS,
        };
        let json = serde_json::to_string(&endpoint).expect("texts and numbers are JSON");
        json + "\n"
    }
}

/// The width of `text` in pixels in Verdana at 11 pixels, from the font's own advance widths.
///
/// Letters beyond ASCII count as wide ones; `textLength` makes the text fit all the same.
fn width(text: &str) -> u32 {
    let tenths: u32 = text.chars().map(advance).sum();
    tenths.div_ceil(10)
}

/// Tenths of a pixel.
const fn advance(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' => 30,
        '.' | ',' | ':' | ';' | ' ' | '\u{a0}' | 'f' | 't' | 'I' | '!' => 42,
        '-' | '(' | ')' | '[' | ']' | '/' | '\\' | 'r' | '"' | 'J' => 50,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | '?' | '_' => 60,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 107,
        'A'..='H' | 'K' | 'L' | 'N'..='V' | 'X'..='Z' | '+' | '=' | '<' | '>' | '#' | '~' => 80,
        '\0'..='\x7f' => 69,
        _ => 110,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_says_the_same_twice() {
        let badge = Badge {
            label: "livekit <1.13.5>".into(),
            message: "191 passed, 3 failed".into(),
            tone: Tone::Failing,
        };
        let svg = badge.svg();
        assert!(
            svg.contains("<title>livekit &lt;1.13.5&gt;: 191 passed, 3 failed</title>"),
            "{svg}"
        );
        assert!(!svg.contains("style"), "{svg}");
        assert_eq!(
            badge.json(),
            "{\"schemaVersion\":1,\"label\":\"livekit <1.13.5>\",\"message\":\"191 passed, 3 \
             failed\",\"color\":\"#cf222e\",\"isError\":true,\"cacheSeconds\":300}\n"
        );
    }
}
