//! Pages that stay small however long the history grows.

use serde_json::json;

use crate::desk::{Desk, tree};

/// Well below the 150 KB that a page may weigh with all that it loads.
const LARGEST: usize = 60_000;

#[test]
fn no_page_grows_with_the_number_of_runs() {
    let desk = Desk::new();
    for run in 0..400 {
        let (id, hour, day) = (format!("gh-{run}"), run % 24, 1 + run / 24);
        let started = format!("2026-11-{day:02}T{hour:02}:00:00Z");
        let bob = if run % 90 == 0 { "failed" } else { "passed" };
        let versions = json!({"versions": {"livekit": format!("1.{}.0", run % 15)}});
        desk.add_run(&id, &started, &[("alice joins", "passed"), ("bob joins", bob)], versions);
    }
    desk.build("results");
    let large: Vec<(String, usize)> = tree(&desk.path("report"))
        .into_iter()
        .map(|(name, content)| (name, content.len()))
        .filter(|(name, bytes)| name.ends_with(".html") && *bytes > LARGEST)
        .collect();
    assert_eq!(large, []);
}
