//! Release notes as HTML: markdown, sanitised.
//!
//! The only foreign markup that reaches a page. No image, no form, no script and no style is left;
//! links lead to `http` or `https` and nowhere else.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use comrak::{Options, markdown_to_html};

use super::escape::Html;

/// What markdown becomes, and what GitHub's editors write into it.
const TAGS: &[&str] = &[
    "p",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "del",
    "sub",
    "sup",
    "kbd",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(
            ["script", "style", "iframe", "svg", "math", "template"].into_iter().collect(),
        )
        .tag_attributes([("a", HashSet::from(["href"]))].into_iter().collect())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noreferrer"))
        .strip_comments(true);
    cleaner
});

/// Markdown as HTML that may stand in a page; its headings begin at the fourth level.
pub(super) fn html(markdown: &str) -> Html {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = false;
    // Notes hold `<details>` and the like; what is unsafe of it goes away below.
    options.render.r#unsafe = true;
    let mut clean = CLEANER.clean(&markdown_to_html(markdown, &options)).to_string();
    for level in 1..=3 {
        clean =
            clean.replace(&format!("<h{level}>"), "<h4>").replace(&format!("</h{level}>"), "</h4>");
    }
    Html::vouched(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_or_loads_is_left() {
        let evil = "<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![track](https://evil/x.png)\n\n\
                    <img src=x onerror=alert(1)><a href=\"data:text/html,x\" onclick=x>b</a><style>p{}</style>\n\n\
                    <iframe src=https://evil></iframe><svg onload=alert(1)><script>1</script></svg>\n\n\
                    <form action=https://evil><input></form> <p style=\"background:url(https://evil)\">c</p>";
        let html = html(evil);
        for bad in [
            "script",
            "javascript",
            "onerror",
            "onclick",
            "onload",
            "<img",
            "style",
            "iframe",
            "svg",
            "data:",
            "evil",
            "form",
        ] {
            assert!(!html.as_str().contains(bad), "{bad}: {}", html.as_str());
        }
        assert!(html.as_str().contains(">b</a>"));
    }

    #[test]
    fn what_people_write_stays() {
        let html = html(
            "# Big\n- **x** `y` https://example.org/1\n\n<details><summary>more</summary>z</details>",
        );
        let told = "<h4>Big</h4>\n<ul>\n<li><strong>x</strong> <code>y</code> \
                    <a href=\"https://example.org/1\" rel=\"noreferrer\">https://example.org/1</a></li>\n</ul>\n\
                    <details><summary>more</summary>z</details>";
        assert_eq!(html.as_str().trim(), told);
    }
}
