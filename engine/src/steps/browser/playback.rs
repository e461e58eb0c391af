//! Steps about what reaches a person, judged from the receiver's statistics.

use super::{Vocabulary, until};
use crate::{
    browser::{Look, Received, Sight},
    context::Context,
    error::{StepError, StepResult},
    world::{World, expect},
};

/// As many frames of a track or more are a track that is received.
const FRAMES: u64 = 10;

/// Over how long a rate is measured at least, in milliseconds.
const WINDOW: f64 = 1000.0;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("connection and playback");
    for expression in [
        "{string} should be receiving video from {string}",
        "{string} should be receiving video frames from {string}",
    ] {
        all.step(
            expression,
            "From now on, frames of the other person's video are decoded.",
            async |world: &mut World, step: Context| {
                frames(world, &step.text(0)?, &step.text(1)?, "camera").await
            },
        );
    }
    all.step(
        "{string} should be receiving screen share frames from {string}",
        "From now on, frames of the other person's screen are decoded.",
        async |world: &mut World, step: Context| {
            frames(world, &step.text(0)?, &step.text(1)?, "screen_share").await
        },
    )
    .step(
        "{string} should be receiving video from {string} at more than {int} bytes per second",
        "Video of the other person arrives faster than this.",
        async |world: &mut World, step: Context| faster(world, &step).await,
    )
    .step(
        "{string} should be receiving audio from {string}",
        "From now on, something is heard of the other person: packets come, and they are not silent.",
        async |world: &mut World, step: Context| heard(world, &step).await,
    )
    .step(
        "{string} should not be receiving video from {string}",
        "No more frames of the other person's video are decoded, for a second.",
        async |world: &mut World, step: Context| {
            ceases(world, &step.text(0)?, &step.text(1)?).await
        },
    );
}

/// What is received of somebody; where it is nothing, why.
pub(super) fn received<'a>(
    it: &'a Look,
    name: &str,
    identity: &str,
    source: &str,
) -> Result<&'a Received, StepError> {
    let is_there = it.others.iter().any(|it| it.identity == identity);
    let none = || {
        let what = if is_there {
            format!("no {source} of `{identity}`")
        } else {
            format!("`{identity}` not at all")
        };
        StepError::assertion(format!("`{name}`, who is {}, sees {what}", it.status))
    };
    it.received(identity, source).ok_or_else(none)
}

/// From now on, frames of somebody are decoded.
pub(super) async fn frames(world: &World, name: &str, identity: &str, source: &str) -> StepResult {
    let mut before = None;
    until(world, name, |it| {
        let now = received(it.now, name, identity, source)?.frames;
        let found = now.saturating_sub(*before.get_or_insert(now));
        expect(found >= FRAMES, || {
            format!("`{name}`: {found} frames were decoded of `{identity}`, not {FRAMES}")
        })
    })
    .await
}

/// More bytes come in a second than the scenario says.
async fn faster(world: &World, step: &Context) -> StepResult {
    let (name, identity, wanted) = (step.text(0)?, step.text(1)?, step.argument::<u32>(2)?);
    let (mut before, mut rate) = (None, 0.0);
    until(world, &name, |it| {
        let bytes = received(it.now, &name, &identity, "camera")?.bytes;
        let (at, from) = *before.get_or_insert((it.now.at, bytes));
        if it.now.at - at >= WINDOW {
            #[expect(clippy::cast_precision_loss, reason = "no page receives so many bytes")]
            let came = bytes.saturating_sub(from) as f64;
            rate = came * 1000.0 / (it.now.at - at);
            before = Some((it.now.at, bytes));
        }
        expect(rate > f64::from(wanted), || {
            format!("`{name}`: video of `{identity}` comes at {rate:.0} bytes per second, not more than {wanted}")
        })
    })
    .await
}

/// Packets come, and what is in them is no silence.
async fn heard(world: &World, step: &Context) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    let mut before: Option<(u64, f64)> = None;
    until(world, &name, |it| {
        let now = received(it.now, &name, &identity, "microphone")?;
        let (packets, energy) = *before.get_or_insert((now.packets, now.energy));
        let came = now.packets.saturating_sub(packets);
        let is_heard = came >= FRAMES && now.energy > energy;
        expect(is_heard, || {
            let louder = now.energy - energy;
            format!("`{name}`: {came} packets of `{identity}` came, with energy {louder}")
        })
    })
    .await
}

/// For a second, no frame comes.
pub(super) async fn ceases(world: &World, name: &str, identity: &str) -> StepResult {
    let mut before: Option<(f64, u64)> = None;
    until(world, name, |it| {
        let frames = it.now.received(identity, "camera").map_or(0, |it| it.frames);
        let (at, from) = *before.get_or_insert((it.now.at, frames));
        if frames > from {
            before = Some((it.now.at, frames));
        }
        expect(frames <= from && it.now.at - at >= WINDOW, || {
            format!("`{name}` still decodes video of `{identity}`, {frames} frames until now")
        })
    })
    .await
}

/// Video of others is there, and none of it reaches the person.
pub(super) async fn none_arrives(world: &World, name: &str) -> StepResult {
    let videos = |it: Sight<'_>| -> Vec<Received> {
        let tracks = it.now.others.iter().flat_map(|it| &it.tracks);
        tracks.filter(|it| it.track.kind == "video").cloned().collect()
    };
    let mut since = None;
    until(world, name, |it| {
        let videos = videos(it);
        let is_there = it.now.is_connected() && !videos.is_empty();
        expect(is_there, || format!("`{name}` is {} and sees nobody's video", it.now.status))?;
        let frames: u64 = videos.iter().map(|it| it.frames).sum();
        let is_quiet = it.now.at - *since.get_or_insert(it.now.at) >= WINDOW;
        expect(frames == 0 && is_quiet, || format!("{frames} frames of video reach `{name}`"))
    })
    .await
}
