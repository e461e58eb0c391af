//! Steps about data messages, from and to whoever is in a room.

use livekit_api::services::room::SendDataOptions;
use serde_json::json;

use super::Vocabulary;
use crate::{
    context::Context,
    error::{StepError, StepResult},
    participant::{Data, Delivery},
    steps::{
        browser,
        view::{self, Heard, View},
    },
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
    ] {
        all.step(
            expression,
            "Sends this to everybody in the room, in order, and again until it arrives.",
            async |world: &mut World, step: Context| {
                send(world, &step, Data::reliable(step.text(1)?)).await
            },
        );
    }
    all.step(
        "{string} attempts to send a data message {string}",
        "Sends this to everybody in the room, which may fail at once or never arrive.",
        async |world: &mut World, step: Context| match send(
            world,
            &step,
            Data::reliable(step.text(1)?),
        )
        .await
        {
            Err(StepError::Failed(why)) if world.people.contains_key(&step.text(0)?) => {
                step.log(&why.message);
                Ok(())
            }
            done => done,
        },
    )
    .step(
        "{string} sends a data message {string} via unreliable channel",
        "Sends this to everybody in the room once; it may never arrive.",
        async |world: &mut World, step: Context| {
            send(world, &step, Data::lossy(step.text(1)?)).await
        },
    )
    .step(
        "{string} sends a data message {string} to {string} via reliable channel",
        "Sends this to one participant.",
        async |world: &mut World, step: Context| {
            send(world, &step, Data::reliable(step.text(1)?).to(step.text(2)?)).await
        },
    );
}

fn sends_many(all: &mut Vocabulary) {
    all.step(
        "{string} sends a data message of size {int} bytes via reliable channel",
        "Sends a message of this size to everybody in the room.",
        async |world: &mut World, step: Context| {
            send(world, &step, Data::reliable("d".repeat(step.argument(1)?))).await
        },
    )
    .step(
        "{string} sends {int} data messages via unreliable channel",
        "Sends that many messages to everybody in the room, each once.",
        async |world: &mut World, step: Context| {
            for number in 1..=step.argument::<usize>(1)? {
                send(world, &step, Data::lossy(format!("message {number}"))).await?;
            }
            Ok(())
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
            arrives(world, &step, |it| it.from == Some(&from)).await
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
            view::until(world, &name, |it| {
                let arrived = it.messages.iter().any(|it| it.size == size);
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
            let arrived = |it: &View<'_>| it.messages.iter().any(|it| it.text == text);
            view::never(world, &name, arrived, || format!("`{name}` received {text:?}")).await
        },
    )
    .step(
        "{string} should have data publishing blocked due to permissions",
        "The server does not let the participant send data messages.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            view::until(world, &name, |it| {
                expect(!it.may_send, || format!("`{name}` may send data messages"))
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
            let count = |it: &View<'_>| {
                let lossy = it.messages.iter().filter(|it| it.delivery == Delivery::Lossy);
                lossy.filter(|it| it.from == Some(&from)).count()
            };
            view::until(world, &name, |it| {
                let found = count(it);
                expect(found >= least, || {
                    format!("{found} of {sent} messages arrived, not {least}")
                })
            })
            .await?;
            let found = view::now(world, &name, count).await?;
            step.log(&format!("{found} of {sent} messages that were sent once arrived"));
            Ok(())
        },
    )
    .step(
        "{string} should receive data messages in order:",
        "The messages of the table arrive in its order.",
        async |world: &mut World, step: Context| {
            let rows = step.table()?;
            let wanted: Vec<&str> = rows.iter().filter_map(|it| it.first().copied()).collect();
            view::until(world, &step.text(0)?, |it| {
                let mut texts = it.messages.iter().map(|it| &it.text);
                let in_order = wanted.iter().all(|wanted| texts.any(|it| it == wanted));
                expect(in_order, || format!("not in this order{}", list(it)))
            })
            .await
        },
    );
}

async fn send(world: &World, step: &Context, data: Data) -> StepResult {
    let name = step.text(0)?;
    if world.people.contains_key(&name) {
        let how = json!({"reliable": data.delivery == Delivery::Reliable, "to": data.to});
        let text = String::from_utf8_lossy(&data.payload);
        return browser::act(world, &name, "meeting.send", (text, how)).await;
    }
    Ok(world.participant(&name)?.send(data)?)
}

/// Waits for the message (argument 1) of the sender that is meant.
async fn arrives(
    world: &World,
    step: &Context,
    is_from: impl Fn(&Heard<'_>) -> bool,
) -> StepResult {
    let (name, wanted) = (step.text(0)?, step.text(1)?);
    view::until(world, &name, |it| {
        let arrived = it.messages.iter().any(|it| is_from(it) && it.text == wanted);
        expect(arrived, || format!("`{name}` did not receive {wanted:?}{}", list(it)))
    })
    .await
}

/// What arrived, for a failure.
fn list(view: &View<'_>) -> String {
    let shown = |it: &Heard<'_>| it.text.chars().take(40).collect::<String>();
    let texts: Vec<String> = view.messages.iter().rev().take(5).map(shown).collect();
    format!("; {} messages arrived, the last: {texts:?}", view.messages.len())
}
