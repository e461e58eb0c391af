//! Drafts of known issues, made of failures, and the schema of their files.

use serde_json::{Value, json};

use crate::{
    desk::{Desk, root, stderr, stdout},
    verdicts::add,
};

const SAID: &str = "participant PA_kg9u4tT5B3Pm left 10.0.0.7:7881 after 1532 ms";
const AGAIN: &str = "participant PA_zzzz4tT5B3zz left 10.9.9.9:7880 after 12 ms";

/// Keeps a draft, and proves that the files are right and recognise what they should.
fn keep(desk: &Desk, draft: &str) {
    desk.write("known-issues/MY-001.yaml", draft);
    let checked = desk.run(&["check"]);
    assert_eq!(checked.status.code(), Some(0), "{draft}\n{}", stdout(&checked));
    assert!(stderr(&checked).contains("1 known issue checked"), "{}", stderr(&checked));
}

#[test]
fn a_draft_of_a_failure_recognises_it_with_other_names_and_numbers() {
    let desk = Desk::new();
    add(&desk, "r1", 16, "1.8.4", &[("joins", SAID), ("stays", "participant was never there")]);
    desk.build("results");
    let draft = desk.ok(&["issues", "new", "--from", "r1/joins"]);
    assert!(draft.contains("id: 'MY-001'\n") && draft.contains("'livekit': ['1.8.4']"), "{draft}");
    assert!(draft.contains("    - 'participant was never there'\n"), "{draft}");
    keep(&desk, &draft);
    assert!(desk.ok(&["issues", "test", AGAIN]).contains("MY-001"));
    assert_eq!(desk.run(&["issues", "test", "participant left"]).status.code(), Some(1));
    let next = desk.ok(&["issues", "new", "--from", "r1/stays"]);
    assert!(next.contains("id: 'MY-002'"), "{next}");
    let page = desk.ids().pop().unwrap();
    assert!(
        desk.refused(&["issues", "new", "--from", &format!("{page}/none")])
            .contains("no such case")
    );
    assert!(desk.refused(&["issues", "new", "--from", "r7/joins"]).contains("no such run"));
}

#[test]
fn results_and_texts_become_drafts_too() {
    let desk = Desk::new();
    add(&desk, "r1", 16, "1.8.4", &[("joins", SAID)]);
    keep(&desk, &desk.ok(&["issues", "new", "--from", "results"]));
    assert!(desk.refused(&["issues", "new", "--from", "results"]).contains("nothing failed there"));
    let texts = [
        "it's 'quoted' # and: odd {}[] *&!%@`\\",
        "line one (of 2)\nline two",
        "one",
        "<b>a < b > c</b> is 5 < 6",
        &"long ".repeat(400),
    ];
    for text in texts {
        let mut command = assert_cmd::Command::from_std(
            desk.command(&["issues", "new", "--from", "-", "--id", "MY-001"]),
        );
        let output = command.write_stdin(text).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}: {}", stderr(&output));
        keep(&desk, &stdout(&output));
        assert!(desk.ok(&["issues", "test", text]).contains("MY-001"), "{text}");
    }
}

#[test]
fn the_schema_takes_every_bundled_issue_and_no_nonsense() {
    let schema: Value = serde_json::from_str(&Desk::new().ok(&["schema", "known-issue"])).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let mut read = 0;
    for entry in std::fs::read_dir(root().join("known-issues")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        read += 1;
    }
    assert!(read >= 40);
    let right = json!({"id": "X", "title": "x", "component": "livekit", "status": "open",
        "match": {"any": [{"log": "boom"}]}, "examples": {"match": ["boom"], "no_match": ["quiet"]}});
    assert!(schema.is_valid(&right));
    for (key, wrong) in [
        ("status", json!("broken")),
        ("match", json!({"any": [{"log": "a", "stack": "b"}]})),
        ("examples", json!({"match": ["boom"], "no_match": []})),
        ("affects", json!({})),
    ] {
        let mut it = right.clone();
        it[key] = wrong;
        assert!(!schema.is_valid(&it), "{it}");
    }
}
