//! Steps about how people in browsers come into rooms, and go.

use serde_json::json;

use super::{Vocabulary, act, until};
use crate::{
    browser::{Event, PageError, Sight},
    component::Component,
    context::Context,
    error::{Phase, StepError, StepResult},
    world::{World, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("connection and playback");
    joins(all);
    succeeds(all);
    returns(all);
    all.about("meeting page controls");
    goes(all);
}

fn joins(all: &mut Vocabulary) {
    all.step_in(
        Phase::Connection,
        "{string} connects to room {string} using the access token",
        "Joins the room on the meeting page, with the newest token for it; camera and microphone follow as far as it grants them.",
        async |world: &mut World, step: Context| {
            let is_server = |it: &&crate::runtime::Service| it.place.component == Component::Livekit;
            let first = world.services.iter().find(is_server).map(|it| it.place.name.clone());
            let none = || StepError::assertion("the scenario started no LiveKit server");
            connect(world, &step, &first.ok_or_else(none)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "{string} connects to room {string} using the access token for service {string}",
        "Joins the room of this server on the meeting page, with the newest token for it.",
        async |world: &mut World, step: Context| {
            let service = step.text(2)?;
            connect(world, &step, &service).await
        },
    )
    .step_in(
        Phase::Connection,
        "{string} connects to the room of the fetched token",
        "Joins on the meeting page with the token that a token service gave, at the address that came with it.",
        async |world: &mut World, step: Context| {
            let (answer, name) = (world.answer()?, step.text(0)?);
            let (url, jwt) = (answer.text("/url")?.to_owned(), answer.text("/token")?.to_owned());
            join(world, &step, &name, (url, jwt)).await
        },
    );
}

fn succeeds(all: &mut Vocabulary) {
    for expression in [
        "connection is established successfully for {string}",
        "the connection should be successful for {string}",
    ] {
        all.step_in(
            Phase::Connection,
            expression,
            "The person is connected, or comes to be; where it had to reconnect, the scenario is degraded.",
            async |world: &mut World, step: Context| {
                let name = step.text(0)?;
                let again = until(world, &name, |it| established(&name, it)).await??;
                if let Some(milliseconds) = again {
                    step.degraded(&format!(
                        "{name} was connected only after it reconnected, {milliseconds:.0} ms after it began"
                    ));
                }
                Ok(())
            },
        );
    }
    all.step_in(
        Phase::Connection,
        "{string} should be refused because {string}",
        "The server does not let the person in, with these words.",
        async |world: &mut World, step: Context| {
            let (name, wanted) = (step.text(0)?, step.text(1)?);
            until(world, &name, |it| {
                let why = it.now.reason.as_deref().unwrap_or_default();
                let is_so = it.now.status == "refused" && why.contains(&wanted);
                expect(is_so, || format!("`{name}` is {} because \"{why}\"", it.now.status))
            })
            .await
        },
    )
    .step_in(
        Phase::Connection,
        "{string} should see {string} in the meeting",
        "The other person is in the room for this one, or comes to be.",
        async |world: &mut World, step: Context| {
            let (name, identity) = (step.text(0)?, step.text(1)?);
            until(world, &name, |it| {
                let is_there = it.now.others.iter().any(|it| it.identity == identity);
                expect(is_there, || format!("`{name}` does not see `{identity}`"))
            })
            .await
        },
    );
}

fn returns(all: &mut Vocabulary) {
    all.step_in(
        Phase::Connection,
        "{string} should be connected again",
        "The person is back after the signal connection broke; where it took a new session, the scenario is degraded.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            let again = until(world, &name, |it| back(&name, it)).await?;
            let took = format!("{:.0} ms after the connection broke", again.milliseconds);
            if again.anew {
                step.degraded(&format!("{name} came back in a new session only, {took}"));
            }
            step.log(&format!("{name} was back {took}"));
            Ok(())
        },
    );
}

fn goes(all: &mut Vocabulary) {
    all.step(
        "{string} leaves the meeting",
        "Leaves the room with the controls of the page.",
        async |world: &mut World, step: Context| {
            act(world, &step.text(0)?, "page.press", ["leave"]).await
        },
    )
    .step(
        "{string} should be disconnected from the room",
        "The person is not connected any more.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            until(world, &name, |it| {
                let is_out = it.now.status == "disconnected";
                expect(is_out, || format!("`{name}` is {}", it.now.status))
            })
            .await
        },
    )
    .step(
        "{string} should see disconnection in the browser",
        "The page says that the connection ended.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            until(world, &name, |it| {
                let said = it.now.shown.as_ref().map_or("", |it| &it.said);
                expect(said.starts_with("Disconnected"), || format!("the page says \"{said}\""))
            })
            .await
        },
    )
    .step(
        "{string} should see the join form again",
        "The page offers to join again.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            until(world, &name, |it| {
                let is_there = it.now.shown.as_ref().is_some_and(|it| it.form);
                expect(is_there, || format!("`{name}` still sees the room"))
            })
            .await
        },
    );
}

/// Joins as far as it goes; whether it went well is for other steps to ask.
async fn connect(world: &mut World, step: &Context, service: &str) -> StepResult {
    let (name, room) = (step.text(0)?, step.text(1)?);
    let url = world.way(step, &name, service).await?;
    let token = world.token(&name, &room)?.jwt.clone();
    join(world, step, &name, (url, token)).await
}

/// Joins the room of a token at an address.
async fn join(
    world: &World,
    step: &Context,
    name: &str,
    (url, token): (String, String),
) -> StepResult {
    // What a client says of its negotiation explains most failures of it.
    let settings = json!({"log": "debug"});
    match world.person(name)?.tell("meeting.join", (url, token, settings)).await {
        Err(PageError::Failed(reason)) => {
            step.log(&format!("{name} was not let in: {reason}"));
            Ok(())
        }
        done => Ok(done?),
    }
}

/// Whether somebody is connected, and how long that took where it had to reconnect; what was refused
/// will not come about, so nobody waits for it.
fn established(name: &str, it: Sight<'_>) -> Result<Result<Option<f64>, StepError>, StepError> {
    let status = &it.now.status;
    let why = it.now.reason.as_deref().unwrap_or("no reason is known");
    let failed = StepError::assertion(format!("`{name}` is {status}: {why}"));
    match status.as_str() {
        "connected" => Ok(Ok(reconnected(it.events))),
        "refused" | "disconnected" => Ok(Err(failed)),
        _ => Err(failed),
    }
}

/// Whether somebody whose signal connection broke is connected again.
pub(in crate::steps) async fn resumed(world: &World, name: &str) -> StepResult {
    let again = until(world, name, |it| back(name, it)).await?;
    let new = || format!("`{name}` came back as somebody new, {:.0} ms after", again.milliseconds);
    expect(!again.anew, new)
}

/// How somebody came back.
struct Again {
    /// How long it took.
    milliseconds: f64,
    /// Whether it took a session of its own.
    anew: bool,
}

/// What became of somebody since the signal connection broke.
fn back(name: &str, it: Sight<'_>) -> Result<Again, StepError> {
    let broke = it.events.iter().rposition(|it| it.kind == "signal closed" && !it.is_clean());
    let none = || StepError::assertion(format!("the signal connection of `{name}` did not break"));
    let (broke, since) = it.events[broke.ok_or_else(none)?..].split_first().ok_or_else(none)?;
    let states = || since.iter().filter(|it| it.kind == "connection");
    let back = states().find(|it| it.text("status") == Some("connected"));
    let away = || StepError::assertion(format!("`{name}` is {} since then", it.now.status));
    let back = back.filter(|_| it.now.is_connected()).ok_or_else(away)?;
    let anew = states().any(|it| it.text("status") == Some("reconnecting"));
    Ok(Again { milliseconds: back.at - broke.at, anew })
}

/// How long after the first try the connection stood that had to be made again.
fn reconnected(events: &[Event]) -> Option<f64> {
    let states = || events.iter().filter(|it| it.kind == "connection");
    let of = |status| states().find(|it| it.text("status") == Some(status)).map(|it| it.at);
    of("reconnecting")?;
    Some(states().next_back()?.at - of("connecting")?)
}
