//! Subnets for the networks of attempts, none given twice, and none that the machine has a route to.

use std::{
    collections::BTreeSet,
    io,
    net::Ipv4Addr,
    process,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// 10.160.0.0/11 in parts of 256 addresses: Docker gives out none of it by itself.
const COUNT: u16 = 32 * 256;

struct Given {
    next: u16,
    taken: BTreeSet<u16>,
}

static GIVEN: Mutex<Given> = Mutex::new(Given { next: 0, taken: BTreeSet::new() });

/// A subnet that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Subnet(u16);

impl Subnet {
    /// Its n-th address.
    pub(super) fn address(&self, n: u8) -> Ipv4Addr {
        let [high, low] = self.0.to_be_bytes();
        Ipv4Addr::new(10, 160 + high, low, n)
    }

    /// As networks are written.
    pub(super) fn cidr(&self) -> String {
        format!("{}/24", self.address(0))
    }
}

impl Drop for Subnet {
    fn drop(&mut self) {
        given().taken.remove(&self.0);
    }
}

/// A subnet that nobody uses.
pub(super) fn free() -> io::Result<Subnet> {
    let routes = routes();
    let mut given = given();
    if given.next == 0 {
        // Engines beside each other begin at different places.
        given.next = u16::try_from(process::id().wrapping_mul(211) % u32::from(COUNT)).unwrap_or(0);
    }
    for _ in 0..COUNT {
        given.next = (given.next + 1) % COUNT;
        let number = given.next;
        let first = u32::from_be_bytes([10, 160, 0, 0]) + (u32::from(number) << 8);
        let overlaps = |&(to, mask): &(u32, u32)| (first ^ to) & mask & 0xFFFF_FF00 == 0;
        if !given.taken.contains(&number) && !routes.iter().any(overlaps) {
            given.taken.insert(number);
            return Ok(Subnet(number));
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no subnet of 10.160.0.0/11 is free"))
}

/// Where the machine has routes to, besides the one to everywhere.
fn routes() -> Vec<(u32, u32)> {
    let all = procfs::net::route().unwrap_or_default();
    let numbers = all.iter().map(|it| (u32::from(it.destination), u32::from(it.mask)));
    numbers.filter(|it| it.1 != 0).collect()
}

fn given() -> MutexGuard<'static, Given> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}
