//! What somebody in a room knows of it, in a browser or without one: one view, so that a step about
//! messages or metadata means the same for both.

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;

use super::{browser, participant};
use crate::{
    browser::{Event as PageEvent, Sight},
    error::{StepError, StepResult},
    participant::{Delivery, Happening, Member, State},
    world::{Topic, World, expect},
};

/// What somebody knows.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The metadata of the room.
    pub(super) room: &'a str,
    /// Whether the token lets the person send data messages.
    pub(super) may_send: bool,
    /// The data messages that arrived, in their order.
    pub(super) messages: Vec<Heard<'a>>,
    /// The changes of metadata that were told, in their order.
    pub(super) told: Vec<Told<'a>>,
    /// Everybody in the room, with their metadata.
    members: Vec<(&'a str, &'a str)>,
}

/// A data message that arrived.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    /// When.
    pub(super) at: Timestamp,
    /// Who sent it; nobody when the server did.
    pub(super) from: Option<&'a str>,
    /// What it says, as text.
    pub(super) text: Cow<'a, str>,
    /// How many bytes it has.
    pub(super) size: usize,
    /// Which way it came.
    pub(super) delivery: Delivery,
}

/// A change of metadata that somebody was told of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told<'a> {
    /// Whose it is; the room's, where nobody is named.
    pub(super) of: Option<&'a str>,
    /// What it is now.
    pub(super) metadata: &'a str,
}

impl View<'_> {
    /// The metadata of somebody in the room.
    pub(super) fn metadata(&self, identity: &str) -> Option<&str> {
        self.members.iter().find(|it| it.0 == identity).map(|it| it.1)
    }

    /// The changes that are about a topic.
    pub(super) fn told_of(&self, topic: Topic) -> impl Iterator<Item = &Told<'_>> {
        self.told.iter().filter(move |it| it.of.is_none() == (topic == Topic::Room))
    }
}

impl<'a> From<&'a State> for View<'a> {
    fn from(state: &'a State) -> Self {
        let member = |it: &'a Member| (it.identity.as_str(), it.metadata.as_str());
        Self {
            room: &state.room.metadata,
            may_send: state.permission.publish_data,
            messages: state.messages.iter().map(Heard::from).collect(),
            told: state.events.iter().filter_map(|it| told(&it.what)).collect(),
            members: state.others.values().chain([&state.own]).map(member).collect(),
        }
    }
}

impl<'a> From<&'a crate::participant::Message> for Heard<'a> {
    fn from(it: &'a crate::participant::Message) -> Self {
        Self {
            at: it.at,
            from: it.from.as_deref(),
            text: String::from_utf8_lossy(&it.payload),
            size: it.payload.len(),
            delivery: it.delivery,
        }
    }
}

fn told(happening: &Happening) -> Option<Told<'_>> {
    match happening {
        Happening::RoomMetadata(metadata) => Some(Told { of: None, metadata }),
        Happening::Metadata { identity, metadata } => Some(Told { of: Some(identity), metadata }),
        _ => None,
    }
}

impl<'a> From<&Sight<'a>> for View<'a> {
    fn from(it: &Sight<'a>) -> Self {
        let others = it.now.others.iter().map(|it| (it.identity.as_str(), it.metadata.as_str()));
        let own = (it.now.identity.as_str(), it.now.own_metadata.as_str());
        Self {
            room: &it.now.metadata,
            may_send: it.now.may_send,
            messages: it.events.iter().filter_map(heard_on_page).collect(),
            told: it.events.iter().filter_map(told_on_page).collect(),
            members: others.chain([own]).collect(),
        }
    }
}

fn heard_on_page(event: &PageEvent) -> Option<Heard<'_>> {
    let is_reliable = event.detail.get("reliable")?.as_bool()?;
    (event.kind == "data").then_some(())?;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let at = Timestamp::from_millisecond(event.at as i64).ok()?;
    Some(Heard {
        at,
        from: event.text("from"),
        text: Cow::Borrowed(event.text("text")?),
        size: usize::try_from(event.detail.get("size")?.as_u64()?).ok()?,
        delivery: if is_reliable { Delivery::Reliable } else { Delivery::Lossy },
    })
}

fn told_on_page(event: &PageEvent) -> Option<Told<'_>> {
    let metadata = event.text("value")?;
    match event.kind.as_str() {
        "room metadata" => Some(Told { of: None, metadata }),
        "metadata" => Some(Told { of: Some(event.text("from")?), metadata }),
        _ => None,
    }
}

/// Looks at what somebody knows until it is as it should be.
pub(super) async fn until(
    world: &World,
    name: &str,
    look: impl Fn(&View<'_>) -> StepResult,
) -> StepResult {
    if world.people.contains_key(name) {
        return browser::until(world, name, |it| look(&View::from(&it))).await;
    }
    participant::seen(world, name, |it| look(&View::from(it))).await
}

/// What somebody knows now, and what comes of it.
pub(super) async fn now<T>(
    world: &World,
    name: &str,
    look: impl FnOnce(&View<'_>) -> T,
) -> Result<T, StepError> {
    match world.people.get(name) {
        Some(person) => Ok(person.look(|it| look(&View::from(&it))).await?),
        None => Ok(look(&View::from(&world.participant(name)?.state()))),
    }
}

/// Makes sure that something is not so, nor comes to be at once.
pub(super) async fn never(
    world: &World,
    name: &str,
    is: impl Fn(&View<'_>) -> bool,
    otherwise: impl FnOnce() -> String,
) -> StepResult {
    /// The way to a page and back is longer than that to a participant without one.
    const QUIET: Duration = Duration::from_millis(500);
    let Some(person) = world.people.get(name) else {
        return participant::never(world, name, |it| is(&View::from(it)), otherwise).await;
    };
    let happened = person.until(QUIET, |it| is(&View::from(&it)).then_some(()).ok_or(())).await?;
    expect(happened.is_err(), otherwise)
}
