//! `lkreport run`: suites against real servers, a results directory for each combination.

use std::{
    collections::BTreeMap,
    env, io,
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::Context;
use lkreport_contract::run::RunJson;
use lkreport_engine::run::CancellationToken;
use lkreport_engine::{
    browser::{Pool, client_js},
    component::Component,
    failures::Failures,
    mask::masker,
    network::{By, Cable, Given},
    results::Directory,
    run::{Options, Summary},
    runtime::{
        Containers, Processes, Runtime,
        ledger::{self, Ledger},
    },
    stack::Stack,
    steps::vocabulary,
    version::Combination,
    world::{Setup, Waits},
};
use tokio::sync::mpsc;

use super::{
    super::{
        args::{self, Global},
        config::{self, job_of_environment},
        output::{Answer, Hint, Talk},
    },
    combinations, dry,
    features::{self, Features},
    log,
    programs::{self, Programs},
    resume, settings, stack, watch,
};

pub(in super::super) fn run(
    args: &args::Run,
    global: &Global,
    talk: &Talk,
) -> anyhow::Result<Answer> {
    log::begin(global.verbose);
    let (layer, base) = config::layer(global)?;
    let args = &settings::over(args, &layer.run, &base)?;
    let features = features::read(&args.features)?;
    let (options, waits) = settings::options(args, &layer.run, &features)?;
    let network = settings::network(args, &layer.network)?;
    if args.list || args.dry_run {
        return dry::run(&features.sources, &options.selection, args.list);
    }
    if network.by == By::Tc {
        Cable::lay().context("--network-by tc: this machine makes no networks for us")?;
    }
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut programs = Programs::of_run(args, global)?;
    let combinations = match combinations::listed(args)? {
        Some(listed) => listed,
        None => {
            let versions = programs.versions(&args.livekit);
            let Some(versions) = tokio.block_on(programs::unless_interrupted(versions)) else {
                return Ok(Answer::Interrupted);
            };
            combinations::with_clients(&versions?, &args.client_js)
        }
    };
    combinations::check(args, global, &combinations, &programs.directory, talk)?;
    let fetched = programs.fetch(&combinations, talk);
    match tokio.block_on(programs::unless_interrupted(fetched)) {
        Some(fetched) => fetched?,
        None => return Ok(Answer::Interrupted),
    }
    let terms = Terms { waits, network };
    tokio.block_on(all(args, &features, &options, &programs.stack, (&combinations, &terms), talk))
}

/// What every combination runs under.
struct Terms {
    waits: Waits,
    network: Given,
}

/// Runs every combination, one after the other.
async fn all(
    args: &args::Run,
    features: &Features,
    options: &Options,
    stack: &Stack,
    (combinations, terms): (&[Combination], &Terms),
    talk: &Talk,
) -> anyhow::Result<Answer> {
    let running = ledger::default_directory();
    let docker = match args.runtime.as_str() {
        "docker" => Some(programs::docker().await?),
        _ => None,
    };
    for line in stack::clean(&running, docker.as_ref()).await? {
        talk.say(&line);
    }
    let ledger = Arc::new(Ledger::open(&running)?);
    let containers = docker.map(|it| Containers::new(it, Arc::clone(&ledger)));
    let clients = client_js::default_directory();
    let browsers = Pool::new(Arc::clone(&ledger), &ledger.directory()?, &clients, args.headed);
    let browsers = Arc::new(browsers);
    let interrupt = interrupt(options.cancelled.clone());
    let setup = |combination: &Combination| -> anyhow::Result<Setup> {
        let token_service = args.token_service.as_deref().map(str::parse).transpose();
        Ok(Setup {
            token_service: token_service.context("--token-service: expected `https://…`")?,
            stack: stack.clone(),
            runtime: match &containers {
                Some(it) => Runtime::Docker(it.clone()),
                None => Runtime::Process(Processes::new(Arc::clone(&ledger))),
            },
            browsers: Arc::clone(&browsers),
            versions: combination.clone(),
            directory: ledger.directory()?,
            waits: terms.waits,
            network: terms.network.clone(),
        })
    };
    let done = each(args, features, options, setup, combinations, talk).await;
    browsers.close(terms.waits.stop).await;
    interrupt.abort();
    if let Some(containers) = &containers {
        let left = containers.sweep().await.context("Docker")?;
        stack::removed(&left, "this run").iter().for_each(|it| talk.say(it));
    }
    done
}

async fn each(
    args: &args::Run,
    features: &Features,
    options: &Options,
    setup: impl Fn(&Combination) -> anyhow::Result<Setup>,
    combinations: &[Combination],
    talk: &Talk,
) -> anyhow::Result<Answer> {
    let (mut is_success, mut is_readable) = (true, true);
    let mut before: Option<&Combination> = None;
    for combination in combinations {
        if args.resume
            && let Some(done) = resume::finished(args, combination, &repeat(combination))
        {
            talk.say(&format!("{combination}: finished before, in {}", done.display()));
            continue;
        }
        combinations::tell_change(before, combination, talk);
        before = Some(combination);
        let summary = one(args, features, options.clone(), setup(combination)?, talk).await?;
        is_success &= summary.is_success();
        is_readable &= summary.syntax_errors.is_empty();
        if summary.was_interrupted {
            break;
        }
    }
    anyhow::ensure!(is_readable, "some feature files could not be read; the rest ran");
    if options.cancelled.is_cancelled() {
        return Ok(Answer::Interrupted);
    }
    Ok(if is_success { Answer::Yes } else { Answer::No })
}

/// Runs one combination.
async fn one(
    args: &args::Run,
    features: &Features,
    mut options: Options,
    setup: Setup,
    talk: &Talk,
) -> anyhow::Result<Summary> {
    let head = head(args, &setup).await;
    talk.say(&setup.versions.to_string());
    let out = args.out.clone().unwrap_or_default();
    let running = setup.stack.running(Component::Livekit);
    let masker = masker(running.map(|it| it.secret.as_str()));
    let setup = Arc::new(setup);
    let registry = Arc::new(vocabulary(Arc::clone(&setup)).registry);
    let (sender, receiver) = mpsc::unbounded_channel();
    options.progress = Some(sender);
    let unwritable = |error: io::Error| {
        let (place, hint) = (out.display(), elsewhere(&error));
        let error = anyhow::Error::from(error);
        error.context(format!("{place}: results could not be written")).context(hint)
    };
    let directory = Directory::create(&out, head, Arc::clone(&masker)).map_err(unwritable)?;
    let log = log::to(&directory.path, masker).map_err(unwritable)?;
    let complete = |head: &mut RunJson| name_browsers(head, &setup);
    let run = directory.run(registry, &features.sources, options, complete);
    let (done, ()) = tokio::join!(run, watch::watch(receiver, talk));
    drop(log);
    let results = done.map_err(unwritable)?;
    for (file, error) in &results.summary.syntax_errors {
        talk.say(&format!("{file}:{error}"));
    }
    if let Some(reason) = &results.summary.blocked {
        anyhow::bail!("no scenario could run: {reason}");
    }
    if let Some(error) = &results.summary.stream_error {
        let (place, hint) = (results.directory.display(), elsewhere(error));
        let error = anyhow::anyhow!("{place}: the results broke off: {error}");
        return Err(error.context(hint));
    }
    let failures = Failures::of(&results.summary);
    if !failures.is_empty() {
        talk.say(&format!("\n{failures}"));
    }
    talk.say(&format!(
        "{}\nresults in {}",
        watch::sum(&results.summary),
        results.directory.display()
    ));
    Ok(results.summary)
}

/// What helps where results cannot be written.
fn elsewhere(error: &io::Error) -> Hint {
    let is_full = error.kind() == io::ErrorKind::StorageFull;
    let room = if is_full { "make room there, or " } else { "" };
    let kept = "`lkreport build` reads what was written before";
    Hint(format!("{room}choose another place with `--out`; {kept}"))
}

/// What the results say of the run.
async fn head(args: &args::Run, setup: &Setup) -> RunJson {
    let environment = [("os", env::consts::OS), ("arch", env::consts::ARCH)];
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string();
    RunJson {
        id: Some(format!("{now}-{}", setup.versions.id())),
        suite: Some(args.suite.clone().unwrap_or_else(|| "livekit".to_owned())),
        versions: setup
            .versions
            .iter()
            .map(|(name, it)| (name.to_owned(), it.to_string()))
            .collect(),
        reported: reported(setup).await,
        runtime: Some(setup.runtime.name().to_owned()),
        network: args.network.clone(),
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        seed: args.seed,
        shard: args.shard.clone(),
        repeat: repeat(&setup.versions),
        ..origin()
    }
}

/// Names the browsers that took part, and their client where the versions do not.
fn name_browsers(head: &mut RunJson, setup: &Setup) {
    let used = setup.browsers.used();
    if used.is_empty() {
        return;
    }
    head.browser = Some(used.join(", "));
    if setup.versions.get("client-js").is_none() {
        head.environment.insert("client-js".to_owned(), client_js::usual().to_string());
    }
}

/// What is tested: as the CI job says, else as git says of this folder.
fn origin() -> RunJson {
    let mut run = job_of_environment();
    run.commit = run.commit.or_else(|| git(&["rev-parse", "HEAD"]));
    run.branch = run.branch.or_else(|| git(&["symbolic-ref", "--short", "HEAD"]));
    run
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|it| output.status.success() && !it.is_empty())
}

/// What the programs say of their versions themselves.
async fn reported(setup: &Setup) -> BTreeMap<String, String> {
    let mut reported = BTreeMap::new();
    let is_wanted = |it: &Component| setup.versions.get(it.name()).is_some();
    for component in Component::ALL.into_iter().filter(is_wanted) {
        let Ok(program) = setup.program(component) else { continue };
        let prints = setup.runtime.reported(&program).await;
        reported.extend(prints.map(|it| (component.name().to_owned(), it)));
    }
    reported
}

/// The command as it was typed, for one combination.
fn repeat(versions: &Combination) -> Vec<String> {
    let mut repeat = vec!["lkreport".to_owned()];
    let mut typed = env::args().skip(1);
    while let Some(argument) = typed.next() {
        match argument.as_str() {
            "--resume" => {}
            "--livekit" | "--matrix" | "--client-js" => _ = typed.next(),
            it if ["--livekit=", "--matrix=", "--client-js="]
                .iter()
                .any(|with| it.starts_with(with)) => {}
            _ => repeat.push(argument),
        }
    }
    repeat.extend(versions.arguments());
    repeat
}

/// The first interruption ends the run in order; the second one at once.
fn interrupt(cancelled: CancellationToken) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        programs::interrupted().await;
        cancelled.cancel();
        programs::interrupted().await;
        std::process::exit(130);
    })
}
