//! What the steps of one attempt share: its services, tokens, and what was asked of them.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use livekit_api::services::room::RoomClient;
use livekit_protocol as proto;
use reqwest::Url;
use tokio::time::{Instant, sleep};

use crate::{
    app::Apps,
    browser::{Person, Pool},
    component::Component,
    context::Context,
    error::{Class, StepError, StepResult},
    evidence::Shelf,
    metrics::{Gauge, Measurement, Subject, measure},
    network::{Given, Networks},
    participant::Participant,
    profile::Overrides,
    runtime::{Bench, Launch, Place, Reach, Runtime, Service, Sights},
    s3::Keys,
    stack::{Missing, Program, Stack},
    token::Claims,
    version::Combination,
    webhook::Receiver,
};

/// The key that the servers of scenarios know.
pub const KEY: &str = "devkey";

/// Its secret; a server that listens on loopback for the length of a scenario has no better one to keep.
pub const SECRET: &str = "a-secret-for-servers-on-loopback-only";

/// What all attempts of a run share.
#[derive(Debug)]
pub struct Setup {
    /// Where programs come from.
    pub stack: Stack,
    /// What starts them.
    pub runtime: Runtime,
    /// The browsers that people use.
    pub browsers: Arc<Pool>,
    /// The versions asked for, by component.
    pub versions: Combination,
    /// Where attempts keep what goes with them.
    pub directory: PathBuf,
    /// How long things may take.
    pub waits: Waits,
    /// The token service that is tested instead of the reference, where somebody named one.
    pub token_service: Option<Url>,
    /// The networks there are, and that of everybody.
    pub network: Given,
}

/// How long things may take, besides the limits of phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// Until a service that was started is well.
    pub ready: Duration,
    /// Until what a step expects has come about.
    pub expected: Duration,
    /// Until a service that shall end has obeyed.
    pub stop: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            ready: Duration::from_secs(20),
            expected: Duration::from_secs(10),
            stop: Duration::from_secs(5),
        }
    }
}

impl Setup {
    /// Finds the program of a component, of the version that was asked for.
    ///
    /// # Errors
    ///
    /// When no provider has it.
    pub fn program(&self, component: Component) -> Result<Program, Missing> {
        self.stack.find(component, self.versions.get(component.name()))
    }
}

/// What the steps of one attempt share.
pub struct World {
    /// What all attempts share.
    pub setup: Arc<Setup>,
    /// The profile that the next server gets.
    pub profile: String,
    /// The profile that each server was started with.
    pub profiles: BTreeMap<String, String>,
    /// What the next server is given besides its profile.
    pub overrides: Overrides,
    /// What runs, in the order in which it was started.
    pub services: Vec<Service>,
    /// What the scenario ended itself, and may start again in the same place.
    pub stopped: Vec<Service>,
    /// What is measured of it.
    pub measurements: Vec<Measurement>,
    /// What receives webhooks, in the order in which it was started.
    pub receivers: Vec<Receiver>,
    /// Who may use each MinIO, by its name.
    pub stores: BTreeMap<String, Keys>,
    /// The server of each CLI publisher, by its name.
    pub publishers: BTreeMap<String, String>,
    /// The newest token of each identity and room.
    pub tokens: BTreeMap<(String, String), Token>,
    /// The rooms as they were fetched last.
    pub rooms: Vec<proto::Room>,
    /// Who joined, by the name that the scenario gives.
    pub participants: BTreeMap<String, Participant>,
    /// The networks between people and servers.
    pub networks: Networks,
    /// Who is in a browser, by the name that the scenario gives.
    pub people: BTreeMap<String, Person>,
    /// Where in its events somebody began to listen for changes of metadata.
    pub listening: BTreeMap<(String, Topic), usize>,
    /// What stands where, also before it is well and when it is gone.
    pub sights: Sights,
    /// How many timestamped data messages each sent.
    pub stamped: BTreeMap<String, usize>,
    /// How fast each was last measured to send video, in bits per second.
    pub bitrates: BTreeMap<String, f64>,
    /// Its applications, and who is in a call through them.
    pub apps: Apps,
    clients: Mutex<BTreeMap<String, Arc<RoomClient>>>,
    bench: Option<Bench>,
    /// Where its logs are kept when it ends.
    shelf: Option<Shelf>,
    /// Held as long as something of the engine listens there.
    reach: Option<Reach>,
}

/// Whose metadata somebody listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// That of the room.
    Room,
    /// That of the participants in it.
    Participants,
}

/// A token with what it was signed of.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// As clients send it.
    pub jwt: String,
    /// What it says.
    pub claims: Claims,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("services", &self.services).finish_non_exhaustive()
    }
}

/// Attempts are numbered, so that no two have the same directory.
static ATTEMPTS: AtomicU64 = AtomicU64::new(1);

impl World {
    /// The world of an attempt that has not begun.
    #[must_use]
    pub fn new(setup: Arc<Setup>) -> Self {
        Self {
            setup,
            profile: "basic".to_owned(),
            profiles: BTreeMap::new(),
            overrides: Overrides::new(),
            services: Vec::new(),
            stopped: Vec::new(),
            measurements: Vec::new(),
            receivers: Vec::new(),
            stores: BTreeMap::new(),
            publishers: BTreeMap::new(),
            tokens: BTreeMap::new(),
            rooms: Vec::new(),
            participants: BTreeMap::new(),
            networks: Networks::default(),
            people: BTreeMap::new(),
            listening: BTreeMap::new(),
            sights: Sights::default(),
            stamped: BTreeMap::new(),
            bitrates: BTreeMap::new(),
            apps: Apps::default(),
            clients: Mutex::default(),
            bench: None,
            shelf: None,
            reach: None,
        }
    }

    /// Where the services of this attempt keep what is theirs.
    pub fn bench(&mut self, step: &Context) -> Bench {
        let (directory, sights) = (&self.setup.directory, &self.sights);
        let make = || {
            let number = ATTEMPTS.fetch_add(1, Ordering::Relaxed).to_string();
            let directory = directory.join(number);
            let logs = directory.join("logs");
            Bench { directory, logs, sights: sights.clone() }
        };
        self.shelf = step.shelf();
        self.bench.get_or_insert_with(make).clone()
    }

    /// The address at which the services of this attempt reach the engine.
    ///
    /// # Errors
    ///
    /// When the network of the attempt cannot be made.
    pub async fn engine(&mut self, step: &Context) -> io::Result<IpAddr> {
        let bench = self.bench(step);
        let reach = match self.reach.take() {
            Some(reach) => reach,
            None => self.setup.runtime.reach(&bench).await?,
        };
        Ok(self.reach.insert(reach).ip)
    }

    /// Starts a service of the scenario, and measures it from then on.
    ///
    /// # Errors
    ///
    /// When it does not start, or is not well in time.
    pub async fn start(
        &mut self,
        step: &Context,
        place: Place,
        program: &Program,
        launch: Launch,
    ) -> StepResult {
        let service = self.setup.runtime.start(place, program, launch).await?;
        self.keep(step, service);
        Ok(())
    }

    /// Keeps a service that runs, and measures it from now on.
    pub fn keep(&mut self, step: &Context, service: Service) {
        let gauge = service.container().map(|it| Gauge::Container(it.gauge()));
        let gauge = gauge.or_else(|| service.process().map(Gauge::Process));
        if let (Some((meter, case)), Some(gauge)) = (step.meter(), gauge) {
            let (component, instance) =
                (service.place.component.to_string(), service.place.name.clone());
            let subject = Subject { component, instance, case: case.to_owned(), gauge };
            self.measurements.push(measure(meter, subject));
        }
        self.sights.note(&service.place);
        // Connections to one that had this name before are of no use.
        self.clients.get_mut().unwrap_or_else(PoisonError::into_inner).remove(&service.place.name);
        self.services.push(service);
    }

    /// The service of this name.
    ///
    /// # Errors
    ///
    /// When the scenario started none.
    pub fn service(&self, name: &str) -> Result<&Service, StepError> {
        let names = || self.services.iter().map(|it| it.place.name.as_str()).collect::<Vec<_>>();
        let none = || match names().as_slice() {
            [] => format!("no service is called `{name}`: the scenario started none"),
            names => format!("no service is called `{name}`; running: {}", names.join(", ")),
        };
        let found = self.services.iter().rev().find(|it| it.place.name == name);
        found.ok_or_else(|| StepError::assertion(none()))
    }

    /// What asks the API of a LiveKit server: one for all steps, because to make one takes long.
    ///
    /// # Errors
    ///
    /// When no service has this name.
    pub fn rooms_of(&self, service: &str) -> Result<Arc<RoomClient>, StepError> {
        let found = self.service(service)?;
        let make = || {
            let (key, secret) = found.credentials();
            let client = RoomClient::with_api_key(&found.url(), key, secret).with_failover(false);
            Arc::new(client.with_request_timeout(self.setup.waits.expected))
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(clients.entry(service.to_owned()).or_insert_with(make)))
    }

    /// Where participants connect to a LiveKit server: its API as `ws://…` or `wss://…`.
    ///
    /// # Errors
    ///
    /// When no service has this name.
    pub fn signal_url(&self, service: &str) -> Result<String, StepError> {
        Ok(self.service(service)?.url().replacen("http", "ws", 1))
    }

    /// The API key that the servers of this run know, and its secret.
    #[must_use]
    pub fn credentials(&self) -> (&str, &str) {
        let running = self.setup.stack.running(Component::Livekit);
        running.map_or((KEY, SECRET), |it| (&it.key, &it.secret))
    }

    /// The newest token of an identity in a room.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn token(&self, identity: &str, room: &str) -> Result<&Token, StepError> {
        let found = self.tokens.get(&(identity.to_owned(), room.to_owned()));
        let none = || StepError::assertion(format!("`{identity}` has no token for room `{room}`"));
        found.ok_or_else(none)
    }

    /// Removes what the attempt had, but for its logs, which are kept without their secrets.
    ///
    /// # Errors
    ///
    /// When they cannot be kept.
    pub fn clear(&mut self) -> io::Result<()> {
        self.receivers.clear();
        self.networks = Networks::default();
        self.reach = None;
        let Some(bench) = self.bench.take() else { return Ok(()) };
        let kept = self.shelf.take().map_or(Ok(()), |it| it.keep(&bench.logs));
        // It lies in a directory that goes with the run.
        _ = fs::remove_dir_all(bench.directory);
        kept
    }
}

/// An attempt whose end was cut short keeps its logs, too.
impl Drop for World {
    fn drop(&mut self) {
        self.services.clear();
        self.stopped.clear();
        // Whoever is told of the end was told already why it was cut short.
        _ = self.clear();
    }
}

/// Looks until something is as it should be, or until it took too long.
///
/// # Errors
///
/// What was wrong when it was looked at last.
pub async fn eventually<T, L>(limit: Duration, mut look: impl FnMut() -> L) -> Result<T, StepError>
where
    L: Future<Output = Result<T, StepError>>,
{
    const BETWEEN: Duration = Duration::from_millis(20);
    let end = Instant::now() + limit;
    loop {
        match look().await {
            Err(StepError::Failed(it)) if Instant::now() < end && it.class != Class::Panic => {
                sleep(BETWEEN).await;
            }
            Err(StepError::Failed(mut it)) if it.class == Class::Assertion => {
                it.message = format!("{} (after {limit:?})", it.message);
                return Err(StepError::Failed(it));
            }
            done => return done,
        }
    }
}

/// Says what is wrong unless it holds.
///
/// # Errors
///
/// When it does not hold.
pub fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), StepError> {
    if holds { Ok(()) } else { Err(StepError::assertion(otherwise())) }
}
