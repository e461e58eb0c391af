//! A browser that runs: its driver as a process, a session with it, windows in it.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, WebDriver,
    bidi::{BiDi, BidiError, events::LogEntryAdded},
    error::WebDriverError,
};
use tokio::{
    sync,
    task::{AbortHandle, JoinHandle},
    time::timeout,
};

use super::{Found, Kind, person::Line, pool::BrowserError};
use crate::{
    component::Component,
    runtime::{Bench, Launch, Place, Port, Probe, Runtime, Service},
    stack::{Origin, Program},
};

/// How many windows are there for those who come next: most scenarios are about two people.
const SPARE: usize = 2;

/// More lines of one page than anybody reads are dropped.
const MOST_LINES: usize = 5000;

/// What the pages of a browser wrote to their consoles, by page.
pub(super) type Lines = Arc<Mutex<BTreeMap<String, Vec<Line>>>>;

/// A browser that runs; when it is dropped, it is ended by force.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) found: Found,
    /// What it says of its version.
    pub(super) version: String,
    pub(super) lines: Lines,
    bidi: BiDi,
    service: sync::Mutex<Service>,
    /// Windows for the next people, made while nobody waits for them.
    spare: sync::Mutex<VecDeque<JoinHandle<Result<Tab, BidiError>>>>,
    listener: AbortHandle,
}

/// A window with a storage of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tab {
    pub(super) context: String,
    user: String,
    pub(super) url: String,
}

impl Browser {
    /// Starts a browser with its driver.
    pub(super) async fn start(
        runtime: &Runtime,
        bench: &Bench,
        found: Found,
        is_headed: bool,
        limit: Duration,
    ) -> Result<Self, BrowserError> {
        let port = |name| Port { name, usual: 0, is_udp: false };
        let ports = [port("driver"), port("bidi")];
        let place = runtime.place(bench, Component::Browser, found.name, &ports);
        let place = place.map_err(BrowserError::NoPlace)?;
        let launch = launch(&place, found.kind, limit);
        let (address, files) = (place.address("driver"), place.directory().to_owned());
        let origin = Origin::File(found.driver.clone());
        let program = Program { component: Component::Browser, version: None, origin };
        let service = runtime.start(place, &program, launch).await?;
        let tone = files.join("tone.wav");
        std::fs::write(&tone, wave()).map_err(BrowserError::NoPlace)?;
        let wanted = capabilities(&found, &files, &tone, is_headed);
        let session = timeout(limit, session(&format!("http://{address}"), wanted)).await;
        let late =
            |_| io::Error::new(io::ErrorKind::TimedOut, "it did not begin a session in time");
        let session = session.map_err(late).map_err(BrowserError::NoPlace)?;
        let failed = |source| BrowserError::NoSession(found.kind, Box::new(source));
        let (bidi, version) = session.map_err(failed)?;
        let lines = Lines::default();
        let listener = listen(&bidi, &lines).await?;
        let (service, spare) = (sync::Mutex::new(service), sync::Mutex::default());
        Ok(Self { found, version, lines, bidi, service, spare, listener })
    }

    /// Whether it still answers.
    pub(super) async fn is_alive(&self) -> bool {
        self.send("browser.getUserContexts", json!({})).await.is_ok()
    }

    /// A command of WebDriver BiDi.
    pub(super) async fn send(&self, method: &str, parameters: Value) -> Result<Value, BidiError> {
        self.bidi.send_raw(method, parameters).await
    }

    /// A window of its own on this page; the next ones are prepared meanwhile.
    pub(super) async fn open(self: &Arc<Self>, url: &str) -> Result<Tab, BidiError> {
        let mut spare = self.spare.lock().await;
        let prepared = match spare.pop_front() {
            Some(it) => it.await.ok().and_then(Result::ok),
            None => None,
        };
        let tab = match prepared {
            Some(tab) if tab.url == url => tab,
            Some(tab) => tab.go(&self.bidi, url).await?,
            None => Tab::make(self.bidi.clone(), url.to_owned()).await?,
        };
        while spare.len() < SPARE {
            spare.push_back(tokio::spawn(Tab::make(self.bidi.clone(), url.to_owned())));
        }
        Ok(tab)
    }

    /// Closes a window and forgets what was stored for it.
    pub(super) async fn close(&self, tab: &Tab) -> Result<(), BidiError> {
        self.send("browser.removeUserContext", json!({"userContext": tab.user})).await?;
        lock(&self.lines).remove(&tab.context);
        Ok(())
    }

    /// Ends it.
    pub(super) async fn stop(&self, limit: Duration) {
        self.spare.lock().await.drain(..).for_each(|it| it.abort());
        self.listener.abort();
        self.service.lock().await.stop(limit).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Tab {
    async fn make(bidi: BiDi, url: String) -> Result<Self, BidiError> {
        let made = bidi.send_raw("browser.createUserContext", json!({})).await?;
        let user = text(&made, "userContext");
        let asked = json!({"type": "window", "userContext": user});
        let made = bidi.send_raw("browsingContext.create", asked).await?;
        let tab = Self { context: text(&made, "context"), user, url: String::new() };
        tab.go(&bidi, &url).await
    }

    async fn go(mut self, bidi: &BiDi, url: &str) -> Result<Self, BidiError> {
        let asked = json!({"context": self.context, "url": url, "wait": "complete"});
        bidi.send_raw("browsingContext.navigate", asked).await?;
        url.clone_into(&mut self.url);
        Ok(self)
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

pub(super) fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a session; it ends with the process of the driver.
async fn session(url: &str, wanted: Capabilities) -> Result<(BiDi, String), WebDriverError> {
    let driver = WebDriver::builder(url, wanted).connect().await?;
    let bidi = driver.bidi().await;
    let said = driver.capabilities().get("browserVersion").and_then(Value::as_str);
    let version = said.unwrap_or_default().to_owned();
    // Otherwise its drop would block this thread to say goodbye.
    _ = driver.leak();
    Ok((bidi?, version))
}

/// Keeps what pages write to their consoles.
async fn listen(bidi: &BiDi, lines: &Lines) -> Result<AbortHandle, BidiError> {
    let (mut entries, lines) = (bidi.subscribe::<LogEntryAdded>().await?, Arc::clone(lines));
    let task = tokio::spawn(async move {
        while let Some(it) = entries.next().await {
            let line = Line {
                at: jiff::Timestamp::from_millisecond(it.timestamp.cast_signed())
                    .unwrap_or_default(),
                level: it.level.to_string(),
                text: it.text.unwrap_or_default(),
            };
            let mut lines = lock(&lines);
            let of_page = lines.entry(text(&it.source, "context")).or_default();
            if of_page.len() < MOST_LINES {
                of_page.push(line);
            }
        }
    });
    Ok(task.abort_handle())
}

/// How the driver of a browser is started.
fn launch(place: &Place, kind: Kind, limit: Duration) -> Launch {
    let (port, bidi) = (place.port("driver"), place.port("bidi"));
    let files = place.directory().display().to_string();
    let arguments = match kind {
        Kind::Chrome | Kind::Edge => vec![format!("--port={port}")],
        Kind::Firefox => vec![
            format!("--port={port}"),
            format!("--websocket-port={bidi}"),
            format!("--profile-root={files}"),
        ],
    };
    Launch {
        arguments,
        // Profiles go with the directory, however the browser ends.
        environment: vec![("TMPDIR".to_owned(), files)],
        probe: Some(Probe::Http(place.address("driver"), "/status")),
        limit,
        ..Launch::default()
    }
}

/// What is asked of a browser: media that need no device and no dialog, and timers that keep time.
fn capabilities(found: &Found, files: &Path, tone: &Path, is_headed: bool) -> Capabilities {
    let asked = match found.kind {
        Kind::Chrome | Kind::Edge => chromium(found, files, tone, is_headed),
        Kind::Firefox => firefox(found, is_headed),
    };
    let Value::Object(mut asked) = asked else { return Capabilities::new() };
    asked.insert("webSocketUrl".to_owned(), Value::Bool(true));
    Capabilities::from(asked)
}

fn chromium(found: &Found, files: &Path, tone: &Path, is_headed: bool) -> Value {
    let mut arguments = vec![
        format!("--user-data-dir={}", files.join("profile").display()),
        format!("--use-file-for-fake-audio-capture={}", tone.display()),
        "--window-size=1280,800".to_owned(),
    ];
    let flags = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        // The popup of its address bar is a page of its own in every window; nobody sees it here.
        "--disable-features=WebRtcHideLocalIpsWithMdns,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ];
    arguments.extend(flags.map(str::to_owned));
    if !is_headed {
        arguments.push("--headless".to_owned());
    }
    // Its sandbox refuses to work for root.
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    let options = json!({"binary": found.program, "args": arguments});
    match found.kind {
        Kind::Edge => json!({"browserName": "MicrosoftEdge", "ms:edgeOptions": options}),
        _ => json!({"browserName": "chrome", "goog:chromeOptions": options}),
    }
}

fn firefox(found: &Found, is_headed: bool) -> Value {
    let headless = (!is_headed).then_some("--headless");
    let arguments: Vec<&str> =
        ["--width=1280", "--height=800"].into_iter().chain(headless).collect();
    let preferences = json!({
        "media.navigator.streams.fake": true,
        "media.navigator.permission.disabled": true,
        "media.getusermedia.insecure.enabled": true,
        "media.autoplay.default": 0,
        "media.peerconnection.ice.loopback": true,
        "media.peerconnection.ice.obfuscate_host_addresses": false,
        "media.gmp-manager.updateEnabled": false,
        "dom.min_background_timeout_value": 4,
        "dom.timeout.enable_budget_timer_throttling": false,
        "browser.shell.checkDefaultBrowser": false,
        "browser.backup.enabled": false,
    });
    let options = json!({"binary": found.program, "args": arguments, "prefs": preferences});
    json!({"browserName": "firefox", "moz:firefoxOptions": options})
}

/// A second of tone for the microphone, as a [WAVE file](https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html)
/// that is played over and over. Chromium's own beeps once a second, which is as long as somebody has to
/// listen; this one sounds four times, as the suppression of noise would take one without end for noise.
#[expect(clippy::cast_possible_truncation, reason = "a quarter of the loudest")]
fn wave() -> Vec<u8> {
    const RATE: u32 = 48_000;
    let sample = |n: u32| {
        let is_on = n % (RATE / 4) < RATE / 8;
        let phase = f64::from(n) / f64::from(RATE) * 440.0 * std::f64::consts::TAU;
        if is_on { (phase.sin() * 8192.0) as i16 } else { 0 }
    };
    let bytes = RATE * 2;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    // PCM, one channel, two bytes a sample.
    file.extend(16_u32.to_le_bytes());
    file.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    file.extend([RATE, RATE * 2].map(u32::to_le_bytes).concat());
    file.extend([2_u16, 16].map(u16::to_le_bytes).concat());
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend((0..RATE).flat_map(|n| sample(n).to_le_bytes()));
    file
}
