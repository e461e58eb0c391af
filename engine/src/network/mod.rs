//! Bad networks: what stands between a person and a server delays, loses, reorders and limits what passes.
//!
//! A [`Relay`] of our own does it, in the middle of everything that a person has to do with a server:
//! signalling, media over UDP and media over TCP. The addresses that both sides tell each other in
//! signalling are those of the relay, so neither knows another way, and neither needs a setting for it.
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

mod candidate;
mod line;
mod link;
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
    sync::Arc,
};

pub use self::{
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
}

/// The networks of the people of one attempt.
#[derive(Debug, Default)]
pub struct Networks {
    lines: BTreeMap<String, Arc<Line>>,
    /// By person and service.
    relays: BTreeMap<(String, String), Relay>,
    /// The networks that were seen to be as they should.
    pub verified: BTreeSet<String>,
}

impl Networks {
    /// The network of a person; none where nothing stands between them and the servers.
    #[must_use]
    pub fn of(&self, person: &str) -> Option<&Arc<Line>> {
        self.lines.get(person)
    }

    /// Gives a person a network, or makes theirs another one.
    pub fn set(&mut self, person: &str, profile: Profile) {
        match self.lines.get(person) {
            Some(line) => line.set(profile),
            None => {
                let line = Arc::new(Line::new(profile, person));
                self.lines.insert(person.to_owned(), line);
            }
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
    pub fn open(&self) {
        self.lines.values().for_each(|it| it.set(Profile::default()));
    }
}
