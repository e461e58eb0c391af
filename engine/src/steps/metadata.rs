//! Steps about the metadata of rooms and participants.

use livekit_api::services::{ServerError, ServiceError, room::UpdateParticipantOptions};
use serde_json::Value;

use super::{
    Vocabulary, doing,
    room::{participant, room},
    view::{self, Told, View},
};
use crate::{
    context::Context,
    error::{StepError, StepResult},
    token::attributes,
    world::{Topic, World, eventually, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("room and participant metadata");
    set_rooms(all);
    refused(all);
    rooms(all);
    set_participants(all);
    participants(all);
    told(all);
    sees(all);
}

fn set_rooms(all: &mut Vocabulary) {
    all.step(
        "room metadata for {string} is set to {string} using service {string}",
        "Sets the metadata of a room through the API.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(2)?)?;
            client.update_room_metadata(&step.text(0)?, &step.text(1)?).await?;
            Ok(())
        },
    )
    .step(
        "room metadata for {string} is set to a string of {int} bytes using service {string}",
        "Sets metadata of this size.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(2)?)?;
            client.update_room_metadata(&step.text(0)?, &"m".repeat(step.argument(1)?)).await?;
            Ok(())
        },
    )
    .step(
        "room info for {string} is retrieved using service {string}",
        "Asks the server for a room.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(1)?)?;
            let found = room(&client, &step.text(0)?).await?;
            world.rooms = vec![found];
            Ok(())
        },
    );
}

fn refused(all: &mut Vocabulary) {
    all.step(
        "room metadata for {string} of {int} bytes is refused by service {string}",
        "The server does not take metadata of this size.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(2)?)?;
            let metadata = "m".repeat(step.argument(1)?);
            is_refused(client.update_room_metadata(&step.text(0)?, &metadata).await)
        },
    )
    .step(
        "metadata of {int} bytes for participant {string} in room {string} is refused by service {string}",
        "The server does not take metadata of this size.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(3)?)?;
            let metadata = "m".repeat(step.argument(0)?);
            let options = UpdateParticipantOptions { metadata, ..Default::default() };
            is_refused(client.update_participant(&step.text(2)?, &step.text(1)?, options).await)
        },
    );
}

/// A server that was asked and said no.
fn is_refused<T>(done: Result<T, ServiceError>) -> StepResult {
    match done {
        Err(ServiceError::Twirp(ServerError::Twirp(_))) => Ok(()),
        Err(other) => Err(other.into()),
        Ok(_) => Err(StepError::assertion("the server took it")),
    }
}

fn rooms(all: &mut Vocabulary) {
    all.step(
        "room {string} should have metadata {string} in service {string}",
        "The room has this metadata, or gets it in time.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)?;
            of_room(world, &step, 2, |it| it == wanted, || format!("{wanted:?}")).await
        },
    )
    .step(
        "room {string} should have empty metadata in service {string}",
        "The room has no metadata.",
        async |world: &mut World, step: Context| {
            of_room(world, &step, 1, str::is_empty, || "empty".to_owned()).await
        },
    )
    .step(
        "room {string} should have metadata of length {int} bytes in service {string}",
        "The room has metadata of this size.",
        async |world: &mut World, step: Context| {
            let wanted: usize = step.argument(1)?;
            of_room(world, &step, 2, |it| it.len() == wanted, || format!("{wanted} bytes long"))
                .await
        },
    )
    .step(
        "the retrieved room info should have metadata {string}",
        "The room that was asked for last has this metadata.",
        async |world: &mut World, step: Context| retrieved(world, &step.text(0)?),
    )
    .step(
        "the retrieved room info should have empty metadata",
        "The room that was asked for last has no metadata.",
        async |world: &mut World, _: Context| retrieved(world, ""),
    );
}

fn set_participants(all: &mut Vocabulary) {
    all.step(
        "participant {string} metadata is updated to {string} in room {string} using service {string}",
        "Sets the metadata of a participant through the API.",
        async |world: &mut World, step: Context| {
            update(world, &step.text(0)?, &step.text(1)?, &step.text(2)?, &step.text(3)?).await
        },
    )
    .step(
        "participant {string} metadata is cleared in room {string} using service {string}",
        "Empties the metadata of a participant through the API.",
        async |world: &mut World, step: Context| {
            update(world, &step.text(0)?, "", &step.text(1)?, &step.text(2)?).await
        },
    )
    .step(
        "participant {string} attributes are updated to {string} in room {string} using service {string}",
        "Sets attributes of a participant through the API: `role=host`.",
        async |world: &mut World, step: Context| {
            let read = attributes(&step.text(1)?)?.into_iter();
            let texts = read.map(|(name, it)| (name, it.as_str().unwrap_or_default().to_owned()));
            let options =
                UpdateParticipantOptions { attributes: texts.collect(), ..Default::default() };
            let client = world.rooms_of(&step.text(3)?)?;
            client.update_participant(&step.text(2)?, &step.text(0)?, options).await?;
            Ok(())
        },
    );
}

fn participants(all: &mut Vocabulary) {
    all.step(
        "participant {string} should have metadata {string} in room {string} using service {string}",
        "The participant has this metadata, or gets it in time.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)?;
            of(world, &step, (2, 3), |it| it == wanted, || format!("{wanted:?}")).await
        },
    )
    .step(
        "participant {string} should have empty metadata in room {string} using service {string}",
        "The participant has no metadata.",
        async |world: &mut World, step: Context| {
            of(world, &step, (1, 2), str::is_empty, || "empty".to_owned()).await
        },
    )
    .step(
        "participant {string} should have metadata containing {string} in room {string} using service {string}",
        "The participant's metadata has this in it.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)?;
            of(world, &step, (2, 3), |it| it.contains(&wanted), || format!("something with {wanted:?}")).await
        },
    )
    .step(
        "participant {string} metadata should be valid JSON in room {string} using service {string}",
        "The participant's metadata is JSON.",
        async |world: &mut World, step: Context| {
            let is_json = |it: &str| serde_json::from_str::<Value>(it).is_ok();
            of(world, &step, (1, 2), is_json, || "JSON".to_owned()).await
        },
    )
    .step(
        "participant {string} should have metadata of approximately {int} bytes in room {string} using service {string}",
        "The participant's metadata has this size, give or take a tenth.",
        async |world: &mut World, step: Context| {
            let wanted: usize = step.argument(1)?;
            let is_near = |it: &str| it.len().abs_diff(wanted) * 10 <= wanted;
            of(world, &step, (2, 3), is_near, || format!("about {wanted} bytes long")).await
        },
    );
}

fn told(all: &mut Vocabulary) {
    for (what, topic) in [("room", Topic::Room), ("participant", Topic::Participants)] {
        all.step(
            &format!("{{string}} starts listening for {what} metadata events"),
            &format!("Counts changes of {what} metadata from now on."),
            doing(move |world, step| {
                Box::pin(async move {
                    let name = step.text(0)?;
                    let until_now = view::now(world, &name, |it| it.told_of(topic).count()).await?;
                    world.listening.insert((name, topic), until_now);
                    Ok(())
                })
            }),
        )
        .step(
            &format!("{{string}} should have received {{int}} {what} metadata update events"),
            &format!("That many changes of {what} metadata were told, and no more follow at once."),
            doing(move |world, step| {
                Box::pin(async move {
                    let (name, wanted) = (step.text(0)?, step.argument::<usize>(1)?);
                    let since = listens(world, &name, topic)?;
                    let count = |it: &View<'_>| it.told_of(topic).count().saturating_sub(since);
                    let other = |found| {
                        format!("`{name}` received {found} {what} metadata events, not {wanted}")
                    };
                    let enough = |it: &View<'_>| expect(count(it) >= wanted, || other(count(it)));
                    view::until(world, &name, enough).await?;
                    let more =
                        || format!("`{name}` received more {what} metadata events than {wanted}");
                    view::never(world, &name, |it| count(it) > wanted, more).await
                })
            }),
        );
    }
    all.step(
        "{string} should receive a room metadata update event with value {string}",
        "Since the listening began, the room's metadata changed to this.",
        async |world: &mut World, step: Context| {
            let metadata = step.text(1)?;
            hears(world, &step, &Told { of: None, metadata: &metadata }).await
        },
    )
    .step(
        "{string} should receive a participant metadata update event for {string} with value {string}",
        "Since the listening began, this participant's metadata changed to this.",
        async |world: &mut World, step: Context| {
            let (identity, metadata) = (step.text(1)?, step.text(2)?);
            hears(world, &step, &Told { of: Some(&identity), metadata: &metadata }).await
        },
    );
}

fn sees(all: &mut Vocabulary) {
    all.step(
        "{string} should see room metadata {string}",
        "For this participant the room has this metadata, or gets it in time.",
        async |world: &mut World, step: Context| {
            let (name, wanted) = (step.text(0)?, step.text(1)?);
            view::until(world, &name, |it| {
                let found = it.room;
                expect(found == wanted, || unlike("the room", found, &format!("{wanted:?}")))
            })
            .await
        },
    )
    .step(
        "{string} should see participant {string} with metadata {string}",
        "For this participant the other one has this metadata, or gets it in time.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(2)?;
            sees_participant(world, &step, |it| it == wanted, &format!("{wanted:?}")).await
        },
    )
    .step(
        "{string} should see participant {string} with metadata containing {string}",
        "For this participant the other one's metadata has this in it.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(2)?;
            let words = format!("something with {wanted:?}");
            sees_participant(world, &step, |it| it.contains(&wanted), &words).await
        },
    );
}

fn listens(world: &World, name: &str, topic: Topic) -> Result<usize, StepError> {
    let since = world.listening.get(&(name.to_owned(), topic)).copied();
    since.ok_or_else(|| StepError::assertion(format!("`{name}` does not listen for that")))
}

async fn hears(world: &World, step: &Context, wanted: &Told<'_>) -> StepResult {
    let name = step.text(0)?;
    let topic = if wanted.of.is_some() { Topic::Participants } else { Topic::Room };
    let since = listens(world, &name, topic)?;
    view::until(world, &name, |it| {
        expect(it.told_of(topic).skip(since).any(|it| it == wanted), || {
            format!("`{name}` was not told of {wanted:?}")
        })
    })
    .await
}

async fn sees_participant(
    world: &World,
    step: &Context,
    is: impl Fn(&str) -> bool,
    wanted: &str,
) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    view::until(world, &name, |it| {
        let none = || StepError::assertion(format!("`{name}` does not see `{identity}`"));
        let found = it.metadata(&identity).ok_or_else(none)?;
        expect(is(found), || unlike(&format!("`{identity}`"), found, wanted))
    })
    .await
}

async fn update(
    world: &World,
    identity: &str,
    metadata: &str,
    room: &str,
    service: &str,
) -> StepResult {
    let client = world.rooms_of(service)?;
    // Servers take empty metadata for metadata that shall stay, so emptiness needs a blank of JSON.
    let options = UpdateParticipantOptions {
        metadata: metadata.to_owned(),
        ..UpdateParticipantOptions::default()
    };
    client.update_participant(room, identity, options).await?;
    Ok(())
}

async fn of_room(
    world: &World,
    step: &Context,
    service: usize,
    is: impl Fn(&str) -> bool,
    wanted: impl Fn() -> String,
) -> StepResult {
    let (name, client) = (step.text(0)?, world.rooms_of(&step.text(service)?)?);
    eventually(world.setup.waits.expected, || async {
        let found = room(&client, &name).await?.metadata;
        expect(is(&found), || unlike(&format!("room `{name}`"), &found, &wanted()))
    })
    .await
}

async fn of(
    world: &World,
    step: &Context,
    (room, service): (usize, usize),
    is: impl Fn(&str) -> bool,
    wanted: impl Fn() -> String,
) -> StepResult {
    let (identity, room) = (step.text(0)?, step.text(room)?);
    let client = world.rooms_of(&step.text(service)?)?;
    eventually(world.setup.waits.expected, || async {
        let found = participant(&client, &room, &identity).await?.metadata;
        expect(is(&found), || unlike(&format!("`{identity}`"), &found, &wanted()))
    })
    .await
}

fn retrieved(world: &World, wanted: &str) -> StepResult {
    let none = || StepError::assertion("no room was asked for yet");
    let found = &world.rooms.first().ok_or_else(none)?.metadata;
    expect(found == wanted, || unlike("the room", found, &format!("{wanted:?}")))
}

fn unlike(who: &str, found: &str, wanted: &str) -> String {
    let start: String = found.chars().take(200).collect();
    format!("the metadata of {who} is {start:?} ({} bytes), not {wanted}", found.len())
}
