//! The configuration: what `lkreport.toml` says, with the command line over it.

mod judging;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use jiff::Timestamp;
use lkreport_contract::{
    mask::{Masked, Masker},
    run::RunJson,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::judging::{GateLayer, ReportLayer, ShiftsLayer, settings};
use super::{
    args::{self, Global},
    beside::{Beside, FeaturesLayer, ReleasesLayer},
    output::Hint,
};
use crate::{
    history::Policy,
    ingest::{Discard, Intake, masked_run, meta},
    report::{GateRules, Settings},
};

/// What the file says; everything may be missing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Layer {
    results: Option<Vec<PathBuf>>,
    history: Option<String>,
    out: Option<PathBuf>,
    templates: Option<PathBuf>,
    suite: Option<String>,
    stamp: Option<String>,
    default_branch: Option<String>,
    run_pages: Option<usize>,
    meta: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
    aliases: BTreeMap<String, String>,
    site: SiteLayer,
    matrix: MatrixLayer,
    mask: MaskLayer,
    aged: AgedLayer,
    report: ReportLayer,
    gate: GateLayer,
    shifts: ShiftsLayer,
    retention: RetentionLayer,
    features: FeaturesLayer,
    releases: ReleasesLayer,
    pub(super) stack: StackLayer,
    pub(super) run: RunLayer,
    pub(super) health: BTreeMap<String, String>,
    /// Networks by name, each with what `--network` takes: `latency`, `jitter`, `loss` …
    pub(super) network: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct SiteLayer {
    title: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct MatrixLayer {
    file: Option<PathBuf>,
    components: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct MaskLayer {
    patterns: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct AgedLayer {
    days: Option<u32>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct RetentionLayer {
    all_days: Option<u32>,
    daily_days: Option<u32>,
    budget: Option<String>,
}

/// Where the programs come from that `run` starts.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StackLayer {
    pub(super) providers: Option<Vec<String>>,
    pub(super) directory: Option<PathBuf>,
    pub(super) releases: Option<String>,
}

/// How suites are run: what `lkreport run` has options for, and what differs by tag.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RunLayer {
    pub(super) features: Vec<PathBuf>,
    pub(super) out: Option<PathBuf>,
    pub(super) suite: Option<String>,
    pub(super) livekit: Vec<String>,
    pub(super) matrix: Option<String>,
    pub(super) rules: Option<PathBuf>,
    pub(super) strictness: Option<String>,
    pub(super) tags: Option<String>,
    pub(super) name: Option<String>,
    pub(super) runtime: Option<String>,
    /// The address of a token service that is tested instead of the reference.
    pub(super) token_service: Option<String>,
    pub(super) network: Option<String>,
    /// What makes networks: `auto`, `relay` or `tc`.
    pub(super) network_by: Option<String>,
    pub(super) jobs: Option<u32>,
    pub(super) seed: Option<u64>,
    pub(super) retries: Option<u32>,
    /// The classes of failures that are tried again, such as `connection refused`.
    pub(super) retry_on: Option<Vec<String>>,
    pub(super) fail_fast: bool,
    /// Seconds, by phase.
    pub(super) limits: BTreeMap<String, f64>,
    /// What differs for scenarios for which a tag expression holds; the first that holds prevails.
    pub(super) tagged: Vec<TaggedLayer>,
}

/// What differs for some scenarios.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TaggedLayer {
    pub(super) tags: String,
    pub(super) weight: Option<u32>,
    pub(super) retries: Option<u32>,
    pub(super) limits: BTreeMap<String, f64>,
}

/// Everything that a build goes by, complete.
#[derive(Debug)]
pub(super) struct Config {
    /// Folders or files of results.
    pub(super) results: Vec<PathBuf>,
    /// Where past runs are kept.
    pub(super) history: String,
    /// Where the site goes.
    pub(super) out: PathBuf,
    /// Where the markdown matrix goes.
    pub(super) matrix: Option<PathBuf>,
    /// What is taken in besides results.
    pub(super) beside: Beside,
    /// A folder of templates that stand in for the built-in ones.
    pub(super) templates: Option<PathBuf>,
    /// What the command line says of the runs.
    pub(super) run: RunJson,
    /// What the file says of the runs.
    pub(super) defaults: RunJson,
    /// What the environment says of the job that we run in.
    pub(super) job: RunJson,
    /// How many secrets were masked in what the command line and the file say of the runs.
    pub(super) masked: Masked,
    /// The time that stands for now.
    pub(super) stamp: Timestamp,
    /// What the site calls itself.
    pub(super) title: String,
    /// Where the site will be read, without a slash at its end.
    pub(super) url: Option<String>,
    /// What is masked.
    pub(super) masker: Masker,
    /// What pruning keeps.
    pub(super) retention: Policy,
    /// Former identities of cases.
    pub(super) aliases: BTreeMap<String, String>,
    /// What the report goes by.
    pub(super) settings: Settings,
    /// What the gate goes by.
    pub(super) gate: GateRules,
}

/// The components that split cells unless somebody says otherwise, the server first.
const COMPONENTS: [&str; 7] =
    ["livekit", "egress", "ingress", "sip", "client-js", "sdk-*", "agents"];

/// Reads the configuration file: the one that was named, or `lkreport.toml` where there is one.
pub(super) fn layer(global: &Global) -> anyhow::Result<(Layer, PathBuf)> {
    let named = global.config.clone();
    let path = named.clone().unwrap_or_else(|| PathBuf::from("lkreport.toml"));
    if named.is_none() && !path.exists() {
        return Ok((Layer::default(), PathBuf::new()));
    }
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{}: could not be read", path.display()))?;
    let layer = toml::from_str(&text).map_err(|error: toml::de::Error| {
        let usual = "`lkreport init` writes a configuration with all keys and comments".to_owned();
        let hint = meant(error.message()).map_or(usual, |it| format!("did you mean `{it}`?"));
        anyhow::anyhow!("{}: {}", path.display(), error.to_string().trim_end()).context(Hint(hint))
    })?;
    // Paths in the file are meant from where the file stands.
    let base = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok((layer, base))
}

/// The key that was meant, of those that an error expects in the place of an unknown one.
pub(super) fn meant(message: &str) -> Option<&str> {
    let names = message.strip_prefix("unknown field `")?.split('`').step_by(2);
    let (unknown, expected) = (message.split('`').nth(1)?, names.skip(1));
    let likeness = |it: &str| strsim::jaro_winkler(unknown, it);
    let near = expected.map(|it| (likeness(it), it)).filter(|(likeness, _)| *likeness > 0.8);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, it)| it)
}

/// What the command line may say of a build; a command has those options that it needs.
#[derive(Debug, Default)]
struct Typed<'a> {
    sources: Option<&'a args::Sources>,
    history: Option<&'a String>,
    out: Option<&'a PathBuf>,
    matrix: Option<&'a PathBuf>,
    beside: args::Beside,
    templates: Option<&'a PathBuf>,
}

/// Puts the command line of `build` over the file.
pub(super) fn of_build(args: &args::Build, global: &Global) -> anyhow::Result<Config> {
    let args::Build { sources, history, out, matrix, beside, templates, url, gate: _ } = args;
    let typed = Typed {
        sources: Some(sources),
        history: history.as_ref(),
        out: out.as_ref(),
        matrix: matrix.as_ref(),
        beside: beside.clone(),
        templates: templates.as_ref(),
    };
    Ok(complete(&typed, global)?.read_at(url.as_deref()))
}

/// Puts only where results come from over the file.
pub(super) fn of_sources(sources: &args::Sources, global: &Global) -> anyhow::Result<Config> {
    complete(&Typed { sources: Some(sources), ..Typed::default() }, global)
}

/// Puts only where the history stands over the file.
pub(super) fn of_history(
    history: Option<&String>,
    sources: Option<&args::Sources>,
    global: &Global,
) -> anyhow::Result<Config> {
    complete(&Typed { history, sources, ..Typed::default() }, global)
}

fn complete(typed: &Typed<'_>, global: &Global) -> anyhow::Result<Config> {
    let (layer, base) = layer(global)?;
    let Layer {
        results,
        history,
        out,
        templates,
        suite,
        stamp,
        default_branch,
        run_pages,
        meta,
        versions,
        aliases,
        site: SiteLayer { title, url },
        matrix: MatrixLayer { file, components },
        mask: MaskLayer { patterns },
        aged: AgedLayer { days },
        report,
        gate,
        shifts,
        retention,
        features,
        releases,
        // What the engine goes by is read by its commands.
        ..
    } = layer;
    let components = components.unwrap_or_else(|| COMPONENTS.map(Into::into).into());
    let sources = typed.sources.cloned().unwrap_or_default();
    let from_file = |path: PathBuf| base.join(path);
    let results = if sources.results.is_empty() {
        results.unwrap_or_default().into_iter().map(from_file).collect()
    } else {
        sources.results.clone()
    };
    let history = typed.history.cloned().or_else(|| history.map(|it| place(it, &base)));
    let masker =
        Masker::with(&Vec::from_iter(patterns)).context("lkreport.toml, [mask.patterns]")?;
    let defaults = RunJson { suite, versions, ..RunJson::default() };
    // What is said of a run is stored, like what its files say.
    let mut intake = Intake::new(&masker, &Discard);
    let config = Config {
        results,
        history: history.unwrap_or_else(|| "history".to_owned()),
        out: typed.out.cloned().or(out.map(from_file)).unwrap_or_else(|| "report".into()),
        matrix: typed.matrix.cloned().or(file.map(from_file)),
        beside: Beside::new(&typed.beside, (features, releases), &base),
        templates: typed.templates.cloned().or(templates.map(from_file)),
        run: masked_run(&of_metas(&sources.meta)?, &mut intake),
        defaults: masked_run(&with_metas(defaults, &meta)?, &mut intake),
        job: masked_run(&job_of_environment(), &mut intake),
        masked: intake.masked().clone(),
        stamp: self::stamp(sources.stamp.as_deref().or(stamp.as_deref()))?,
        title: title.unwrap_or_else(|| "LiveKit test report".to_owned()),
        url: None,
        masker,
        retention: policy(&retention, &components)?,
        aliases,
        gate: gate.into(),
        settings: settings(components, (days, run_pages), default_branch, (report, shifts)),
    };
    Ok(config.read_at(url.as_deref()))
}

impl Config {
    /// The same, where people read the site at `url`; no URL changes nothing.
    pub(super) fn read_at(mut self, url: Option<&str>) -> Self {
        let url = url.filter(|it| !it.is_empty()).map(|it| it.trim_end_matches('/').to_owned());
        self.url = url.or(self.url);
        self
    }
}

/// A folder is meant from where the file stands; a URL is meant as it is.
fn place(history: String, base: &Path) -> String {
    let is_url = history.contains("://");
    if is_url { history } else { base.join(history).to_string_lossy().into_owned() }
}

fn policy(layer: &RetentionLayer, components: &[String]) -> anyhow::Result<Policy> {
    let RetentionLayer { all_days, daily_days, budget } = layer;
    let usual = Policy::default();
    Ok(Policy {
        all_days: all_days.unwrap_or(usual.all_days),
        daily_days: daily_days.unwrap_or(usual.daily_days),
        budget: budget.as_deref().map(bytes).transpose()?,
        components: components.to_owned(),
    })
}

/// A size such as `800 MB`; units are those of 1,000, as disks and GitHub count.
pub(super) fn bytes(text: &str) -> anyhow::Result<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => f64::NAN,
    };
    let size = number.trim().parse::<f64>().map(|it| it * factor).unwrap_or(f64::NAN);
    anyhow::ensure!(
        size.is_finite() && size >= 0.0,
        "lkreport.toml, [retention] budget: `{text}` is not a size: expected, for example, `800 MB`"
    );
    Ok(size as u64)
}

/// What `[meta]` says besides.
fn with_metas(mut run: RunJson, metas: &BTreeMap<String, String>) -> anyhow::Result<RunJson> {
    for (name, value) in metas {
        let wrong = |why| anyhow::anyhow!("lkreport.toml, [meta] {name}: {why}");
        meta::set(&mut run, name, value).map_err(wrong)?;
    }
    Ok(run)
}

/// What `--meta` says.
fn of_metas(metas: &[String]) -> anyhow::Result<RunJson> {
    let mut run = RunJson::default();
    for it in metas {
        let (name, value) = it.split_once('=').with_context(|| {
            format!("--meta {it}: expected NAME=VALUE, such as `livekit=1.8.4` or `suite=smoke`")
        })?;
        meta::set(&mut run, name, value).map_err(|why| anyhow::anyhow!("--meta {it}: {why}"))?;
    }
    Ok(run)
}

/// The time that stands for now; `SOURCE_DATE_EPOCH` as in
/// <https://reproducible-builds.org/specs/source-date-epoch/>.
pub(super) fn stamp(asked: Option<&str>) -> anyhow::Result<Timestamp> {
    let from_environment = env::var("SOURCE_DATE_EPOCH").ok();
    let Some(text) = asked.or(from_environment.as_deref()) else { return Ok(Timestamp::now()) };
    let seconds = text.parse().ok().and_then(|it| Timestamp::from_second(it).ok());
    seconds.or_else(|| text.parse().ok()).with_context(|| {
        format!("`{text}` is not a time: expected RFC 3339, such as 2026-11-21T10:00:00Z, or seconds since 1970")
    })
}

/// What the environment says of the CI job that we run in.
pub(super) fn job_of_environment() -> RunJson {
    let var = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
    let mut run = RunJson::default();
    let ci = if var("GITHUB_ACTIONS").is_some() {
        run.commit = var("GITHUB_SHA");
        run.branch = var("GITHUB_HEAD_REF").or_else(|| var("GITHUB_REF_NAME"));
        ("github", var("GITHUB_RUN_ID"), var("GITHUB_RUN_ATTEMPT"), var("GITHUB_JOB"), github_url())
    } else if var("GITLAB_CI").is_some() {
        run.commit = var("CI_COMMIT_SHA");
        run.branch = var("CI_COMMIT_REF_NAME");
        ("gitlab", var("CI_PIPELINE_ID"), None, var("CI_JOB_NAME"), var("CI_JOB_URL"))
    } else if var("JENKINS_URL").is_some() {
        run.commit = var("GIT_COMMIT");
        run.branch = var("CHANGE_BRANCH").or_else(|| var("BRANCH_NAME"));
        ("jenkins", var("BUILD_NUMBER"), None, var("JOB_NAME"), var("BUILD_URL"))
    } else {
        return run;
    };
    let (provider, id, attempt, job, url) = ci;
    run.ci = id.map(|id| lkreport_contract::run::Ci {
        provider: provider.to_owned(),
        url,
        run: id,
        attempt,
        job,
    });
    run
}

fn github_url() -> Option<String> {
    let var = |name: &str| env::var(name).ok();
    let (server, repository) = (var("GITHUB_SERVER_URL")?, var("GITHUB_REPOSITORY")?);
    Some(format!("{server}/{repository}/actions/runs/{}", var("GITHUB_RUN_ID")?))
}
