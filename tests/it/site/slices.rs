//! What the filters of the matrix are given.

use serde_json::{Value, json};

use crate::desk::{Desk, tree};

fn script(desk: &Desk) -> Value {
    let files = tree(&desk.path("report/matrix/slices"));
    let text = String::from_utf8(files.into_values().next().unwrap()).unwrap();
    let json = text.strip_prefix("lkSlices(").and_then(|it| it.strip_suffix(");\n")).unwrap();
    assert!(!json.contains('<'), "{json}");
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_newest_result_of_a_cell_is_in_one_slice() {
    let desk = Desk::new();
    let cases = [("a", "passed"), ("b", "failed"), ("c", "flaky"), ("d", "skipped")];
    desk.add_run("r1", "2026-11-19T10:00:00Z", &cases, Value::Null);
    desk.add_run("r2", "2026-11-20T10:00:00Z", &cases[..1], Value::Null);
    let more = json!({"suite": "load </script>"});
    desk.add_run("r3", "2026-11-20T11:00:00Z", &cases[..2], more);
    desk.build("results");
    let it = script(&desk);
    assert_eq!(it["suites"], json!(["load </script>", "smoke"]));
    assert_eq!(it["days"], json!(["2026-11-19", "2026-11-20"]));
    assert_eq!(it["states"].as_array().unwrap().last(), Some(&json!(["fail", "failed"])));
    // Suite, tags, day, state, passed, of; a skipped result exercised nothing.
    let smoke = [[1, 0, 0, 0, 0, 0], [1, 0, 0, 3, 1, 1], [1, 0, 0, 6, 0, 1], [1, 0, 1, 2, 1, 1]];
    let load = [[0, 0, 1, 2, 1, 1], [0, 0, 1, 6, 0, 1]];
    let all: Vec<_> = load.into_iter().chain(smoke).collect();
    assert_eq!(it["cells"], json!({"livekit-1.8.4": all}));
}
