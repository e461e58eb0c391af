//! A person: a window of a browser on the meeting page, and all that can be done in it.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use lkreport_contract::metrics::Sample;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, MutexGuard},
    task::AbortHandle,
};

use super::{
    Found, Kind,
    devtools::{self, NoNetwork},
    driver::{Browser, Tab, lock},
    page::{Event, Look},
    statistics::{Break, Measured, Statistics},
};
use crate::network::{self, Profile};

/// Somebody in a browser; the window is closed when this is dropped.
#[derive(Debug)]
pub struct Person {
    page: Page,
    memory: Mutex<Memory>,
    statistics: Option<Statistics>,
    /// What makes the network of the window, where the browser does.
    network: Option<AbortHandle>,
}

/// A window on the meeting page, for those who talk to it.
#[derive(Debug, Clone)]
pub(super) struct Page {
    browser: Arc<Browser>,
    tab: Option<Tab>,
}

/// What is known of a page without asking it again.
#[derive(Debug, Default)]
struct Memory {
    events: Vec<Event>,
    look: Look,
}

/// What somebody sees at one moment: what there is, and all that happened so far.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What there is.
    pub now: &'a Look,
    /// What happened, from the beginning.
    pub events: &'a [Event],
}

/// A line that a page wrote to its console, or an error that nobody caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// What it says.
    pub text: String,
}

/// Why a page did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// What was tried failed on the page.
    #[error("{0}")]
    Failed(String),
    /// The browser does not answer as it should.
    #[error("the browser does not answer")]
    Browser(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was waited for did not come about.
    #[error("the page says nothing any more")]
    Silent(#[source] io::Error),
}

/// Calls a function of the page by its name, with arguments and answer as JSON.
const CALL: &str = "async (name, given) => {
  const [room, action] = name.split('.');
  const answer = await window[room][action](...JSON.parse(given));
  return JSON.stringify(answer === undefined ? null : answer);
}";

impl Person {
    pub(super) fn new(browser: Arc<Browser>, tab: Tab, measured: Measured) -> Self {
        let page = Page { browser, tab: Some(tab) };
        let statistics = Some(Statistics::begin(page.clone(), measured));
        Self { page, memory: Mutex::default(), statistics, network: None }
    }

    /// The browser that the person uses.
    #[must_use]
    pub fn browser(&self) -> &Found {
        &self.page.browser.found
    }

    /// What that browser says of its version.
    #[must_use]
    pub fn browser_version(&self) -> &str {
        &self.page.browser.version
    }

    /// What was measured of the person's connections so far, a sample a second.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        self.statistics.as_ref().map(Statistics::samples).unwrap_or_default()
    }

    /// The moments at which something broke that nobody wanted to end, as they were seen then.
    #[must_use]
    pub fn breaks(&self) -> Vec<Break> {
        self.statistics.as_ref().map(Statistics::breaks).unwrap_or_default()
    }

    /// Calls a function of the page, such as `meeting.join`.
    ///
    /// # Errors
    ///
    /// When it fails there, or the browser does not answer.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, PageError> {
        self.page.ask(name, arguments).await
    }

    /// Calls a function of the page and takes no answer.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn tell(&self, name: &str, arguments: impl Serialize) -> Result<(), PageError> {
        self.ask::<Value>(name, arguments).await.map(|_| ())
    }

    /// What there is now, shown to somebody who says what comes of it.
    ///
    /// # Errors
    ///
    /// When the browser does not answer.
    pub async fn look<T>(&self, see: impl FnOnce(Sight<'_>) -> T) -> Result<T, PageError> {
        let mut memory = self.memory.lock().await;
        self.refresh(&mut memory, "meeting.look", &[]).await?;
        Ok(see(memory.sight()))
    }

    /// Looks until somebody is content, whenever something changed; the last objection where it takes
    /// too long.
    ///
    /// # Errors
    ///
    /// When the browser does not answer.
    pub async fn until<T, E>(
        &self,
        limit: Duration,
        mut see: impl FnMut(Sight<'_>) -> Result<T, E>,
    ) -> Result<Result<T, E>, PageError> {
        let end = Instant::now() + limit;
        let mut memory = self.memory.lock().await;
        self.refresh(&mut memory, "meeting.look", &[]).await?;
        loop {
            let seen = see(memory.sight());
            let left = end.saturating_duration_since(Instant::now());
            if seen.is_ok() || left.is_zero() {
                return Ok(seen);
            }
            let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            let after = [memory.look.change, left.max(1)];
            self.refresh(&mut memory, "meeting.next", &after).await?;
        }
    }

    async fn refresh(
        &self,
        memory: &mut MutexGuard<'_, Memory>,
        name: &str,
        after: &[u64],
    ) -> Result<(), PageError> {
        let from = u64::try_from(memory.events.len()).unwrap_or(u64::MAX);
        let arguments: Vec<u64> = [from].iter().chain(after).copied().collect();
        let mut look: Look = self.ask(name, arguments).await?;
        memory.events.append(&mut look.events);
        memory.look = look;
        Ok(())
    }

    /// What the page wrote to its console so far.
    #[must_use]
    pub fn console(&self) -> Vec<Line> {
        let Some(tab) = &self.page.tab else { return Vec::new() };
        lock(&self.page.browser.lines).get(&tab.context).cloned().unwrap_or_default()
    }

    /// A picture of what the person sees, as PNG.
    ///
    /// # Errors
    ///
    /// When the browser makes none.
    pub async fn screenshot(&self) -> Result<Vec<u8>, PageError> {
        self.page.screenshot().await
    }

    /// Lets the browser make this network for the window, and whatever it becomes.
    ///
    /// # Errors
    ///
    /// When it cannot, or does not answer.
    pub async fn emulate(&mut self, line: Arc<network::Line>) -> Result<(), NoNetwork> {
        let task = devtools::follow(self.page.clone(), line).await?;
        if let Some(before) = self.network.replace(task) {
            before.abort();
        }
        Ok(())
    }

    /// Measures what the browser makes of a network, in a window for that alone.
    ///
    /// # Errors
    ///
    /// When it makes none, or does not answer.
    pub async fn measure(&self, profile: &Profile) -> Result<network::Measured, NoNetwork> {
        let mut page = self.page.beside().await?;
        let measured = devtools::measure(page.clone(), profile).await;
        page.close().await?;
        measured
    }

    /// Closes the window; the person is gone from every room without a goodbye.
    ///
    /// # Errors
    ///
    /// When the browser does not answer.
    pub async fn close(mut self) -> Result<(), PageError> {
        if let Some(statistics) = self.statistics.take() {
            // A page that went wrong is closed all the same.
            _ = statistics.end().await;
        }
        self.page.close().await
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(it) = &self.network {
            it.abort();
        }
        let (Some(tab), Ok(runtime)) =
            (self.page.tab.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let browser = Arc::clone(&self.page.browser);
        // Nobody waits for it, and a browser that is gone has no window.
        runtime.spawn(async move { _ = browser.close(&tab).await });
    }
}

impl Memory {
    fn sight(&self) -> Sight<'_> {
        Sight { now: &self.look, events: &self.events }
    }
}

impl Page {
    pub(super) fn context(&self) -> &str {
        self.tab.as_ref().map_or("", |it| &it.context)
    }

    pub(super) fn kind(&self) -> Kind {
        self.browser.found.kind
    }

    /// A window of its own on the same page.
    async fn beside(&self) -> Result<Self, PageError> {
        let url = self.tab.as_ref().map_or("", |it| &it.url);
        let opened = self.browser.open(url).await;
        let tab = opened.map_err(|error| PageError::Browser(Box::new(error)))?;
        Ok(Self { browser: Arc::clone(&self.browser), tab: Some(tab) })
    }

    async fn close(&mut self) -> Result<(), PageError> {
        let Some(tab) = self.tab.take() else { return Ok(()) };
        let closed = self.browser.close(&tab).await;
        closed.map_err(|error| PageError::Browser(Box::new(error)))
    }

    pub(super) async fn send(&self, method: &str, parameters: Value) -> Result<Value, PageError> {
        let sent = self.browser.send(method, parameters).await;
        sent.map_err(|error| PageError::Browser(Box::new(error)))
    }

    pub(super) async fn screenshot(&self) -> Result<Vec<u8>, PageError> {
        let asked = json!({"context": self.context()});
        let made = self.send("browsingContext.captureScreenshot", asked).await?;
        let data = made["data"].as_str().unwrap_or_default();
        BASE64_STANDARD.decode(data).map_err(|error| PageError::Browser(Box::new(error)))
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, PageError> {
        let unusable = |error| PageError::Browser(Box::new(error));
        let given = serde_json::to_string(&arguments).map_err(unusable)?;
        let asked = json!({
            "functionDeclaration": CALL,
            "awaitPromise": true,
            "target": {"context": self.context()},
            "arguments": [{"type": "string", "value": name}, {"type": "string", "value": given}],
            // Pages may capture a screen only for somebody who pressed something.
            "userActivation": true,
        });
        let answer = self.send("script.callFunction", asked).await?;
        if let Some(thrown) = answer["exceptionDetails"]["text"].as_str() {
            return Err(PageError::Failed(thrown.to_owned()));
        }
        let text = answer["result"]["value"].as_str().unwrap_or("null");
        serde_json::from_str(text).map_err(unusable)
    }
}
