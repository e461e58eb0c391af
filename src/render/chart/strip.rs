//! A row of marks, one a run; and a line the size of a word.
//!
//! Strips are lists and no SVG, because a list wraps on a phone and can be read aloud.

use std::fmt::Write as _;

use crate::render::{
    escape::{Html, escape_into},
    mark::Mark,
    row::attribute,
};

/// A run in a strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripMark<'a> {
    /// What it came to.
    pub mark: Mark,
    /// Its page, from the root of the site; a place without one stays bare.
    pub href: &'a str,
    /// What it was, in words: `2026-11-21, livekit 1.13.5: failed`.
    pub title: &'a str,
}

/// One linked mark for each run, oldest first.
#[must_use]
pub fn strip(root: &str, marks: &[StripMark<'_>]) -> Html {
    let mut out = String::with_capacity(marks.len() * 96);
    if marks.is_empty() {
        return Html::default();
    }
    out.push_str("<ol class=strip>");
    for StripMark { mark, href, title } in marks {
        if href.is_empty() {
            out.push_str("<li>");
            continue;
        }
        let _ = write!(out, "<li><a class={}", mark.class());
        attribute(&mut out, "href", &[root, href]);
        attribute(&mut out, "title", &[title]);
        out.push_str("></a>");
    }
    out.push_str("</ol>");
    Html::vouched(out)
}

/// A line of 96 × 20 pixels over `values`, said in words by `title`.
#[must_use]
pub fn spark(values: &[f64], title: &str) -> Html {
    let values: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
    let top = values.iter().copied().fold(0.0, f64::max);
    if values.len() < 2 || top <= 0.0 {
        return Html::default();
    }
    let mut out = String::from("<svg class=spark viewBox=\"0 0 96 20\" role=img><title>");
    escape_into(&mut out, title);
    out.push_str("</title><polyline points=\"");
    let step = 94.0 / (values.len() - 1) as f64;
    for (n, value) in values.iter().enumerate() {
        let y = 18.5 - value.max(0.0) / top * 17.0;
        let _ = write!(out, "{:.1},{y:.1} ", (n as f64).mul_add(step, 1.0));
    }
    out.truncate(out.trim_end().len());
    out.push_str("\"/></svg>");
    Html::vouched(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(strip("", &[]).is_empty());
        assert!(spark(&[1.0], "x").is_empty() && spark(&[f64::NAN, 0.0, 0.0], "x").is_empty());
    }

    #[test]
    fn marks_lead_to_their_runs() {
        let mark = StripMark { mark: Mark::Fail, href: "runs/a/index.html", title: "<b>\"" };
        let drawn = strip("../", &[mark]);
        assert_eq!(
            drawn.as_str(),
            "<ol class=strip><li><a class=fail href=\"../runs/a/index.html\" \
             title=\"&lt;b&gt;&quot;\"></a></ol>"
        );
        assert!(spark(&[0.0, 2.0, 1.0], "<").as_str().contains("1.0,18.5 48.0,1.5 95.0,10.0"));
    }
}
