//! `lkreport build`: results into the history, and the site and the matrix out of it.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::{
    args::{self, Global},
    catalogue,
    config::{self, Config},
    evidence::{Gather, Spool},
    gate,
    output::{Answer, Hint, Talk, counted, print},
    read::{self, Batch, Spools},
    scratch::Scratch,
    verdicts,
};
use crate::{
    history::{Added, Gone, Past, Store},
    ingest::{Asked, assemble},
    model::{Run, RunId},
    render::{self, Look, markdown},
    report::{Report, summarise},
};

pub(super) fn run(args: &args::Build, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let config = config::of_build(args, global)?;
    let gate = build(&config, global, talk)?;
    print(&format!("{}\n", config.out.join("index.html").display()))?;
    if !args.gate {
        return Ok(Answer::Yes);
    }
    print(&gate.words)?;
    Ok(if gate.is_open { Answer::Yes } else { Answer::No })
}

/// What the gate says of a build.
pub(super) struct Gated {
    is_open: bool,
    words: String,
}

/// Adds the results to the history and makes the site from it; what the gate says of the runs that were
/// read, or of the newest where none were.
pub(super) fn build(config: &Config, global: &Global, talk: &Talk) -> anyhow::Result<Gated> {
    let fresh = talk.timed("read", || read_runs(config, talk))?;
    let store = Store::open(&config.history)?;
    let remembered = || {
        talk.timed("remember", || add(&store, &fresh, talk))?;
        talk.timed("recall", || recall(&store, &fresh.runs, config, talk))
    };
    // Neither keeps all processors busy.
    let (past, known) = rayon::join(remembered, || catalogue::load(global, talk));
    let past = past?;
    if past.runs.is_empty() {
        let message = format!("{}: no run is known, and no results were given", config.history);
        let hint = "say where results are: `lkreport build --results target/`".to_owned();
        bail!(anyhow::Error::msg(message).context(Hint(hint)));
    }
    let mut report = talk.timed("judge", || summarise(&past, &config.settings));
    for it in &report.shifts.unknown {
        talk.say(&format!("shifts: no run is called {it}, or names that version"));
    }
    let known = known?;
    let by = (&config.masker, config.settings.components.as_slice());
    talk.timed("document", || config.beside.read((&past, &mut report), by, talk))?;
    say_lost((&past, &report), &fresh.runs, talk);
    let read: Vec<RunId> = fresh.runs.iter().map(|run| run.head.id.clone()).collect();
    let archive = Known::new(&past, &store, fresh.runs);
    let broken = known.broken.clone();
    talk.timed("explain", || explain(config, &archive, &mut report, known))?;
    talk.timed("render", || make_site(config, &archive, &report, talk))?;
    rayon::spawn(move || drop(archive.fresh));
    if let Some(file) = &config.matrix {
        write_matrix(file, &markdown::matrix(&past, &report, config.url.as_deref()), talk)?;
    }
    config.beside.write(&past, &report, talk)?;
    let runs = match gate::read(&past, &read) {
        none if none.is_empty() => gate::meant((&past, &report), config),
        runs => runs,
    };
    let found = crate::report::gate((&past, &report), &runs, &broken, &config.gate);
    let words = gate::words((&past, &report), &runs, &found, config.url.as_deref());
    let gated = Gated { is_open: found.is_open(), words };
    // Freeing millions of results takes time for which nobody should wait.
    rayon::spawn(move || drop((past, report)));
    Ok(gated)
}

/// The runs that were read, and where the evidence of each is gathered until the end.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) runs: Vec<Run>,
    /// The folder with the evidence of each run, where it left any.
    evidence: HashMap<RunId, PathBuf>,
    _spool: Scratch,
}

/// Reads the results into runs, one for each folder that holds one.
pub(super) fn read_runs(config: &Config, talk: &Talk) -> anyhow::Result<Fresh> {
    let files = read::find(&config.results)?;
    let spool = Scratch::new().context("no temporary directory can be made")?;
    let homes: BTreeSet<&PathBuf> = files.iter().map(|it| &it.home).collect();
    let at =
        |(n, home): (usize, &PathBuf)| (home.clone(), Spool::at(spool.path().join(n.to_string())));
    let spools: Spools = homes.into_iter().enumerate().map(|(n, home)| at((n, home))).collect();
    let bar = talk.progress("reading", files.len());
    let (batches, passed_by) = read::read(&files, &config.masker, &spools, &bar);
    let read: Vec<(Run, PathBuf)> =
        batches.into_par_iter().filter_map(|it| assemble_run(config, it, &spools)).collect();
    if read.is_empty() && !config.results.is_empty() {
        let places = config.results.iter().map(|it| it.display().to_string()).collect::<Vec<_>>();
        let message = format!(
            "{}: none of {} holds results",
            places.join(", "),
            counted(files.len(), "file")
        );
        let hint = "`lkreport inspect PATH` says of each file what it is taken for".to_owned();
        bail!(anyhow::Error::msg(message).context(Hint(hint)));
    }
    let evidence = read.iter().filter(|(_, folder)| folder.is_dir());
    let evidence = evidence.map(|(run, folder)| (run.head.id.clone(), folder.clone())).collect();
    let runs: Vec<Run> = read.into_iter().map(|(run, _)| run).collect();
    if !config.results.is_empty() {
        let cases: usize = runs.iter().map(|run| run.cases.len()).sum();
        let problems: usize = runs.iter().map(|run| run.problems.len()).sum();
        talk.say(&format!(
            "read {}: {}, {}, {}; {}",
            counted(files.len(), "file"),
            counted(runs.len(), "run"),
            counted(cases, "case"),
            counted(problems, "problem"),
            counted(passed_by, "other file"),
        ));
    }
    Ok(Fresh { runs, evidence, _spool: spool })
}

fn assemble_run(config: &Config, batch: Batch<'_>, spools: &Spools) -> Option<(Run, PathBuf)> {
    let asked = Asked {
        run: config.run.clone(),
        defaults: config.defaults.clone(),
        job: config.job.clone(),
        default_suite: suite_of(batch.home),
        stamp: config.stamp,
        components: config.settings.components.clone(),
    };
    let mut run = assemble(&asked, batch.parts)?;
    for (kind, n) in &config.masked {
        *run.head.masked.entry((*kind).to_owned()).or_default() += n;
    }
    let spool = &spools[batch.home];
    let gather = Gather {
        masker: &config.masker,
        spool,
        home: batch.home,
        files: &batch.files,
        logs: &batch.logs,
    };
    gather.gather(&mut run);
    Some((run, spool.folder().to_owned()))
}

/// The name of the results folder, also where it was given as `.` or `../results`.
fn suite_of(home: &Path) -> String {
    let whole = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    let name = whole.file_name().map(|it| it.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "results".to_owned())
}

/// Adds runs to the history; those that are already there stay as they are.
pub(super) fn add(store: &Store, fresh: &Fresh, talk: &Talk) -> anyhow::Result<()> {
    for run in &fresh.runs {
        let evidence = fresh.evidence.get(&run.head.id).map(PathBuf::as_path);
        match store.add(run, evidence)? {
            Added::Same => talk.detail(&format!("{}: already in the history", run.head.id)),
            _ => talk.detail(&format!("{}: added to the history", run.head.id)),
        }
    }
    Ok(())
}

/// Loads the past; a record that cannot be read is said and left out.
///
/// `fresh` are the runs that were added just before.
pub(super) fn recall(
    store: &Store,
    fresh: &[Run],
    config: &Config,
    talk: &Talk,
) -> anyhow::Result<Past> {
    let (past, problems) = store.past_with(fresh)?;
    for it in problems {
        talk.say(&format!("problem: {}: {}", it.file, it.message));
    }
    Ok(past.renamed(&config.aliases))
}

/// Says how many cases of the runs before are not in those that were just read.
fn say_lost((past, report): (&Past, &Report), fresh: &[Run], talk: &Talk) {
    let fresh: BTreeSet<&RunId> = fresh.iter().map(|run| &run.head.id).collect();
    let runs = past.runs.iter().zip(&report.runs).filter(|(run, _)| fresh.contains(&run.head.id));
    let lost: usize = runs.map(|(_, fact)| fact.transitions.lost.len()).sum();
    if lost > 0 {
        talk.say(&format!("gone since the runs before: {}", counted(lost, "case")));
    }
}

/// Tells the report what known issues say of the failures.
pub(super) fn explain(
    config: &Config,
    archive: &Known<'_>,
    report: &mut Report,
    known: catalogue::Loaded,
) -> anyhow::Result<()> {
    let past = archive.past;
    let verdicts = verdicts::of(archive.store, past, archive, &known)?;
    let today = config.stamp.to_zoned(TimeZone::UTC).date();
    report.explain((past, &config.settings), known.catalogue, verdicts, today);
    Ok(())
}

fn make_site(
    config: &Config,
    archive: &Known<'_>,
    report: &Report,
    talk: &Talk,
) -> anyhow::Result<()> {
    let look = Look {
        title: &config.title,
        url: config.url.as_deref(),
        templates: config.templates.as_deref(),
    };
    let published = render::site((archive.past, report), archive, look, &config.out)?;
    talk.say(&format!(
        "wrote {}, {} unchanged, {:.1} MB",
        counted(usize::try_from(published.written).unwrap_or(usize::MAX), "file"),
        published.unchanged,
        published.bytes as f64 / 1e6
    ));
    Ok(())
}

/// The details of runs: those just read are at hand, all others stand in the history.
pub(super) struct Known<'a> {
    past: &'a Past,
    store: &'a Store,
    fresh: HashMap<RunId, Run>,
}

impl<'a> Known<'a> {
    pub(super) fn new(past: &'a Past, store: &'a Store, fresh: Vec<Run>) -> Self {
        let fresh = fresh.into_iter().map(|run| (run.head.id.clone(), run)).collect();
        Self { past, store, fresh }
    }

    pub(super) const fn past(&self) -> &'a Past {
        self.past
    }
}

impl render::Archive for Known<'_> {
    fn run(&self, idx: usize) -> Option<Cow<'_, Run>> {
        let it = &self.past.runs[idx];
        // A shard is only a part of its run; the record holds all of them.
        let whole = |run: &&Run| run.cases.len() == it.results.len();
        match self.fresh.get(&it.head.id).filter(whole) {
            Some(run) => Some(Cow::Borrowed(run)),
            None => self.store.run(&it.head.id).ok().and_then(|(run, _)| run).map(Cow::Owned),
        }
    }

    fn evidence(&self, idx: usize, into: &Path) -> usize {
        self.store.evidence(&self.past.runs[idx].head.id, into).unwrap_or(0)
    }

    fn gone(&self) -> Vec<Gone> {
        self.store.gone().unwrap_or_default()
    }
}

/// Puts the matrix into `file`, next to what else stands there.
pub(super) fn write_matrix(file: &Path, block: &str, talk: &Talk) -> anyhow::Result<()> {
    let (old, new) = with_matrix(file, block)?;
    if old.as_deref() == Some(&new) {
        return Ok(());
    }
    let at = || format!("{}: could not be written", file.display());
    if let Some(folder) = file.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(at)?;
    }
    // Written beside and moved, so that a build that is killed never leaves half a document.
    let beside = PathBuf::from(format!("{}.new", file.display()));
    fs::write(&beside, &new).and_then(|()| fs::rename(&beside, file)).with_context(at)?;
    talk.say(&format!("wrote {}", file.display()));
    Ok(())
}

/// The file as it is, and as it would be with `block` in it.
pub(super) fn with_matrix(file: &Path, block: &str) -> anyhow::Result<(Option<String>, String)> {
    let old = match fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(error).with_context(|| format!("{}: could not be read", file.display()));
        }
    };
    let new = markdown::document(old.as_deref(), block)
        .with_context(|| format!("{}: the matrix has no place", file.display()))?;
    Ok((old, new))
}
