//! A source over the time of an attempt: its moments, or a quantity.
//!
//! The drawing is as many units wide as there are milliseconds and is stretched to the page, so that
//! a script can zoom by its view box alone; lines keep their width.

use std::fmt::Write as _;

use crate::render::{
    escape::{Html, escape_into},
    row::attribute,
};

/// The height of a lane.
const HEIGHT: f64 = 24.0;

/// Something that happened at a time, or took some.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When, in milliseconds from the start of the lane.
    pub at: u64,
    /// How long, in milliseconds; what took none is a line.
    pub took: u64,
    /// The class that colours it.
    pub class: &'static str,
    /// What it is.
    pub title: String,
    /// Where it leads, as it stands on the page.
    pub href: String,
}

/// The moments of a source in a lane of `span` milliseconds.
#[must_use]
pub fn events(span: u64, name: &str, all: &[Event]) -> Html {
    // What holds links is no image: a reader would not find them.
    let mut out = open(span, name, "group");
    for it in all {
        out.push_str("<a tabindex=-1");
        attribute(&mut out, "href", &[&it.href]);
        let _ = match it.took {
            0 => write!(out, "><path class={} d=\"M{} 3v18\">", class(it.class), it.at),
            took => write!(
                out,
                "><rect class={} x={} y=3 width={took} height=18>",
                class(it.class),
                it.at
            ),
        };
        out.push_str("<title>");
        escape_into(&mut out, &it.title);
        out.push_str(if it.took == 0 { "</title></path></a>" } else { "</title></rect></a>" });
    }
    out.push_str("</svg>");
    Html::vouched(out)
}

/// A quantity in a lane of `span` milliseconds, from 0 to its greatest value.
#[must_use]
pub fn curve(span: u64, name: &str, points: &[(u64, f64)]) -> Html {
    let top = points.iter().map(|it| it.1).filter(|it| it.is_finite()).fold(0.0, f64::max);
    let [first, .., _] = points else { return Html::default() };
    if top <= 0.0 {
        return Html::default();
    }
    let mut out = open(span, name, "img");
    let _ = write!(out, "<path class=curve d=\"M{} ", first.0);
    for (n, (at, value)) in points.iter().enumerate() {
        let y = (HEIGHT - 2.0) - value.max(0.0) / top * (HEIGHT - 4.0);
        let _ = if n == 0 { write!(out, "{y:.1}") } else { write!(out, "L{at} {y:.1}") };
    }
    out.push_str("\"/></svg>");
    Html::vouched(out)
}

fn open(span: u64, name: &str, role: &str) -> String {
    let wide = span.max(1);
    let mut out =
        format!("<svg viewBox=\"0 0 {wide} {HEIGHT}\" preserveAspectRatio=none role={role}");
    attribute(&mut out, "aria-label", &[name]);
    out.push('>');
    out
}

const fn class(class: &'static str) -> &'static str {
    if class.is_empty() { "plain" } else { class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_time_is_a_bar_and_what_took_none_a_line() {
        let event =
            |took| Event { at: 5, took, class: "fail", title: "<b>".into(), href: "#m1".into() };
        let drawn = events(100, "a \"lane\"", &[event(7), event(0)]);
        let text = drawn.as_str();
        assert!(
            text.contains("viewBox=\"0 0 100 24\"") && text.contains("a &quot;lane&quot;"),
            "{text}"
        );
        assert!(text.contains("x=5 y=3 width=7") && text.contains("d=\"M5 3v18\""), "{text}");
        assert!(text.contains("&lt;b&gt;") && !text.contains("<b>"), "{text}");
    }

    #[test]
    fn a_curve_reaches_from_nothing_to_its_greatest_value() {
        let drawn = curve(100, "rtt", &[(0, 0.0), (50, 4.0), (100, 2.0)]);
        assert!(drawn.as_str().contains("d=\"M0 22.0L50 2.0L100 12.0\""), "{}", drawn.as_str());
        assert!(
            curve(100, "rtt", &[(0, 1.0)]).is_empty()
                && curve(9, "x", &[(0, 0.0), (1, 0.0)]).is_empty()
        );
    }
}
