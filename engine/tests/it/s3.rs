//! Buckets, made in a real MinIO where there is one.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use lkreport_engine::{
    component::Component,
    runtime::{Bench, Launch, Port, Probe, Processes, Runtime, ledger::Ledger},
    s3::{Keys, Request, StoreError, create_bucket},
    stack::{Program, Provider, Stack, default_directory},
};

fn keys(secret: &str) -> Keys {
    Keys { access: "our-user".to_owned(), secret: secret.to_owned() }
}

#[test]
fn a_signature_goes_by_all_that_is_signed() {
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let request = Request { method: "PUT", host: "127.0.0.1:9000", path: "/bucket", body: b"" };
    let signed =
        |request: Request<'_>, secret: &str| request.signed(&keys(secret), now)[2].1.clone();
    let first = signed(request, "one");
    let start = "AWS4-HMAC-SHA256 Credential=our-user/20261121/us-east-1/s3/aws4_request,\
        SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=";
    assert!(first.starts_with(start), "{first}");
    assert_eq!(first, signed(request, "one"));
    assert_ne!(first, signed(request, "two"));
    assert_ne!(first, signed(Request { path: "/other", ..request }, "one"));
    assert_ne!(first, signed(Request { body: b"x", ..request }, "one"));
}

#[expect(clippy::print_stdout, reason = "a test that did not run must say so")]
fn minio() -> Option<Program> {
    let stack = Stack { providers: vec![Provider::Path(default_directory())] };
    let found = stack.find(Component::Minio, None);
    found.inspect_err(|missing| println!("SKIPPED: no bucket was made: {missing}")).ok()
}

#[tokio::test]
async fn a_bucket_is_made_by_those_who_may() {
    let Some(program) = minio() else { return };
    _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::Process(Processes::new(Arc::new(Ledger::open(folder.path()).unwrap())));
    let (directory, logs) = (folder.path().join("minio"), folder.path().join("logs"));
    let bench = Bench { directory, logs, ..Bench::default() };
    let port = Port { name: "s3", usual: 9000, is_udp: false };
    let place = runtime.place(&bench, Component::Minio, "minio", &[port]).unwrap();
    let at = place.address("s3");
    let arguments = ["server", "data", "--address", &at.to_string()];
    let launch = Launch {
        arguments: arguments.map(str::to_owned).to_vec(),
        environment: [("MINIO_ROOT_USER", "our-user"), ("MINIO_ROOT_PASSWORD", "our-secret")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        probe: Some(Probe::Http(at, "/minio/health/cluster")),
        limit: Duration::from_secs(30),
        ..Launch::default()
    };
    let mut minio = runtime.start(place, &program, launch).await.unwrap();
    create_bucket(at, "recordings", &keys("our-secret")).await.unwrap();
    create_bucket(at, "recordings", &keys("our-secret")).await.unwrap();
    let refused = create_bucket(at, "snapshots", &keys("another-secret")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused { status: 403, .. }), "{refused}");
    let unfit = create_bucket(at, "No", &keys("our-secret")).await.unwrap_err();
    assert!(unfit.to_string().contains("bucket `No`"), "{unfit}");
    minio.kill().await;
    assert!(folder.path().join("minio/minio/data/recordings").is_dir());
}
