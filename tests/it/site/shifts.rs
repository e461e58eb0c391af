//! What became slower or faster: found in a long history, once, and nothing in its noise.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, stdout, text_of};

/// How many runs the history has.
const RUNS: u32 = 60;

/// How many scenarios are nothing but noise.
const NOISES: u32 = 8;

/// Numbers from -1 to 1 that look random and are the same every time.
fn noise(seed: u32) -> f64 {
    let mixed = (u64::from(seed) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed >> 40) as f64 / f64::from(1_u32 << 24)) * 2.0 - 1.0
}

/// How long a scenario took in a run, and what its server used.
struct Took {
    name: &'static str,
    seconds: fn(u32) -> f64,
    /// By how much it differs from that from run to run.
    width: f64,
}

fn step(n: u32, at: u32, before: f64, after: f64) -> f64 {
    if n < at { before } else { after }
}

const STEADY: [Took; 6] = [
    Took { name: "joins", seconds: |n| step(n, 40, 1.0, 1.4), width: 0.06 },
    Took { name: "leaves", seconds: |n| step(n, 25, 3.0, 2.0), width: 0.06 },
    Took { name: "mutes", seconds: |n| if (20..38).contains(&n) { 2.0 } else { 1.0 }, width: 0.06 },
    Took { name: "stays", seconds: |_| 2.0, width: 0.08 },
    Took { name: "wanders", seconds: |_| 2.0, width: 0.9 },
    Took { name: "blinks", seconds: |n| step(n, 30, 0.01, 0.05), width: 0.1 },
];

/// Run `n`, on a day of its own, on the version of its time.
fn add(desk: &Desk, n: u32) {
    let started = jiff::Timestamp::from_second(1_780_000_000 + 86_400 * i64::from(n)).unwrap();
    let livekit = if n < 40 { "1.10.1" } else { "1.11.0" };
    let id = format!("r{n:02}");
    let more = json!({"versions": {"livekit": livekit}, "commit": "c1"});
    desk.add_run(&id, &started.to_string(), &[], more);
    let mut cases = String::new();
    let mut samples = "{\"schema\":\"lkreport.metrics/1\"}\n".to_owned();
    for (place, it) in (0..).zip(&STEADY) {
        let seconds = (it.seconds)(n) * (1.0 + it.width * noise(10_000 * place + n));
        _ = writeln!(
            cases,
            "<testcase classname='lk.Room' name='{}' time='{seconds:.3}'/>",
            it.name
        );
    }
    for which in 0..NOISES {
        // ±20 % to ±55 % from run to run.
        let width = 0.2 + 0.05 * f64::from(which);
        let seconds = 2.0 * (1.0 + width * noise(100_000 * (which + 1) + n));
        _ = writeln!(
            cases,
            "<testcase classname='lk.Noise' name='noise {which}' time='{seconds:.3}'/>"
        );
    }
    let memory = step(n, 30, 50e6, 80e6) * (1.0 + 0.05 * noise(9_000 + n));
    for second in 0..5 {
        let t = started + jiff::SignedDuration::from_secs(second);
        let sample = json!({
            "t": t.to_string(), "component": "livekit", "case": "stays-1", "mem": memory as u64,
            "cpu": 0.2,
        });
        _ = writeln!(samples, "{sample}");
    }
    desk.write(
        &format!("results/{id}/junit.xml"),
        format!("<testsuite name='Room'>\n{cases}</testsuite>\n"),
    );
    desk.write(&format!("results/{id}/metrics.ndjson"), samples);
}

fn history() -> Desk {
    let desk = Desk::new();
    (0..RUNS).for_each(|n| add(&desk, n));
    desk.build("results");
    desk
}

fn shifts(desk: &Desk) -> Vec<Value> {
    desk.json("report/api/v1/shifts.json")["shifts"].as_array().unwrap().clone()
}

/// Scenario, metric, first new run, last old run, where it ended, and whether it is worse.
fn brief(it: &Value) -> (String, String, String, String, Option<String>, bool) {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    (
        text(&it["case"]["name"]),
        text(&it["metric"]),
        text(&it["since"]),
        text(&it["last_old"]),
        it["ended"].as_str().map(str::to_owned),
        it["worse"].as_bool().unwrap(),
    )
}

fn page_of(desk: &Desk, name: &str) -> (String, String) {
    let folders = std::fs::read_dir(desk.path("report/cases")).unwrap().map(Result::unwrap);
    let names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
    let folder = { names }.find(|it| it.starts_with(&format!("{name}-"))).expect("a page");
    let page = desk.read(&format!("report/cases/{folder}/index.html"));
    let text = text_of(&page).replace('\u{a0}', " ");
    (page, text)
}

#[test]
fn what_was_planted_is_found_once_and_nothing_in_the_noise() {
    let desk = history();
    let found: BTreeSet<_> = shifts(&desk).iter().map(brief).collect();
    let is = |name: &str, metric: &str, since: &str, last: &str, ended: Option<&str>, worse| {
        (name.into(), metric.into(), since.into(), last.into(), ended.map(Into::into), worse)
    };
    let planted = BTreeSet::from([
        is("joins", "duration", "r40", "r39", None, true),
        is("leaves", "duration", "r25", "r24", None, false),
        is("mutes", "duration", "r20", "r19", Some("r38"), true),
        is("stays", "memory", "r30", "r29", None, true),
    ]);
    assert_eq!(found, planted);
    assert_eq!(shifts(&desk).len(), 4, "each once");
    let joins = shifts(&desk).into_iter().find(|it| it["case"]["name"] == "joins").unwrap();
    let deviation = joins["deviation"].as_f64().unwrap();
    assert!((deviation - 40.0).abs() < 5.0, "{joins}");
    let noisy = desk.json("report/api/v1/shifts.json")["noisy"].clone();
    let noisy: Vec<&Value> = noisy.as_array().unwrap().iter().collect();
    assert!(noisy.iter().all(|it| it["metric"] == "duration"), "{noisy:?}");
    assert!(noisy.iter().any(|it| it["case"]["name"] == "wanders"), "{noisy:?}");
    let (page, text) = page_of(&desk, "joins");
    let said = "with livekit 1.11.0 instead of 1.10.1";
    assert!(text.contains("duration worse 1.0") && text.contains("+4"), "{text}");
    assert!(text.contains(said.trim_start_matches("with ")), "{text}");
    assert!(page.contains("class=\"level\"") && page.contains("class=\"change\""), "{page}");
    assert!(page.len() < 150_000, "{}", page.len());
    let trends = text_of(&desk.read("report/trends/index.html")).replace('\u{a0}', " ");
    assert!(trends.contains("4 metrics shifted: 2 worse, 1 better, 1 over"), "{trends}");
    assert!(trends.contains("wanders: duration is too noisy to judge: ±"), "{trends}");
    let run = text_of(&desk.read("report/runs/r40/index.html")).replace('\u{a0}', " ");
    assert!(run.contains("Slower or faster since this run") && run.contains("joins"), "{run}");
    assert!(!desk.read("report/runs/r41/index.html").contains("since this run"));
}

#[test]
fn a_shift_keeps_its_id_until_it_is_over_and_the_gate_tells_it_once() {
    let desk = Desk::new();
    let all = |from: u32, to: u32| (from..to).for_each(|n| add(&desk, n));
    all(0, 43);
    desk.build("results");
    let of_joins = || shifts(&desk).into_iter().find(|it| it["case"]["name"] == "joins");
    assert_eq!(of_joins(), None, "three runs may be chance");
    let gate = || stdout(&desk.run(&["gate"]));
    assert!(!gate().contains("slower"), "{}", gate());
    all(43, 44);
    desk.build("results");
    let first = of_joins().expect("four runs say it");
    assert_eq!((&first["since"], &first["news"]), (&json!("r40"), &json!(true)));
    assert!(gate().contains("warn  slower"), "{}", gate());
    assert!(gate().contains("joins: duration +"), "{}", gate());
    desk.write("lkreport.toml", "[gate]\nslower = \"fail\"\n");
    assert_eq!(desk.run(&["gate"]).status.code(), Some(1));
    all(44, 47);
    desk.build("results");
    let later = of_joins().expect("it lasts");
    assert_eq!((&later["id"], &later["since"]), (&first["id"], &first["since"]));
    assert_eq!(later["news"], json!(false));
    assert!(!gate().contains("slower"), "what lasts is no news: {}", gate());
}

#[test]
fn sensitivity_is_set_by_metric_and_scenario() {
    let desk = history();
    let named = || -> BTreeSet<(String, String)> {
        shifts(&desk).iter().map(brief).map(|it| (it.0, it.1)).collect()
    };
    let pair = |name: &str, metric: &str| (name.to_owned(), metric.to_owned());
    desk.write(
        "lkreport.toml",
        "[shifts]\noff = ['memory']\nchange = { duration = 60 }\n\
         [[shifts.scenarios]]\nmatch = ['le*s', '@slow']\nchange = { duration = 10 }\n",
    );
    desk.build("results");
    let expected = [pair("leaves", "duration"), pair("mutes", "duration")];
    assert_eq!(named(), expected.into());
    let refused = [
        ("p = 0.5", "0.5 is not a probability"),
        ("p = 0.01\nchange = { duration = 0 }", "0 is not a change in percent"),
        ("change = { speed = 1 }", "speed"),
        ("baseline = ' '", "expected the id of a run"),
        ("[[shifts.scenarios]]\nmatch = ['']", "matches nothing"),
        ("[[shifts.scenarios]]\np = 0.01", "match"),
    ];
    for (text, why) in refused {
        desk.write("lkreport.toml", format!("[shifts]\n{text}\n"));
        let said = desk.run(&["check"]);
        assert_eq!(said.status.code(), Some(1), "{text}");
        assert!(stdout(&said).contains(why), "{text}: {}", stdout(&said));
        desk.refused(&["build", "--results", "results"]);
    }
}

#[test]
fn the_newest_is_judged_against_a_pinned_baseline() {
    let desk = history();
    let pinned = |baseline: &str| -> Vec<Value> {
        desk.write("lkreport.toml", format!("[shifts]\nbaseline = '{baseline}'\n"));
        desk.build("results");
        shifts(&desk).into_iter().filter(|it| it["baseline"] == baseline).collect()
    };
    let by_version = pinned("livekit 1.10.1");
    let durations = by_version.iter().filter(|it| it["metric"] == "duration");
    let names: Vec<&Value> = durations.map(|it| &it["case"]["name"]).collect();
    assert!(names.contains(&&json!("joins")), "{names:?}");
    assert!(!names.contains(&&json!("wanders")) && !names.contains(&&json!("stays")), "{names:?}");
    let by_run = pinned("r05");
    let brief: BTreeSet<_> = by_run.iter().map(brief).map(|it| (it.0, it.1, it.2, it.5)).collect();
    let is = |name: &str, metric: &str, since: &str, worse| {
        (name.to_owned(), metric.to_owned(), since.to_owned(), worse)
    };
    assert!(brief.contains(&is("joins", "duration", "r40", true)), "{brief:?}");
    assert!(brief.contains(&is("leaves", "duration", "r25", false)), "{brief:?}");
    assert!(brief.contains(&is("stays", "memory", "r30", true)), "{brief:?}");
    assert!(brief.iter().all(|it| it.0 != "mutes"), "{brief:?}");
    let said = desk.run(&["gate"]);
    assert!(stdout(&said).contains("than the pinned r05"), "{}", stdout(&said));
    desk.write("lkreport.toml", "[shifts]\nbaseline = 'r99'\n");
    let output = desk.run(&["build", "--results", "results", "--stamp", STAMP]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no run is called r99, or names that version"), "{said}");
}

#[test]
fn versions_that_take_turns_are_compared_from_one_to_the_next() {
    let desk = Desk::new();
    for night in 0..7_u32 {
        for (place, livekit) in (0..).zip(["1.9.11", "1.10.1", "1.11.0"]) {
            let started = jiff::Timestamp::from_second(
                1_780_000_000 + 86_400 * i64::from(night) + 600 * i64::from(place),
            );
            let id = format!("n{night}-{livekit}");
            let more = json!({"versions": {"livekit": livekit}});
            desk.add_run(&id, &started.unwrap().to_string(), &[("a", "passed")], more);
            let slow = if livekit == "1.11.0" { 1.5 } else { 1.0 };
            let seconds = slow * (1.0 + 0.05 * noise(100 * night + place));
            let junit = desk.read(&format!("results/{id}/junit.xml"));
            let junit = junit.replace("time='0.5'", &format!("time='{seconds:.3}'"));
            desk.write(&format!("results/{id}/junit.xml"), junit);
        }
    }
    desk.build("results");
    let found = shifts(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["since"], &found[0]["last_old"]),
        (&json!("n0-1.11.0"), &json!("n6-1.10.1"))
    );
    let (_, text) = page_of(&desk, "a");
    assert!(text.contains("livekit 1.11.0 instead of 1.10.1"), "{text}");
}
