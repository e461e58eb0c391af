//! Where programs come from: what is there, what is downloaded, what is built, and what is left when it fails.
//!
//! The server of releases is a stand-in on loopback, and so is the `go` program: they behave as the real
//! ones do in good and bad cases, and prove nothing of the names that the real ones use.

#![expect(clippy::print_stdout, reason = "what stands in for something says so")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use lkreport_engine::{
    component::Component,
    stack::{Go, Image, Kind, Origin, Provider, Release, Stack, archive},
    version::Version,
};
use sha2::{Digest, Sha256};

/// What a stand-in answers: bytes, and how many of them are sent before it hangs up.
type Files = BTreeMap<String, (Vec<u8>, usize)>;

/// A stand-in for a server of releases; the base of its URLs.
fn serve(files: Files) -> String {
    println!("a stand-in on loopback serves the release");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> =
                lines.map(Result::unwrap).take_while(|it| !it.is_empty()).collect();
            let path = head[0].split(' ').nth(1).unwrap();
            let (status, bytes, sent) = match files.get(path) {
                Some((bytes, sent)) => ("200 OK", bytes.as_slice(), *sent),
                None => ("404 Not Found", &b"nothing"[..], 7),
            };
            let length = bytes.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&bytes[..sent]).unwrap();
        }
    });
    base
}

fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in [("LICENSE", &b"Apache"[..]), (name, content)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, content).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
}

/// A release of livekit-server 9.8.7, of which so much of the archive is sent.
fn release(archived: &[u8], sum: &str, sent: usize) -> Files {
    let version = "9.8.7".parse().unwrap();
    let (repository, name) =
        archive(Component::Livekit, &version, std::env::consts::OS, std::env::consts::ARCH)
            .unwrap();
    let folder = format!("/{repository}/releases/download/v9.8.7");
    let sums = format!("{}  other.tar.gz\n{sum}  {name}\n", "0".repeat(64)).into_bytes();
    let length = sums.len();
    let files = [
        (format!("{folder}/checksums.txt"), (sums, length)),
        (format!("{folder}/{name}"), (archived.to_vec(), sent)),
    ];
    files.into()
}

/// All that lies below a directory.
fn below(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|it| it.unwrap());
    let names = |it: fs::DirEntry| {
        let name = it.file_name().into_string().unwrap();
        let inner = if it.path().is_dir() { below(&it.path()) } else { Vec::new() };
        let inner: Vec<String> = inner.into_iter().map(|it| format!("{name}/{it}")).collect();
        if inner.is_empty() { vec![name] } else { inner }
    };
    entries.flat_map(names).collect()
}

async fn fetch(provider: Provider) -> Result<Origin, String> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let version: Version = "9.8.7".parse().unwrap();
    let stack = Stack { providers: vec![provider] };
    let found = stack.fetch(Component::Livekit, Some(&version)).await;
    found.map(|it| it.origin).map_err(|it| it.to_string())
}

fn from(base: &str, into: &Path) -> Provider {
    Provider::Release(Release { base: base.to_owned(), into: into.to_owned() })
}

#[tokio::test]
async fn a_release_is_downloaded_checked_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let archived = packed("livekit-server", b"#!/bin/sh\necho livekit-server version 9.8.7\n");
    let base = serve(release(&archived, &sum(&archived), archived.len()));
    let origin = fetch(from(&base, folder.path())).await.unwrap();
    let file = folder.path().join("livekit-server/9.8.7/livekit-server");
    assert_eq!(origin, Origin::File(file.clone()));
    assert_eq!(below(folder.path()), ["livekit-server/9.8.7/livekit-server"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o755);

    // What is there is found without asking anybody.
    let nobody = from("http://127.0.0.1:1", folder.path());
    assert_eq!(fetch(nobody).await.unwrap(), Origin::File(file.clone()));
    let stack = Stack::of(&[Kind::Path], folder.path(), "");
    let program = stack.find(Component::Livekit, None).unwrap();
    assert_eq!(program.reported().await.as_deref(), Some("9.8.7"));
}

#[tokio::test]
async fn a_release_that_is_not_as_it_should_be_leaves_nothing() {
    let good = packed("livekit-server", &[7; 100_000]);
    let other = packed("something-else", b"");
    let mut unlisted = release(&good, &sum(&good), good.len());
    unlisted.values_mut().for_each(|it| it.0.retain(|c| *c != b'_'));
    unlisted.values_mut().for_each(|it| it.1 = it.0.len());
    let cases = [
        (release(&good, &sum(b"another"), good.len()), "its SHA-256 is"),
        (release(&good, &sum(&good), good.len() / 2), "it could not be downloaded"),
        (release(&good[..50], &sum(&good[..50]), 50), "tar.gz: "),
        (release(&other, &sum(&other), other.len()), "there is no livekit-server in it"),
        (Files::new(), "checksums.txt: it answers 404"),
        (unlisted, "it has no checksum of"),
    ];
    for (files, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let error = fetch(from(&serve(files), folder.path())).await.unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(error.starts_with("livekit-server 9.8.7 is missing: release: "), "{error}");
        let left = below(folder.path());
        assert!(left.iter().all(|it| it == "livekit-server"), "{expected}: {left:?}");
    }
}

/// A stand-in for the `go` program.
fn go(folder: &Path, script: &str) -> Provider {
    let program = folder.join("go");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Provider::Go(Go { program, into: folder.join("stack"), limit: Duration::from_secs(20) })
}

#[tokio::test]
async fn a_program_is_built_in_the_tree_of_its_module() {
    println!("a stand-in is run for the `go` program");
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    let script = format!(
        "case $1 in\nmod) echo \"{{\\\"Dir\\\": \\\"{0}\\\", \\\"asked\\\": \\\"$4\\\"}}\";;\n\
         build) pwd > $4; echo $5 >> $4; echo $CGO_ENABLED >> $4;;\nesac",
        tree.display()
    );
    let Origin::File(file) = fetch(go(folder.path(), &script)).await.unwrap() else { panic!() };
    assert_eq!(file, folder.path().join("stack/livekit-server/9.8.7/livekit-server"));
    let expected = format!("{}\n./cmd/server\n0\n", tree.canonicalize().unwrap().display());
    assert_eq!(fs::read_to_string(file).unwrap(), expected);
}

#[tokio::test]
async fn what_go_refuses_is_said_in_its_words() {
    println!("a stand-in is run for the `go` program");
    let json = "echo '{\"Error\": \"module@v9.8.7: not found\"}'; exit 1";
    let build =
        "if [ $1 = mod ]; then echo '{\"Dir\": \"/\"}'; else echo no such thing >&2; exit 1; fi";
    for (script, expected) in [(json, "module@v9.8.7: not found"), (build, "no such thing")] {
        let folder = tempfile::tempdir().unwrap();
        let error = fetch(go(folder.path(), script)).await.unwrap_err();
        assert!(error.contains("go: `go ") && error.contains(expected), "{error}");
        assert_eq!(below(&folder.path().join("stack")), ["livekit-server"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut endless = go(folder.path(), "exec tail -f /dev/null");
    if let Provider::Go(it) = &mut endless {
        it.limit = Duration::from_millis(50);
    }
    let error = fetch(endless).await.unwrap_err();
    assert!(error.contains("was not done after 50ms"), "{error}");
    let nowhere = Go { program: "no-such-go".into(), ..Go::into(folder.path().join("stack")) };
    let error = fetch(Provider::Go(nowhere)).await.unwrap_err();
    assert!(error.contains("no-such-go"), "{error}");
}

#[tokio::test]
async fn providers_are_asked_in_their_order_and_all_say_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let order = [Kind::Path, Kind::Release];
    let stack = Stack::of(&order, folder.path(), &serve(Files::new()));
    let version: Version = "9.8.7".parse().unwrap();
    let error = stack.fetch(Component::Egress, Some(&version)).await.unwrap_err();
    let [path, release] = error.tried.as_slice() else { panic!("{error}") };
    assert!(path.ends_with("egress has none"), "{path}");
    assert_eq!(release, "release: there is no way to have egress");
}

#[test]
fn with_containers_servers_are_images_that_are_there_and_tools_are_files() {
    let folder = tempfile::tempdir().unwrap();
    for program in ["livekit-server", "lk"] {
        let home = folder.path().join(program).join("9.8.7");
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join(program), "").unwrap();
        fs::set_permissions(home.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let image = |component, version: Option<&str>, tag: &str| {
        let version = version.map(|it| it.parse().unwrap());
        Image { component, version, tag: tag.to_owned() }
    };
    let mut stack = Stack::of(&[Kind::Path, Kind::Image], folder.path(), "").of_containers();
    for provider in &mut stack.providers {
        if let Provider::Image(there) = provider {
            there.push(image(Component::Livekit, Some("1.8.4"), "livekit/livekit-server:v1.8.4"));
            there.push(image(Component::Redis, None, "redis:latest"));
        }
    }
    let find = |component, version: Option<&str>| {
        let version: Option<Version> = version.map(|it| it.parse().unwrap());
        stack.find(component, version.as_ref()).map(|it| it.origin)
    };
    let tag = |it: &str| Origin::Image(it.to_owned());
    assert_eq!(
        find(Component::Livekit, Some("1.8.4")).unwrap(),
        tag("livekit/livekit-server:v1.8.4")
    );
    assert_eq!(find(Component::Livekit, None).unwrap(), tag("livekit/livekit-server:v1.8.4"));
    assert_eq!(find(Component::Redis, None).unwrap(), tag("redis:latest"));
    let missing = find(Component::Livekit, Some("9.8.7")).unwrap_err();
    assert_eq!(missing.tried, ["there is no image livekit/livekit-server:v9.8.7"]);
    assert_eq!(find(Component::Lk, None).unwrap(), Origin::File(folder.path().join("lk/9.8.7/lk")));
}
