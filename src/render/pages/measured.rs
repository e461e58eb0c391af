//! What was measured while an attempt ran: quantities as lanes, and the states of connections.

use jiff::Timestamp;

use crate::{model::Metrics, render::format, report::within};

/// How many quantities are drawn.
const DRAWN: usize = 24;

/// A quantity while an attempt ran.
pub(super) struct Quantity {
    pub(super) name: String,
    /// What it reached.
    pub(super) note: String,
    pub(super) points: Vec<(Timestamp, f64)>,
}

/// What was measured while an attempt ran.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) series: Vec<Quantity>,
    /// When whose connection came into which state.
    pub(super) states: Vec<(Timestamp, String, Box<str>)>,
}

/// The connections first, because they are what people see, then what the components used.
pub(super) fn measured(metrics: &Metrics, window: (Timestamp, Timestamp)) -> Measured {
    let mut all = Measured::default();
    for (name, it) in &metrics.connections {
        // The attempt stands last; only that of this page is shown.
        let mut parts = name.splitn(3, '/');
        let (component, who) = (parts.next().unwrap_or(name), parts.next());
        let who = who.unwrap_or(component);
        for (what, series) in it.series() {
            let points = within(series, window);
            // Of the attempt before, whose people may be called alike, a last sample stands here at most.
            if points.len() > 1 {
                all.add(format!("{who}: {what}"), points, &|it| said(what, it));
            }
        }
        let inside = |it: &&(Timestamp, Box<str>)| it.0 >= window.0 && it.0 <= window.1;
        let states = it.states.iter().filter(inside);
        all.states.extend(states.map(|(at, state)| (*at, who.to_owned(), state.clone())));
    }
    for (name, it) in &metrics.components {
        let used = [("CPU", &it.cpu), ("memory", &it.mem)];
        for (what, series) in used.into_iter().filter_map(|(what, it)| Some((what, it.as_ref()?))) {
            all.add(format!("{name}: {what}"), within(series, window), &|it| said(what, it));
        }
    }
    all
}

impl Measured {
    fn add(&mut self, name: String, points: Vec<(Timestamp, f64)>, say: &dyn Fn(f64) -> String) {
        let top = points.iter().map(|it| it.1).fold(0.0, f64::max);
        if points.is_empty() || top <= 0.0 || self.series.len() >= DRAWN {
            return;
        }
        let note = format!("up to {}", say(top));
        self.series.push(Quantity { name, note, points });
    }
}

/// A value with its unit.
fn said(what: &str, value: f64) -> String {
    let whole = value.max(0.0) as u64;
    match what {
        "CPU" => format!("{value:.2} cores"),
        "memory" => format::bytes(whole),
        "media received" | "media sent" => {
            format!("{}bit/s", format::bytes(whole).trim_end_matches('B'))
        }
        "round trip" | "jitter" => format!("{value:.1}\u{a0}ms"),
        "frames" => format!("{value:.0} a second"),
        _ => format!("{value:.1} a second"),
    }
}
