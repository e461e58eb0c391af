//! The suites about applications run against our reference services and a real server.

use std::{
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use super::{all_text, assert_clean, command, desk, server};
use crate::{
    desk::{root, stderr},
    stack::{Up, with_server},
};

/// How fast a service is depends on what else the machine does, and which browsers there are on the machine.
const NEITHER_LOAD_NOR_BROWSERS: &str = "not @load and not @browser";

/// Where `cargo test` puts the reference services; none where they are not built.
fn examples(names: &[&str]) -> Option<PathBuf> {
    let directory = assert_cmd::cargo::cargo_bin("lkreport").parent()?.join("examples");
    let missing = names.iter().find(|it| !directory.join(it).is_file());
    if let Some(name) = missing {
        println!("SKIPPED: no {name} in {}: build it with --examples", directory.display());
    }
    missing.is_none().then_some(directory)
}

/// Runs a suite, which has to pass and to leave no secret; what it said.
fn passes(suite: &Path, examples: &Path, more: &[&str]) -> Option<String> {
    let (server, desk) = (server()?, desk());
    let suite = root().join("features").join(suite).display().to_string();
    let mut command = command(&desk, &server, &["--features", &suite, "--jobs", "2"]);
    // Packages come from loopback or not at all.
    command.args(more);
    let output = command.env("LKREPORT_EXAMPLES", examples).env("PIP_NO_INDEX", "1").output();
    let output = output.unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!all_text(&desk).contains("a-secret-for-servers"), "the secret is masked");
    assert_clean(&desk);
    Some(said)
}

#[test]
fn the_reference_token_service_passes_its_suite() {
    let Some(examples) = examples(&["token_service"]) else { return };
    let more = ["--tags", NEITHER_LOAD_NOR_BROWSERS];
    let Some(said) = passes(Path::new("token-service"), &examples, &more) else { return };
    assert!(said.contains("17 scenarios in") && said.contains(": 17 passed"), "{said}");
}

/// A token service that somebody else started, for a server that runs already.
struct Own(Child, String);

impl Own {
    fn start(program: &Path, up: &Up) -> Self {
        let mut command = Command::new(program);
        command.arg("127.0.0.1:0").env("VIDEO_PROVIDER", "livekit");
        command.env("LIVEKIT_URL", format!("ws://{}", up.address));
        command.env("LIVEKIT_API_KEY", &up.key).env("LIVEKIT_API_SECRET", &up.secret);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // Its log is read on, because a full pipe would hold it.
        thread::spawn(move || io::copy(&mut said, &mut io::sink()));
        Self(child, line.trim().strip_prefix("listening on ").unwrap().to_owned())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn a_token_service_of_somebody_else_is_tested_by_its_address() {
    let Some(examples) = examples(&["token_service"]) else { return };
    let Some(server) = server() else { return };
    with_server(|desk, up| {
        let own = Own::start(&examples.join("token_service"), up);
        let suite = root().join("features/token-service").display().to_string();
        let run = |more: &[&str]| {
            let args =
                [&["--features", &suite, "--tags", NEITHER_LOAD_NOR_BROWSERS], more].concat();
            let mut command = command(desk, &server, &args);
            command.env("LIVEKIT_API_SECRET", &up.secret);
            let output = command.output().unwrap();
            (output.status.code(), stderr(&output))
        };
        let (url, service) = (format!("ws://{}", up.address), own.1.as_str());
        let theirs = ["--url", &url, "--api-key", &up.key, "--token-service", service];
        let (code, said) = run(&theirs);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("10 passed") && said.contains("7 unsupported"), "{said}");
        assert!(said.contains("it cannot be given LIVEKIT_TOKEN_TTL_HOURS"), "{said}");
        assert!(said.contains("it is about the reference service"), "{said}");

        // With servers of the engine's own, what is about the server of the service cannot apply.
        desk.write(
            "lkreport.toml",
            format!("[run]\ntoken_service = '{service}/api/video/token'\n"),
        );
        let (code, said) = run(&[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("7 passed") && said.contains("10 unsupported"), "{said}");
        assert!(said.contains(&format!("signs for {url}, and the server")), "{said}");

        let (code, said) = run(&["--token-service", "meet.example.com"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("--token-service: expected `https://…`"), "{said}");
    });
}

#[test]
fn the_reference_provider_service_passes_its_suite() {
    let Some(examples) = examples(&["provider_service"]) else { return };
    let Some(said) = passes(Path::new("provider"), &examples, &[]) else { return };
    assert!(said.contains("14 scenarios in") && said.contains(": 14 passed"), "{said}");
}

#[test]
fn a_server_passes_as_infrastructure_and_missing_python_packages_skip() {
    let Some((stack, _)) = server() else { return };
    let has_lk = stack.join("lk").is_dir();
    if !has_lk {
        println!("SKIPPED: no lk below {}, so its scenarios are left out", stack.display());
    }
    let (more, wanted): (&[&str], _) = if has_lk {
        (&[], "8 passed, 1 skipped")
    } else {
        (&["--tags", "not @lk"], "6 passed, 1 skipped")
    };
    let Some(said) = passes(Path::new("server"), Path::new("none"), more) else { return };
    assert!(said.contains(wanted), "{said}");
}
