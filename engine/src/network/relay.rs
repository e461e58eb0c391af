//! What stands between a person and a server, and makes the way between them a network of its own.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::{
    net::{TcpListener, UdpSocket},
    task::JoinSet,
};

use super::{
    candidate::{Addresses, Transport},
    line::Line,
    tcp,
    udp::{self, Datagrams},
};

/// Where a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// Signalling.
    pub signal: SocketAddr,
    /// Media over UDP.
    pub udp: SocketAddr,
    /// Media over TCP.
    pub tcp: SocketAddr,
}

/// A relay of one person to one server; it ends when it is dropped.
#[derive(Debug)]
pub struct Relay {
    /// The server at its other end.
    pub server: Server,
    /// Where the person joins.
    pub signal: SocketAddr,
    #[expect(dead_code, reason = "it is held, not looked at")]
    tasks: JoinSet<()>,
}

impl Relay {
    /// Begins to carry what passes between a person and a server, over addresses of `here`.
    ///
    /// # Errors
    ///
    /// When there is no port for it.
    pub async fn start(line: Arc<Line>, server: Server, here: IpAddr) -> io::Result<Self> {
        let signal = TcpListener::bind((here, 0)).await?;
        let udp = alike(here, server.udp, udp::at, UdpSocket::local_addr)?;
        let media = alike(here, server.tcp, tcp::at, TcpListener::local_addr)?;
        let datagrams = Datagrams::new(Arc::clone(&line), udp, server.udp);
        let addresses = Addresses {
            datagrams: Arc::clone(&datagrams),
            of_server: vec![
                (Transport::Udp, server.udp, datagrams.address()?),
                (Transport::Tcp, server.tcp, media.local_addr()?),
            ],
        };
        let address = signal.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(datagrams.carry());
        tasks.spawn(tcp::carry(Arc::clone(&line), media, server.tcp, None));
        tasks.spawn(tcp::carry(line, signal, server.signal, Some(addresses)));
        Ok(Self { server, signal: address, tasks })
    }
}

/// Something that listens where the text of its address is as long as that of the server's.
fn alike<T>(
    here: IpAddr,
    server: SocketAddr,
    listen: impl Fn(SocketAddr) -> io::Result<T>,
    address: impl Fn(&T) -> io::Result<SocketAddr>,
) -> io::Result<T> {
    const TRIES: usize = 50;
    let length = server.to_string().len();
    let of_length = |port: u16| SocketAddr::new(here, port).to_string().len() == length;
    let port = || match of_length(10_000) {
        // The machine knows best which are free, and those have five digits.
        true => Some(0),
        false if of_length(1_024) => Some(fastrand::u16(1_024..10_000)),
        false => None,
    };
    for port in std::iter::repeat_with(port).take(TRIES).flatten() {
        if let Ok(it) = listen(SocketAddr::new(here, port))
            && address(&it).is_ok_and(|it| of_length(it.port()))
        {
            return Ok(it);
        }
    }
    let none =
        format!("no port of {here} stands for {server}: their texts have to be of one length");
    Err(io::Error::new(io::ErrorKind::AddrNotAvailable, none))
}
