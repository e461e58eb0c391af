//! References to characters in XML text and attributes.

use std::borrow::Cow;

/// The character that a reference such as `lt`, `#10` or `#x1B` stands for.
///
/// References to characters that XML forbids are resolved too: producers use them for colours.
pub(super) fn character(name: &str) -> Option<char> {
    let number = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some(char::from_u32(code.ok()?).unwrap_or('\u{FFFD}'))
}

/// An attribute's value with its references resolved; unknown ones stay as they are written.
pub(super) fn resolve(value: &str) -> Cow<'_, str> {
    let Some(first) = value.find('&') else { return Cow::Borrowed(value) };
    let mut resolved = String::with_capacity(value.len());
    resolved.push_str(&value[..first]);
    let mut rest = &value[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let end = after.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&after[..end])?, end))) {
            Some((c, end)) => {
                resolved.push(c);
                rest = &after[end + 1..];
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
        let next = rest.find('&').unwrap_or(rest.len());
        resolved.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_attributes_are_resolved() {
        assert_eq!(resolve("a&#xA;b &amp;lt; &quot;"), "a\nb &lt; \"");
        assert_eq!(resolve("AT&T &nbsp; &"), "AT&T &nbsp; &");
        assert_eq!(
            resolve("&\u{20AC}\u{20AC}\u{20AC}\u{20AC}\u{20AC};"),
            "&\u{20AC}\u{20AC}\u{20AC}\u{20AC}\u{20AC};"
        );
    }
}
