//! One peer connection: str0m over one UDP socket.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use serde::Deserialize;
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig, RtcError,
    net::{Protocol, Receive},
};
use tokio::net::UdpSocket;

/// The largest datagram that WebRTC sends, with room to spare.
const DATAGRAM: usize = 2048;

/// How many bytes of data messages may wait to be sent; more than any one of them may have.
pub(super) const BUFFER: usize = 1 << 20;

/// A peer connection; it lives as long as somebody calls [`wake`](Self::wake) and
/// [`take`](Self::take) in turn.
pub(super) struct PeerConnection {
    pub(super) rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    deadline: Instant,
    buffer: Vec<u8>,
    /// Whether media can pass.
    pub(super) connected: bool,
}

/// Why a peer connection has something to do.
pub(super) enum Wake {
    /// So many bytes came from there.
    Datagram(usize, SocketAddr),
    /// It is time.
    Time,
}

/// A candidate as browsers write it.
#[derive(Deserialize)]
struct CandidateInit {
    #[serde(default)]
    candidate: String,
}

impl PeerConnection {
    /// One that sends, from this address of the machine.
    pub(super) async fn sending(ip: IpAddr) -> io::Result<Self> {
        let config = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_sctp_max_buffered_amount(BUFFER);
        Self::bind(ip, config).await
    }

    /// One that receives whatever others send, at this address of the machine.
    pub(super) async fn receiving(ip: IpAddr) -> io::Result<Self> {
        let config = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true)
            .enable_vp9(true)
            .enable_av1(true);
        Self::bind(ip, config).await
    }

    async fn bind(ip: IpAddr, config: RtcConfig) -> io::Result<Self> {
        let socket = UdpSocket::bind((ip, 0)).await?;
        let address = socket.local_addr()?;
        let now = Instant::now();
        let mut rtc = config.build(now);
        let candidate = Candidate::host(address, "udp").map_err(io::Error::other)?;
        rtc.add_local_candidate(candidate);
        let buffer = vec![0; DATAGRAM];
        Ok(Self { rtc, socket, address, deadline: now, buffer, connected: false })
    }

    /// Waits until there is something to do; nothing is lost when nobody waits to the end.
    pub(super) async fn wake(&mut self) -> Wake {
        tokio::select! {
            datagram = self.socket.recv_from(&mut self.buffer) => match datagram {
                Ok((size, from)) => Wake::Datagram(size, from),
                // A port that nobody listens on is an error of the next receive, and means nothing.
                Err(_) => Wake::Time,
            },
            () = tokio::time::sleep_until(self.deadline.into()) => Wake::Time,
        }
    }

    /// Does what there is to do, and says what came of it.
    pub(super) async fn take(&mut self, wake: Wake) -> Result<Vec<Event>, RtcError> {
        let now = Instant::now();
        match wake {
            Wake::Datagram(size, from) => {
                let bytes = &self.buffer[..size];
                // What is not WebRTC is no matter of ours.
                if let Ok(it) = Receive::new(Protocol::Udp, from, self.address, bytes) {
                    self.rtc.handle_input(Input::Receive(now, it))?;
                }
            }
            Wake::Time => self.rtc.handle_input(Input::Timeout(now))?,
        }
        self.drain().await
    }

    /// Sends what is to be sent; every change of `rtc` must be followed by it.
    pub(super) async fn drain(&mut self) -> Result<Vec<Event>, RtcError> {
        let mut events = Vec::new();
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(events);
                }
                Output::Transmit(it) => {
                    // A datagram that cannot leave is a lost one, and those come again.
                    let _ = self.socket.send_to(&it.contents, it.destination).await;
                }
                Output::Event(event) => {
                    self.note(&event);
                    events.push(event);
                }
            }
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.connected = false;
            }
            Event::IceConnectionStateChange(_) => self.connected = self.rtc.is_connected(),
            _ => {}
        }
    }

    /// Takes a candidate of the server's; one of a kind that is not known is passed over.
    pub(super) fn add_remote_candidate(&mut self, init: &str) {
        let Ok(init) = serde_json::from_str::<CandidateInit>(init) else { return };
        if let Ok(it) = Candidate::from_sdp_string(init.candidate.trim_start_matches("a=")) {
            self.rtc.add_remote_candidate(it);
        }
    }
}
