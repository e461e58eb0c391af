//! `lkreport gate`: may this go on? Closed only by news that nothing explains.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Context;
use serde::Serialize;

use super::{
    args::{self, Global},
    build::{Known, explain, recall},
    catalogue,
    config::{self, Config},
    output::{Answer, Talk, counted, print},
};
use crate::{
    history::{Past, Store},
    model::{CaseId, FamilyId, RunId},
    render::family_page,
    report::{Check, Gate, GateFinding, Level, Report, gate, summarise},
};

/// What is shown of a text on the terminal.
const SHOWN: usize = 160;

/// How many cases and failure families of a finding are named.
const NAMED: usize = 3;

/// The gate for scripts; the field names are a promise to them.
#[derive(Debug, Serialize)]
struct Said<'a> {
    open: bool,
    findings: Vec<FindingJson<'a>>,
    runs: Vec<Compared<'a>>,
    excused: &'a BTreeMap<String, u32>,
    /// How many failures failed before in the same way.
    old: u32,
}

#[derive(Debug, Serialize)]
struct FindingJson<'a> {
    check: Check,
    level: Level,
    run: Option<&'a str>,
    suite: Option<&'a str>,
    versions: Option<String>,
    cases: Vec<CaseJson<'a>>,
    families: Vec<FamilyJson<'a>>,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct CaseJson<'a> {
    id: CaseId,
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct FamilyJson<'a> {
    id: FamilyId,
    /// Its message, with marks for what varies.
    message: &'a str,
    /// Where it is shown, from the root of the site.
    page: String,
}

#[derive(Debug, Serialize)]
struct Compared<'a> {
    run: &'a str,
    base: Option<&'a str>,
}

/// The past, and what it is judged by.
pub(super) struct Judged {
    config: Config,
    store: Store,
    past: Past,
}

impl Judged {
    pub(super) fn new(
        history: Option<&String>,
        global: &Global,
        talk: &Talk,
    ) -> anyhow::Result<Self> {
        let config = config::of_history(history, None, global)?;
        let store = Store::open(&config.history)?;
        let past = recall(&store, &[], &config, talk)?;
        Ok(Self { config, store, past })
    }
}

/// Some runs of the past, explained, and what the gate says of them.
pub(super) struct Explained<'a> {
    pub(super) archive: Known<'a>,
    pub(super) report: Report,
    pub(super) runs: Vec<usize>,
    pub(super) found: Gate,
    pub(super) url: Option<String>,
}

impl<'a> Explained<'a> {
    /// Explains the runs of these ids; without any, those that are meant.
    pub(super) fn new(
        judged: &'a Judged,
        ids: &[String],
        url: Option<&str>,
        global: &Global,
        talk: &Talk,
    ) -> anyhow::Result<Self> {
        let Judged { config, store, past } = judged;
        let mut report = summarise(past, &config.settings);
        let archive = Known::new(past, store, Vec::new());
        let loaded = catalogue::load(global, talk)?;
        let broken = loaded.broken.clone();
        explain(config, &archive, &mut report, loaded)?;
        let runs = match ids {
            [] => meant((past, &report), config),
            named => named.iter().map(|it| place(past, it)).collect::<anyhow::Result<_>>()?,
        };
        anyhow::ensure!(!runs.is_empty(), "{}: no run is known", config.history);
        let found = gate((past, &report), &runs, &broken, &config.gate);
        let given = url.filter(|it| !it.is_empty()).map(|it| it.trim_end_matches('/').to_owned());
        let url = given.or_else(|| config.url.clone());
        Ok(Self { archive, report, runs, found, url })
    }

    /// The table that says why.
    pub(super) fn words(&self) -> String {
        words((self.archive.past(), &self.report), &self.runs, &self.found, self.url.as_deref())
    }

    /// What the gate says, in one sentence.
    pub(super) fn sentence(&self) -> String {
        sentence(&self.runs, &self.found)
    }

    /// What closes nothing: what is excused, and what failed before.
    pub(super) fn aside(&self) -> String {
        aside(&self.found)
    }
}

pub(super) fn run(args: &args::Gate, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let judged = Judged::new(args.history.as_ref(), global, talk)?;
    let explained = Explained::new(&judged, &args.run, None, global, talk)?;
    let Explained { report, runs, found, .. } = &explained;
    if args.json {
        let said = said((&judged.past, report), runs, found);
        print(&(serde_json::to_string_pretty(&said)? + "\n"))?;
    } else {
        print(&explained.words())?;
    }
    Ok(if found.is_open() { Answer::Yes } else { Answer::No })
}

fn place(past: &Past, id: &str) -> anyhow::Result<usize> {
    let found = past.runs.iter().position(|it| it.head.id.as_str() == id);
    found.with_context(|| format!("no run is called {id}; `lkreport history list` names all"))
}

/// The runs of the CI job that we run in, where the history has any; else the newest of each suite on
/// each combination.
pub(super) fn meant((past, report): (&Past, &Report), config: &Config) -> Vec<usize> {
    let job = config.job.ci.as_ref();
    let is_ours = |it: &usize| {
        let ci = past.runs[*it].head.ci.as_ref();
        ci.zip(job).is_some_and(|(it, job)| it.provider == job.provider && it.run == job.run)
    };
    let ours: Vec<usize> = (0..past.runs.len()).filter(is_ours).collect();
    if !ours.is_empty() {
        return ours;
    }
    let newest = report.suites.iter().flat_map(|it| it.newest_by_combination.iter().copied());
    let mut newest: Vec<usize> = newest.collect();
    newest.sort_unstable();
    newest
}

/// The places of runs that were just read.
pub(super) fn read(past: &Past, fresh: &[RunId]) -> Vec<usize> {
    (0..past.runs.len()).filter(|it| fresh.contains(&past.runs[*it].head.id)).collect()
}

fn said<'a>((past, report): (&'a Past, &'a Report), runs: &[usize], found: &'a Gate) -> Said<'a> {
    let id = |run: usize| past.runs[run].head.id.as_str();
    let case = |it: &u32| {
        let known = &past.cases[*it as usize];
        CaseJson { id: known.id, name: &known.name }
    };
    let family = |place: usize| {
        let it = &report.families.all[place];
        FamilyJson { id: it.id, message: it.headline(), page: family_page(report, place) }
    };
    let finding = |it: &'a GateFinding| FindingJson {
        check: it.check,
        level: it.level,
        run: it.run.map(id),
        suite: it.run.map(|it| past.runs[it].head.suite.as_str()),
        versions: it.run.map(|it| report.runs[it].combination.to_string()),
        cases: it.cases.iter().map(case).collect(),
        families: it.families.iter().map(|it| family(*it)).collect(),
        text: &it.text,
    };
    let compared =
        |run: &usize| Compared { run: id(*run), base: report.runs[*run].comparison.base.map(id) };
    Said {
        open: found.is_open(),
        findings: found.findings.iter().map(finding).collect(),
        runs: runs.iter().map(compared).collect(),
        excused: &found.excused,
        old: found.old,
    }
}

/// The table that says why; `url` is where the site is read.
pub(super) fn words(
    (past, report): (&Past, &Report),
    runs: &[usize],
    found: &Gate,
    url: Option<&str>,
) -> String {
    let mut text = sentence(runs, found);
    text.push('\n');
    let visible = |it: &str| -> String {
        it.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
    };
    for it in &found.findings {
        let level = if it.level == Level::Fail { "FAIL" } else { "warn" };
        let place = it.run.map(|run| where_of((past, report), run)).unwrap_or_default();
        let name = names(past, &it.cases);
        let line = format!(
            "{level}  {:<13} {place}{}",
            it.check.words(),
            visible(&format!("{name}{}", it.text))
        );
        _ = writeln!(text, "{}", line.trim_end());
        for family in it.families.iter().take(NAMED) {
            let id = report.families.all[*family].id;
            let page = family_page(report, *family).replace("index.html", "");
            let page = url.map_or_else(|| page.clone(), |url| format!("{url}/{page}"));
            _ = writeln!(text, "{:21}family {id}: {page}", "");
        }
    }
    text += &aside(found);
    text
}

/// Some cases, before what is said of them.
fn names(past: &Past, cases: &[u32]) -> String {
    let named = cases.iter().take(NAMED).map(|it| past.cases[*it as usize].name.as_ref());
    let named = named.collect::<Vec<_>>().join(", ");
    match cases.len().saturating_sub(NAMED) {
        _ if cases.is_empty() => String::new(),
        0 => format!("{named}: "),
        n => format!("{named} and {n} more: "),
    }
}

/// What the gate says, in one sentence.
fn sentence(runs: &[usize], found: &Gate) -> String {
    let closing = found.findings.iter().filter(|it| it.level == Level::Fail).count();
    let runs = counted(runs.len(), "run");
    match closing {
        0 => format!("The gate is open: nothing unexplained is new in {runs}."),
        1 => format!("The gate is closed: 1 finding in {runs}."),
        n => format!("The gate is closed: {n} findings in {runs}."),
    }
}

/// What closes nothing: what is excused, and what failed before.
fn aside(found: &Gate) -> String {
    let mut text = String::new();
    let by: Vec<String> = found.excused.iter().map(|(id, n)| format!("{id} ×{n}")).collect();
    if !by.is_empty() {
        _ = writeln!(text, "Excused by known issues: {}", by.join(", "));
    }
    if found.old > 0 {
        let failures = counted(found.old as usize, "failure");
        _ = writeln!(
            text,
            "Unexplained and not new: {failures}, of the same scenario and family as in the comparable run"
        );
    }
    text
}

fn where_of((past, report): (&Past, &Report), run: usize) -> String {
    let combination = &report.runs[run].combination;
    let on = if combination.is_empty() { String::new() } else { format!(" on {combination}") };
    format!("{}{on}  ", past.runs[run].head.suite)
}
