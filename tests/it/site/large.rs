//! Pages that stay small however long the history grows.

use serde_json::json;

use crate::desk::{Desk, text_of, tree};

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

#[test]
fn identical_failures_without_end_are_one_family_and_one_page() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", crate::verdicts::issue("X-1", "text: room is stuck", ""));
    desk.add_run("r1", "2026-11-17T10:00:00Z", &[], json!({}));
    let failure = |kind: &str, n: usize| {
        format!("<{kind} type='Wrong' message='room is stuck at seq {n}'>at Room.java:7</{kind}>")
    };
    let again: String = (0..20_000).map(|it| failure("rerunFailure", it)).collect();
    let junit = format!(
        "<testsuite name='R'><testcase classname='lk.R' name='joins'>{}{again}</testcase></testsuite>",
        failure("failure", 1),
    );
    desk.write("results/r1/junit.xml", junit);
    desk.build("results");
    let families = desk.json("report/api/v1/families.json")["families"].clone();
    let all = families.as_array().unwrap();
    assert_eq!((all.len(), &all[0]["failures"], &all[0]["explained"]), (1, &json!(1), &json!(1)));
    let files = tree(&desk.path("report"));
    let large = files.iter().find(|it| it.0.ends_with(".html") && it.1.len() > LARGEST);
    assert!(large.is_none(), "{:?}", large.map(|it| it.0));
    let page = files.iter().find(|it| it.0.starts_with("cases/joins-")).unwrap();
    assert!(text_of(&String::from_utf8_lossy(page.1)).contains("Known: X-1."));
    let mut history = tree(&desk.path("history")).into_values();
    assert!(history.all(|it| it.len() < 500_000), "the record stays small");
    desk.write("a.log", "[ERROR] room is stuck at seq 42\n".repeat(100_000));
    let said = desk.ok(&["explain", "a.log"]);
    assert!(said.contains("and 99997 more"), "{said}");
    assert!(said.len() < 3_000, "{}", said.len());
}
