//! Steps about data messages that say when they were sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    context::Context,
    error::{StepError, StepResult},
    participant::Data,
    steps::{
        Vocabulary, browser,
        view::{self, Heard, View},
    },
    world::{World, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.step(
        "{string} sends {int} timestamped data messages via reliable channel",
        "Sends that many messages that say when they were sent.",
        async |world: &mut World, step: Context| {
            let (name, count) = (step.text(0)?, step.argument::<usize>(1)?);
            let first = world.stamped.get(&name).copied().unwrap_or(0);
            if world.people.contains_key(&name) {
                browser::act(world, &name, "meeting.send_stamped", (first, count)).await?;
            } else {
                for number in first..first.saturating_add(count) {
                    let text = json!({"number": number, "sent": Timestamp::now().to_string()});
                    world.participant(&name)?.send(Data::reliable(text.to_string()))?;
                }
            }
            world.stamped.insert(name, first.saturating_add(count));
            Ok(())
        },
    )
    .step(
        "{string} should receive all timestamped messages",
        "Every message of the others that says when it was sent arrives.",
        async |world: &mut World, step: Context| {
            let name = step.text(0)?;
            let others = world.stamped.iter().filter(|it| *it.0 != name);
            let sent: BTreeMap<&str, usize> = others.map(|(by, n)| (by.as_str(), *n)).collect();
            expect(!sent.is_empty(), || "nobody else sent a timestamped message".to_owned())?;
            view::until(world, &name, |it| {
                let arrived = arrived(it);
                sent.iter().try_for_each(|(by, count)| all_of(&arrived, by, *count))
            })
            .await
        },
    )
    .step(
        "the average data channel latency for {string} should be less than {int} ms",
        "From sending to arriving it took less than this on average.",
        async |world: &mut World, step: Context| {
            let (name, limit) = (step.text(0)?, step.argument::<i32>(1)?);
            let arrived = view::now(world, &name, arrived).await?;
            let took = arrived.iter().map(|it| (it.at - it.sent).total(jiff::Unit::Millisecond));
            let took = took.collect::<Result<Vec<f64>, _>>()?;
            let Some(count) = u32::try_from(took.len()).ok().filter(|it| *it > 0) else {
                return Err(StepError::assertion(format!("no such message reached `{name}`")));
            };
            let average = took.iter().sum::<f64>() / f64::from(count);
            step.log(&format!("{count} messages took {average:.2} ms on average"));
            expect(average < f64::from(limit), || format!("it took {average:.2} ms on average"))
        },
    )
    .step(
        "the test logs document that lossy mode in local containers typically achieves near-100% delivery",
        "Notes that hardly any message is lost on a machine of its own.",
        async |_: &mut World, step: Context| {
            step.log("on one machine nearly all messages arrive that are sent once");
            Ok(())
        },
    );
}

/// A message that says when it was sent, as it arrived.
struct Stamped {
    by: Option<String>,
    number: u64,
    sent: Timestamp,
    at: Timestamp,
}

fn arrived(view: &View<'_>) -> Vec<Stamped> {
    let stamped = |it: &Heard<'_>| {
        let said: Value = serde_json::from_str(&it.text).ok()?;
        let sent = said.get("sent")?.as_str()?.parse().ok()?;
        Some(Stamped {
            by: it.from.map(str::to_owned),
            number: said.get("number")?.as_u64()?,
            sent,
            at: it.at,
        })
    };
    view.messages.iter().filter_map(stamped).collect()
}

/// Whether each of the numbers of a sender is there.
fn all_of(arrived: &[Stamped], by: &str, count: usize) -> StepResult {
    let of_sender = arrived.iter().filter(|it| it.by.as_deref() == Some(by));
    let mut numbers: Vec<u64> = of_sender.map(|it| it.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let found = numbers.len();
    expect(found == count, || format!("{found} of {count} timestamped messages of `{by}` arrived"))
}
