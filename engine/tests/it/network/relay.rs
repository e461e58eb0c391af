//! Relays over real sockets: what passes, when, and what is said of addresses on the way.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use lkreport_engine::network::{Cable, Line, Measured, Profile, Relay, Server, judge, measure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    time::timeout,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const LIMIT: Duration = Duration::from_secs(20);

/// The sockets of a server that does nothing by itself, and a relay to it.
pub(super) struct Bench {
    signal: TcpListener,
    udp: UdpSocket,
    tcp: TcpListener,
    pub(super) line: Arc<Line>,
    relay: Relay,
}

impl Bench {
    async fn new(profile: &str) -> Self {
        Self::over(None, profile).await
    }

    /// The same over a cable.
    pub(super) async fn over(cable: Option<Arc<Cable>>, profile: &str) -> Self {
        let signal = TcpListener::bind((HERE, 0)).await.unwrap();
        let udp = UdpSocket::bind((HERE, 0)).await.unwrap();
        let tcp = TcpListener::bind((HERE, 0)).await.unwrap();
        let server = Server {
            signal: signal.local_addr().unwrap(),
            udp: udp.local_addr().unwrap(),
            tcp: tcp.local_addr().unwrap(),
        };
        let profile = profile.parse().unwrap();
        let line = Arc::new(match cable {
            Some(it) => Line::over(it, profile, "ann").await.unwrap(),
            None => Line::new(profile, "ann"),
        });
        let relay = Relay::start(Arc::clone(&line), server, HERE).await.unwrap();
        Self { signal, udp, tcp, line, relay }
    }

    /// A signal connection, as the person and as the server have it.
    pub(super) async fn signal(&self) -> (TcpStream, TcpStream) {
        let person = TcpStream::connect(self.relay.signal).await.unwrap();
        let (server, _) = timeout(LIMIT, self.signal.accept()).await.unwrap().unwrap();
        (person, server)
    }

    /// Where a person sends datagrams for the server to, and their socket for it.
    pub(super) async fn datagrams(&self) -> (SocketAddr, UdpSocket) {
        let (mut person, mut server) = self.websocket().await;
        let told = candidate("udp", self.udp.local_addr().unwrap());
        let arrived = pass(&mut server, &mut person, &frame(&told, None)).await;
        let socket = UdpSocket::bind((HERE, 0)).await.unwrap();
        (address_in(&text_of(&arrived, false)), socket)
    }

    /// How large the next datagram is that reaches the server; nothing when none does so long.
    pub(super) async fn next(&self, long: Duration) -> Option<usize> {
        let mut buffer = [0; 2000];
        let it = timeout(long, self.udp.recv_from(&mut buffer)).await.ok()?;
        Some(it.unwrap().0)
    }

    /// The same behind the heads of a WebSocket.
    async fn websocket(&self) -> (TcpStream, TcpStream) {
        let (mut person, mut server) = self.signal().await;
        pass(&mut person, &mut server, OPENING.as_bytes()).await;
        pass(&mut server, &mut person, ACCEPTED.as_bytes()).await;
        (person, server)
    }
}

const OPENING: &str = "GET /rtc HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/// Sends this and returns what arrives of as many bytes.
pub(super) async fn pass(from: &mut TcpStream, to: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    pass_rest(from, to, bytes, bytes.len()).await
}

/// Sends this and returns what arrives of so many bytes.
async fn pass_rest(
    from: &mut TcpStream,
    to: &mut TcpStream,
    bytes: &[u8],
    count: usize,
) -> Vec<u8> {
    from.write_all(bytes).await.unwrap();
    let mut arrived = vec![0; count];
    timeout(LIMIT, to.read_exact(&mut arrived)).await.unwrap().unwrap();
    arrived
}

/// A frame of a WebSocket.
fn frame(text: &str, mask: Option<[u8; 4]>) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x82, 126 | if mask.is_some() { 0x80 } else { 0 }];
    frame.extend(length.to_be_bytes());
    frame.extend(mask.unwrap_or_default().iter().take(if mask.is_some() { 4 } else { 0 }));
    let masks = mask.unwrap_or_default().into_iter().cycle();
    frame.extend(text.bytes().zip(masks).map(|(byte, mask)| byte ^ mask));
    frame
}

fn text_of(frame: &[u8], is_masked: bool) -> String {
    let (mask, payload) = frame[4..].split_at(if is_masked { 4 } else { 0 });
    let mask = if is_masked { mask } else { &[0; 4] };
    let bytes = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    String::from_utf8(bytes.collect()).unwrap()
}

fn candidate(transport: &str, address: SocketAddr) -> String {
    format!("a=candidate:1 1 {transport} 2130706431 {} {} typ host", address.ip(), address.port())
}

/// The address in a candidate.
fn address_in(text: &str) -> SocketAddr {
    let parts: Vec<&str> = text.split(' ').collect();
    SocketAddr::new(parts[4].parse().unwrap(), parts[5].parse().unwrap())
}

#[tokio::test]
async fn each_side_knows_the_other_at_an_address_of_the_relay() {
    let bench = Bench::new("").await;
    let (mut person, mut server) = bench.websocket().await;
    let person_udp = UdpSocket::bind((HERE, 0)).await.unwrap();
    let offered = candidate("udp", person_udp.local_addr().unwrap());
    let mask = Some([7, 130, 0, 255]);
    let arrived = pass(&mut person, &mut server, &frame(&offered, mask)).await;
    let alias = address_in(&text_of(&arrived, true));
    assert_ne!(alias, person_udp.local_addr().unwrap());

    let told = format!(
        "{}\r\n{}\r\n{}",
        candidate("udp", bench.udp.local_addr().unwrap()),
        candidate("TCP", bench.tcp.local_addr().unwrap()),
        candidate("udp", "10.1.2.3:4567".parse().unwrap()),
    );
    let arrived = pass(&mut server, &mut person, &frame(&told, None)).await;
    let told = text_of(&arrived, false);
    let lines: Vec<&str> = told.split("\r\n").collect();
    let (near, near_tcp) = (address_in(lines[0]), address_in(lines[1]));
    assert_ne!(near, bench.udp.local_addr().unwrap());
    assert_ne!(near_tcp, bench.tcp.local_addr().unwrap());
    assert!(lines[2].contains(" 10.1.2.3 0009 typ "), "what is no relay's leads nowhere: {told}");

    // The server may be the first to speak.
    let mut buffer = [0; 100];
    bench.udp.send_to(b"are you there", alias).await.unwrap();
    let (size, from) = person_udp.recv_from(&mut buffer).await.unwrap();
    assert_eq!((&buffer[..size], from), (&b"are you there"[..], near));
    person_udp.send_to(b"yes", near).await.unwrap();
    let (size, from) = bench.udp.recv_from(&mut buffer).await.unwrap();
    assert_eq!((&buffer[..size], from), (&b"yes"[..], alias));

    let mut media = TcpStream::connect(near_tcp).await.unwrap();
    let (mut of_server, _) = bench.tcp.accept().await.unwrap();
    assert_eq!(pass(&mut media, &mut of_server, b"over tcp").await, b"over tcp");
}

#[tokio::test]
async fn addresses_are_seen_also_where_a_frame_comes_in_pieces() {
    let bench = Bench::new("").await;
    let (mut person, mut server) = bench.websocket().await;
    let whole = frame(&candidate("udp", bench.udp.local_addr().unwrap()), None);
    let (first, second) = whole.split_at(30);
    let before = frame("what goes before", None);
    // Once the frame before has arrived, so has the piece behind it.
    server.write_all(&[&before, first].concat()).await.unwrap();
    let mut arrived = vec![0; before.len()];
    person.read_exact(&mut arrived).await.unwrap();
    let arrived = pass_rest(&mut server, &mut person, second, whole.len()).await;
    assert_ne!(address_in(&text_of(&arrived, false)), bench.udp.local_addr().unwrap());
}

#[tokio::test]
async fn nobody_agrees_to_compress_what_has_to_be_read() {
    let bench = Bench::new("").await;
    let (mut person, mut server) = bench.signal().await;
    let offer = "GET /rtc HTTP/1.1\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
    let arrived = pass(&mut person, &mut server, offer.as_bytes()).await;
    assert!(!String::from_utf8(arrived).unwrap().contains("deflate"));
}

#[tokio::test]
async fn what_is_no_websocket_passes_as_it_is() {
    let bench = Bench::new("").await;
    let (mut person, mut server) = bench.signal().await;
    pass(&mut person, &mut server, b"GET /rtc/validate HTTP/1.1\r\n\r\n").await;
    let own = candidate("udp", bench.udp.local_addr().unwrap());
    let answer = format!("HTTP/1.1 401 Unauthorized\r\n\r\n{own}");
    let arrived = pass(&mut server, &mut person, answer.as_bytes()).await;
    assert_eq!(arrived, answer.as_bytes());
    drop(server);
    assert_eq!(person.read(&mut [0; 1]).await.unwrap(), 0, "the end passes as well");
}

#[tokio::test]
async fn a_stream_greets_first_and_takes_its_time() {
    greets_and_takes_its_time(None).await;
}

/// The same over a cable, or without one.
pub(super) async fn greets_and_takes_its_time(cable: Option<Arc<Cable>>) {
    let bench = Bench::over(cable, "latency=50ms").await;
    let begun = Instant::now();
    let (mut person, mut server) = bench.signal().await;
    pass(&mut person, &mut server, b"GET / HTTP/1.1\r\n\r\n").await;
    assert!(begun.elapsed() >= Duration::from_millis(150), "{:?}", begun.elapsed());
    let begun = Instant::now();
    pass(&mut server, &mut person, b"HTTP/1.1 200 OK\r\n\r\n").await;
    assert!(begun.elapsed() >= Duration::from_millis(50), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stream_waits_for_a_network_that_is_gone_and_loses_nothing() {
    let bench = Bench::new("").await;
    let (mut person, mut server) = bench.signal().await;
    pass(&mut person, &mut server, b"GET / HTTP/1.1\r\n\r\n").await;
    bench.line.set_online(false);
    person.write_all(b"still here").await.unwrap();
    let mut arrived = [0; 10];
    let quiet = timeout(Duration::from_millis(100), server.read_exact(&mut arrived)).await;
    assert!(quiet.is_err(), "nothing passes");
    bench.line.set_online(true);
    timeout(LIMIT, server.read_exact(&mut arrived)).await.unwrap().unwrap();
    assert_eq!(&arrived, b"still here");
}

#[tokio::test]
async fn an_address_that_cannot_stand_for_the_server_is_refused() {
    let line = Arc::new(Line::new(Profile::default(), "ann"));
    let far: SocketAddr = "192.168.100.100:7880".parse().unwrap();
    let server = Server { signal: far, udp: far, tcp: far };
    let refused = Relay::start(line, server, HERE).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::AddrNotAvailable);
    assert!(refused.to_string().contains("of one length"), "{refused}");
}

#[tokio::test]
async fn what_a_network_does_can_be_measured() {
    for text in ["", "latency=30ms,jitter=5ms", "loss=20%", "latency=10ms,down=4mbit,up=1mbit"] {
        let profile: Profile = text.parse().unwrap();
        let measured = measure(&profile, None).await.unwrap();
        assert_eq!(judge(&profile, &measured), Ok(()), "{text}: {measured:?}");
    }
}

#[test]
fn a_network_that_does_not_what_it_should_is_told_with_figures() {
    let good = Measured {
        sent: 100,
        came_back: 100,
        fastest_ms: Some(100.2),
        median_ms: Some(101.0),
        down: Some(1e6),
        up: None,
    };
    let profile: Profile = "latency=50ms,down=1mbit".parse().unwrap();
    assert_eq!(judge(&profile, &good), Ok(()));
    for (wrong, said) in [
        (
            Measured { fastest_ms: Some(0.4), ..good.clone() },
            "the fastest round trip is 0.4 ms, expected 99 to 1",
        ),
        (
            Measured { fastest_ms: Some(400.0), ..good.clone() },
            "the fastest round trip is 400.0 ms",
        ),
        (
            Measured { came_back: 90, ..good.clone() },
            "the number of lost packets is 10 of 100, expected 0 ± 1",
        ),
        (
            Measured { down: Some(9e6), ..good.clone() },
            "the rate down is 9000 kbit/s, expected 1mbit",
        ),
        (Measured { down: None, ..good }, "the rate down is 0 kbit/s"),
    ] {
        let error = judge(&profile, &wrong).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
