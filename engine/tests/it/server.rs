//! Real servers for tests: each version that lies in the folder of programs, on loopback.

use std::{
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use livekit_api::access_token::{AccessToken, VideoGrants};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, SemaphorePermit},
};

/// The key that tests use.
pub(crate) const KEY: &str = "devkey";
/// Its secret.
pub(crate) const SECRET: &str = "a-secret-of-at-least-32-characters";

/// How many servers may run at once, so that tests beside each other do not starve them.
static ROOM_FOR: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(4 * std::thread::available_parallelism().map_or(1, usize::from))
});

/// A server that ends with the test.
pub(crate) struct Server {
    child: Child,
    port: u16,
    _place: SemaphorePermit<'static>,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts this program and waits until it answers.
    pub(crate) async fn start(program: &Path) -> Self {
        Self::start_with(program, "").await
    }

    /// The same with more configuration.
    pub(crate) async fn start_with(program: &Path, more: &str) -> Self {
        let place = ROOM_FOR.acquire().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ports = ports();
        let config = folder.path().join("livekit.yaml");
        std::fs::write(&config, configuration(ports) + more).unwrap();
        let child = Command::new(program)
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port: ports[0], _place: place, _folder: folder };
        tokio::time::timeout(Duration::from_secs(20), server.listens()).await.unwrap();
        server
    }

    /// Asks again and again, as the server tells nobody that it listens.
    async fn listens(&self) {
        let mut again = tokio::time::interval(Duration::from_millis(10));
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            again.tick().await;
        }
    }

    /// Where participants join.
    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Where the server API is.
    pub(crate) fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The programs of all versions there are; says so when there are none.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
pub(crate) fn versions() -> Vec<PathBuf> {
    let home = std::env::var("HOME").unwrap_or_default();
    let folder = Path::new(&home).join(".cache/lkreport/stack/livekit-server");
    let versions = std::fs::read_dir(&folder).into_iter().flatten();
    let programs = versions.map(|it| it.unwrap().path().join("livekit-server"));
    let mut programs: Vec<PathBuf> = programs.filter(|it| it.is_file()).collect();
    programs.sort();
    if programs.is_empty() {
        eprintln!("SKIPPED: no livekit-server in {}", folder.display());
    }
    programs
}

/// A token for this room.
pub(crate) fn token(room: &str, identity: &str) -> String {
    token_with(SECRET, identity, grants(room))
}

/// What most tests allow in this room.
pub(crate) fn grants(room: &str) -> VideoGrants {
    VideoGrants {
        room_join: true,
        room: room.to_owned(),
        can_update_own_metadata: Some(true),
        ..VideoGrants::default()
    }
}

/// A token with these grants, signed with this secret.
pub(crate) fn token_with(secret: &str, identity: &str, grants: VideoGrants) -> String {
    let token = AccessToken::with_api_key(KEY, secret).with_identity(identity);
    token.with_grants(grants).to_jwt().unwrap()
}

/// Three ports that nobody has, nor gets: the machine gives out none below 32768 by itself.
fn ports() -> [u16; 3] {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + std::process::id() % 200 * 100;
    let next = || first as u16 + NEXT.fetch_add(1, Ordering::Relaxed);
    let is_free = |port: &u16| {
        TcpListener::bind(("127.0.0.1", *port)).is_ok()
            && UdpSocket::bind(("127.0.0.1", *port)).is_ok()
    };
    [(); 3].map(|()| std::iter::repeat_with(next).find(is_free).unwrap())
}

fn configuration([port, tcp, udp]: [u16; 3]) -> String {
    format!(
        "port: {port}\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n\
         rtc: {{tcp_port: {tcp}, udp_port: {udp}, node_ip: 127.0.0.1, \
         use_external_ip: false, enable_loopback_candidate: true}}\n"
    )
}
