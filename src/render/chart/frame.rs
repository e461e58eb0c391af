//! What all plotted charts share: the plot with its grid, and the dress that makes plotters' drawing
//! fit a themed page.
//!
//! plotters knows no classes, so each role is drawn in a colour that stands for it and is replaced
//! afterwards; all text is written here, so that no font is measured.

use std::{fmt::Write as _, sync::LazyLock};

use aho_corasick::AhoCorasick;
use plotters::{coord::types::RangedCoordf64, prelude::*};

use crate::render::{
    escape::{Html, escape_into},
    format,
    mark::Mark,
    row::attribute,
};

/// Where the plot begins and ends, so that labels have room around it.
const X: (i32, i32) = (48, 332);
const Y: (i32, i32) = (20, 144);
/// Three stand beside each other on a desk, one on a phone.
const SMALL: Canvas = Canvas { class: "chart", size: (344, 168), x: X, y: (Y.1, Y.0) };
/// How wide a letter of a label is about.
const LETTER: i32 = 6;

/// The area that a chart draws into, in its own coordinates.
pub(super) type Plot<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// Why a drawing failed: numbers that do not fit.
pub(super) type DrawError = DrawingAreaErrorKind<std::io::Error>;

/// What the values are, for the labels of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// From 0 to 1.
    Percent,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Things that are counted.
    Count,
}

/// What a chart is called, and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Names it among the charts of a page; letters, digits and dashes.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What there is to see: "duration rose from 1.2 s to 2.9 s on 2026-10-03".
    pub finding: String,
    /// What the values are.
    pub unit: Unit,
    /// What stands below the axis, at most a handful.
    pub ticks: Vec<(f64, String)>,
    /// Places where something changed, with its name.
    pub changes: Vec<(f64, String)>,
}

/// A text or a mark at a pixel, over the drawing.
pub(super) enum Over {
    /// A label, and where it is anchored: `start`, `middle` or `end`.
    Label((i32, i32), &'static str, String),
    /// A shape that leads somewhere: its markup without the end, what it says, where it leads.
    Linked { shape: String, title: String, href: String },
}

/// The ranges of a chart.
pub(super) struct Ranges {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

/// What is drawn on: its class, its size in pixels, and where in it the ranges begin and end.
pub(super) struct Canvas {
    pub(super) class: &'static str,
    pub(super) size: (u32, u32),
    pub(super) x: (i32, i32),
    pub(super) y: (i32, i32),
}

/// Colours that stand for a role until they are replaced by its class.
pub(super) mod role {
    use plotters::style::RGBColor;

    use crate::render::mark::Mark;

    pub(in super::super) const GRID: RGBColor = RGBColor(1, 0, 1);
    pub(in super::super) const LINE: RGBColor = RGBColor(1, 0, 2);
    pub(in super::super) const BAND: RGBColor = RGBColor(1, 0, 3);
    pub(in super::super) const CHANGE: RGBColor = RGBColor(1, 0, 4);
    pub(in super::super) const BAR: RGBColor = RGBColor(1, 0, 5);
    pub(in super::super) const LEVEL: RGBColor = RGBColor(1, 0, 6);

    /// Each colour as plotters writes it, with its class.
    pub(super) const CLASSES: [(&str, &str); 6] = [
        ("#010001", "grid"),
        ("#010002", "line"),
        ("#010003", "band"),
        ("#010004", "change"),
        ("#010005", "bar"),
        ("#010006", "level"),
    ];

    /// The colour that stands for a mark; `dress` finds it again by its number in the legend.
    pub(in super::super) fn of(mark: Mark) -> RGBColor {
        let places = Mark::LEGEND.iter().zip(0_u8..);
        let place = places.filter(|it| it.0.class() == mark.class()).map(|it| it.1).next();
        RGBColor(2, 0, place.unwrap_or(u8::MAX))
    }
}

/// Draws a grid, then what `paint` adds, then dresses it; nothing where numbers do not fit.
pub(super) fn chart(
    frame: &Frame,
    ranges: &Ranges,
    paint: impl FnOnce(&Plot<'_>, &mut Vec<Over>) -> Result<(), DrawError>,
) -> Html {
    drawing(frame, &SMALL, ranges, |plot, over| {
        grid(plot, frame, ranges, over).and_then(|()| paint(plot, over))
    })
}

/// Draws what `paint` does and dresses it; nothing where numbers do not fit.
pub(super) fn drawing(
    frame: &Frame,
    canvas: &Canvas,
    ranges: &Ranges,
    paint: impl FnOnce(&Plot<'_>, &mut Vec<Over>) -> Result<(), DrawError>,
) -> Html {
    let mut svg = String::new();
    let mut over = Vec::new();
    let drawn = {
        let root = SVGBackend::with_string(&mut svg, canvas.size).into_drawing_area();
        let (x, y) = (ranges.x.0..ranges.x.1, ranges.y.0..ranges.y.1);
        let pixels = (canvas.x.0..canvas.x.1, canvas.y.0..canvas.y.1);
        let coord = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(x, y, pixels);
        let plot = root.apply_coord_spec(coord);
        paint(&plot, &mut over).and_then(|()| plot.present())
    };
    match drawn {
        Ok(()) => Html::vouched(dress(&svg, frame, canvas, &over)),
        Err(_) => Html::default(),
    }
}

/// The lines of the axis and their labels, and the places of change.
fn grid(
    plot: &Plot<'_>,
    frame: &Frame,
    Ranges { x, y }: &Ranges,
    over: &mut Vec<Over>,
) -> Result<(), DrawError> {
    for value in [y.0, f64::midpoint(y.0, y.1), y.1] {
        plot.draw(&PathElement::new(vec![(x.0, value), (x.1, value)], role::GRID))?;
        let (_, height) = plot.map_coordinate(&(x.0, value));
        over.push(Over::Label((X.0 - 6, height + 4), "end", label(frame.unit, value)));
    }
    let inside = |it: &&(f64, String)| it.0.is_finite() && it.0 >= x.0 && it.0 <= x.1;
    for (at, _) in frame.changes.iter().filter(inside) {
        plot.draw(&PathElement::new(vec![(*at, y.0), (*at, y.1)], role::CHANGE))?;
    }
    let changes = frame.changes.iter().filter(inside);
    let placed = changes.map(|(at, name)| (plot.map_coordinate(&(*at, y.1)).0, name.as_str()));
    for (place, name) in spaced(&placed.collect::<Vec<_>>()) {
        over.push(Over::Label((place, Y.0 - 7), anchor(place), name.to_owned()));
    }
    let ticks = frame.ticks.iter().filter(inside);
    let placed = ticks.map(|(at, name)| (plot.map_coordinate(&(*at, y.0)).0, name.as_str()));
    for (place, name) in spaced(&placed.collect::<Vec<_>>()) {
        over.push(Over::Label((place, Y.1 + 16), anchor(place), name.to_owned()));
    }
    Ok(())
}

/// The labels that fit beside each other without the words that all begin with, the last first.
fn spaced<'a>(ticks: &[(i32, &'a str)]) -> Vec<(i32, &'a str)> {
    let shared = ticks.first().filter(|_| ticks.len() > 1).map_or(0, |(_, first)| {
        let ends = first.match_indices(' ').map(|it| it.0 + 1);
        let is_shared = |end: &usize| ticks.iter().all(|it| it.1.starts_with(&first[..*end]));
        ends.take_while(is_shared).last().unwrap_or(0)
    });
    let extent = |place: i32, name: &str| {
        let width = i32::try_from(name.chars().count()).unwrap_or(i32::MAX).saturating_mul(LETTER);
        let left = match anchor(place) {
            "start" => place,
            "middle" => place.saturating_sub(width / 2),
            _ => place.saturating_sub(width),
        };
        (left, left.saturating_add(width))
    };
    let mut kept: Vec<(i32, &str)> = Vec::new();
    // The ends say more than what lies between.
    let order = ticks.last().into_iter().chain(ticks.iter().take(ticks.len().saturating_sub(1)));
    for (place, name) in order.map(|(place, name)| (*place, &name[shared..])) {
        let (left, right) = extent(place, name);
        let is_clear = |other: &(i32, &str)| {
            let (from, to) = extent(other.0, other.1);
            right.saturating_add(LETTER) < from || to.saturating_add(LETTER) < left
        };
        if kept.iter().all(is_clear) {
            kept.push((place, name));
        }
    }
    kept
}

/// Keeps labels at the edges from leaving the drawing.
fn anchor(place: i32) -> &'static str {
    match place {
        ..=72 => "start",
        73..=300 => "middle",
        _ => "end",
    }
}

/// What the backend writes, and what stands for it: classes for colours, and nothing for noise.
static DRESSES: LazyLock<(AhoCorasick, Vec<String>)> = LazyLock::new(|| {
    let marks = Mark::LEGEND.iter().zip(0..).map(|(it, n)| (format!("#0200{n:02X}"), it.class()));
    let roles = role::CLASSES.map(|(colour, class)| (colour.to_owned(), class));
    let painted = roles.into_iter().chain(marks).flat_map(|(colour, class)| {
        ["fill", "stroke"]
            .map(|paint| (format!("{paint}=\"{colour}\""), format!("class=\"{class}\"")))
    });
    let noise =
        ["\n", " opacity=\"1\"", " fill=\"none\"", " stroke=\"none\"", " stroke-width=\"1\""];
    let noise = noise.map(|it| (it.to_owned(), String::new()));
    let (written, meant): (Vec<_>, Vec<_>) = painted.chain(noise).unzip();
    (AhoCorasick::new(written).expect("few and short patterns"), meant)
});

/// Gives the drawing its names, classes, labels and links.
///
/// The drawing alone has the role of an image: links inside an image would be lost to whoever
/// listens (<https://www.w3.org/TR/wai-aria-1.2/#img>).
fn dress(svg: &str, frame: &Frame, canvas: &Canvas, over: &[Over]) -> String {
    let body = svg.split_once('>').map_or("", |it| it.1);
    let body = DRESSES.0.replace_all(body, &DRESSES.1);
    let Canvas { class, size: (width, height), .. } = canvas;
    let mut out =
        format!("<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\"><g role=\"img\"");
    let (title, finding) = (format!("{}-t", frame.id), format!("{}-d", frame.id));
    attribute(&mut out, "aria-labelledby", &[&title, " ", &finding]);
    for (tag, id, text) in [("title", &title, &frame.title), ("desc", &finding, &frame.finding)] {
        let _ = write!(out, "><{tag}");
        attribute(&mut out, "id", &[id]);
        out.push('>');
        escape_into(&mut out, text);
        let _ = write!(out, "</{tag}");
    }
    out.push('>');
    out.push_str(body.trim_end().strip_suffix("</svg>").unwrap_or(&body));
    for it in over {
        if let Over::Label((x, y), anchor, text) = it {
            let _ = write!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">");
            escape_into(&mut out, text);
            out.push_str("</text>");
        }
    }
    out.push_str("</g>");
    for it in over {
        if let Over::Linked { shape, title, href } = it {
            linked(&mut out, shape, (title, href));
        }
    }
    out.push_str("</svg>");
    out
}

fn linked(out: &mut String, shape: &str, (title, href): (&str, &str)) {
    if !href.is_empty() {
        out.push_str("<a");
        attribute(out, "href", &[href]);
        attribute(out, "aria-label", &[title]);
        out.push('>');
    }
    let _ = write!(out, "{shape}><title>");
    escape_into(out, title);
    let tag = if shape.starts_with("<circle") { "circle" } else { "rect" };
    let _ = write!(out, "</title></{tag}>");
    if !href.is_empty() {
        out.push_str("</a>");
    }
}

/// The mark of a run at a pixel: a dot, and a square where it is bad, so that colour is doubled.
pub(super) fn dot((x, y): (i32, i32), mark: Mark) -> String {
    let class = mark.class();
    if mark < Mark::Degraded {
        format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"")
    } else {
        let (x, y) = (x - 4, y - 4);
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"8\" height=\"8\"")
    }
}

/// The top of an axis: a round number whose half is round too.
pub(super) fn round_up(unit: Unit, value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    if unit == Unit::Seconds && (60.0..=7200.0).contains(&value) {
        let minutes = [2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 30.0, 40.0, 60.0, 120.0];
        return minutes.into_iter().find(|it| value <= it * 60.0).unwrap_or(120.0) * 60.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 6.0, 8.0].into_iter().find(|it| value / power <= *it).unwrap_or(10.0) * power
}

fn label(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Percent => format!("{:.0}\u{a0}%", value * 100.0),
        Unit::Seconds if value > 0.0 => {
            format::duration(std::time::Duration::try_from_secs_f64(value).unwrap_or_default())
        }
        Unit::Bytes if value > 0.0 => format::bytes(value as u64),
        Unit::Count if value.fract() > 0.0 && value < 0.1 => format!("{value:.2}"),
        Unit::Count if value.fract() > 0.0 => format!("{value:.1}"),
        _ => format::number(value as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_collide_are_dropped() {
        let ticks = [(48, "livekit 1.11.0"), (190, "livekit 1.13.1"), (332, "livekit 1.13.5")];
        assert_eq!(spaced(&ticks), [(332, "1.13.5"), (48, "1.11.0"), (190, "1.13.1")]);
        let long = ["client-js 2.15.0, livekit 1.11.0", "egress 1.9.0, livekit 1.13.5"];
        assert_eq!(spaced(&[(48, long[0]), (332, long[1])]), [(332, long[1])]);
        assert_eq!(spaced(&[(190, "livekit 1.13.5")]), [(190, "livekit 1.13.5")]);
        assert_eq!(spaced(&[]), []);
    }
}
