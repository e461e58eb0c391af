//! The index that `/search/` looks things up in: scripts, of which a query loads a few.
//!
//! Entries are numbered in the order of their worth, so that the first hits of a word are the best; a script
//! of them is named by the number of its first, and `index.js` lists those.
//! Words stand sorted in blocks, whose first words `index.js` lists; the hits of a word with many stand in
//! a script beside those of its neighbours: `@3.5` is the sixth list of the fourth of these scripts. What
//! too many words begin with is looked up as a word that ends in `*`. A word that begins with `^` is the
//! beginning of a title, one that begins with `=` a kind.
//!
//! Invariant: no look-up loads more than `SPAN` bytes of blocks and hits for a word, but for what stands
//! beside them in the first and the last script of each, and one list that has at most a bit for each entry.

mod words;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use rayon::prelude::*;
use serde::Serialize;

use self::words::{beginning, words};
use super::{escape::script_json, mark::Mark};

/// How many bytes of entries a script holds, so that it fits four blocks of a disk.
const ENTRIES: usize = 16_000;
/// How many entries are looked through at a time, so that threads share the work.
const PART: usize = 4_096;
/// How many bytes of words a block holds, about.
const BLOCK: usize = 8_000;
/// Hits that take more than this stand in scripts of hits.
const INLINE: usize = 256;
/// How many bytes of hits a script holds, about.
const HITS: usize = 8_000;
/// What words with one beginning may weigh together before they are looked up as one.
const SPAN: usize = 32_000;
/// How long titles and contexts may be, in characters.
const LONGEST: usize = 120;
/// How many words of an entry are indexed.
const WORDS: usize = 40;

/// What a search may find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry<'a> {
    /// How much it matters: what fails first.
    pub worth: Worth,
    /// What it is.
    pub kind: Kind,
    /// Where it stands. What stands together follows each other, so that a script says it once.
    pub context: Arc<str>,
    /// What it is called.
    pub title: Cow<'a, str>,
    /// Its page, from the root of the site.
    pub href: String,
    /// How it is coloured.
    pub mark: Option<Mark>,
}

/// How much an entry matters; the least comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth {
    /// 0 for what fails, 1 for what people ask for by name, 2 for what is not as it should be, 3 for all else.
    pub rank: u8,
    /// How many runs are newer than the one that it was last seen in.
    pub age: usize,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Failures that are one failure but for names and numbers.
    Family,
    /// What a failure says.
    Failure,
    /// A known issue.
    Issue,
    /// A scenario.
    Scenario,
    /// A feature.
    Feature,
    /// What makers say of a version.
    Release,
    /// A line of a log that stands in the time of a failure.
    Log,
}

impl Kind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Failure,
        Self::Family,
        Self::Issue,
        Self::Scenario,
        Self::Feature,
        Self::Release,
        Self::Log,
    ];

    /// The word for people; it is also looked up, so it is one.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Issue => "issue",
            Self::Failure => "failure",
            Self::Scenario => "scenario",
            Self::Feature => "feature",
            Self::Release => "release",
            Self::Log => "log",
        }
    }
}

/// Makes the scripts of the index, and hands each over with its name below the root of the site; several
/// at a time.
///
/// # Errors
///
/// The first that handing over met.
pub fn index<E: Send>(
    mut entries: Vec<Entry<'_>>,
    write: impl Fn(&str, &str) -> Result<(), E> + Sync,
) -> Result<(), E> {
    entries.par_sort_unstable();
    entries.dedup();
    let starts: Result<Vec<Vec<usize>>, E> = (entries.par_chunks(PART).enumerate())
        .map(|(n, part)| tell(part, n * PART, &write))
        .collect();
    let starts = starts?.concat();
    let Words { lines, large } = Words::of(&entries);
    large.par_iter().enumerate().try_for_each(|(n, hits)| {
        write(&format!("search/hits/{n}.js"), &format!("lkHits({n},{hits:?})\n"))
    })?;
    let blocks = blocks(&lines);
    blocks.par_iter().enumerate().try_for_each(|(n, block)| {
        let lines: Vec<String> =
            block.iter().map(|(word, hits)| format!("{word} {hits}")).collect();
        let text = script_json(&lines.join("\n")).unwrap_or_default();
        write(&format!("search/words/{n}.js"), &format!("lkWords({n},{text})\n"))
    })?;
    let firsts: Vec<&str> = blocks.iter().map(|it| &*it[0].0).collect();
    let head = serde_json::json!({"n": entries.len(), "starts": starts, "blocks": firsts});
    let head = script_json(&head).unwrap_or_default();
    write("search/index.js", &format!("lkIndex({head})\n"))
}

/// Makes the scripts of these entries, the first of which has the number `n`; returns the number of the
/// first in each, which is its name.
///
/// Each tells kind, class, word, context, page, title and anchor of its entries, but for those at the
/// beginning that are as in the entry before.
fn tell<E>(
    entries: &[Entry<'_>],
    mut n: usize,
    write: &impl Fn(&str, &str) -> Result<(), E>,
) -> Result<Vec<usize>, E> {
    let mut starts = Vec::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let mut script = format!("lkEntries({n},[");
        let mut before = <[Cow<'_, str>; 7]>::default();
        let mut count = 0;
        for entry in rest {
            let now = fields(entry);
            let same = now.iter().zip(&before).take_while(|(now, before)| now == before).count();
            let row = script_json(&now[same.min(6)..]).unwrap_or_default();
            if count > 0 && script.len() + row.len() > ENTRIES {
                break;
            }
            if count > 0 {
                script.push(',');
            }
            script.push_str(&row);
            before = now;
            count += 1;
        }
        script.push_str("])\n");
        write(&format!("search/entries/{n}.js"), &script)?;
        starts.push(n);
        n += count;
        rest = &rest[count..];
    }
    Ok(starts)
}

fn fields<'a>(entry: &'a Entry<'_>) -> [Cow<'a, str>; 7] {
    let (page, anchor) = entry.href.split_at(entry.href.find('#').unwrap_or(entry.href.len()));
    let (class, word) = entry.mark.map_or(("", ""), |it| (it.class(), it.word()));
    let (context, title) = (short(&entry.context), short(&entry.title));
    let [kind, class, word] = [entry.kind.word(), class, word].map(Cow::from);
    [kind, class, word, context, page.into(), title, anchor.into()]
}

fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()).into(),
        None => text.into(),
    }
}

/// The numbers of entries by what they are found by; the first of them has the number `first`.
fn hits(entries: &[Entry<'_>], first: usize) -> Hits {
    let mut hits = Hits::default();
    for (n, entry) in (first..).zip(entries) {
        let n = u32::try_from(n).expect("fewer entries than fit the memory");
        let mut add = |key: &str| match hits.get_mut(key) {
            // An entry has many a word twice.
            Some(all) if all.last() == Some(&n) => {}
            Some(all) => all.push(n),
            None => _ = hits.insert(key.to_owned(), vec![n]),
        };
        let mut left = WORDS;
        for text in [&*entry.title, &*entry.context] {
            words(text, |word| {
                if left > 0 {
                    left -= 1;
                    add(word);
                }
            });
        }
        add(&beginning(&entry.title));
        add(&format!("={}", entry.kind.word()));
    }
    hits
}

/// The numbers of entries by what they are found by, each in its order.
type Hits = HashMap<String, Vec<u32>>;

/// Words with their hits.
struct Words {
    /// Each word with its hits, or with `@` and the place of the list that holds them.
    lines: Vec<(String, String)>,
    /// The hits that stand in scripts, by script.
    large: Vec<Vec<String>>,
}

impl Words {
    fn of(entries: &[Entry<'_>]) -> Self {
        let parts: Vec<Hits> =
            entries.par_chunks(PART).enumerate().map(|(n, it)| hits(it, n * PART)).collect();
        let mut hits = Hits::default();
        for (word, more) in parts.into_iter().flatten() {
            hits.entry(word).or_default().extend(more);
        }
        let mut sorted: Vec<(String, Vec<u32>)> = hits.into_iter().collect();
        sorted.par_sort_unstable();
        let encoded: Vec<String> =
            sorted.par_iter().map(|(_, hits)| encoded(hits, entries.len())).collect();
        let mut common = Vec::new();
        common_beginnings(&sorted, &encoded, 3, &mut common);
        let united = common.into_par_iter().map(|(word, range)| {
            let mut hits: Vec<u32> = sorted[range].iter().flat_map(|it| it.1.clone()).collect();
            hits.sort_unstable();
            hits.dedup();
            (format!("{word}*"), self::encoded(&hits, entries.len()))
        });
        let united: Vec<(String, String)> = united.collect();
        let words = sorted.iter().map(|it| it.0.clone()).zip(encoded);
        let mut lines: Vec<(String, String)> = words.chain(united).collect();
        lines.par_sort_unstable();
        let (mut large, mut room): (Vec<Vec<String>>, usize) = (Vec::new(), 0);
        for (_, hits) in lines.iter_mut().filter(|it| it.1.len() > INLINE) {
            if hits.len() > room {
                large.push(Vec::new());
                room = HITS;
            }
            room = room.saturating_sub(hits.len());
            let n = large.len() - 1;
            let place = format!("@{n}.{}", large[n].len());
            large[n].push(std::mem::replace(hits, place));
        }
        Self { lines, large }
    }
}

/// Finds what too many words begin with: words that share `letters` letters and weigh too much.
fn common_beginnings(
    sorted: &[(String, Vec<u32>)],
    encoded: &[String],
    letters: usize,
    found: &mut Vec<(String, std::ops::Range<usize>)>,
) {
    let mut open = vec![(0..sorted.len(), letters)];
    while let Some((range, letters)) = open.pop() {
        let mut at = range.start;
        while at < range.end {
            let Some(head) = beginning_of(&sorted[at].0, letters) else {
                at += 1;
                continue;
            };
            let n = sorted[at..range.end].partition_point(|it| it.0.starts_with(head));
            let group = at..at + n;
            let weight: usize =
                group.clone().map(|it| sorted[it].0.len() + encoded[it].len() + 2).sum();
            if n > 1 && weight > SPAN {
                found.push((head.to_owned(), group.clone()));
                open.push((group.clone(), letters + 1));
            }
            at = group.end;
        }
    }
}

fn beginning_of(word: &str, letters: usize) -> Option<&str> {
    let end = word.char_indices().nth(letters - 1).map(|(at, c)| at + c.len_utf8())?;
    Some(&word[..end])
}

/// Hits as their distances in base 36, or as one bit for each entry where that is shorter.
fn encoded(hits: &[u32], of: usize) -> String {
    let mut text = String::new();
    let mut before = 0;
    for hit in hits {
        let bits = of.div_ceil(6) + 2;
        if text.len() > bits {
            return bitmap(hits, of);
        }
        if !text.is_empty() {
            text.push('.');
        }
        base36(&mut text, hit - before);
        before = *hit;
    }
    text
}

fn base36(text: &mut String, n: u32) {
    let digits = std::iter::successors(Some(n), |n| (*n >= 36).then_some(n / 36));
    let digits: Vec<u32> = digits.collect();
    text.extend(digits.iter().rev().filter_map(|it| char::from_digit(it % 36, 36)));
}

fn bitmap(hits: &[u32], of: usize) -> String {
    let mut bytes = vec![0_u8; of.div_ceil(8)];
    for hit in hits {
        bytes[*hit as usize / 8] |= 1 << (hit % 8);
    }
    format!("!{}", BASE64.encode(bytes))
}

/// The lines in blocks, none empty.
fn blocks(lines: &[(String, String)]) -> Vec<&[(String, String)]> {
    let mut blocks = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (n, (word, hits)) in lines.iter().enumerate() {
        let line = word.len() + hits.len() + 2;
        if size + line > BLOCK && n > start {
            blocks.push(&lines[start..n]);
            (start, size) = (n, 0);
        }
        size += line;
    }
    if start < lines.len() {
        blocks.push(&lines[start..]);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_written_in_the_shorter_way() {
        assert_eq!(encoded(&[0, 35, 36, 1300], 100_000), "0.z.1.z4");
        let all: Vec<u32> = (0..1000).collect();
        let bits = encoded(&all, 1000);
        assert!(bits.starts_with('!') && bits.len() < 180, "{bits}");
    }
}
