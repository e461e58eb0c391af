//! One direction of a network: what becomes of a packet, and when; no clock, no socket, no surprise.

use std::time::Duration;

use fastrand::Rng;

use super::{
    cable::Kernel,
    profile::{Profile, Rate, Share},
};

/// How long a packet waits for its turn before there is no room for it: about what the buffer of a
/// home router holds.
pub(super) const QUEUE: Duration = Duration::from_millis(300);

/// By how much a packet is held back at least that others shall overtake.
const HELD_BACK: Duration = Duration::from_millis(20);

/// What IPv4 and UDP add to each datagram.
const HEADERS: usize = 28;

/// What one packet of a stream carries.
const SEGMENT: usize = 1448;

/// How long TCP waits at least before it sends again, on Linux.
const SEND_AGAIN: Duration = Duration::from_millis(200);

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the person.
    Up,
    /// To the person.
    Down,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives at this time.
    Arrives(Duration),
    /// It never does.
    Lost(Loss),
}

/// Why a packet never arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Chance had it so.
    Chance,
    /// More was sent than the rate lets pass.
    Full,
    /// The network was offline.
    Offline,
}

/// What becomes of a piece of a stream, of which nothing is ever lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// When the next piece can begin.
    pub leaves: Duration,
    /// When it is at the other end.
    pub arrives: Duration,
}

/// One direction of a network. All times are since the network was set.
#[derive(Debug, Clone)]
pub struct Link {
    profile: Profile,
    rate: Option<Rate>,
    /// How much of the latency is not made here.
    elsewhere: Duration,
    /// What chance does to datagrams.
    random: Rng,
    /// What it does to streams, so that these change no fate of a datagram.
    of_streams: Rng,
    /// When the last packet has left.
    free: Duration,
    /// When the last packet arrives that keeps the order.
    last: Duration,
}

impl Link {
    /// A direction of this network; what chance does follows from the seed and `salt`.
    #[must_use]
    pub fn new(profile: &Profile, direction: Direction, salt: u64) -> Self {
        let (rate, of_direction) = match direction {
            Direction::Up => (profile.up, 0),
            Direction::Down => (profile.down, 1),
        };
        // Neighbouring seeds must not have neighbouring fates.
        let seed = profile.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.rotate_left(17);
        let mut random = Rng::with_seed(seed.wrapping_add(of_direction));
        Self {
            profile: profile.clone(),
            rate,
            elsewhere: Duration::ZERO,
            of_streams: random.fork(),
            random,
            free: Duration::ZERO,
            last: Duration::ZERO,
        }
    }

    /// The same where the kernel does its part.
    #[must_use]
    pub(super) fn beside(self, kernel: Kernel) -> Self {
        let rate = self.rate.filter(|_| !kernel.tbf);
        Self { rate, elsewhere: kernel.latency(&self.profile), ..self }
    }

    /// What becomes of a datagram of so many bytes that is sent now.
    pub fn packet(&mut self, now: Duration, bytes: usize) -> Fate {
        // Each packet draws the same number of lots, so that its fate hangs on its number alone.
        let is_lost = chance(&mut self.random, self.profile.loss);
        let overtaken = chance(&mut self.random, self.profile.reorder);
        let lateness = lateness(&mut self.random, &self.profile).saturating_sub(self.elsewhere);
        if self.online_from(now) > now {
            return Fate::Lost(Loss::Offline);
        }
        if is_lost {
            return Fate::Lost(Loss::Chance);
        }
        if self.free.saturating_sub(now) > QUEUE {
            return Fate::Lost(Loss::Full);
        }
        let arrives = self.pass(now, bytes + HEADERS) + lateness;
        if overtaken {
            return Fate::Arrives(arrives + HELD_BACK.max(self.profile.jitter * 2));
        }
        self.last = self.last.max(arrives);
        Fate::Arrives(self.last)
    }

    /// What becomes of a piece of a stream that is sent now, behind one that arrives at `after`.
    pub fn stream(&mut self, now: Duration, bytes: usize, after: Duration) -> Passage {
        let (random, profile) = (&mut self.of_streams, &self.profile);
        let lateness = lateness(random, profile).saturating_sub(self.elsewhere);
        let segments = bytes.div_ceil(SEGMENT);
        let is_lost = (0..segments).fold(false, |lost, _| chance(random, profile.loss) | lost);
        let begins = self.online_from(now);
        let leaves = self.pass(begins, bytes + segments * HEADERS);
        let again = if is_lost { SEND_AGAIN.max(self.profile.latency * 2) } else { Duration::ZERO };
        Passage { leaves, arrives: after.max(leaves + again + lateness) }
    }

    /// The first time from now on at which the network is not offline.
    #[must_use]
    pub fn online_from(&self, now: Duration) -> Duration {
        // They are sorted, so one look at each is enough.
        self.profile.offline.iter().fold(now, |now, it| {
            let end = it.after + it.length;
            if (it.after..end).contains(&now) { end } else { now }
        })
    }

    /// Takes its turn behind what was sent before; returns when it has left.
    fn pass(&mut self, now: Duration, bytes: usize) -> Duration {
        let Some(Rate(bits)) = self.rate else { return now };
        let nanoseconds = (bytes as u64 * 8).saturating_mul(1_000_000_000) / bits.max(1);
        self.free = self.free.max(now) + Duration::from_nanos(nanoseconds);
        self.free
    }
}

fn chance(random: &mut Rng, share: Share) -> bool {
    random.u32(0..1_000_000) < share.0
}

/// How long the way takes.
fn lateness(random: &mut Rng, profile: &Profile) -> Duration {
    let shift = profile.jitter.mul_f64(random.f64() * 2.0);
    (profile.latency + shift).saturating_sub(profile.jitter)
}
