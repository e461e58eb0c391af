//! A network namespace of our own: it has no name, and is gone with the last who uses it, however they end.

use std::{
    fs::File,
    io::{self, Write},
    process::{Command, Stdio},
    thread,
};

use nix::sched::{CloneFlags, setns, unshare};

/// A network namespace.
#[derive(Debug)]
pub(super) struct Namespace {
    file: File,
}

impl Namespace {
    /// A new one, in which there is nothing but a loopback interface that is down.
    ///
    /// # Errors
    ///
    /// When the system lets us have none: it asks for `CAP_SYS_ADMIN`.
    pub(super) fn new() -> io::Result<Self> {
        let file = on_a_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => {
                io::Error::new(error.kind(), "network namespaces need root")
            }
            _ => error,
        });
        Ok(Self { file: file? })
    }

    /// Does something in it, on a thread of its own: sockets that are made there stay there.
    ///
    /// # Errors
    ///
    /// When that fails, or nobody may enter.
    pub(super) fn within<T: Send>(
        &self,
        what: impl FnOnce() -> io::Result<T> + Send,
    ) -> io::Result<T> {
        on_a_thread(|| {
            setns(&self.file, CloneFlags::CLONE_NEWNET)?;
            what()
        })
    }

    /// Gives lines to a program that reads them with `-batch -`, such as `ip` and `tc`; returns what it printed.
    ///
    /// # Errors
    ///
    /// When there is no such program, or it refuses, with its words.
    pub(super) fn batch(&self, program: &str, lines: &str) -> io::Result<Vec<u8>> {
        self.within(|| batch(program, lines))
    }
}

/// A thread belongs to the namespace that it entered, so none goes on with other work.
fn on_a_thread<T: Send>(what: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let ended = || io::Error::other("the thread of a network namespace ended");
    thread::scope(|scope| scope.spawn(what).join().unwrap_or_else(|_| Err(ended())))
}

fn batch(program: &str, lines: &str) -> io::Result<Vec<u8>> {
    let mut child = Command::new(program)
        .args(["-json", "-stats", "-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(
                error.kind(),
                format!("`{program}` was not found: install the package `iproute2`"),
            ),
            _ => error,
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who ends early says why on standard error.
        let _ = stdin.write_all(lines.as_bytes());
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().find(|it| !it.trim().is_empty()).unwrap_or("no reason given");
    Err(io::Error::other(format!("`{program}` refuses: {}", why.trim())))
}
