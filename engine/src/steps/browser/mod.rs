//! Steps about people in browsers, on the meeting page.

mod connection;
pub(super) mod controls;
mod evidence;
mod floor;
mod playback;
mod quality;
mod screen;

pub(super) use connection::resumed;

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tokio::time::timeout;

use self::evidence::keep;
use super::Vocabulary;
use crate::{
    browser::{BrowserError, Kind, Measured, PageError, Person, Sight, client_js},
    context::Context,
    error::{Phase, StepError, StepResult},
    world::World,
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("browser life cycle");
    all.step_in(
        Phase::Startup,
        "{string} opens a {string} browser with LiveKit Meet page",
        "Opens a browser of its own for a person, on the meeting page.",
        async |world: &mut World, step: Context| open(world, &step).await,
    )
    .step(
        "{string} closes the browser",
        "Closes the browser of a person, who is gone without a goodbye.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            world.person(&name)?;
            if let Some(person) = world.people.remove(&name) {
                person.close().await?;
            }
            Ok(())
        },
    );
    connection::add(all);
    playback::add(all);
    controls::add(all);
    screen::add(all);
    quality::add(all);
    floor::add(all);
}

async fn open(world: &mut World, step: &Context) -> StepResult {
    let (name, kind) = (step.text(0)?, step.text(1)?);
    let kind: Kind = kind.parse().map_err(|it| StepError::assertion(format!("{it}")))?;
    let meter = step.meter();
    let measured = Measured {
        participant: name.clone(),
        case: meter.as_ref().map(|it| it.1.to_owned()),
        meter: meter.map(|it| it.0),
    };
    let setup = Arc::clone(&world.setup);
    let client = setup.versions.get("client-js").cloned().unwrap_or_else(client_js::usual);
    match setup.browsers.person(kind, &client, measured).await {
        Ok(person) => {
            let (browser, version) = (person.browser().name, person.browser_version());
            step.log(&format!("{name} uses {browser} {version} with livekit-client {client}"));
            world.people.insert(name, person);
            Ok(())
        }
        Err(BrowserError::Missing(missing)) => Err(StepError::Skipped(Some(missing.to_string()))),
        Err(other) => Err(other.into()),
    }
}

impl World {
    /// The person in a browser that the scenario calls so.
    ///
    /// # Errors
    ///
    /// When nobody of this name opened one.
    pub fn person(&self, name: &str) -> Result<&Person, StepError> {
        let names = || self.people.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let none = || format!("nobody called `{name}` opened a browser; there: [{}]", names());
        self.people.get(name).ok_or_else(|| StepError::assertion(none()))
    }
}

/// Looks at a person's page, whenever something changes there, until it is as it should be.
pub(super) async fn until<T>(
    world: &World,
    name: &str,
    see: impl FnMut(Sight<'_>) -> Result<T, StepError>,
) -> Result<T, StepError> {
    until_within(world, name, world.setup.waits.expected, see).await
}

/// The same with a limit of its own.
async fn until_within<T>(
    world: &World,
    name: &str,
    limit: Duration,
    see: impl FnMut(Sight<'_>) -> Result<T, StepError>,
) -> Result<T, StepError> {
    match world.person(name)?.until(limit, see).await? {
        Err(StepError::Failed(mut it)) => {
            it.message = format!("{} (after {limit:?})", it.message);
            Err(StepError::Failed(it))
        }
        done => done,
    }
}

/// Does something on a person's page; what fails there is what the scenario is to find.
pub(super) async fn act(
    world: &World,
    name: &str,
    action: &str,
    arguments: impl Serialize,
) -> StepResult {
    match world.person(name)?.tell(action, arguments).await {
        Err(PageError::Failed(reason)) => {
            Err(StepError::assertion(format!("`{name}`: {action} failed: {reason}")))
        }
        done => Ok(done?),
    }
}

/// Lets all people go; what they saw is kept after a failure, and where something broke on the way.
pub(super) async fn end(world: &mut World, step: &Context) {
    let limit = world.setup.waits.stop;
    for (name, person) in &world.people {
        if timeout(limit, keep(step, name, person)).await.is_err() {
            step.log(&format!("warning: the browser of {name} shows nothing within {limit:?}"));
        }
    }
    for (_, person) in std::mem::take(&mut world.people) {
        // Who does not get to say goodbye in time is gone with the window.
        _ = timeout(limit, person.tell("meeting.leave", [(); 0])).await;
        _ = timeout(limit, person.close()).await;
    }
}
