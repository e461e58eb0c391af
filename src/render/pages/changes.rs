//! Changes of a trend in words: what moved, when, and what came with it.

use jiff::Timestamp;

use super::{context::Context, shift::notes_between};
use crate::{
    render::{format, view::Finding},
    report::{Change, Difference, Measure, changes, differences},
};

/// How many differences a sentence names.
const NAMED: usize = 3;

/// A change with its mark in the chart and its sentence.
pub(super) struct Told {
    /// Between which points it stands, and what stands above it.
    pub(super) mark: (f64, String),
    /// The sentence, and the runs on both sides.
    pub(super) finding: Finding,
}

/// The changes of `title` in a series of runs with their values, oldest first.
pub(super) fn told(
    context: &Context<'_>,
    title: &str,
    values: &[(usize, f64)],
    measure: Measure,
    say: &dyn Fn(f64) -> String,
) -> Vec<Told> {
    let started = |idx: usize| context.run(idx).head.started;
    let series: Vec<(Timestamp, f64)> =
        values.iter().map(|(idx, value)| (started(*idx), *value)).collect();
    let tell = |change: Change| {
        let (before, after) = (values[change.at - 1].0, values[change.at].0);
        let differences = differences(&context.run(before).head, &context.run(after).head);
        let date = format::date(started(after));
        let moved = if change.after < change.before { "fell" } else { "rose" };
        let (from, to) = (say(change.before), say(change.after));
        let with = with(&differences);
        Told {
            mark: (
                f64::from(u32::try_from(change.at).unwrap_or(u32::MAX)) - 0.5,
                label(&differences).unwrap_or_else(|| date.clone()),
            ),
            finding: Finding {
                text: format!("{title} {moved} from {from} to {to} on {date}{with}."),
                before: context.run_link(before),
                after: context.run_link(after),
                notes: notes_between(context, before, after),
            },
        }
    };
    changes(&series, measure).into_iter().map(tell).collect()
}

/// `, with livekit 1.11.0 instead of 1.10.1`
pub(super) fn with(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let one = |it: &Difference| {
        let short = |value: &Option<String>| {
            let value = value.as_deref()?;
            // A commit is known by its first letters.
            let end = if it.name == "commit" { value.char_indices().nth(12) } else { None };
            Some(end.map_or(value, |(end, _)| &value[..end]).to_owned())
        };
        match (short(&it.before), short(&it.after)) {
            (Some(before), Some(after)) => format!("{} {after} instead of {before}", it.name),
            (None, Some(after)) => format!("{} {after}", it.name),
            _ => format!("no {}", it.name),
        }
    };
    let said: Vec<String> = differences.iter().take(NAMED).map(one).collect();
    let rest = match differences.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!(", with {}{rest}", said.join(", "))
}

/// The first version that changed.
fn label(differences: &[Difference]) -> Option<String> {
    let first = differences.first().filter(|it| it.name != "commit")?;
    Some(format!("{} {}", first.name, first.after.as_deref()?))
}
