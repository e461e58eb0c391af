//! Programs that do not do what a server does: scripts stand in for them, because no real server can be
//! made to hang, to speak garbage or to lose its port at will.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::{assert_clean, command, desk};
use crate::desk::{Desk, stderr};

const STARTS: &str = "Feature: Start\n  Scenario: starts\n    \
                      Given a LiveKit server is running in a container with service name \"lk\"\n";

/// A stack whose only server is a script.
pub(super) fn script(desk: &Desk, script: &str) -> (PathBuf, String) {
    script_of(desk, "1.9.9", script)
}

/// The same, of this version.
pub(super) fn script_of(desk: &Desk, version: &str, script: &str) -> (PathBuf, String) {
    desk.write("features/start.feature", STARTS);
    let program = format!("stack/livekit-server/{version}/livekit-server");
    let prints = format!("[ \"$1\" = --version ] && echo livekit-server version {version} && exit");
    desk.write(&program, format!("#!/bin/sh\n{prints}\n{script}\n"));
    fs::set_permissions(desk.path(&program), fs::Permissions::from_mode(0o755)).unwrap();
    (desk.path("stack"), version.to_owned())
}

/// What a run with this server says; it has to fail and to leave nothing.
fn said(server: &str, args: &[&str]) -> String {
    let desk = desk();
    let server = script(&desk, server);
    let output = command(&desk, &server, args).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_clean(&desk);
    said
}

#[test]
fn a_server_that_ends_at_once_says_its_last_words() {
    let said = said("echo 'could not parse config: field typo not found'; exit 3", &[]);
    assert!(said.contains("lk ended with exit status: 3 before it was ready"), "{said}");
    assert!(said.contains("field typo not found"), "{said}");
    assert!(!said.contains("(1 of at most"), "{said}");
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let said =
        said("echo 'waiting for the moon'; exec tail -f /dev/null", &["--limit", "ready=0.2"]);
    assert!(said.contains("lk was not ready after 200ms"), "{said}");
    assert!(said.contains("waiting for the moon"), "{said}");
}

#[test]
fn a_server_that_does_not_end_is_ended_with_all_it_started() {
    let server = "trap '' TERM\ntail -f /dev/null & tail -f /dev/null & wait";
    let said = said(server, &["--limit", "ready=0.2", "--limit", "stop=0.2"]);
    assert!(said.contains("was not ready"), "{said}");
}

#[test]
fn a_server_whose_port_is_taken_is_tried_again() {
    let said = said("echo 'listen tcp 127.0.0.1:7880: bind: address already in use'; exit 1", &[]);
    assert!(said.contains("a further attempt (1 of at most 2) after: port taken"), "{said}");
    assert!(said.contains("a further attempt (2 of at most 2) after: port taken"), "{said}");
    assert!(said.contains("port taken: 3 (likely:"), "{said}");
}

#[test]
fn garbage_is_shown_and_hurts_nobody() {
    let said = said(r"printf '\033[31m\000\377<script>\n'; exit 1", &[]);
    assert!(said.contains("<script>"), "{said}");
    assert!(!said.contains('\u{1b}'), "a terminal is not given the escapes of others: {said:?}");
}

#[test]
fn a_phase_that_takes_too_long_is_a_failure_of_its_own() {
    let said = said("exec tail -f /dev/null", &["--limit", "startup=0.3"]);
    assert!(said.contains("the limit of phase startup, 300ms, was reached"), "{said}");
    assert!(said.contains("limit of phase startup: 1 (likely:"), "{said}");
}
