//! Steps about shared screens, and what permissions refuse.

use serde_json::{Value, json};

use super::{Vocabulary, act, playback, until};
use crate::{
    browser::PageError,
    context::Context,
    error::StepResult,
    steps::doing,
    world::{World, expect},
};

const SOURCE: &str = "screen_share";

/// Over how long frames are counted, in milliseconds.
const WINDOW: f64 = 2000.0;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("screen sharing");
    all.step(
        "{string} starts screen sharing",
        "Shares the screen and waits until it is published.",
        async |world: &mut World, step: Context| share(world, &step.text(0)?, json!([true])).await,
    )
    .step(
        "{string} starts screen sharing with {int} by {int} pixels and {int} fps",
        "Shares the screen no larger and no more often than that, and waits until it is published.",
        async |world: &mut World, step: Context| {
            let number = |n| step.argument::<u32>(n);
            let (width, height, rate) = (number(1)?, number(2)?, number(3)?);
            let size = json!({"width": width, "height": height, "frameRate": rate});
            share(world, &step.text(0)?, json!([true, size])).await
        },
    )
    .step(
        "{string} stops screen sharing",
        "Ends the sharing of the screen.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            act(world, &name, "meeting.screen", [false]).await?;
            until(world, &name, |it| {
                expect(it.now.own(SOURCE).is_none(), || {
                    format!("`{name}` still publishes a screen")
                })
            })
            .await
        },
    )
    .step(
        "{string} attempts to start screen sharing",
        "Tries to share the screen, whatever comes of it.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            match world.person(&name)?.tell("meeting.screen", [true]).await {
                Err(PageError::Failed(reason)) => {
                    step.log(&format!("{name} does not share the screen: {reason}"));
                    Ok(())
                }
                done => Ok(done?),
            }
        },
    );
    for (words, is_least) in [("at most", false), ("at least", true)] {
        all.step(
            &format!(
                "{{string}} should be receiving a screen of {words} {{int}} by {{int}} pixels and {{int}} fps from {{string}}"
            ),
            "So large are the frames of the other person's screen that arrive, and so many do in two seconds.",
            doing(move |world, step| Box::pin(async move { sized(world, &step, is_least).await })),
        );
    }
    refused(all);
}

/// Shares the screen, and waits until it is published.
async fn share(world: &World, name: &str, settings: Value) -> StepResult {
    act(world, name, "meeting.screen", settings).await?;
    until(world, name, |it| {
        let is_there = it.now.own(SOURCE).is_some_and(|it| it.track.sid.is_some());
        expect(is_there, || format!("`{name}` publishes no screen"))
    })
    .await
}

/// The frames of a screen have this size and rate at least, or at most.
async fn sized(world: &World, step: &Context, is_least: bool) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(4)?);
    let wanted = [step.argument::<f64>(1)?, step.argument(2)?, step.argument(3)?];
    let mut before: Option<(f64, u64)> = None;
    let found = until(world, &name, |it| {
        let screen = playback::received(it.now, &name, &identity, SOURCE)?;
        let (at, frames) = *before.get_or_insert((it.now.at, screen.frames));
        let took = it.now.at - at;
        expect(took >= WINDOW, || format!("measured for {took:.0} ms only"))?;
        before = Some((it.now.at, screen.frames));
        let fps = screen.frames.saturating_sub(frames) as f64 * 1000.0 / took;
        let found = [screen.width.into(), screen.height.into(), fps];
        // Encoders round sizes to what they can, and clocks of two browsers are not one.
        let near = |found: f64, wanted: f64| {
            if is_least { found >= wanted * 0.9 } else { found <= wanted * 1.1 + 0.5 }
        };
        let is_so = found.iter().zip(wanted).all(|(found, wanted)| near(*found, wanted));
        expect(is_so && fps > 0.0, || {
            let [width, height, fps] = found;
            format!("`{name}` receives a screen of {width} by {height} pixels at {fps:.1} fps")
        })?;
        Ok(found)
    });
    let [width, height, fps] = found.await?;
    step.log(&format!("{name} receives a screen of {width} by {height} pixels at {fps:.1} fps"));
    Ok(())
}

fn refused(all: &mut Vocabulary) {
    all.step(
        "participant {string} should not be able to share screen due to permissions",
        "The attempt to share the screen was refused, because the token does not grant it.",
        async |world: &mut World, step: Context| cannot_share(world, &step).await,
    )
    .step(
        "participant {string} should not be able to subscribe to video due to permissions",
        "Others publish video, and for a second none of it reaches the person.",
        async |world: &mut World, step: Context| {
            playback::none_arrives(world, &step.text(0)?).await
        },
    );
}

async fn cannot_share(world: &World, step: &Context) -> StepResult {
    let name = step.text(0)?;
    until(world, &name, |it| {
        let failed =
            it.events.iter().rfind(|it| it.kind == "failed" && it.text("source") == Some(SOURCE));
        let reason = failed.and_then(|it| it.text("reason")).unwrap_or_default();
        let is_refused = reason.contains("permission") && it.now.own(SOURCE).is_none();
        expect(is_refused, || match failed {
            None => format!("`{name}` was not kept from sharing the screen"),
            Some(_) => format!("`{name}` could not share the screen, but because \"{reason}\""),
        })
    })
    .await
}
