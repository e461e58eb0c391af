//! Datagrams between a person and a server, each direction through its link.
//!
//! Each address that the person sends from has an address of its own towards the server, which is the
//! only one that the server knows; so both sides meet as they would without anything between them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    net::UdpSocket,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{line::Line, link::Direction};

/// The largest datagram there is.
const LARGEST: usize = 1 << 16;

/// Datagrams of one person to and from one address of a server.
#[derive(Debug)]
pub(super) struct Datagrams {
    line: Arc<Line>,
    /// Where the person sends to.
    near: Arc<UdpSocket>,
    server: SocketAddr,
    flows: Mutex<Flows>,
}

/// What carries the datagrams of each address of the person.
#[derive(Debug, Default)]
struct Flows {
    by_person: BTreeMap<SocketAddr, Flow>,
    tasks: JoinSet<()>,
}

/// What carries the datagrams of one address of the person.
#[derive(Debug, Clone)]
struct Flow {
    /// What the server knows.
    far: Arc<UdpSocket>,
    /// Where those of the person go from here.
    up: Exit,
}

/// Where datagrams go that have passed a link.
#[derive(Debug, Clone)]
struct Exit {
    by: Arc<UdpSocket>,
    to: SocketAddr,
}

/// A datagram that is under way.
struct Parcel {
    at: Instant,
    /// Those of one time keep their order.
    number: u64,
    bytes: Vec<u8>,
    exit: Exit,
}

impl Datagrams {
    /// Takes what arrives at `near` to the server, and what the server answers back.
    pub(super) fn new(line: Arc<Line>, near: UdpSocket, server: SocketAddr) -> Arc<Self> {
        let near = Arc::new(near);
        Arc::new(Self { line, near, server, flows: Mutex::default() })
    }

    /// Where the person sends to.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.near.local_addr()
    }

    /// Carries what the person sends, as long as this is polled.
    pub(super) async fn carry(self: Arc<Self>) {
        let mut way = Way::new(Arc::clone(&self.line), Direction::Up);
        let mut buffer = vec![0; LARGEST];
        loop {
            let Some((size, from)) = way.next(&self.near, &mut buffer).await else { continue };
            if let Ok(flow) = self.flow(from) {
                way.send(&buffer[..size], &flow.up).await;
            }
        }
    }

    /// The address that the server knows for an address of the person.
    pub(super) fn alias(&self, of: SocketAddr) -> Option<SocketAddr> {
        self.flow(of).ok()?.far.local_addr().ok()
    }

    fn flow(&self, person: SocketAddr) -> io::Result<Flow> {
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flow) = flows.by_person.get(&person) {
            return Ok(flow.clone());
        }
        let far = Arc::new(at(SocketAddr::new(self.near.local_addr()?.ip(), 0))?);
        let mut up = Exit { by: Arc::clone(&far), to: self.server };
        let mut down = Exit { by: Arc::clone(&self.near), to: person };
        if let Some(cable) = self.line.cable() {
            let [near_end, far_end] = cable.datagrams()?;
            let (at_near, at_far) = (near_end.local_addr()?, far_end.local_addr()?);
            let (near_end, far_end) = (Arc::new(near_end), Arc::new(far_end));
            flows.tasks.spawn(leave(Arc::clone(&far_end), at_near, up));
            flows.tasks.spawn(leave(Arc::clone(&near_end), at_far, down));
            up = Exit { by: near_end, to: at_far };
            down = Exit { by: far_end, to: at_near };
        }
        flows.tasks.spawn(back(Arc::clone(&self.line), Arc::clone(&far), self.server, down));
        let flow = Flow { far, up };
        flows.by_person.insert(person, flow.clone());
        Ok(flow)
    }
}

/// Carries what comes out at an end of a cable.
async fn leave(end: Arc<UdpSocket>, other: SocketAddr, exit: Exit) {
    let mut buffer = vec![0; LARGEST];
    loop {
        if let Ok((size, from)) = end.recv_from(&mut buffer).await
            && from == other
        {
            // One that cannot be sent is lost, as networks do.
            let _ = exit.by.send_to(&buffer[..size], exit.to).await;
        }
    }
}

/// Carries what the server sends to one address of the person.
async fn back(line: Arc<Line>, far: Arc<UdpSocket>, server: SocketAddr, exit: Exit) {
    let mut way = Way::new(line, Direction::Down);
    let mut buffer = vec![0; LARGEST];
    loop {
        match way.next(&far, &mut buffer).await {
            // Nobody else has anything to say there.
            Some((size, from)) if from == server => {
                way.send(&buffer[..size], &exit).await;
            }
            _ => {}
        }
    }
}

/// A way that datagrams take, and those that are under way on it.
struct Way {
    line: Arc<Line>,
    direction: Direction,
    under_way: BinaryHeap<Reverse<Parcel>>,
    number: u64,
}

impl Way {
    fn new(line: Arc<Line>, direction: Direction) -> Self {
        Self { line, direction, under_way: BinaryHeap::new(), number: 0 }
    }

    /// Waits for the next datagram, and lets those arrive whose time has come.
    async fn next(&mut self, socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let first = self.under_way.peek().map(|it| it.0.at);
        tokio::select! {
            // What is due goes first, however much comes in.
            biased;
            () = reached(first) => {
                self.deliver().await;
                None
            }
            // A port that nobody listens on is an error of the next receive, and means nothing.
            it = socket.recv_from(buffer) => it.ok(),
        }
    }

    async fn send(&mut self, bytes: &[u8], exit: &Exit) {
        let Some(at) = self.line.packet(self.direction, bytes.len()) else { return };
        if self.under_way.is_empty() && at <= Instant::now() {
            // One that cannot be sent is lost, as networks do.
            let _ = exit.by.send_to(bytes, exit.to).await;
            return;
        }
        self.number += 1;
        let exit = exit.clone();
        let parcel = Parcel { at, number: self.number, bytes: bytes.to_vec(), exit };
        self.under_way.push(Reverse(parcel));
    }

    async fn deliver(&mut self) {
        let now = Instant::now();
        while self.under_way.peek().is_some_and(|it| it.0.at <= now) {
            let Some(Reverse(it)) = self.under_way.pop() else { return };
            let _ = it.exit.by.send_to(&it.bytes, it.exit.to).await;
        }
    }
}

async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A socket at this address.
pub(super) fn at(address: SocketAddr) -> io::Result<UdpSocket> {
    in_tokio(std::net::UdpSocket::bind(address)?)
}

/// The same socket for tasks.
pub(super) fn in_tokio(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Parcel {}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Parcel {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
