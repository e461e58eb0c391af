//! A line over runs or over time, with the band that holds the true value.

use plotters::{
    element::{PathElement, Polygon},
    style::Color,
};

use super::frame::{DrawError, Frame, Over, Plot, Ranges, Unit, chart, dot, role, round_up};
use crate::render::{escape::Html, mark::Mark};

/// A value at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where: the number of the run, or seconds since the start.
    pub x: f64,
    /// How much.
    pub y: f64,
    /// The interval that holds the true value, as lowest and highest.
    pub interval: Option<(f64, f64)>,
    /// The colour of its dot; points without one are joined but not marked.
    pub mark: Option<Mark>,
    /// What it is, in words: `2026-11-21, livekit 1.13.5: 98.5 %`.
    pub title: String,
    /// What it stems from, with the way up to the root; empty where it leads nowhere.
    pub href: String,
}

/// A line over its points.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    /// What it is called, and what stands around it.
    pub frame: Frame,
    /// The points, by rising `x`.
    pub points: Vec<Point>,
    /// What was usual from where to where: two `x` and how much.
    pub levels: Vec<(f64, f64, f64)>,
}

/// Draws a line; nothing where there is no finite point.
#[must_use]
pub fn line(it: &LineChart) -> Html {
    let finite = |it: &&Point| it.x.is_finite() && it.y.is_finite();
    let points: Vec<&Point> = it.points.iter().filter(finite).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Html::default();
    };
    // A single point stands in the middle.
    let widen = if first.x < last.x { 0.0 } else { 1.0 };
    let x = (first.x - widen, last.x + widen);
    let ranges = Ranges { x, y: heights(it.frame.unit, &points) };
    chart(&it.frame, &ranges, |plot, over| {
        for (from, to, y) in &it.levels {
            plot.draw(&PathElement::new(
                vec![(*from, *y), (*to, *y)],
                role::LEVEL.stroke_width(3),
            ))?;
        }
        paint(plot, over, &points)
    })
}

fn paint(plot: &Plot<'_>, over: &mut Vec<Over>, points: &[&Point]) -> Result<(), DrawError> {
    let band = points.iter().filter_map(|it| it.interval.map(|(low, high)| (it.x, low, high)));
    let (low, high): (Vec<_>, Vec<_>) = band.map(|(x, l, h)| ((x, l), (x, h))).unzip();
    if low.len() > 1 {
        let outline: Vec<(f64, f64)> = low.into_iter().chain(high.into_iter().rev()).collect();
        plot.draw(&Polygon::new(outline, role::BAND))?;
    }
    if points.len() > 1 {
        let path: Vec<(f64, f64)> = points.iter().map(|it| (it.x, it.y)).collect();
        plot.draw(&PathElement::new(path, role::LINE.stroke_width(2)))?;
    }
    for point in points {
        if let Some(mark) = point.mark {
            let shape = dot(plot.map_coordinate(&(point.x, point.y)), mark);
            let (title, href) = (point.title.clone(), point.href.clone());
            over.push(Over::Linked { shape, title, href });
        }
    }
    Ok(())
}

/// Percentages end at 100 and begin where the drawing still shows them; all else begins at 0.
fn heights(unit: Unit, points: &[&Point]) -> (f64, f64) {
    if unit != Unit::Percent {
        let ends = points.iter().map(|it| it.interval.map_or(it.y, |interval| interval.1));
        return (0.0, round_up(unit, ends.fold(0.0, f64::max)));
    }
    let starts = points.iter().map(|it| it.interval.map_or(it.y, |interval| interval.0));
    match starts.fold(1.0, f64::min) {
        0.9.. => (0.9, 1.0),
        0.5.. => (0.5, 1.0),
        _ => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart_of(points: Vec<Point>) -> LineChart {
        let frame = Frame {
            id: "rate".into(),
            title: "<script>".into(),
            finding: "it fell".into(),
            unit: Unit::Percent,
            ticks: vec![(0.0, "\"1\"".into())],
            changes: vec![(1.0, "1.13.5".into())],
        };
        LineChart { frame, points, levels: vec![(0.0, 1.0, 0.75)] }
    }

    fn point(x: f64, y: f64, mark: Mark) -> Point {
        let interval = Some((y - 0.1, y));
        Point { x, y, interval, mark: Some(mark), title: "a & b".into(), href: "x.html".into() }
    }

    #[test]
    fn a_chart_is_valid_themed_and_linked() {
        let points = vec![point(0.0, 1.0, Mark::Pass), point(1.0, 0.5, Mark::Fail)];
        let svg = line(&chart_of(points));
        let mut reader = quick_xml::Reader::from_str(svg.as_str());
        while reader.read_event().expect("valid XML") != quick_xml::events::Event::Eof {}
        for part in [
            "class=\"line\"",
            "class=\"band\"",
            "class=\"change\"",
            "class=\"level\"",
            "&lt;script&gt;",
        ] {
            assert!(svg.as_str().contains(part), "{part}: {}", svg.as_str());
        }
        assert!(!svg.as_str().contains("=\"#"), "a colour is left: {}", svg.as_str());
        // More is higher.
        assert!(svg.as_str().contains("<circle class=\"pass\" cx=\"48\" cy=\"20\""));
    }

    #[test]
    fn what_is_not_finite_is_not_drawn() {
        assert!(line(&chart_of(vec![point(f64::NAN, 1.0, Mark::Pass)])).is_empty());
        assert!(!line(&chart_of(vec![point(3.0, 1.0, Mark::Pass)])).is_empty());
    }
}
