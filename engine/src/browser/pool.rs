//! The browsers of a run: each kind is started once, when somebody first needs it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{self, Arc},
    time::Duration,
};

use thirtyfour::{bidi::BidiError, error::WebDriverError};
use tokio::sync::{Mutex, OnceCell};

use super::{
    Kind, Missing,
    client_js::ClientError,
    driver::{Browser, lock},
    person::Person,
    statistics::Measured,
};
use crate::{
    meeting::Meeting,
    runtime::{Bench, Processes, Runtime, StartError, ledger::Ledger},
    version::Version,
};

/// How long a browser may take to start on a machine that is busy.
const START: Duration = Duration::from_secs(60);

/// The browsers of a run, shared by its scenarios.
#[derive(Debug)]
pub struct Pool {
    runtime: Runtime,
    directory: PathBuf,
    clients: PathBuf,
    is_headed: bool,
    meeting: OnceCell<Meeting>,
    browsers: BTreeMap<Kind, Mutex<Option<Arc<Browser>>>>,
    used: sync::Mutex<BTreeSet<String>>,
}

/// Why there is nobody in a browser.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// This machine has no such browser.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// There is no client for the page.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no place for the driver or the page.
    #[error("there is no place for it")]
    NoPlace(#[source] io::Error),
    /// The driver does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The driver does not start a browser.
    #[error("the driver of {0} began no session")]
    NoSession(Kind, #[source] Box<WebDriverError>),
    /// The browser does not open a window.
    #[error("the browser opens no window")]
    NoWindow(#[from] BidiError),
}

impl Pool {
    /// No browsers yet; what they write goes below a directory, clients of the page are kept in another.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>, directory: &Path, clients: &Path, is_headed: bool) -> Self {
        Self {
            runtime: Runtime::Process(Processes::new(ledger)),
            directory: directory.to_owned(),
            clients: clients.to_owned(),
            is_headed,
            meeting: OnceCell::new(),
            browsers: Kind::ALL.map(|it| (it, Mutex::default())).into(),
            used: sync::Mutex::default(),
        }
    }

    /// Somebody new in a browser of this kind, on the meeting page with this version of the client.
    ///
    /// # Errors
    ///
    /// When this machine has no such browser, or it does not start.
    pub async fn person(
        &self,
        kind: Kind,
        client: &Version,
        measured: Measured,
    ) -> Result<Person, BrowserError> {
        let url = self.meeting().await?.url(client).await?;
        let browser = self.browser(kind).await?;
        lock(&self.used).insert(format!("{} {}", browser.found.name, browser.version));
        let tab = browser.open(&url).await?;
        Ok(Person::new(browser, tab, measured))
    }

    /// The browsers, with their versions, that somebody used since this was asked before.
    #[must_use]
    pub fn used(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.used)).into_iter().collect()
    }

    async fn meeting(&self) -> Result<&Meeting, BrowserError> {
        let start = || Meeting::start(0, &self.clients);
        self.meeting.get_or_try_init(start).await.map_err(BrowserError::NoPlace)
    }

    /// The browser of this kind, started where none runs.
    async fn browser(&self, kind: Kind) -> Result<Arc<Browser>, BrowserError> {
        let Some(slot) = self.browsers.get(&kind) else {
            return Err(Missing::Browser(kind).into());
        };
        let mut slot = slot.lock().await;
        if let Some(browser) = slot.as_ref() {
            if browser.is_alive().await {
                return Ok(Arc::clone(browser));
            }
            browser.stop(Duration::ZERO).await;
        }
        let (runtime, bench) = (&self.runtime, self.bench());
        let started = Browser::start(runtime, &bench, kind.find()?, self.is_headed, START).await?;
        Ok(Arc::clone(slot.insert(Arc::new(started))))
    }

    fn bench(&self) -> Bench {
        Bench {
            directory: self.directory.clone(),
            logs: self.directory.join("logs"),
            ..Bench::default()
        }
    }

    /// Ends all browsers, each by force where it does not obey within the limit.
    pub async fn close(&self, limit: Duration) {
        for slot in self.browsers.values() {
            if let Some(browser) = slot.lock().await.take() {
                browser.stop(limit).await;
            }
        }
    }
}
