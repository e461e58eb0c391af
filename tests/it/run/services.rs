//! The suites about applications run against our reference services and a real server.

use std::path::{Path, PathBuf};

use super::{all_text, assert_clean, command, desk, server};
use crate::desk::{root, stderr};

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
    // How fast it is depends on what else the machine does.
    let more = ["--tags", "not @load"];
    let Some(said) = passes(Path::new("token-service"), &examples, &more) else { return };
    assert!(said.contains("15 scenarios in") && said.contains(": 15 passed"), "{said}");
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
