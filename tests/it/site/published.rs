//! Whether a cell confirms what others published, or differs from it.

use serde_json::{Value, json};

use crate::{
    desk::{Desk, text_of},
    verdicts::{add, issue},
};

const STUCK: &str = "room is stuck at seq 42";
const PATTERN: &str = r"message: 'room is stuck at seq \d+'";
const OTHERS: &str =
    "links: ['https://example.org/issues/7', 'https://github.com/lkreport/lkreport/tree/main/x']\n";
const OWN: &str = "links: ['https://github.com/lkreport/lkreport/tree/main/x']\n";
const AFFECTED: &str = "affected: {livekit: '<=1.9.0'}\n";

/// The cell of livekit 1.8.4, where its cases came to this and the catalogue knows of `issues`.
fn cell_of(issues: &[(&str, &str)], cases: &[(&str, &str)]) -> (Desk, Value) {
    let desk = Desk::new();
    for (n, (condition, more)) in issues.iter().enumerate() {
        desk.write(&format!("known-issues/{n}.yaml"), issue(&format!("X-{n}"), condition, more));
    }
    add(&desk, "r1", 17, "1.8.4", cases);
    add(&desk, "r2", 18, "1.9.11", &[("joins", "")]);
    desk.build("results");
    let cell = desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.8.4"].clone();
    (desk, cell)
}

fn published(more: &[&str]) -> String {
    [AFFECTED, more.concat().as_str()].concat()
}

#[test]
fn a_failure_that_others_published_for_these_versions_is_confirmed() {
    let more = published(&[OTHERS]);
    let (desk, cell) = cell_of(&[(PATTERN, &more)], &[("joins", STUCK), ("leaves", "")]);
    assert_eq!(cell["stance"], "confirmed");
    let it = &cell["published"][0];
    assert_eq!(
        (&it["issue"], &it["sources"]),
        (&json!("X-0"), &json!(["https://example.org/issues/7"]))
    );
    assert_eq!(it["evidence"][0][1], "r1");
    let page = desk.read("report/cells/livekit-1.8.4/index.html");
    let part = page.split("Beside what is published").nth(1).expect("a section");
    let text = text_of(part.split("</section>").next().unwrap());
    assert!(
        text.contains(
            "confirmed X-0 : what X-0 is — it is published for these versions, and shows."
        ),
        "{text}"
    );
    assert!(text.contains("known issue joins in the run of"), "{text}");
    assert!(part.contains("href=\"https://example.org/issues/7\" rel=noreferrer"), "{part}");
    let other = &desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.9.11"];
    assert_eq!(other["stance"], Value::Null, "nothing is published of it, and it passes");
}

#[test]
fn the_matrix_of_two_components_says_it_in_each_cell_and_in_markdown() {
    let desk = Desk::new();
    let more = published(&[OTHERS]);
    desk.write("known-issues/0.yaml", issue("X-0", PATTERN, &more));
    for (run, version, said) in [("r1", "1.8.4", STUCK), ("r2", "1.9.11", "")] {
        add(&desk, run, 17, version, &[("joins", said)]);
        let head = desk.read(&format!("results/{run}/run.json"));
        let head = head.replace("\"versions\":{", "\"versions\":{\"client-js\":\"2.18.1\",");
        desk.write(&format!("results/{run}/run.json"), head);
    }
    desk.build("results");
    let matrix = desk.read("report/matrix/index.html");
    assert!(matrix.contains("; confirms what is published: X-0\""), "{matrix}");
    assert!(
        matrix.contains("<b class=stance>confirmed</b>") && matrix.contains("class=stances"),
        "{matrix}"
    );
    assert!(desk.read("report/matrix/matrix.md").contains("*confirmed*"));
}

#[test]
fn what_should_fail_and_passes_differs_where_the_issue_says_what_it_is_about() {
    let about = format!("all: [{{case: 'joins'}}, {{{PATTERN}}}]");
    let more = published(&[OTHERS]);
    let (desk, cell) = cell_of(&[(&about, &more)], &[("joins", ""), ("leaves", "other")]);
    assert_eq!(cell["stance"], "differs");
    let page = text_of(&desk.read("report/cells/livekit-1.8.4/index.html"));
    assert!(
        page.contains("all scenarios that it is about passed. Published: example.org/issues/7"),
        "{page}"
    );
    let (_, cell) = cell_of(&[(PATTERN, &more)], &[("joins", ""), ("leaves", "")]);
    assert_eq!(cell["stance"], Value::Null, "nobody can tell what shows it");
    let (_, cell) = cell_of(&[(&about, &more)], &[("leaves", "")]);
    assert_eq!(cell["stance"], Value::Null, "no scenario shows it");
    let (_, cell) = cell_of(&[(&about, &more)], &[("joins", "another failure")]);
    assert_eq!(cell["stance"], "not published", "it failed otherwise");
}

#[test]
fn what_is_said_to_be_fixed_and_shows_differs() {
    let more = format!("fixed_in: {{livekit: 1.8.0}}\n{OTHERS}");
    let older = "examples:";
    let condition = PATTERN;
    let desk = Desk::new();
    let text = issue("X-0", condition, &more)
        .replace("versions: {livekit: 1.8.4}", "versions: {livekit: 1.7.2}");
    assert!(text.contains(older));
    desk.write("known-issues/0.yaml", text);
    add(&desk, "r1", 17, "1.8.4", &[("joins", STUCK)]);
    desk.build("results");
    let cell = desk.json("report/api/v1/matrix.json")["cells"]["livekit-1.8.4"].clone();
    assert_eq!(cell["stance"], "differs");
    let page = text_of(&desk.read("report/cells/livekit-1.8.4/index.html"));
    assert!(page.contains("it is said to be fixed in these versions, and shows."), "{page}");
}

#[test]
fn our_own_runs_do_not_confirm_themselves() {
    let (other, own) = (published(&[OTHERS]), published(&[OWN]));
    let issues = [("message: 'something else'", other.as_str()), (PATTERN, own.as_str())];
    let issues = issues.map(|(condition, more)| (condition, more));
    let (desk, cell) = cell_of(&issues, &[("joins", STUCK)]);
    assert_eq!(cell["stance"], "not published");
    let page = text_of(&desk.read("report/cells/livekit-1.8.4/index.html"));
    assert!(page.contains("these failures are known from runs of our own alone."), "{page}");
}
