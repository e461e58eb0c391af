//! Two sets of numbers by class, beside each other.

use plotters::{element::Rectangle, style::Color};

use super::frame::{DrawError, Frame, Over, Plot, Ranges, chart, role, round_up};
use crate::render::escape::Html;

/// How many of each set are in each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// What it is called, and what stands around it; class `n` begins at `n`.
    pub frame: Frame,
    /// The classes.
    pub classes: Vec<Class>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// How many are in it.
    pub now: u32,
    /// How many of the set that it is compared with.
    pub before: u32,
    /// What it is, in words: `2 to 5 s: 12 scenarios, 9 before`.
    pub title: String,
}

/// Draws a histogram; nothing where it has no class.
#[must_use]
pub fn histogram(it: &Histogram) -> Html {
    let top = it.classes.iter().map(|it| it.now.max(it.before)).max().unwrap_or_default();
    if top == 0 {
        return Html::default();
    }
    let x = (0.0, it.classes.len() as f64);
    let ranges = Ranges { x, y: (0.0, round_up(it.frame.unit, f64::from(top))) };
    chart(&it.frame, &ranges, |plot, over| {
        it.classes.iter().zip(0_u32..).try_for_each(|(it, n)| class(plot, it, f64::from(n), over))
    })
}

/// What it is compared with stands behind, wider and lighter.
fn class(plot: &Plot<'_>, it: &Class, n: f64, over: &mut Vec<Over>) -> Result<(), DrawError> {
    let bar = |count: u32, inset: f64| [(n + inset, f64::from(count)), (n + 1.0 - inset, 0.0)];
    if it.before > 0 {
        plot.draw(&Rectangle::new(bar(it.before, 0.04), role::BAND.filled()))?;
    }
    if it.now > 0 {
        plot.draw(&Rectangle::new(bar(it.now, 0.25), role::BAR.filled()))?;
    }
    let top = f64::from(it.now.max(it.before));
    let ((x, y), (right, low)) =
        (plot.map_coordinate(&(n, top)), plot.map_coordinate(&(n + 1.0, 0.0)));
    if top > 0.0 {
        let (width, height) = (right - x, (low - y).max(1));
        let shape = format!(
            "<rect class=\"hit\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        );
        over.push(Over::Linked { shape, title: it.title.clone(), href: String::new() });
    }
    Ok(())
}
