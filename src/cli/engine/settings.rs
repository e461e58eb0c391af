//! What a run goes by: what was typed, over what the configuration says, over what is usual.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::Context;
use lkreport_engine::{
    error::{Class, Phase},
    network::{Given, Known, Profile, ProfileError},
    results::RERUN,
    run::{CancellationToken, Limits, Options, Order, Selection, Weights},
    tag::TagExpression,
    world::Waits,
};

use super::{
    super::{args, config::RunLayer},
    features::Features,
};

/// What was typed, filled up from the configuration file, whose paths are meant from where it stands.
pub(super) fn over(typed: &args::Run, layer: &RunLayer, base: &Path) -> anyhow::Result<args::Run> {
    let mut args = typed.clone();
    let from_base = |it: &PathBuf| base.join(it);
    if args.features.is_empty() {
        args.features = layer.features.iter().map(from_base).collect();
    }
    let out = args.out.or_else(|| layer.out.as_ref().map(from_base));
    let out = out.unwrap_or_else(|| PathBuf::from("results"));
    if args.livekit.is_empty() && args.matrix.is_none() {
        let versions = layer.livekit.iter().map(|it| it.parse());
        args.livekit = versions.collect::<Result<_, _>>().context("[run] livekit")?;
        if args.livekit.is_empty() {
            args.matrix.clone_from(&layer.matrix);
        }
    }
    args.rules = args.rules.or_else(|| layer.rules.as_ref().map(from_base));
    args.strictness = args.strictness.or_else(|| layer.strictness.clone());
    args.suite = args.suite.or_else(|| layer.suite.clone());
    args.tags = args.tags.or_else(|| layer.tags.clone());
    if args.name.is_none() {
        let name = layer.name.as_deref().map(regex::Regex::new);
        args.name = name.transpose().context("[run] name")?;
    }
    if let (Some(runtime), "process") = (&layer.runtime, args.runtime.as_str()) {
        args.runtime.clone_from(runtime);
    }
    args.token_service = args.token_service.or_else(|| layer.token_service.clone());
    args.network = args.network.or_else(|| layer.network.clone());
    args.network_by = args.network_by.or_else(|| layer.network_by.clone());
    args.jobs = args.jobs.or(layer.jobs);
    args.seed = args.seed.or(layer.seed);
    args.retries = args.retries.or(layer.retries);
    args.fail_fast |= layer.fail_fast;
    if args.rerun.is_some() {
        args.features = failed(&out)?;
    }
    if args.features.is_empty() {
        args.features.push(PathBuf::from("features"));
    }
    args.out = Some(out);
    Ok(args)
}

/// The places of what did not pass in the newest results below a folder.
fn failed(out: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let none = || format!("--rerun failed: {} holds no results", out.display());
    let runs = fs::read_dir(out).with_context(none)?.flatten().map(|it| it.path().join(RERUN));
    // The names of runs begin with their time.
    let newest = runs.filter(|it| it.is_file()).max().with_context(none)?;
    let text = fs::read_to_string(&newest).with_context(|| newest.display().to_string())?;
    let places: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
    anyhow::ensure!(!places.is_empty(), "{}: everything passed", newest.display());
    Ok(places)
}

/// How the run goes, and how long steps wait.
pub(super) fn options(
    args: &args::Run,
    layer: &RunLayer,
    features: &Features,
) -> anyhow::Result<(Options, Waits)> {
    let processors = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // On a server that all share, rooms and identities of scenarios beside each other would meet.
    let usual = || if args.url.is_some() { 1 } else { processors() };
    let jobs = args.jobs.unwrap_or_else(|| u32::try_from(usual()).unwrap_or(1));
    let mut options = Options {
        selection: Selection {
            tags: args.tags.as_deref().map(str::parse).transpose()?,
            name: args.name.clone(),
            lines: features.lines.clone(),
            shard: args.shard.as_deref().map(str::parse).transpose()?,
            order: args.seed.map_or(Order::Given, |seed| Order::Shuffled { seed }),
        },
        weights: Weights { jobs, ..Weights::default() },
        fail_fast: args.fail_fast,
        cancelled: CancellationToken::new(),
        ..Options::default()
    };
    options.retries.most = args.retries.unwrap_or(options.retries.most);
    if let Some(classes) = &layer.retry_on {
        let classes = classes.iter().map(|it| it.parse::<Class>());
        options.retries.classes = classes.collect::<Result<_, _>>().context("[run] retry_on")?;
    }
    let mut waits = Waits::default();
    for (name, seconds) in &layer.limits {
        let named = limit(name, &mut options.limits, &mut waits).context("[run.limits]")?;
        *named = seconds_of(*seconds).with_context(|| format!("[run.limits] {name}"))?;
    }
    tagged(layer, &mut options)?;
    // Two people in a browser keep two processors busy.
    options.weights.tagged.push(("@browser".parse()?, 2));
    for it in &args.limit {
        let (name, text) = it.split_once('=').unwrap_or((it, ""));
        let seconds = text.parse().ok().and_then(seconds_of);
        let named = limit(name, &mut options.limits, &mut waits).context("--limit")?;
        *named = seconds
            .with_context(|| format!("--limit {it}: expected seconds, as in `{name}=2.5`"))?;
    }
    Ok((options, waits))
}

/// The networks there are, and the one that everybody has.
pub(super) fn network(
    args: &args::Run,
    own: &BTreeMap<String, BTreeMap<String, String>>,
) -> anyhow::Result<Given> {
    let mut known = Known::default();
    for (name, settings) in own {
        let profile = profile(settings).with_context(|| format!("[network.{name}]"))?;
        known.add(name, profile);
    }
    let everybody = args.network.as_deref().map(|it| known.find(it)).transpose();
    let by = args.network_by.as_deref().map(str::parse).transpose().context("--network-by")?;
    Ok(Given { everybody: everybody.context("--network")?, known, by: by.unwrap_or_default() })
}

/// The network that settings of the configuration make.
pub(in super::super) fn profile(
    settings: &BTreeMap<String, String>,
) -> Result<Profile, ProfileError> {
    let parts: Vec<String> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    parts.join(",").parse()
}

/// What differs by tag.
fn tagged(layer: &RunLayer, options: &mut Options) -> anyhow::Result<()> {
    for it in &layer.tagged {
        let place = || format!("[[run.tagged]] tags = \"{}\"", it.tags);
        let tags: TagExpression = it.tags.parse().with_context(place)?;
        options.weights.tagged.extend(it.weight.map(|weight| (tags.clone(), weight)));
        options.retries.tagged.extend(it.retries.map(|retries| (tags.clone(), retries)));
        for (name, seconds) in &it.limits {
            let phase = PHASES.iter().find(|it| it.to_string() == *name);
            let phase =
                phase.with_context(|| format!("{}: no phase is called `{name}`", place()))?;
            let limit = seconds_of(*seconds).with_context(place)?;
            options.limits.tagged.push((tags.clone(), *phase, limit));
        }
    }
    Ok(())
}

const PHASES: [Phase; 5] =
    [Phase::Startup, Phase::Connection, Phase::Recording, Phase::Cleanup, Phase::Step];

/// The limit of this name.
fn limit<'a>(
    name: &str,
    of_phases: &'a mut Limits,
    waits: &'a mut Waits,
) -> anyhow::Result<&'a mut Duration> {
    Ok(match name {
        "startup" => &mut of_phases.startup,
        "connection" => &mut of_phases.connection,
        "recording" => &mut of_phases.recording,
        "cleanup" => &mut of_phases.cleanup,
        "step" => &mut of_phases.step,
        "ready" => &mut waits.ready,
        "expected" => &mut waits.expected,
        "stop" => &mut waits.stop,
        _ => anyhow::bail!(
            "no limit is called `{name}`; there are startup, connection, recording, cleanup, step, \
             ready, expected and stop"
        ),
    })
}

fn seconds_of(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}
