//! `lkreport stack`, and runs against servers that run already.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

use crate::desk::{Desk, root, stderr, stdout};

/// A server that `lkreport stack up` started.
pub(crate) struct Up {
    pub(crate) address: String,
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// Where real programs lie.
pub(crate) fn programs() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let named = env::var_os("LKREPORT_STACK").map(PathBuf::from);
    named.unwrap_or_else(|| cache.unwrap_or_default().join("lkreport/stack"))
}

/// Runs the program with a cache of its own, so that it sees nothing of what runs beside it.
fn lkreport(desk: &Desk, args: &[&str]) -> Output {
    let mut command = desk.command(args);
    command.env("XDG_CACHE_HOME", desk.path("cache")).env("LKREPORT_STACK", programs());
    command.env("DOCKER_HOST", "unix:///no/docker/here").output().unwrap()
}

fn ok(desk: &Desk, args: &[&str]) -> String {
    let output = lkreport(desk, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

/// Does something with a real server, which is ended whatever comes of it.
pub(crate) fn with_server(what: impl FnOnce(&Desk, &Up)) {
    /// Ends what is up.
    struct Down(Desk);
    impl Drop for Down {
        fn drop(&mut self) {
            lkreport(&self.0, &["stack", "down"]);
        }
    }
    if !programs().join("livekit-server").is_dir() {
        println!("SKIPPED: {}: no livekit-server is there", programs().display());
        return;
    }
    let down = Down(Desk::new());
    let said = ok(&down.0, &["stack", "up"]);
    let pairs: BTreeMap<&str, &str> = said.lines().filter_map(|it| it.split_once('=')).collect();
    let of = |name: &str| pairs[name].to_owned();
    let address = of("LIVEKIT_URL").strip_prefix("ws://").unwrap().to_owned();
    let (key, secret) = (of("LIVEKIT_API_KEY"), of("LIVEKIT_API_SECRET"));
    what(&down.0, &Up { address, key, secret });
}

#[test]
fn a_server_that_is_up_stays_until_it_is_taken_down() {
    with_server(|desk, up| {
        // What stays is nothing that a run or a cleaning of runs has left.
        let health = ["health", "--livekit", &up.address];
        assert!(ok(desk, &health).contains(" up "));
        assert!(ok(desk, &["stack", "down"]).contains("ended livekit ("));
        assert_eq!(lkreport(desk, &health).status.code(), Some(1));
        assert_eq!(ok(desk, &["stack", "down"]), "nothing was up\n");
        assert_eq!(fs::read_dir(desk.path("cache/lkreport/playing")).unwrap().count(), 0);
    });
}

#[test]
fn cleaning_ends_also_what_is_up() {
    with_server(|desk, up| {
        let cleaned = ok(desk, &["stack", "clean"]);
        assert!(cleaned.contains("(livekit), which an earlier run left"), "{cleaned}");
        assert_eq!(lkreport(desk, &["health", "--livekit", &up.address]).status.code(), Some(1));
        assert_eq!(ok(desk, &["stack", "clean"]), "");
    });
}

#[test]
fn a_suite_runs_against_a_server_that_runs_already() {
    with_server(|desk, up| {
        desk.write(
            "features/a.feature",
            "Feature: Running\n  Background:\n    Given a LiveKit server is running in a container \
             with service name \"livekit\"\n  Scenario: as it is\n    Given room \"demo\" is created \
             using service \"livekit\"\n",
        );
        desk.write(
            "features/b.feature",
            "Feature: Configured\n  Scenario: otherwise\n    Given the LiveKit config is set to \
             \"with_egress\"\n    And a LiveKit server is running in a container with service name \
             \"livekit\"\n",
        );
        let listed = ok(desk, &["stack", "list", "--json"]);
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let server = listed.as_array().unwrap().iter().find(|it| it["component"] == "livekit");
        let version = server.unwrap()["version"].as_str().unwrap();
        let url = format!("ws://{}", up.address);
        let args = ["run", "--url", &url, "--api-key", &up.key, "--livekit", version];
        let mut command = desk.command(&args);
        command.args(["--api-secret-env", "SECRET_OF_IT", "--out", "results"]);
        command.env("XDG_CACHE_HOME", desk.path("cache")).env("LKREPORT_STACK", programs());
        let unset = command.output().unwrap();
        assert!(stderr(&unset).contains("SECRET_OF_IT is not set"), "{}", stderr(&unset));
        let output = command.env("SECRET_OF_IT", &up.secret).output().unwrap();
        let said = stderr(&output);
        assert!(said.contains("1 passed") && said.contains("1 unsupported"), "{said}");
        // It is not ours to end.
        ok(desk, &["health", "--livekit", &up.address]);
        let wrong = command.env("SECRET_OF_IT", "another").output().unwrap();
        assert_eq!(wrong.status.code(), Some(1), "{}", stderr(&wrong));
    });
}

#[test]
fn the_doctor_says_what_run_needs_and_how_to_get_it() {
    let desk = Desk::new();
    let output = lkreport(&desk, &["stack", "doctor", "--stack", "nothing"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    let line = |what: &str| text.lines().find(|it| it.starts_with(what)).unwrap().to_owned();
    assert!(
        line("livekit-server")
            .contains("MISSING    `lkreport stack fetch livekit VERSION --providers release,go`")
    );
    assert!(line("docker").contains("not there  only for `--runtime docker`"), "{text}");
    assert!(line("ports").contains("there"), "{text}");
    desk.write("some/livekit-server/1.8.4/livekit-server", "");
    let text = ok(&desk, &["stack", "doctor", "--stack", "some"]);
    assert!(text.contains("livekit-server   there      1.8.4\n"), "{text}");
}

#[test]
fn providers_are_asked_as_the_configuration_and_the_command_line_say() {
    let desk = Desk::new();
    let fetch = ["stack", "fetch", "livekit", "9.8.7", "--stack", "s"];
    desk.write("lkreport.toml", "[stack]\nproviders = ['path']\n");
    let said = stderr(&lkreport(&desk, &fetch));
    assert!(said.contains("s/livekit-server has none\n"), "{said}");
    desk.write(
        "lkreport.toml",
        "[stack]\nproviders = ['release']\nreleases = 'http://127.0.0.1:1/'\n",
    );
    let said = stderr(&lkreport(&desk, &fetch));
    let url = "http://127.0.0.1:1/livekit/livekit/releases/download/v9.8.7/checksums.txt";
    assert!(said.contains(&format!("release: {url}: it could not be downloaded")), "{said}");
    let typed = lkreport(&desk, &[&fetch[..], &["--providers", "path"]].concat());
    assert!(stderr(&typed).contains("s/livekit-server has none\n"), "{}", stderr(&typed));
    desk.write("lkreport.toml", "[stack]\nproviders = ['ether']\n");
    let said = stderr(&lkreport(&desk, &fetch));
    assert!(said.contains("no provider is called `ether`; known: path, image"), "{said}");
    desk.write("lkreport.toml", "");
    let none = ["run", "--runtime", "docker", "--providers", "path", "--features"];
    let features = root().join("features");
    let none = lkreport(&desk, &[&none[..], &[features.to_str().unwrap()]].concat());
    assert!(stderr(&none).contains("no provider is left for the runtime `docker`"));
}

#[test]
fn configurations_are_printed_and_compared() {
    let desk = Desk::new();
    let yaml = ok(&desk, &["stack", "config", "with_egress", "1.8.4"]);
    assert!(yaml.contains("redis:") && yaml.contains("port: 7880"), "{yaml}");
    let differences = ok(&desk, &["stack", "config", "--diff", "1.8.4", "1.13.5"]);
    let expected = "limit.max_metadata_size: default 64000 → default 524288\n";
    assert!(differences.contains(expected), "{differences}");
    assert_eq!(ok(&desk, &["stack", "config", "--diff", "1.8.4", "1.8.4", "basic"]), "");
    let said = stderr(&lkreport(&desk, &["stack", "config", "basic"]));
    assert!(said.contains("expected PROFILE VERSION") && said.contains("hint: "), "{said}");
    let said = stderr(&lkreport(&desk, &["stack", "config", "basis", "1.8.4"]));
    assert!(said.contains("no config profile is named `basis`"), "{said}");
}

#[test]
fn every_command_of_the_stack_has_an_example() {
    let desk = Desk::new();
    for command in ["list", "fetch", "doctor", "up", "down", "clean", "config"] {
        let help = ok(&desk, &["stack", command, "--help"]);
        let examples = help.split("\nExample").nth(1).unwrap_or_default();
        assert!(examples.contains(&format!("\n  lkreport stack {command}")), "{help}");
    }
}

#[test]
fn an_interrupted_build_ends_with_all_that_it_started() {
    println!("a stand-in is run for the `go` program");
    for signal in ["INT", "TERM"] {
        let desk = Desk::new();
        let pipe = desk.path("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Whoever still runs of it holds the pipe open.
        let script = "#!/bin/sh\nexec 3> \"$PIPE\"\ntail -f /dev/null &\necho begun >&3\nwait\n";
        desk.write("bin/go", script);
        fs::set_permissions(desk.path("bin/go"), fs::Permissions::from_mode(0o755)).unwrap();
        let args = ["stack", "fetch", "livekit", "9.8.7", "--providers", "go", "--stack", "s"];
        let mut command = desk.command(&args);
        let path = format!("{}:{}", desk.path("bin").display(), env::var("PATH").unwrap());
        let mut child = command.env("PATH", path).env("PIPE", &pipe).spawn().unwrap();
        let mut said = BufReader::new(fs::File::open(&pipe).unwrap());
        said.read_line(&mut String::new()).unwrap();
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(said.read_to_string(&mut String::new()).unwrap(), 0);
        assert_eq!(fs::read_dir(desk.path("s/livekit-server")).unwrap().count(), 0);
    }
}
