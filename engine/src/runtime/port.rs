//! Free ports on loopback, none given twice while somebody has it, also not by engines beside each other.
//!
//! Between the choice of a port and the moment when a program listens on it, nobody sees that it is
//! taken. So each engine claims blocks of ports for itself, by a socket in the
//! [abstract namespace](https://man7.org/linux/man-pages/man7/unix.7.html): it is known wherever the ports
//! are, and goes with the engine, however that ends.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    process,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Below what systems give to outgoing connections, so that none of those comes between.
const RANGE: std::ops::Range<u16> = 15_000..32_000;

/// How many ports an engine claims at a time.
const BLOCK: u16 = 100;

struct Given {
    /// The first port of each block that is ours, and what claims it.
    blocks: Vec<(u16, UnixDatagram)>,
    taken: BTreeSet<u16>,
    /// Where the next look begins, so that a port rests before it is given again.
    next: usize,
}

static GIVEN: Mutex<Given> =
    Mutex::new(Given { blocks: Vec::new(), taken: BTreeSet::new(), next: 0 });

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Taken(u16);

impl Taken {
    pub(super) fn number(&self) -> u16 {
        self.0
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        given().taken.remove(&self.0);
    }
}

/// A port that nobody listens on, neither over TCP nor over UDP.
pub(super) fn free(on: IpAddr) -> io::Result<Taken> {
    let mut given = given();
    loop {
        if let Some(port) = given.find(on) {
            given.taken.insert(port);
            return Ok(Taken(port));
        }
        given.claim()?;
    }
}

impl Given {
    /// The next port of our blocks that is free.
    fn find(&mut self, on: IpAddr) -> Option<u16> {
        let ports: Vec<u16> = self.blocks.iter().flat_map(|it| it.0..it.0 + BLOCK).collect();
        let is_free =
            |port| TcpListener::bind((on, port)).is_ok() && UdpSocket::bind((on, port)).is_ok();
        for _ in 0..ports.len() {
            self.next = (self.next + 1) % ports.len();
            let port = ports[self.next];
            if !self.taken.contains(&port) && is_free(port) {
                return Some(port);
            }
        }
        None
    }

    /// Claims a block that no other engine has.
    fn claim(&mut self) -> io::Result<()> {
        let count = (RANGE.end - RANGE.start) / BLOCK;
        // Engines that start beside each other look at different places first.
        let first = u16::try_from(process::id() % u32::from(count)).unwrap_or(0);
        for n in 0..count {
            let start = RANGE.start + (first + n) % count * BLOCK;
            let name = SocketAddr::from_abstract_name(format!("lkreport-ports-{start}"))?;
            match UnixDatagram::bind_addr(&name) {
                Ok(claim) => {
                    self.blocks.push((start, claim));
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        let all = format!("other engines have all ports of {RANGE:?}");
        Err(io::Error::new(io::ErrorKind::AddrInUse, all))
    }
}

fn given() -> MutexGuard<'static, Given> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}
