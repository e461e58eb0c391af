//! `lkreport history`: looking after the past runs.

use serde_json::json;

use super::{
    args::{self, Global, HistoryCommand},
    build::{add, read_runs, recall},
    config,
    output::{Answer, Talk, counted, print},
};
use crate::history::{PastRun, Policy, Store};

pub(super) fn run(args: &args::History, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let sources = match &args.command {
        HistoryCommand::Add(sources) => Some(sources),
        _ => None,
    };
    let config = config::of_history(args.history.as_ref(), sources, global)?;
    let store = Store::open(&config.history)?;
    match &args.command {
        HistoryCommand::List { json } => {
            let past = recall(&store, &[], &config, talk)?;
            let line = if *json { json_line } else { words };
            print(&past.runs.iter().rev().map(line).collect::<String>())?;
            Ok(Answer::Yes)
        }
        HistoryCommand::Add(_) => {
            let fresh = read_runs(&config, talk)?;
            add(&store, &fresh, talk)?;
            print(&fresh.runs.iter().map(|run| format!("{}\n", run.head.id)).collect::<String>())?;
            Ok(Answer::Yes)
        }
        HistoryCommand::Verify => verify(&store, talk),
        HistoryCommand::Prune { dry_run } => prune(&store, &config.retention, *dry_run, talk),
    }
}

fn verify(store: &Store, talk: &Talk) -> anyhow::Result<Answer> {
    let it = store.verify()?;
    for problem in &it.problems {
        print(&format!("{}: {}\n", problem.file, problem.message))?;
    }
    talk.say(&format!(
        "{} in {} with {}, {} of evidence, {:.1} MB; {} damaged",
        counted(it.runs, "run"),
        counted(it.records, "record"),
        counted(it.cases, "case"),
        counted(it.evidence, "pack"),
        it.bytes as f64 / 1e6,
        it.problems.len(),
    ));
    if it.unclaimed > 0 {
        talk.say(&format!(
            "without a record, harmless: {} of evidence",
            counted(it.unclaimed, "pack")
        ));
    }
    if it.leftovers > 0 {
        talk.say(&format!("unfinished, harmless: {}", counted(it.leftovers, "file")));
    }
    if it.newer > 0 {
        talk.say(&format!("written by a newer lkreport: {}", counted(it.newer, "record")));
    }
    Ok(if it.problems.is_empty() { Answer::Yes } else { Answer::No })
}

fn prune(store: &Store, policy: &Policy, dry_run: bool, talk: &Talk) -> anyhow::Result<Answer> {
    let it = store.prune(policy, dry_run)?;
    for gone in &it.pruned {
        print(&format!("{}\n", serde_json::to_string(gone)?))?;
    }
    for alone in &it.unclaimed {
        let verb = match (alone.goes, dry_run) {
            (true, true) => "would drop",
            (true, false) => "dropped",
            (false, _) => "kept, since it may be of a writer at work,",
        };
        talk.say(&format!("{verb} evidence without a record: {}", alone.name));
    }
    let alone = it.unclaimed.iter().filter(|it| it.goes).map(|it| it.bytes).sum::<u64>();
    let freed: u64 = it.pruned.iter().map(|it| it.bytes).sum::<u64>() + it.leftover_bytes + alone;
    let verb = if dry_run { "would free" } else { "freed" };
    talk.say(&format!(
        "{verb} {:.1} MB; {:.1} MB are kept",
        freed as f64 / 1e6,
        it.bytes as f64 / 1e6
    ));
    Ok(Answer::Yes)
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
