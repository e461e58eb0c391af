//! `lkreport fetch releases`: release notes from GitHub into files that a build reads.
//!
//! Each page of releases is a file, with the ETag that it came with beside it: both are the cache, and
//! a file is only ever replaced by a whole answer.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    header::{ACCEPT, ETAG, HeaderMap, IF_NONE_MATCH, LINK, RETRY_AFTER},
};
use serde_json::{Map, Value};

use super::{
    args::{Fetch, FetchCommand, FetchReleases},
    output::{Answer, Talk, counted},
};
use crate::ingest::{component_named, repository_of};

/// What is fetched unless somebody says otherwise.
const USUAL: [&str; 6] = ["livekit", "egress", "ingress", "sip", "client-js", "agents"];
/// What of a release is kept.
const KEPT: [&str; 7] =
    ["tag_name", "name", "html_url", "published_at", "draft", "prerelease", "body"];
/// A longer answer is refused.
const LONGEST: u64 = 32_000_000;
/// How often a request is made when the server is in trouble.
const TRIES: u32 = 3;

pub(super) fn run(args: &Fetch, talk: &Talk) -> anyhow::Result<Answer> {
    let FetchCommand::Releases(args) = &args.command;
    let fetcher = Fetcher::new(args)?;
    let usual = USUAL.map(ToOwned::to_owned).to_vec();
    let of = if args.of.is_empty() { &usual } else { &args.of };
    let mut failed = Vec::new();
    for it in of {
        match fetcher.repository(it) {
            Ok(done) => talk.say(&format!("{it}: {done}")),
            Err(error) => {
                talk.say(&format!("{it}: {error:#}; what was fetched before stays"));
                failed.push(it.as_str());
            }
        }
    }
    if !failed.is_empty() {
        bail!("could not be fetched: {}", failed.join(", "));
    }
    Ok(Answer::Yes)
}

struct Fetcher<'a> {
    args: &'a FetchReleases,
    client: Client,
}

/// What came of one request.
enum Came {
    /// A page, the ETag of it, and whether another one follows.
    Page(Value, Option<String>, bool),
    /// The page is as it was.
    Same,
}

impl<'a> Fetcher<'a> {
    fn new(args: &'a FetchReleases) -> anyhow::Result<Self> {
        // Only one way of doing TLS may stand, and the first one stays.
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("lkreport/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60))
            .build()
            .context("no connection can be made")?;
        Ok(Self { args, client })
    }

    /// Fetches the releases of a component or a repository; says what came.
    fn repository(&self, name: &str) -> anyhow::Result<String> {
        let repository = if name.contains('/') { Some(name) } else { repository_of(name) };
        let Some(repository) = repository.filter(|it| is_repository(it)) else {
            bail!("no repository is known of it; say `owner/name`");
        };
        let folder = self.args.into.join(component_named(repository).replace('/', "-"));
        fs::create_dir_all(&folder)
            .with_context(|| format!("{}: could not be made", folder.display()))?;
        let (mut fresh, mut same) = (0, 0);
        for page in 1..=self.args.pages {
            let file = folder.join(format!("github-{page}.json"));
            let is_last = match self.page(repository, page, &file)? {
                Came::Same => {
                    same += 1;
                    // What follows may have changed all the same, so that all kept pages are asked for.
                    !folder.join(format!("github-{}.json", page + 1)).exists()
                }
                Came::Page(releases, etag, more) => {
                    fresh += releases.as_array().map_or(0, Vec::len);
                    keep(&file, &releases, etag.as_deref())?;
                    !more
                }
            };
            if is_last {
                break;
            }
        }
        let unchanged = counted(same, "page");
        Ok(format!("{}, {unchanged} unchanged", counted(fresh, "release")))
    }

    fn page(&self, repository: &str, page: u32, file: &Path) -> anyhow::Result<Came> {
        let api = self.args.api.trim_end_matches('/');
        let url = format!("{api}/repos/{repository}/releases?per_page=100&page={page}");
        let etag = fs::read_to_string(etag_of(file)).ok().filter(|_| file.exists());
        let mut tries = 0;
        loop {
            tries += 1;
            let response = match self.ask(&url, etag.as_deref()) {
                Ok(response) => response,
                Err(_) if tries < TRIES => continue,
                Err(error) => return Err(error.without_url()).context("GitHub cannot be reached"),
            };
            let status = response.status();
            let is_limited =
                matches!(status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
            if let Some(wait) = wanted_wait(response.headers()).filter(|_| is_limited) {
                // Who asks for no time at all is asked again, but not for ever.
                if wait.is_zero() && tries < TRIES {
                    continue;
                }
                let seconds = wait.as_secs();
                bail!(
                    "GitHub answers {status} and asks to come again in {seconds} s; a token raises the limit"
                );
            }
            match status {
                StatusCode::NOT_MODIFIED => return Ok(Came::Same),
                StatusCode::OK => match read(response) {
                    Err(_) if tries < TRIES => {}
                    answer => return answer,
                },
                it if it.is_server_error() && tries < TRIES => {}
                StatusCode::NOT_FOUND => bail!("GitHub knows no repository {repository}"),
                it => bail!("GitHub answers {it}"),
            }
        }
    }

    fn ask(&self, url: &str, etag: Option<&str>) -> reqwest::Result<Response> {
        let mut request = self.client.get(url).header(ACCEPT, "application/vnd.github+json");
        if let Some(token) = self.args.token.as_deref().filter(|it| !it.is_empty()) {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        request.send()
    }
}

/// `owner/name` and nothing that would lead elsewhere.
fn is_repository(text: &str) -> bool {
    let plain = |it: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !it.is_empty() && !it.starts_with('.') && it.chars().all(is_plain)
    };
    text.split_once('/').is_some_and(|(owner, name)| plain(owner) && plain(name))
}

/// For how long the server asks to wait, where it does.
fn wanted_wait(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    let reset =
        number("x-ratelimit-reset").filter(|_| number("x-ratelimit-remaining") == Some(0))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Some(Duration::from_secs(reset.saturating_sub(now) + 1))
}

/// Reads a whole answer; half of one is none.
fn read(response: Response) -> anyhow::Result<Came> {
    let header = |name| response.headers().get(name).and_then(|it| it.to_str().ok());
    let etag = header(ETAG).map(ToOwned::to_owned);
    let more = header(LINK).is_some_and(|it| it.contains("rel=\"next\""));
    let mut bytes = Vec::new();
    response.take(LONGEST).read_to_end(&mut bytes).context("the answer breaks off")?;
    let value: Value =
        serde_json::from_slice(&bytes).context("the answer is no JSON, or half of it")?;
    let Value::Array(releases) = value else { bail!("the answer is no list of releases") };
    let kept = |mut it: Value| -> Map<String, Value> {
        KEPT.into_iter().map(|name| (name.to_owned(), it[name].take())).collect()
    };
    let releases = releases.into_iter().filter(Value::is_object).map(kept).map(Value::Object);
    Ok(Came::Page(releases.collect(), etag, more))
}

fn etag_of(file: &Path) -> PathBuf {
    file.with_extension("etag")
}

/// Puts a page into its file, whole or not at all.
fn keep(file: &Path, releases: &Value, etag: Option<&str>) -> anyhow::Result<()> {
    let at = || format!("{}: could not be written", file.display());
    let beside = file.with_extension("new");
    // Without its ETag a page is asked for again, so that is written last.
    _ = fs::remove_file(etag_of(file));
    fs::write(&beside, format!("{releases:#}\n")).with_context(at)?;
    fs::rename(&beside, file).with_context(at)?;
    if let Some(etag) = etag {
        fs::write(etag_of(file), etag).with_context(at)?;
    }
    Ok(())
}
