//! Failure families: one failure under one address, however its names and numbers change.

use serde_json::{Value, json};

use crate::desk::{Desk, text_of};

/// A run on `livekit` whose cases failed with these messages; an empty one passed.
fn add(desk: &Desk, day: u32, livekit: &str, cases: &[(&str, &str)]) {
    let started = format!("2026-11-{day:02}T10:00:00Z");
    let more = json!({"versions": {"livekit": livekit}});
    desk.add_run(&format!("r{day}"), &started, &[], more);
    let case = |(name, message): &(&str, &str)| {
        let failure = match *message {
            "" => String::new(),
            it => format!("<failure type='Timeout' message='{it}'>at Join.java:{day}</failure>"),
        };
        format!("<testcase classname='lk.Join' name='{name}' time='0.5'>{failure}</testcase>")
    };
    let cases: String = cases.iter().map(case).collect();
    desk.write(
        &format!("results/r{day}/junit.xml"),
        format!("<testsuite name='J'>{cases}</testsuite>"),
    );
}

fn families(desk: &Desk) -> Vec<Value> {
    desk.build("results");
    desk.json("report/api/v1/families.json")["families"].as_array().unwrap().clone()
}

/// The text of the page of a family.
fn page_of(desk: &Desk, family: &Value) -> String {
    text_of(&desk.read(&format!("report/{}", family["page"].as_str().unwrap())))
        .replace('\u{a0}', " ")
}

const LATE: &str = "no video track of PA_aaaaaaaaaaaa arrived within 5s";

#[test]
fn one_failure_is_one_family_over_cases_runs_and_versions() {
    let desk = Desk::new();
    add(&desk, 1, "1.10.1", &[("a", ""), ("b", "")]);
    add(&desk, 2, "1.11.0", &[("a", LATE), ("b", "")]);
    let other = "no video track of PA_bbbbbbbbbbbb arrived within 12s";
    add(&desk, 3, "1.11.0", &[("a", other), ("b", LATE)]);
    let all = families(&desk);
    assert_eq!(all.len(), 1, "{all:?}");
    let it = &all[0];
    assert_eq!(it["message"], "no video track of PA_<id> arrived within <duration>");
    assert_eq!((&it["runs"], &it["of"], &it["type"]), (&json!(2), &json!(3), &json!("Timeout")));
    assert_eq!((&it["first"], &it["last"]), (&json!("r2"), &json!("r3")));
    assert_eq!(it["combinations"], json!(["livekit-1.11.0"]));
    assert_eq!(it["cases"].as_object().unwrap().len(), 2);
    let text = page_of(&desk, it);
    for said in [
        "Seen in 2 of 3 runs (21–94 %), in 2 scenarios; first on 2026-11-02 with livekit 1.11.0.",
        "track of PA_&lt;id&gt; aaaaaaaaaaaa (2 times) · bbbbbbbbbbbb",
        "arrived within &lt;duration&gt; 5s (2 times) · 12s",
        "livekit 1.10.1 not seen 2026-11-01 10:00 UTC 0 of 1 run",
        "2 of the newest 3 runs that tried one of them",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let page = it["page"].as_str().unwrap();
    for place in ["index.html", "runs/r3/index.html", "trends/index.html", "families/index.html"] {
        assert!(desk.read(&format!("report/{place}")).contains(page), "{place} leads to it");
    }
}

#[test]
fn its_id_does_not_change_with_what_else_fails() {
    let desk = Desk::new();
    add(&desk, 2, "1.11.0", &[("a", LATE)]);
    let alone = families(&desk)[0]["id"].clone();
    add(&desk, 1, "1.10.1", &[("c", "the room was closed by the server"), ("d", "")]);
    add(
        &desk,
        3,
        "1.13.5",
        &[("a", LATE), ("c", "the room was closed by the server"), ("d", "502")],
    );
    let all = families(&desk);
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.iter().any(|it| it["id"] == alone && it["runs"] == 2), "{all:?}");
}

#[test]
fn names_that_nothing_marks_are_one_family_and_former_addresses_lead_there() {
    let desk = Desk::new();
    let closed = |name: &str| format!("the server closed the room of {name} too early");
    add(&desk, 1, "1.10.1", &[("a", &closed("alice"))]);
    add(&desk, 2, "1.10.1", &[("b", &closed("bob"))]);
    let apart = families(&desk);
    assert_eq!(apart.len(), 2, "two scenarios with a word each may be two failures");
    let of = |all: &[Value], name: &str| {
        let found = all.iter().find(|it| it["message"].as_str().unwrap().contains(name));
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    add(&desk, 3, "1.10.1", &[("c", &closed("carol"))]);
    let all = families(&desk);
    assert_eq!(all.len(), 1, "three words in one place are names");
    assert_eq!(all[0]["message"], "the server closed the room of <name> too early");
    assert_eq!(all[0]["id"], *of(&apart, "alice"), "that of the first");
    assert!(page_of(&desk, &all[0]).contains("room of &lt;name&gt; alice · bob · carol"));
    let former = of(&apart, "bob");
    let page = desk.read(&format!("report/families/{former}/index.html"));
    assert!(page.contains(all[0]["page"].as_str().unwrap()), "{page}");
}

#[test]
fn a_family_that_is_gone_says_so_and_without_failures_there_is_none() {
    let desk = Desk::new();
    add(&desk, 1, "1.10.1", &[("a", "")]);
    assert!(families(&desk).is_empty());
    assert!(desk.read("report/families/index.html").contains("Nothing ever failed"));
    add(&desk, 2, "1.10.1", &[("a", "&lt;script&gt; was late again and again")]);
    add(&desk, 3, "1.10.1", &[("a", "")]);
    let all = families(&desk);
    let text = page_of(&desk, &all[0]);
    assert!(
        text.contains("The newest runs do not have it; it was last seen on 2026-11-02."),
        "{text}"
    );
    assert!(text.contains("&lt;script&gt; was late"), "{text}");
    assert!(!desk.read("report/index.html").contains("Most frequent failures"));
}
