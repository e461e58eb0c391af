//! Steps about data messages, from and to whoever is in a room.

use livekit_api::services::room::SendDataOptions;

use super::{Vocabulary, never, seen};
use crate::{
    context::Context,
    error::StepResult,
    participant::{Data, Delivery, Message, State},
    world::{World, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("data channels");
    sends(all);
    sends_many(all);
    receives(all);
    counts(all);
    super::stamped::add(all);
}

fn sends(all: &mut Vocabulary) {
    for expression in [
        "{string} sends a data message {string} via reliable channel",
        "{string} sends a broadcast data message {string} via reliable channel",
        "{string} attempts to send a data message {string}",
    ] {
        all.step(
            expression,
            "Sends this to everybody in the room, in order, and again until it arrives.",
            async |world: &mut World, step: Context| {
                send(world, &step, Data::reliable(step.text(1)?))
            },
        );
    }
    all.step(
        "{string} sends a data message {string} via unreliable channel",
        "Sends this to everybody in the room once; it may never arrive.",
        async |world: &mut World, step: Context| send(world, &step, Data::lossy(step.text(1)?)),
    )
    .step(
        "{string} sends a data message {string} to {string} via reliable channel",
        "Sends this to one participant.",
        async |world: &mut World, step: Context| {
            send(world, &step, Data::reliable(step.text(1)?).to(step.text(2)?))
        },
    );
}

fn sends_many(all: &mut Vocabulary) {
    all.step(
        "{string} sends a data message of size {int} bytes via reliable channel",
        "Sends a message of this size to everybody in the room.",
        async |world: &mut World, step: Context| {
            send(world, &step, Data::reliable("d".repeat(step.argument(1)?)))
        },
    )
    .step(
        "{string} sends {int} data messages via unreliable channel",
        "Sends that many messages to everybody in the room, each once.",
        async |world: &mut World, step: Context| {
            let count: usize = step.argument(1)?;
            (1..=count).try_for_each(|it| send(world, &step, Data::lossy(format!("message {it}"))))
        },
    )
    .step(
        "the system sends a data message {string} to room {string} using service {string}",
        "Sends this to everybody in the room through the API.",
        async |world: &mut World, step: Context| {
            let (client, payload) = (world.rooms_of(&step.text(2)?)?, step.text(0)?.into_bytes());
            client.send_data(&step.text(1)?, payload, SendDataOptions::default()).await?;
            Ok(())
        },
    );
}

fn receives(all: &mut Vocabulary) {
    all.step(
        "{string} should receive data message {string} from {string}",
        "This message of this sender arrives.",
        async |world: &mut World, step: Context| {
            let from = step.text(2)?;
            arrives(world, &step, |it| it.from.as_ref() == Some(&from)).await
        },
    )
    .step(
        "{string} should receive data message {string} from the server",
        "This message, which no participant sent, arrives.",
        async |world: &mut World, step: Context| {
            arrives(world, &step, |it| it.from.is_none()).await
        },
    )
    .step(
        "{string} should receive a data message of size {int} bytes",
        "A message of this size arrives.",
        async |world: &mut World, step: Context| {
            let (name, size) = (step.text(0)?, step.argument::<usize>(1)?);
            seen(world, &name, |it| {
                let arrived = it.messages.iter().any(|it| it.payload.len() == size);
                expect(arrived, || format!("`{name}` received no {size} bytes{}", list(it)))
            })
            .await
        },
    )
    .step(
        "{string} should not receive data message {string}",
        "This message has not arrived, nor does it at once.",
        async |world: &mut World, step: Context| {
            let (name, text) = (step.text(0)?, step.text(1)?);
            let arrived = |it: &State| it.messages.iter().any(|it| it.payload == text.as_bytes());
            never(world, &name, arrived, || format!("`{name}` received {text:?}")).await
        },
    )
    .step(
        "{string} should have data publishing blocked due to permissions",
        "The server does not let the participant send data messages.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            seen(world, &name, |it| {
                expect(!it.permission.publish_data, || format!("`{name}` may send data messages"))
            })
            .await
        },
    );
}

fn counts(all: &mut Vocabulary) {
    all.step(
        "{string} should receive at least {int} out of {int} messages from {string}",
        "That many of the messages that were sent once arrive.",
        async |world: &mut World, step: Context| {
            let (name, least, sent) = (step.text(0)?, step.argument::<usize>(1)?, step.text(2)?);
            let from = step.text(3)?;
            seen(world, &name, |it| {
                let is = |it: &&Message| {
                    it.delivery == Delivery::Lossy && it.from.as_ref() == Some(&from)
                };
                let found = it.messages.iter().filter(is).count();
                expect(found >= least, || {
                    format!("{found} of {sent} messages arrived, not {least}")
                })
            })
            .await
        },
    )
    .step(
        "{string} should receive data messages in order:",
        "The messages of the table arrive in its order.",
        async |world: &mut World, step: Context| {
            let rows = step.table()?;
            let wanted: Vec<&str> = rows.iter().filter_map(|it| it.first().copied()).collect();
            seen(world, &step.text(0)?, |it| {
                let mut texts = it.messages.iter().map(text);
                let in_order = wanted.iter().all(|wanted| texts.any(|it| it == *wanted));
                expect(in_order, || format!("not in this order{}", list(it)))
            })
            .await
        },
    );
}

fn send(world: &World, step: &Context, data: Data) -> StepResult {
    Ok(world.participant(&step.text(0)?)?.send(data)?)
}

/// Waits for the message (argument 1) of the sender that is meant.
async fn arrives(world: &World, step: &Context, is_from: impl Fn(&Message) -> bool) -> StepResult {
    let (name, wanted) = (step.text(0)?, step.text(1)?);
    seen(world, &name, |it| {
        let arrived = it.messages.iter().any(|it| is_from(it) && it.payload == wanted.as_bytes());
        expect(arrived, || format!("`{name}` did not receive {wanted:?}{}", list(it)))
    })
    .await
}

fn text(message: &Message) -> String {
    String::from_utf8_lossy(&message.payload).into_owned()
}

/// What arrived, for a failure.
fn list(state: &State) -> String {
    let shown = |it: &Message| text(it).chars().take(40).collect::<String>();
    let texts: Vec<String> = state.messages.iter().rev().take(5).map(shown).collect();
    format!("; {} messages arrived, the last: {texts:?}", state.messages.len())
}
