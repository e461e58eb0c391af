//! The search: what is found, in which order, and how much of the index a query loads.
//!
//! The reader here goes the way that `search.js` goes.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Mutex,
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use lkreport::render::search::{Entry, Kind, Worth, index};
use serde_json::{Value, json};

use crate::desk::{Desk, text_of, tree};

/// The scripts of an index, and which of them were loaded.
struct Reader {
    scripts: BTreeMap<String, String>,
    loaded: RefCell<BTreeSet<String>>,
}

impl Reader {
    /// That of an index of these.
    fn of(entries: Vec<Entry<'_>>) -> Self {
        let scripts = Mutex::new(Vec::new());
        let write = |name: &str, content: &str| -> Result<(), Infallible> {
            scripts.lock().unwrap().push((name.to_owned(), content.to_owned()));
            Ok(())
        };
        index(entries, write).unwrap();
        Self::new(scripts.into_inner().unwrap())
    }

    fn new(scripts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { scripts: scripts.into_iter().collect(), loaded: RefCell::default() }
    }

    /// The arguments of the call that a script is.
    fn load(&self, name: &str) -> Value {
        self.loaded.borrow_mut().insert(name.to_owned());
        let script = &self.scripts[&format!("search/{name}.js")];
        let (_, call) = script.trim_end().split_once('(').unwrap();
        serde_json::from_str(&format!("[{}]", call.strip_suffix(')').unwrap())).unwrap()
    }

    fn lines(&self, block: usize) -> Vec<(String, String)> {
        let block = self.load(&format!("words/{block}"));
        let lines = block[1].as_str().unwrap().lines().map(|it| it.split_once(' ').unwrap());
        lines.map(|(word, hits)| (word.to_owned(), hits.to_owned())).collect()
    }

    fn hits(&self, of: usize, hits: &str) -> Vec<usize> {
        let large = hits.strip_prefix('@').map(|place| {
            let (script, at) = place.split_once('.').unwrap();
            self.load(&format!("hits/{script}"))[1][at.parse::<usize>().unwrap()].take()
        });
        let hits = large.as_ref().map_or(hits, |it| it.as_str().unwrap());
        if let Some(bits) = hits.strip_prefix('!') {
            let bytes = STANDARD_NO_PAD.decode(bits).unwrap();
            return (0..of).filter(|at| bytes[at / 8] & (1 << (at % 8)) != 0).collect();
        }
        let distances = hits.split('.').map(|it| usize::from_str_radix(it, 36).unwrap());
        let place = |before: &mut usize, it| {
            *before += it;
            Some(*before)
        };
        distances.scan(0, place).collect()
    }

    fn find(&self, word: &str) -> BTreeSet<usize> {
        let head = self.load("index");
        let blocks: Vec<&str> =
            head[0]["blocks"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        let of = usize::try_from(head[0]["n"].as_u64().unwrap()).unwrap();
        let block = |word: &str| blocks.partition_point(|it| *it <= word).saturating_sub(1);
        let common = format!("{word}*");
        let mut lines = self.lines(block(word));
        if block(&common) != block(word) {
            lines.extend(self.lines(block(&common)));
        }
        if let Some((_, hits)) = lines.iter().find(|it| it.0 == common) {
            return self.hits(of, hits).into_iter().collect();
        }
        let more =
            (block(&common) + 1..blocks.len()).take_while(|it| blocks[*it].starts_with(word));
        lines.extend(more.flat_map(|it| self.lines(it)));
        let found = lines.iter().filter(|it| it.0.starts_with(word));
        found.flat_map(|it| self.hits(of, &it.1)).collect()
    }

    /// The entries with all words, the best first, as far as eight scripts of entries reach.
    fn search(&self, words: &[&str]) -> Vec<Vec<String>> {
        let sets: Vec<BTreeSet<usize>> = words.iter().map(|it| self.find(it)).collect();
        let hits = sets[0].iter().filter(|it| sets.iter().all(|set| set.contains(it)));
        let head = self.load("index");
        let starts: Vec<usize> = serde_json::from_value(head[0]["starts"].clone()).unwrap();
        let start = |it: usize| starts[starts.partition_point(|start| *start <= it) - 1];
        let mut shards = BTreeSet::new();
        let near = hits.take(40).take_while(|it| {
            shards.insert(start(**it));
            shards.len() <= 8
        });
        let entry = |it: &usize| {
            let start = start(*it);
            let shard = self.load(&format!("entries/{start}"));
            let upto = shard[1].as_array().unwrap().iter().take(it - start + 1);
            let fields = upto.fold(Vec::new(), |mut before, told| {
                let told = told.as_array().unwrap();
                before.truncate(7 - told.len());
                before.extend(told.iter().map(|it| it.as_str().unwrap().to_owned()));
                before
            });
            let [what, class, word, context, page, title, anchor] = fields.try_into().unwrap();
            vec![what, class, word, title, context, page + anchor.as_str()]
        };
        near.map(entry).collect()
    }

    /// How many bytes were loaded since the last time.
    fn weight(&self) -> usize {
        let names = self.loaded.take();
        names.iter().map(|it| self.scripts[&format!("search/{it}.js")].len()).sum()
    }
}

fn entry(n: usize) -> Entry<'static> {
    let verbs = ["joins", "leaves", "publishes", "mutes", "reconnects", "subscribes", "talks"];
    let areas = ["rooms", "media", "tokens", "webhooks", "ingress", "egress", "network"];
    Entry {
        worth: Worth { rank: u8::from(!n.is_multiple_of(1000)) * 3, age: n % 7 },
        kind: Kind::Scenario,
        title: format!("Participant {n} {} the room while recording is active", verbs[n % 7])
            .into(),
        context: format!("smoke, features/{}/case{}.feature", areas[n / 7 % 7], n / 50).into(),
        href: format!("cases/participant-{n}-in-the-room-while-recording/index.html"),
        mark: None,
    }
}

/// A failure family of many, and known issues beside them.
fn family(n: usize) -> Entry<'static> {
    let hash = n.wrapping_mul(2_654_435_761) % 99_991;
    Entry {
        worth: Worth { rank: u8::from(!n.is_multiple_of(50)) * 3, age: n % 11 },
        kind: if n.is_multiple_of(50) { Kind::Issue } else { Kind::Family },
        title: format!("no track of PA_<id> arrived within <duration> in step w{hash}").into(),
        context: format!("3 of {n} runs, last 2026-11-20, LK-{n:03}; TimeoutError").into(),
        href: format!("families/{n:013}/index.html"),
        mark: None,
    }
}

#[test]
fn a_query_on_a_hundred_thousand_cases_loads_little() {
    let entries = (0..100_000).map(entry).chain((0..20_000).map(family));
    let reader = Reader::of(entries.collect());
    for words in [
        &["participant"][..],
        &["par"],
        &["the", "room", "recording", "active"],
        &["case199"],
        &["cas"],
        &["99999"],
        &["123"],
        &["publishes", "tokens", "participant", "while"],
        &["^participant_99"],
        &["^participant"],
        &["=family", "track"],
        &["=issue"],
        &["timeouterror", "room"],
        &["lk", "4711"],
        &["track", "arrived", "within"],
    ] {
        let both = words.contains(&"timeouterror");
        let found = reader.search(words);
        assert_eq!(found.is_empty(), both, "{words:?}");
        let weight = reader.weight();
        assert!(weight < 300_000, "{words:?} loads {weight} bytes");
    }
    assert_eq!(reader.search(&["99999"])[0][3], entry(99_999).title);
    assert_eq!(
        reader.find("123").len(),
        (0..100_000)
            .chain(0..20_000)
            .filter(|it: &usize| it.to_string().starts_with("123"))
            .count()
    );
    // What fails comes first.
    assert!(
        reader
            .search(&["participant"])
            .iter()
            .all(|it| it[5].contains("000-in") || it[5].contains("-0-in"))
    );
    assert!(reader.search(&["=issue", "track"]).iter().all(|it| it[0] == "issue"));
    assert_eq!(reader.search(&["lk", "4711"])[0][3], family(4711).title);
    let files = reader.scripts.len();
    assert!(files < 9_000, "{files} files");
}

#[test]
fn an_index_of_nothing_is_one() {
    let reader = Reader::of(Vec::new());
    assert_eq!(reader.load("index"), json!([{"n": 0, "starts": [], "blocks": []}]));
}

#[test]
fn families_and_known_issues_are_found_with_where_they_stand() {
    let desk = Desk::new();
    let known = crate::verdicts::issue("X-1", "message: 'room is stuck'", "");
    desk.write("known-issues/x.yaml", known);
    let add = crate::verdicts::add;
    add(&desk, "r1", 17, "1.8.4", &[("joins", "room is stuck at seq 1"), ("leaves", "")]);
    add(&desk, "r2", 18, "1.8.4", &[("joins", "room is stuck at seq 2"), ("leaves", "who knows")]);
    desk.build("results");
    let report = desk.path("report");
    let files =
        tree(&report).into_iter().filter(|it| it.0.starts_with("search/") && it.0.ends_with(".js"));
    let reader = Reader::new(files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())));
    let found = reader.search(&["stuck"]);
    let told: Vec<[&str; 4]> =
        found.iter().map(|it| [&*it[0], &*it[2], &*it[3], &*it[4]]).collect();
    let context =
        |kind: &str| told.iter().find(|it| it[0] == kind).unwrap_or_else(|| panic!("{told:?}"))[3];
    assert_eq!(
        context("family").replace('\u{a0}', " "),
        "2 of 2 runs, last 2026-11-18, X-1; Wrong"
    );
    let issue = context("issue").replace('\u{a0}', " ");
    assert!(
        issue.starts_with("livekit, open, seen in 2 of 2 runs, last 2026-11-18: room is"),
        "{issue}"
    );
    assert_eq!(reader.search(&["x", "1"])[0][3], "X-1 what X-1 is", "by its id");
    let family = &reader.search(&["who", "knows"])[0];
    assert_eq!((&*family[0], &*family[2]), ("family", "failed"), "one of the newest runs leads");
    let known = told.iter().find(|it| it[0] == "family").unwrap();
    assert_eq!(known[1], "known issue");
    for entry in &found {
        assert!(report.join(&entry[5]).exists(), "{entry:?}");
    }
    let text = text_of(&desk.read("report/search/index.html"));
    assert!(text.contains("failure families , known issues , runs"), "{text}");
}

#[test]
fn scenarios_failures_features_and_lines_of_logs_are_found() {
    let desk = Desk::new();
    let cases = [("ada joins", "passed"), ("TestTurnRelay", "failed"), ("ada leaves", "failed")];
    desk.add_run("r1", "2026-11-20T10:00:00Z", &cases, Value::Null);
    desk.write(
        "features/rooms.feature",
        "Feature: Rooms for </script>\n  Scenario: ada joins\n    Given x\n",
    );
    desk.build("results");
    let report = desk.path("report");
    let files =
        tree(&report).into_iter().filter(|it| it.0.starts_with("search/") && it.0.ends_with(".js"));
    let reader = Reader::new(files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())));
    let found = |words: &[&str]| -> Vec<String> {
        reader
            .search(words)
            .into_iter()
            .map(|it| format!("{}: {} ({})", it[0], it[3], it[2]))
            .collect()
    };
    let ada = [
        "failure: expected 2, got 1 (failed)",
        "scenario: ada leaves (failed)",
        "scenario: ada joins (passed)",
    ];
    assert_eq!(found(&["ada"])[..3], ada, "before known issues that nothing here has to do with");
    assert!(
        found(&["turn"]).contains(&"scenario: TestTurnRelay (failed)".to_owned()),
        "a part of a joined word"
    );
    assert!(found(&["expec"]).contains(&"failure: expected 2, got 1 (failed)".to_owned()));
    assert_eq!(found(&["rooms"])[0], "feature: Rooms for </script> ()");
    for (entry, href) in reader.search(&["ada"]).iter().map(|it| (it, &it[5])) {
        let (page, _) = href.split_once('#').unwrap_or((href, ""));
        assert!(report.join(page).exists(), "{entry:?}");
    }
    assert!(reader.scripts.values().all(|it| !it.contains("</script>")));
    let page = desk.read("report/search/index.html");
    assert!(text_of(&page).contains("needs JavaScript"), "{page}");
}
