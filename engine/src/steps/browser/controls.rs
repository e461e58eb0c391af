//! Steps about the controls of the meeting page: camera, microphone, and what the page shows.

use super::{Vocabulary, act, until};
use crate::{
    browser::Look,
    context::Context,
    error::StepResult,
    world::{World, expect},
};

/// A control of the page and what it is about.
pub(in crate::steps) struct Control {
    /// Its id on the page.
    id: &'static str,
    /// In the words of steps.
    word: &'static str,
}

pub(in crate::steps) const CAMERA: Control = Control { id: "camera", word: "video" };
pub(in crate::steps) const MICROPHONE: Control = Control { id: "microphone", word: "audio" };

pub(super) fn add(all: &mut Vocabulary) {
    all.about("meeting page controls");
    all.step(
        "{string} can toggle camera controls",
        "The camera can be put off and on again with the controls of the page.",
        async |world: &mut World, step: Context| toggle(world, &step, &CAMERA).await,
    )
    .step(
        "{string} can toggle mute controls",
        "The microphone can be muted and unmuted with the controls of the page.",
        async |world: &mut World, step: Context| toggle(world, &step, &MICROPHONE).await,
    )
    .step(
        "participants {string} should see room name {string}",
        "The pages of these people, parted by commas, show the name of the room.",
        async |world: &mut World, step: Context| {
            let (names, wanted) = (step.text(0)?, step.text(1)?);
            for name in names.split(',').map(str::trim) {
                until(world, name, |it| {
                    let found = it.now.shown.as_ref().and_then(|it| it.room.as_ref());
                    expect(found == Some(&wanted), || format!("`{name}` sees the room {found:?}"))
                })
                .await?;
            }
            Ok(())
        },
    );
}

/// Mutes or unmutes what a control of somebody's page is about.
pub(in crate::steps) async fn switch(
    world: &World,
    step: &Context,
    control: &Control,
) -> StepResult {
    let (name, is_on) = (step.text(0)?, step.text(1)? == "unmutes");
    // Who has only just joined may still be about to publish.
    published(world, &name, control).await?;
    act(world, &name, &format!("meeting.{}", control.id), [is_on]).await
}

/// A control of somebody's page shows that it is muted, or not.
pub(in crate::steps) async fn is_muted(
    world: &World,
    step: &Context,
    control: &Control,
) -> StepResult {
    let (name, wanted) = (step.text(0)?, step.text(1)? == "muted");
    shows(world, &name, control, !wanted).await
}

/// Presses a control twice, and looks each time.
async fn toggle(world: &World, step: &Context, control: &Control) -> StepResult {
    let name = step.text(0)?;
    published(world, &name, control).await?;
    shows(world, &name, control, true).await?;
    for is_on in [false, true] {
        act(world, &name, "page.press", [control.id]).await?;
        shows(world, &name, control, is_on).await?;
    }
    Ok(())
}

async fn published(world: &World, name: &str, control: &Control) -> StepResult {
    until(world, name, |it| {
        let is_there = it.now.own(control.id).is_some_and(|it| it.track.sid.is_some());
        expect(is_there, || format!("`{name}` publishes no {}", control.word))
    })
    .await
}

/// The page and the track agree about whether it is on.
async fn shows(world: &World, name: &str, control: &Control, is_on: bool) -> StepResult {
    until(world, name, |it| {
        let (shown, muted) =
            (shown(it.now, control), it.now.own(control.id).map(|it| it.track.muted));
        expect(shown == is_on && muted == Some(!is_on), || {
            let word = control.word;
            format!("`{name}`: the control of {word} is on: {shown}, its track is muted: {muted:?}")
        })
    })
    .await
}

fn shown(it: &Look, control: &Control) -> bool {
    let shown = it.shown.as_ref();
    shown.is_some_and(|it| if control.id == CAMERA.id { it.camera } else { it.microphone })
}
