//! Steps about webhooks: what a receiver got, and what it did not get.
//!
//! Servers send events behind the back of what causes them. So what should have come is waited for, and
//! what should not have come is judged only once the server has been quiet for [`QUIET`], which is many
//! times what it takes to deliver an event; the wait for that is bounded like all others.

use std::{fs, time::Duration};

use tokio::time::{Instant, sleep};

use super::Vocabulary;
use crate::{
    context::Context,
    error::{Phase, StepError, StepResult},
    evidence::plain,
    token,
    webhook::{Event, Key, Received, Receiver},
    world::{KEY, SECRET, World, eventually, expect},
};

/// How long nothing may come until a server counts as quiet.
const QUIET: Duration = Duration::from_secs(1);

/// How often it is looked whether a server is quiet.
const BETWEEN: Duration = Duration::from_millis(20);

pub(super) fn add(all: &mut Vocabulary) {
    all.about("webhooks");
    receivers(all);
    rooms(all);
    participants(all);
    tracks(all);
    counts(all);
    absences(all);
}

fn receivers(all: &mut Vocabulary) {
    all.step_in(
        Phase::Startup,
        "a mock HTTP server is running in a container with service name {string}",
        "Starts a server that notes every request; the first of a scenario gets the webhooks of LiveKit servers that are started after it.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            let logs = world.bench(&step).logs;
            fs::create_dir_all(&logs)?;
            let log = logs.join(format!("webhooks-{}.log", plain(&name)));
            let key = Key { id: KEY.to_owned(), secret: SECRET.to_owned() };
            let at = world.engine(&step).await?;
            world.receivers.push(Receiver::start(&name, at, key, &log).await?);
            Ok(())
        },
    )
    .step(
        "the system clears {string} webhook events",
        "Forgets what was received so far.",
        async |world: &mut World, step: Context| {
            world.receiver(&step.text(0)?)?.clear();
            Ok(())
        },
    )
    .step(
        "{string} should have received a request containing {string}",
        "The body of a request, signed or not, has this in it.",
        async |world: &mut World, step: Context| {
            let (receiver, wanted) = (world.receiver(&step.text(0)?)?, step.text(1)?);
            eventually(world.setup.waits.expected, || async {
                let found = receiver.received().iter().any(|it| it.body.contains(&wanted));
                expect(found, || format!("no request contains {wanted:?}{}", list(receiver)))
            })
            .await
        },
    );
}

fn rooms(all: &mut Vocabulary) {
    for article in ["a", "an"] {
        all.step(
            &format!(
                "{{string}} should have received {article} {{string}} event for room {{string}}"
            ),
            "A signed event of this kind came for the room.",
            async |world: &mut World, step: Context| {
                let room = step.text(2)?;
                got(world, &step, |it| it.room() == room).await
            },
        );
    }
    all.step(
        "{string} should have received a {string} event for room {string} with metadata {string}",
        "A signed event of this kind came for the room, which has this metadata.",
        async |world: &mut World, step: Context| {
            let (room, metadata) = (step.text(2)?, step.text(3)?);
            got(world, &step, |it| it.room() == room && it.room.metadata == metadata).await
        },
    );
}

fn participants(all: &mut Vocabulary) {
    all.step(
        "{string} should have received a {string} event for participant {string} in room {string}",
        "A signed event of this kind came for the participant.",
        async |world: &mut World, step: Context| got_of(world, &step, |_| true).await,
    )
    .step(
        "{string} should have received a {string} event for participant {string} in room {string} with attributes {string}",
        "A signed event of this kind came for the participant, who has these attributes.",
        async |world: &mut World, step: Context| {
            let wanted = token::attributes(&step.text(4)?)?;
            let has = |it: &Event, name: &str| it.participant.attributes.get(name).cloned();
            got_of(world, &step, |it| {
                wanted.iter().all(|(name, value)| has(it, name).as_deref() == value.as_str())
            })
            .await
        },
    )
    .step(
        "{string} should have received a {string} event for participant {string} in room {string} with metadata {string}",
        "A signed event of this kind came for the participant, who has this metadata.",
        async |world: &mut World, step: Context| {
            let metadata = step.text(4)?;
            got_of(world, &step, |it| it.participant.metadata == metadata).await
        },
    )
    .step(
        "{string} should have received a {string} event for participant {string} in room {string} with empty metadata",
        "A signed event of this kind came for the participant, who has no metadata.",
        async |world: &mut World, step: Context| {
            got_of(world, &step, |it| it.participant.metadata.is_empty()).await
        },
    );
}

fn tracks(all: &mut Vocabulary) {
    all.step(
        "{string} should have received a {string} event for track type {string} in room {string}",
        "A signed event of this kind came for a track of this type: audio, video, data.",
        async |world: &mut World, step: Context| {
            let (kind, room) = (step.text(2)?, step.text(3)?);
            let is = |it: &Event| it.track.as_ref().is_some_and(|it| it.is_type(&kind));
            got(world, &step, |it| it.room() == room && is(it)).await
        },
    )
    .step(
        "{string} should have received a {string} event for track source {string} in room {string}",
        "A signed event of this kind came for a track of this source: camera, microphone, screen_share.",
        async |world: &mut World, step: Context| {
            let (source, room) = (step.text(2)?, step.text(3)?);
            let is = |it: &Event| it.track.as_ref().is_some_and(|it| it.is_source(&source));
            got(world, &step, |it| it.room() == room && is(it)).await
        },
    )
    .step(
        "{string} should have received a {string} event for {string} track from {string} in room {string}",
        "A signed event of this kind came for such a track of the participant, by type or source.",
        async |world: &mut World, step: Context| {
            let (word, identity, room) = (step.text(2)?, step.text(3)?, step.text(4)?);
            let is = |it: &Event| it.track.as_ref().is_some_and(|it| it.is(&word));
            got(world, &step, |it| {
                it.room() == room && it.participant.identity == identity && is(it)
            })
            .await
        },
    );
}

fn counts(all: &mut Vocabulary) {
    all.step(
        "{string} should have received {int} {string} events for room {string}",
        "So many signed events of this kind came for the room, and no more follow.",
        async |world: &mut World, step: Context| {
            let (wanted, kind, room) = (step.argument(1)?, step.text(2)?, step.text(3)?);
            exactly(world, &step, wanted, |it| it.kind == kind && it.room() == room).await
        },
    )
    .step(
        "{string} should have received exactly {int} webhook event(s)",
        "So many signed events came in all, and no more follow.",
        async |world: &mut World, step: Context| {
            exactly(world, &step, step.argument(1)?, |_| true).await
        },
    );
}

fn absences(all: &mut Vocabulary) {
    all.step(
        "{string} should not have received a {string} event for room {string}",
        "No signed event of this kind came for the room, and none follows.",
        async |world: &mut World, step: Context| {
            let (kind, room) = (step.text(1)?, step.text(2)?);
            exactly(world, &step, 0, |it| it.kind == kind && it.room() == room).await
        },
    )
    .step(
        "{string} should not have received a {string} event for participant {string} in room {string}",
        "No signed event of this kind came for the participant, and none follows.",
        async |world: &mut World, step: Context| {
            let (kind, identity, room) = (step.text(1)?, step.text(2)?, step.text(3)?);
            let is_meant = |it: &Event| {
                it.kind == kind && it.room() == room && it.participant.identity == identity
            };
            exactly(world, &step, 0, is_meant).await
        },
    );
}

/// Waits for an event of the kind (argument 1) that a receiver (argument 0) shall have.
async fn got(world: &World, step: &Context, is: impl Fn(&Event) -> bool) -> StepResult {
    let (receiver, kind) = (world.receiver(&step.text(0)?)?, step.text(1)?);
    eventually(world.setup.waits.expected, || async {
        let found = receiver.events().iter().any(|it| it.kind == kind && is(it));
        expect(found, || format!("no such `{kind}` event came{}", list(receiver)))
    })
    .await
}

/// As [`got`], of a participant (argument 2) in a room (argument 3).
async fn got_of(world: &World, step: &Context, is: impl Fn(&Event) -> bool) -> StepResult {
    let (identity, room) = (step.text(2)?, step.text(3)?);
    got(world, step, |it| it.room() == room && it.participant.identity == identity && is(it)).await
}

/// Waits for a number of events at a receiver (argument 0), and then until the server is quiet.
async fn exactly(
    world: &World,
    step: &Context,
    wanted: usize,
    is: impl Fn(&Event) -> bool,
) -> StepResult {
    let receiver = world.receiver(&step.text(0)?)?;
    let count = || receiver.events().iter().filter(|it| is(it)).count();
    let differs =
        |found: usize| format!("{found} such events came, not {wanted}{}", list(receiver));
    let limit = world.setup.waits.expected;
    eventually(limit, || async {
        let found = count();
        expect(found >= wanted, || differs(found))
    })
    .await?;
    let begun = Instant::now();
    while count() == wanted && begun.elapsed() < limit {
        let since = receiver.last().map_or(begun, |it| it.max(begun));
        if since.elapsed() >= QUIET {
            break;
        }
        sleep(BETWEEN).await;
    }
    let found = count();
    expect(found == wanted, || differs(found))
}

impl World {
    /// The receiver of this name.
    fn receiver(&self, name: &str) -> Result<&Receiver, StepError> {
        let names = || self.receivers.iter().map(|it| it.name.as_str()).collect::<Vec<_>>();
        let found = self.receivers.iter().rev().find(|it| it.name == name);
        found.ok_or_else(|| {
            StepError::assertion(format!(
                "no mock HTTP server is called `{name}`; running: {:?}",
                names()
            ))
        })
    }
}

/// What a receiver got, for a message.
fn list(receiver: &Receiver) -> String {
    const MOST: usize = 20;
    let all = receiver.received();
    let lines: Vec<String> = all.iter().rev().take(MOST).rev().map(line).collect();
    match lines.as_slice() {
        [] => format!("; `{}` received nothing", receiver.name),
        lines => format!("; `{}` received:\n{}", receiver.name, lines.join("\n")),
    }
}

fn line(it: &Received) -> String {
    match &it.event {
        Ok(event) => {
            let track = event.track.as_ref();
            let track = track.map_or_else(String::new, |it| format!("{} {}", it.kind, it.source));
            let parts = [event.kind.as_str(), event.room(), &event.participant.identity, &track];
            let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            parts.join(" ")
        }
        Err(reason) => format!("a request that is no event: {reason}"),
    }
}
