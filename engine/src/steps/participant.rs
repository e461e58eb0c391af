//! Steps about participants without a browser: how they come, what they see of others, how they go.

mod data;
mod media;
mod stamped;
mod token;

use std::time::Duration;

use tokio::time::timeout;
use tracing::info;

use super::{Vocabulary, browser};
use crate::{
    context::Context,
    error::{Phase, StepError, StepResult},
    messages::Status,
    participant::{Departure, Event, Happening, JoinError, Member, Options, Participant, State},
    token::{Claims, attributes},
    world::{World, expect},
};

/// How long a token lives that is signed for whoever has none.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// How long something that should not happen is waited for.
pub(super) const QUIET: Duration = Duration::from_millis(300);

pub(super) fn add(all: &mut Vocabulary) {
    token::add(all);
    all.about("native participants");
    joins(all);
    goes(all);
    breaks(all);
    sees(all);
    sees_more(all);
    writes(all);
    media::add(all);
    data::add(all);
}

fn joins(all: &mut Vocabulary) {
    all.step_in(
        Phase::Connection,
        "participant {string} joins room {string} using service {string}",
        "Joins with the newest token of this identity for this room; without one, with one that lets it join.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            join(world, &step, &name, &name).await
        },
    )
    .step_in(
        Phase::Connection,
        "participant {string} joins room {string} using service {string} as {string}",
        "Joins with the token of another identity, as somebody does on a second device.",
        async |world: &mut World, step: Context| {
            join(world, &step, &step.text(0)?, &step.text(3)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "participant {string} cannot join room {string} using service {string} because {string}",
        "The server refuses to let the participant in, with this status or these words.",
        async |world: &mut World, step: Context| cannot_join(world, &step).await,
    )
    .step_in(
        Phase::Connection,
        "participant {string} gives up joining room {string} using service {string}",
        "The server lets the participant in, which leaves before any media connects.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            let (url, jwt) = way_in(world, &step, &name, &name).await?;
            Ok(Participant::give_up(&url, &jwt, &Options::default()).await?)
        },
    );
}

fn goes(all: &mut Vocabulary) {
    all.step(
        "participant {string} leaves",
        "The participant says goodbye and is gone.",
        async |world: &mut World, step: Context| {
            taken(world, &step.text(0)?)?.leave().await;
            Ok(())
        },
    )
    .step(
        "participant {string} crashes",
        "The participant is gone without a goodbye.",
        async |world: &mut World, step: Context| {
            drop(taken(world, &step.text(0)?)?);
            Ok(())
        },
    )
    .step(
        "participant {string} should be disconnected because {string}",
        "The server ended the session, for this reason: participant removed, room deleted, duplicate identity.",
        async |world: &mut World, step: Context| {
            let (name, wanted) = (step.text(0)?, step.text(1)?);
            seen(world, &name, |it| {
                let found = it.departure.as_ref().map(reason);
                expect(found.as_ref() == Some(&wanted), || match found {
                    None => format!("`{name}` is still in the room"),
                    Some(found) => format!("`{name}` is disconnected because \"{found}\""),
                })
            })
            .await
        },
    )
    .step(
        "participant {string} should be connected",
        "The participant is in its room and its session goes on.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            seen(world, &name, |it| {
                expect(it.is_connected(), || format!("`{name}` is not connected: {:?}", it.departure))
            })
            .await
        },
    );
}

fn breaks(all: &mut Vocabulary) {
    all.step(
        "participant {string} vanishes",
        "The participant stops answering, as if its network were gone.",
        async |world: &mut World, step: Context| {
            world.participant(&step.text(0)?)?.vanish();
            seen(world, &step.text(0)?, |it| {
                expect(!it.is_connected(), || "it has not vanished yet".to_owned())
            })
            .await
        },
    )
    .step(
        "participant {string} comes back",
        "The participant answers again after it had vanished.",
        async |world: &mut World, step: Context| {
            Ok(world.participant(&step.text(0)?)?.reappear()?)
        },
    )
    .step(
        "the signal connection of participant {string} breaks",
        "The connection for requests and updates is cut, and the participant tries to resume its session.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            if world.people.contains_key(&name) {
                return browser::act(world, &name, "meeting.break_signal", [(); 0]).await;
            }
            Ok(world.participant(&name)?.reconnect()?)
        },
    )
    .step_in(
        Phase::Connection,
        "participant {string} should have resumed its session",
        "The participant is back in the same session after its signal connection broke.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            if world.people.contains_key(&name) {
                return browser::resumed(world, &name).await;
            }
            seen(world, &name, |it| {
                let back = it.happened(|it| *it == Happening::Reconnected);
                expect(back && it.is_connected(), || format!("`{name}` did not come back"))
            })
            .await
        },
    );
}

fn sees(all: &mut Vocabulary) {
    all.step(
        "participant {string} should see participant {string}",
        "The other one is in the room for this participant, or comes to be.",
        async |world: &mut World, step: Context| sees_member(world, &step, |_| Ok(())).await,
    )
    .step(
        "participant {string} should see participant {string} leave",
        "The participant is told that the other one is gone.",
        async |world: &mut World, step: Context| {
            let (name, identity) = (step.text(0)?, step.text(1)?);
            let left = Happening::Left { identity: identity.clone() };
            seen(world, &name, |it| {
                expect(it.happened(|it| *it == left), || {
                    format!("`{name}` did not see `{identity}` leave")
                })
            })
            .await
        },
    )
    .step(
        "participant {string} should not have seen participant {string} leave",
        "Until now, nobody told this participant that the other one is gone.",
        async |world: &mut World, step: Context| {
            let (name, identity) = (step.text(0)?, step.text(1)?);
            let left = Happening::Left { identity: identity.clone() };
            let state = world.participant(&name)?.state();
            expect(!state.happened(|it| *it == left), || format!("`{name}` saw `{identity}` leave"))
        },
    )
    .step(
        "participant {string} should not see participant {string}",
        "The other one is not in the room for this participant.",
        async |world: &mut World, step: Context| {
            let (name, identity) = (step.text(0)?, step.text(1)?);
            never(
                world,
                &name,
                |it| it.others.contains_key(&identity),
                || format!("`{name}` sees `{identity}`"),
            )
            .await
        },
    );
}

fn sees_more(all: &mut Vocabulary) {
    all.step(
        "participant {string} should see participant {string} with attribute {string} set to {string}",
        "The other one has this attribute for this participant, or gets it.",
        async |world: &mut World, step: Context| {
            let (key, wanted) = (step.text(2)?, step.text(3)?);
            sees_member(world, &step, |it| {
                let found = it.attributes.get(&key);
                expect(found == Some(&wanted), || format!("the attribute `{key}` of `{}` is {found:?}", it.identity))
            })
            .await
        },
    )
    .step(
        "participant {string} should be told the version of service {string}",
        "The server names its own version to who joins.",
        async |world: &mut World, step: Context| {
            let state = world.participant(&step.text(0)?)?.state();
            let runs = world.service(&step.text(1)?)?.program.version.as_ref().map(ToString::to_string);
            let told = state.server_version;
            expect(runs.as_ref() == Some(&told), || format!("the server says that it is {told}, not {runs:?}"))
        },
    );
}

fn writes(all: &mut Vocabulary) {
    all.step(
        "participant {string} sets its own metadata to {string}",
        "The participant changes its own metadata, if its token allows it.",
        async |world: &mut World, step: Context| {
            let participant = world.participant(&step.text(0)?)?;
            let own = participant.state().own;
            Ok(participant.describe(&own.name, &step.text(1)?, own.attributes)?)
        },
    )
    .step(
        "participant {string} sets its own attributes to {string}",
        "The participant changes its own attributes, if its token allows it: `role=host`.",
        async |world: &mut World, step: Context| {
            let participant = world.participant(&step.text(0)?)?;
            let own = participant.state().own;
            let read = attributes(&step.text(1)?)?.into_iter();
            let texts = read.map(|(name, it)| (name, it.as_str().unwrap_or_default().to_owned()));
            Ok(participant.describe(&own.name, &own.metadata, texts.collect())?)
        },
    );
}

async fn join(world: &mut World, step: &Context, name: &str, identity: &str) -> StepResult {
    let (url, jwt) = way_in(world, step, name, identity).await?;
    let joined = Participant::join(&url, &jwt, options(world, name)).await?;
    world.participants.insert(name.to_owned(), joined);
    Ok(())
}

async fn cannot_join(world: &mut World, step: &Context) -> StepResult {
    let (name, wanted) = (step.text(0)?, step.text(3)?);
    let (url, jwt) = way_in(world, step, &name, &name).await?;
    match Participant::join(&url, &jwt, options(world, &name)).await {
        Err(JoinError::Refused { status, words }) => {
            let said = format!("{status} {words}");
            expect(said.contains(&wanted), || {
                format!("`{name}` was refused because \"{said}\", not \"{wanted}\"")
            })
        }
        Err(other) => Err(other.into()),
        Ok(joined) => {
            joined.leave().await;
            Err(StepError::assertion(format!("the server let `{name}` in")))
        }
    }
}

/// Where a participant reaches the server (argument 2), and the token of an identity for the room
/// (argument 1).
async fn way_in(
    world: &mut World,
    step: &Context,
    name: &str,
    identity: &str,
) -> Result<(String, String), StepError> {
    let room = step.text(1)?;
    let url = world.way(step, name, &step.text(2)?).await?;
    if world.token(identity, &room).is_err() {
        let grants = serde_json::json!({"roomJoin": true, "room": room});
        let claims = Claims::from_iter([("video".to_owned(), grants)]);
        world.sign(identity, &room, claims, LIFE);
    }
    Ok((url, world.token(identity, &room)?.jwt.clone()))
}

/// How a participant joins, who may take longer where the network does.
fn options(world: &World, name: &str) -> Options {
    // Signalling and media greet each other about so many times.
    const WAYS: u32 = 24;
    let usual = Options::default();
    let latency = world.networks.of(name).map(|it| it.profile().latency).unwrap_or_default();
    Options { limit: usual.limit + latency * WAYS, ..usual }
}

fn taken(world: &mut World, name: &str) -> Result<Participant, StepError> {
    world.participant(name)?;
    let none = || StepError::assertion(format!("no participant is called `{name}`"));
    world.participants.remove(name).ok_or_else(none)
}

/// Looks at another participant (argument 1) as this one (argument 0) sees it.
async fn sees_member(
    world: &World,
    step: &Context,
    look: impl Fn(&Member) -> StepResult,
) -> StepResult {
    let (name, identity) = (step.text(0)?, step.text(1)?);
    seen(world, &name, |it| match it.member(&identity) {
        Some(member) => look(member),
        None => Err(StepError::assertion(format!("`{name}` does not see `{identity}`"))),
    })
    .await
}

/// Looks at what a participant knows until it is as it should be.
pub(super) async fn seen(
    world: &World,
    name: &str,
    look: impl Fn(&State) -> StepResult,
) -> StepResult {
    let participant = world.participant(name)?;
    let waited = participant.wait(world.setup.waits.expected, |it| look(it).is_ok()).await;
    let Err(why) = waited else { return Ok(()) };
    match look(&participant.state()) {
        Err(StepError::Failed(mut it)) => {
            it.message = format!("{}: {why}", it.message);
            Err(StepError::Failed(it))
        }
        done => done,
    }
}

/// Makes sure that something is not so, nor comes to be at once.
pub(super) async fn never(
    world: &World,
    name: &str,
    is: impl FnMut(&State) -> bool,
    otherwise: impl FnOnce() -> String,
) -> StepResult {
    let happened = world.participant(name)?.wait(QUIET, is).await.is_ok();
    expect(!happened, otherwise)
}

/// A reason in the words of features.
fn reason(departure: &Departure) -> String {
    match departure {
        Departure::Left => "left".to_owned(),
        Departure::Vanished => "vanished".to_owned(),
        Departure::Lost(_) => "connection lost".to_owned(),
        Departure::Removed(it) => it.as_str_name().to_ascii_lowercase().replace('_', " "),
    }
}

impl World {
    /// The participant that the scenario calls so.
    ///
    /// # Errors
    ///
    /// When none of this name joined.
    pub fn participant(&self, name: &str) -> Result<&Participant, StepError> {
        let names = || self.participants.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let none = || format!("no participant is called `{name}`; there: [{}]", names());
        self.participants.get(name).ok_or_else(|| StepError::assertion(none()))
    }
}

/// Logs when the connections of a participant came and went until it is let go.
fn log_connections(name: &str, told: &[Event]) {
    let mut lost = 0;
    for it in told {
        match &it.what {
            Happening::Link { name: which, link } => {
                info!(target: "lkreport", participant = name, at = %it.at, connection = ?which, state = ?link, "link");
            }
            Happening::Reconnecting => lost += 1,
            _ => {}
        }
    }
    info!(target: "lkreport", participant = name, lost, "links of a participant");
}

/// Lets all participants go; after a failure, with what they saw.
pub(super) async fn end(world: &mut World, step: &Context) {
    world.networks.open().await;
    for (name, participant) in std::mem::take(&mut world.participants) {
        log_connections(&name, &participant.events());
        if step.status == Status::Failed {
            let told = participant.events();
            let lines: Vec<String> =
                told.iter().map(|it| format!("{} {:?}", it.at, it.what)).collect();
            step.attach_named("text/plain", &format!("{name}.txt"), &lines.join("\n"));
        }
        // Who does not get to say goodbye in time is dropped, and so gone as well.
        _ = timeout(world.setup.waits.stop, participant.leave()).await;
    }
}
