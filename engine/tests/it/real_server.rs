//! Real programs that a test starts on loopback, and ends with itself.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use lkreport_engine::{
    profile::{self, Overrides, Places},
    version::Version,
};

/// The versions that what the engine says of versions was measured on.
pub(crate) const MEASURED: [&str; 7] =
    ["1.5.3", "1.7.2", "1.8.4", "1.9.11", "1.10.1", "1.11.0", "1.13.5"];

/// A program that ends with the test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says so where the test harness does not swallow it.
pub(crate) fn skipped(why: &str) {
    io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}

/// The program of this version, or a loud word that it is missing.
pub(crate) fn program(version: &str) -> Option<PathBuf> {
    let stack = std::env::var_os("LKREPORT_STACK").map(PathBuf::from);
    let home = || Some(Path::new(&std::env::var_os("HOME")?).join(".cache/lkreport/stack"));
    let program = stack.or_else(home)?.join("livekit-server").join(version).join("livekit-server");
    let is_there = program.is_file();
    if !is_there {
        skipped(&format!("no livekit-server {version} at {}", program.display()));
    }
    is_there.then_some(program)
}

/// A port that was free a moment ago, for TCP and UDP.
fn free_port() -> u16 {
    let both = || {
        let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
        let port = tcp.local_addr().ok()?.port();
        UdpSocket::bind(("127.0.0.1", port)).ok().map(|_| port)
    };
    (0..100).find_map(|_| both()).unwrap()
}

/// A redis of the test's own, once it answers; nothing where the program is missing.
pub(crate) fn redis(in_: &Path) -> Option<(Running, u16)> {
    let port = free_port();
    let arguments = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"];
    let mut command = Command::new("redis-server");
    command.args(arguments).arg(port.to_string()).current_dir(in_).stdout(Stdio::null());
    let Ok(child) = command.spawn() else {
        skipped("no redis-server, so the profiles with redis are not started");
        return None;
    };
    let running = Running(child);
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "redis does not answer");
        thread::yield_now();
    }
    Some((running, port))
}

/// A server, with what it prints.
pub(crate) struct Server {
    running: Running,
    printed: Vec<String>,
    lines: Receiver<String>,
    /// Where it answers.
    pub(crate) http: u16,
}

impl Server {
    /// Starts one with this configuration and waits until it answers, or has ended.
    pub(crate) fn start(program: &Path, config: &Path, http: u16) -> Self {
        let mut command = Command::new(program);
        command.arg("--config").arg(config).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = Running(command.stderr(Stdio::piped()).spawn().unwrap());
        let (sender, lines) = mpsc::channel();
        let out = running.0.stdout.take().unwrap();
        let err = running.0.stderr.take().unwrap();
        for stream in [Box::new(out) as Box<dyn Read + Send>, Box::new(err)] {
            let sender = sender.clone();
            let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
            thread::spawn(move || lines.try_for_each(|it| sender.send(it)));
        }
        drop(sender);
        let mut server = Self { running, printed: Vec::new(), lines, http };
        server.wait();
        server
    }

    /// Starts one with a profile, on ports that nobody else took meanwhile.
    pub(crate) fn start_profile(
        program: &Path,
        directory: &Path,
        name: &str,
        version: &Version,
        redis: Option<String>,
    ) -> Self {
        let config = directory.join("livekit.yaml");
        let attempt = |_| {
            let [http, tcp, udp] = [free_port(), free_port(), free_port()];
            let places = Places { http, tcp, udp, redis: redis.clone(), ..Places::usual() };
            let rendered = profile::render(name, version, &places, &Overrides::new()).unwrap();
            assert_eq!(rendered.warnings, [""; 0]);
            fs::write(&config, rendered.yaml).unwrap();
            let server = Self::start(program, &config, http);
            let lost = server.printed.iter().any(|it| it.contains("address already in use"));
            (!lost).then_some(server)
        };
        (0..5).find_map(attempt).unwrap()
    }

    fn wait(&mut self) {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(30)) {
            let has_started = line.contains("starting LiveKit server");
            self.printed.push(line);
            if has_started {
                break;
            }
        }
        while self.running.0.try_wait().unwrap().is_none()
            && TcpStream::connect(("127.0.0.1", self.http)).is_err()
        {
            thread::yield_now();
        }
    }

    /// Ends it; what it printed.
    pub(crate) fn end(self) -> Vec<String> {
        let Self { running, mut printed, lines, .. } = self;
        drop(running);
        printed.extend(lines);
        printed
    }
}
