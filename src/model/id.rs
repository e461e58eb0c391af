//! Ids that stay the same across runs, machines and orders.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32 in lower case: no letter that reads as a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The id of a case: 64 bits of the BLAKE3 hash of its identity, written as 13 letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub u64);

impl CaseId {
    /// Hashes the parts of an identity; how they are split matters, so that `a` + `bc` ≠ `ab` + `c`.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        // One call on one buffer costs a third of feeding a hasher piece by piece.
        let mut bytes = Vec::with_capacity(256);
        parts.into_iter().for_each(|it| Self::add_part(&mut bytes, it));
        Self::of_hash(blake3::hash(&bytes))
    }

    /// The same of parts that stand in pieces, as [`CaseId::add_part`] puts them there.
    #[must_use]
    pub fn of_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        pieces.into_iter().for_each(|it| _ = hasher.update(it));
        Self::of_hash(hasher.finalize())
    }

    /// Adds a part of an identity to those before.
    pub fn add_part(piece: &mut Vec<u8>, part: &str) {
        piece.extend_from_slice(&(part.len() as u64).to_le_bytes());
        piece.extend_from_slice(part.as_bytes());
    }

    fn of_hash(hash: blake3::Hash) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_le_bytes(first))
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |place| ALPHABET[(self.0 >> (60 - 5 * place)) as usize & 31];
        let letters: [u8; 13] = std::array::from_fn(letter);
        f.pad(std::str::from_utf8(&letters).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CaseId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 13 {
            return Err("a case id has 13 letters");
        }
        text.bytes()
            .try_fold(0_u64, |id, byte| {
                let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
                id.checked_shl(5).map(|id| id | digit as u64)
            })
            .map(Self)
            .ok_or("a case id is written with 0-9 and a-z without i, l, o, u")
    }
}

impl Serialize for CaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The id of a run, safe as a file name and as a part of an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// The longest id that is taken as it is; file systems allow 255 bytes for a name with its ending.
    const LONGEST: usize = 120;

    /// Takes an id from outside; one that could be a path, or is too long, becomes a slug with a
    /// piece of the original's hash, so that different ids stay different.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
        let safe = !text.is_empty()
            && text.len() <= Self::LONGEST
            && text.chars().all(plain)
            && !text.starts_with(['.', '-']);
        if safe {
            return Self(text.to_owned());
        }
        let hash = CaseId::of([text]).to_string();
        let slug = slug(text);
        Self(if slug.is_empty() { format!("run-{hash}") } else { format!("{slug}-{hash}") })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A readable piece of an address: lower-case ASCII letters, digits and single dashes, at most 60.
///
/// Letters of other scripts are left out, so it may be empty and never identifies anything alone.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if slug.len() >= 60 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_ids_survive_their_text() {
        for id in [CaseId(0), CaseId(u64::MAX), CaseId::of(["a", "bc"])] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_ne!(CaseId::of(["a", "bc"]), CaseId::of(["ab", "c"]));
    }

    #[test]
    fn the_id_of_pieces_is_that_of_their_parts() {
        let mut pieces = [Vec::new(), Vec::new()];
        CaseId::add_part(&mut pieces[0], "a");
        CaseId::add_part(&mut pieces[1], "bc");
        CaseId::add_part(&mut pieces[1], "");
        assert_eq!(
            CaseId::of_pieces(pieces.iter().map(Vec::as_slice)),
            CaseId::of(["a", "bc", ""])
        );
    }

    #[test]
    fn run_ids_cannot_leave_their_folder() {
        for evil in ["../../etc/passwd", "..", "", "a/b", "-rf", &"x".repeat(500), "日本"] {
            let id = RunId::new(evil);
            assert!(!id.as_str().contains('/') && !id.as_str().starts_with('.'), "{id}");
            assert!(id.as_str().len() < 100, "{id}");
        }
        assert_eq!(RunId::new("gh-1_2.3").as_str(), "gh-1_2.3");
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(slug("Alice *joins* the Room!"), "alice-joins-the-room");
        assert_eq!(slug("日本"), "");
        assert!(slug(&"ab ".repeat(100)).len() <= 60);
    }
}
