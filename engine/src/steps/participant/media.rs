//! Steps about what native participants publish and receive.

use std::time::Duration;

use tokio::time::timeout;

use super::{Vocabulary, seen};
use crate::{
    context::Context,
    error::{StepError, StepResult},
    participant::{Publication, RequestError, TrackSource},
    steps::{browser::controls, doing},
    world::{World, expect},
};

/// How long a server may take to refuse: older ones do so without a word.
const REFUSAL: Duration = Duration::from_secs(2);

/// As many frames of a track or more are a track that is received.
const FRAMES: u64 = 10;

type Make = fn() -> Publication;

/// What can be published, in the words of steps.
const KINDS: [(&str, Make); 3] = [
    ("audio", Publication::microphone),
    ("video", Publication::camera),
    ("screen share", Publication::screen_share),
];

pub(super) fn add(all: &mut Vocabulary) {
    for (what, publication) in KINDS {
        publishes(all, what, publication);
        changes(all, what, publication().source);
        receives(all, what, publication().source);
    }
    themselves(all);
    all.about("native participants").step(
        "participant {string} publishes video in three sizes",
        "Publishes a camera with simulcast.",
        async |world: &mut World, step: Context| {
            let participant = world.participant(&step.text(0)?)?;
            participant.publish(Publication::camera().in_three_sizes()).await?;
            Ok(())
        },
    );
}

/// What the steps say of a person's own microphone and camera.
fn themselves(all: &mut Vocabulary) {
    all.about("mute");
    for (what, source, control) in [
        ("audio", TrackSource::Microphone, &controls::MICROPHONE),
        ("video", TrackSource::Camera, &controls::CAMERA),
    ] {
        all.step(
            &format!("{{string}} {{muteAction}} their {what}"),
            &format!("Mutes or unmutes the {what} that somebody publishes, on their page where they have one."),
            doing(move |world, step| {
                Box::pin(async move {
                    if world.people.contains_key(&step.text(0)?) {
                        return controls::switch(world, &step, control).await;
                    }
                    let (name, muted) = (step.text(0)?, step.text(1)? == "mutes");
                    let sid = own(world, &name, source)?;
                    Ok(world.participant(&name)?.mute(&sid, muted)?)
                })
            }),
        )
        .step(
            &format!("{{string}} should have {what} {{muteState}} locally"),
            &format!("The person's page, or the participant itself, takes the {what} as muted, or not."),
            doing(move |world, step| {
                Box::pin(async move {
                    if world.people.contains_key(&step.text(0)?) {
                        return controls::is_muted(world, &step, control).await;
                    }
                    let (name, muted) = (step.text(0)?, step.text(1)? == "muted");
                    let sid = own(world, &name, source)?;
                    seen(world, &name, |it| {
                        let found = it.own.tracks.get(&sid).map(|it| it.muted);
                        expect(found == Some(muted), || {
                            format!("`{name}` has its {what} with muted: {found:?}")
                        })
                    })
                    .await
                })
            }),
        );
    }
}

fn publishes(all: &mut Vocabulary, what: &str, publication: Make) {
    all.step(
        &format!("participant {{string}} publishes {what}"),
        &format!("Publishes {what}, which goes on until it is muted or unpublished."),
        doing(move |world, step| {
            Box::pin(async move {
                world.participant(&step.text(0)?)?.publish(publication()).await?;
                Ok(())
            })
        }),
    )
    .step(
        &format!("participant {{string}} cannot publish {what}"),
        &format!("The server refuses to take {what}, if only by not answering."),
        doing(move |world, step| {
            Box::pin(async move {
                let asked = world.participant(&step.text(0)?)?.publish(publication());
                match timeout(REFUSAL, asked).await {
                    Err(_) | Ok(Err(RequestError::Refused { .. } | RequestError::NoAnswer(_))) => {
                        Ok(())
                    }
                    Ok(Err(other)) => Err(other.into()),
                    Ok(Ok(sid)) => Err(StepError::assertion(format!("it was taken, as {sid}"))),
                }
            })
        }),
    );
}

fn changes(all: &mut Vocabulary, what: &str, source: TrackSource) {
    for (verb, muted) in [("mutes", true), ("unmutes", false)] {
        all.step(
            &format!("participant {{string}} {verb} {what}"),
            &format!("The participant {verb} the {what} that it publishes."),
            doing(move |world, step| {
                Box::pin(async move {
                    let sid = own(world, &step.text(0)?, source)?;
                    Ok(world.participant(&step.text(0)?)?.mute(&sid, muted)?)
                })
            }),
        );
        all.step(
            &format!(
                "participant {{string}} should see {{string}} with {what} {}",
                verb.replace("mutes", "muted")
            ),
            &format!(
                "For this participant, the {what} of the other one is there and {}.",
                verb.replace("mutes", "muted")
            ),
            doing(move |world, step| {
                Box::pin(async move { is_muted(world, &step, source, muted).await })
            }),
        );
    }
    all.step(
        &format!("participant {{string}} unpublishes {what}"),
        &format!("Takes the {what} back."),
        doing(move |world, step| {
            Box::pin(async move {
                let sid = own(world, &step.text(0)?, source)?;
                Ok(world.participant(&step.text(0)?)?.unpublish(&sid)?)
            })
        }),
    )
    .step(
        &format!("the {what} of participant {{string}} is muted in room {{string}} using service {{string}}"),
        &format!("Mutes the {what} of a participant through the API."),
        doing(move |world, step| {
            Box::pin(async move {
                let (name, client) = (step.text(0)?, world.rooms_of(&step.text(2)?)?);
                let sid = own(world, &name, source)?;
                client.mute_published_track(&step.text(1)?, &name, &sid, true).await?;
                Ok(())
            })
        }),
    );
}

fn receives(all: &mut Vocabulary, what: &str, source: TrackSource) {
    all.step(
        &format!("participant {{string}} should receive {what} from {{string}}"),
        &format!("From now on, frames of the other one's {what} arrive."),
        doing(move |world, step| Box::pin(async move { more(world, &step, source).await })),
    )
    .step(
        &format!("participant {{string}} should see no {what} of {{string}}"),
        &format!("The other one is there and publishes no {what}, or ceases to."),
        doing(move |world, step| {
            Box::pin(async move {
                let (name, identity) = (step.text(0)?, step.text(1)?);
                seen(world, &name, |it| {
                    let there = it.member(&identity).is_some();
                    expect(there && it.track(&identity, source).is_none(), || {
                        format!("`{identity}` is not there, or still publishes for `{name}`")
                    })
                })
                .await
            })
        }),
    );
}

async fn is_muted(world: &World, step: &Context, source: TrackSource, muted: bool) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    seen(world, &name, |it| {
        let found = it.track(&identity, source).map(|it| it.muted);
        expect(found == Some(muted), || match found {
            None => format!("`{name}` sees no such track of `{identity}`"),
            Some(found) => format!("`{name}` sees the track of `{identity}` with muted: {found}"),
        })
    })
    .await
}

async fn more(world: &World, step: &Context, source: TrackSource) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    let before = world.participant(&name)?.state().received(&identity, source).frames;
    seen(world, &name, |it| {
        let found = it.received(&identity, source).frames.saturating_sub(before);
        expect(found >= FRAMES, || format!("`{name}` received {found} frames of `{identity}`"))
    })
    .await
}

/// The track of this source that the participant itself publishes.
fn own(world: &World, name: &str, source: TrackSource) -> Result<String, StepError> {
    let own = world.participant(name)?.state().own;
    let found = own.tracks.into_values().find(|it| it.source == source);
    let none = || StepError::assertion(format!("`{name}` publishes no {}", source.as_str_name()));
    Ok(found.ok_or_else(none)?.sid)
}
