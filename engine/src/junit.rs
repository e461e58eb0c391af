//! A run as JUnit XML, for tools that do not read messages.
//!
//! A feature file is a test suite. Earlier attempts stand inside the case of the last one, as Surefire
//! writes them. JUnit has no word for *unsupported* and *degraded*: they are skipped and passed.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use crate::{
    messages::Status,
    run::{Attempt, Case, Step, Summary},
};

/// The suite of what is wrong outside of all scenarios.
const AROUND: &str = "run";

/// The report of a run of this suite.
#[must_use]
pub fn report(suite: &str, summary: &Summary) -> Report {
    let mut report = Report::new(suite);
    let mut features: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in &summary.cases {
        let uri = case.scenario.uri.as_str();
        match features.iter_mut().find(|it| it.0 == uri) {
            Some((_, cases)) => cases.push(case),
            None => features.push((uri, vec![case])),
        }
    }
    for (uri, cases) in features {
        let mut feature = TestSuite::new(uri);
        feature.set_time(cases.iter().map(|it| took(it)).sum());
        feature.add_test_cases(cases.into_iter().map(test_case));
        report.add_test_suite(feature);
    }
    let errors: Vec<TestCase> = errors(summary).collect();
    if !errors.is_empty() {
        let mut around = TestSuite::new(AROUND);
        around.add_test_cases(errors);
        report.add_test_suite(around);
    }
    report
}

/// What is wrong outside of all scenarios; without it, a run of which nothing ran would look well.
fn errors(summary: &Summary) -> impl Iterator<Item = TestCase> {
    let blocked = summary.blocked.iter().map(|it| ("start".to_owned(), it.clone()));
    let hooks = summary.hook_failures.iter().map(|it| ("hook".to_owned(), it.clone()));
    let files = summary.syntax_errors.iter().map(|(uri, it)| (uri.clone(), it.to_string()));
    let cut = summary.was_interrupted.then(|| "the run was interrupted".to_owned());
    let cut = cut.into_iter().chain(summary.stream_error.iter().map(ToString::to_string));
    let cut = cut.map(|it| ("end".to_owned(), it));
    blocked.chain(files).chain(hooks).chain(cut).map(|(name, message)| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(message);
        TestCase::new(name, status)
    })
}

fn took(case: &Case) -> Duration {
    case.attempts.iter().map(|it| it.took).sum()
}

fn test_case(case: &Case) -> TestCase {
    let mut status = match case.status() {
        Status::Unknown | Status::Passed => TestCaseStatus::success(),
        Status::Skipped | Status::Pending => TestCaseStatus::skipped(),
        Status::Undefined | Status::Ambiguous | Status::Failed => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
    };
    let (last, earlier) = case.attempts.split_last().unzip();
    if let Some(step) = last.and_then(decisive) {
        status.set_type(kind(step));
        status.set_message(step.message.as_deref().unwrap_or_default());
        status.set_description(description(step));
    }
    if !matches!(status, TestCaseStatus::Skipped { .. }) {
        status.add_reruns(earlier.unwrap_or_default().iter().map(rerun));
    }
    let scenario = &case.scenario;
    let values: Vec<&str> = scenario.origin.example.iter().map(|it| it.1.as_str()).collect();
    let example =
        if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
    let mut it = TestCase::new(format!("{}{example}", scenario.name), status);
    let path = [Some(&scenario.origin.feature), scenario.origin.rule.as_ref()];
    it.set_classname(path.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("."));
    it.set_time(last.map_or(Duration::ZERO, |it| it.took));
    it
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_time(attempt.took);
    if let Some(step) = decisive(attempt) {
        rerun.set_type(kind(step));
        rerun.set_message(step.message.as_deref().unwrap_or_default());
        rerun.set_description(description(step));
    }
    rerun
}

/// The first step that made the attempt what it is.
fn decisive(attempt: &Attempt) -> Option<&Step> {
    let is_fine = attempt.status == Status::Passed || attempt.status == Status::Unknown;
    if is_fine { None } else { attempt.steps.iter().find(|it| it.status == attempt.status) }
}

fn kind(step: &Step) -> String {
    match (step.class, step.status) {
        (Some(class), _) => class.to_string(),
        (None, Status::Undefined) => "undefined".to_owned(),
        (None, Status::Ambiguous) => "ambiguous".to_owned(),
        (None, Status::Pending) => "pending".to_owned(),
        (None, _) => "skipped".to_owned(),
    }
}

fn description(step: &Step) -> String {
    let text = step.text.as_deref().unwrap_or("hook");
    let message = step.message.as_deref().unwrap_or_default();
    format!("{text}\n{}\n{message}", step.place).trim_end().to_owned()
}
