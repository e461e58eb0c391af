//! `lkreport issues new`: a draft of a known issue, made of a failure.

use std::{
    io::{self, Read as _},
    path::Path,
};

use anyhow::Context;
use lkreport_contract::mask::Masker;

use super::super::{
    args::{Global, NewIssue, Sources},
    build::{read_runs, recall},
    config,
    output::{Answer, Talk, print},
};
use crate::{
    history::Store,
    issues::{Catalogue, Draft, Matcher, Part, versions_of},
    model::{Attempt, Case, Failure, FailureKind, Run, RunId},
};

/// How many other failures may become examples of what it is not.
const OTHERS: usize = 20;

/// The failure that a draft is made of, and the run that it is of.
struct From {
    failure: Failure,
    run: Option<Run>,
}

pub(super) fn run(
    args: &NewIssue,
    catalogue: &Catalogue,
    global: &Global,
    talk: &Talk,
) -> anyhow::Result<Answer> {
    let From { failure, run } = found(args, catalogue, global, talk)?;
    let id = args.id.clone().unwrap_or_else(|| free(catalogue));
    let failures = run.iter().flat_map(|it| &it.cases).flat_map(failures_of);
    let others: Vec<String> = failures
        .filter(|it| it.message != failure.message)
        .filter_map(|it| it.message.lines().next().map(ToOwned::to_owned))
        .take(OTHERS)
        .collect();
    let versions = run.as_ref().map(|it| versions_of(&it.head)).unwrap_or_default();
    let link = run.as_ref().and_then(|it| it.head.ci.as_ref()?.url.clone());
    let draft = Draft {
        id: &id,
        failure: &failure,
        others: &others,
        versions: &versions,
        link: link.as_deref(),
    };
    print(&draft.yaml())?;
    talk.say(&format!("keep it as known-issues/{id}.yaml"));
    Ok(Answer::Yes)
}

/// The first id that no issue has.
fn free(catalogue: &Catalogue) -> String {
    let mut ids = (1..).map(|n| format!("MY-{n:03}"));
    ids.find(|it| catalogue.get(it).is_none()).unwrap_or_default()
}

fn found(
    args: &NewIssue,
    catalogue: &Catalogue,
    global: &Global,
    talk: &Talk,
) -> anyhow::Result<From> {
    let from = args.from.as_str();
    if from == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("standard input could not be read")?;
        anyhow::ensure!(!text.trim().is_empty(), "standard input says nothing");
        let text = Masker::default().mask(&text, &mut Default::default()).into_owned();
        let (kind, type_name) = (FailureKind::Failure, None);
        let message = text.trim().into();
        let failure = Failure { kind, type_name, message, text: Box::default() };
        return Ok(From { failure, run: None });
    }
    if Path::new(from).exists() {
        let sources = Sources { results: vec![from.into()], ..Sources::default() };
        let runs = read_runs(&config::of_sources(&sources, global)?, talk)?.runs;
        let picked = runs.into_iter().find_map(|run| Some((unknown(&run, catalogue)?, run)));
        let (failure, run) = picked
            .with_context(|| format!("{from}: nothing failed there that no issue recognises"))?;
        return Ok(From { failure, run: Some(run) });
    }
    let (run, case) = from.split_once('/').with_context(|| {
        format!(
            "--from {from}: give `<run>/<case>` as in their addresses, a folder of results, or `-`"
        )
    })?;
    let config = config::of_history(args.history.as_ref(), None, global)?;
    let store = Store::open(&config.history)?;
    let past = recall(&store, &[], &config, talk)?;
    let known = past.runs.iter().any(|it| it.head.id.as_str() == run);
    let run = store.run(&RunId::new(run))?.0.filter(|_| known);
    let run = run.with_context(|| format!("--from {from}: the history has no such run"))?;
    let failure = {
        let is_meant = |it: &&Case| {
            let id = it.id(&run.head.suite).to_string();
            case == id || case.ends_with(&format!("-{id}")) || *case == *it.name
        };
        let case = run.cases.iter().find(is_meant);
        let case = case.with_context(|| format!("--from {from}: the run has no such case"))?;
        failures_of(case).last().cloned()
    };
    let failure = failure.with_context(|| format!("--from {from}: it left no failure there"))?;
    Ok(From { failure, run: Some(run) })
}

/// The first failure that no issue recognises.
fn unknown(run: &Run, catalogue: &Catalogue) -> Option<Failure> {
    let matcher = Matcher::new(catalogue);
    let is_new = |it: &&Failure| {
        matcher.find_in(Part::Message, &it.message).is_empty()
            && matcher.find_in(Part::Stack, &it.text).is_empty()
    };
    run.cases.iter().flat_map(failures_of).find(is_new).cloned()
}

fn failures_of(case: &Case) -> impl Iterator<Item = &Failure> {
    let failing = |it: &&Attempt| it.outcome.is_failing();
    case.attempts.iter().filter(failing).flat_map(|it| &it.detail).flat_map(|it| &it.failures)
}
