//! Steps about the layers of a video: which are sent, which are received, and what somebody asks for.

use std::time::Duration;

use super::{Vocabulary, act, playback, until, until_within};
use crate::{
    browser::{Published, Received, Sight},
    context::Context,
    error::{Phase, StepError, StepResult},
    network::Profile,
    steps::{doing, room::compares},
    world::{World, expect},
};

/// How long a rate is measured that should have fallen, in milliseconds.
const WINDOW: f64 = 2000.0;

/// How long servers wait before they tell somebody that a layer is watched by nobody any more (their
/// `video.dynacast_pause_delay`).
const PAUSE: Duration = Duration::from_secs(5);

pub(super) fn add(all: &mut Vocabulary) {
    all.about("simulcast, dynacast, quality");
    publishes(all);
    asks(all);
    receives(all);
    pauses(all);
    sends(all);
}

fn publishes(all: &mut Vocabulary) {
    for (word, is_on, meaning) in [
        ("enables", true, "Video that is published after it has several layers."),
        ("disables", false, "Video that is published after it has one layer."),
    ] {
        all.step(
            &format!("{{string}} {word} simulcast for video publishing"),
            meaning,
            doing(move |world, step| {
                Box::pin(async move {
                    let settings = serde_json::json!({"simulcast": is_on});
                    act(world, &step.text(0)?, "meeting.set", [settings]).await
                })
            }),
        );
    }
    all.step(
        "{string} has a camera of {int} by {int} pixels",
        "Video that is published after it has this size; the layers follow from it.",
        async |world: &mut World, step: Context| {
            let (width, height) = (step.argument::<u32>(1)?, step.argument::<u32>(2)?);
            let settings = serde_json::json!({"resolution": {"width": width, "height": height}});
            act(world, &step.text(0)?, "meeting.set", [settings]).await
        },
    )
    .step(
        "dynacast should be enabled in the room for {string}",
        "The connection of the person was made with dynacast.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            until(world, &name, |it| {
                let is_on = it.now.is_connected() && it.now.dynacast;
                expect(is_on, || format!("`{name}` is {} without dynacast", it.now.status))
            })
            .await
        },
    );
}

fn asks(all: &mut Vocabulary) {
    all.step(
        "{string} sets video quality preference to {string}",
        "Asks the server for this quality of what is received: low, medium or high.",
        async |world: &mut World, step: Context| {
            let (name, wanted) = (step.text(0)?, step.text(1)?.to_lowercase());
            let known = ["low", "medium", "high"].contains(&wanted.as_str());
            expect(known, || format!("the quality `{wanted}` is none of low, medium and high"))?;
            act(world, &name, "meeting.prefer", [wanted]).await
        },
    )
    .step(
        "{string} sets maximum receive bandwidth to {int} kbps",
        "No more than this reaches the person: their network lets through no more where they have one, or get one by this before they connect; else they ask for a quality that fits.",
        async |world: &mut World, step: Context| bandwidth(world, &step).await,
    );
    for (word, is_on, meaning) in [
        ("unsubscribes from", false, "Ceases to receive the video of the other person."),
        ("subscribes to", true, "Begins to receive the video of the other person."),
    ] {
        all.step(
            &format!("{{string}} {word} {{string}}'s video"),
            meaning,
            doing(move |world, step| {
                Box::pin(async move {
                    let (name, identity) = (step.text(0)?, step.text(1)?);
                    until(world, &name, |it| {
                        playback::received(it.now, &name, &identity, "camera").map(|_| ())
                    })
                    .await?;
                    act(world, &name, "meeting.subscribe", (identity, is_on)).await
                })
            }),
        );
    }
}

/// What the width of frames should be against the layers of the video.
#[derive(Debug, Clone, Copy)]
enum Quality {
    Low,
    Lower,
    High,
}

impl Quality {
    /// Whether frames of this width are so, where the layers have these, the smallest first.
    fn is(self, width: u32, layers: &[u32]) -> bool {
        match self {
            Self::Low => layers.first().is_some_and(|it| width <= *it),
            Self::Lower => layers.last().is_some_and(|it| width < *it),
            Self::High => layers.iter().rev().skip(1).all(|it| width > *it),
        }
    }
}

fn receives(all: &mut Vocabulary) {
    for (words, quality, meaning) in [
        (
            "low quality video",
            Quality::Low,
            "The frames that arrive have the size of the lowest layer",
        ),
        (
            "high quality video",
            Quality::High,
            "The frames that arrive are larger than those of all layers but the highest",
        ),
        (
            "a lower quality layer",
            Quality::Lower,
            "The frames that arrive are smaller than those of the highest layer",
        ),
    ] {
        all.step(
            &format!("{{string}} should be receiving {words} from {{string}}"),
            &format!("{meaning}."),
            doing(move |world, step| {
                let limit = world.setup.waits.expected;
                Box::pin(async move { sized(world, &step, quality, limit).await })
            }),
        )
        .step_in(
            Phase::Recording,
            &format!(
                "{{string}} should be receiving {words} from {{string}} within {{int}} seconds"
            ),
            &format!("{meaning}, before that time is over; keeps how long it took."),
            doing(move |world, step| {
                Box::pin(async move {
                    let limit = Duration::from_secs(step.argument(2)?);
                    sized(world, &step, quality, limit).await
                })
            }),
        );
    }
}

fn pauses(all: &mut Vocabulary) {
    all.step(
        "{string}'s video track should be paused for {string}",
        "No more frames of the video reach the other person, for a second.",
        async |world: &mut World, step: Context| {
            playback::ceases(world, &step.text(1)?, &step.text(0)?).await
        },
    )
    .step(
        "{string}'s video track should be active for {string}",
        "Frames of the video reach the other person.",
        async |world: &mut World, step: Context| {
            playback::frames(world, &step.text(1)?, &step.text(0)?, "camera").await
        },
    )
    .step(
        "{string} should be sending {string} layers of video",
        "From now on, frames of that many layers are sent: `2`, `>=2`, `<=1`, `0`.",
        async |world: &mut World, step: Context| layers_sent(world, &step).await,
    );
}

fn sends(all: &mut Vocabulary) {
    all.step_in(
        Phase::Recording,
        "{string} measures their video publish bitrate over {int} seconds",
        "Notes how fast the person sends video.",
        async |world: &mut World, step: Context| {
            let (name, seconds) = (step.text(0)?, step.argument::<u32>(1)?);
            let rate = measured(world, &name, seconds).await?;
            step.log(&format!("{name} sends video at {:.0} kbps", rate / 1000.0));
            world.bitrates.insert(name, rate);
            Ok(())
        },
    )
    .step(
        "{string}'s video publish bitrate should have dropped by at least {int} percent",
        "The person sends that much less than at the measurement before.",
        async |world: &mut World, step: Context| dropped(world, &step).await,
    );
}

/// Narrows the network of somebody, or asks for a quality that fits.
async fn bandwidth(world: &mut World, step: &Context) -> StepResult {
    let (name, kbps) = (step.text(0)?, step.argument::<u32>(1)?);
    let is_connected = world.person(&name)?.look(|it| it.now.is_connected()).await?;
    let line = world.networks.of(&name).map(|it| it.profile());
    if line.is_some() || !is_connected {
        let narrow: Profile = format!("down={kbps}kbit").parse()?;
        let profile = Profile { down: narrow.down, ..line.unwrap_or_default() };
        step.log(&format!("the network of {name} lets through {kbps} kbps"));
        return world.give(&name, profile).await;
    }
    let bits = f64::from(kbps) * 1000.0;
    let fits = until(world, &name, |it| {
        let videos = it.now.others.iter().flat_map(|it| &it.tracks);
        let layers = videos.map(|it| &it.track).filter(|it| it.kind == "video");
        let layers = layers.map(|it| it.layers.iter().filter(|it| it.bitrate <= bits).count());
        layers.min().ok_or_else(|| StepError::assertion(format!("`{name}` sees nobody's video")))
    });
    let word = ["low", "low", "medium", "high"][fits.await?.min(3)];
    step.log(&format!("{name} asks for {word} quality, which fits into {kbps} kbps"));
    act(world, &name, "meeting.prefer", [word]).await
}

/// Frames arrive, and their width is as it should be against those of the layers.
async fn sized(world: &World, step: &Context, wanted: Quality, limit: Duration) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    let (mut before, mut since) = (None, None);
    let took = until_within(world, &name, limit, |it| {
        let since = *since.get_or_insert(it.now.at);
        let found: &Received = playback::received(it.now, &name, &identity, "camera")?;
        let mut layers: Vec<u32> = found.track.layers.iter().map(|it| it.width).collect();
        layers.dedup();
        expect(layers.len() > 1, || {
            format!("the video of `{identity}` has one layer: {layers:?}")
        })?;
        let comes = found.frames > *before.get_or_insert(found.frames);
        let width = found.width;
        expect(comes && wanted.is(width, &layers), || {
            format!(
                "`{name}` receives frames {width} wide of `{identity}`, not {wanted:?} of {layers:?}"
            )
        })?;
        Ok((width, it.now.at - since))
    });
    let (width, took) = took.await?;
    step.log(&format!("{name} receives frames {width} wide of {identity}, after {took:.0} ms"));
    Ok(())
}

/// How many layers of the person's video frames are sent of.
async fn layers_sent(world: &World, step: &Context) -> StepResult {
    let (name, wanted) = (step.text(0)?, step.text(1)?);
    let mut before: Option<(f64, Vec<u64>)> = None;
    until(world, &name, |it| {
        let frames = camera(it, &name)?.sent.iter().map(|it| it.frames).collect::<Vec<_>>();
        let (at, from) = before.get_or_insert_with(|| (it.now.at, frames.clone()));
        let found = frames.iter().zip(from.iter()).filter(|(now, then)| now > then).count();
        let is_over = it.now.at - *at >= WINDOW;
        if is_over || from.len() != frames.len() {
            before = Some((it.now.at, frames));
        }
        let is_so = compares(found, &wanted)?;
        expect(is_over && is_so, || format!("`{name}` sends {found} layers, not {wanted}"))
    })
    .await
}

/// The person's camera, with what was sent of it.
fn camera<'a>(it: Sight<'a>, name: &str) -> Result<&'a Published, StepError> {
    let none = || StepError::assertion(format!("`{name}` publishes no camera"));
    it.now.own("camera").ok_or_else(none)
}

/// How fast somebody sends video over so many seconds, in bits per second.
async fn measured(world: &World, name: &str, seconds: u32) -> Result<f64, StepError> {
    let (mut begun, milliseconds): (Option<(f64, u64)>, _) = (None, f64::from(seconds) * 1000.0);
    let limit = Duration::from_secs(seconds.into()) + world.setup.waits.expected;
    until_within(world, name, limit, |it| {
        let bytes = camera(it, name)?.bytes();
        let (at, from) = *begun.get_or_insert((it.now.at, bytes));
        let took = it.now.at - at;
        expect(took >= milliseconds, || format!("measured for {took:.0} ms only"))?;
        Ok(rate(bytes.saturating_sub(from), took))
    })
    .await
}

#[expect(clippy::cast_precision_loss, reason = "no page sends so many bytes")]
fn rate(bytes: u64, milliseconds: f64) -> f64 {
    bytes as f64 * 8000.0 / milliseconds
}

/// The rate falls below what was noted, by the share that the scenario says.
async fn dropped(world: &World, step: &Context) -> StepResult {
    let (name, percent) = (step.text(0)?, step.argument::<u32>(1)?);
    let none = || StepError::assertion(format!("the bitrate of `{name}` was not measured before"));
    let noted = *world.bitrates.get(&name).ok_or_else(none)?;
    let most = noted * (1.0 - f64::from(percent) / 100.0);
    let (mut begun, mut first): (Option<(f64, u64)>, Option<f64>) = (None, None);
    let limit = world.setup.waits.expected + PAUSE;
    let took = until_within(world, &name, limit, |it| {
        let bytes = camera(it, &name)?.bytes();
        let since = *first.get_or_insert(it.now.at);
        let (at, from) = *begun.get_or_insert((it.now.at, bytes));
        let found = rate(bytes.saturating_sub(from), (it.now.at - at).max(1.0));
        let is_over = it.now.at - at >= WINDOW;
        if is_over {
            begun = Some((it.now.at, bytes));
        }
        expect(is_over && found <= most, || {
            let (found, noted) = (found / 1000.0, noted / 1000.0);
            format!("`{name}` sends video at {found:.0} kbps, after {noted:.0} kbps before")
        })?;
        Ok(it.now.at - since)
    });
    step.log(&format!(
        "the bitrate of {name} had fallen {:.0} ms after it was looked at",
        took.await?
    ));
    Ok(())
}
