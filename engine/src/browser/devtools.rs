//! Networks that browsers of Chromium make for a window of theirs: for servers that run already, which no relay
//! can stand before.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{
    Kind,
    person::{Page, PageError},
};
use crate::network::{Line, Measured, Profile, Rate};

/// How many messages go forth and back when a network is measured, and how many milliseconds apart.
const PINGS: (u32, u64) = (100, 4);

/// How long a rate is made use of at least, in milliseconds: connections begin slowly.
const FULL: u64 = 600;

/// Why a browser makes no network.
#[derive(Debug, thiserror::Error)]
pub enum NoNetwork {
    /// It cannot.
    #[error("{0} makes no networks: only Chrome, Chromium and Edge do")]
    Unable(Kind),
    /// It did not.
    #[error("the browser made no network")]
    Page(#[from] PageError),
}

/// The DevTools of a window.
struct DevTools {
    page: Page,
    session: Value,
}

impl DevTools {
    async fn of(page: Page) -> Result<Self, NoNetwork> {
        let kind = page.kind();
        if kind == Kind::Firefox {
            return Err(NoNetwork::Unable(kind));
        }
        // https://github.com/GoogleChromeLabs/chromium-bidi#cdp-extension
        let asked = json!({"context": page.context()});
        let session = page.send("goog:cdp.getSession", asked).await?["session"].take();
        let devtools = Self { page, session };
        devtools.tell("Network.enable", &json!({})).await?;
        Ok(devtools)
    }

    async fn tell(&self, method: &str, parameters: &Value) -> Result<(), PageError> {
        let asked = json!({"method": method, "params": parameters, "session": self.session});
        self.page.send("goog:cdp.sendCommand", asked).await.map(|_| ())
    }

    async fn emulate(&self, profile: &Profile, passes: bool) -> Result<(), PageError> {
        self.tell("Network.emulateNetworkConditions", &conditions(profile, passes)).await
    }
}

/// A network as the parameters of [`Network.emulateNetworkConditions`](https://chromedevtools.github.io/devtools-protocol/tot/Network/#method-emulateNetworkConditions).
fn conditions(profile: &Profile, passes: bool) -> Value {
    // How long a full queue takes, and how large its packets are: as those of the relay.
    const QUEUE: (f64, f64) = (0.3, 1200.0);
    let bytes = |it: Option<Rate>| it.map_or(-1.0, |it| it.0 as f64 / 8.0);
    let fastest = bytes(profile.down).max(bytes(profile.up));
    let queue = if fastest > 0.0 { (fastest * QUEUE.0 / QUEUE.1).max(2.0).round() } else { 0.0 };
    json!({
        "offline": !passes,
        // What begins while nothing is done to it is left alone for good, by later networks as well.
        "latency": (profile.latency.as_secs_f64() * 1e3).max(1.0),
        "downloadThroughput": bytes(profile.down),
        "uploadThroughput": bytes(profile.up),
        // To be offline says nothing to connections of WebRTC.
        "packetLoss": if passes { f64::from(profile.loss.0) / 1e4 } else { 100.0 },
        "packetQueueLength": queue,
        "packetReordering": profile.reorder.0 > 0,
    })
}

/// What a browser makes of a network, and the names of what it leaves out.
#[must_use]
pub fn feasible(profile: &Profile) -> (Profile, Vec<&'static str>) {
    let made = Profile { jitter: Duration::ZERO, seed: 0, ..profile.clone() };
    let left = [("jitter", !profile.jitter.is_zero()), ("seed", profile.seed != 0)];
    (made, left.into_iter().filter_map(|(name, is_left)| is_left.then_some(name)).collect())
}

/// Gives a window the network of a person, and every one that it becomes, until the task ends.
pub(super) async fn follow(page: Page, line: Arc<Line>) -> Result<AbortHandle, NoNetwork> {
    let devtools = DevTools::of(page).await?;
    let mut changes = line.changes();
    let now = line.now();
    devtools.emulate(&now.profile, now.passes).await?;
    let mut until = now.until;
    let task = tokio::spawn(async move {
        loop {
            tokio::select! {
                () = reached(until) => {}
                // It lives as long as this does.
                _ = changes.changed() => {}
            }
            let now = line.now();
            // A window that is gone needs no network.
            if devtools.emulate(&now.profile, now.passes).await.is_err() {
                return;
            }
            until = now.until;
        }
    });
    Ok(task.abort_handle())
}

async fn reached(until: Option<Instant>) {
    match until {
        Some(it) => sleep_until(it).await,
        None => std::future::pending().await,
    }
}

/// Measures what a network does to a window, with messages between two connections of it.
pub(super) async fn measure(page: Page, profile: &Profile) -> Result<Measured, NoNetwork> {
    let (count, apart) = PINGS;
    let devtools = DevTools::of(page.clone()).await?;
    // Each measurement has connections of its own, which are there before anything is lost.
    let over = async |profile: &Profile| {
        devtools.emulate(&Profile::default(), true).await?;
        page.ask::<Value>("probe.open", [(); 0]).await?;
        devtools.emulate(profile, true).await
    };
    let bare = Profile { offline: Vec::new(), down: None, up: None, ..profile.clone() };
    over(&bare).await?;
    let late = u64::try_from(profile.latency.as_millis()).unwrap_or(u64::MAX) * 4 + 500;
    let mut trips: Vec<f64> = page.ask("probe.ping", (u64::from(count), apart, late)).await?;
    trips.sort_by(f64::total_cmp);
    let rate = async |only: Profile, rate: Rate| {
        over(&only).await?;
        // Ten messages pass at least.
        let long = (80_000_000 / rate.0.max(1)).clamp(FULL, FULL * 10);
        page.ask::<Option<f64>>("probe.fill", [long]).await
    };
    let (mut up, mut down) = (None, None);
    if let Some(it) = profile.up {
        up = rate(Profile { up: Some(it), ..Profile::default() }, it).await?;
    }
    if let Some(it) = profile.down {
        down = rate(Profile { down: Some(it), ..Profile::default() }, it).await?;
    }
    Ok(Measured {
        sent: count,
        came_back: once(count, trips.len()),
        fastest_ms: trips.first().map(|it| it / 2.0),
        median_ms: trips.get(trips.len() / 2).map(|it| it / 2.0),
        down,
        up,
    })
}

/// How many of these messages come back from a server, when so many did that went through the network twice
/// each way, because both ends are here.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many")]
fn once(sent: u32, came_back: usize) -> u32 {
    let sent = f64::from(sent);
    (sent * (came_back as f64 / sent).sqrt()).round() as u32
}
