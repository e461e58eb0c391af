//! A cable that the kernel makes as slow and as narrow as it is asked: two network namespaces of our own,
//! a pair of interfaces between them, and [`tc`](https://man7.org/linux/man-pages/man8/tc.8.html) on each.
//!
//! What a relay takes from a person goes in at one end, and comes out at the other before it goes to the
//! server. Nothing else of the machine is touched, and nothing of it is left when we end, however we do.

use std::{
    fmt, fs, io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use nix::{
    sys::socket::{setsockopt, sockopt::SndBufForce},
    unistd::gettid,
};
use serde::Deserialize;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::{
    link::QUEUE,
    namespace::Namespace,
    profile::{Profile, Rate},
    udp,
};

/// The end of the person, and that of the server; nobody outside sees them.
const ENDS: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];

/// The largest rate that a network can have, so as good as none.
const UNLIMITED: Rate = Rate(10_000_000_000);

/// More than a full packet with its Ethernet header, without which `tbf` lets none of them pass.
const PACKET: u64 = 1600;

/// How long a bucket fills: timers of Linux are not late by more.
const BURST: Duration = Duration::from_millis(1);

/// What a socket may hold that the interface has not sent yet: what is too much, the kernel shall throw
/// away at the rate and not the socket at its own measure.
const UNSENT: usize = 16 << 20;

/// What keeps interfaces to come from having IPv6.
const NO_IPV6: &str = "/proc/sys/net/ipv6/conf/default/disable_ipv6";

/// What the kernel of this machine can do to a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kernel {
    /// Rates, by [`tbf`](https://man7.org/linux/man-pages/man8/tc-tbf.8.html).
    pub tbf: bool,
    /// Latency, by [`netem`](https://man7.org/linux/man-pages/man8/tc-netem.8.html).
    pub netem: bool,
}

impl Kernel {
    /// How much of the latency the kernel takes over: what is left can be as short as jitter has it.
    #[must_use]
    pub(super) fn latency(self, profile: &Profile) -> Duration {
        if self.netem { profile.latency.saturating_sub(profile.jitter) } else { Duration::ZERO }
    }

    /// What it does of a network, in words; nothing when it has no part in it.
    #[must_use]
    pub fn part(self, profile: &Profile) -> Option<&'static str> {
        let rates = self.tbf && (profile.up.is_some() || profile.down.is_some());
        match (!self.latency(profile).is_zero(), rates) {
            (true, true) => Some("its latency and its rates by `tc` (netem, tbf)"),
            (true, false) => Some("its latency by `tc` (netem)"),
            (false, true) => Some("its rates by `tc` (tbf)"),
            (false, false) => None,
        }
    }
}

/// A cable between two namespaces.
pub struct Cable {
    /// That of the person and that of the server.
    ends: [Namespace; 2],
    /// What can be done to it.
    pub kernel: Kernel,
}

impl fmt::Debug for Cable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cable").field("kernel", &self.kernel).finish_non_exhaustive()
    }
}

impl Cable {
    /// Lays a cable over which everything passes at once.
    ///
    /// # Errors
    ///
    /// When this machine has no namespaces for us, no `ip` and `tc`, or a kernel that shapes nothing.
    pub fn lay() -> io::Result<Self> {
        let ends = [Namespace::new()?, Namespace::new()?];
        let [near, far] = &ends;
        for end in &ends {
            // What IPv6 says by itself would take its share of a rate; a kernel without it says nothing.
            let _ = end.within(|| fs::write(NO_IPV6, "1"));
        }
        far.within(|| {
            let there = gettid();
            near.batch(
                "ip",
                &format!("link add name cable type veth peer name cable netns {there}"),
            )
        })?;
        for (here, end) in ends.iter().enumerate() {
            let there = 1 - here;
            let (address, other) = (ENDS[here], ENDS[there]);
            // Neighbours that are told need not ask, and packets that are whole can be lost one by one.
            end.batch(
                "ip",
                &format!(
                    "link set cable address 02:00:00:00:00:0{here} gso_max_segs 1 up\n\
                     address add {address}/30 dev cable\n\
                     neighbour add {other} lladdr 02:00:00:00:00:0{there} nud permanent dev cable\n"
                ),
            )?;
        }
        let both = Kernel { tbf: true, netem: true };
        let mut cable = Self { ends, kernel: both };
        if cable.shape(&Profile::default()).is_err() {
            cable.kernel = Kernel { netem: false, ..both };
            cable.shape(&Profile::default())?;
        }
        Ok(cable)
    }

    /// Makes it as slow and as narrow as a network is; what waits in it goes on at the new rate.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn shape(&self, profile: &Profile) -> io::Result<()> {
        let delay = self.kernel.latency(profile);
        for (end, rate) in self.ends.iter().zip([profile.up, profile.down]) {
            end.batch("tc", &disciplines(self.kernel, delay, rate.unwrap_or(UNLIMITED)))?;
        }
        Ok(())
    }

    /// How many packets the kernel threw away in each direction, up and down.
    ///
    /// # Errors
    ///
    /// When the kernel does not say.
    pub fn dropped(&self) -> io::Result<[u64; 2]> {
        let [up, down] = &self.ends;
        Ok([dropped(up)?, dropped(down)?])
    }

    /// A socket at each end, for datagrams.
    pub(super) fn datagrams(&self) -> io::Result<[UdpSocket; 2]> {
        let socket = |it: usize| {
            let bound = self.ends[it].within(|| {
                let socket = std::net::UdpSocket::bind((ENDS[it], 0))?;
                setsockopt(&socket, SndBufForce, &UNSENT)?;
                Ok(socket)
            })?;
            udp::in_tokio(bound)
        };
        Ok([socket(0)?, socket(1)?])
    }

    /// A connection, from end to end.
    pub(super) async fn stream(&self) -> io::Result<[TcpStream; 2]> {
        let socket = |it: usize| {
            self.ends[it].within(|| {
                let socket = TcpSocket::new_v4()?;
                socket.bind(SocketAddr::from((ENDS[it], 0)))?;
                Ok(socket)
            })
        };
        let (near, far) = (socket(0)?, socket(1)?.listen(1)?);
        let address = far.local_addr()?;
        let (near, far) = tokio::try_join!(near.connect(address), far.accept())?;
        Ok([near, far.0])
    }
}

/// The words for `tc`, which are the same for the first time and for each change.
fn disciplines(kernel: Kernel, delay: Duration, rate: Rate) -> String {
    let bytes_in = |time: Duration| (rate.0 as f64 / 8.0 * time.as_secs_f64()) as u64;
    let (burst, queue) = (bytes_in(BURST).max(PACKET), bytes_in(QUEUE).max(PACKET * 2));
    let tbf = format!("tbf rate {}bit burst {burst} limit {}", rate.0, burst + queue);
    let (microseconds, packets) = (delay.as_micros(), 100_000);
    match kernel.netem {
        true => format!(
            "qdisc replace dev cable root handle 1: netem delay {microseconds}us limit {packets}\n\
             qdisc replace dev cable parent 1:1 handle 2: {tbf}\n"
        ),
        false => format!("qdisc replace dev cable root handle 2: {tbf}\n"),
    }
}

/// What `tc -stats -json` says of a queueing discipline.
#[derive(Deserialize)]
struct Discipline {
    /// Whether it is the outermost, which counts what those within throw away too.
    #[serde(default)]
    root: bool,
    drops: u64,
}

fn dropped(end: &Namespace) -> io::Result<u64> {
    let said = end.batch("tc", "qdisc show dev cable\n")?;
    let disciplines: Vec<Discipline> = serde_json::from_slice(&said)?;
    Ok(disciplines.iter().filter(|it| it.root).map(|it| it.drops).sum())
}
