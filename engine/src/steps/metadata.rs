//! Steps about the metadata of rooms and participants.

use livekit_api::services::room::UpdateParticipantOptions;
use serde_json::Value;

use super::{
    Vocabulary,
    room::{participant, room},
};
use crate::{
    context::Context,
    error::{StepError, StepResult},
    world::{World, eventually, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("room and participant metadata");
    set_rooms(all);
    rooms(all);
    participants(all);
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
            let found = room(&world.rooms_of(&step.text(1)?)?, &step.text(0)?).await?;
            world.rooms = vec![found];
            Ok(())
        },
    );
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

fn participants(all: &mut Vocabulary) {
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
