//! `lkreport explain`: which known issues stand in a log.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::Context;
use lkreport_contract::mask::Masker;
use memchr::memchr_iter;
use serde::Serialize;

use super::{
    args::{self, Global},
    catalogue,
    output::{Answer, Talk, counted, print},
};
use crate::{
    ingest::{component_of, entry_at, line_at, plain_log, reported_in},
    issues::{Applies, Catalogue, Hit, Issue, Matcher, Severity, Status, Strength, Versions},
    model::{Component, Version},
    render::{
        engine::Engine,
        view::{ExplainPage, ExplainedIssue, OutsideLink, TraceView},
    },
};

/// How much of a log is searched at a time, by each thread.
const BLOCK: usize = 4 << 20;

/// How much of the end of a block may wait for the next, so that an entry stays whole.
const OVERLAP: usize = 64 << 10;

/// So many places of an issue are shown in each file.
const SHOWN: usize = 3;

/// A shown line is cut here.
const MAX_SHOWN_LINE: usize = 240;

/// What one log says.
struct Log {
    file: String,
    lines: u64,
    found: BTreeMap<usize, Places>,
    versions: Versions,
}

/// Where a pattern was found in a log.
#[derive(Default)]
struct Places {
    entries: BTreeSet<u64>,
    texts: BTreeMap<u64, String>,
}

/// An issue that was recognised; the field names are a promise to scripts.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    id: &'a str,
    title: &'a str,
    components: &'a [Component],
    status: Status,
    severity: Severity,
    evidence: Strength,
    applies: Applies,
    fixed: bool,
    entries: usize,
    places: Vec<Shown>,
    workaround: Option<&'a str>,
    note: Option<&'a str>,
    links: &'a [String],
}

#[derive(Debug, Serialize)]
struct Shown {
    file: String,
    line: u64,
    text: String,
}

pub(super) fn run(args: &args::Explain, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let catalogue = catalogue::load(global, talk)?.catalogue;
    let matcher = Matcher::new(&catalogue);
    let mut versions = given(&args.versions)?;
    let mut logs = Vec::new();
    for path in &args.files {
        let log = if path.as_os_str() == "-" {
            read("-", &mut io::stdin().lock(), &matcher)
        } else {
            let open = File::open(path);
            open.and_then(|it| read(&path.display().to_string(), &mut BufReader::new(it), &matcher))
        };
        logs.push(log.with_context(|| format!("{}: could not be read", path.display()))?);
    }
    for (component, version) in logs.iter().flat_map(|it| &it.versions) {
        versions.entry(component.clone()).or_insert_with(|| version.clone());
    }
    let findings = findings(&catalogue, &logs, &versions);
    let lines = usize::try_from(logs.iter().map(|it| it.lines).sum::<u64>()).unwrap_or(usize::MAX);
    let answer = format!(
        "{} of {} looked for {}: {} found",
        counted(lines, "line"),
        counted(logs.len(), "log"),
        counted(catalogue.issues().len(), "known issue"),
        findings.len()
    );
    if let Some(file) = &args.html {
        let page = Engine::new(None)?.page(&page(&findings, &versions, format!("{answer}.")))?;
        fs::write(file, page)
            .with_context(|| format!("{}: could not be written", file.display()))?;
    } else if args.json {
        let text = serde_json::to_string_pretty(&findings)?;
        print(&(text + "\n"))?;
    } else {
        print(&words(&findings, &versions))?;
    }
    talk.say(&answer);
    Ok(Answer::Yes)
}

/// Versions as they were typed, such as `livekit=1.8.4`.
fn given(texts: &[String]) -> anyhow::Result<Versions> {
    let read = |text: &String| {
        let (name, version) = text
            .split_once('=')
            .with_context(|| format!("--version {text}: write it like `livekit=1.8.4`"))?;
        Ok((name.trim().to_owned(), Version::new(version)))
    };
    texts.iter().map(read).collect()
}

/// Searches a log block by block; the blocks of a batch are searched side by side, while the next is read.
fn read(file: &str, input: &mut dyn BufRead, matcher: &Matcher<'_>) -> io::Result<Log> {
    let mut blocks = Blocks { input: plain_log(input)?, rest: Vec::new(), is_end: false };
    let mut log = Log {
        file: if file == "-" { "standard input".to_owned() } else { file.to_owned() },
        lines: 0,
        found: BTreeMap::new(),
        versions: Versions::new(),
    };
    let masker = Masker::default();
    let mut batch = blocks.next(Vec::new())?;
    let mut read_before = Vec::new();
    let first = batch.first().map_or(&[][..], |it| &it[..it.len().min(OVERLAP)]);
    let head = String::from_utf8_lossy(first);
    let name = Path::new(file).file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let component = component_of(name, &head);
    log.versions.extend(reported_in(&head));
    while !batch.is_empty() {
        let mut found: Vec<Searched> = vec![Searched::default(); batch.len()];
        let used = std::mem::take(&mut read_before);
        let next = rayon::in_place_scope(|scope| {
            for (found, block) in found.iter_mut().zip(&batch) {
                scope.spawn(move |_| *found = search(block, component, matcher));
            }
            blocks.next(used)
        });
        for (found, block) in found.iter().zip(&batch) {
            take(&mut log, found, block, &masker);
        }
        read_before = std::mem::replace(&mut batch, next?);
    }
    Ok(log)
}

/// A log in blocks of whole entries.
struct Blocks<R> {
    input: R,
    /// What begins the next block.
    rest: Vec<u8>,
    /// A terminal that said its end is not asked again.
    is_end: bool,
}

impl<R: Read> Blocks<R> {
    /// The next blocks, one for each thread; none at the end. `used` are blocks whose room is taken again,
    /// which costs less than new room.
    fn next(&mut self, mut used: Vec<Vec<u8>>) -> io::Result<Vec<Vec<u8>>> {
        let mut batch = Vec::new();
        while batch.len() < rayon::current_num_threads() && !self.is_end {
            let mut block = used.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK + OVERLAP));
            block.clear();
            block.append(&mut self.rest);
            let read = self.input.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
            self.is_end = read < BLOCK;
            if !self.is_end {
                self.rest.extend(block.drain(whole_entries(&block)..));
            }
            if !block.is_empty() {
                batch.push(block);
            }
        }
        Ok(batch)
    }
}

/// Where the last entry of a block begins that may go on in the next block.
fn whole_entries(block: &[u8]) -> usize {
    let last = memchr::memrchr(b'\n', block).map_or(block.len(), |it| it + 1);
    let start = if last > 0 { entry_at(block, last - 1).0.start } else { 0 };
    // What is not torn apart for its length alone must leave something to search.
    if start > 0 && block.len() - start < OVERLAP { start } else { last }
}

/// What was found in a block.
#[derive(Debug, Clone, Default)]
struct Searched {
    /// The patterns, each with how many lines stand before it.
    hits: Vec<(u64, Hit)>,
    /// How many lines the block has.
    lines: u64,
}

fn search(block: &[u8], component: Option<&str>, matcher: &Matcher<'_>) -> Searched {
    let lines = |part: &[u8]| memchr_iter(b'\n', part).count() as u64;
    let (mut before, mut counted) = (0, 0);
    let mut numbered = |hit: Hit| {
        before += lines(&block[counted..hit.start]);
        counted = hit.start;
        (before, hit)
    };
    let hits = matcher.find(block, component, line_at, entry_at);
    let hits = hits.into_iter().map(&mut numbered).collect();
    let is_cut_short = block.last().is_some_and(|it| *it != b'\n');
    Searched { hits, lines: before + lines(&block[counted..]) + u64::from(is_cut_short) }
}

/// Keeps the places of what was found in a block.
fn take(log: &mut Log, found: &Searched, block: &[u8], masker: &Masker) {
    for (before, hit) in &found.hits {
        let line = log.lines + before + 1;
        let places = log.found.entry(hit.pattern).or_default();
        places.entries.insert(line);
        if places.texts.len() < SHOWN {
            let entry = &block[hit.start..hit.end];
            let entry = entry.split(|b| *b == b'\n').next().unwrap_or_default();
            let text = String::from_utf8_lossy(&entry[..entry.len().min(8 * MAX_SHOWN_LINE)]);
            let text = masker.mask(&text, &mut Default::default());
            let visible = |c: char| if c.is_control() { ' ' } else { c };
            let text = text.chars().map(visible).take(MAX_SHOWN_LINE).collect();
            places.texts.insert(line, text);
        }
    }
    log.lines += found.lines;
}

/// The issues that hold in a log or more, the worst first.
fn findings<'a>(catalogue: &'a Catalogue, logs: &[Log], versions: &Versions) -> Vec<Finding<'a>> {
    let mut findings: Vec<Finding<'_>> = Vec::new();
    for issue in catalogue.issues() {
        let holds =
            |log: &&Log| issue.condition.holds(&|it| log.found.contains_key(&it), None, versions);
        let numbers: Vec<usize> = issue.condition.patterns().iter().map(|it| it.1).collect();
        let (mut entries, mut places) = (0, Vec::new());
        for log in logs.iter().filter(holds) {
            let found: Vec<&Places> = numbers.iter().filter_map(|it| log.found.get(it)).collect();
            entries += found.iter().flat_map(|it| &it.entries).collect::<BTreeSet<_>>().len();
            let texts: BTreeMap<_, _> = found.iter().flat_map(|it| &it.texts).collect();
            places.extend(texts.into_iter().take(SHOWN).map(|(line, text)| Shown {
                file: log.file.clone(),
                line: *line,
                text: text.clone(),
            }));
        }
        if entries > 0 {
            findings.push(finding(issue, entries, places, versions));
        }
    }
    let rank = |it: &Finding<'_>| {
        (it.applies == Applies::No, it.evidence == Strength::Weak, std::cmp::Reverse(it.severity))
    };
    findings.sort_by_key(rank);
    findings
}

fn finding<'a>(
    issue: &'a Issue,
    entries: usize,
    places: Vec<Shown>,
    versions: &Versions,
) -> Finding<'a> {
    Finding {
        id: &issue.id,
        title: &issue.title,
        components: &issue.components,
        status: issue.status,
        severity: issue.severity,
        evidence: issue.strength,
        applies: issue.applies(versions),
        fixed: issue.is_fixed_in(versions),
        entries,
        places,
        workaround: issue.workaround.as_deref(),
        note: issue.note.as_deref(),
        links: &issue.links,
    }
}

/// What a person wants to know, as a page.
fn page(findings: &[Finding<'_>], versions: &Versions, answer: String) -> ExplainPage {
    let finding = |it: &Finding<'_>| ExplainedIssue {
        id: it.id.to_owned(),
        title: it.title.to_owned(),
        said: said(it),
        places: (it.places.iter())
            .map(|it| TraceView {
                text: it.text.clone(),
                place: format!("{}:{}", it.file, it.line),
                href: String::new(),
            })
            .collect(),
        more: match it.entries.saturating_sub(it.places.len()) {
            0 => String::new(),
            n => format!("and {n} more"),
        },
        advice: [it.workaround, it.note].into_iter().flatten().map(ToOwned::to_owned).collect(),
        links: it.links.iter().filter_map(|url| OutsideLink::new(url.clone(), url)).collect(),
    };
    ExplainPage {
        answer,
        versions: named(versions),
        findings: findings.iter().map(finding).collect(),
        style: ExplainPage::style(),
    }
}

fn named(versions: &Versions) -> String {
    let all: Vec<_> = versions.iter().map(|(name, it)| format!("{name} {it}")).collect();
    all.join(", ")
}

/// What a person wants to know.
fn words(findings: &[Finding<'_>], versions: &Versions) -> String {
    let mut text = String::new();
    if !versions.is_empty() {
        _ = writeln!(text, "Versions: {}\n", named(versions));
    }
    if findings.is_empty() {
        text += "No known issue stands here.\n";
    }
    for it in findings {
        _ = writeln!(text, "{}  {}", it.id, it.title);
        _ = writeln!(text, "    {}", said(it));
        for place in &it.places {
            _ = writeln!(text, "    {}:{}: {}", place.file, place.line, place.text);
        }
        let more = it.entries.saturating_sub(it.places.len());
        if more > 0 {
            _ = writeln!(text, "    … and {more} more");
        }
        for said in [it.workaround, it.note].into_iter().flatten() {
            _ = writeln!(text, "    {said}");
        }
        for link in it.links.iter().take(SHOWN) {
            _ = writeln!(text, "    {link}");
        }
        text.push('\n');
    }
    text
}

/// Status, severity and certainty in one line.
fn said(it: &Finding<'_>) -> String {
    let (status, severity) = (it.status.meaning(), it.severity.word());
    let strength = match it.evidence {
        Strength::Strong => "",
        Strength::Weak => " · a hint only: the text has other causes too",
    };
    let applies = match (it.applies, it.fixed) {
        (_, true) => {
            " · these versions are said to have the fix: it came back, or is something else"
        }
        (Applies::No, false) => " · not known of these versions",
        (Applies::Unknown, false) => " · whether these versions are affected is not known",
        (Applies::Yes, false) => "",
    };
    format!("{} · {severity} · {status}{strength}{applies}", it.components.join(", "))
}
