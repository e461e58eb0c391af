//! `lkreport export`: results for other tools.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use serde_json::{Value, json};

use super::{
    args::{self, Global},
    build::read_runs,
    config,
    output::{Answer, Talk, print},
};
use crate::model::{Attempt, Case, Failure, FailureKind, Outcome, Run};

pub(super) fn run(args: &args::Export, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let config = config::of_sources(&args.sources, global)?;
    let runs = read_runs(&config, talk)?.runs;
    if args.junit {
        print(&junit(&runs)?)?;
    } else {
        let lines = runs.iter().map(|run| format!("{}\n", json_of(run)));
        print(&lines.collect::<String>())?;
    }
    Ok(Answer::Yes)
}

/// All runs as one JUnit file, a test suite for each; retries as Surefire writes them.
fn junit(runs: &[Run]) -> anyhow::Result<String> {
    let mut report = Report::new("lkreport");
    for run in runs {
        let mut suite = TestSuite::new(run.head.suite.as_str());
        for (name, version) in &run.head.versions {
            suite.add_property((format!("lkreport.{name}"), version.to_string()));
        }
        suite.add_test_cases(run.cases.iter().map(test_case));
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn test_case(case: &Case) -> TestCase {
    let (earlier, last) = match case.attempts.split_last() {
        Some((last, earlier)) => (earlier, last),
        None => (&[][..], const { &Attempt::new(Outcome::Unknown) }),
    };
    let mut status = match last.outcome {
        Outcome::Passed | Outcome::Degraded => TestCaseStatus::success(),
        outcome if outcome.is_failing() => TestCaseStatus::non_success(kind(last)),
        _ => TestCaseStatus::skipped(),
    };
    if let Some(failure) = failure(last) {
        status.set_message(failure.message.as_ref());
        status.set_description(failure.text.as_ref());
        status.set_type(failure.type_name.as_deref().unwrap_or_default());
    }
    let reruns = earlier.iter().filter(|it| it.outcome.is_failing()).map(rerun);
    if !matches!(status, TestCaseStatus::Skipped { .. }) {
        status.add_reruns(reruns);
    }
    let example = case.example.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    let name = if example.is_empty() {
        case.name.to_string()
    } else {
        format!("{} [{example}]", case.name)
    };
    let mut it = TestCase::new(name, status);
    it.set_classname(case.path.join("."));
    if let Some(duration) = case.duration() {
        it.set_time(duration);
    }
    it
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let mut rerun = TestRerun::new(kind(attempt));
    if let Some(duration) = attempt.duration {
        rerun.set_time(duration);
    }
    if let Some(failure) = failure(attempt) {
        rerun.set_message(failure.message.as_ref());
        rerun.set_description(failure.text.as_ref());
    }
    rerun
}

fn failure(attempt: &Attempt) -> Option<&Failure> {
    crate::model::headline(attempt)
}

fn kind(attempt: &Attempt) -> NonSuccessKind {
    match failure(attempt).map(|it| it.kind) {
        Some(FailureKind::Error) => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    }
}

fn json_of(run: &Run) -> Value {
    let attempt = |it: &Attempt| {
        json!({
            "outcome": it.outcome,
            "started": it.started,
            "seconds": it.duration.map(|it| it.as_secs_f64()),
            "detail": it.detail,
        })
    };
    let case = |it: &Case| {
        json!({
            "id": it.id(&run.head.suite),
            "path": it.path,
            "feature": it.feature,
            "rule": it.rule,
            "name": it.name,
            "example": it.example,
            "tags": it.tags,
            "outcome": it.outcome(),
            "flaky": it.is_flaky(),
            "attempts": it.attempts.iter().map(attempt).collect::<Vec<_>>(),
        })
    };
    json!({
        "run": run.head,
        "cases": run.cases.iter().map(case).collect::<Vec<_>>(),
        "problems": run.problems,
    })
}
