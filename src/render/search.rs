//! The index that `/search/` looks things up in: scripts, of which a query loads a few.
//!
//! Entries are numbered in the order of their worth, so that the first hits of a word are the best.
//! Words stand sorted in blocks, whose first words `index.js` lists; a word with many hits has a script
//! of its own. What too many words begin with is looked up as a word that ends in `*`. A word that
//! begins with `^` is the beginning of a title, one that begins with `=` a kind.
//!
//! Invariant: no look-up loads more than `SPAN` bytes of blocks and hits for a word, but for the one
//! block that it begins in and one list of hits, which has at most a bit for each entry.

use std::{
    array,
    collections::{BTreeSet, HashMap},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::{escape::script_json, mark::Mark};

/// How many entries a script of entries holds.
const ENTRIES: usize = 128;
/// How many entries are looked through at a time, so that threads share the work.
const PART: usize = 4_096;
/// How many bytes of words a block holds, about.
const BLOCK: usize = 8_000;
/// Hits that take more than this get a script of their own.
const INLINE: usize = 256;
/// What words with one beginning may weigh together before they are looked up as one.
const SPAN: usize = 32_000;
/// How long titles and contexts may be, in characters.
const LONGEST: usize = 120;
/// How much of a title is looked up from its beginning, in characters.
const TITLE: usize = 24;
/// How many words of an entry are indexed, and how long they may be.
const WORDS: usize = 40;
const WORD: usize = 32;

/// What a search may find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// How much it matters: what fails first.
    pub worth: Worth,
    /// What it is.
    pub kind: Kind,
    /// Where it stands. What stands together follows each other, so that a script says it once.
    pub context: String,
    /// What it is called.
    pub title: String,
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

/// The scripts of the index, by their names below the root of the site.
#[must_use]
pub fn index(mut entries: Vec<Entry>) -> Vec<(String, String)> {
    entries.par_sort_unstable();
    entries.dedup();
    let mut scripts: Vec<(String, String)> =
        entries.par_chunks(ENTRIES).enumerate().map(|(n, part)| script_of(n, part)).collect();
    let words = Words::of(&entries);
    for (n, hits) in words.large.iter().enumerate() {
        scripts.push((format!("search/hits/{n}.js"), format!("lkHits({n},{hits:?})\n")));
    }
    let blocks = blocks(&words.lines);
    let mut firsts: Vec<&str> = Vec::new();
    for (n, block) in blocks.into_iter().enumerate() {
        firsts.push(&block[0].0);
        let lines: Vec<String> =
            block.iter().map(|(word, hits)| format!("{word} {hits}")).collect();
        let text = script_json(&lines.join("\n")).unwrap_or_default();
        scripts.push((format!("search/words/{n}.js"), format!("lkWords({n},{text})\n")));
    }
    let head =
        script_json(&serde_json::json!({"n": entries.len(), "per": ENTRIES, "blocks": firsts}));
    scripts
        .push(("search/index.js".to_owned(), format!("lkIndex({})\n", head.unwrap_or_default())));
    scripts
}

/// A script of entries: kind, class, word, title, context, page and anchor of each, where what stood there in
/// the entry before is 0.
fn script_of(n: usize, entries: &[Entry]) -> (String, String) {
    let told = |it: &Entry| {
        let class = it.mark.map_or("", Mark::class);
        let word = it.mark.map_or("", Mark::word);
        let (page, anchor) = it.href.split_at(it.href.find('#').unwrap_or(it.href.len()));
        [it.kind.word(), class, word, &short(&it.title), &short(&it.context), page, anchor]
            .map(Value::from)
    };
    let mut before: [Value; 7] = Default::default();
    let mut differs =
        |now: [Value; 7]| {
            let told: [Value; 7] = array::from_fn(|at| {
                if now[at] == before[at] { Value::from(0) } else { now[at].clone() }
            });
            before = now;
            told
        };
    let told: Vec<[Value; 7]> = entries.iter().map(told).map(&mut differs).collect();
    let json = script_json(&told).unwrap_or_default();
    (format!("search/entries/{n}.js"), format!("lkEntries({n},{json})\n"))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// The words of a text, in lower case; of joined words such as `TestTurnRelay` the parts, too.
fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()) {
        all.push(lower(word));
        let mut start = 0;
        let mut before = ' ';
        for (at, c) in word.char_indices() {
            if c.is_uppercase() && before.is_lowercase() {
                all.push(lower(&word[start..at]));
                start = at;
            }
            before = c;
        }
        if start > 0 {
            all.push(lower(&word[start..]));
        }
    }
    all
}

fn lower(word: &str) -> String {
    // Nearly all words are plain, and letter by letter takes longer.
    if word.is_ascii() {
        return word[..word.len().min(WORD)].to_ascii_lowercase();
    }
    word.chars().flat_map(char::to_lowercase).take(WORD).collect()
}

/// What a title is looked up by from its beginning.
fn beginning(title: &str) -> String {
    let parts: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(lower)
        .collect();
    let all = format!("^{}", parts.join(" "));
    all.chars().take(TITLE + 1).collect::<String>().trim_end().replace(' ', "_")
}

/// All that an entry is found by.
fn keys(entry: &Entry) -> BTreeSet<String> {
    let all = words(&entry.title).into_iter().chain(words(&entry.context));
    let mut keys: BTreeSet<String> = all.take(WORDS).collect();
    keys.insert(beginning(&entry.title));
    keys.insert(format!("={}", entry.kind.word()));
    keys
}

/// The numbers of entries by what they are found by; the first of them has the number `first`.
fn hits(entries: &[Entry], first: usize) -> HashMap<String, Vec<u32>> {
    let mut hits: HashMap<String, Vec<u32>> = HashMap::new();
    for (n, entry) in (first..).zip(entries) {
        let n = u32::try_from(n).expect("fewer entries than fit the memory");
        for key in keys(entry) {
            hits.entry(key).or_default().push(n);
        }
    }
    hits
}

/// Words with their hits.
struct Words {
    /// Each word with its hits, or with `@` and the number of the script that holds them.
    lines: Vec<(String, String)>,
    /// The hits that have a script of their own.
    large: Vec<String>,
}

impl Words {
    fn of(entries: &[Entry]) -> Self {
        let parts: Vec<HashMap<String, Vec<u32>>> =
            entries.par_chunks(PART).enumerate().map(|(n, it)| hits(it, n * PART)).collect();
        let mut hits: HashMap<String, Vec<u32>> = HashMap::new();
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
        let mut large = Vec::new();
        for (_, hits) in lines.iter_mut().filter(|it| it.1.len() > INLINE) {
            let place = format!("@{}", large.len());
            large.push(std::mem::replace(hits, place));
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
    fn words_are_found_in_names_of_every_style() {
        assert_eq!(
            words("TestTurnRelay/not-allowed"),
            ["testturnrelay", "test", "turn", "relay", "not", "allowed"]
        );
        assert_eq!(words("Ärger mit räumen"), ["ärger", "mit", "räumen"]);
        assert_eq!(beginning("Ada joins: the room, late at night"), "^ada_joins_the_room_late");
    }

    #[test]
    fn hits_are_written_in_the_shorter_way() {
        assert_eq!(encoded(&[0, 35, 36, 1300], 100_000), "0.z.1.z4");
        let all: Vec<u32> = (0..1000).collect();
        let bits = encoded(&all, 1000);
        assert!(bits.starts_with('!') && bits.len() < 180, "{bits}");
    }
}
