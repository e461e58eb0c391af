//! `lkreport summary`: runs in short, for the page of a CI job or a comment.

use std::{borrow::Cow, cell::RefCell, collections::HashMap};

use super::{
    args::{self, Global},
    gate,
    output::{Answer, Talk, print},
};
use crate::{
    model::{CaseId, Run, headline},
    render::{self, Archive, Summary},
};

pub(super) fn run(args: &args::Summary, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let judged = gate::Judged::new(args.history.as_ref(), global, talk)?;
    let judged = gate::Explained::new(&judged, &args.run, args.url.as_deref(), global, talk)?;
    if !args.markdown {
        let coverage = render::coverage(&judged.report);
        let end = if coverage.is_empty() { "" } else { "\n" };
        print(&format!("{}{coverage}{end}", judged.words()))?;
        return Ok(Answer::Yes);
    }
    let runs: RefCell<HashMap<usize, Option<Cow<'_, Run>>>> = RefCell::default();
    let message = |run: usize, case: u32| {
        let mut runs = runs.borrow_mut();
        let run = runs.entry(run).or_insert_with(|| judged.archive.run(run)).as_ref()?;
        message_of(run, judged.archive.past().cases[case as usize].id)
    };
    let (sentence, aside) = (judged.sentence(), judged.aside());
    let summary = Summary {
        past: judged.archive.past(),
        report: &judged.report,
        runs: &judged.runs,
        gate: &judged.found,
        said: (&sentence, &aside),
        url: judged.url.as_deref(),
        message: &message,
    };
    print(&summary.markdown())?;
    Ok(Answer::Yes)
}

/// What a case failed with in the end: its message, and the text around it.
fn message_of(run: &Run, id: CaseId) -> Option<String> {
    let case = run.cases.iter().find(|it| it.id(&run.head.suite) == id)?;
    let failure = case.attempts.iter().rev().find_map(headline)?;
    let joint =
        if failure.text.is_empty() || failure.text.contains(&*failure.message) { "" } else { "\n" };
    let message = if joint.is_empty() && !failure.text.is_empty() { "" } else { &failure.message };
    Some(format!("{message}{joint}{}", failure.text))
}
