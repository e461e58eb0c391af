//! What was measured for each attempt, reduced to a number for each metric.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lkreport_contract::metrics::Sample;

use crate::model::{AttemptName, Case, Measured, slug};

/// So many samples of a quantity are kept; of more, every second goes.
const KEPT: usize = 256;

/// What the samples of one attempt said so far.
#[derive(Default)]
pub(super) struct Tried {
    participants: BTreeMap<String, Participant>,
    programs: BTreeMap<String, Program>,
}

#[derive(Default)]
struct Participant {
    first: Option<Timestamp>,
    connected: Option<Timestamp>,
    bitrate_in: Samples,
    bitrate_out: Samples,
}

#[derive(Default)]
struct Program {
    cpu: Samples,
    mem: Samples,
}

impl Tried {
    /// Takes in a sample that was measured for this attempt.
    pub(super) fn add(&mut self, sample: &Sample) {
        if let Some(stats) = &sample.webrtc {
            let who = sample.participant.as_deref().unwrap_or_default();
            let it = self.participants.entry(who.to_owned()).or_default();
            it.first.get_or_insert(sample.t);
            if stats.state.as_deref() == Some("connected") {
                it.connected.get_or_insert(sample.t);
            }
            // Before anything is published nothing flows, which says nothing of how it flows then.
            it.bitrate_in.add(stats.bitrate_in.filter(|it| *it > 0.0));
            it.bitrate_out.add(stats.bitrate_out.filter(|it| *it > 0.0));
        }
        if sample.cpu.is_some() || sample.mem.is_some() {
            let instance = sample.instance.as_deref().unwrap_or_default();
            let name = format!("{}/{instance}", sample.component);
            let it = self.programs.entry(name).or_default();
            it.cpu.add(sample.cpu);
            it.mem.add(sample.mem.map(|it| it as f64));
        }
    }

    /// The medians: of times and rates that of all participants, of programs the sum of all.
    pub(super) fn finish(self) -> Measured {
        let took = |it: &Participant| {
            let took = it.connected?.duration_since(it.first?).as_secs_f64() * 1_000.0;
            (took >= 0.0).then_some(took)
        };
        let connect = self.participants.values().filter_map(took).collect();
        let of = |quantity: fn(&Participant) -> &Samples| {
            median(self.participants.values().filter_map(|it| quantity(it).median()).collect())
        };
        let sum = |quantity: fn(&Program) -> &Samples| {
            self.programs.values().filter_map(|it| quantity(it).median()).reduce(|a, b| a + b)
        };
        Measured {
            connect_ms: median(connect).map(f64::round),
            bitrate_in: of(|it| &it.bitrate_in).map(f64::round),
            bitrate_out: of(|it| &it.bitrate_out).map(f64::round),
            cpu: sum(|it| &it.cpu).map(|it| (it * 1_000.0).round() / 1_000.0),
            mem: sum(|it| &it.mem).map(f64::round),
        }
    }
}

/// Values in the order in which they came, thinned evenly where there are many.
#[derive(Default)]
struct Samples {
    values: Vec<f64>,
    seen: usize,
    /// How often the values were halved.
    halved: u32,
}

impl Samples {
    fn add(&mut self, value: Option<f64>) {
        let Some(value) = value.filter(|it| it.is_finite()) else { return };
        if self.seen.is_multiple_of(1 << self.halved) {
            self.values.push(value);
        }
        self.seen += 1;
        if self.values.len() > KEPT {
            let mut place = 0_usize;
            self.values.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.halved += 1;
        }
    }

    fn median(&self) -> Option<f64> {
        median(self.values.clone())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Gives each case what was measured while its last attempt ran.
///
/// An attempt is named `<case>-<attempt>`, and by our own engine `<case>-<attempt>-<start>`; what
/// could be of two cases is given to none.
pub(super) fn give(cases: &mut [Case], measured: BTreeMap<String, Measured>) {
    if measured.is_empty() {
        return;
    }
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, case) in cases.iter().enumerate() {
        places.entry(slug(&case.name)).or_default().push(place);
    }
    for (name, it) in measured.into_iter().filter(|it| !it.1.is_empty()) {
        let Some(name) = AttemptName::parse(&name) else { continue };
        let is_it = |place: &&usize| {
            let case = &cases[**place];
            name.is_of(case, case.attempts.len())
        };
        let mut found = places.get(&slug(name.case)).into_iter().flatten().filter(is_it);
        if let (Some(place), None) = (found.next().copied(), found.next()) {
            cases[place].measured = Some(Box::new(it));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_samples_are_thinned_evenly() {
        let mut samples = Samples::default();
        (0..10_000).for_each(|n| samples.add(Some(f64::from(n))));
        assert!(samples.values.len() <= KEPT && samples.values.len() > KEPT / 4);
        let median = samples.median().expect("samples");
        assert!((median - 5_000.0).abs() < 200.0, "{median}");
    }
}
