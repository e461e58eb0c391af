//! Free ports on loopback, none given twice while somebody has it.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, TcpListener, UdpSocket},
    process,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Below what systems give to outgoing connections, so that none of those comes between.
const RANGE: std::ops::Range<u16> = 15_000..32_000;

struct Given {
    next: u16,
    taken: BTreeSet<u16>,
}

static GIVEN: Mutex<Given> = Mutex::new(Given { next: 0, taken: BTreeSet::new() });

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
    let length = RANGE.end - RANGE.start;
    if given.next == 0 {
        // Engines beside each other begin at different places.
        given.next =
            u16::try_from(process::id().wrapping_mul(211) % u32::from(length)).unwrap_or(0);
    }
    for _ in 0..length {
        given.next = (given.next + 1) % length;
        let port = RANGE.start + given.next;
        let is_free =
            || TcpListener::bind((on, port)).is_ok() && UdpSocket::bind((on, port)).is_ok();
        if !given.taken.contains(&port) && is_free() {
            given.taken.insert(port);
            return Ok(Taken(port));
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no port of {RANGE:?} is free on {on}")))
}

fn given() -> MutexGuard<'static, Given> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}
