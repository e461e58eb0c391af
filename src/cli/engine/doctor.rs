//! `lkreport stack doctor`: what is there, what is missing, and how to get it.

use std::{
    fs,
    net::{TcpListener, UdpSocket},
};

use lkreport_engine::{
    component::Component,
    runtime::{daemon, ledger},
    stack::{Image, Kind, images, installed, versions_below},
};

use super::{
    super::output::{Answer, counted, print},
    programs::Programs,
};

/// One thing that was looked at.
struct Finding {
    what: String,
    there: Result<String, String>,
    is_needed: bool,
}

impl Finding {
    fn of(what: &str, there: Option<String>, otherwise: &str) -> Self {
        let there = there.ok_or_else(|| otherwise.to_owned());
        Self { what: what.to_owned(), there, is_needed: false }
    }

    fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }
}

pub(super) async fn doctor(programs: &Programs) -> anyhow::Result<Answer> {
    let docker = async {
        let docker = daemon().await?;
        images(&docker).await
    };
    let docker = docker.await.map_err(|error| error.to_string());
    let is_asked = programs.order.contains(&Kind::Image);
    let there = docker.as_deref().unwrap_or_default();
    let there = if is_asked { there } else { &[] };
    let mut findings = vec![server(programs, there).needed(), ports().needed(), cache().needed()];
    findings.extend(components(programs, there));
    findings.push(daemon_finding(&docker, is_asked));
    findings.extend(tools());
    let (mut text, mut is_whole) = (String::new(), true);
    for it in &findings {
        let (mark, said) = match (&it.there, it.is_needed) {
            (Ok(said), _) => ("there", said),
            (Err(said), true) => ("MISSING", said),
            (Err(said), false) => ("not there", said),
        };
        is_whole &= it.there.is_ok() || !it.is_needed;
        text += &format!("{:<16} {mark:<10} {said}\n", it.what);
    }
    text += if is_whole {
        "\n`lkreport run` has what it needs; what is not there is needed by some scenarios only\n"
    } else {
        "\n`lkreport run` needs what is MISSING\n"
    };
    print(&text)?;
    Ok(if is_whole { Answer::Yes } else { Answer::No })
}

/// What there is of a component: files by version, what is installed, images.
fn versions(programs: &Programs, component: Component, images: &[Image]) -> Option<String> {
    let versions = versions_below(&programs.directory, component);
    let mut all: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let is_server = component == Component::Livekit;
    // Without a version the configuration of a server is not known, so one of PATH alone does not do.
    if all.is_empty() && !is_server {
        all.extend(installed(component.program()).map(|it| it.display().to_string()));
    }
    let of = images.iter().filter(|it| it.component == component);
    let of = of.filter(|it| it.version.is_some() || !is_server);
    let count = of.count();
    if count > 0 {
        all.push(format!("{} for `--runtime docker`", counted(count, "image")));
    }
    (!all.is_empty()).then(|| all.join(", "))
}

fn server(programs: &Programs, images: &[Image]) -> Finding {
    let place = programs.directory.join("livekit-server/<version>/livekit-server");
    let otherwise = format!(
        "`lkreport stack fetch livekit VERSION --providers release,go` downloads or builds it; or put it at {}; \
         or `--providers image`, and `lkreport run --runtime docker`",
        place.display()
    );
    Finding::of("livekit-server", versions(programs, Component::Livekit, images), &otherwise)
}

fn components(programs: &Programs, images: &[Image]) -> Vec<Finding> {
    let others = Component::ALL.into_iter().filter(|it| *it != Component::Livekit);
    let finding = |component: Component| {
        let program = component.program();
        let otherwise = match component {
            Component::Redis => "`apt-get install redis-server`, or its like".to_owned(),
            Component::Lk => "`lkreport stack fetch lk VERSION --providers release`".to_owned(),
            _ => {
                let place = programs.directory.join(program).join("<version>").join(program);
                let name = component.name();
                format!(
                    "put it at {}; or `lkreport stack fetch {name} VERSION --providers image`, \
                     and `lkreport run --runtime docker`",
                    place.display()
                )
            }
        };
        Finding::of(program, versions(programs, component, images), &otherwise)
    };
    others.map(finding).collect()
}

fn ports() -> Finding {
    let open = || {
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        UdpSocket::bind("127.0.0.1:0")?;
        tcp.local_addr()
    };
    let there = open().map(|_| "free ports on 127.0.0.1 can be had".to_owned());
    let there = there.map_err(|error| format!("no port on 127.0.0.1 can be had: {error}"));
    Finding { what: "ports".to_owned(), there, is_needed: false }
}

fn cache() -> Finding {
    let directory = ledger::default_directory();
    let there = fs::create_dir_all(&directory)
        .and_then(|()| tempfile::tempfile_in(&directory))
        .map(|_| format!("{} can be written", directory.display()))
        .map_err(|error| format!("{} cannot be written: {error}", directory.display()));
    Finding { what: "cache".to_owned(), there, is_needed: false }
}

fn daemon_finding(docker: &Result<Vec<Image>, String>, is_asked: bool) -> Finding {
    let there = docker.as_ref().map(|images| {
        let tags: Vec<&str> = images.iter().map(|it| it.tag.as_str()).collect();
        if tags.is_empty() { "it answers; no image yet".to_owned() } else { tags.join(", ") }
    });
    let there = there.map_err(|error| format!("only for `--runtime docker`: {error}"));
    let what = if is_asked { "docker" } else { "docker (unused)" };
    Finding { what: what.to_owned(), there, is_needed: false }
}

fn tools() -> Vec<Finding> {
    let first = |names: &[&str]| {
        let found = names.iter().find_map(|it| installed(it));
        found.map(|it| it.display().to_string())
    };
    let tools = [
        ("go", &["go"][..], "for the provider `go`: https://go.dev/dl"),
        ("chromium", &["chromium", "google-chrome", "chrome"], "for scenarios with a browser"),
        ("chromedriver", &["chromedriver"], "for scenarios with Chromium"),
        ("firefox", &["firefox", "firefox-esr"], "for scenarios with Firefox"),
        ("geckodriver", &["geckodriver"], "for scenarios with Firefox"),
        ("npm", &["npm"], "for scenarios with a browser: it fetches livekit-client"),
        ("ffmpeg", &["ffmpeg"], "for scenarios that publish files or look at recordings"),
    ];
    tools.map(|(what, names, why)| Finding::of(what, first(names), why)).into()
}
