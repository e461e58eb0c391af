//! Bad networks: what stands between a person and a server delays, loses, reorders and limits what passes.
//!
//! A [`Relay`] of our own does it, in the middle of everything that a person has to do with a server:
//! signalling, media over UDP and media over TCP. The addresses that both sides tell each other in
//! signalling are those of the relay, so neither knows another way, and neither needs a setting for it.
//! Where the machine lets us, what passes goes over a [`Cable`] besides, and the kernel does what it can.
//!
//! ```
//! use std::time::Duration;
//!
//! use lkreport_engine::network::{Direction, Fate, Link, Profile};
//!
//! let profile: Profile = "latency=100ms,rate=1mbit".parse()?;
//! let mut link = Link::new(&profile, Direction::Up, 0);
//! // 97 bytes and what the network adds take a millisecond to leave.
//! let fate = link.packet(Duration::ZERO, 97);
//! assert_eq!(fate, Fate::Arrives(Duration::from_millis(101)));
//! # Ok::<(), lkreport_engine::network::ProfileError>(())
//! ```

mod cable;
mod candidate;
mod line;
mod link;
mod namespace;
mod probe;
mod profile;
mod relay;
mod signal;
mod tcp;
mod udp;
mod unit;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use tokio::task::spawn_blocking;

pub use self::{
    cable::{Cable, Kernel},
    line::{Count, Counts, Line, Now},
    link::{Direction, Fate, Link, Loss, Passage},
    probe::{Measured, NotAsAsked, judge, measure},
    profile::{Known, Period, Profile, ProfileError, Rate, Share},
    relay::{Relay, Server},
};

/// The networks that a run knows, and the one that everybody has who is given no other.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Those with names.
    pub known: Known,
    /// That of everybody; none where nothing stands between them and the servers.
    pub everybody: Option<Profile>,
    /// What makes them.
    pub by: By,
}

/// What shall make networks, where a relay can stand before the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum By {
    /// The kernel what it can, and the relay the rest.
    #[default]
    Auto,
    /// The relay alone.
    Relay,
    /// The kernel and the relay, or nobody.
    Tc,
}

impl By {
    /// Its name, as it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Relay => "relay",
            Self::Tc => "tc",
        }
    }
}

/// Why a text names nothing that makes networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing that makes networks is called `{0}`: there are `auto`, `relay` and `tc`")]
pub struct UnknownBy(String);

impl FromStr for By {
    type Err = UnknownBy;

    fn from_str(text: &str) -> Result<Self, UnknownBy> {
        let all = [Self::Auto, Self::Relay, Self::Tc];
        all.into_iter().find(|it| it.name() == text).ok_or_else(|| UnknownBy(text.to_owned()))
    }
}

/// The networks of the people of one attempt.
#[derive(Debug, Default)]
pub struct Networks {
    lines: BTreeMap<String, Arc<Line>>,
    /// By person and service.
    relays: BTreeMap<(String, String), Relay>,
    /// The networks that were seen to be as they should.
    pub verified: BTreeSet<String>,
    /// Why the kernel of this machine has no part in them.
    pub refused: Option<String>,
}

impl Networks {
    /// The network of a person; none where nothing stands between them and the servers.
    #[must_use]
    pub fn of(&self, person: &str) -> Option<&Arc<Line>> {
        self.lines.get(person)
    }

    /// Gives a person a network, or makes theirs another one.
    ///
    /// # Errors
    ///
    /// When the kernel refuses its part.
    pub async fn set(&mut self, person: &str, profile: Profile, by: By) -> io::Result<()> {
        if let Some(line) = self.lines.get(person) {
            return line.set(profile).await;
        }
        let line = match self.cable(by).await? {
            Some(cable) => Line::over(cable, profile, person).await?,
            None => Line::new(profile, person),
        };
        self.lines.insert(person.to_owned(), Arc::new(line));
        Ok(())
    }

    /// A new cable, for the part of the kernel; none where it shall have none, or can have none.
    ///
    /// # Errors
    ///
    /// When it has to have a part, and cannot.
    pub async fn cable(&mut self, by: By) -> io::Result<Option<Arc<Cable>>> {
        if by == By::Relay || (by == By::Auto && self.refused.is_some()) {
            return Ok(None);
        }
        match spawn_blocking(Cable::lay).await? {
            Ok(cable) => Ok(Some(Arc::new(cable))),
            Err(error) if by == By::Auto => {
                self.refused = Some(error.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Where a person with a network reaches a server; none where nothing stands between them.
    ///
    /// # Errors
    ///
    /// When there is no place for a relay.
    pub async fn way(
        &mut self,
        person: &str,
        service: &str,
        server: Server,
        here: IpAddr,
    ) -> io::Result<Option<SocketAddr>> {
        let Some(line) = self.lines.get(person) else { return Ok(None) };
        let key = (person.to_owned(), service.to_owned());
        if !self.relays.get(&key).is_some_and(|it| it.server == server) {
            let relay = Relay::start(Arc::clone(line), server, here).await?;
            self.relays.insert(key.clone(), relay);
        }
        Ok(self.relays.get(&key).map(|it| it.signal))
    }

    /// Lets everything pass, so that nobody's goodbye takes long.
    pub async fn open(&self) {
        for line in self.lines.values() {
            // A goodbye that takes long is still one.
            let _ = line.set(Profile::default()).await;
        }
    }
}
