//! What `lkreport schema` prints is JSON Schema, and what is really read and written fits it.

use std::{fs, path::Path};

use assert_cmd::Command;
use jsonschema::Validator;
use serde_json::Value;

fn lkreport(args: &[&str], folder: &Path) -> Vec<u8> {
    let mut command = Command::cargo_bin("lkreport").unwrap();
    let command = command.current_dir(folder).env_remove("LKREPORT_CONFIG");
    command.args(args).assert().success().get_output().stdout.clone()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The validator of a schema, which must be one of JSON Schema 2020-12.
fn schema(name: &str) -> Validator {
    let schema: Value = serde_json::from_slice(&lkreport(&["schema", name], root())).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn assert_fits(name: &str, value: &Value) {
    let errors: Vec<_> = schema(name).iter_errors(value).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
}

#[test]
fn files_that_others_write() {
    let run = root().join("site/demo/livekit-integration/1.13.5/run.json");
    assert_fits("run", &serde_json::from_slice(&fs::read(run).unwrap()).unwrap());
    assert_fits("outcome", &serde_json::json!({"outcome": "degraded", "reason": "relay only"}));
    for line in [
        r#"{"schema":"lkreport.metrics/1","run":"r1"}"#,
        r#"{"t":"2026-11-21T09:00:00Z","component":"livekit","cpu":0.5,"webrtc":{"rtt_ms":12}}"#,
    ] {
        assert_fits("metrics", &serde_json::from_str(line).unwrap());
    }
    let wrong = serde_json::json!({"t": "2026-11-21T09:00:00Z", "cpu": 0.5});
    assert!(!schema("metrics").is_valid(&wrong), "a sample without a component");
}

#[test]
fn the_keys_of_a_schema_are_in_order_in_every_build() {
    for name in ["run", "issues"] {
        let text = String::from_utf8(lkreport(&["schema", name], root())).unwrap();
        let keys = ["\n  \"$defs\"", "\n  \"$schema\"", "\n  \"properties\"", "\n  \"title\""];
        let places = keys.map(|it| text.find(it).unwrap_or_else(|| panic!("{name}: {it}")));
        assert!(places.is_sorted(), "{name}: {places:?}");
    }
}

#[test]
fn configurations() {
    let config = fs::read_to_string(root().join("site/demo/lkreport.toml")).unwrap();
    let config: toml::Table = toml::from_str(&config).unwrap();
    assert_fits("config", &serde_json::to_value(config).unwrap());
    assert!(!schema("config").is_valid(&serde_json::json!({"sute": "smoke"})));
}

#[test]
fn what_a_build_writes() {
    let folder = tempfile::tempdir().unwrap();
    let results = root().join("tests/samples/junit/livekit");
    let results = results.to_str().unwrap();
    let args = ["build", "--stamp", "1700000000", "--meta", "livekit=1.13.5", "--results", results];
    lkreport(&args, folder.path());
    for name in ["report", "runs", "matrix", "families", "issues", "shifts", "breakages"] {
        let json = folder.path().join(format!("report/api/v1/{name}.json"));
        assert_fits(name, &serde_json::from_slice(&fs::read(json).unwrap()).unwrap());
    }
}
