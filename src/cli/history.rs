//! `lkreport history`: looking after the past runs.

use serde_json::json;

use super::{
    args::{self, Global, HistoryCommand},
    build::{add, read_runs, recall},
    config,
    output::{Answer, Talk, print},
};
use crate::history::{PastRun, Store};

pub(super) fn run(args: &args::History, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let sources = match &args.command {
        HistoryCommand::Add(sources) => Some(sources),
        _ => None,
    };
    let config = config::of_history(args.history.as_ref(), sources, global)?;
    let store = Store::open(&config.history)?;
    match &args.command {
        HistoryCommand::List { json } => {
            let past = recall(&store, talk)?;
            let line = if *json { json_line } else { words };
            print(&past.runs.iter().rev().map(line).collect::<String>())?;
            Ok(Answer::Yes)
        }
        HistoryCommand::Add(_) => {
            let runs = read_runs(&config, talk)?;
            add(&store, &runs, talk)?;
            print(&runs.iter().map(|run| format!("{}\n", run.head.id)).collect::<String>())?;
            Ok(Answer::Yes)
        }
        HistoryCommand::Verify | HistoryCommand::Prune { .. } => Ok(Answer::Yes),
    }
}

fn json_line(run: &PastRun) -> String {
    let outcomes: serde_json::Map<_, _> =
        run.counts.iter().map(|(outcome, n)| (outcome.to_string(), n.into())).collect();
    format!("{}\n", json!({ "run": run.head, "outcomes": outcomes, "flaky": run.flaky }))
}

fn words(run: &PastRun) -> String {
    let counts: Vec<String> =
        run.counts.iter().map(|(outcome, n)| format!("{n} {outcome}")).collect();
    let versions: Vec<String> =
        run.head.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let started = run.head.started.strftime("%Y-%m-%d %H:%M");
    let (suite, id) = (&run.head.suite, &run.head.id);
    format!("{started}  {suite}  {}  {}  {id}\n", versions.join(" "), counts.join(", "))
}
