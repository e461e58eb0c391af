//! What a person sees while scenarios run: a bar, and a line for each that did not pass.

use std::time::Duration;

use indicatif::ProgressBar;
use lkreport_contract::outcome::ExtraOutcome;
use lkreport_engine::{
    messages::{Pickle, Status},
    run::{Attempt, Case, Progress, Summary},
};
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::output::{Talk, counted};

/// Tells of a run until it ends.
pub(super) async fn watch(mut progress: UnboundedReceiver<Progress>, talk: &Talk) {
    let mut bar = ProgressBar::hidden();
    while let Some(told) = progress.recv().await {
        match told {
            Progress::Planned(scenarios) => bar = talk.progress("scenarios", scenarios),
            Progress::Began(_) => {}
            Progress::Ended(scenario, attempt) => {
                let line = line(&scenario, &attempt);
                let is_quiet = attempt.status == Status::Passed && attempt.extra.is_none();
                bar.suspend(|| if is_quiet { talk.detail(&line) } else { talk.say(&line) });
                if attempt.retry.is_none() {
                    bar.inc(1);
                }
            }
        }
    }
    bar.finish_and_clear();
}

fn line(scenario: &Pickle, attempt: &Attempt) -> String {
    let word = word(attempt);
    let Pickle { name, uri, location, .. } = scenario;
    let mut line = format!("{word:<11} {name}  ({uri}:{}, {:.1?})", location.line, attempt.took);
    for step in attempt.steps.iter().filter(|it| it.status > Status::Passed) {
        if let Some(message) = &step.message {
            let at = step.text.as_deref().unwrap_or("a hook");
            line += &format!("\n    {at}: {}", message.replace('\n', "\n      "));
        }
    }
    if let Some(reason) = &attempt.retry {
        line += &format!("\n    {reason}");
    }
    // Whoever wrote the message does not get to command the terminal.
    line.replace(|c: char| c.is_control() && !"\n\t".contains(c), "\u{fffd}")
}

/// What became of an attempt, in the words of reports.
fn word(attempt: &Attempt) -> &'static str {
    match attempt.extra.as_ref().map(|it| it.outcome) {
        Some(ExtraOutcome::Unsupported) => return "unsupported",
        Some(ExtraOutcome::Degraded) => return "degraded",
        None => {}
    }
    match attempt.status {
        Status::Unknown => "empty",
        Status::Passed => "passed",
        Status::Skipped => "skipped",
        Status::Pending => "pending",
        Status::Undefined => "undefined",
        Status::Ambiguous => "ambiguous",
        Status::Failed => "failed",
    }
}

/// One line on a whole run.
pub(super) fn sum(summary: &Summary) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut add = |word: &'static str| match counts.iter_mut().find(|it| it.0 == word) {
        Some(it) => it.1 += 1,
        None => counts.push((word, 1)),
    };
    for case in &summary.cases {
        add(if is_flaky(case) { "flaky" } else { case.attempts.last().map_or("empty", word) });
    }
    let counts: Vec<String> = counts.iter().map(|(word, n)| format!("{n} {word}")).collect();
    let took = summary.finished.duration_since(summary.started);
    let took = Duration::try_from(took).unwrap_or_default();
    let scenarios = counted(summary.cases.len(), "scenario");
    format!("{scenarios} in {took:.1?}: {}", counts.join(", "))
}

/// Whether it passed after it had failed.
fn is_flaky(case: &Case) -> bool {
    case.status() == Status::Passed && case.attempts.iter().any(|it| it.status == Status::Failed)
}
