//! Whether a network does what it should: measured through sockets, before anybody relies on it.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use tokio::{
    net::UdpSocket,
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};

use super::{
    cable::Cable,
    line::Line,
    profile::{Profile, Rate},
    udp::{self, Datagrams},
    unit,
};

/// How many packets go forth and back.
const PACKETS: u32 = 100;

/// How large each is, and what it takes on the network with what that adds.
const SIZE: (usize, u64) = (100, 128);

/// How far apart they are at least.
const APART: Duration = Duration::from_millis(4);

/// How long that may take altogether, so that there are fewer of them on slow networks.
const LONGEST: Duration = Duration::from_secs(2);

/// How long a rate is made use of, where nothing arrives sooner or later than it should.
const FULL: Duration = Duration::from_millis(150);

/// How much a packet has that fills the rate.
const LARGE: usize = 1200;

/// What passes in a second also on a busy machine, in bits.
const SURELY: f64 = 4e6;

/// What a busy machine may add.
const SLACK: Duration = Duration::from_millis(60);

/// What was measured of a network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// How many packets went forth.
    pub sent: u32,
    /// How many of them came back.
    pub came_back: u32,
    /// The fastest of their round trips, in milliseconds: a busy machine makes others slower.
    pub fastest_ms: Option<f64>,
    /// The median of their round trips, in milliseconds.
    pub median_ms: Option<f64>,
    /// What passed to the person, in bits a second; measured where there is a rate.
    pub down: Option<f64>,
    /// What passed from the person, in bits a second; measured where there is a rate.
    pub up: Option<f64>,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.sent.saturating_sub(self.came_back);
        match (self.median_ms, self.fastest_ms) {
            (Some(it), Some(fastest)) => {
                write!(f, "round trip {it:.1} ms, the fastest {fastest:.1} ms, ")?;
            }
            _ => write!(f, "no round trip, ")?,
        }
        write!(f, "{lost} of {} packets lost", self.sent)?;
        for (what, rate) in [("down", self.down), ("up", self.up)] {
            if let Some(rate) = rate {
                write!(f, ", {:.0} kbit/s {what}", rate / 1e3)?;
            }
        }
        Ok(())
    }
}

/// A network that does not what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the network is not as asked: {what} is {found}, expected {expected}")]
pub struct NotAsAsked {
    /// What is not.
    pub what: &'static str,
    /// What was measured.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

/// Measures what a network does to packets between two sockets on loopback, over a cable where the kernel
/// does its part.
///
/// # Errors
///
/// When there are no sockets for it, or the kernel refuses.
pub async fn measure(profile: &Profile, cable: Option<Arc<Cable>>) -> io::Result<Measured> {
    // When it is offline is no question of how it is otherwise.
    let profile = Profile { offline: Vec::new(), ..profile.clone() };
    let here = || udp::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let (person, server, near) = (here()?, here()?, here()?);
    let line = match cable {
        Some(cable) => Line::over(cable, profile.clone(), "probe").await?,
        None => Line::new(profile.clone(), "probe"),
    };
    let datagrams = Datagrams::new(Arc::new(line), near, server.local_addr()?);
    let (near, person_at) = (datagrams.address()?, person.local_addr()?);
    let none = || io::Error::other("the relay has no address for the probe");
    let far = datagrams.alias(person_at).ok_or_else(none)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(datagrams.carry());
    let ping = Ping::over(&profile);
    let mut round_trips = ping.run(&person, &server, near).await;
    round_trips.sort_unstable();
    let milliseconds = |it: &Duration| it.as_secs_f64() * 1e3;
    let mut measured = Measured {
        sent: ping.count,
        came_back: u32::try_from(round_trips.len()).unwrap_or(u32::MAX),
        fastest_ms: round_trips.first().map(milliseconds),
        median_ms: round_trips.get(round_trips.len() / 2).map(milliseconds),
        down: None,
        up: None,
    };
    let late = (profile.latency + profile.jitter) + SLACK * 4;
    let full = full(&profile);
    if let Some(rate) = profile.up {
        measured.up = fill(&person, near, &server, (rate, full), late).await;
    }
    if let Some(rate) = profile.down {
        measured.down = fill(&server, far, &person, (rate, full), late).await;
    }
    Ok(measured)
}

/// Packets that go forth and back.
struct Ping {
    count: u32,
    apart: Duration,
    late: Duration,
}

impl Ping {
    fn over(profile: &Profile) -> Self {
        // Four times what one takes, so that none waits for another.
        let takes = |it: Rate| Duration::from_micros(SIZE.1 * 8 * 1_000_000 / it.0.max(1));
        let slowest = [profile.up, profile.down].into_iter().flatten().min();
        let one = slowest.map_or(Duration::ZERO, takes);
        let apart = APART.max(one * 4);
        let count = (LONGEST.as_micros() / apart.as_micros()).clamp(2, u128::from(PACKETS));
        // Where nothing is lost, what is missing is only late, on a machine that is very busy.
        let slack = if profile.loss.0 == 0 { SLACK * 30 } else { SLACK * 4 };
        let late = (profile.latency + profile.jitter + one) * 2 + slack;
        Self { count: u32::try_from(count).unwrap_or(PACKETS), apart, late }
    }

    /// The round trips of those that came back.
    async fn run(&self, person: &UdpSocket, server: &UdpSocket, near: SocketAddr) -> Vec<Duration> {
        let begun = Instant::now();
        let mut found = Vec::new();
        let echo = async {
            let mut buffer = [0; SIZE.0];
            loop {
                if let Ok((size, from)) = server.recv_from(&mut buffer).await {
                    _ = server.send_to(&buffer[..size], from).await;
                }
            }
        };
        let send = async {
            let mut clock = interval(self.apart);
            for _ in 0..self.count {
                clock.tick().await;
                let mut packet = [0; SIZE.0];
                let now = u64::try_from(begun.elapsed().as_micros()).unwrap_or(0);
                packet[..8].copy_from_slice(&now.to_be_bytes());
                _ = person.send_to(&packet, near).await;
            }
            sleep(self.late).await;
        };
        let collect = async {
            let mut packet = [0; SIZE.0];
            while found.len() < self.count as usize {
                if person.recv_from(&mut packet).await.is_err() {
                    continue;
                }
                let stamp = packet.first_chunk().map_or(0, |it| u64::from_be_bytes(*it));
                found.push(begun.elapsed().saturating_sub(Duration::from_micros(stamp)));
            }
        };
        tokio::select! {
            () = collect => {}
            () = send => {}
            () = echo => {}
        }
        found
    }
}

/// How long a rate is made use of: long enough that what arrives sooner or later counts little, and less
/// than the queue of the network holds.
fn full(profile: &Profile) -> Duration {
    (FULL + profile.jitter * 8).min(FULL * 3)
}

/// How many bits a second pass when more is sent than can.
async fn fill(
    from: &UdpSocket,
    to: SocketAddr,
    at: &UdpSocket,
    (rate, full): (Rate, Duration),
    late: Duration,
) -> Option<f64> {
    let bits = rate.0 as f64;
    let whole = (LARGE as f64 + 28.0) * 8.0;
    let count = (bits * full.as_secs_f64() / whole).clamp(4.0, 2000.0) as u32;
    // Twice as fast as it can, and not all at once: sockets hold little.
    let apart = Duration::from_secs_f64(whole / bits / 2.0);
    let send = async {
        let begun = Instant::now();
        for n in 0..count {
            let ahead = (apart * n).saturating_sub(begun.elapsed());
            if ahead > Duration::from_millis(1) {
                sleep(ahead).await;
            }
            _ = from.send_to(&[0; LARGE], to).await;
        }
    };
    let collect = async {
        let (mut buffer, mut times) = ([0; LARGE], Vec::new());
        let all = Duration::from_secs_f64(whole / bits * f64::from(count)) + late;
        let end = Instant::now() + all;
        while times.len() < count as usize {
            let left = end.saturating_duration_since(Instant::now());
            match timeout(left, at.recv_from(&mut buffer)).await {
                // What is left of the packets before is smaller.
                Ok(Ok((LARGE, _))) => times.push(Instant::now()),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        times
    };
    let ((), times) = tokio::join!(send, collect);
    let took = (*times.last()? - *times.first()?).as_secs_f64();
    let count = times.len() as f64 - 1.0;
    (took > 0.0).then(|| count * whole / took)
}

/// Whether a network does what it should.
///
/// # Errors
///
/// What it does otherwise, with figures.
pub fn judge(profile: &Profile, measured: &Measured) -> Result<(), NotAsAsked> {
    let milliseconds = |it: Duration| it.as_secs_f64() * 1e3;
    let sent = f64::from(measured.sent);
    let loss = 1.0 - (1.0 - f64::from(profile.loss.0) / 1e6).powi(2);
    let lost = sent - f64::from(measured.came_back);
    // Four standard deviations: chance is that far off once in fifteen thousand times.
    let off = 4.0 * (sent * loss * (1.0 - loss)).sqrt() + 1.0;
    if (lost - sent * loss).abs() > off {
        let expected = format!("{:.0} ± {off:.0}", sent * loss);
        let found = format!("{lost} of {sent}");
        return Err(NotAsAsked { what: "the number of lost packets", found, expected });
    }
    for (what, rate, found) in
        [("the rate down", profile.down, measured.down), ("the rate up", profile.up, measured.up)]
    {
        let Some(rate) = rate else { continue };
        let asked = rate.0 as f64;
        let least = (asked / 2.0).min(SURELY) / asked;
        let share = found.unwrap_or(0.0) / asked;
        // The first one may have come late, and the last one early.
        let off = (profile.jitter * 2 + SLACK / 3).as_secs_f64() / full(profile).as_secs_f64();
        if !(least..1.05 + off).contains(&share) && profile.loss.0 < 500_000 {
            let found = format!("{:.0} kbit/s", found.unwrap_or(0.0) / 1e3);
            return Err(NotAsAsked { what, found, expected: unit::show_rate(rate.0) });
        }
    }
    // Where nothing comes back, as was asked, nothing can be said of its time.
    let Some(found) = measured.fastest_ms else { return Ok(()) };
    let (asked, jitter) = (milliseconds(profile.latency) * 2.0, milliseconds(profile.jitter) * 2.0);
    let slowest = [profile.up, profile.down].into_iter().flatten().map(|it| it.0).min();
    let sending = slowest.map_or(0.0, |it| 2.0 * SIZE.1 as f64 * 8e3 / it as f64);
    let range = (asked - jitter - 1.0)..=(asked + sending + milliseconds(SLACK));
    if range.contains(&found) {
        return Ok(());
    }
    let expected = format!("{:.0} to {:.0} ms", range.start().max(0.0), range.end());
    Err(NotAsAsked { what: "the fastest round trip", found: format!("{found:.1} ms"), expected })
}
