//! The network of one person, shared by all their connections: two links, and whether it is there at all.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use super::{
    cable::{Cable, Kernel},
    link::{Direction, Fate, Link, Loss, Passage},
    profile::{Period, Profile},
};

/// The network of one person.
#[derive(Debug)]
pub struct Line {
    state: Mutex<State>,
    /// Whether it is online; told also whenever another network is set.
    online: watch::Sender<bool>,
    salt: u64,
    /// What everything passes over besides, where the kernel does its part.
    cable: Option<Arc<Cable>>,
}

#[derive(Debug)]
struct State {
    profile: Profile,
    up: Link,
    down: Link,
    /// When the first packet passed after the network was set.
    began: Option<Instant>,
    /// When the first packet of all passed.
    first: Option<Timestamp>,
    counts: Counts,
}

/// A network at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// What kind of network it is.
    pub profile: Profile,
    /// Whether anything passes.
    pub passes: bool,
    /// When that changes without anybody doing something.
    pub until: Option<Instant>,
}

/// What became of the datagrams of a person so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// From the person.
    pub up: Count,
    /// To the person.
    pub down: Count,
}

/// What became of the datagrams of a direction so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Those that passed.
    pub passed: u64,
    /// Those that were lost by chance.
    pub lost: u64,
    /// Those that were too many for the rate.
    pub too_many: u64,
    /// Those that were sent while it was offline.
    pub offline: u64,
}

impl Counts {
    /// The share of the datagrams that never arrived.
    #[must_use]
    pub fn lost_share(&self) -> f64 {
        let lost = |it: &Count| it.lost + it.too_many + it.offline;
        let lost = lost(&self.up) + lost(&self.down);
        let passed = self.up.passed + self.down.passed;
        if lost == 0 { 0.0 } else { lost as f64 / (lost + passed) as f64 }
    }
}

impl Line {
    /// A network of this kind; what chance does follows from its seed and the name of the person.
    #[must_use]
    pub fn new(profile: Profile, person: &str) -> Self {
        // FNV-1a, which is the same on every machine and in every version.
        let salt = person.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, it| {
            (hash ^ u64::from(it)).wrapping_mul(0x0100_0000_01b3)
        });
        let state = State::new(profile, salt, Kernel::default());
        Self { state: Mutex::new(state), online: watch::Sender::new(true), salt, cable: None }
    }

    /// The same, of which the kernel does what it can.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub async fn over(cable: Arc<Cable>, profile: Profile, person: &str) -> io::Result<Self> {
        let line = Self { cable: Some(cable), ..Self::new(Profile::default(), person) };
        line.set(profile).await?;
        Ok(line)
    }

    /// Makes it a network of another kind; what is under way arrives as it would have, but for what the
    /// kernel holds back for its rate, which goes on at the new one.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub async fn set(&self, profile: Profile) -> io::Result<()> {
        if let Some(cable) = self.cable.clone() {
            let profile = profile.clone();
            spawn_blocking(move || cable.shape(&profile)).await??;
        }
        let kernel = self.kernel();
        let mut state = self.state();
        let (counts, first) = (state.counts, state.first);
        *state = State { counts, first, ..State::new(profile, self.salt, kernel) };
        drop(state);
        self.online.send_replace(true);
        Ok(())
    }

    /// Takes it away, or brings it back.
    pub fn set_online(&self, is_online: bool) {
        self.online.send_replace(is_online);
    }

    /// What kind of network it is.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.state().profile.clone()
    }

    /// What became of the datagrams so far. What the kernel found too many are packets, those of streams
    /// among them.
    ///
    /// # Errors
    ///
    /// When the kernel does not say what it threw away.
    pub async fn counts(&self) -> io::Result<Counts> {
        let mut counts = self.state().counts;
        if let Some(cable) = self.cable.clone() {
            let dropped = spawn_blocking(move || cable.dropped()).await??;
            for (count, dropped) in [&mut counts.up, &mut counts.down].into_iter().zip(dropped) {
                count.passed = count.passed.saturating_sub(dropped);
                count.too_many += dropped;
            }
        }
        Ok(counts)
    }

    /// What everything passes over besides, where the kernel does its part.
    pub(super) fn cable(&self) -> Option<&Cable> {
        self.cable.as_deref()
    }

    /// What the kernel does of it.
    fn kernel(&self) -> Kernel {
        self.cable().map(|it| it.kernel).unwrap_or_default()
    }

    /// When the first packet passed.
    #[must_use]
    pub fn first(&self) -> Option<Timestamp> {
        self.state().first
    }

    /// What it is like now; its time begins with this where no packet passed before.
    #[must_use]
    pub fn now(&self) -> Now {
        let is_online = *self.online.borrow();
        let (mut state, now) = (self.state(), Instant::now());
        let began = state.began(now);
        let since = now - began;
        let profile = state.profile.clone();
        let is_off = |it: &Period| (it.after..it.after + it.length).contains(&since);
        let passes = is_online && !profile.offline.iter().any(is_off);
        let edges = profile.offline.iter().flat_map(|it| [it.after, it.after + it.length]);
        let until = edges.filter(|it| *it > since).min().map(|it| began + it);
        Now { profile, passes, until }
    }

    /// Tells whenever it becomes another one, or is gone or back.
    pub(crate) fn changes(&self) -> watch::Receiver<bool> {
        self.online.subscribe()
    }

    /// When a datagram arrives that is sent now; nothing when it is lost.
    pub(super) fn packet(&self, direction: Direction, bytes: usize) -> Option<Instant> {
        let is_online = *self.online.borrow();
        let (mut state, now) = (self.state(), Instant::now());
        let began = state.began(now);
        let fate = match is_online {
            true => state.link(direction).packet(now - began, bytes),
            false => Fate::Lost(Loss::Offline),
        };
        let count = match direction {
            Direction::Up => &mut state.counts.up,
            Direction::Down => &mut state.counts.down,
        };
        match fate {
            Fate::Arrives(_) => count.passed += 1,
            Fate::Lost(Loss::Chance) => count.lost += 1,
            Fate::Lost(Loss::Full) => count.too_many += 1,
            Fate::Lost(Loss::Offline) => count.offline += 1,
        }
        match fate {
            Fate::Arrives(at) => Some(began + at),
            Fate::Lost(_) => None,
        }
    }

    /// When a piece of a stream leaves and arrives, that follows one which arrives at `after`; waits
    /// for the network to be there.
    pub(super) async fn stream(
        &self,
        direction: Direction,
        bytes: usize,
        after: Instant,
    ) -> (Instant, Instant) {
        self.is_there().await;
        let (mut state, now) = (self.state(), Instant::now());
        let began = state.began(now);
        let behind = after.saturating_duration_since(began);
        let Passage { leaves, arrives } = state.link(direction).stream(now - began, bytes, behind);
        (began + leaves, began + arrives)
    }

    /// Notes that somebody connects; returns how long both ends take to greet each other, besides what
    /// the kernel lets them.
    pub(super) fn greet(&self) -> Duration {
        let kernel = self.kernel();
        let mut state = self.state();
        state.began(Instant::now());
        (state.profile.latency - kernel.latency(&state.profile)) * 2
    }

    /// Waits until the network is there.
    async fn is_there(&self) {
        let mut online = self.online.subscribe();
        loop {
            let until = {
                let mut state = self.state();
                let now = Instant::now();
                let began = state.began(now);
                began + state.up.online_from(now - began)
            };
            let is_online = *online.borrow_and_update();
            if is_online && until <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(until), if is_online => {}
                // It lives as long as this does.
                _ = online.changed() => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(profile: Profile, salt: u64, kernel: Kernel) -> Self {
        let link = |direction| Link::new(&profile, direction, salt).beside(kernel);
        let (up, down) = (link(Direction::Up), link(Direction::Down));
        Self { profile, up, down, began: None, first: None, counts: Counts::default() }
    }

    /// When the time of the network began, which is now if nothing passed before.
    fn began(&mut self, now: Instant) -> Instant {
        self.first.get_or_insert_with(Timestamp::now);
        *self.began.get_or_insert(now)
    }

    fn link(&mut self, direction: Direction) -> &mut Link {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
