//! Secrets are masked before anything is stored: what the engine itself hands out is known to the
//! letter, everything else is known by its shape.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use lkreport_contract::mask::{Masked, Masker};

use crate::world::SECRET;

/// How much is masked at once.
const BLOCK: usize = 1 << 20;

/// A line without a single blank is cut when it is longer than this; nobody writes such a secret.
const LONGEST: usize = 16 * BLOCK;

/// A shorter word may stand anywhere without being the secret.
const SHORTEST: usize = 8;

/// What masks all that a run stores: the secret of its own servers, and these.
#[must_use]
pub fn masker<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Arc<Masker> {
    let known = secrets.into_iter().filter(|it| it.len() >= SHORTEST);
    let known = known.chain([SECRET]).map(|it| ("api-secret", regex::escape(it)));
    // An escaped text is an expression unless it is megabytes long.
    Arc::new(Masker::with(&known.collect::<Vec<_>>()).unwrap_or_default())
}

/// Text without secrets, copied block by block.
///
/// # Errors
///
/// When it cannot be read or written.
pub fn copy(masker: &Masker, from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut held = Vec::new();
    let mut wanted = BLOCK;
    loop {
        let missing = wanted.saturating_sub(held.len()) as u64;
        let is_end = (from.by_ref().take(missing).read_to_end(&mut held)? as u64) < missing;
        let cut = if is_end { Some(held.len()) } else { cut(&held) };
        match cut {
            Some(cut) => {
                let text = String::from_utf8_lossy(&held[..cut]);
                to.write_all(masker.mask(&text, &mut Masked::new()).as_bytes())?;
                held.drain(..cut);
                wanted = held.len() + BLOCK;
            }
            None => wanted += BLOCK,
        }
        if is_end {
            return to.flush();
        }
    }
}

/// Where no secret is cut in two: behind a line, else behind a blank, and never within a private key.
fn cut(held: &[u8]) -> Option<usize> {
    let behind = |is_end: fn(&u8) -> bool| held.iter().rposition(is_end).map(|it| it + 1);
    let too_long = (held.len() >= LONGEST).then_some(held.len());
    let cut = behind(|it| *it == b'\n').or_else(|| behind(u8::is_ascii_whitespace)).or(too_long)?;
    let find = |part: &[u8]| held[..cut].windows(part.len()).rposition(|it| it == part);
    match (find(b"-----BEGIN "), find(b"-----END ")) {
        (Some(begin), end) if end.is_none_or(|it| it < begin) && held.len() < LONGEST => {
            (begin > 0).then_some(begin)
        }
        _ => Some(cut),
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, copy, masker};

    const TOKEN: &str =
        "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";

    fn masked(text: &[u8]) -> String {
        let mut out = Vec::new();
        copy(&masker(["a-secret-of-theirs"]), &mut &*text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_known_and_what_has_the_shape_is_masked_and_no_line_is_lost() {
        let text = format!("one\nkey a-secret-of-theirs, {TOKEN}\nlast, without an end");
        let out = masked(text.as_bytes());
        assert!(!out.contains("a-secret-of-theirs") && !out.contains("eyJpc3Mi"), "{out}");
        assert_eq!(out.lines().count(), 3);
        assert!(out.ends_with("last, without an end"), "{out}");
    }

    #[test]
    fn a_secret_at_the_border_of_two_blocks_is_masked() {
        for fill in [b'\n', b' ', b'x'] {
            for before in [1, 30, 60, TOKEN.len() - 1] {
                let mut text = vec![fill; BLOCK - before];
                text.pop();
                text.push(b' ');
                text.extend(TOKEN.as_bytes());
                text.extend([b' ', fill]);
                let out = masked(&text);
                assert!(!out.contains("eyJ") && !out.contains("c2lnbmF0"), "{before} before");
                assert!(out.len() > BLOCK - before, "nothing else is lost");
            }
        }
    }

    #[test]
    fn a_private_key_over_two_blocks_is_masked() {
        let key = format!(
            "-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n",
            "QUJDREVGR0hJSktM\n".repeat(100)
        );
        let text = format!("{}{key}after\n", "y".repeat(BLOCK - 500) + "\n");
        let out = masked(text.as_bytes());
        assert!(!out.contains("QUJDREVG"), "{}", &out[BLOCK - 600..]);
        assert!(out.ends_with("after\n"));
    }
}
