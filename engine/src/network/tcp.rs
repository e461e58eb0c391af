//! Streams between a person and a server, each direction through its link; nothing of them is lost, so
//! what a network would lose arrives later.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{candidate::Addresses, line::Line, link::Direction, signal::Rewriter};

/// How much is taken from a stream at a time; less would be more work, more would be coarse.
const PIECE: usize = 4096;

/// How many pieces can be under way; at the longest latency of networks that is still plenty.
const UNDER_WAY: usize = 1024;

/// Takes each connection to the server, as long as this is polled; what is said of addresses in it is
/// rewritten where `addresses` are given.
pub(super) async fn carry(
    line: Arc<Line>,
    listener: TcpListener,
    server: SocketAddr,
    addresses: Option<Addresses>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    let (line, addresses) = (Arc::clone(&line), addresses.clone());
                    connections.spawn(connection(line, near, server, addresses));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    line: Arc<Line>,
    near: TcpStream,
    server: SocketAddr,
    addresses: Option<Addresses>,
) {
    let greeting = line.greet();
    // Who is refused sees that the connection ends, as the one who asked would.
    let Ok(far) = TcpStream::connect(server).await else { return };
    // The two ends of a connection of TCP greet each other before anything else can pass.
    sleep(greeting).await;
    let Ok((end, rest)) = behind_the_link(&line, far).await else { return };
    if near.set_nodelay(true).and_then(|()| end.set_nodelay(true)).is_err() {
        return;
    }
    let ((from_near, to_near), (from_end, to_end)) = (near.into_split(), end.into_split());
    let rewriter = |direction| addresses.clone().map(|it| Rewriter::new(direction, it));
    let (up, down) = (rewriter(Direction::Up), rewriter(Direction::Down));
    tokio::join!(
        pass(&line, Direction::Up, from_near, to_end, up),
        pass(&line, Direction::Down, from_end, to_near, down),
        rest,
    );
}

/// What lies behind the link: the server itself, or the cable to it, which carries as long as it is polled.
async fn behind_the_link(
    line: &Line,
    far: TcpStream,
) -> io::Result<(TcpStream, impl Future<Output = ()>)> {
    far.set_nodelay(true)?;
    let (end, rest) = match line.cable() {
        None => (far, None),
        Some(cable) => {
            let [near_end, far_end] = cable.stream().await?;
            far_end.set_nodelay(true)?;
            (near_end, Some((far_end, far)))
        }
    };
    let carry = async {
        if let Some((mut far_end, mut far)) = rest {
            // An end that breaks off ends both, which those at the other ends see.
            let _ = copy_bidirectional(&mut far_end, &mut far).await;
        }
    };
    Ok((end, carry))
}

/// Passes everything on until the end of the stream, and then its end.
async fn pass(
    line: &Line,
    direction: Direction,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    rewriter: Option<Rewriter>,
) {
    let (sender, receiver) = mpsc::channel(UNDER_WAY);
    tokio::join!(take(line, direction, from, rewriter, sender), give(to, receiver));
}

/// A piece that is under way, or the end behind the last one.
type Piece = (Instant, Option<Vec<u8>>);

async fn take(
    line: &Line,
    direction: Direction,
    mut from: OwnedReadHalf,
    mut rewriter: Option<Rewriter>,
    under_way: mpsc::Sender<Piece>,
) {
    let (mut buffer, mut after) = (vec![0; PIECE], Instant::now());
    loop {
        let size = tokio::select! {
            it = from.read(&mut buffer) => it.unwrap_or(0),
            // Nobody takes anything at the other end any more.
            () = under_way.closed() => return,
        };
        let piece = match &mut rewriter {
            Some(it) if size > 0 => it.push(&buffer[..size]),
            _ => buffer[..size].to_vec(),
        };
        let (leaves, arrives) = line.stream(direction, size, after).await;
        after = arrives;
        let piece = (arrives, (size > 0).then_some(piece));
        if under_way.send(piece).await.is_err() || size == 0 {
            return;
        }
        sleep_until(leaves).await;
    }
}

async fn give(mut to: OwnedWriteHalf, mut under_way: mpsc::Receiver<Piece>) {
    while let Some((at, piece)) = under_way.recv().await {
        sleep_until(at).await;
        let done = match piece {
            Some(bytes) => to.write_all(&bytes).await,
            None => to.shutdown().await,
        };
        if done.is_err() {
            return;
        }
    }
}

/// What listens at this address.
pub(super) fn at(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
