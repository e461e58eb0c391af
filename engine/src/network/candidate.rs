//! The addresses that are told in signalling: a text of one length becomes another of the same length, so
//! that nothing around it has to be understood.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, LazyLock},
};

use regex::bytes::{Captures, Regex};

use super::{link::Direction, udp::Datagrams};

/// What is reached through a relay, by each side.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// Media over UDP.
    pub(super) datagrams: Arc<Datagrams>,
    /// Each address of the server, and the one that stands for it.
    pub(super) of_server: Vec<(Transport, SocketAddr, SocketAddr)>,
}

/// What a candidate is reached over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Udp,
    Tcp,
}

/// A candidate, up to its type ([RFC 8839](https://www.rfc-editor.org/rfc/rfc8839#section-5.1)).
static CANDIDATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let text =
        r"candidate:\S+ \d+ (?i:(?<transport>udp|tcp)) \d+ (?<address>\S+ (?<port>\d+)) typ ";
    Regex::new(text).ok()
});

impl Addresses {
    /// Puts the addresses of the relay in the place of those that a side tells, in place; an address
    /// that has none leads nowhere afterwards.
    pub(super) fn rewrite(&self, direction: Direction, bytes: &mut [u8]) {
        let Some(pattern) = &*CANDIDATE else { return };
        let told: Vec<(usize, String)> =
            pattern.captures_iter(bytes).filter_map(|it| self.other(direction, &it)).collect();
        for (start, text) in told {
            bytes[start..start + text.len()].copy_from_slice(text.as_bytes());
        }
    }

    /// What has to stand in the place of an address, and where.
    fn other(&self, direction: Direction, told: &Captures<'_>) -> Option<(usize, String)> {
        let (address, port) = (told.name("address")?, told.name("port")?);
        let text = str::from_utf8(address.as_bytes()).ok()?;
        let (ip, number) = text.split_once(' ')?;
        let is_udp = told.name("transport")?.as_bytes().eq_ignore_ascii_case(b"udp");
        let transport = if is_udp { Transport::Udp } else { Transport::Tcp };
        let relayed = match (ip.parse::<IpAddr>(), number.parse::<u16>()) {
            (Ok(ip), Ok(port)) => self.relayed(direction, transport, SocketAddr::new(ip, port)),
            _ => None,
        };
        let shown = relayed.map(|it| format!("{} {}", it.ip(), it.port()));
        match shown {
            Some(shown) if shown.len() == text.len() => Some((address.start(), shown)),
            // The discard port: nobody answers there.
            _ => Some((port.start(), format!("{:0>1$}", 9, port.len()))),
        }
    }

    fn relayed(
        &self,
        direction: Direction,
        transport: Transport,
        told: SocketAddr,
    ) -> Option<SocketAddr> {
        match (direction, transport) {
            (Direction::Up, Transport::Udp) => self.datagrams.alias(told),
            // Clients only connect over TCP, and nobody connects to them.
            (Direction::Up, Transport::Tcp) => None,
            (Direction::Down, _) => {
                let known = self.of_server.iter().find(|it| (it.0, it.1) == (transport, told));
                known.map(|it| it.2)
            }
        }
    }
}
