//! `lkreport health` against the real programs that are there.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::geteuid;

use crate::{desk::Desk, stack::programs};

/// Longer than any of them takes until it is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is ended with the test.
struct Running(Child);

impl Running {
    fn of(command: &mut Command, desk: &Desk, log: &str) -> Self {
        let log = fs::File::create(desk.path(log)).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// An address whose port was free a moment ago.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap()
}

/// A program of the stack, in its newest version.
fn newest(name: &str) -> Option<PathBuf> {
    let versions = fs::read_dir(programs().join(name)).into_iter().flatten().flatten();
    let found = versions.map(|it| it.path().join(name)).filter(|it| it.is_file()).max();
    if found.is_none() {
        println!("SKIPPED: no {name} below {}", programs().display());
    }
    found
}

/// A program of this machine; none where it does not say its version.
fn there(program: &str) -> Option<()> {
    let output = Command::new(program).arg("--version").output();
    let is_there = output.is_ok_and(|it| it.status.success());
    if !is_there {
        println!("SKIPPED: {program} does not run on this machine");
    }
    is_there.then_some(())
}

/// It is down before, comes up, and is down again once it was ended.
fn comes_and_goes(desk: &Desk, component: &str, address: &str, start: impl FnOnce() -> Running) {
    let args = ["health", &format!("--{component}"), address];
    assert_eq!(desk.run(&args).status.code(), Some(1), "{component} is not started yet");
    let running = start();
    let end = Instant::now() + PATIENCE;
    let is_up = || desk.run(&args).status.code() == Some(0);
    while !is_up() {
        assert!(Instant::now() < end, "{component} does not get well in time");
    }
    drop(running);
    assert_eq!(desk.run(&args).status.code(), Some(1), "{component} was ended");
}

#[test]
fn redis_comes_and_goes() {
    let Some(()) = there("redis-server") else { return };
    let (desk, address) = (Desk::new(), free());
    comes_and_goes(&desk, "redis", &address, || redis(&desk, &address));
}

fn redis(desk: &Desk, address: &str) -> Running {
    let mut command = Command::new("redis-server");
    command.args(["--port", port(address), "--bind", "127.0.0.1", "--save", ""]);
    Running::of(&mut command, desk, "redis.log")
}

#[test]
fn minio_comes_and_goes() {
    let Some(minio) = newest("minio") else { return };
    let (desk, address) = (Desk::new(), free());
    comes_and_goes(&desk, "minio", &address, || {
        let mut command = Command::new(minio);
        command.args(["server", "--address", &address]).arg(desk.path("minio"));
        Running::of(&mut command, &desk, "minio.log")
    });
}

/// Where Debian and others put the server of postgres.
fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|it| it.path().join("bin")).filter(|it| it.join("initdb").is_file());
    let newest = found.max();
    if newest.is_none() {
        println!("SKIPPED: no postgres below /usr/lib/postgresql");
    }
    newest
}

/// A program of postgres, which refuses to run as root.
fn as_nobody_special(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

#[test]
fn postgres_comes_and_goes() {
    let Some(programs) = postgres_programs() else { return };
    let (desk, address) = (Desk::new(), free());
    let data = desk.path("postgres");
    fs::create_dir(&data).unwrap();
    if geteuid().is_root() {
        let owned = Command::new("chown").arg("postgres").arg(&data).status();
        let opened = Command::new("chmod").arg("a+x").arg(desk.path("")).status();
        assert!(owned.unwrap().success() && opened.unwrap().success());
    }
    let mut made = as_nobody_special(&programs.join("initdb"));
    let made = made.args(["-A", "trust", "-D"]).arg(&data).current_dir("/").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    comes_and_goes(&desk, "postgres", &address, || {
        let mut command = as_nobody_special(&programs.join("postgres"));
        command.args(["-h", "127.0.0.1", "-p", port(&address)]).current_dir("/");
        command.arg("-k").arg(&data).arg("-D").arg(&data);
        Running::of(&mut command, &desk, "postgres.log")
    });
}

/// Starts a media service, which needs a redis, asks for its port, and looks for itself in `PATH`.
fn media_service(name: &str, settings: &str) {
    let Some(program) = newest(name) else { return };
    let Some(()) = there(program.to_str().unwrap()) else { return };
    let Some(()) = there("redis-server") else { return };
    let (desk, redis_at, address) = (Desk::new(), free(), free());
    let _redis = redis(&desk, &redis_at);
    while desk.run(&["health", "--redis", &redis_at]).status.code() != Some(0) {}
    fs::create_dir(desk.path("bin")).unwrap();
    symlink(&program, desk.path("bin").join(name)).unwrap();
    let config = format!(
        "api_key: devkey\napi_secret: a-secret-that-is-long-enough-for-it\nws_url: ws://127.0.0.1:1\n\
         redis: {{address: \"{redis_at}\"}}\nhealth_port: {}\n{settings}",
        port(&address)
    );
    comes_and_goes(&desk, name, &address, || {
        let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(&program);
        command.env(format!("{}_CONFIG_BODY", name.to_uppercase()), config).env("PATH", path);
        Running::of(command.current_dir(desk.path("")), &desk, "service.log")
    });
}

#[test]
fn egress_comes_and_goes() {
    let costs = "room_composite_cpu_cost: 0.5, audio_room_composite_cpu_cost: 0.3, web_cpu_cost: 0.5, \
                 participant_cpu_cost: 0.3, track_composite_cpu_cost: 0.3, track_cpu_cost: 0.2";
    media_service("egress", &format!("template_port: {}\ncpu_cost: {{{costs}}}\n", port(&free())));
}

#[test]
fn ingress_comes_and_goes() {
    let costs = "rtmp_cpu_cost: 0.3, whip_cpu_cost: 0.3, whip_bypass_transcoding_cpu_cost: 0.1, url_cpu_cost: 0.3";
    let [rtmp, whip, relay] = [free(), free(), free()];
    media_service(
        "ingress",
        &format!(
            "rtmp_port: {}\nwhip_port: {}\nhttp_relay_port: {}\nrtc_config: {{use_external_ip: false}}\n\
             cpu_cost: {{{costs}}}\n",
            port(&rtmp),
            port(&whip),
            port(&relay)
        ),
    );
}
