//! Screenshots and recordings find the attempts that they show.

use jiff::Timestamp;
use lkreport::{
    ingest::{MediaAttempt, MediaCase, MediaFile, match_media, media_type},
    model::ArtifactKind,
};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_251_600 + second).expect("in range")
}

fn cases() -> Vec<MediaCase> {
    let attempt = |from, failed| MediaAttempt { span: Some((at(from), at(from + 10))), failed };
    let case = |names: &[&str], attempts| MediaCase {
        names: names.iter().map(|it| (*it).to_owned()).collect(),
        attempts,
    };
    vec![
        case(&["join-room-1a2b3c4d", "Join room"], vec![attempt(0, true), attempt(20, false)]),
        case(&["Join room twice", "RoomTest-joinsTwice"], vec![attempt(40, true)]),
        case(&["leave.feature -- leaves the room", "leaves the room"], vec![attempt(60, true)]),
    ]
}

/// The case and attempt of a file, both from 0.
fn check(path: &str, second: Option<i64>, expected: Option<(usize, usize)>) {
    let file = MediaFile { path: path.into(), modified: second.map(at) };
    let (places, unmatched) = match_media(&[file], &cases());
    assert_eq!(places.first().map(|it| (it.case, it.attempt)), expected, "{path}");
    assert_eq!(places.len() + unmatched.len(), 1);
}

#[test]
fn names_of_every_producer_are_understood() {
    check("artifacts/join-room-1a2b3c4d-1-20261121T090000Z-screen.png", None, Some((0, 0)));
    check("artifacts/join-room-1a2b3c4d-2-20261121T090000Z-screen.png", None, Some((0, 1)));
    check("FAILED-RoomTest-joinsTwice-20260107-123456.flv", None, Some((1, 0)));
    check("vnc/PASSED-Join%20room-20260107-123456.mp4", None, Some((0, 1)));
    check("vnc/FAILED-join_room-20260107-123456.mp4", None, Some((0, 0)));
    check("test-results/room-join-room-twice-chromium/test-failed-1.png", None, Some((1, 0)));
    check("test-results/room-join-room-chromium-retry1/video.webm", None, Some((0, 1)));
    check(
        "screenshots/leave.feature/leave.feature -- leaves the room (failed).png",
        None,
        Some((2, 0)),
    );
    check("screenshots/x -- leaves the room (failed) (attempt 2).png", None, Some((2, 0)));
}

#[test]
fn what_has_no_name_goes_by_time() {
    check("shot.png", Some(5), Some((0, 0)));
    check("shot.png", Some(25), Some((0, 1)));
    check("shot.png", Some(55), Some((1, 0)));
    check("shot.png", Some(500), None);
    check("shot.png", None, None);
    check("rejoin-roommate.png", None, None);
}

#[test]
fn what_can_carry_scripts_is_never_shown() {
    assert_eq!(media_type("a/b.SVG"), ("image/svg+xml", ArtifactKind::File));
    assert_eq!(media_type("a.b/c"), ("application/octet-stream", ArtifactKind::File));
    assert_eq!(media_type("x.webm"), ("video/webm", ArtifactKind::Video));
    assert_eq!(media_type("x.flv").1, ArtifactKind::File);
    assert_eq!(media_type("x.html").1, ArtifactKind::File);
}

proptest! {
    #[test]
    fn each_file_has_one_fate(paths in prop::collection::vec("\\PC{0,40}", 0..8), names in prop::collection::vec("\\PC{0,20}", 0..5)) {
        let files: Vec<_> = paths.into_iter().map(|path| MediaFile { path, modified: None }).collect();
        let attempt = MediaAttempt { span: None, failed: false };
        let cases: Vec<_> = names.into_iter().map(|it| MediaCase { names: vec![it], attempts: vec![attempt; 2] }).collect();
        let (places, unmatched) = match_media(&files, &cases);
        let mut all: Vec<_> = places.iter().map(|it| it.file).chain(unmatched).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..files.len()).collect::<Vec<_>>());
    }
}
