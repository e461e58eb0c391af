//! Bars in lanes over time: what ran on which worker, and when.

use plotters::{
    element::{PathElement, Rectangle},
    style::Color,
};

use super::frame::{Canvas, DrawError, Frame, Over, Plot, Ranges, drawing, role};
use crate::render::{escape::Html, mark::Mark};

/// Lanes below each other, and what ran in them.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneChart {
    /// What it is called, and what stands around it; `unit` and `changes` are not drawn.
    pub frame: Frame,
    /// Where it ends; it begins at 0.
    pub end: f64,
    /// The lanes, from top to bottom.
    pub rows: Vec<LaneRow>,
}

/// A lane.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneRow {
    /// What stands before it.
    pub name: String,
    /// Its bars.
    pub bars: Vec<LaneBar>,
}

/// A bar in a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneBar {
    /// Where it begins and ends.
    pub range: (f64, f64),
    /// What came of it.
    pub mark: Mark,
    /// What it is called, where it is named at all.
    pub label: String,
    /// What it is, in words.
    pub title: String,
    /// Where it leads, with the way up to the root; a bar that leads nowhere says no words.
    pub href: String,
}

const WIDTH: u32 = 1032;
const X: (i32, i32) = (96, 1024);
const TOP: i32 = 8;
const LANE: i32 = 26;
/// How many letters of a lane's name fit before it.
const NAMED: usize = 13;
/// How wide a letter is at most on average; a name that does not fit would stand on the next bar.
const LETTER: i32 = 7;

/// Draws lanes; nothing where there are none.
#[must_use]
pub fn lanes(it: &LaneChart) -> Html {
    let count = i32::try_from(it.rows.len()).unwrap_or(i32::MAX / LANE - LANE);
    let bottom = TOP + count * LANE;
    let canvas = Canvas {
        class: "chart lanes",
        size: (WIDTH, u32::try_from(bottom + 24).unwrap_or_default()),
        x: X,
        y: (TOP, bottom),
    };
    let ranges = Ranges { x: (0.0, it.end), y: (0.0, f64::from(count)) };
    if it.rows.is_empty() || it.end <= 0.0 {
        return Html::default();
    }
    drawing(&it.frame, &canvas, &ranges, |plot, over| {
        times(plot, it, (f64::from(count), bottom), over)?;
        let mut rows = it.rows.iter().zip(0_u32..);
        rows.try_for_each(|(row, n)| lane(plot, row, f64::from(n), over))
    })
}

fn times(
    plot: &Plot<'_>,
    it: &LaneChart,
    (count, bottom): (f64, i32),
    over: &mut Vec<Over>,
) -> Result<(), DrawError> {
    for (at, name) in &it.frame.ticks {
        plot.draw(&PathElement::new(vec![(*at, 0.0), (*at, count)], role::GRID))?;
        let (x, _) = plot.map_coordinate(&(*at, count));
        let anchor = if x > X.1 - 40 { "end" } else { "middle" };
        over.push(Over::Label((x, bottom + 16), anchor, name.clone()));
    }
    Ok(())
}

fn lane(plot: &Plot<'_>, row: &LaneRow, n: f64, over: &mut Vec<Over>) -> Result<(), DrawError> {
    let (_, top) = plot.map_coordinate(&(0.0, n));
    over.push(Over::Label((X.0 - 8, top + 17), "end", short(&row.name, NAMED)));
    for bar in &row.bars {
        let (from, to) = bar.range;
        let shape = Rectangle::new([(from, n + 0.12), (to, n + 0.88)], role::of(bar.mark).filled());
        plot.draw(&shape)?;
        let ((x, y), (right, low)) =
            (plot.map_coordinate(&(from, n + 0.12)), plot.map_coordinate(&(to, n + 0.88)));
        let (width, height) = ((right - x).max(2), low - y);
        if row.bars.len() == 1 && !fits(&bar.label, width) {
            beside(bar, (right + 6, top + 17), over);
        } else {
            label(bar, (x, width, top + 17), over);
        }
        if !bar.href.is_empty() {
            let shape = format!(
                "<rect class=\"hit\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
            );
            over.push(Over::Linked { shape, title: bar.title.clone(), href: bar.href.clone() });
        }
    }
    Ok(())
}

fn fits(label: &str, width: i32) -> bool {
    let letters = i32::try_from(label.chars().count()).unwrap_or(i32::MAX / LETTER - 3);
    (letters + 2) * LETTER < width
}

/// The name of a bar that stands alone, behind it.
fn beside(bar: &LaneBar, (x, y): (i32, i32), over: &mut Vec<Over>) {
    let glyph = if bar.mark >= Mark::Degraded { bar.mark.glyph() } else { "" };
    let room = usize::try_from((X.1 - x) / LETTER).unwrap_or_default();
    if bar.label.is_empty() || room < 5 {
        return label(bar, (X.0, x - X.0, y), over);
    }
    over.push(Over::Label((x, y), "start", short(&format!("{glyph} {}", bar.label), room)));
}

/// The name of a bar as far as it fits, behind the glyph of what is bad.
fn label(bar: &LaneBar, (x, width, y): (i32, i32, i32), over: &mut Vec<Over>) {
    let is_bad = bar.mark >= Mark::Degraded;
    let glyph = if is_bad { format!("{} ", bar.mark.glyph()) } else { String::new() };
    let room = usize::try_from((width - 8) / LETTER).unwrap_or_default();
    let room = room.saturating_sub(glyph.chars().count());
    if room >= 5 && !bar.label.is_empty() {
        over.push(Over::Label((x + 4, y), "start", glyph + short(&bar.label, room).as_str()));
    } else if is_bad {
        over.push(Over::Label((x + width / 2, y), "middle", bar.mark.glyph().to_owned()));
    }
}

/// The first letters of a name that is too long.
fn short(name: &str, room: usize) -> String {
    if name.chars().count() <= room {
        return name.to_owned();
    }
    let kept: String = name.chars().take(room.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::chart::Unit;

    #[test]
    fn bars_are_valid_named_and_linked() {
        let bar = |from: f64, to: f64, mark, href: &str| LaneBar {
            range: (from, to),
            mark,
            label: "<b> joins & leaves".into(),
            title: "a & b".into(),
            href: href.into(),
        };
        let frame = Frame {
            id: "timeline".into(),
            title: "Timeline".into(),
            finding: "busy".into(),
            unit: Unit::Seconds,
            ticks: vec![(0.0, "0".into()), (10.0, "10 s".into())],
            changes: Vec::new(),
        };
        let bars = vec![bar(0.0, 5.0, Mark::Pass, ""), bar(5.0, 5.1, Mark::Fail, "x.html")];
        let rows = vec![LaneRow { name: "a-worker-with-a-long-name".into(), bars }];
        let svg = lanes(&LaneChart { frame, end: 10.0, rows });
        let mut reader = quick_xml::Reader::from_str(svg.as_str());
        while reader.read_event().expect("valid XML") != quick_xml::events::Event::Eof {}
        for part in ["&lt;b&gt; joins", "a-worker-wit…", ">✕<", "href=\"x.html\"", "class=\"pass\""]
        {
            assert!(svg.as_str().contains(part), "{part}: {}", svg.as_str());
        }
        assert!(!svg.as_str().contains("=\"#"), "a colour is left: {}", svg.as_str());
    }
}
