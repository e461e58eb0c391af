//! Applications that use LiveKit, as a scenario sees them: where they are, what they answered, and who
//! is in a call through them.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, Method, Url};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    component::Component,
    context::Context,
    error::{StepError, StepResult},
    participant::{Options, Participant},
    runtime::{Launch, Place, Port, Probe, StartError},
    stack::{Origin, Program},
    world::{World, expect},
};

/// What a scenario knows of its applications.
#[derive(Debug, Default)]
pub struct Apps {
    /// What the next application finds in its environment.
    pub environment: BTreeMap<String, String>,
    /// Where they are, by their names.
    pub addresses: BTreeMap<String, Url>,
    /// The newest answer.
    pub answer: Option<Answer>,
    /// All that they answered, but for what was asked of them under load.
    pub said: String,
    /// The newest load.
    pub load: Option<Load>,
    /// Who is in a call, by identity.
    pub callers: BTreeMap<String, Participant>,
    client: Option<Client>,
}

/// What an application answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null where it is no JSON.
    pub body: Value,
}

/// Many requests, some of them at the same time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// How long each that was answered well took, the shortest first.
    pub took: Vec<Duration>,
    /// How many were not answered well.
    pub failed: usize,
    /// How many were made at a time.
    pub at_once: usize,
}

impl Answer {
    /// A text of the body, by its JSON pointer.
    ///
    /// # Errors
    ///
    /// When the body has none there.
    pub fn text(&self, pointer: &str) -> Result<&str, StepError> {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        let status = self.status;
        found.ok_or_else(|| {
            let body = self.body.to_string();
            let start: String = body.chars().take(200).collect();
            StepError::assertion(format!("{status} {start} has no text at {pointer}"))
        })
    }
}

impl Load {
    /// The time within which this share of the answers came, in percent.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.took.len() * percent).div_ceil(100);
        self.took.get(rank.saturating_sub(1)).copied()
    }

    /// How many requests were made.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.took.len() + self.failed
    }

    /// The figures, for the evidence.
    #[must_use]
    pub fn figures(&self) -> Value {
        let milliseconds = |percent| self.percentile(percent).map(|it| it.as_secs_f64() * 1000.0);
        json!({
            "requests": self.requests(), "at_once": self.at_once, "failed": self.failed,
            "p50_ms": milliseconds(50), "p95_ms": milliseconds(95), "max_ms": milliseconds(100),
        })
    }
}

/// The program of a reference service.
///
/// # Errors
///
/// It is not built; the scenario does not apply then.
pub fn example(name: &str) -> Result<Program, StepError> {
    let given = env::var_os("LKREPORT_EXAMPLES").map(PathBuf::from);
    let beside = env::current_exe().ok();
    // Cargo puts tests one directory below programs, and examples beside the programs.
    let ancestors = beside.iter().flat_map(|it| it.ancestors().skip(1).take(2));
    let mut directories = given.into_iter().chain(ancestors.map(|it| it.join("examples")));
    let found = directories.find_map(|it| Some(it.join(name)).filter(|it| it.is_file()));
    let file = found.ok_or_else(|| {
        StepError::Skipped(Some(format!(
            "the reference service `{name}` is not built: `cargo build --example {name}` builds it, \
             LKREPORT_EXAMPLES says where it is"
        )))
    })?;
    Ok(Program { component: Component::App, version: None, origin: Origin::File(file) })
}

/// A request, and what came of it.
///
/// # Errors
///
/// When nobody answers.
pub async fn ask(client: &Client, method: Method, url: Url) -> Result<Answer, reqwest::Error> {
    let response = client.request(method, url).send().await?;
    let (status, text) = (response.status().as_u16(), response.text().await?);
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or_default() })
}

/// What asks applications.
///
/// # Errors
///
/// When this machine does not let it begin.
pub fn client(limit: Duration) -> Result<Client, reqwest::Error> {
    Client::builder().timeout(limit).build()
}

/// Makes many requests, so many at a time, each to the address of its number.
pub async fn load(
    client: &Client,
    (requests, at_once): (usize, usize),
    url: impl Fn(usize) -> Url + Send + Sync + 'static,
    is_well: fn(&Answer) -> bool,
) -> Load {
    let (next, url) = (Arc::new(AtomicUsize::new(0)), Arc::new(url));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (client, next, url) = (client.clone(), Arc::clone(&next), Arc::clone(&url));
        workers.spawn(async move {
            let (mut took, mut failed) = (Vec::new(), 0);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return (took, failed);
                }
                let begun = Instant::now();
                match ask(&client, Method::GET, url(number)).await {
                    Ok(answer) if is_well(&answer) => took.push(begun.elapsed()),
                    _ => failed += 1,
                }
            }
        });
    }
    let mut load = Load { at_once, ..Load::default() };
    while let Some(done) = workers.join_next().await {
        let (took, failed) = done.unwrap_or_default();
        load.took.extend(took);
        load.failed += failed;
    }
    load.took.sort_unstable();
    load
}

/// What an application is started with: its variables.
pub type Variables = Vec<(String, String)>;

impl World {
    /// Starts a reference service, and remembers where it is.
    ///
    /// # Errors
    ///
    /// When it is not built, or does not start.
    pub async fn start_app(
        &mut self,
        step: &Context,
        name: &str,
        program: &Program,
        variables: Variables,
    ) -> StepResult {
        let (place, launch) = self.app(step, name, variables)?;
        let url = Url::parse(&format!("http://{}", place.address("http")))?;
        self.start(step, place, program, launch).await?;
        self.apps.addresses.insert(name.to_owned(), url);
        Ok(())
    }

    /// Starts a reference service without some of its variables, separated by commas; it has to refuse and
    /// name each.
    ///
    /// # Errors
    ///
    /// When it starts all the same, fails in another way, or does not name what is missing.
    pub async fn refuses_without(
        &mut self,
        step: &Context,
        program: &Program,
        mut variables: Variables,
        missing: &str,
    ) -> StepResult {
        let missing: Vec<&str> = missing.split(',').map(str::trim).collect();
        // What the engine itself was given reaches the service unless it is emptied.
        let of_missing = variables.iter_mut().filter(|it| missing.contains(&it.0.as_str()));
        of_missing.for_each(|it| it.1.clear());
        let (place, launch) = self.app(step, "refused", variables)?;
        let said = match self.setup.runtime.start(place, program, launch).await {
            Err(StartError::Ended { tail, .. }) => tail,
            Err(other) => return Err(other.into()),
            Ok(_) => return Err(StepError::assertion("it started all the same")),
        };
        let unnamed: Vec<&&str> = missing.iter().filter(|it| !said.contains(**it)).collect();
        expect(unnamed.is_empty(), || format!("it does not name {unnamed:?}; it says:\n{said}"))
    }

    fn app(
        &mut self,
        step: &Context,
        name: &str,
        mut variables: Variables,
    ) -> Result<(Place, Launch), StepError> {
        let setup = Arc::clone(&self.setup);
        let port = Port { name: "http", usual: 8000, is_udp: false };
        let place = setup.runtime.place(&self.bench(step), Component::App, name, &[port])?;
        let address = place.address("http");
        // What stands later prevails.
        variables.extend(std::mem::take(&mut self.apps.environment));
        let launch = Launch {
            arguments: vec![address.to_string()],
            environment: variables,
            probe: Some(Probe::Http(address, "/health")),
            limit: setup.waits.ready,
            ..Launch::default()
        };
        Ok((place, launch))
    }

    /// Asks an application, and remembers what it answered.
    ///
    /// # Errors
    ///
    /// When there is no application of this name, or it does not answer.
    pub async fn ask(
        &mut self,
        method: Method,
        name: &str,
        path: &str,
        query: &str,
    ) -> Result<&Answer, StepError> {
        let mut url = self.app_url(name, path)?;
        url.set_query(Some(query).filter(|it| !it.is_empty()));
        let answer = ask(&self.app_client()?, method, url).await?;
        self.apps.said += &format!("{}\n", answer.body);
        Ok(self.apps.answer.insert(answer))
    }

    /// What asks the applications of the scenario: one for all, because to make one takes long.
    ///
    /// # Errors
    ///
    /// When this machine does not let it begin.
    pub fn app_client(&mut self) -> Result<Client, reqwest::Error> {
        if let Some(client) = &self.apps.client {
            return Ok(client.clone());
        }
        let made = client(self.setup.waits.expected)?;
        Ok(self.apps.client.insert(made).clone())
    }

    /// The address of a path of an application.
    ///
    /// # Errors
    ///
    /// When there is no application of this name.
    pub fn app_url(&self, name: &str, path: &str) -> Result<Url, StepError> {
        let none = || StepError::assertion(format!("no application is called `{name}`"));
        Ok(self.apps.addresses.get(name).ok_or_else(none)?.join(path)?)
    }

    /// The newest answer of an application.
    ///
    /// # Errors
    ///
    /// When none was asked yet.
    pub fn answer(&self) -> Result<&Answer, StepError> {
        let none = || StepError::assertion("no application was asked yet");
        self.apps.answer.as_ref().ok_or_else(none)
    }

    /// Lets somebody into a call with a token.
    ///
    /// # Errors
    ///
    /// When the server does not let it in.
    pub async fn call(&mut self, identity: &str, url: &str, token: &str) -> StepResult {
        let options = Options { limit: self.setup.waits.expected, ..Options::default() };
        let caller = Participant::join(url, token, options).await?;
        self.apps.callers.insert(identity.to_owned(), caller);
        Ok(())
    }

    /// What an application of the scenario has logged; none of one that is not ours.
    ///
    /// # Errors
    ///
    /// When its log cannot be read.
    pub fn app_log(&self, name: &str) -> io::Result<Option<String>> {
        let service = self.service(name).ok();
        let read = |it: &crate::runtime::Service| fs::read(&it.log);
        let log = service.map(read).transpose()?;
        Ok(log.map(|it| String::from_utf8_lossy(&it).into_owned()))
    }
}

/// Names and values as the query of an address.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://localhost").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    url.and_then(|it| it.query().map(str::to_owned)).unwrap_or_default()
}
