//! Bars over runs, stacked by outcome.

use plotters::{element::Rectangle, style::Color};

use super::frame::{DrawError, Frame, Over, Plot, Ranges, chart, role, round_up};
use crate::render::{escape::Html, mark::Mark};

/// The outcomes of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// How many came out how, from the bottom up; what failed belongs at the bottom, where heights
    /// can be compared.
    pub parts: Vec<(Mark, u32)>,
    /// What it is, in words: `2026-11-21, livekit 1.13.5: 191 passed, 3 failed`.
    pub title: String,
    /// The run, with the way up to the root; empty where it leads nowhere.
    pub href: String,
}

/// Bars side by side, one a run.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// What it is called, and what stands around it; the first bar stands at 0, the next at 1.
    pub frame: Frame,
    /// The bars, oldest first.
    pub bars: Vec<Bar>,
}

/// The least height of a part, as a share of the highest bar: one failure of a thousand is seen.
const THINNEST: f64 = 0.03;

/// Draws bars; nothing where there are none.
#[must_use]
pub fn bars(it: &BarChart) -> Html {
    let height = |bar: &Bar| bar.parts.iter().map(|part| f64::from(part.1)).sum::<f64>();
    let top = it.bars.iter().map(height).fold(0.0, f64::max);
    if it.bars.is_empty() {
        return Html::default();
    }
    let x = (-0.5, it.bars.len() as f64 - 0.5);
    let ranges = Ranges { x, y: (0.0, round_up(it.frame.unit, top)) };
    chart(&it.frame, &ranges, |plot, over| {
        it.bars
            .iter()
            .zip(0_u32..)
            .try_for_each(|(bar, n)| paint(plot, over, (f64::from(n), bar), top * THINNEST))
    })
}

fn paint(
    plot: &Plot<'_>,
    over: &mut Vec<Over>,
    (n, bar): (f64, &Bar),
    least: f64,
) -> Result<(), DrawError> {
    let (left, right) = (n - 0.4, n + 0.4);
    let mut low = 0.0;
    for (mark, count) in bar.parts.iter().filter(|it| it.1 > 0) {
        let high = low + f64::from(*count).max(least);
        plot.draw(&Rectangle::new([(left, high), (right, low)], role::of(*mark).filled()))?;
        low = high;
    }
    let ((x, y), (right, bottom)) =
        (plot.map_coordinate(&(left, low)), plot.map_coordinate(&(right, 0.0)));
    let (width, height) = ((right - x).max(1), (bottom - y).max(1));
    let shape =
        format!("<rect class=\"hit\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
    over.push(Over::Linked { shape, title: bar.title.clone(), href: bar.href.clone() });
    Ok(())
}
