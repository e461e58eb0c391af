//! What known issues say of failures: known, unexplained, stale, resurrected, too broad, review due.

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, text_of};

/// A known issue of the project with a `match` and what else stands in the file.
pub(crate) fn issue(id: &str, condition: &str, more: &str) -> String {
    format!(
        "id: {id}\ntitle: what {id} is\ncomponent: livekit\nstatus: open\nmatch:\n  any:\n    - {condition}\n{more}\
         examples:\n  match: [{{text: 'room is stuck at seq 17', versions: {{livekit: 1.8.4}}}}]\n  no_match: [quiet]\n"
    )
}

/// A run of `smoke` in which each case of a pair of name and message fails, or passes where it has none.
pub(crate) fn add(desk: &Desk, id: &str, day: u32, version: &str, cases: &[(&str, &str)]) {
    let started = format!("2026-11-{day:02}T10:00:00Z");
    let head = json!({
        "id": id, "suite": "smoke", "started": started, "finished": started, "versions": {"livekit": version},
    });
    desk.write(&format!("results/{id}/run.json"), head.to_string());
    let case = |(name, message): &(&str, &str)| match message.is_empty() {
        true => format!("<testcase classname='lk.Room' name='{name}' time='0.5'/>\n"),
        false => format!(
            "<testcase classname='lk.Room' name='{name}' time='0.5'><failure type='Wrong' message='{message}'>at Room.java:7</failure></testcase>\n"
        ),
    };
    let cases: String = cases.iter().map(case).collect();
    desk.write(
        &format!("results/{id}/junit.xml"),
        format!("<testsuite name='Room' timestamp='{started}'>\n{cases}</testsuite>\n"),
    );
}

fn page(desk: &Desk, begin: &str) -> String {
    let files = crate::desk::tree(&desk.path("report"));
    let page = files.iter().find(|(name, _)| name.starts_with(begin) && name.ends_with(".html"));
    text_of(&String::from_utf8_lossy(page.unwrap_or_else(|| panic!("no page {begin}")).1))
        .replace('\u{a0}', " ")
}

const STUCK: &str = "room is stuck at seq 42";

#[test]
fn a_known_failure_is_told_apart_everywhere() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", r"message: 'room is stuck at seq \d+'", ""));
    add(&desk, "r1", 17, "1.8.4", &[("joins", STUCK), ("leaves", ""), ("stays", "expected 2")]);
    desk.build("results");
    let run = page(&desk, "runs/r1/index");
    assert!(run.contains("1 of 3 passed, 2 failed (1 known, 1 unexplained) on"), "{run}");
    let (unexplained, known) = run.split_once("Known issues known issue X-1 what").unwrap();
    assert!(unexplained.contains("Unexplained failures") && unexplained.contains("stays"), "{run}");
    assert!(!unexplained.contains("joins") && known.contains("1 of 3 scenarios"), "{run}");
    let case = page(&desk, "cases/joins-");
    assert!(case.contains("Known: X-1. known issue X-1 what X-1 is"), "{case}");
    assert!(case.contains(&format!("Wrong: {STUCK} message of attempt 1")), "{case}");
    assert!(page(&desk, "cases/stays-").contains("Unexplained: no known issue accounts"));
    let overview = page(&desk, "index");
    assert!(
        overview.contains("passes 1 of 3 scenarios; 2 fail: 1 known, 1 not explained yet."),
        "{overview}"
    );
    let badge = desk.json("report/badges/smoke.json");
    assert_eq!(badge["message"], "1 passed, 1 known, 1 failed");
    let about = page(&desk, "issues/X-1/");
    assert!(about.contains("recognised in 1 of 1 run, last 2026-11-17"), "{about}");
    let cell = desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.8.4"].clone();
    assert_eq!((&cell["state"], &cell["known"]), (&json!("failed"), &json!(1)));
}

#[test]
fn a_cell_whose_failures_are_all_known_shows_known_and_may_be_recommended() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    desk.write("lkreport.toml", "[report]\nknown_count_as = \"known\"\n");
    add(&desk, "r1", 17, "1.8.4", &[("joins", STUCK), ("leaves", "")]);
    desk.build("results");
    let matrix = desk.json("report/api/v1/matrix.json");
    assert_eq!(matrix["cells"]["livekit-1.8.4"]["state"], "known");
    assert_eq!(matrix["recommended"], "livekit-1.8.4");
    assert!(desk.ok(&["matrix"]).contains("◆ known 1/2"), "{}", desk.ok(&["matrix"]));
    assert!(page(&desk, "runs/r1/index").contains("1 of 2 passed, 1 known on"));
    assert_eq!(desk.json("report/badges/smoke.json")["message"], "1 passed, 1 known");
}

#[test]
fn a_known_test_that_fails_for_a_new_reason_stays_unexplained() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    add(&desk, "r1", 17, "1.8.4", &[("joins", STUCK)]);
    add(&desk, "r2", 18, "1.8.4", &[("joins", "expected 2")]);
    let retried = "<testsuite name='Room'><testcase classname='lk.Room' name='joins'>\
                   <failure type='Wrong' message='expected 3'/>\
                   <rerunFailure type='Wrong' message='room is stuck at seq 1'/></testcase></testsuite>";
    add(&desk, "r3", 19, "1.8.4", &[]);
    desk.write("results/r3/junit.xml", retried);
    desk.build("results");
    assert!(page(&desk, "runs/r1/index").contains("1 failed (known)"));
    assert!(!page(&desk, "runs/r2/index").contains("known)"));
    assert!(!page(&desk, "runs/r3/index").contains("known)"), "one of two attempts is explained");
    let case = page(&desk, "cases/joins-");
    assert!(case.contains("Unexplained: X-1 explains only a part of it."), "{case}");
}

#[test]
fn versions_and_cases_decide_with_the_text() {
    let desk = Desk::new();
    let versions = "affected: {livekit: \"<1.9.0\"}\nfixed_in: {livekit: \"1.9.0\"}\n";
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", versions));
    add(&desk, "old", 16, "1.8.4", &[("joins", STUCK)]);
    add(&desk, "new", 17, "1.9.0", &[("joins", STUCK)]);
    add(&desk, "odd", 18, "latest", &[("joins", STUCK)]);
    desk.build("results");
    assert!(page(&desk, "runs/old/index").contains("1 failed (known)"));
    assert!(!page(&desk, "runs/new/index").contains("known)"));
    assert!(!page(&desk, "runs/odd/index").contains("known)"));
    let about = page(&desk, "issues/X-1/");
    assert!(about.contains("resurrected : It was recognised on versions that are said"), "{about}");
    assert!(about.contains("1.8.4 affected ran here 1.9.0 fixed ran here"), "{about}");
    assert!(about.contains("Whether these versions are affected is not known"), "{about}");
}

#[test]
fn a_line_of_a_log_explains_only_failures_of_its_time_or_room() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "log: 'room is stuck at seq'", ""));
    add(&desk, "r1", 17, "1.8.4", &[]);
    let cases = "<testsuite name='Room'>\
        <testcase classname='lk.Room' name='within' timestamp='2026-11-17T10:00:00Z' time='1'><failure message='expected 2'/></testcase>\
        <testcase classname='lk.Room' name='far' timestamp='2026-11-17T11:00:00Z' time='1'><failure message='expected 2'/></testcase>\
        <testcase classname='lk.Room' name='named' timestamp='2026-11-17T12:00:00Z' time='1'><failure message='expected 2 in room=blue-7'/></testcase>\
        <testcase classname='lk.Room' name='other' timestamp='2026-11-17T13:00:00Z' time='1'><failure message='expected 2 in room=blue'/></testcase>\
        </testsuite>";
    desk.write("results/r1/junit.xml", cases);
    let log = "2026-11-17T10:00:00.500Z\tERROR\tlivekit\tx.go:1\troom is stuck at seq\t{\"room\": \"red\"}\n\
               2026-11-17T12:00:30.500Z\tERROR\tlivekit\tx.go:1\troom is stuck at seq\t{\"room\": \"blue-7\"}\n";
    desk.write("results/r1/logs/livekit.log", log);
    desk.build("results");
    for (name, known) in [("within", true), ("far", false), ("named", true), ("other", false)] {
        let case = page(&desk, &format!("cases/{name}-"));
        assert_eq!(case.contains("Known: X-1."), known, "{name}: {case}");
    }
    let case = page(&desk, "cases/named-");
    assert!(case.contains("livekit line 2"), "{case}");
    let html = crate::desk::tree(&desk.path("report"));
    let within = html.iter().find(|it| it.0.starts_with("cases/within-")).unwrap();
    assert!(String::from_utf8_lossy(within.1).contains("logs/r1/livekit/index.html#L1\""));
}

#[test]
fn a_log_in_utf_16_explains_as_well() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "log: 'room is stuck at seq'", ""));
    add(&desk, "r1", 17, "1.8.4", &[("joins", "expected 2")]);
    let log = "2026-11-17T10:00:00.100Z\tERROR\tlivekit\tx.go:1\troom is stuck at seq\r\n";
    let encoded = crate::known_issues::utf16(log, u16::to_le_bytes);
    desk.write("results/r1/logs/livekit.log", encoded);
    desk.build("results");
    assert!(page(&desk, "cases/joins-").contains("Known: X-1."), "{}", page(&desk, "cases/joins-"));
}

#[test]
fn an_issue_that_no_longer_shows_is_stale() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    let remarks = |desk: &Desk| {
        desk.build("results");
        page(desk, "issues/X-1/").contains("stale : It should show in these runs")
    };
    add(&desk, "r1", 11, "1.8.4", &[("joins", STUCK)]);
    add(&desk, "r2", 12, "1.8.4", &[("joins", STUCK)]);
    assert!(!remarks(&desk), "it shows");
    add(&desk, "r3", 13, "1.8.4", &[("leaves", "")]);
    assert!(!remarks(&desk), "its scenario did not run");
    add(&desk, "r4", 14, "1.9.0", &[("joins", "")]);
    assert!(!remarks(&desk), "it never showed on these versions");
    add(&desk, "r5", 15, "1.8.4", &[("joins", "")]);
    assert!(remarks(&desk), "it showed in every run before");
}

#[test]
fn silence_that_chance_explains_makes_no_issue_stale() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    for day in 1..4 {
        add(&desk, &format!("r{day}"), day, "1.8.4", &[("joins", "")]);
    }
    add(&desk, "r4", 4, "1.8.4", &[("joins", STUCK)]);
    add(&desk, "r5", 5, "1.8.4", &[("joins", "")]);
    desk.build("results");
    assert!(!page(&desk, "issues/X-1/").contains("stale :"), "it showed in one run of four");
}

#[test]
fn an_issue_that_explains_many_families_is_too_broad() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    let cases = [
        ("joins", "room is stuck while the first one joins"),
        ("leaves", "nobody could leave because the room is stuck"),
        ("stays", "expected 2"),
        ("again", "nobody could leave because the room is stuck"),
    ];
    add(&desk, "r1", 17, "1.8.4", &cases);
    desk.build("results");
    assert!(!page(&desk, "issues/X-1/").contains("too broad :"), "two families");
    add(&desk, "r2", 18, "1.8.4", &[("stays", "the room is stuck and was never closed again")]);
    desk.build("results");
    let about = page(&desk, "issues/X-1/");
    assert!(about.contains("too broad : It explains failures of 3 families."), "{about}");
    let html = desk.read("report/issues/X-1/index.html");
    let (_, remark) = html.split_once("<b>too broad</b>").unwrap();
    let families = desk.json("report/api/v1/families.json");
    let of = |it: &&Value| it["issues"][0]["id"] == "X-1";
    let explained: Vec<&Value> =
        families["families"].as_array().unwrap().iter().filter(of).collect();
    assert_eq!(explained.len(), 3, "{families}");
    for it in explained {
        assert!(remark.contains(it["page"].as_str().unwrap()), "{it}: {remark}");
    }
    let (_, said) = gate(&desk);
    assert!(said.contains("warn  too broad     X-1 explains 3 failure families\n"), "{said}");
    desk.write("lkreport.toml", "[report]\nbroad_families = 4\n");
    desk.build("results");
    assert!(!page(&desk, "issues/X-1/").contains("too broad :"), "so many may be one issue");
    desk.write("lkreport.toml", "[report]\nbroad_families = 0\n");
    assert!(desk.refused(&["gate"]).contains("nonzero"), "every issue would be too broad");
}

/// Whether the gate is open, and what it says.
fn gate(desk: &Desk) -> (bool, String) {
    let output = desk.run(&["gate"]);
    (output.status.success(), crate::desk::stdout(&output))
}

#[test]
fn families_that_keep_coming_unexplained_are_to_be_investigated() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    let late = "no track of anybody arrived in time";
    add(&desk, "r1", 15, "1.8.4", &[("joins", STUCK), ("leaves", late), ("stays", "")]);
    desk.build("results");
    let list = || page(&desk, "families/index");
    assert!(list().contains("Known issues explain 50 % (1 of 2) of what failed"), "{}", list());
    assert!(!list().contains("to be investigated."), "it was seen once: {}", list());
    add(&desk, "r2", 16, "1.8.4", &[("joins", STUCK), ("leaves", ""), ("stays", late)]);
    desk.build("results");
    let said = "Known issues explain 50 % (2 of 4) of what failed in the kept runs, and 50 % (1 of 2) of \
                the failure families in full. 1 family is to be investigated.";
    let link = format!("{late} not explained in 2 runs, last on 2026-11-16");
    for place in ["index", "families/index"] {
        let text = page(&desk, place);
        assert!(text.contains(said) && text.contains(&link), "{place}: {text}");
    }
    assert!(desk.ok(&["summary"]).replace('\u{a0}', " ").contains(said));
    assert!(desk.ok(&["summary", "--markdown"]).replace('\u{a0}', " ").contains(said));
    let coverage = desk.json("report/api/v1/report.json")["coverage"].clone();
    let wanted = json!({
        "failures": 4, "explained": 2, "families": 2, "known_families": 1, "to_be_investigated": 1,
    });
    assert_eq!(coverage, wanted);
    let families = desk.json("report/api/v1/families.json")["families"].clone();
    let of = |message: &str| {
        let all = families.as_array().unwrap().iter();
        { all }.find(|it| it["message"].as_str().unwrap().contains(message)).unwrap().clone()
    };
    let (open, known) = (of("no track"), of("stuck"));
    assert_eq!((&open["to_be_investigated"], &open["unexplained_runs"]), (&json!(true), &json!(2)));
    assert_eq!((&open["failures"], &open["explained"]), (&json!(2), &json!(0)));
    assert_eq!((&known["failures"], &known["explained"]), (&json!(2), &json!(2)));
    assert_eq!(known["issues"], json!([{"id": "X-1", "failures": 2}]));
    let about = page(&desk, open["page"].as_str().unwrap());
    assert!(about.contains("No known issue explains it: it is to be investigated."), "{about}");
    let (_, draft) = about.split_once("Draft a known issue from it ").unwrap();
    let command: Vec<&str> = draft.split(' ').take(5).collect();
    let drafted = desk.ok(&command[1..]);
    assert!(drafted.contains("no track of anybody arrived in time"), "{command:?}: {drafted}");
    let about = page(&desk, known["page"].as_str().unwrap());
    assert!(about.contains("Known: X-1.") && !about.contains("Draft a known issue"), "{about}");
}

#[test]
fn the_most_frequent_failures_show_what_is_known_as_known() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    add(&desk, "r1", 15, "1.8.4", &[("joins", STUCK), ("leaves", "expected 2")]);
    desk.build("results");
    let (_, frequent) = desk
        .read("report/index.html")
        .split_once("Most frequent failures")
        .map(|it| (it.0.to_owned(), it.1.to_owned()))
        .unwrap();
    let text = text_of(&frequent);
    assert!(text.contains("known issue room is stuck at seq &lt;number&gt;"), "{text}");
    assert!(
        text.contains("Known: X-1") && text.contains("failed expected &lt;number&gt;"),
        "{text}"
    );
    assert!(frequent.contains("<span class=known>known issue</span>"), "{frequent}");
}

#[test]
fn an_attempt_that_is_not_explained_leaves_its_own_family_open() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    add(&desk, "r1", 19, "1.8.4", &[]);
    let retried = "<testsuite name='Room'><testcase classname='lk.Room' name='joins'>\
                   <failure type='Wrong' message='expected 3'/>\
                   <rerunFailure type='Wrong' message='room is stuck at seq 1'/></testcase></testsuite>";
    desk.write("results/r1/junit.xml", retried);
    desk.build("results");
    let families = desk.json("report/api/v1/families.json")["families"].clone();
    let explained = |it: &Value| (it["message"].clone(), it["explained"].clone());
    let mut all: Vec<_> = families.as_array().unwrap().iter().map(explained).collect();
    all.sort_by_key(|it| it.0.to_string());
    let wanted = [
        (json!("expected <number>"), json!(0)),
        (json!("room is stuck at seq <number>"), json!(1)),
    ];
    assert_eq!(all, wanted);
}

#[test]
fn a_review_that_is_due_is_remarked() {
    let desk = Desk::new();
    desk.write("known-issues/x.yaml", issue("X-1", "message: stuck", "review_by: 2026-11-20\n"));
    add(&desk, "r1", 17, "1.8.4", &[("joins", "")]);
    desk.build("results");
    let about = page(&desk, "issues/X-1/");
    assert!(about.contains("review due : Somebody was to look by 2026-11-20"), "{about}");
    desk.ok(&["build", "--results", "results", "--stamp", "2026-11-20T10:00:00Z"]);
    assert!(!page(&desk, "issues/X-1/").contains("review due"));
}

#[test]
fn old_runs_are_explained_by_what_is_known_now_and_remembered() {
    let desk = Desk::new();
    add(&desk, "r1", 17, "1.8.4", &[("joins", STUCK)]);
    desk.build("results");
    assert!(!page(&desk, "runs/r1/index").contains("known)"));
    desk.write("known-issues/x.yaml", issue("X-1", "message: room is stuck", ""));
    let again = || desk.ok(&["build", "--stamp", STAMP]);
    again();
    assert!(page(&desk, "runs/r1/index").contains("1 failed (known)"));
    let first = crate::desk::tree(&desk.path("report"));
    let note = desk.path("history/cache/verdicts-v1/2026-11.zst");
    let written = std::fs::metadata(&note).unwrap().modified().unwrap();
    again();
    assert_eq!(std::fs::metadata(&note).unwrap().modified().unwrap(), written, "nothing is new");
    std::fs::write(&note, "damaged").unwrap();
    again();
    assert!(
        crate::desk::tree(&desk.path("report")) == first,
        "with and without what is remembered"
    );
    let _: Value = desk.json("report/api/v1/report.json");
}
