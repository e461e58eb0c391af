//! Feature files as pages: what they promise, and what became of it.

use std::fs;

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, assert_order, samples, text_of};

/// Puts the messages of a sample among the results, and writes the feature files that they quote.
fn take(desk: &Desk, sample: &str, version: &str) {
    let messages = fs::read_to_string(samples().join(format!("messages/{sample}.ndjson"))).unwrap();
    for line in messages.lines() {
        let envelope: Value = serde_json::from_str(line).unwrap();
        if let Some(source) = envelope.get("source") {
            desk.write(source["uri"].as_str().unwrap(), source["data"].as_str().unwrap());
        }
    }
    let run = format!("{sample}-{version}");
    let head = json!({"id": run, "suite": "kit", "started": format!("2026-11-20T10:00:0{}Z", &version[2..3]),
        "finished": "2026-11-20T11:00:00Z", "versions": {"livekit": version}});
    desk.write(&format!("results/{run}/run.json"), head.to_string());
    desk.write(&format!("results/{run}/messages.ndjson"), messages);
}

fn build(desk: &Desk) {
    desk.ok(&["build", "--results", "results", "--features", "samples", "--stamp", STAMP]);
}

#[test]
fn a_page_tells_rules_steps_and_results_by_version() {
    let desk = Desk::new();
    take(&desk, "rules", "1.8.4");
    take(&desk, "rules", "1.9.0");
    build(&desk);
    let page = desk.read("report/features/samples/rules/rules/index.html");
    let text = text_of(&page).replace('\u{a0}', " ");
    let results = ["Is it kept?", "1.9.0", "passed", "1.8.4", "passed"];
    assert_order(&text, &results);
    let told = [
        "samples/rules/rules.feature",
        "You can place scenarios inside rules",
        "Rule: A sale cannot happen if the customer does not have enough money",
        "passed Example: Not enough money",
        "Given the customer has 100 cents",
        "By version",
        "1.9.0",
        "2026-11-20 10:00 UTC",
    ];
    assert_order(&text, &told);
    assert!(page.contains("class=steps"), "{page}");
}

#[test]
fn rows_of_examples_lead_to_their_cases() {
    let desk = Desk::new();
    take(&desk, "examples-tables", "1.8.4");
    build(&desk);
    let page = desk.read("report/features/samples/examples-tables/examples-tables/index.html");
    let text = text_of(&page);
    assert_order(
        &text,
        &["Scenario Outline: Eating cucumbers", "start eat left Now", "12 5 7 passed"],
    );
    assert_order(&text, &["12 20 0 failed"]);
    assert!(page.contains("cases/eating-cucumbers-"), "a failed row has a page: {page}");
    // And back: the page of the case leads to the scenario.
    let folders = fs::read_dir(desk.path("report/cases")).unwrap().map(|it| it.unwrap().path());
    let failed = folders.filter_map(|it| fs::read_to_string(it.join("index.html")).ok());
    let linked = failed
        .filter(|it| it.contains("features/samples/examples-tables/examples-tables/index.html#s1"));
    assert!(linked.count() >= 2);
}

#[test]
fn steps_without_a_definition_are_named() {
    let desk = Desk::new();
    take(&desk, "unknown-parameter-type", "1.8.4");
    build(&desk);
    let at = "report/features/samples/unknown-parameter-type/unknown-parameter-type/index.html";
    let text = text_of(&desk.read(at));
    let told =
        ["Steps without a definition", "CDG is closed because of a strike", "failed Scenario:"];
    assert_order(&text, &told);
    assert_order(&text, &["CDG is closed because of a strike undefined"]);
}

#[test]
fn a_feature_without_results_and_one_in_another_language_are_documented() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.write(
        "features/räume/beitritt.feature",
        "# language: de\n@wichtig\nFunktionalität: Beitreten <b>\n  Damit niemand draußen bleibt.\n\n  Szenario: Ada tritt bei\n    \
         Angenommen ein Server läuft\n    Dann steht da:\n      \"\"\"json\n      {\"a\": 1}\n      \"\"\"\n    Und gelten:\n      | Name | Wert |\n      | a | <i> |\n",
    );
    desk.write("features/broken.feature", "Feature: a\n  Scenario: b\n    Given x\n    Oops\n");
    desk.build("results");
    let index = desk.read("report/features/index.html");
    let text = text_of(&index);
    assert_order(
        &text,
        &[
            "1 scenario in 1 feature",
            "räume",
            "untested",
            "Beitreten",
            "never run",
            "By tag",
            "@wichtig",
        ],
    );
    assert!(!index.contains("<b>\n") && index.contains("Beitreten &lt;b&gt;"), "{index}");
    let at = index.split("href=\"../").find(|it| it.starts_with("features/r")).unwrap();
    let page = desk.read(&format!("report/{}", &at[..at.find('"').unwrap()]));
    let told = [
        "Beitreten",
        "language: de",
        "@wichtig",
        "Damit niemand draußen bleibt.",
        "Szenario: Ada tritt bei",
        "Angenommen ein Server läuft",
        "{&quot;a&quot;: 1}",
        "Name Wert a &lt;i&gt;",
    ];
    assert_order(&text_of(&page), &told);
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert_order(&problems, &["features/broken.feature", "4", "column 5: expected a step"]);
}

#[test]
fn known_issues_of_its_scenarios_are_named() {
    let desk = Desk::new();
    desk.write("features/rooms.feature", "Feature: Rooms\n  Scenario: joins\n    Given x\n");
    desk.write("features/other.feature", "Feature: Other\n  Scenario: leaves\n    Given x\n");
    desk.write(
        "known-issues/x.yaml",
        crate::verdicts::issue("X-1", "message: 'room is stuck'", ""),
    );
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[], Value::Null);
    let cucumber = json!([{"uri": "features/rooms.feature", "name": "Rooms", "keyword": "Feature", "elements": [{
        "name": "joins", "keyword": "Scenario", "type": "scenario", "line": 2, "steps": [{
            "keyword": "Given ", "name": "x", "line": 3,
            "result": {"status": "failed", "duration": 1, "error_message": "the room is stuck"}}]}]}]);
    fs::remove_file(desk.path("results/r1/junit.xml")).unwrap();
    desk.write("results/r1/cucumber.json", cucumber.to_string());
    let args = ["build", "--results", "results", "--features-markdown", "docs", "--stamp", STAMP];
    desk.ok(&args);
    let page = desk.read("report/features/rooms/index.html");
    assert_order(&text_of(&page), &["Is it kept?", "Known issues", "X-1 what X-1 is"]);
    assert!(page.contains("issues/X-1/index.html"), "{page}");
    assert!(desk.read("docs/rooms.feature.md").contains("Known issues:\n\n- X-1 what X-1 is\n"));
    assert!(!desk.read("report/features/other/index.html").contains("X-1"));
    assert!(!desk.read("docs/other.feature.md").contains("X-1"));
}

#[test]
fn markdown_pages_stand_where_they_were_asked_for() {
    let desk = Desk::new();
    take(&desk, "rules", "1.8.4");
    let args = [
        "build",
        "--results",
        "results",
        "--features",
        "samples",
        "--features-markdown",
        "docs/features",
    ];
    desk.ok(&[&args[..], &["--stamp", STAMP]].concat());
    let page = desk.read("docs/features/samples/rules/rules.feature.md");
    let told = [
        "# Usage of a",
        "## Rule",
        "### Example: Not enough money",
        "- **Given** the customer has 100 cents",
        "Now: passed on livekit 1.8.4, 2026-11-20",
    ];
    assert_order(&page, &told);
    let index = desk.read("docs/features/README.md");
    assert!(index.contains("](samples/rules/rules.feature.md) |"), "{index}");
}

#[test]
fn without_feature_files_the_index_says_how_to_get_them() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], Value::Null);
    desk.build("results");
    let text = text_of(&desk.read("report/features/index.html"));
    assert_order(&text, &["No feature file was given.", "lkreport build --features features/"]);
}
