//! Steps about the networks between people and servers: how they are, how they change, what comes of it.

mod means;

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, interval};

use self::means::Means;
use super::{Vocabulary, participant::seen};
use crate::{
    browser::{Event, Sight},
    context::Context,
    error::{Phase, StepError, StepResult},
    network::Server,
    participant::{Data, Delivery, Happening, Link, LinkName, Message, State},
    world::{World, expect},
};

/// How many messages a round trip is measured with.
const ROUNDS: usize = 10;

/// How long nothing arrives before what is missing counts as lost.
const LATE: Duration = Duration::from_secs(3);

/// How large the messages are that fill a network.
const FILLING: usize = 10_000;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("networks");
    changes(all);
    connects(all);
    arrives(all);
    measures(all);
}

fn changes(all: &mut Vocabulary) {
    all.step(
        "the network of {string} is {string}",
        "Whoever joins later under this name does so over this network: `3g`, `4g`, `wifi`, `lossy`, `offline-3s`, `none`, one of the configuration, or outright `latency=100ms,loss=2%`. What it does is measured first.",
        async |world: &mut World, step: Context| {
            let (person, text) = (step.text(0)?, step.text(1)?);
            let profile = world.setup.network.known.find(&text)?;
            let is_late =
                world.participants.contains_key(&person) || is_on_a_page(world, &person).await?;
            expect(!is_late || world.networks.of(&person).is_some(), || {
                format!("`{person}` joined before their network was set: say it before they join")
            })?;
            world.change(&step, &person, profile).await
        },
    )
    .step(
        "the network of {string} becomes {string}",
        "The network of a person changes to another one, which is measured first; an offline time of it begins at once.",
        async |world: &mut World, step: Context| {
            let (person, text) = (step.text(0)?, step.text(1)?);
            let profile = world.setup.network.known.find(&text)?;
            world.line(&person)?;
            world.change(&step, &person, profile).await
        },
    )
    .step(
        "the network of {string} is gone",
        "Nothing passes from or to a person any more, until their network is back.",
        async |world: &mut World, step: Context| {
            world.line(&step.text(0)?)?.set_online(false);
            Ok(())
        },
    )
    .step(
        "the network of {string} is back",
        "The network of a person is again what it was.",
        async |world: &mut World, step: Context| {
            world.line(&step.text(0)?)?.set_online(true);
            Ok(())
        },
    );
}

/// Whether somebody is in a room in a browser.
async fn is_on_a_page(world: &World, name: &str) -> Result<bool, StepError> {
    let Some(person) = world.people.get(name) else { return Ok(false) };
    Ok(person.look(|it| it.now.is_connected()).await?)
}

/// When a person was connected, as it is kept with the scenario.
#[derive(Serialize)]
struct TimeToConnect {
    person: String,
    network: String,
    connected_ms: Option<u64>,
    first_frame_ms: Option<u64>,
}

fn connects(all: &mut Vocabulary) {
    all.step(
        "the time to connect of {string} is reported",
        "Keeps how long the person took until media could pass and until the first frame arrived, counted from the first packet.",
        async |world: &mut World, step: Context| {
            report_times(world, &step).await.map(|_| ())
        },
    )
    .step(
        "{string} should have connected within {int} ms",
        "From the first packet until media could pass it took no longer; keeps how long it took.",
        async |world: &mut World, step: Context| {
            let (limit, times) = (step.argument::<u64>(1)?, report_times(world, &step).await?);
            let found = times.connected_ms;
            expect(found.is_some_and(|it| it <= limit), || {
                format!("`{}` was connected after {found:?} ms, over {}", times.person, times.network)
            })
        },
    );
}

fn arrives(all: &mut Vocabulary) {
    all.step(
        "{string} sends {int} numbered messages via reliable channel",
        "Sends that many messages to everybody in the room, each with its number.",
        async |world: &mut World, step: Context| numbered(world, &step, Delivery::Reliable).await,
    )
    .step(
        "{string} sends {int} numbered messages via unreliable channel",
        "Sends that many messages to everybody in the room, each once and with its number, ten milliseconds apart.",
        async |world: &mut World, step: Context| {
            numbered(world, &step, Delivery::Lossy).await
        },
    )
    .step(
        "{string} should receive all {int} numbered messages of {string} in order",
        "Every one of these messages arrives, each once and in its order.",
        async |world: &mut World, step: Context| {
            let (name, count) = (step.text(0)?, step.argument::<usize>(1)?);
            let (from, wanted) = (step.text(2)?, (1..=count).collect::<Vec<_>>());
            seen(world, &name, |it| {
                let found = numbers(it, &from, Delivery::Reliable);
                expect(found == wanted, || {
                    let first = found.iter().zip(&wanted).position(|(it, wanted)| it != wanted);
                    let wrong = first.map(|it| format!("; in the place of {} came {}", wanted[it], found[it]));
                    format!("{} of {count} messages arrived{}", found.len(), wrong.unwrap_or_default())
                })
            })
            .await
        },
    )
    .step(
        "{string} should lose between {int} and {int} percent of {int} numbered messages of {string}",
        "Of the messages that are sent once, this share does not arrive; keeps how many did not.",
        async |world: &mut World, step: Context| loses(world, &step).await,
    );
}

fn measures(all: &mut Vocabulary) {
    all.step(
        "a data message from {string} to {string} and back should take between {int} and {int} ms",
        "The fastest of ten round trips lies between these, as a busy machine makes others slower; keeps all of them.",
        async |world: &mut World, step: Context| round_trip(world, &step).await,
    )
    .step_in(
        Phase::Connection,
        "{int} kilobytes of {string} should reach {string} at between {int} and {int} kbps",
        "Sends so much over the reliable channel, as fast as it goes, and looks how fast it arrives.",
        async |world: &mut World, step: Context| throughput(world, &step).await,
    )
    .step(
        "the network of {string} should have lost between {int} and {int} percent of the packets",
        "Of all datagrams from and to the person, this share was lost on the way; keeps how many.",
        async |world: &mut World, step: Context| {
            let (name, least, most) = (step.text(0)?, step.argument::<f64>(1)?, step.argument::<f64>(2)?);
            if world.means() == Means::DevTools {
                let why = "only the relay counts packets, and it cannot stand before a server that runs already";
                return Err(StepError::Unsupported(why.to_owned()));
            }
            let counts = world.line(&name)?.counts().await?;
            keep(&step, "packets.json", &json!({"person": name, "packets": counts}));
            let share = counts.lost_share() * 100.0;
            expect((least..=most).contains(&share), || {
                format!("{share:.1} % of the packets of `{name}` were lost: {counts:?}")
            })
        },
    );
}

impl World {
    /// Where somebody connects to a server, as `ws://…`: through their network, where they have one.
    ///
    /// # Errors
    ///
    /// When no service has this name, or nothing can stand before it.
    pub async fn way(
        &mut self,
        step: &Context,
        person: &str,
        service: &str,
    ) -> Result<String, StepError> {
        if let (None, Some(everybody)) = (self.networks.of(person), &self.setup.network.everybody) {
            let profile = everybody.clone();
            self.change(step, person, profile).await?;
        }
        if self.networks.of(person).is_none() {
            return self.signal_url(service);
        }
        if self.means() == Means::DevTools {
            self.emulate(step, person).await?;
            return self.signal_url(service);
        }
        let place = &self.service(service)?.place;
        let direct = place.address("http");
        let (udp, tcp) = (place.address("rtc-udp"), place.address("rtc-tcp"));
        let (server, here) = (Server { signal: direct, udp, tcp }, place.engine);
        let way = self.networks.way(person, service, server, here).await?;
        Ok(format!("ws://{}", way.unwrap_or(direct)))
    }

    /// The network of a person.
    fn line(&self, person: &str) -> Result<&crate::network::Line, StepError> {
        let none = || {
            let how = format!("`Given the network of \"{person}\" is \"none\"`, before they join");
            StepError::assertion(format!("`{person}` has no network that can change: {how}"))
        };
        self.networks.of(person).map(AsRef::as_ref).ok_or_else(none)
    }
}

/// How long the person (argument 0) took to connect; keeps it.
async fn report_times(world: &World, step: &Context) -> Result<TimeToConnect, StepError> {
    let person = step.text(0)?;
    let line = world.line(&person)?;
    let (connected_ms, first_frame_ms) = match world.people.get(&person) {
        Some(page) => page.look(times_of_page).await?,
        None => times_of_participant(&world.participant(&person)?.state(), line)?,
    };
    let network = line.profile().to_string();
    let times = TimeToConnect { person, network, connected_ms, first_frame_ms };
    keep(step, "time-to-connect.json", &times);
    Ok(times)
}

/// Until media could pass, and until the first track arrived, from the first packet, in milliseconds.
fn times_of_participant(
    state: &State,
    line: &crate::network::Line,
) -> Result<(Option<u64>, Option<u64>), StepError> {
    let begun = line.first().ok_or_else(|| StepError::assertion("nothing passed yet"))?;
    let since = |is: &dyn Fn(&Happening) -> bool| {
        let at = state.events.iter().find(|it| is(&it.what))?.at;
        u64::try_from(at.duration_since(begun).as_millis()).ok()
    };
    let media = |it: &Happening| matches!(it, Happening::Link { link: Link::Connected, name } if *name != LinkName::Signal);
    Ok((since(&media), since(&|it| matches!(it, Happening::TrackReceived { .. }))))
}

/// The same of a page, from when it began to connect until a picture was there.
fn times_of_page(it: Sight<'_>) -> (Option<u64>, Option<u64>) {
    let at = |is: &dyn Fn(&Event) -> bool| it.events.iter().find(|it| is(it)).map(|it| it.at);
    let became = |status| at(&|it| it.kind == "connection" && it.text("status") == Some(status));
    let begun = became("connecting");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds")]
    let since = |at: Option<f64>| Some((at? - begun?).max(0.0) as u64);
    (since(became("connected")), since(at(&|it| it.kind == "first frame")))
}

fn keep(step: &Context, name: &str, what: &impl Serialize) {
    // Plain words and numbers are always JSON.
    let text = serde_json::to_string(what).unwrap_or_default();
    step.log(&format!("{}: {text}", name.trim_end_matches(".json")));
    step.attach_named("application/json", name, &text);
}

async fn numbered(world: &World, step: &Context, delivery: Delivery) -> StepResult {
    let (participant, count) = (world.participant(&step.text(0)?)?, step.argument::<usize>(1)?);
    let mut clock = interval(APART);
    for number in 1..=count {
        let wide = match delivery {
            Delivery::Reliable => WIDE,
            Delivery::Lossy => {
                clock.tick().await;
                0
            }
        };
        let data = Data { delivery, ..Data::reliable(format!("{number:0wide$}")) };
        participant.send(data.about(NUMBERED))?;
    }
    Ok(())
}

/// How far apart messages are sent that nobody sends again: what comes all at once is thrown away by
/// clients and servers, whatever the network.
const APART: Duration = Duration::from_millis(10);

/// How long the numbers of reliable messages are, so that hardly two of them share a packet.
const WIDE: usize = 1000;

/// The topic of messages with numbers.
const NUMBERED: &str = "numbered";

/// The numbers of the messages of somebody, as they arrived.
fn numbers(state: &State, from: &str, delivery: Delivery) -> Vec<usize> {
    let is = |it: &&Message| {
        it.delivery == delivery
            && it.topic.as_deref() == Some(NUMBERED)
            && it.from.as_deref() == Some(from)
    };
    let number = |it: &Message| str::from_utf8(&it.payload).ok()?.parse().ok();
    state.messages.iter().filter(is).filter_map(number).collect()
}

async fn loses(world: &World, step: &Context) -> StepResult {
    let (name, least, most) =
        (step.text(0)?, step.argument::<usize>(1)?, step.argument::<usize>(2)?);
    let (count, from) = (step.argument::<usize>(3)?, step.text(4)?);
    // The last one may be lost itself, so what arrives is waited for as long as it still does.
    let mut found = 0;
    loop {
        let participant = world.participant(&name)?;
        let more = |it: &State| numbers(it, &from, Delivery::Lossy).len() > found;
        let arrived = participant.wait(LATE, more).await;
        found = numbers(&participant.state(), &from, Delivery::Lossy).len();
        if arrived.is_err() || found == count {
            break;
        }
    }
    let lost = count.saturating_sub(found);
    keep(
        step,
        "lost-messages.json",
        &json!({"from": from, "to": name, "sent": count, "lost": lost}),
    );
    expect((least * count..=most * count).contains(&(lost * 100)), || {
        format!("{lost} of {count} messages of `{from}` did not reach `{name}`")
    })
}

async fn round_trip(world: &World, step: &Context) -> StepResult {
    let (near, far) = (step.text(0)?, step.text(1)?);
    let (least, most) = (step.argument::<f64>(2)?, step.argument::<f64>(3)?);
    let mut took = Vec::new();
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        for (from, to) in [(&near, &far), (&far, &near)] {
            let text = format!("round {round} from {from}");
            world.participant(from)?.send(Data::reliable(text.clone()).to(to.clone()))?;
            seen(world, to, |it| {
                let arrived = it.messages.iter().any(|it| it.payload == text.as_bytes());
                expect(arrived, || format!("{text:?} did not reach `{to}`"))
            })
            .await?;
        }
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    keep(step, "round-trips.json", &json!({"from": near, "to": far, "ms": took}));
    let fastest = took.iter().copied().fold(f64::INFINITY, f64::min);
    expect((least..=most).contains(&fastest), || {
        format!("the round trip takes {fastest:.1} ms: {took:.0?}")
    })
}

async fn throughput(world: &World, step: &Context) -> StepResult {
    let (bytes, from, to) = (step.argument::<usize>(0)? * 1000, step.text(1)?, step.text(2)?);
    let (least, most) = (step.argument::<f64>(3)?, step.argument::<f64>(4)?);
    let filling = |it: &&Message| it.payload.len() == FILLING;
    let arrived = |it: &State| it.messages.iter().filter(filling).count();
    let (sender, receiver) = (world.participant(&from)?, world.participant(&to)?);
    let (before, count) = (arrived(&receiver.state()), bytes.div_ceil(FILLING));
    let begun = Instant::now();
    for _ in 0..count {
        sender.send(Data::reliable(vec![b'f'; FILLING]))?;
    }
    let longest =
        Duration::from_secs_f64((bytes * 8) as f64 / least.max(1.0) / 1e3) + Duration::from_secs(1);
    let all = receiver.wait(longest, |it| arrived(it) >= before + count).await;
    let found = arrived(&receiver.state()) - before;
    let seconds = begun.elapsed().as_secs_f64();
    let kbps = (found * FILLING * 8) as f64 / seconds / 1e3;
    keep(
        step,
        "throughput.json",
        &json!({"from": from, "to": to, "bytes": found * FILLING, "seconds": seconds, "kbps": kbps}),
    );
    expect(all.is_ok() && (least..=most).contains(&kbps), || {
        format!("{found} of {count} messages arrived in {seconds:.2} s, at {kbps:.0} kbps")
    })
}
