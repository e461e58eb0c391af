//! Steps about shared screens, and what permissions refuse.

use super::{Vocabulary, act, playback, until};
use crate::{
    browser::PageError,
    context::Context,
    error::StepResult,
    world::{World, expect},
};

const SOURCE: &str = "screen_share";

pub(super) fn add(all: &mut Vocabulary) {
    all.about("screen sharing");
    all.step(
        "{string} starts screen sharing",
        "Shares the screen and waits until it is published.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            act(world, &name, "meeting.screen", [true]).await?;
            until(world, &name, |it| {
                let is_there = it.now.own(SOURCE).is_some_and(|it| it.track.sid.is_some());
                expect(is_there, || format!("`{name}` publishes no screen"))
            })
            .await
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
    refused(all);
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
