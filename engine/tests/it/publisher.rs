//! What publishers publish, and how load tests are configured and judged.

use std::{process::Command, time::Duration};

use lkreport_engine::{
    load::{Load, LoadError, Summary},
    media,
};

#[test]
fn a_configuration_becomes_arguments() {
    let text = "videoPublishers=2, audioPublishers:3,subscribers=4,videoResolution=low,\
        simulcast=false,simulateSpeakers=true,numPerSecond=2.5,duration=7";
    let load: Load = text.parse().unwrap();
    let arguments = [
        "--video-publishers=2",
        "--audio-publishers=3",
        "--subscribers=4",
        "--duration=7s",
        "--video-resolution=low",
        "--num-per-second=2.5",
        "--no-simulcast",
        "--simulate-speakers",
    ];
    assert_eq!(load.arguments(), arguments);
    assert_eq!(load.participants(), 7, "who publishes video publishes audio too");
}

#[test]
fn a_configuration_that_means_nothing_is_refused() {
    let fails = |text: &str| text.parse::<Load>().unwrap_err();
    assert_eq!(fails("videoPublishers"), LoadError::NoValue("videoPublishers".to_owned()));
    assert!(fails("publishers=1").to_string().contains("known: videoPublishers, audioPublishers"));
    for bad in ["subscribers=many", "videoResolution=huge", "simulcast=yes", "duration=-1"] {
        assert!(matches!(fails(bad), LoadError::BadValue { .. }), "{bad}");
    }
}

#[test]
fn a_load_test_is_complete_when_everybody_got_everything() {
    let said =
        |total: &str| format!("Subscriber summaries:\n│ Sub 0  │ 1/1 │ - │ - │ - │\n{total}");
    let read = |total: &str| Summary::read(&said(total));
    let all = read("│ Total  │ 4/4    │ 24.9kbps (24.9kbps avg) │ 0 (0%)          │ 0     │");
    assert_eq!(all, Summary { got: 4, wanted: 4, errors: 0 });
    assert!(all.is_complete());
    let some = read("│ Total  │ 1/2    │ 24.9kbps (24.9kbps avg) │ 0 (0%)          │ 0     │");
    assert!(!some.is_complete());
    let failed = read("│ Total  │ 2/2    │ 24.9kbps (24.9kbps avg) │ 0 (0%)          │ 1     │");
    assert!(!failed.is_complete());
    assert!(Summary::read("Finished connecting to room, waiting 3s\n").is_complete());
}

/// What ffprobe says of a file, by name; nothing where there is no ffprobe.
#[expect(clippy::print_stdout, reason = "a test that did not run must say so")]
fn probed(name: &str, bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let show = ["-v", "error", "-count_packets", "-show_entries"];
    let of = "stream=codec_name,nb_read_packets:format=duration";
    let mut command = Command::new("ffprobe");
    let output = command.args(show).args([of, "-of", "default=nw=1"]).arg(&file).output();
    let Ok(output) = output else {
        println!("SKIPPED: ffprobe is not installed, so nobody judges {name}");
        return None;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name} is not clean");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn media_last_as_long_as_they_should() {
    if let Some(said) = probed("video.ivf", &media::video(Duration::from_secs(9))) {
        assert!(said.contains("codec_name=vp8") && said.contains("nb_read_packets=100"), "{said}");
    }
    if let Some(said) = probed("audio.ogg", &media::audio(Duration::from_secs(9))) {
        assert!(said.contains("codec_name=opus"), "{said}");
        let duration = said.lines().find_map(|it| it.strip_prefix("duration=")).unwrap();
        assert!((10.0..10.2).contains(&duration.parse::<f64>().unwrap()), "{said}");
    }
}
