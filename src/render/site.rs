//! The whole site, page by page.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use rayon::prelude::*;

use super::{
    Published, Site, address, api, badges,
    engine::{ASSETS, Engine, EngineError},
    markdown,
    pages::{self, CaseStory, Context, Log, Seen, Undefined},
    publish::PublishError,
    search::{self, Entry},
    view::Page,
};
use crate::{
    history::{Gone, Outline, Past},
    model::{Case, Problem, Run},
    report::Report,
};

/// Why a site could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A template does not fit what it is given.
    #[error(transparent)]
    Template(#[from] EngineError),
    /// A file could not be written.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// How the site is to be made, besides what it says.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// What it calls itself.
    pub title: &'a str,
    /// Where it is read on the web, without a slash at its end.
    pub url: Option<&'a str>,
    /// A folder of templates that stand in for the built-in ones.
    pub templates: Option<&'a Path>,
}

/// Where the details of runs come from; a run is named by its place in `Past::runs`.
pub trait Archive: Sync {
    /// The run in full, unless its record cannot be read any more.
    fn run(&self, idx: usize) -> Option<Cow<'_, Run>>;
    /// Unpacks what the run left behind into a folder, and says how many files came out.
    fn evidence(&self, idx: usize, into: &Path) -> usize;
    /// The runs that the history once had, oldest first.
    fn gone(&self) -> Vec<Gone>;
}

/// Writes the whole site at `out`, and swaps it in.
///
/// # Errors
///
/// When a template or the disk refuses; the old site then still stands.
pub fn site(
    (past, report): (&Past, &Report),
    archive: &dyn Archive,
    look: Look<'_>,
    out: &Path,
) -> Result<Published, SiteError> {
    let engine = Engine::new(look.templates)?;
    let writer = Writer { engine, site: Site::begin(out)? };
    let context = Context::new(past, report, look.title, look.url);
    for asset in ASSETS.files() {
        let name = format!("assets/{}", asset.path().display());
        writer.site.write(&name, asset.contents())?;
    }
    // Both halves are made of the same facts, and each has stretches that only one thread can do.
    let (told, listed) = rayon::join(
        || told_pages(&context, archive, &writer),
        || list_pages(&context, archive, &writer),
    );
    told?;
    listed?;
    Ok(writer.site.swap()?)
}

/// The pages that need the records of runs: runs, cases, and what adds up their failures.
fn told_pages(
    context: &Context<'_>,
    archive: &dyn Archive,
    writer: &Writer,
) -> Result<(), SiteError> {
    let told = run_pages(context, archive, writer)?;
    let paged = (0..).zip(&context.report.cases).filter(|(_, fact)| fact.has_page);
    let untold: Vec<u32> = paged.map(|it| it.0).filter(|it| !told.cases.contains(it)).collect();
    untold.par_iter().try_for_each(|case| {
        let story = CaseStory {
            case: *case,
            shown: None,
            logs: Vec::new(),
            moments: None,
            fares: Vec::new(),
            places: Vec::new(),
        };
        let (path, view) = pages::case(context, &story);
        writer.page(&path, &view)
    })?;
    writer.pages(pages::trends(context))?;
    family_pages(context, &told.seen, writer)?;
    writer.pages(pages::features(context, &told.undefined))?;
    let (path, view, found) = pages::search(context, told.found);
    writer.page(&path, &view)?;
    search::index(found, |path, content| writer.site.write(path, content.as_bytes()))?;
    writer.pages(pages::problems(context, &told.problems))?;
    let (path, view) = pages::overview(context, told.problems.len());
    writer.page(&path, &view)
}

/// The pages and files that the past and the report say all of.
fn list_pages(
    context: &Context<'_>,
    archive: &dyn Archive,
    writer: &Writer,
) -> Result<(), SiteError> {
    let Context { past, report, .. } = context;
    writer.files(pages::whereabouts(context))?;
    writer.pages(pages::runs(context))?;
    writer.pages(pages::matrices(context))?;
    let (path, view) = pages::issues(context);
    writer.page(&path, &view)?;
    report.knowledge.catalogue.issues().par_iter().try_for_each(|it| {
        let (path, view) = pages::issue(context, it);
        writer.page(&path, &view)
    })?;
    writer.files(pages::sliced(context))?;
    report.cells.par_iter().try_for_each(|(id, cell)| {
        let (path, view) = pages::cell(context, id, cell);
        writer.page(&path, &view)
    })?;
    let (path, view) = pages::feature_index(context);
    writer.page(&path, &view)?;
    let (path, view) = pages::release_index(context);
    writer.page(&path, &view)?;
    writer.pages(pages::releases(context))?;
    let (path, view) = pages::not_found(context, &archive.gone());
    writer.page(&path, &view)?;
    writer.files(badges::badges(past, report))?;
    writer.files(api::api(context))?;
    let matrix = markdown::matrix(past, report, context.url);
    writer.site.write("matrix/matrix.md", matrix.as_bytes())?;
    writer.site.write("matrix/matrix.csv", pages::csv(context).as_bytes())?;
    // The largest come last, when those of the other half are written, so that memory stays small.
    pages::cases(context, &|path, view| writer.page(path, view))
}

struct Writer {
    engine: Engine,
    site: Site,
}

impl Writer {
    fn page<P: Page>(&self, path: &str, view: &P) -> Result<(), SiteError> {
        let html = self.engine.page(view)?;
        Ok(self.site.write(path, html.as_bytes())?)
    }

    fn files(&self, files: impl IntoIterator<Item = (String, String)>) -> Result<(), SiteError> {
        let mut files = files.into_iter();
        Ok(files.try_for_each(|(path, content)| self.site.write(&path, content.as_bytes()))?)
    }

    fn pages<P: Page + Sync>(&self, pages: Vec<(String, P)>) -> Result<(), SiteError> {
        pages.par_iter().try_for_each(|(path, view)| self.page(path, view))
    }
}

/// What the records told while the pages of their runs were made.
#[derive(Default)]
struct Told {
    /// The cases whose pages are made.
    cases: HashSet<u32>,
    problems: Vec<(Option<usize>, Problem)>,
    /// The steps for which the newest runs had no definition.
    undefined: Undefined,
    /// What failures say, for the search.
    found: Vec<Entry<'static>>,
    /// What they tell of failure families, the newest run first.
    seen: Vec<Seen>,
}

/// Reads each record once and makes the pages of its run and of the cases that it shows, so that
/// memory does not grow with the number of runs.
fn run_pages(
    context: &Context<'_>,
    archive: &dyn Archive,
    writer: &Writer,
) -> Result<Told, SiteError> {
    let shown = shown_runs(context);
    let newest: Vec<usize> = context
        .report
        .suites
        .iter()
        .flat_map(|it| it.newest_by_combination.iter().copied())
        .collect();
    let with_page: Vec<usize> = (0..context.past.runs.len())
        .rev()
        .filter(|idx| context.report.runs[*idx].has_page)
        .collect();
    let told: Result<Vec<_>, SiteError> = with_page
        .par_iter()
        .map(|&idx| {
            let Some(run) = archive.run(idx) else { return Ok(Default::default()) };
            let evidence = evidence(idx, &run, archive, &writer.site)?;
            let logs = pages::logs(context, idx, &evidence, &writer.site);
            let results = context.results(idx, &run);
            let write = |path: &str, view: &_| writer.page(path, view);
            pages::run(context, idx, (&run, &results), &logs, &write)?;
            writer.files(api::connections(context, &run, &results))?;
            let seen = pages::seen(context, idx, (&run, &results));
            let is_newest = newest.contains(&idx);
            let undefined =
                if is_newest { pages::undefined(&run, &results) } else { Undefined::new() };
            for log in &logs {
                log.pages(context, idx, &logs)
                    .into_iter()
                    .try_for_each(|(path, view)| writer.page(&path, &view))?;
            }
            let problems: Vec<_> = run.problems.iter().map(|it| (Some(idx), it.clone())).collect();
            let cases = wanted(&run, &results, shown.get(&idx));
            cases.par_iter().try_for_each(|(place, case)| {
                let (path, view) = pages::case(
                    context,
                    &story(context, (idx, &run), (*place, *case), (&logs, &writer.site)),
                );
                writer.page(&path, &view)
            })?;
            let found = cases
                .iter()
                .flat_map(|(place, case)| pages::failing(context, (idx, *place), case, &logs));
            let told = (seen, undefined, found.collect::<Vec<_>>());
            Ok((cases.into_keys().collect::<Vec<_>>(), problems, told))
        })
        .collect();
    let mut all = Told::default();
    all.problems.extend(context.report.problems.iter().map(|it| (None, it.clone())));
    for (cases, problems, (seen, undefined, found)) in told? {
        all.cases.extend(cases);
        all.problems.extend(problems);
        all.seen.extend(seen);
        all.undefined.extend(undefined);
        all.found.extend(found);
    }
    Ok(all)
}

/// The list of failure families, and the pages of those that have one.
fn family_pages(context: &Context<'_>, seen: &[Seen], writer: &Writer) -> Result<(), SiteError> {
    writer.pages(pages::families(context))?;
    let mut of: Vec<Vec<&Seen>> = vec![Vec::new(); context.report.families.all.len()];
    seen.iter().for_each(|it| of[it.family].push(it));
    (0..pages::with_page(context))
        .into_par_iter()
        .try_for_each(|place| writer.pages(pages::family(context, place, &of[place])))
}

/// Puts the evidence of a run into the site; what the old site has of it never changes.
fn evidence(
    idx: usize,
    run: &Run,
    archive: &dyn Archive,
    site: &Site,
) -> Result<Vec<(String, u64)>, SiteError> {
    let path = address::evidence(&run.head.id);
    if !site.keep_folder(&path)? && archive.evidence(idx, &site.folder(&path)) == 0 {
        return Ok(Vec::new());
    }
    Ok(site.files(&path))
}

/// For each run the cases whose page shows it: the one that the case is judged by where it failed
/// there, else the newest with a page in which it was eventful, else the newest at all.
fn shown_runs(context: &Context<'_>) -> HashMap<usize, HashSet<u32>> {
    let mut shown: HashMap<usize, HashSet<u32>> = HashMap::new();
    for (case, results) in (0..).zip(&context.stories) {
        let with_page =
            || results.iter().rev().filter(|(run, _)| context.report.runs[*run as usize].has_page);
        let is_eventful = |it: &Outline| it.flaky || it.outcome.is_failing();
        let judging = context.report.cases[case as usize].run;
        let eventful = with_page()
            .find(|(run, it)| *run as usize == judging && is_eventful(it))
            .or_else(|| with_page().find(|(_, it)| is_eventful(it)));
        if let Some((run, _)) = eventful.or_else(|| with_page().next()) {
            shown.entry(*run as usize).or_default().insert(case);
        }
    }
    shown
}

/// The cases of a run whose pages show it, by their places in the past; of two that became one by a
/// renaming, the later.
fn wanted<'a>(
    run: &'a Run,
    results: &[Option<Outline>],
    wanted: Option<&HashSet<u32>>,
) -> BTreeMap<u32, &'a Case> {
    let Some(wanted) = wanted else { return BTreeMap::new() };
    let places = results.iter().map(|it| Some(it.as_ref()?.case));
    let known = places.zip(&run.cases).filter_map(|(place, case)| Some((place?, case)));
    known.filter(|(place, _)| wanted.contains(place)).collect()
}

fn story(
    context: &Context<'_>,
    (idx, run): (usize, &Run),
    (place, case): (u32, &Case),
    (logs, site): (&[Log], &Site),
) -> CaseStory {
    let attached = |n: usize| pages::attached(case, n, &run.head.id, site);
    CaseStory {
        case: place,
        shown: Some((idx, case.clone())),
        logs: (1..=case.attempts.len()).map(|n| pages::around(logs, case, n)).collect(),
        moments: pages::moments(case, logs, &attached, &run.metrics),
        fares: pages::fares(case, &run.metrics),
        places: pages::places(context, (idx, place), logs),
    }
}
