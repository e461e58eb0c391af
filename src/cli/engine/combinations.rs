//! Which combinations of versions run, and what is known of them beforehand.

use std::{collections::BTreeSet, fs, io, path::Path};

use anyhow::Context;
use include_dir::{Dir, include_dir};
use lkreport_engine::{
    component::Component,
    profile::{self, Overrides, Places},
    stack,
    version::{
        Combination, Version,
        matrix::Matrix,
        rules::{self, Rule, Strictness},
    },
};

use super::super::{
    args::{self, Global},
    config,
    output::{Hint, Talk, counted},
};
use crate::{
    history::{PastRun, Store},
    model::Outcome,
};

/// The rules that everybody gets.
static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The combinations of `--matrix`, in its order; none where only versions of the server were named.
pub(super) fn listed(args: &args::Run) -> anyhow::Result<Option<Vec<Combination>>> {
    let Some(given) = &args.matrix else { return Ok(None) };
    let matrix = if given == "-" {
        let text = io::read_to_string(io::stdin()).context("--matrix -")?;
        Matrix::read("standard input", &text).map_err(anyhow::Error::from)
    } else if Path::new(given).is_file() {
        let text = fs::read_to_string(given).with_context(|| given.clone())?;
        Matrix::read(given, &text).map_err(anyhow::Error::from)
    } else {
        let hint = || {
            Hint("there is no such file, so it was read as `livekit=1.8.4,1.11.0;egress=…`".into())
        };
        given.parse::<Matrix>().map_err(anyhow::Error::from).with_context(hint)
    };
    let combinations = matrix?.combinations().to_vec();
    let without = combinations.iter().find(|it| it.get("livekit").is_none());
    if let Some(without) = without {
        anyhow::bail!("--matrix: the combination `{without}` names no version of livekit");
    }
    Ok(Some(combinations))
}

/// Each version of the server with each of the client; without a client where none is named.
pub(super) fn with_clients(servers: &[Version], clients: &[Version]) -> Vec<Combination> {
    let server = |it: &Version| ("livekit".to_owned(), it.clone());
    if clients.is_empty() {
        return servers.iter().map(|it| Combination::from_iter([server(it)])).collect();
    }
    let with = |client: &Version| ("client-js".to_owned(), client.clone());
    let each =
        |it| clients.iter().map(move |client| Combination::from_iter([server(it), with(client)]));
    servers.iter().flat_map(each).collect()
}

/// Says what rules and the history know of the combinations; those that cannot work do not start.
pub(super) fn check(
    args: &args::Run,
    global: &Global,
    combinations: &[Combination],
    directory: &Path,
    talk: &Talk,
) -> anyhow::Result<()> {
    let tested = tested(global).unwrap_or_else(|error| {
        talk.say(&format!("warning: which combinations were tested is not known: {error:#}"));
        None
    });
    let mut rules = known(args)?;
    let most = match args.strictness.as_deref() {
        Some("ignore") => Strictness::Ignore,
        Some("warn") => Strictness::Warn,
        _ => Strictness::Fail,
    };
    for rule in &mut rules {
        rule.strictness = rule.strictness.min(most);
    }
    let mut refused = Vec::new();
    for combination in combinations {
        let others = [combinations, &of_programs(combination, directory)[..]].concat();
        let verdict = rules::check(&rules, combination, &others, tested.as_deref());
        let is_refused = verdict.is_refused();
        if is_refused {
            refused.push(format!("{combination}: {verdict}"));
        } else if !verdict.violations.is_empty() || verdict.is_untested {
            talk.say(&format!("warning: {combination}: {}", verdict.to_string().trim_end()));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let hint = "`--strictness warn` runs it all the same, `--rules` names a folder of other rules";
    let count = counted(refused.len(), "combination");
    let text = format!("{count} cannot work, nothing was started\n{}", refused.join("\n"));
    Err(anyhow::anyhow!(text).context(Hint(hint.to_owned())))
}

/// The combinations of the same components in all versions whose programs are there.
fn of_programs(combination: &Combination, directory: &Path) -> Vec<Combination> {
    let mut all = vec![Combination::default()];
    for (name, asked) in combination.iter() {
        let component = name.parse::<Component>().ok();
        let mut versions =
            component.map_or_else(Vec::new, |it| stack::versions_below(directory, it));
        versions.push(asked.clone());
        let with = |before: &Combination, version: &Version| -> Combination {
            let before = before.iter().map(|(name, it)| (name.to_owned(), it.clone()));
            before.chain([(name.to_owned(), version.clone())]).collect()
        };
        let longer =
            all.iter().flat_map(|it| versions.iter().map(move |version| with(it, version)));
        all = longer.collect();
    }
    all
}

/// The combinations that the history has runs of; none where there is no history.
fn tested(global: &Global) -> anyhow::Result<Option<Vec<Combination>>> {
    let place = config::of_history(None, None, global)?.history;
    if !place.contains("://") && !Path::new(&place).is_dir() {
        return Ok(None);
    }
    let (past, _) = Store::open(&place)?.past()?;
    let exercised = past.runs.iter().filter(|it| exercises(it)).map(versions);
    Ok(Some(exercised.collect::<BTreeSet<_>>().into_iter().collect()))
}

/// Whether a run says anything of its versions: one that skipped everything does not.
fn exercises(run: &PastRun) -> bool {
    let says = [Outcome::Passed, Outcome::Failed, Outcome::Degraded];
    says.into_iter().any(|it| run.counts.of(it) > 0)
}

fn versions(run: &PastRun) -> Combination {
    let version = |it: &str| it.parse::<Version>().ok();
    let all = run.head.versions.iter();
    all.filter_map(|(name, it)| Some((name.clone(), version(it.as_str())?))).collect()
}

/// The rules of a folder, and of those built in the ones that it does not replace.
fn known(args: &args::Run) -> anyhow::Result<Vec<Rule>> {
    let usual = Path::new("rules");
    let folder = args.rules.as_deref().or_else(|| usual.is_dir().then_some(usual));
    let built_in = RULES.files().filter_map(|it| Some((it.path().to_str()?, it.contents_utf8()?)));
    let built_in = rules::read(built_in)?;
    let Some(folder) = folder else { return Ok(built_in) };
    let unreadable = || format!("{}: rules could not be read", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            let text = fs::read_to_string(&path).with_context(unreadable)?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut rules = rules::read(files)?;
    let own: BTreeSet<String> = rules.iter().map(|it| it.id.clone()).collect();
    rules.extend(built_in.into_iter().filter(|it| !own.contains(&it.id)));
    Ok(rules)
}

/// Says how the configuration of the server differs from that of the run before.
pub(super) fn tell_change(before: Option<&Combination>, now: &Combination, talk: &Talk) {
    let versions = before.and_then(|it| it.get("livekit")).zip(now.get("livekit"));
    let Some((before, now)) = versions.filter(|(before, now)| before != now) else { return };
    let places = Places::usual();
    for it in profile::diff("basic", before, now, &places, &Overrides::new()).unwrap_or_default() {
        talk.detail(&format!("config from livekit {before} to {now}: {it}"));
    }
}
